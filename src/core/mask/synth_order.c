#include "mask/synth_order.h"

#include <stdlib.h>
#include <string.h>

#include "mask/leaving_list.h"
#include "mask/masked_cigar.h"
#include "mask/mate_lists.h"
#include "mask/ready_queue.h"
#include "projection/masked_core.h"
#include "record/locus.h"
#include "record/query_name.h"
#include "record/record.h"

enum {
    NEAR_DISTANCE = 600000, /* used if --max-insert is none: STAR's gap between mates is
                               589,824 at most, unless it is told otherwise */
    NEAR_SPAN = 1000000,    /* the same: most reference bases of a read that pairs */
    BATCH = 1024 /* number of records pushed before the next check of what can leave */
};

/* Read group, and query name without /1 and /2, of records that may pair. */
struct name {
    const char *text;
    size_t n;
    int32_t group;
};

struct reorder {
    struct reorder_options options;
    int64_t distance, span; /* greatest distance of 5' ends, and length on the reference,
                               of records that may pair */
    int64_t horizon;
    struct mate_lists mates; /* candidates of the current contig that wait */
    struct placed **waiting; /* in input order */
    size_t n_waiting, cap_waiting;
    struct leaving_list leaving;
    struct ready_queue ready;
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
    if (!r)
        return vl_error_memory(err);
    r->options = *options;
    bool limited = options->max_insert >= 0;
    r->distance = limited ? options->max_insert : NEAR_DISTANCE;
    /* What pairs is no longer than the distance: long reads need not wait for mates. */
    r->span = !limited                           ? options->max_shift + NEAR_SPAN
              : options->max_shift < r->distance ? options->max_shift
                                                 : r->distance;
    /* A third record may be at hand of the mate: twice the distance.  A read may begin
     * max_shift before its first aligned base, and end `span` behind it. */
    r->horizon = 2 * r->distance + options->max_shift + r->span + options->blur_max;
    r->contig = -1;
    *reorder = r;
    return 0;
}

void mask_plan_clear(struct mask_plan *plan)
{
    free(plan->mate.ops);
    memset(plan, 0, sizeof *plan);
}

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
    if (r->n_spare > 0) {
        r->n_spare--;
        placed_prefetch(r->spare + r->n_spare, r->n_spare, -1);
        return r->spare[r->n_spare];
    }
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

static bool is_mapped(const bam1_t *b)
{
    return !(b->core.flag & BAM_FUNMAP) && b->core.tid >= 0;
}

/* Lays out the record with its 5' end moved.  It leaves if it now reaches over introns
 * that are too long for one operator. */
static int lay_moved(struct reorder *r, struct placed *p, int64_t shift)
{
    const bam1_core_t *c = &p->b->core;
    p->plan.shift = shift;
    p->awaits_mate = false;
    p->is_laid =
        geometry_lay(bam_get_cigar(p->b), c->n_cigar, c->pos, bam_is_rev(p->b), shift,
                     r->options.contigs->v[c->tid].length, &p->g, &r->ops);
    if (r->ops.failed)
        return VL_ERR_MEMORY;
    if (!p->is_laid) {
        p->whole = p->whole == WHOLE_NOT ? WHOLE_ODD : p->whole;
        return 0;
    }
    p->goes_to = p->g.pos;
    return masked_cigar_set(&p->cigar, (void *)r->ops.data, (uint32_t)(r->ops.len / 4));
}

/* Finds how far the 5' end of a mapped record moves by itself. */
static int own_shift(struct reorder *r, const bam1_t *b, int64_t *shift)
{
    int64_t five;
    *shift = 0;
    if (!r->options.blur || !geometry_five(bam_get_cigar(b), b->core.n_cigar, b->core.pos,
                                           bam_is_rev(b), &five))
        return 0;
    return blur_shift(r->options.blur, b->core.tid, bam_is_rev(b), five, shift);
}

