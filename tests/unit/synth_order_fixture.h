/* What the tests of synth_order.c share: a handle that is fed with SAM text, and one line
 * that says what the handle did with a record. */
#ifndef TESTS_REORDER_FIXTURE_H
#define TESTS_REORDER_FIXTURE_H

#include "mask/synth_order.h"
#include "projection/pseudonym.h"
#include "record_fixture.h"

/* Where a field is zero, the default of bench_open applies. */
struct limits {
    int64_t max_insert, max_shift;
    bool keep;
    int64_t vault[2];
};

struct bench {
    struct vl_contigs
        contigs; /* c0, c1, c2 as in fixture_header, and HLA, which is vaulted */
    struct vl_names read_groups; /* a and b */
    bool is_vaulted[4];
    struct vl_ranges vault;
    struct reorder_options options;
    struct reorder *reorder;
    sam_hdr_t *header;
};

/* Records equal in this too stay in the order of the input; tests must not depend on
 * it. */
static inline int compare_flags(void *arg, const struct placed *a, const struct placed *b)
{
    (void)arg;
    return a->b->core.flag - b->b->core.flag;
}

static inline void bench_open(struct bench *bench, const struct limits *limits)
{
    static const char TEXT[] = "@SQ\tSN:c0\tLN:5000000\n@SQ\tSN:c1\tLN:5000000\n"
                               "@SQ\tSN:c2\tLN:1000\n@SQ\tSN:HLA\tLN:5000\n";
    memset(bench, 0, sizeof *bench);
    hts_set_log_level(HTS_LOG_OFF);
    bench->header = sam_hdr_parse(sizeof TEXT - 1, TEXT);
    for (int i = 0; i < 4; i++)
        vl_contigs_add(&bench->contigs, sam_hdr_tid2name(bench->header, i),
                       sam_hdr_tid2len(bench->header, i), NULL);
    ck_assert_int_eq(vl_names_number(&bench->read_groups, "a"), 0);
    ck_assert_int_eq(vl_names_number(&bench->read_groups, "b"), 1);
    bench->is_vaulted[3] = true;
    if (limits->vault[1] > 0)
        ck_assert_int_eq(vl_ranges_add(&bench->vault, &bench->contigs, 0,
                                       limits->vault[0], limits->vault[1]),
                         0);
    vl_ranges_normalise(&bench->vault);
    bench->options = (struct reorder_options){
        .contigs = &bench->contigs,
        .is_vaulted = bench->is_vaulted,
        .vault = &bench->vault,
        .max_insert = limits->max_insert ? limits->max_insert : 1000,
        .max_shift = limits->max_shift ? limits->max_shift : 200,
        .keep_discordant = limits->keep,
        .compare = compare_flags};
    ck_assert_int_eq(reorder_open(&bench->reorder, &bench->options, NULL), 0);
}

static inline void bench_push(struct bench *bench, const char *sam)
{
    bam1_t *b = bam_init1();
    kstring_t line = {0, 0, NULL};
    kputs(sam, &line);
    for (size_t i = 0; i < line.l; i++)
        if (line.s[i] == ' ')
            line.s[i] = '\t';
    ck_assert_msg(sam_parse1(&line, bench->header, b) >= 0, "%s", sam);
    /* Changes the record in ways that htslib would not parse: lengths that disagree,
     * flags that contradict the place. */
    if (strncmp(sam, "short", 5) == 0)
        bam_get_cigar(b)[0] -= 1 << BAM_CIGAR_SHIFT;
    b->core.flag = (uint16_t)atoi(strchr(sam, ' ') + 1);
    free(line.s);
    ck_assert_int_eq(reorder_advance(bench->reorder, b, NULL), 0);
    ck_assert_int_eq(
        reorder_push(bench->reorder, &b, read_group_of(b, &bench->read_groups), NULL), 0);
    ck_assert_int_eq(b->l_data, 0);
    bam_destroy1(b);
}

static inline void put_mate(const struct bench *bench, const struct mask_plan *plan,
                            char *text)
{
    text += sprintf(text, " %s%s:%lld %lld", plan->is_proper ? "p " : "",
                    plan->mtid < 0 ? "*" : bench->contigs.v[plan->mtid].name,
                    (long long)plan->mpos + 1, (long long)plan->tlen);
    const uint32_t *ops = plan->mate.n > 1 ? plan->mate.ops : &plan->mate.one;
    for (uint32_t i = 0; i < plan->mate.n; i++)
        text += sprintf(text, "%s%u%c", i ? "" : " ", bam_cigar_oplen(ops[i]),
                        bam_cigar_opchr(ops[i]));
}

/* Describes the next record that may leave and removes it; false where there is none. */
static inline bool bench_next(struct bench *bench, char *text)
{
    static const char *const REASONS[WHOLE_REASONS] = {"", "second", "odd", "long",
                                                       "vaulted"};
    struct placed *p = reorder_peek(bench->reorder);
    if (!p)
        return false;
    text += sprintf(text, "%s/%u ", bam_get_qname(p->b), p->b->core.flag);
    if (p->whole != WHOLE_NOT) {
        strcpy(text, REASONS[p->whole]);
    } else {
        text += sprintf(text, "%lld", (long long)p->plan.pos0 + 1);
        put_mate(bench, &p->plan, text);
    }
    reorder_pop(bench->reorder);
    return true;
}

static inline void bench_close(struct bench *bench)
{
    reorder_free(bench->reorder);
    vl_ranges_clear(&bench->vault);
    vl_contigs_clear(&bench->contigs);
    vl_names_clear(&bench->read_groups);
    sam_hdr_destroy(bench->header);
}

#endif
