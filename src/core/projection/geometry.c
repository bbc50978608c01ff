#include "projection/geometry.h"

#include <string.h>

enum {
    LENGTH_MAX = (1 << 28) - 1, /* BAM packs it into 28 bits */
    EXON_MIN = 20 /* an intron before fewer bases is dropped: aligners often miss it */
};

struct interval {
    int64_t beg, end;
};

/* What the layout needs of a CIGAR. */
struct outline {
    int64_t n_query;     /* bases of the query */
    int64_t first_ref;   /* position of the first aligned base, from that of the record */
    int64_t first_query; /* query bases before it */
    int64_t last_ref;    /* of the last aligned base */
    int64_t after;       /* query bases after it */
    bool is_aligned;
};

static struct outline outline_of(const uint32_t *cigar, uint32_t n_cigar)
{
    struct outline o = {0};
    int64_t ref = 0;
    for (uint32_t i = 0; i < n_cigar; i++) {
        int type = bam_cigar_type(bam_cigar_op(cigar[i]));
        int64_t len = bam_cigar_oplen(cigar[i]);
        if (type == 3 && len > 0) {
            if (!o.is_aligned) {
                o.first_ref = ref;
                o.first_query = o.n_query;
                o.is_aligned = true;
            }
            o.last_ref = ref + len - 1;
            o.after = o.n_query + len; /* for now: bases up to the end of this run */
        }
        if (type & 1)
            o.n_query += len;
        if (type & 2)
            ref += len;
    }
    o.after = o.n_query - o.after;
    return o;
}

/* Lists the intervals that N operators skip.  Neighbours without a gap are joined. */
static void put_introns(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0,
                        struct vl_buf *introns)
{
    int64_t ref = pos0;
    for (uint32_t i = 0; i < n_cigar; i++) {
        int64_t len = bam_cigar_oplen(cigar[i]);
        if (bam_cigar_op(cigar[i]) == BAM_CREF_SKIP && len > 0) {
            struct interval *last = (void *)(introns->data + introns->len);
            if (introns->len > 0 && last[-1].end == ref)
                last[-1].end += len;
            else
                vl_buf_add(introns, &(struct interval){ref, ref + len},
                           sizeof(struct interval));
        }
        if (bam_cigar_type(bam_cigar_op(cigar[i])) & 2)
            ref += len;
    }
}

/* Lays n bases from `at` upwards over the introns, in order. */
static void lay_forward(int64_t at, int64_t n, const struct interval *introns,
                        size_t n_introns, struct vl_buf *exons)
{
    for (size_t i = 0; i < n_introns; i++) {
        if (introns[i].end <= at)
            continue;
        int64_t len = introns[i].beg > at ? introns[i].beg - at : 0;
        if (n - len < EXON_MIN)
            break;
        if (len > 0) {
            vl_buf_add(exons, &(struct interval){at, at + len}, sizeof(struct interval));
            n -= len;
        }
        at = introns[i].end;
    }
    if (n > 0)
        vl_buf_add(exons, &(struct interval){at, at + n}, sizeof(struct interval));
}

/* Lays n bases from `end` (exclusive) downwards over the introns.  The exons come in
 * descending order. */
static void lay_reverse(int64_t end, int64_t n, const struct interval *introns,
                        size_t n_introns, struct vl_buf *exons)
{
    for (size_t i = n_introns; i-- > 0;) {
        if (introns[i].beg >= end)
            continue;
        int64_t len = end > introns[i].end ? end - introns[i].end : 0;
        if (n - len < EXON_MIN)
            break;
        if (len > 0) {
            vl_buf_add(exons, &(struct interval){end - len, end},
                       sizeof(struct interval));
            n -= len;
        }
        end = introns[i].beg;
    }
    if (n > 0)
        vl_buf_add(exons, &(struct interval){end - n, end}, sizeof(struct interval));
    struct interval *v = (void *)exons->data;
    for (size_t i = 0, j = exons->len / sizeof *v; !exons->failed && i + 1 < j; i++) {
        struct interval t = v[i];
        v[i] = v[--j];
        v[j] = t;
    }
}

/* Appends an operator.  False if BAM cannot pack its length. */
static bool put_op(struct vl_buf *ops, int64_t len, int op)
{
    uint32_t packed = bam_cigar_gen((uint32_t)len, (uint32_t)op);
    if (len > 0)
        vl_buf_add(ops, &packed, sizeof packed);
    return len <= LENGTH_MAX;
}