/* Lays out a mapped record as it moves by itself. */
static int lay_alone(struct reorder *r, struct placed *p)
{
    int64_t shift;
    int rc = own_shift(r, p->b, &shift);
    return rc < 0 ? rc : lay_moved(r, p, shift);
}

/* Lays out the record without regard to its mate.  Most reverse reads are moved by their
 * forward mates, so that their own shift, which costs time, is not looked up yet. */
static int lay(struct reorder *r, struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    p->goes_to = c->pos;
    p->end = locus_end(p->b);
    if (!is_mapped(p->b))
        return 0;
    if (!r->options.blur || !(c->flag & BAM_FPAIRED) || !(c->flag & BAM_FREVERSE) ||
        (c->flag & (BAM_FMUNMAP | BAM_FMREVERSE)))
        return lay_alone(r, p);
    int rc = lay_moved(r, p, 0);
    p->awaits_mate = true;
    return rc;
}

static bool is_vaulted_place(const struct reorder *r, int32_t tid, int64_t beg,
                             int64_t end)
{
    return r->options.vault->n > 0 && vl_ranges_overlap(r->options.vault, tid, beg, end);
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* True if the record says that its mate is mapped, and where. */
static bool tells_mate(const bam1_t *b)
{
    return (b->core.flag & BAM_FPAIRED) && !(b->core.flag & BAM_FMUNMAP) &&
           b->core.mtid >= 0;
}

/* True if the record says that its template is far. */
static bool says_far(const struct reorder *r, const bam1_t *b)
{
    const bam1_core_t *c = &b->core;
    return tells_mate(b) && (c->mtid != c->tid ||
                             !(c->flag & BAM_FREVERSE) == !(c->flag & BAM_FMREVERSE) ||
                             (r->options.max_insert >= 0 &&
                              distance(c->mpos, c->pos) > r->options.max_insert));
}

static enum whole_reason own_reason(const struct reorder *r, const struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    if (c->flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY))
        return WHOLE_SECOND;
    if (c->tid < 0)
        return c->flag & BAM_FUNMAP ? WHOLE_NOT : WHOLE_ODD;
    if (c->flag & BAM_FUNMAP)
        return r->options.is_vaulted[c->tid] ? WHOLE_VAULTED : WHOLE_NOT;
    if (!p->is_laid || !record_lengths_agree(p->b))
        return WHOLE_ODD;
    if (p->g.n_query > r->options.max_shift)
        return WHOLE_LONG;
    if (r->options.is_vaulted[c->tid] ||
        (c->mtid >= 0 && r->options.is_vaulted[c->mtid]) ||
        (says_far(r, p->b) && !r->options.keep_discordant))
        return WHOLE_VAULTED;
    return WHOLE_NOT;
}

static struct name name_of(const struct placed *p)
{
    const char *text = bam_get_qname(p->b);
    return (struct name){text, query_name_length(text), p->plan.group};
}

/* `*` means that the record has no name. */
static bool is_candidate(const struct reorder *r, const struct placed *p)
{
    const char *text = bam_get_qname(p->b);
    if (!(p->b->core.flag & BAM_FPAIRED) || p->whole == WHOLE_SECOND ||
        p->b->core.tid < 0 || query_name_length(text) == 0 || strcmp(text, "*") == 0)
        return false;
    return !is_mapped(p->b) ||
           (p->is_laid && p->g.n_query <= r->distance &&
            p->g.n_query <= r->options.max_shift && p->g.spread <= r->span);
}

static bool are_at_hand(const struct reorder *r, const struct placed *a,
                        const struct placed *b)
{
    return a->is_laid && b->is_laid ? distance(a->g.five, b->g.five) < r->distance
                                    : a->b->core.pos == b->b->core.pos;
}

static bool are_forward_reverse(const struct placed *a, const struct placed *b)
{
    const struct placed *forward = a->g.is_reverse ? b : a,
                        *reverse = forward == a ? b : a;
    return a->g.is_reverse != b->g.is_reverse && forward->g.five <= reverse->g.five;
}

