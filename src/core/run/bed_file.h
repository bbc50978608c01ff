/* BED files: plain, or compressed with gzip or bgzip.  "-" is standard input. */
#ifndef VARLOCK_CORE_BED_FILE_H
#define VARLOCK_CORE_BED_FILE_H

#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"

/* Adds every interval of the file.  VL_ERR_IO.  VL_ERR_DATA with the line number.
 * VL_ERR_DATA if the file has no interval, because a user who names a file wants at least
 * one. */
int bed_file_read(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                  const char *path, struct vl_error *err);

/* The same, and contigs that are not in the table are added, with an unknown length. */
int bed_file_read_any(struct vl_ranges *ranges, struct vl_contigs *contigs,
                      const char *path, struct vl_error *err);

#endif
