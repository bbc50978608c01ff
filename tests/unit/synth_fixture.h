/* What the tests of the synth masking share: synthetic persons in memory, instead of a
 * FASTA and a VAC; originals of the person who is masked; and both as a window. */
#ifndef TESTS_SYNTH_FIXTURE_H
#define TESTS_SYNTH_FIXTURE_H

#include "mask/persona.h"
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "projection/pseudonym.h"
#include "record/md.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "record_fixture.h"
#include "residual/window_gaps.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

enum { WORLD_CONTIGS = 3, WORLD_SAMPLES = 2, WORLD_LENGTH = 30000 };
enum { WORLD_SHIFT = 7 /* stretches that reads reach over */ };

struct world {
    struct vl_contigs contigs;   /* c0 to c2 */
    struct vl_names read_groups; /* "lane 1", "lane 2" */
    struct persona_contig personas[WORLD_CONTIGS];
    uint8_t *person[WORLD_CONTIGS][2]; /* nibbles of two true haplotypes, one per byte */
    uint32_t span;                     /* originals begin before this position */
    int32_t sample_of_group[2];
    struct synth_context context;
    struct synth synth; /* for comparisons */
    bam1_t *compared[2];
    struct vl_ranges vault;
    bool is_vaulted[WORLD_CONTIGS];
};

static inline int random_base(uint64_t *s)
{
    return 1 << rnd_below(s, 4);
}

static inline void make_persona(uint64_t *s, struct world *w, int32_t contig)
{
    struct persona_contig *c = &w->personas[contig];
    c->contig = contig;
    c->length = w->contigs.v[contig].length;
    c->seq = calloc((size_t)c->length / 2 + 9, 1);
    for (int64_t i = 0; i < c->length; i++)
        seq_set_nibble(c->seq, i,
                       rnd_below(s, 300) ? random_base(s) : 1 + (int)rnd_below(s, 15));
    c->n_haplotypes = 2 * WORLD_SAMPLES;
    c->shift = WORLD_SHIFT;
    c->n_stretches = (size_t)(c->length >> c->shift) + 1;
    c->alts = calloc(c->n_haplotypes * c->n_stretches, sizeof *c->alts);
    for (size_t k = 0; k < c->n_haplotypes; k++) {
        for (size_t i = 0; i < c->n_stretches; i++)
            c->alts[k * c->n_stretches + i].v =
                calloc(1 << WORLD_SHIFT, sizeof(struct alt));
        for (int64_t pos = rnd_below(s, 30); pos < c->length;
             pos += 1 + rnd_below(s, 60)) {
            int was = seq_nibble(c->seq, pos), to = random_base(s);
            struct alt_list *list = persona_alts(c, k, pos);
            if (base_of_nibble[was] >= 0 && was != to)
                list->v[list->n++] = (struct alt){pos, (uint8_t)to};
        }
    }
    for (int h = 0; h < 2; h++) {
        uint8_t *bases = w->person[contig][h] = malloc((size_t)c->length);
        for (int64_t i = 0; i < c->length; i++)
            bases[i] = (uint8_t)seq_nibble(c->seq, i);
        for (int64_t i = rnd_below(s, 40); i < c->length; i += 1 + rnd_below(s, 80))
            bases[i] =
                h && rnd_below(s, 2) ? w->person[contig][0][i] : (uint8_t)random_base(s);
    }
}

static inline struct world *world_open(uint64_t seed)
{
    static const int64_t LENGTHS[WORLD_CONTIGS] = {WORLD_LENGTH, WORLD_LENGTH, 1000};
    struct world *w = calloc(1, sizeof *w);
    w->span = 3000;
    for (int32_t i = 0; i < WORLD_CONTIGS; i++) {
        char name[3] = {'c', (char)('0' + i), 0};
        ck_assert_int_eq(vl_contigs_add(&w->contigs, name, LENGTHS[i], NULL), 0);
        make_persona(&seed, w, i);
    }
    vl_names_add(&w->read_groups, "lane 1");
    vl_names_add(&w->read_groups, "lane 2");
    vl_names_index(&w->read_groups);
    w->sample_of_group[1] = 1;
    w->context = (struct synth_context){
        .contigs = &w->contigs,
        .sample_of_group = w->sample_of_group,
        .policy = {.read_groups = &w->read_groups, .computes_mc = true},
        .mask_key = "a key of 32 bytes for the tests"};
    ck_assert_int_eq(synth_open(&w->synth, &w->context, NULL), 0);
    w->compared[0] = bam_init1();
    w->compared[1] = bam_init1();
    return w;
}