/* Appends the exons as M, and what lies outside the contig as S. */
static bool put_ops(const struct interval *exons, size_t n_exons, int64_t contig_length,
                    struct geometry *g, struct vl_buf *ops)
{
    int64_t before = 0, behind = 0;
    bool any = false, fits = true;
    for (size_t i = 0; i < n_exons; i++) {
        int64_t beg = exons[i].beg > 0 ? exons[i].beg : 0;
        int64_t end = exons[i].end < contig_length ? exons[i].end : contig_length;
        if (beg >= end) {
            *(exons[i].beg >= contig_length ? &behind : &before) +=
                exons[i].end - exons[i].beg;
            continue;
        }
        if (any) {
            fits &= put_op(ops, beg - g->end, BAM_CREF_SKIP);
        } else {
            fits &= put_op(ops, before + beg - exons[i].beg, BAM_CSOFT_CLIP);
            g->pos = beg;
        }
        fits &= put_op(ops, end - beg, BAM_CMATCH);
        behind += exons[i].end - end;
        g->end = end;
        any = true;
    }
    fits &= put_op(ops, behind, BAM_CSOFT_CLIP);
    return any && fits && !ops->failed;
}

/* Lays n bases from the 5' end `five` over the introns.  False if no base is on the
 * contig, or as put_ops. */
static bool lay_at(int64_t five, int64_t n, const struct interval *introns,
                   size_t n_introns, int64_t contig_length, struct geometry *g,
                   struct vl_buf *ops)
{
    struct interval one = {g->is_reverse ? five + 1 - n : five,
                           g->is_reverse ? five + 1 : five + n};
    struct vl_buf exons = VL_BUF_INIT;
    vl_buf_reset(ops);
    if (n_introns == 0)
        return put_ops(&one, 1, contig_length, g, ops);
    if (g->is_reverse)
        lay_reverse(five + 1, n, introns, n_introns, &exons);
    else
        lay_forward(five, n, introns, n_introns, &exons);
    ops->failed |= exons.failed;
    bool good = !ops->failed && put_ops((void *)exons.data, exons.len / sizeof one,
                                        contig_length, g, ops);
    vl_buf_clear(&exons);
    return good;
}

static int64_t five_of(const struct outline *o, int64_t pos0, bool is_reverse)
{
    return is_reverse ? pos0 + o->last_ref + o->after
                      : pos0 + o->first_ref - o->first_query;
}

bool geometry_five(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0, bool is_reverse,
                   int64_t *five)
{
    struct outline o = outline_of(cigar, n_cigar);
    *five = five_of(&o, pos0, is_reverse);
    return o.is_aligned;
}

bool geometry_lay(const uint32_t *cigar, uint32_t n_cigar, int64_t pos0, bool is_reverse,
                  int64_t shift, int64_t contig_length, struct geometry *g,
                  struct vl_buf *ops)
{
    struct outline o = outline_of(cigar, n_cigar);
    vl_buf_reset(ops);
    *g = (struct geometry){.pos = -1, .end = -1, .is_reverse = is_reverse};
    if (!o.is_aligned || contig_length == 0)
        return false;
    g->n_query = g->spread = o.n_query;
    g->five = five_of(&o, pos0, is_reverse);
    int64_t five = g->five + shift;
    struct vl_buf introns = VL_BUF_INIT;
    put_introns(cigar, n_cigar, pos0, &introns);
    size_t n_introns = introns.len / sizeof(struct interval);
    for (size_t i = 0; i < n_introns; i++) {
        const struct interval *v = (const void *)introns.data;
        g->spread += v[i].end - v[i].beg;
    }
    ops->failed |= introns.failed;
    bool good = !introns.failed && lay_at(five, o.n_query, (void *)introns.data,
                                          n_introns, contig_length, g, ops);
    /* Moved off the contig: back to its nearest base, over an intron there if need be. */
    if (!good && g->pos < 0 && !ops->failed) {
        five = five < 0 ? 0 : five < contig_length ? five : contig_length - 1;
        good = lay_at(five, o.n_query, (void *)introns.data, n_introns, contig_length, g,
                      ops) ||
               (g->pos < 0 && lay_at(five, o.n_query, NULL, 0, contig_length, g, ops));
    }
    vl_buf_clear(&introns);
    return good;
}

static int64_t clip_of(uint32_t op)
{
    return bam_cigar_op(op) == BAM_CSOFT_CLIP ? bam_cigar_oplen(op) : 0;
}

int64_t geometry_origin(int64_t masked_pos0, const uint32_t *masked, uint32_t n_masked,
                        bool is_reverse, const uint32_t *cigar, uint32_t n_cigar)
{
    struct outline o = outline_of(cigar, n_cigar);
    if (!o.is_aligned || n_masked == 0)
        return masked_pos0;
    if (!is_reverse)
        return masked_pos0 - clip_of(masked[0]) + o.first_query - o.first_ref;
    int64_t end = masked_pos0 + bam_cigar2rlen((int)n_masked, masked);
    return end + clip_of(masked[n_masked - 1]) - o.after - 1 - o.last_ref;
}
