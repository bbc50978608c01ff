/* Thousands of records through synth_order.c against its rules applied to all of them at
 * once. */
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "projection/geometry.h"
#include "projection/pseudonym.h"
#include "record/query_name.h"
#include "record/record.h"
#include "synth_fixture.h"
#include "window/record_array.h"

Suite *synth_order_total_suite(void);

enum { N_TEMPLATES = 2500, SPAN = 25000 };

/* ---- the rules ---- */

struct ruled {
    const bam1_t *b;
    struct geometry g;
    bool is_laid;
    int64_t key;                  /* where it goes */
    struct ruled *mate, *near[2]; /* near: those at hand */
    int n_near;
    enum whole_reason whole;
    bool is_proper;
    int32_t mtid;
    int64_t mpos, tlen;
    char mc[400];
    uint32_t ordinal;
    bool is_seen;
};

static void write_cigar(const uint32_t *ops, size_t n, char *text)
{
    *text = '\0';
    for (size_t i = 0; i < n; i++)
        text += sprintf(text, "%u%c", bam_cigar_oplen(ops[i]), bam_cigar_opchr(ops[i]));
}

static bool lay_text(const struct world *w, const uint32_t *ops, uint32_t n, int64_t pos,
                     bool rev, int32_t tid, struct geometry *g, char *text)
{
    struct vl_buf masked = VL_BUF_INIT;
    bool good = geometry_lay(ops, n, pos, rev, 0, w->contigs.v[tid].length, g, &masked);
    write_cigar((void *)masked.data, good ? masked.len / 4 : 0, text);
    vl_buf_clear(&masked);
    return good;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool is_unmapped(const bam1_t *b)
{
    return b->core.flag & BAM_FUNMAP;
}

static bool tells_far(const struct reorder_options *o, const bam1_t *b)
{
    const bam1_core_t *c = &b->core;
    return (c->flag & 9) == 1 && c->mtid >= 0 &&
           (c->mtid != c->tid || !(c->flag & 16) == !(c->flag & 32) ||
            distance(c->mpos, c->pos) > o->max_insert);
}

static void rule_alone(const struct world *w, const struct reorder_options *o,
                       struct ruled *r)
{
    const bam1_core_t *c = &r->b->core;
    char text[400];
    r->key = c->pos;
    r->mtid = -1;
    r->mpos = -1;
    if (c->flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY))
        r->whole = WHOLE_SECOND;
    if (c->tid >= 0 && !is_unmapped(r->b))
        r->is_laid = lay_text(w, bam_get_cigar(r->b), c->n_cigar, c->pos,
                              bam_is_rev(r->b), c->tid, &r->g, text);
    if (r->is_laid)
        r->key = r->g.pos;
    if (r->whole || is_unmapped(r->b))
        return;
    if (c->tid < 0 || !r->is_laid || !record_lengths_agree(r->b))
        r->whole = WHOLE_ODD;
    else if (r->g.n_query > o->max_shift)
        r->whole = WHOLE_LONG;
    else if (tells_far(o, r->b))
        r->whole = WHOLE_VAULTED;
}

static bool are_at_hand(const struct world *w, const struct reorder_options *o,
                        const struct ruled *x, const struct ruled *y)
{
    const bam1_core_t *a = &x->b->core, *b = &y->b->core;
    size_t n = query_name_length(bam_get_qname(x->b));
    if (a->tid < 0 || a->tid != b->tid || !(a->flag & b->flag & BAM_FPAIRED) ||
        x->whole == WHOLE_SECOND || y->whole == WHOLE_SECOND ||
        n != query_name_length(bam_get_qname(y->b)) ||
        memcmp(bam_get_qname(x->b), bam_get_qname(y->b), n) != 0 ||
        read_group_of(x->b, w->context.policy.read_groups) !=
            read_group_of(y->b, w->context.policy.read_groups))
        return false;
    const struct ruled *both[2] = {x, y};
    for (int i = 0; i < 2; i++)
        if (!is_unmapped(both[i]->b) &&
            (!both[i]->is_laid || both[i]->g.n_query > o->max_insert ||
             both[i]->g.spread > o->max_shift))
            return false;
    return (a->flag | b->flag) & 4 ? a->pos == b->pos
                                   : distance(x->g.five, y->g.five) < o->max_insert;
}

static bool are_ends(const struct ruled *x, const struct ruled *y)
{
    uint16_t a = x->b->core.flag, b = y->b->core.flag;
    return ((a & 0xc0) == 0x40 ? (b & 0xc0) == 0x80
                               : (a & 0xc0) == 0x80 && (b & 0xc0) == 0x40) &&
           !(a & b & 4) && !(a & 4) == !(b & 8) && !(a & 8) == !(b & 4);
}

