#include "mask/synth_order.h"

#include <stdlib.h>
#include <string.h>

#include <htslib/khash.h>

#include "projection/masked_core.h"
#include "record/cigar.h"
#include "record/locus.h"
#include "record/query_name.h"
#include "record/record.h"
#include "record/tags.h"

enum {
    PAIRING_DISTANCE = 10000, /* used if --max-insert is none */
    BATCH = 1024 /* number of records pushed before the next check of what can leave */
};

/* Query name without /1 and /2: the key of records that wait for their mate. */
struct name {
    const char *text;
    size_t n;
};
#define name_hash(k) query_name_hash((k).text, (k).n)
#define name_equal(a, b) ((a).n == (b).n && memcmp((a).text, (b).text, (a).n) == 0)
KHASH_INIT(mates, struct name, struct placed *, 1, name_hash, name_equal)

struct reorder {
    struct reorder_options options;
    int64_t pairing;        /* greatest distance between the masked positions of a pair */
    khash_t(mates) * mates; /* of the current contig */
    struct placed **waiting; /* in input order */
    size_t n_waiting, cap_waiting;
    struct placed **ready; /* in the new order; [next, n_ready) are not popped yet */
    size_t next, n_ready, cap_ready;
    struct placed **spare; /* records to be used again */
    size_t n_spare, cap_spare;
    size_t n_since; /* records pushed since the last check of what can leave */
    int32_t contig;
    struct locus_counter loci;
    uint64_t n_pushed;
    uint64_t n_whole[WHOLE_REASONS], n_mate_unknown;
    struct vl_buf ops;
};

int reorder_open(struct reorder **reorder, const struct reorder_options *options,
                 struct vl_error *err)
{
    *reorder = NULL;
    struct reorder *r = calloc(1, sizeof *r);
    if (!r || !(r->mates = kh_init(mates))) {
        reorder_free(r);
        return vl_error_memory(err);
    }
    r->options = *options;
    r->pairing = options->max_insert < 0 ? PAIRING_DISTANCE : options->max_insert;
    r->contig = -1;
    *reorder = r;
    return 0;
}

/* ---- masked CIGARs ---- */

static int masked_cigar_set(struct masked_cigar *cigar, const uint32_t *ops, uint32_t n)
{
    free(cigar->ops);
    *cigar = (struct masked_cigar){.n = n, .one = n > 0 ? ops[0] : 0};
    if (n <= 1)
        return 0;
    cigar->ops = malloc(4 * (size_t)n);
    if (!cigar->ops)
        return VL_ERR_MEMORY;
    memcpy(cigar->ops, ops, 4 * (size_t)n);
    return 0;
}

static int masked_cigar_copy(struct masked_cigar *to, const struct masked_cigar *from)
{
    return masked_cigar_set(to, from->n > 1 ? from->ops : &from->one, from->n);
}

void mask_plan_clear(struct mask_plan *plan)
{
    free(plan->mate.ops);
    memset(plan, 0, sizeof *plan);
}

/* ---- arrays of records ---- */

static int append(struct placed ***v, size_t *n, size_t *cap, struct placed *p)
{
    struct placed **grown = vl_array_grow(*v, *n, cap, sizeof *grown);
    if (!grown)
        return VL_ERR_MEMORY;
    *v = grown;
    (*v)[(*n)++] = p;
    return 0;
}

static struct placed *take_spare(struct reorder *r)
{
    if (r->n_spare > 0)
        return r->spare[--r->n_spare];
    struct placed *p = calloc(1, sizeof *p);
    if (p && !(p->b = bam_init1())) {
        free(p);
        p = NULL;
    }
    return p;
}

static void free_placed(struct placed *p)
{
    bam_destroy1(p->b);
    free(p->cigar.ops);
    mask_plan_clear(&p->plan);
    free(p);
}

static void give_back(struct reorder *r, struct placed *p)
{
    bam1_t *b = p->b;
    free(p->cigar.ops);
    mask_plan_clear(&p->plan);
    record_trim(b);
    memset(p, 0, sizeof *p);
    p->b = b;
    if (append(&r->spare, &r->n_spare, &r->cap_spare, p) < 0)
        free_placed(p);
}

