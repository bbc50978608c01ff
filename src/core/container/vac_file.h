/*
 * Reading a VAC file: sites in order, from any position of any contig.
 */
#ifndef VARLOCK_CORE_VAC_FILE_H
#define VARLOCK_CORE_VAC_FILE_H

#include "varlock/digest.h"
#include "varlock/error.h"
#include "varlock/vac.h"

struct vl_vac_reader; /* one thread at a time */

/* Opens, checks head and trailer, reads the metadata.  Messages start with the path. */
VL_MUST_CHECK
int vl_vac_open(struct vl_vac_reader **vac, const char *path, struct vl_error *err);

/* The metadata; lives as long as the reader. */
const struct vl_vac_meta *vl_vac_meta(const struct vl_vac_reader *vac);

/* As it was given to vl_vac_open. */
const char *vl_vac_path(const struct vl_vac_reader *vac);

/* Of the whole file. */
uint64_t vl_vac_size_bytes(const struct vl_vac_reader *vac);

/* SHA-256 of the whole file (read once, on the first call). */
VL_MUST_CHECK
int vl_vac_digest(struct vl_vac_reader *vac, uint8_t out[static VL_SHA256_BYTES],
                  struct vl_error *err);

/* The next site is the first one of `contig` (number in the VAC's table) at or after
 * pos0. */
VL_MUST_CHECK
int vl_vac_seek(struct vl_vac_reader *vac, uint32_t contig, int64_t pos0,
                struct vl_error *err);

/* 1 and a site of the contig of the last seek; 0 where it has no more; negative on error.
 */
VL_MUST_CHECK
int vl_vac_next(struct vl_vac_reader *vac, struct vl_site *site, struct vl_error *err);

void vl_vac_free(struct vl_vac_reader *vac);

#endif