/* True if FLAG makes the two the ends of one template. */
static bool are_ends(const struct placed *a, const struct placed *b)
{
    const uint16_t ENDS = BAM_FREAD1 | BAM_FREAD2;
    uint16_t x = a->b->core.flag, y = b->b->core.flag;
    return (x & ENDS) != ENDS && (x & ENDS) != 0 && ((x ^ y) & ENDS) == ENDS &&
           !(x & BAM_FUNMAP) == !(y & BAM_FMUNMAP) &&
           !(y & BAM_FUNMAP) == !(x & BAM_FMUNMAP) && (a->is_laid || b->is_laid);
}

static void vault(struct placed *p)
{
    if (p->whole == WHOLE_NOT)
        p->whole = WHOLE_VAULTED;
}

/* Vaults a mapped record that is shown at a vaulted place, or whose 5' end, if that is
 * kept, was there. */
static void check_place(const struct reorder *r, struct placed *p, bool is_kept)
{
    int32_t tid = p->b->core.tid;
    if (is_vaulted_place(r, tid, p->g.pos, p->g.end) ||
        (is_kept && is_vaulted_place(r, tid, p->g.five, p->g.five + 1)))
        vault(p);
}

/* Plans what the record shows of its mapped mate. */
static int see_mate(struct placed *p, const struct placed *mate, bool is_proper)
{
    p->plan.mtid = mate->b->core.tid;
    p->plan.mpos = mate->goes_to;
    p->plan.is_proper = is_proper;
    if (p->is_laid)
        p->plan.tlen = geometry_5prime(&mate->g) - geometry_5prime(&p->g);
    else
        p->goes_to = mate->goes_to;
    return masked_cigar_copy(&p->plan.mate, &mate->cigar);
}

/* Moves a mapped pair.  The first end moves by itself, the other end along with it, or
 * to the insert size that is drawn. */
static int move_pair(struct reorder *r, struct placed *a, struct placed *b, bool is_drawn)
{
    bool swap =
        a->g.is_reverse != b->g.is_reverse ? a->g.is_reverse : a->g.five > b->g.five;
    struct placed *first = swap ? b : a, *other = swap ? a : b;
    int64_t shift, insert;
    int rc = first->awaits_mate ? lay_alone(r, first) : 0;
    shift = first->plan.shift;
    if (rc == 0 && is_drawn) {
        struct name name = name_of(first);
        rc = insert_sizes_draw(r->options.inserts, r->options.insert_draw, name.group,
                               name.text, name.n, first->g.n_query, other->g.n_query,
                               &insert);
        shift += first->g.five + insert - 1 - other->g.five;
    }
    return rc < 0 ? rc : lay_moved(r, other, shift);
}

/* Lays out a mapped pair, and vaults it if it is discordant or at a vaulted place. */
static int lay_pair(struct reorder *r, struct placed *a, struct placed *b, bool *is_near)
{
    bool is_drawn = r->options.inserts && r->options.inserts->is_drawn;
    *is_near = are_forward_reverse(a, b) && !says_far(r, a->b) && !says_far(r, b->b);
    if (!*is_near && !r->options.keep_discordant) {
        vault(a);
        vault(b);
        return 0;
    }
    is_drawn = is_drawn && *is_near;
    int rc = r->options.blur || is_drawn ? move_pair(r, a, b, is_drawn) : 0;
    check_place(r, a, !is_drawn || !a->g.is_reverse);
    check_place(r, b, !is_drawn || !b->g.is_reverse);
    return rc;
}

/* The two pair, unless they are vaulted. */
static int join_pair(struct reorder *r, struct placed *a, struct placed *b)
{
    bool is_near = false;
    int rc = 0;
    a->is_paired = b->is_paired = true;
    if (a->is_laid && b->is_laid)
        rc = lay_pair(r, a, b, &is_near);
    else
        check_place(r, a->is_laid ? a : b, true);
    if (a->whole == WHOLE_NOT)
        a->whole = b->whole;
    else if (b->whole == WHOLE_NOT)
        b->whole = a->whole;
    if (rc == 0 && b->is_laid)
        rc = see_mate(a, b, is_near);
    return rc == 0 && a->is_laid ? see_mate(b, a, is_near) : rc;
}