/* ---- what leaves the masked file ---- */

static bool is_mapped(const bam1_t *b)
{
    return !(b->core.flag & BAM_FUNMAP) && b->core.tid >= 0;
}

/* Lays out the record without regard to its mate. */
static int lay(struct reorder *r, struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    p->goes_to = c->pos;
    p->end = locus_end(p->b);
    if (!is_mapped(p->b))
        return 0;
    p->is_laid = geometry_lay(bam_get_cigar(p->b), c->n_cigar, c->pos, bam_is_rev(p->b),
                              r->options.contigs->v[c->tid].length, &p->g, &r->ops);
    if (r->ops.failed)
        return VL_ERR_MEMORY;
    if (!p->is_laid)
        return 0;
    int64_t shift = p->g.pos > c->pos ? p->g.pos - c->pos : c->pos - p->g.pos;
    if (shift <= r->options.max_shift)
        p->goes_to = p->g.pos;
    return masked_cigar_set(&p->cigar, (void *)r->ops.data, (uint32_t)(r->ops.len / 4));
}

static bool is_vaulted_place(const struct reorder *r, const struct geometry *g,
                             int32_t tid)
{
    return r->options.vault->n > 0 &&
           vl_ranges_overlap(r->options.vault, tid, g->pos, g->end);
}

static enum whole_reason own_reason(const struct reorder *r, const struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    if (c->flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY))
        return WHOLE_SECOND;
    if (c->tid < 0)
        return c->flag & BAM_FUNMAP ? WHOLE_NOT : WHOLE_ODD;
    if (c->flag & BAM_FUNMAP)
        return WHOLE_NOT;
    if (!p->is_laid || !record_lengths_agree(p->b))
        return WHOLE_ODD;
    if (p->goes_to != p->g.pos)
        return WHOLE_SHIFTED;
    bool far = (c->flag & BAM_FPAIRED) && !(c->flag & BAM_FMUNMAP) && c->mtid >= 0 &&
               c->mtid != c->tid;
    if (r->options.is_vaulted[c->tid] || is_vaulted_place(r, &p->g, c->tid) ||
        (c->mtid >= 0 && r->options.is_vaulted[c->mtid]) ||
        (far && !r->options.keep_discordant))
        return WHOLE_VAULTED;
    return WHOLE_NOT;
}

/* True if the geometry of both ends on the same contig makes the template discordant. */
static bool is_discordant(const struct reorder *r, const struct geometry *a,
                          const struct geometry *b)
{
    int64_t span = geometry_5prime(a) - geometry_5prime(b);
    return !geometry_forward_reverse(a, b) ||
           (r->options.max_insert >= 0 &&
            (span < 0 ? -span : span) > r->options.max_insert);
}

/* ---- mates ---- */

/* Plans what the record shows of its mate, which lies on contig `tid`. */
static int see_mate(struct reorder *r, struct placed *p, const struct geometry *mate,
                    int32_t tid, const struct masked_cigar *cigar)
{
    struct mask_plan *plan = &p->plan;
    plan->mtid = tid;
    plan->mpos = mate->pos;
    if (tid == p->b->core.tid) {
        bool discordant = is_discordant(r, &p->g, mate);
        plan->tlen = geometry_5prime(mate) - geometry_5prime(&p->g);
        plan->is_proper = !discordant;
        if (p->whole == WHOLE_NOT && ((discordant && !r->options.keep_discordant) ||
                                      is_vaulted_place(r, mate, tid)))
            p->whole = WHOLE_VAULTED;
    } else if (p->whole == WHOLE_NOT && is_vaulted_place(r, mate, tid)) {
        p->whole = WHOLE_VAULTED;
    }
    return masked_cigar_copy(&plan->mate, cigar);
}

/* Puts an unmapped record at the place of its mapped mate. */
static int seat(struct placed *unmapped, const struct placed *mapped)
{
    int32_t tid = mapped->b->core.tid;
    unmapped->goes_to = mapped->goes_to;
    unmapped->plan.mtid = tid;
    unmapped->plan.mpos = mapped->g.pos;
    return masked_cigar_copy(&unmapped->plan.mate, &mapped->cigar);
}

