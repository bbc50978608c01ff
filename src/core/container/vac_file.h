/* Reads a VAC file: sites in order, from any position of any contig. */
#ifndef VARLOCK_CORE_VAC_FILE_H
#define VARLOCK_CORE_VAC_FILE_H

#include "varlock/digest.h"
#include "varlock/error.h"
#include "varlock/vac.h"

struct vl_vac_reader; /* one thread at a time */

/* Opens the file, checks its head and trailer, and reads its metadata.  Messages start
 * with the path. */
VL_MUST_CHECK
int vl_vac_open(struct vl_vac_reader **vac, const char *path, struct vl_error *err);

/* The metadata; lives as long as the reader. */
const struct vl_vac_meta *vl_vac_meta(const struct vl_vac_reader *vac);

/* The path as it was given to vl_vac_open. */
const char *vl_vac_path(const struct vl_vac_reader *vac);

/* Size of the whole file. */
uint64_t vl_vac_size_bytes(const struct vl_vac_reader *vac);

/* SHA-256 of the whole file.  The first call reads the file; later calls do not. */
VL_MUST_CHECK
int vl_vac_digest(struct vl_vac_reader *vac, uint8_t out[static VL_SHA256_BYTES],
                  struct vl_error *err);

/* Makes the next site the first one of `contig` (number in the VAC's table) at or after
 * pos0. */
VL_MUST_CHECK
int vl_vac_seek(struct vl_vac_reader *vac, uint32_t contig, int64_t pos0,
                struct vl_error *err);

/* 1 and the next site on the contig of the last seek.  0 if that contig has no more
 * sites.  Negative on error. */
VL_MUST_CHECK
int vl_vac_next(struct vl_vac_reader *vac, struct vl_site *site, struct vl_error *err);

void vl_vac_free(struct vl_vac_reader *vac);

#endif
