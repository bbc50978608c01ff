#include "residual/own_quality.h"

#include "projection/quality_deal.h"

size_t own_quality_tail_bytes(const struct record_array *masked, size_t i, size_t place)
{
    int32_t n = masked->v[i]->core.l_qseq, n_shown = masked->v[place]->core.l_qseq;
    return n > n_shown ? (size_t)(n - n_shown) : 0;
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