static int join_pair(struct reorder *r, struct placed *a, struct placed *b)
{
    int32_t tid = a->b->core.tid;
    int rc;
    a->is_paired = b->is_paired = true;
    if (a->b->core.flag & BAM_FUNMAP)
        rc = seat(a, b);
    else if (b->b->core.flag & BAM_FUNMAP)
        rc = seat(b, a);
    else
        rc = see_mate(r, a, &b->g, tid, &b->cigar) < 0 ||
                     see_mate(r, b, &a->g, tid, &a->cigar) < 0
                 ? VL_ERR_MEMORY
                 : 0;
    if (a->whole == WHOLE_NOT && b->whole != WHOLE_NOT)
        a->whole = b->whole;
    else if (b->whole == WHOLE_NOT)
        b->whole = a->whole;
    return rc;
}

static bool can_pair(const struct reorder *r, const struct placed *a,
                     const struct placed *b)
{
    const uint16_t ENDS = BAM_FREAD1 | BAM_FREAD2;
    const bam1_core_t *x = &a->b->core, *y = &b->b->core;
    bool x_unmapped = x->flag & BAM_FUNMAP, y_unmapped = y->flag & BAM_FUNMAP;
    if ((x->flag & ENDS) == ENDS || (x->flag & ENDS) == 0 ||
        ((x->flag ^ y->flag) & ENDS) != ENDS || (x_unmapped && y_unmapped) ||
        x_unmapped != !!(y->flag & BAM_FMUNMAP) ||
        y_unmapped != !!(x->flag & BAM_FMUNMAP))
        return false;
    if (x_unmapped || y_unmapped)
        return x->pos == y->pos && (x_unmapped ? b : a)->is_laid;
    /* A record that moves too far may come long before or after its place. */
    int64_t distance = a->g.pos - b->g.pos;
    return a->is_laid && b->is_laid && a->goes_to == a->g.pos && b->goes_to == b->g.pos &&
           (distance < 0 ? -distance : distance) <= r->pairing;
}

static void forget_waiting(struct reorder *r, const struct placed *p)
{
    struct name name = {bam_get_qname(p->b), 0};
    name.n = query_name_length(name.text);
    khint_t k = kh_get(mates, r->mates, name);
    if (k != kh_end(r->mates) && kh_value(r->mates, k) == p)
        kh_del(mates, r->mates, k);
}

static int look_for_mate(struct reorder *r, struct placed *p)
{
    struct name name = {bam_get_qname(p->b), 0};
    int absent;
    if (!(p->b->core.flag & BAM_FPAIRED) || p->whole == WHOLE_SECOND ||
        p->b->core.tid < 0)
        return 0;
    name.n = query_name_length(name.text);
    /* `*` means that the record has no name. */
    if (name.n == 0 || strcmp(name.text, "*") == 0)
        return 0;
    khint_t k = kh_put(mates, r->mates, name, &absent);
    if (absent < 0)
        return VL_ERR_MEMORY;
    if (absent == 0 && can_pair(r, kh_value(r->mates, k), p)) {
        struct placed *mate = kh_value(r->mates, k);
        kh_del(mates, r->mates, k);
        return join_pair(r, mate, p);
    }
    /* The key is the text in the record that it leads to. */
    kh_key(r->mates, k) = name;
    kh_value(r->mates, k) = p;
    return 0;
}

/* Lays out the mate by RNEXT, PNEXT, MC and flag 0x20.  False if they do not give its
 * place. */
static bool lay_mate(struct reorder *r, const bam1_t *b, struct geometry *g,
                     struct masked_cigar *cigar)
{
    const char *mc = tag_find_text(b, "MC"), *end;
    struct vl_buf ops = VL_BUF_INIT;
    bool good =
        mc && b->core.mtid >= 0 && b->core.mpos >= 0 && cigar_parse(mc, &ops, &end) &&
        *end == '\0' &&
        geometry_lay((void *)ops.data, (uint32_t)(ops.len / 4), b->core.mpos,
                     b->core.flag & BAM_FMREVERSE,
                     r->options.contigs->v[b->core.mtid].length, g, &r->ops) &&
        masked_cigar_set(cigar, (void *)r->ops.data, (uint32_t)(r->ops.len / 4)) == 0;
    vl_buf_clear(&ops);
    return good;
}

