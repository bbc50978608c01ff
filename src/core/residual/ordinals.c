#include "residual/ordinals.h"

/* ---- order, bdiff.md §5.2 ---- */

uint32_t ordinals_expect(struct ordinals *o, const bam1_t *b)
{
    if (b->core.tid != o->contig || b->core.pos != o->pos0)
        *o = (struct ordinals){.contig = b->core.tid, .pos0 = b->core.pos};
    return o->lowest;
}

void ordinals_use(struct ordinals *o, uint32_t ordinal)
{
    if (ordinal > o->lowest && ordinal - o->lowest <= 64) {
        o->used |= UINT64_C(1) << (ordinal - o->lowest - 1);
        return;
    }
    if (ordinal != o->lowest)
        return;
    uint64_t next;
    do {
        next = o->used & 1;
        o->used >>= 1;
        o->lowest++;
    } while (next);
}
