#include "strangers.h"

#include <htslib/kfunc.h>
#include <math.h>
#include <stdio.h>

#include "findings.h"
#include "record/nibbles.h"
#include "site_calls.h"
#include "varlock/fail.h"

enum {
    MATE_QUALITY_MIN = 20,
    ELSEWHERE_STEP = 64,    /* every so many places off the sites, mates are compared */
    INDEL_READS_MIN = 3,    /* so many reads, and */
    INDEL_SHARE_INVERSE = 5 /* one in so many, show an indel that counts */
};

static void note_place(const struct strangers *s, char out[static 80], int32_t contig,
                       int64_t pos)
{
    if (!out[0])
        snprintf(out, 80, ", first at %.40s:%lld", s->reference.contigs->v[contig].name,
                 (long long)pos + 1);
}

/* Indels stand before the base that htslib reports them at. */
static void look_for_indel(struct strangers *s, int32_t contig, int64_t pos,
                           const bam_pileup1_t *reads, int n_reads)
{
    int n[2] = {0};
    for (int i = 0; i < n_reads; i++)
        if (reads[i].indel != 0)
            n[reads[i].indel > 0]++;
    int most = n[0] > n[1] ? n[0] : n[1];
    if (n_reads < SITE_DEPTH_MIN || most < INDEL_READS_MIN ||
        most * INDEL_SHARE_INVERSE < n_reads)
        return;
    s->n_indels++;
    note_place(s, s->first_indel, contig, pos);
}

static void compare_mates(struct mate_pairs *pairs, const struct fragments *fragments)
{
    for (size_t i = 0; i < fragments->n; i++) {
        if (fragments->v[i].lower < MATE_QUALITY_MIN)
            continue;
        pairs->n++;
        pairs->n_disagree += fragments->v[i].base < 0;
    }
}

void strangers_add_site(struct strangers *s, int32_t contig, const struct vl_site *site,
                        const bam_pileup1_t *reads, int n_reads,
                        const struct fragments *fragments,
                        const struct genotype *genotype, bool is_sure)
{
    const uint8_t alleles[2] = {genotype->a, genotype->b};
    bool is_strange = false;
    look_for_indel(s, contig, site->pos0, reads, n_reads);
    compare_mates(&s->at_sites, fragments);
    s->n_places += is_sure;
    for (int i = 0; i < 2 && is_sure; i++)
        is_strange |= alleles[i] != site->ref && site->count[alleles[i]] == 0;
    if (is_strange) {
        s->n_variants++;
        note_place(s, s->first_variant, contig, site->pos0);
    }
}

/* How many reads show a base that is not `ref`, a nibble. */
static int count_others(const bam_pileup1_t *reads, int n_reads, int ref)
{
    int n = 0;
    for (int i = 0; i < n_reads; i++) {
        const bam_pileup1_t *p = &reads[i];
        int nibble = bam_seqi(bam_get_seq(p->b), p->qpos);
        n += nibble != ref && nibble != NIBBLE_N && !p->is_del && !p->is_refskip;
    }
    return n;
}

int strangers_add_place(struct strangers *s, int32_t contig, int64_t pos,
                        const bam_pileup1_t *reads, int n_reads,
                        struct fragments *fragments, struct vl_error *err)
{
    bool expected[4] = {false};
    const char *letter;
    struct pile pile;
    if (pos >= s->reference.contigs->v[contig].length)
        return 0;
    int rc = reference_piece_get(&s->reference, contig, pos, pos + 1, &letter, err);
    if (rc < 0)
        return rc;
    int ref = seq_nt16_table[(uint8_t)*letter], base = base_of_nibble[ref];
    look_for_indel(s, contig, pos, reads, n_reads);
    s->n_places += n_reads >= SITE_DEPTH_MIN;
    bool is_suspect =
        base >= 0 && n_reads >= SITE_DEPTH_MIN && count_others(reads, n_reads, ref) > 1;
    bool is_sample = pos % ELSEWHERE_STEP == 0;
    if (!is_suspect && !is_sample)
        return 0;
    if (fragments_take(fragments, reads, n_reads) < 0)
        return vl_error_memory(err);
    if (is_sample)
        compare_mates(&s->elsewhere, fragments);
    if (!is_suspect)
        return 0;
    expected[base] = true;
    fragments_pile(fragments, &pile);
    struct genotype g = genotype_call(&pile, expected);
    if (pile.depth >= SITE_DEPTH_MIN && g.gq >= SITE_GQ_MIN &&
        (g.a != base || g.b != base)) {
        s->n_variants++;
        note_place(s, s->first_variant, contig, pos);
    }
    return 0;
}

int strangers_report_variants(const struct strangers *strangers,
                              struct audit_report *report)
{
    const struct strangers *s = strangers;
    enum audit_verdict if_none = s->n_places ? AUDIT_PASS : AUDIT_FEW;
    int rc = findings_put(report, "A7", (double)s->n_variants, 0,
                          s->n_variants ? AUDIT_FAIL : if_none,
                          "variants that the VAC lacks are called at %llu places%s",
                          (unsigned long long)s->n_places, s->first_variant);
    return rc < 0 ? rc
                  : findings_put(report, "A8", (double)s->n_indels, 0,
                                 s->n_indels ? AUDIT_FAIL : if_none,
                                 "indels show at these places%s", s->first_indel);
}

int strangers_report_mates(const struct strangers *strangers, struct audit_report *report)
{
    const struct mate_pairs *at = &strangers->at_sites, *off = &strangers->elsewhere;
    double left, more = 1, two;
    if (at->n && off->n)
        kt_fisher_exact((int)at->n_disagree, (int)(at->n - at->n_disagree),
                        (int)off->n_disagree, (int)(off->n - off->n_disagree), &left,
                        &more, &two);
    enum audit_verdict verdict = at->n == 0              ? AUDIT_DECLARED
                                 : off->n == 0           ? AUDIT_FEW
                                 : more < FINDINGS_ALPHA ? AUDIT_FAIL
                                                         : AUDIT_PASS;
    return findings_put(
        report, "A11", at->n ? (double)at->n_disagree / (double)at->n : NAN,
        off->n ? (double)off->n_disagree / (double)off->n : NAN, verdict,
        "of %llu overlapping mates disagree at sites; by chance, as at %llu "
        "elsewhere (p %.2g)",
        (unsigned long long)at->n, (unsigned long long)off->n, more);
}