static inline void world_close(struct world *w)
{
    for (int i = 0; i < WORLD_CONTIGS; i++) {
        struct persona_contig *c = &w->personas[i];
        for (size_t k = 0; k < c->n_haplotypes * c->n_stretches; k++)
            free(c->alts[k].v);
        free(w->personas[i].alts);
        free(w->personas[i].seq);
        free(w->person[i][0]);
        free(w->person[i][1]);
    }
    synth_close(&w->synth);
    bam_destroy1(w->compared[0]);
    bam_destroy1(w->compared[1]);
    vl_ranges_clear(&w->vault);
    vl_contigs_clear(&w->contigs);
    vl_names_clear(&w->read_groups);
    free(w);
}

static inline void mask_synth(struct world *w, struct synth *synth, const bam1_t *b,
                              const struct mask_plan *plan, struct site_list *sites,
                              bam1_t *masked)
{
    struct vl_error err = {0};
    int32_t tid = b->core.tid;
    ck_assert_msg(synth_record(synth, b, plan, tid < 0 ? NULL : &w->personas[tid], sites,
                               masked, &err) == 0,
                  "%s", err.message);
}

/* ---- originals ---- */

/* Fills in SEQ from the person under the record's alignment, with errors and N.  QUAL has
 * few different values, and 2 under N. */
static inline void sequence(uint64_t *s, const struct world *w, bam1_t *b)
{
    static struct layout l;
    static const uint8_t QUALS[] = {12, 23, 37, 37, 37};
    int64_t length = b->core.tid < 0 ? 0 : w->personas[b->core.tid].length;
    int h = (int)rnd_below(s, 2);
    lay_out(b, &l);
    for (int32_t i = 0; i < b->core.l_qseq; i++) {
        bool on = l.rpos[i] >= 0 && l.rpos[i] < length && rnd_below(s, 60);
        int nibble = on ? w->person[b->core.tid][h][l.rpos[i]] : random_base(s);
        bam_get_qual(b)[i] = QUALS[rnd_below(s, 5)];
        if (rnd_below(s, 80) == 0) {
            nibble = NIBBLE_N;
            bam_get_qual(b)[i] = 2;
        }
        seq_set_nibble(bam_get_seq(b), i, nibble);
    }
    if (b->core.l_qseq > 0 && rnd_below(s, 25) == 0)
        memset(bam_get_qual(b), 0xff, (size_t)b->core.l_qseq);
    record_normalise(b);
}

/* Adds NM, MD and AS as an aligner writes them. */
static inline void align_tags(uint64_t *s, const struct world *w, bam1_t *b)
{
    static struct layout l;
    const struct persona_contig *c = &w->personas[b->core.tid];
    struct md_reference reference = {0};
    struct vl_buf md = VL_BUF_INIT;
    int64_t nm;
    lay_out(b, &l);
    if (b->core.l_qseq == 0 || b->core.pos + l.span > c->length || !record_is_aligned(b))
        return;
    uint8_t *aligned = vl_buf_reserve(&reference.aligned, 1000);
    memset(aligned, 0, 1000);
    for (int32_t i = 0; i < b->core.l_qseq; i++)
        if (l.rpos[i] >= 0)
            seq_set_nibble(aligned, i, seq_nibble(c->seq, l.rpos[i]));
    for (int i = 0; i < l.n_deleted; i++)
        vl_buf_add_byte(&reference.deleted,
                        (uint8_t)seq_nt16_str[seq_nibble(c->seq, l.deleted[i])]);
    md_write(b, &reference, &md, &nm);
    vl_buf_add_byte(&md, 0);
    bam_aux_update_int(b, "NM", nm);
    if (rnd_below(s, 12))
        bam_aux_update_str(b, "MD", (int)md.len, (const char *)md.data);
    if (rnd_below(s, 4))
        bam_aux_update_int(b, "AS", rnd_below(s, 6) ? md_score(b, (char *)md.data) : 7);
    vl_buf_clear(&md);
    md_reference_clear(&reference);
}

