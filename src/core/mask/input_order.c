#include "mask/input_order.h"

#include "record/record.h"

static bool is_in_range(const bam1_core_t *c)
{
    return c->pos >= -1 && c->pos <= RECORD_POS_MAX && c->mpos >= -RECORD_POS_MAX &&
           c->mpos <= RECORD_POS_MAX && c->isize >= -RECORD_POS_MAX &&
           c->isize <= RECORD_POS_MAX;
}

int input_order_check(const bam1_t *b, const struct vl_locus *last,
                      const struct vl_contigs *contigs, const char *path,
                      struct vl_error *err)
{
    struct vl_locus here = locus_of(b, contigs->n);
    if (here.pos0 < -1)
        return vl_error_set(
            err, VL_ERR_DATA, "%s: record %s lies before its contig (%s:%lld)", path,
            bam_get_qname(b), contigs->v[here.contig].name, (long long)here.pos0 + 1);
    if (!is_in_range(&b->core))
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: record %s has a POS, PNEXT or TLEN out of range", path,
                            bam_get_qname(b));
    if (!last || locus_compare(last, &here) <= 0)
        return 0;
    const char *was = last->contig < contigs->n ? contigs->v[last->contig].name : "*";
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: not sorted by coordinate (%s:%lld follows %s:%lld); sort it with: "
        "samtools sort",
        path, contigs->v[here.contig].name, (long long)here.pos0 + 1, was,
        (long long)last->pos0 + 1);
}