/* The mate was not found.  Plans what the record shows from its own fields about the
 * mate. */
static int do_without_mate(struct reorder *r, struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    struct masked_cigar cigar = {0};
    struct geometry mate;
    if (c->flag & BAM_FUNMAP) {
        p->whole = WHOLE_ODD;
        return 0;
    }
    if (!(c->flag & BAM_FPAIRED) || (c->flag & BAM_FMUNMAP))
        return 0;
    bool same_strand = !(c->flag & BAM_FREVERSE) == !(c->flag & BAM_FMREVERSE);
    if (same_strand && !r->options.keep_discordant)
        p->whole = WHOLE_VAULTED;
    if (lay_mate(r, p->b, &mate, &cigar)) {
        int64_t shift = mate.pos > c->mpos ? mate.pos - c->mpos : c->mpos - mate.pos;
        int rc = see_mate(r, p, &mate, c->mtid, &cigar);
        /* The mate leaves the masked file. */
        if (p->whole == WHOLE_NOT && shift > r->options.max_shift)
            p->whole = WHOLE_SHIFTED;
        free(cigar.ops);
        return rc;
    }
    int64_t distance = c->mpos > c->pos ? c->mpos - c->pos : c->pos - c->mpos;
    if (c->mtid == c->tid && r->options.max_insert >= 0 &&
        distance > r->options.max_insert && !r->options.keep_discordant)
        p->whole = WHOLE_VAULTED;
    r->n_mate_unknown += p->whole == WHOLE_NOT;
    return 0;
}

/* ---- leaving ---- */

static int32_t sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Orders masked records at the same place by what they show.  Forward strands come first,
 * as in files sorted by samtools. */
static int compare_masked(const struct reorder *r, const struct placed *a,
                          const struct placed *b)
{
    const bam1_core_t *x = &a->b->core, *y = &b->b->core;
    int order = bam_is_rev(a->b) - bam_is_rev(b->b);
    if (order == 0)
        order = sign(masked_flag(x->flag) & ~BAM_FPROPER_PAIR,
                     masked_flag(y->flag) & ~BAM_FPROPER_PAIR);
    if (order == 0)
        order = sign(a->plan.tlen, b->plan.tlen);
    if (order == 0)
        order = sign(a->plan.mpos, b->plan.mpos);
    if (order == 0)
        order = sign(x->l_qseq, y->l_qseq);
    if (order == 0 && r->options.keeps_names)
        order = strcmp(masked_query_name(a->b), masked_query_name(b->b));
    return order ? order : r->options.compare(r->options.compare_arg, a, b);
}

