/* Sites on their way into a VAC: they ascend, and become blocks in a file or in memory.
 */
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
    uint64_t n_sites; /* in the blocks */
    struct vl_site pending[VL_VAC_BLOCK_SITES];
    size_t n_pending;
    uint32_t contig; /* of the pending ones */
};

/* A site of the contig at hand. */
VL_MUST_CHECK
int site_blocks_add(struct site_blocks *to, const struct vl_site *site,
                    struct vl_error *err);

/* Other sites follow on the contig of that number. */
VL_MUST_CHECK
int site_blocks_start_contig(struct site_blocks *to, uint32_t contig,
                             struct vl_error *err);

/* Writes the sites that are pending. */
VL_MUST_CHECK
int site_blocks_flush(struct site_blocks *to, struct vl_error *err);

/* Adds the sites that `from`, in memory, has on its contig 0, less the first `skip` of
 * them, to the contig at hand. */
VL_MUST_CHECK
int site_blocks_add_first_contig(struct site_blocks *to, const struct site_blocks *from,
                                 size_t skip, struct vl_error *err);

/* Appends the blocks that `from`, in memory, has on its contigs from `first` on, and
 * takes over its pending sites; its contig n becomes number `base` + n.  Nothing may be
 * pending in `to`. */
VL_MUST_CHECK
int site_blocks_append(struct site_blocks *to, const struct site_blocks *from,
                       uint32_t first, uint32_t base, struct vl_error *err);

void site_blocks_clear(struct site_blocks *blocks);

#endif
