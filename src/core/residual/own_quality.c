#include "residual/own_quality.h"

#include "projection/quality_deal.h"

size_t own_quality_tail_bytes(const struct record_array *masked, size_t i, size_t place)
{
    int32_t n = masked->v[i]->core.l_qseq, n_shown = masked->v[place]->core.l_qseq;
    return n > n_shown ? (size_t)(n - n_shown) : 0;
}

void own_quality_prefetch(const struct record_array *masked, const uint32_t *places,
                          size_t i)
{
    enum { FIRST = 8, SECOND = 4, LINE = 64, BYTES = 192 };
    if (i + FIRST < masked->n)
        __builtin_prefetch(masked->v[places[i + FIRST]]);
    if (i + SECOND < masked->n)
        for (int at = 0; at < BYTES; at += LINE)
            __builtin_prefetch(bam_get_qual(masked->v[places[i + SECOND]]) + at);
}

const uint8_t *own_quality(const struct record_array *masked, size_t i, size_t place,
                           const uint8_t *tail, struct vl_buf *values)
{
    const bam1_t *b = masked->v[i], *at = masked->v[place];
    size_t n = (size_t)b->core.l_qseq, n_shown = (size_t)at->core.l_qseq;
    if (n == n_shown)
        return bam_get_qual(at);
    vl_buf_reset(values);
    uint8_t *qual = vl_buf_reserve(values, n + 1);
    if (qual)
        quality_unfit(bam_get_qual(at), n_shown, tail, bam_is_rev(b), qual, n);
    return qual;
}