static int compare_ready(const void *x, const void *y, void *arg)
{
    const struct placed *a = *(struct placed *const *)x, *b = *(struct placed *const *)y;
    int order = sign(a->goes_to, b->goes_to);
    if (order == 0)
        order = (b->whole != WHOLE_NOT) - (a->whole != WHOLE_NOT);
    if (order == 0 && a->whole == WHOLE_NOT)
        order = compare_masked(arg, a, b);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int finish_plan(struct reorder *r, struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    struct mask_plan *plan = &p->plan;
    int rc = 0;
    plan->pos0 = c->tid < 0 ? -1 : p->goes_to;
    if (p->whole == WHOLE_NOT && !p->is_paired && c->tid >= 0)
        rc = do_without_mate(r, p);
    if (p->whole == WHOLE_NOT && is_mapped(p->b) && (c->flag & BAM_FPAIRED) &&
        (c->flag & BAM_FMUNMAP)) {
        plan->mtid = c->tid;
        plan->mpos = p->goes_to;
    }
    r->n_whole[p->whole]++;
    return rc;
}

/* Makes ready all records of the current contig that belong before `limit`. */
static int release(struct reorder *r, int64_t limit, struct vl_error *err)
{
    size_t kept = 0, first = r->n_ready;
    int rc = 0;
    for (size_t i = 0; i < r->n_waiting; i++) {
        struct placed *p = r->waiting[i];
        if (p->goes_to >= limit) {
            r->waiting[kept++] = p;
            continue;
        }
        if (!p->is_paired)
            forget_waiting(r, p);
        if (finish_plan(r, p) < 0 || append(&r->ready, &r->n_ready, &r->cap_ready, p) < 0)
            rc = VL_ERR_MEMORY;
    }
    r->n_waiting = kept;
    r->n_since = 0;
    if (rc == 0 && r->n_ready - first > 1)
        qsort_r(r->ready + first, r->n_ready - first, sizeof *r->ready, compare_ready, r);
    return rc < 0 ? vl_error_memory(err) : 0;
}

static int take(struct reorder *r, bam1_t *b, struct placed **out)
{
    struct placed *p = take_spare(r);
    *out = p;
    if (!p)
        return VL_ERR_MEMORY;
    record_swap(p->b, b);
    p->number = r->n_pushed++;
    p->plan.mtid = -1;
    p->plan.mpos = -1;
    p->plan.ordinal =
        (uint32_t)locus_count(&r->loci, locus_of(p->b, r->options.contigs->n)).ordinal;
    return 0;
}

int reorder_advance(struct reorder *r, const bam1_t *b, struct vl_error *err)
{
    int32_t contig = b->core.tid;
    int rc = 0;
    if (contig != r->contig)
        rc = release(r, INT64_MAX, err);
    else if (contig >= 0 && r->n_since >= BATCH && r->n_since >= r->n_waiting / 4)
        rc = release(r, b->core.pos - r->pairing - r->options.max_shift, err);
    r->contig = contig;
    return rc;
}

int reorder_push(struct reorder *r, bam1_t *b, struct vl_error *err)
{
    struct placed *p;
    int rc = take(r, b, &p);
    if (rc == 0)
        rc = lay(r, p);
    if (rc == 0) {
        p->whole = own_reason(r, p);
        rc = look_for_mate(r, p);
    }
    r->n_since++;
    /* Unplaced reads keep their order and need not wait. */
    bool placed = p && p->b->core.tid >= 0;
    if (rc == 0 && !placed)
        rc = finish_plan(r, p);
    if (rc == 0)
        rc = placed ? append(&r->waiting, &r->n_waiting, &r->cap_waiting, p)
                    : append(&r->ready, &r->n_ready, &r->cap_ready, p);
    return rc < 0 ? vl_error_memory(err) : 0;
}

int reorder_end(struct reorder *r, struct vl_error *err)
{
    return release(r, INT64_MAX, err);
}

struct placed *reorder_peek(const struct reorder *r)
{
    return r->next < r->n_ready ? r->ready[r->next] : NULL;
}

/* Fetches the records that leave soon.  They have waited so long that they are no longer
 * in the caches. */
static void prefetch(const struct reorder *r)
{
    enum { SOON = 8, SOONER = 4 };
    if (r->next + SOON < r->n_ready)
        __builtin_prefetch(r->ready[r->next + SOON]);
    if (r->next + SOONER < r->n_ready) {
        const bam1_t *b = r->ready[r->next + SOONER]->b;
        __builtin_prefetch(b);
        __builtin_prefetch(b->data);
    }
}

void reorder_pop(struct reorder *r)
{
    prefetch(r);
    give_back(r, r->ready[r->next++]);
    if (r->next == r->n_ready)
        r->next = r->n_ready = 0;
}

uint64_t reorder_n_whole(const struct reorder *r, enum whole_reason reason)
{
    return r->n_whole[reason];
}

uint64_t reorder_n_mate_unknown(const struct reorder *r)
{
    return r->n_mate_unknown;
}

void reorder_free(struct reorder *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_waiting; i++)
        free_placed(r->waiting[i]);
    for (size_t i = r->next; i < r->n_ready; i++)
        free_placed(r->ready[i]);
    for (size_t i = 0; i < r->n_spare; i++)
        free_placed(r->spare[i]);
    free(r->waiting);
    free(r->ready);
    free(r->spare);
    kh_destroy(mates, r->mates);
    vl_buf_clear(&r->ops);
    free(r);
}