static inline void other_tags(uint64_t *s, bam1_t *b)
{
    static const char *const TEXTS[] = {"", "ACGT-1", "a longer text that is stored"};
    if (rnd_below(s, 8))
        bam_aux_append(b, "RG", 'Z', 7,
                       (const uint8_t *)(rnd_below(s, 2) ? "lane 1" : "lane 2"));
    if (rnd_below(s, 3) == 0) {
        const char *text = TEXTS[rnd_below(s, 3)];
        bam_aux_append(b, rnd_below(s, 2) ? "CB" : "XZ", 'Z', (int)strlen(text) + 1,
                       (const uint8_t *)text);
    }
    if (rnd_below(s, 40) == 0) {
        struct vl_buf aux = VL_BUF_INIT;
        vl_buf_add(&aux, bam_get_aux(b), (size_t)bam_get_l_aux(b));
        vl_buf_add(&aux, "XXZno end", 9);
        ck_assert_int_eq(record_set_aux(b, aux.data, aux.len), 0);
        vl_buf_clear(&aux);
    }
}

/* Adds one end of a template; its mate fields are set later. */
static inline bam1_t *random_end(uint64_t *s, struct record_array *to,
                                 const struct world *w, int32_t tid, int64_t pos,
                                 uint16_t flag, const char *name)
{
    bam1_t *b = record_array_add(to);
    rnd_record(s, rnd_below(s, 6) ? "M" : "MM=X", tid, pos, b);
    /* Half of the records align from end to end, whatever rnd_record made. */
    if (rnd_below(s, 2)) {
        uint32_t op = bam_cigar_gen(60 + rnd_below(s, 3), BAM_CMATCH);
        char seq[64];
        memset(seq, 'A', sizeof seq);
        ck_assert_int_ge(bam_set1(b, 1, "r", 0, tid, pos, (uint8_t)rnd_below(s, 61), 1,
                                  &op, -1, -1, 0, op >> 4, seq, NULL, 200),
                         0);
    }
    b->core.flag = flag;
    ck_assert_int_ge(bam_set_qname(b, name), 0);
    sequence(s, w, b);
    align_tags(s, w, b);
    return b;
}

static inline void know_mate(uint64_t *s, bam1_t *b, const bam1_t *mate)
{
    char mc[400] = "";
    int64_t own = bam_is_rev(b) ? bam_endpos(b) : b->core.pos;
    int64_t other = bam_is_rev(mate) ? bam_endpos(mate) : mate->core.pos;
    bool both = !((b->core.flag | mate->core.flag) & BAM_FUNMAP);
    b->core.mtid = mate->core.tid;
    b->core.mpos = mate->core.pos;
    b->core.isize = both && b->core.tid == mate->core.tid ? other - own : 0;
    if (rnd_below(s, 15) == 0)
        b->core.isize += 3;
    for (uint32_t i = 0; i < mate->core.n_cigar; i++)
        sprintf(mc + strlen(mc), "%u%c", bam_cigar_oplen(bam_get_cigar(mate)[i]),
                bam_cigar_opchr(bam_get_cigar(mate)[i]));
    if (mc[0] && rnd_below(s, 6))
        bam_aux_update_str(b, "MC", -1, mc);
}

