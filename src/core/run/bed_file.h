/* BED files as people give them: plain, or compressed with gzip or bgzip; "-" is stdin.
 */
#ifndef VARLOCK_CORE_BED_FILE_H
#define VARLOCK_CORE_BED_FILE_H

#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"

/* Adds every interval of the file.  VL_ERR_IO, VL_ERR_DATA with the line, and VL_ERR_DATA
 * where there is no interval: whoever names a file means something. */
int bed_file_read(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                  const char *path, struct vl_error *err);

#endif