static void rule_mate(const struct reorder_options *o, struct ruled *r,
                      const struct geometry *mate, int32_t tid)
{
    bool same = tid == r->b->core.tid;
    r->mtid = tid;
    r->mpos = mate->pos;
    if (!same)
        return;
    r->tlen = geometry_5prime(mate) - geometry_5prime(&r->g);
    const struct geometry *forward = mate->is_reverse ? &r->g : mate;
    const struct geometry *reverse = mate->is_reverse ? mate : &r->g;
    r->is_proper = mate->is_reverse != r->g.is_reverse &&
                   forward->five <= reverse->five && !tells_far(o, r->b) &&
                   !tells_far(o, r->mate->b);
    if (!r->is_proper && !r->whole)
        r->whole = WHOLE_VAULTED;
}

static void rule_pair(const struct world *w, const struct reorder_options *o,
                      struct ruled *r)
{
    struct ruled *mate = r->mate;
    char text[400];
    if (is_unmapped(r->b)) {
        r->key = mate->key;
        r->mtid = mate->b->core.tid;
        r->mpos = mate->key;
    } else if (!is_unmapped(mate->b)) {
        rule_mate(o, r, &mate->g, mate->b->core.tid);
    }
    if (!is_unmapped(mate->b))
        lay_text(w, bam_get_cigar(mate->b), mate->b->core.n_cigar, mate->b->core.pos,
                 bam_is_rev(mate->b), mate->b->core.tid, &(struct geometry){0}, text);
    strcpy(r->mc, is_unmapped(mate->b) ? "" : text);
}

static struct ruled *rule_all(const struct world *w, const struct reorder_options *o,
                              const struct record_array *records)
{
    struct ruled *all = calloc(records->n, sizeof *all);
    for (size_t i = 0; i < records->n; i++) {
        struct ruled *r = &all[i];
        r->b = records->v[i];
        rule_alone(w, o, r);
        for (size_t k = i; k-- > 0 && all[k].b->core.tid == r->b->core.tid &&
                           (r->b->core.tid < 0 || all[k].b->core.pos == r->b->core.pos);)
            r->ordinal++;
    }
    for (size_t i = 0; i < records->n; i++)
        for (size_t k = 0; k < records->n && all[i].n_near < 2; k++)
            if (k != i && are_at_hand(w, o, &all[i], &all[k]))
                all[i].near[all[i].n_near++] = &all[k];
    for (size_t i = 0; i < records->n; i++) {
        struct ruled *r = &all[i];
        if (r->n_near == 1 && r->near[0]->n_near == 1 && are_ends(r, r->near[0]))
            r->mate = r->near[0];
        else if (r->n_near > 0 && !r->whole)
            r->whole = WHOLE_VAULTED;
        else if (r->n_near == 0 && !r->whole && r->b->core.tid >= 0 && is_unmapped(r->b))
            r->whole = WHOLE_ODD;
    }
    for (size_t i = 0; i < records->n; i++)
        if (all[i].mate)
            rule_pair(w, o, &all[i]);
    for (size_t i = 0; i < records->n; i++) {
        struct ruled *r = &all[i];
        if (r->mate && !r->whole)
            r->whole = r->mate->whole;
        if (!r->whole && !is_unmapped(r->b) && (r->b->core.flag & 9) == 9) {
            r->mtid = r->b->core.tid;
            r->mpos = r->key;
        }
    }
    return all;
}

/* ---- the test ---- */

static void expect_plan(const struct placed *p, struct ruled *r)
{
    char mc[400];
    const struct masked_cigar *mate = &p->plan.mate;
    ck_assert(!r->is_seen);
    r->is_seen = true;
    ck_assert_msg((p->whole != WHOLE_NOT) == (r->whole != WHOLE_NOT), "%s %d %d near %d",
                  bam_get_qname(r->b), p->whole, r->whole, r->n_near);
    ck_assert_uint_eq(p->plan.ordinal, r->ordinal);
    if (p->whole != WHOLE_NOT)
        return;
    ck_assert_int_eq(p->plan.pos0, r->b->core.tid < 0 ? -1 : r->key);
    ck_assert_int_eq(p->plan.mtid, r->mtid);
    ck_assert_int_eq(p->plan.mpos, r->mpos);
    ck_assert_int_eq(p->plan.tlen, r->tlen);
    ck_assert_int_eq(p->plan.is_proper, r->is_proper);
    write_cigar(mate->n > 1 ? mate->ops : &mate->one, mate->n, mc);
    ck_assert_str_eq(mc, r->mc);
}

/* Number of the original with that name, flag and place; names and ends tell them apart.
 */
static struct ruled *find(struct ruled *all, size_t n, const bam1_t *b)
{
    for (size_t i = 0; i < n; i++)
        if (!all[i].is_seen && all[i].b->core.pos == b->core.pos &&
            record_equal(all[i].b, b))
            return &all[i];
    ck_abort_msg("%s", bam_get_qname(b));
    return NULL;
}

