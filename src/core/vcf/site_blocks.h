/* Collects ascending sites into the blocks of a VAC, in a file or in memory. */
#ifndef VARLOCK_CORE_SITE_BLOCKS_H
#define VARLOCK_CORE_SITE_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/fail.h"
#include "varlock/outfile.h"
#include "varlock/vac.h"

struct site_blocks {
    struct vl_outfile *output; /* not owned; NULL: the blocks stay in `bytes` */
    struct vl_buf bytes;
    struct vl_vac_block *blocks; /* owned; offsets in `output` or `bytes` */
    size_t n_blocks, cap;
    uint64_t n_sites; /* in the blocks, without the pending ones */
    struct vl_site pending[VL_VAC_BLOCK_SITES];
    size_t n_pending;
    uint32_t contig; /* of the pending sites */
};

/* Adds a site on the current contig. */
VL_MUST_CHECK
int site_blocks_add(struct site_blocks *to, const struct vl_site *site,
                    struct vl_error *err);

/* Makes `contig` the current contig: the sites added next are on it. */
VL_MUST_CHECK
int site_blocks_start_contig(struct site_blocks *to, uint32_t contig,
                             struct vl_error *err);

/* Writes the pending sites as a block. */
VL_MUST_CHECK
int site_blocks_flush(struct site_blocks *to, struct vl_error *err);

/* Adds sites of `from`, which is in memory, to the current contig: those on its contig 0,
 * without the first `skip`. */
VL_MUST_CHECK
int site_blocks_add_first_contig(struct site_blocks *to, const struct site_blocks *from,
                                 size_t skip, struct vl_error *err);

/* Appends the blocks of `from`, which is in memory, on its contigs from `first` on, and
 * takes over its pending sites.  Contig n of `from` becomes number `base` + n.  `to` must
 * have no pending sites. */
VL_MUST_CHECK
int site_blocks_append(struct site_blocks *to, const struct site_blocks *from,
                       uint32_t first, uint32_t base, struct vl_error *err);

void site_blocks_clear(struct site_blocks *blocks);

#endif