/* Notes that the two are at hand of each other. */
static int link_near(struct reorder *r, struct placed *a, struct placed *b)
{
    struct placed *ends[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        if (ends[i]->n_near == 0)
            ends[i]->near = ends[1 - i];
        ends[i]->n_near += ends[i]->n_near < 2;
    }
    if (a->n_near == 1 && b->n_near == 1 && are_ends(a, b))
        return join_pair(r, a, b);
    for (int i = 0; i < 2; i++) {
        vault(ends[i]);
        vault(ends[i]->near);
    }
    return 0;
}

static bool have_one_name(const struct placed *a, const struct placed *b)
{
    if (a->hash != b->hash || a->plan.group != b->plan.group)
        return false;
    struct name x = name_of(a), y = name_of(b);
    return x.n == y.n && memcmp(x.text, y.text, x.n) == 0;
}

/* Finds the records at hand among those that wait.  Of a name that many records have, the
 * latest are looked at first: they are at hand, and two are enough. */
static int look_for_mate(struct reorder *r, struct placed *p)
{
    int rc = 0;
    p->is_candidate = is_candidate(r, p);
    if (!p->is_candidate)
        return 0;
    if (mate_lists_grow(&r->mates) < 0)
        return VL_ERR_MEMORY;
    struct name name = name_of(p);
    p->hash = query_name_hash(name.text, name.n);
    for (struct placed *q = mate_lists_first(&r->mates, p->hash);
         rc == 0 && q && p->n_near < 2; q = q->earlier)
        if (have_one_name(p, q) && are_at_hand(r, p, q))
            rc = link_near(r, p, q);
    mate_lists_add(&r->mates, p);
    return rc;
}

/* The mate is not at hand.  Its place is PNEXT where that is public, else not shown: not
 * where reads move, since PNEXT tells where the mate lay and what of it is clipped. */
static void do_without_mate(struct reorder *r, struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    if (c->flag & BAM_FUNMAP) {
        p->whole = WHOLE_ODD;
        return;
    }
    check_place(r, p, true);
    if (!(c->flag & BAM_FPAIRED) || (c->flag & BAM_FMUNMAP))
        return;
    bool is_public = !r->options.blur && tells_mate(p->b) && c->mpos >= 0 &&
                     (r->options.max_insert < 0 || says_far(r, p->b));
    if (is_public && is_vaulted_place(r, c->mtid, c->mpos, c->mpos + 1))
        p->whole = WHOLE_VAULTED;
    if (is_public) {
        p->plan.mtid = c->mtid;
        p->plan.mpos = c->mpos;
    }
    r->n_mate_unknown += !is_public;
}

static int finish_plan(struct reorder *r, struct placed *p)
{
    const bam1_core_t *c = &p->b->core;
    struct mask_plan *plan = &p->plan;
    int rc = 0;
    plan->pos0 = c->tid < 0 ? -1 : p->goes_to;
    if (p->whole == WHOLE_NOT && !p->is_paired && c->tid >= 0)
        do_without_mate(r, p);
    if (p->whole == WHOLE_NOT && is_mapped(p->b) && (c->flag & BAM_FPAIRED) &&
        (c->flag & BAM_FMUNMAP)) {
        plan->mtid = c->tid;
        plan->mpos = p->goes_to;
    }
    r->n_whole[p->whole]++;
    if (p->whole == WHOLE_NOT && c->tid >= 0 && r->options.token)
        rc = r->options.token(r->options.arg, p->b, p->token);
    return rc;
}