struct run {
    struct world *w;
    struct record_array shown; /* masked forms, in the order of the output */
    struct ruled *all;         /* NULL: plans are not looked at */
    size_t n, n_out, n_early;
    int32_t last_tid;
    int64_t last_key;
    bool last_was_masked;
};

static void take(struct run *run, struct reorder *reorder, bool early)
{
    struct placed *p;
    for (; (p = reorder_peek(reorder)); reorder_pop(reorder)) {
        int32_t tid = p->b->core.tid;
        struct ruled *r = run->all ? find(run->all, run->n, p->b) : NULL;
        if (r)
            expect_plan(p, r);
        if (r && tid >= 0) {
            bool same = tid == run->last_tid && r->key == run->last_key;
            ck_assert(run->n_out == 0 || tid > run->last_tid ||
                      (tid == run->last_tid && r->key >= run->last_key));
            /* Whole records of a place go first. */
            ck_assert(!same || p->whole == WHOLE_NOT || !run->last_was_masked);
            run->last_key = r->key;
        }
        run->last_tid = tid < 0 ? INT32_MAX : tid;
        run->last_was_masked = p->whole == WHOLE_NOT;
        if (p->whole == WHOLE_NOT)
            mask_synth(run->w, &run->w->synth, p->b, &p->plan, NULL,
                       record_array_add(&run->shown));
        run->n_out++;
        run->n_early += early;
    }
}

static void run_through(struct run *run, const struct record_array *originals)
{
    struct reorder_options options = reorder_options_of(run->w);
    struct reorder *reorder;
    bam1_t *b = bam_init1();
    ck_assert_int_eq(reorder_open(&reorder, &options, NULL), 0);
    for (size_t i = 0; i < originals->n; i++) {
        ck_assert_ptr_nonnull(bam_copy1(b, originals->v[i]));
        bool same = i > 0 && originals->v[i - 1]->core.tid == b->core.tid;
        ck_assert_int_eq(reorder_advance(reorder, b, NULL), 0);
        take(run, reorder, same && b->core.tid >= 0);
        ck_assert_int_eq(
            reorder_push(reorder, &b,
                         read_group_of(b, run->w->context.policy.read_groups), NULL),
            0);
    }
    ck_assert_int_eq(reorder_end(reorder, NULL), 0);
    take(run, reorder, false);
    reorder_free(reorder);
    bam_destroy1(b);
    ck_assert_uint_eq(run->n_out, originals->n);
}

/* Records of one place in another order. */
static void shuffle_ties(uint64_t *s, struct record_array *records)
{
    for (size_t i = 1; i < records->n; i++) {
        size_t low = i;
        while (low > 0 && records->v[low - 1]->core.tid >= 0 &&
               records->v[low - 1]->core.tid == records->v[i]->core.tid &&
               records->v[low - 1]->core.pos == records->v[i]->core.pos)
            low--;
        size_t k = low + rnd_below(s, (uint32_t)(i - low) + 1);
        bam1_t *t = records->v[i];
        records->v[i] = records->v[k];
        records->v[k] = t;
    }
}

static void expect_same_output(const struct record_array *a, const struct record_array *b)
{
    ck_assert_uint_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        ck_assert_msg(record_equal(a->v[i], b->v[i]), "%zu: %s, %s", i,
                      bam_get_qname(a->v[i]), bam_get_qname(b->v[i]));
}

START_TEST(test_thousands)
{
    uint64_t s = 60 + (uint64_t)_i;
    struct world *w = world_open(s);
    w->span = _i % 2 ? SPAN : 400;
    w->context.names = _i / 2 ? SYNTH_NAMES_TOKEN : SYNTH_NAMES_KEEP;
    synth_close(&w->synth);
    ck_assert_int_eq(synth_open(&w->synth, &w->context, NULL), 0);
    struct record_array originals = random_originals(&s, w, _i % 2 ? N_TEMPLATES : 500);
    struct reorder_options options = reorder_options_of(w);
    struct run first = {.w = w, .n = originals.n}, second = {.w = w};
    first.all = rule_all(w, &options, &originals);
    run_through(&first, &originals);
    for (size_t i = 0; i < originals.n; i++)
        ck_assert(first.all[i].is_seen);
    if (_i % 2)
        ck_assert_uint_gt(first.n_early, 1000); /* a block of each contig */
    shuffle_ties(&s, &originals);
    run_through(&second, &originals);
    expect_same_output(&first.shown, &second.shown);
    free(first.all);
    record_array_clear(&first.shown);
    record_array_clear(&second.shown);
    record_array_clear(&originals);
    world_close(w);
}
END_TEST

Suite *synth_order_total_suite(void)
{
    Suite *suite = suite_create("synth_order_total");
    TCase *tcase = tcase_create("order");
    tcase_add_loop_test(tcase, test_thousands, 0, 4);
    suite_add_tcase(suite, tcase);
    return suite;
}