static inline void random_pair(uint64_t *s, struct record_array *to,
                               const struct world *w, int number)
{
    char name[32], second[34];
    uint32_t kind = rnd_below(s, 20);
    int32_t tid = (int32_t)rnd_below(s, 2);
    int64_t pos = rnd_below(s, 50) ? rnd_below(s, w->span) : 0;
    uint16_t one = BAM_FPAIRED | BAM_FREAD1 | BAM_FMREVERSE;
    uint16_t two = BAM_FPAIRED | BAM_FREAD2 | BAM_FREVERSE;
    uint16_t proper = rnd_below(s, 5) ? BAM_FPROPER_PAIR : 0;
    snprintf(name, sizeof name, "pair%d", number);
    if (kind == 0) {
        one ^= BAM_FMREVERSE;
        two ^= BAM_FREVERSE;
    } else if (kind == 1 || kind > 17) {
        one |= BAM_FMUNMAP;
        two |= BAM_FUNMAP;
    }
    size_t first = to->n;
    snprintf(second, sizeof second, "%s%s", name, kind == 2 ? "/2" : "");
    strcat(name, kind == 2 ? "/1" : "");
    random_end(s, to, w, tid, pos, one | proper, name);
    int32_t other = kind == 3 ? 1 - tid : tid;
    bool is_unmapped = kind == 1 || kind > 17;
    random_end(s, to, w, other, is_unmapped ? pos : pos + rnd_below(s, 300), two | proper,
               second);
    bam1_t *a = to->v[first], *b = to->v[first + 1];
    if (kind == 1 || kind > 17) {
        fixture_parse(b, "unmapped 4 * 0 0 * * 0 0 ACGTNACGTA IIIIIIIIII");
        b->core.flag = two;
        b->core.tid = tid;
        b->core.pos = pos;
        ck_assert_int_ge(bam_set_qname(b, second), 0);
    }
    know_mate(s, a, b);
    know_mate(s, b, a);
    other_tags(s, a);
    other_tags(s, b);
}

static inline void random_single(uint64_t *s, struct record_array *to,
                                 const struct world *w, int number)
{
    static const char *const ODD[] = {
        "unplaced 4 * 0 0 * * 0 0 ACGTR IIIII", "no_bases 0 c1 500 9 5I * 0 0 ACGTA *",
        "no_seq 0 c1 500 9 5S5M1D3M * 0 0 * *", "lost 0 * 0 0 5M * 0 0 ACGTA *",
        "off 0 c2 1003 9 5M * 0 0 ACGTA *"};
    char name[32];
    uint32_t kind = rnd_below(s, 13);
    snprintf(name, sizeof name, "single%d", number);
    if (kind < 5) {
        bam1_t *b = record_array_add(to);
        fixture_parse(b, ODD[kind]);
        if (kind == 3) {
            b->core.flag = 0;
            b->core.tid = -1;
        }
        other_tags(s, b);
        return;
    }
    uint16_t flag = rnd_below(s, 2) ? BAM_FREVERSE : 0;
    if (kind < 8)
        flag |= kind == 5 ? BAM_FSECONDARY : BAM_FSUPPLEMENTARY;
    other_tags(s, random_end(s, to, w, (int32_t)rnd_below(s, 2), rnd_below(s, w->span),
                             flag, name));
}

static inline int compare_places(const void *x, const void *y)
{
    const bam1_t *a = *(bam1_t *const *)x, *b = *(bam1_t *const *)y;
    if (a->core.tid != b->core.tid)
        return (uint32_t)a->core.tid < (uint32_t)b->core.tid ? -1 : 1;
    if (a->core.pos != b->core.pos)
        return a->core.pos < b->core.pos ? -1 : 1;
    return strcmp(bam_get_qname(a), bam_get_qname(b));
}

/* Returns originals sorted by coordinate; those of one place are in the order of their
 * names. */
static inline struct record_array random_originals(uint64_t *s, const struct world *w,
                                                   int n)
{
    struct record_array originals = {0};
    for (int i = 0; i < n; i++)
        if (rnd_below(s, 6))
            random_pair(s, &originals, w, i);
        else
            random_single(s, &originals, w, i);
    if (originals.n > 1)
        qsort(originals.v, originals.n, sizeof *originals.v, compare_places);
    return originals;
}

/* ---- windows ---- */

