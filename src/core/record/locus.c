#include "record/locus.h"

struct vl_locus locus_of(const bam1_t *b, size_t n_contigs)
{
    if (b->core.tid < 0)
        return (struct vl_locus){.contig = (uint32_t)n_contigs, .pos0 = -1};
    return (struct vl_locus){.contig = (uint32_t)b->core.tid, .pos0 = b->core.pos};
}

int locus_compare(const struct vl_locus *a, const struct vl_locus *b)
{
    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->pos0 > b->pos0) - (a->pos0 < b->pos0);
}

struct vl_locus locus_count(struct locus_counter *counter, struct vl_locus here)
{
    here.ordinal = counter->any && locus_compare(&here, &counter->last) == 0
                       ? counter->last.ordinal + 1
                       : 0;
    counter->last = here;
    counter->any = true;
    return here;
}

int64_t locus_end(const bam1_t *b)
{
    return b->core.tid < 0 ? 0 : bam_endpos(b);
}

bool ranges_take(const struct vl_ranges *ranges, const bam1_t *b)
{
    if (b->core.tid < 0)
        return ranges->unplaced;
    int64_t end = bam_endpos(b);
    return end > 0 && vl_ranges_overlap(ranges, b->core.tid, b->core.pos, end);
}