/* Makes ready all records of the current contig that belong before `limit`. */
static int release(struct reorder *r, int64_t limit, struct vl_error *err)
{
    size_t kept = 0;
    int rc = 0;
    r->leaving.n = 0;
    for (size_t i = 0; i < r->n_waiting; i++) {
        struct placed *p = r->waiting[i];
        if (p->goes_to >= limit) {
            r->waiting[kept++] = p;
            continue;
        }
        if (p->is_candidate)
            mate_lists_remove(&r->mates, p);
        if (finish_plan(r, p) < 0 || leaving_list_add(&r->leaving, p) < 0)
            rc = VL_ERR_MEMORY;
    }
    r->n_waiting = kept;
    r->n_since = 0;
    if (leaving_list_sort(&r->leaving, &r->options) < 0)
        rc = VL_ERR_MEMORY;
    for (size_t i = 0; i < r->leaving.n; i++)
        if (ready_queue_add(&r->ready, r->leaving.v[i].p) < 0)
            rc = VL_ERR_MEMORY;
    return rc < 0 ? vl_error_memory(err) : 0;
}

static int take(struct reorder *r, bam1_t **b, int32_t read_group, struct placed **out)
{
    struct placed *p = take_spare(r);
    *out = p;
    if (!p)
        return VL_ERR_MEMORY;
    bam1_t *spare = p->b;
    p->b = *b;
    *b = spare;
    p->number = r->n_pushed++;
    p->plan.mtid = -1;
    p->plan.mpos = -1;
    p->plan.group = read_group;
    p->plan.ordinal =
        (uint32_t)locus_count(&r->loci, locus_of(p->b, r->options.contigs->n)).ordinal;
    return 0;
}

int reorder_advance(struct reorder *r, const bam1_t *b, struct vl_error *err)
{
    int32_t contig = b->core.tid;
    int rc = 0;
    if (contig != r->contig) {
        rc = release(r, INT64_MAX, err);
        if (rc == 0 && ready_queue_end_block(&r->ready) < 0)
            rc = vl_error_memory(err);
    }
    if (rc == 0 && contig >= 0 && r->n_since >= BATCH && r->n_since >= r->n_waiting / 4)
        rc = release(r, b->core.pos - r->horizon, err);
    r->contig = contig;
    return rc;
}

int reorder_push(struct reorder *r, bam1_t **b, int32_t read_group, struct vl_error *err)
{
    struct placed *p;
    int rc = take(r, b, read_group, &p);
    if (rc == 0)
        record_shrink(p->b);
    if (rc == 0)
        rc = lay(r, p);
    if (rc == 0) {
        p->whole = own_reason(r, p);
        rc = look_for_mate(r, p);
    }
    if (rc == 0 && p->awaits_mate)
        rc = lay_alone(r, p);
    r->n_since++;
    /* Unplaced reads keep their order and need not wait. */
    bool placed = p && p->b->core.tid >= 0;
    if (rc == 0 && !placed)
        rc = finish_plan(r, p);
    if (rc == 0)
        rc = placed ? append(&r->waiting, &r->n_waiting, &r->cap_waiting, p)
                    : ready_queue_add(&r->ready, p);
    return rc < 0 ? vl_error_memory(err) : 0;
}

int reorder_end(struct reorder *r, struct vl_error *err)
{
    int rc = release(r, INT64_MAX, err);
    return rc == 0 && ready_queue_end_block(&r->ready) < 0 ? vl_error_memory(err) : rc;
}

struct placed *reorder_peek(const struct reorder *r)
{
    return ready_queue_peek(&r->ready);
}

const struct block *reorder_block(const struct reorder *r)
{
    return ready_queue_block(&r->ready);
}

void reorder_pop(struct reorder *r)
{
    give_back(r, ready_queue_pop(&r->ready));
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
    for (struct placed *p; (p = ready_queue_drop(&r->ready));)
        free_placed(p);
    for (size_t i = 0; i < r->n_spare; i++)
        free_placed(r->spare[i]);
    free(r->waiting);
    leaving_list_clear(&r->leaving);
    ready_queue_clear(&r->ready);
    free(r->spare);
    mate_lists_clear(&r->mates);
    vl_buf_clear(&r->ops);
    free(r);
}