/* A comparison for reorder_options.  It compares the masked forms. */
static inline int compare_masked_forms(void *arg, const struct placed *a,
                                       const struct placed *b)
{
    struct world *w = arg;
    mask_synth(w, &w->synth, a->b, &a->plan, NULL, w->compared[0]);
    mask_synth(w, &w->synth, b->b, &b->plan, NULL, w->compared[1]);
    return record_compare(w->compared[0], w->compared[1]);
}

static inline int put_token(void *arg, const bam1_t *b, char token[static TOKEN_BYTES])
{
    struct world *w = arg;
    return synth_token(&w->synth, b, token, NULL);
}

static inline struct reorder_options reorder_options_of(struct world *w)
{
    return (struct reorder_options){
        .contigs = &w->contigs,
        .is_vaulted = w->is_vaulted,
        .vault = &w->vault,
        .max_insert = 1000,
        .max_shift = 200,
        .token = w->context.names == SYNTH_NAMES_TOKEN ? put_token : NULL,
        .compare = compare_masked_forms,
        .arg = w};
}

static inline void take_placed(struct world *w, struct reorder *reorder,
                               struct window_records *window)
{
    struct placed *p;
    while ((p = reorder_peek(reorder))) {
        bam1_t *to;
        if (p->whole == WHOLE_NOT) {
            to = record_array_add(&window->shown);
            mask_synth(w, &w->synth, p->b, &p->plan, &window->sites,
                       record_array_add(&window->masked));
            vl_buf_add(&window->ordinal, &p->plan.ordinal, sizeof p->plan.ordinal);
            vl_buf_add_byte(&window->grade, VL_GRADE_FULL);
        } else {
            to = window_records_add_whole(window, (uint32_t)window->shown.n,
                                          p->plan.ordinal);
        }
        record_swap(to, p->b);
        reorder_pop(reorder);
    }
}

/* A reference_fn over a struct world. */
static inline const uint8_t *world_reference(void *arg, int32_t contig, int64_t pos0,
                                             int64_t n, int64_t *from, int64_t *len)
{
    const struct world *w = arg;
    const struct persona_contig *c = &w->personas[contig];
    bool known = pos0 >= 0 && pos0 < c->length;
    *from = pos0;
    *len = known && c->length - pos0 < n ? c->length - pos0 : n;
    return known ? c->seq : NULL;
}

static inline void find_all_gaps(struct world *w, struct window_records *window)
{
    struct window_reference r = {0};
    struct vl_buf needed = VL_BUF_INIT;
    for (size_t i = 0; i < window->masked.n; i++)
        window_gaps_note(window->masked.v[i], window->shown.v[i], &needed);
    for (size_t i = 0; i < window->whole.n; i++)
        window_gaps_note(NULL, window->whole.v[i], &needed);
    ck_assert_int_eq(window_reference_build(&r, &window->masked, &window->sites, NULL),
                     0);
    ck_assert_int_eq(window_gaps_find(&r, &needed, world_reference, w, &window->gaps), 0);
    window_reference_clear(&r);
    vl_buf_clear(&needed);
}

/* Makes the owner's window from originals in coordinate order; takes the originals
 * over. */
static inline struct window_records synth_window(struct world *w,
                                                 struct record_array *originals)
{
    struct window_records window = {.model = VL_MASK_SYNTH, .has_order = true};
    struct reorder_options options = reorder_options_of(w);
    struct reorder *reorder;
    ck_assert_int_eq(reorder_open(&reorder, &options, NULL), 0);
    for (size_t i = 0; i < originals->n; i++) {
        ck_assert_int_eq(reorder_advance(reorder, originals->v[i], NULL), 0);
        take_placed(w, reorder, &window);
        ck_assert_int_eq(
            reorder_push(reorder, &originals->v[i],
                         read_group_of(originals->v[i], w->context.policy.read_groups),
                         NULL),
            0);
    }
    ck_assert_int_eq(reorder_end(reorder, NULL), 0);
    take_placed(w, reorder, &window);
    reorder_free(reorder);
    record_array_clear(originals);
    site_list_sort(&window.sites);
    site_list_drop_repeated(&window.sites);
    find_all_gaps(w, &window);
    return window;
}

#endif
