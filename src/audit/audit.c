#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "alignment/alignment_input.h"
#include "audit_facts.h"
#include "candidates.h"
#include "comparison.h"
#include "coverage.h"
#include "findings.h"
#include "genotype_table.h"
#include "mask/vac_match.h"
#include "mates.h"
#include "original.h"
#include "panel.h"
#include "phase.h"
#include "projection/masked_tags.h"
#include "read_checks.h"
#include "reference_piece.h"
#include "run/job_queue.h"
#include "run/report.h"
#include "site_calls.h"
#include "site_counts.h"
#include "tag_lint.h"
#include "varlock/fail.h"

enum {
    PROGRESS_RECORDS = 16384,
    MAX_INSERT = 10000,
    MAX_BITS = 33,
    DRAWN_SITES = 300000
};

struct audit {
    const struct audit_options *options;
    htsThreadPool pool;
    struct alignment_input in;
    struct reference_piece reference; /* under the records */
    int32_t *vac_contig;
    struct site_calls *calls;
    struct tag_lint tags;
    struct read_checks reads;
    struct mates *mates;
    struct strangers strangers;
    struct phase phase;
    struct site_counts sites;
    struct original *original; /* NULL: it is not given */
    struct coverage coverage;  /* both only with it */
    struct comparison comparison;
    struct panel *panel;          /* NULL: none is given */
    struct candidates candidates; /* of the panel, or drawn; or nobody */
    uint64_t draw_step;           /* at every so many sites people are drawn */
    uint64_t n_sites;
    struct genotype_table *genotypes; /* NULL: not wanted */
};

/* Gives the pileup the next record of the masked file, and shows it to the checks that
 * look at single records.  A next_record_fn. */
static int next_masked(void *arg, bam1_t *b, struct vl_error *err)
{
    struct audit *a = arg;
    int rc = alignment_input_next(&a->in, b, err);
    if (rc <= 0)
        return rc;
    tag_lint_add(&a->tags, b);
    if (a->original)
        coverage_add(&a->coverage, true, b);
    rc = read_checks_add(&a->reads, b, err);
    if (rc == 0)
        rc = mates_add(a->mates, b, err);
    if (rc < 0)
        return rc;
    if (a->in.n_records % PROGRESS_RECORDS == 0 &&
        hooks_progress(&a->options->hooks, a->in.n_records, alignment_input_share(&a->in),
                       err) < 0)
        return VL_ERR_CANCELLED;
    return 1;
}

/* Finds the contigs of the masked file in the VAC. */
static int match_vac(struct audit *a, struct vl_error *err)
{
    const struct vl_encrypt_options names = {.input = a->options->masked,
                                             .vac = a->options->vac};
    struct vl_vac_reader *vac = NULL;
    int rc = vl_vac_open(&vac, names.vac, err);
    if (rc == 0)
        rc = vac_match(&names, true, &a->in.contigs, vac, &a->vac_contig, err);
    if (rc == 0)
        a->draw_step = vl_vac_meta(vac)->n_sites / DRAWN_SITES + 1;
    size_t n = 0;
    for (size_t i = 0; rc == 0 && i < a->in.contigs.n; i++)
        n += a->vac_contig[i] >= 0;
    vl_vac_free(vac);
    return rc < 0 || n > 0
               ? rc
               : vl_error_set(err, VL_ERR_DATA, "%s: has no site on any contig of %s",
                              names.vac, names.input);
}

static int open_original(struct audit *a, struct vl_error *err)
{
    if (!a->options->original && !a->options->bdiff)
        return 0;
    int rc = coverage_open(&a->coverage, &a->in.contigs, err);
    return rc < 0 ? rc
                  : original_open(&a->original, a->options, &a->in.contigs, a->vac_contig,
                                  &a->coverage, &a->pool, err);
}

static int open_candidates(struct audit *a, struct vl_error *err)
{
    const struct audit_options *o = a->options;
    int rc = o->panel ? panel_open(&a->panel, o->panel, &a->in.contigs, err) : 0;
    size_t n = a->panel ? panel_size(a->panel) : (size_t)o->n_simulated;
    return rc < 0 || n == 0 ? rc : candidates_open(&a->candidates, n, err);
}

/* Shows a site to the people whose genotypes are known.  `own`: what the original shows
 * there; NULL: not known. */
static int link_site(struct audit *a, const struct site_call *call,
                     const struct site_call *own, struct vl_error *err)
{
    const int8_t *alts = NULL;
    double p;
    bool is_drawn = a->panel || a->n_sites++ % a->draw_step == 0;
    if (!a->candidates.v || !call->is_sure || !is_drawn ||
        !comparison_takes(a->in.contigs.v[call->contig].name, &call->site, &p))
        return 0;
    int rc =
        a->panel ? panel_find(a->panel, call->contig, call->site.pos0, &alts, err) : 1;
    if (rc > 0)
        candidates_add(&a->candidates, p, comparison_alts(call),
                       own && own->is_sure ? comparison_alts(own) : -1, alts);
    return rc < 0 ? rc : 0;
}

/* Compares a site with the original's, and stores its genotype, if that is wanted. */
static int compare_site(struct audit *a, const struct site_call *call,
                        struct vl_error *err)
{
    const struct site_call *own;
    int rc = a->original ? original_find(a->original, call, &own, err) : 0;
    if (rc > 0)
        comparison_add(&a->comparison, a->in.contigs.v[call->contig].name, own, call);
    rc = rc < 0 ? rc : link_site(a, call, rc > 0 ? own : NULL, err);
    if (rc < 0 || !a->genotypes)
        return rc;
    return genotype_table_add(a->genotypes, call, err);
}

/* Coverage is what all masks keep. */
static int check_same_reads(const struct audit *a, struct vl_error *err)
{
    enum { BINS_MIN = 100 };
    static const double SAME_MIN = 0.3;
    uint64_t n;
    if (!a->original)
        return 0;
    double correlation = coverage_correlation(&a->coverage, &n);
    if (!(correlation < SAME_MIN) || n < BINS_MIN)
        return 0;
    return vl_error_set(
        err, VL_ERR_DATA, "%s: is not the original of %s: their coverage is not alike",
        a->options->bdiff ? a->options->bdiff : a->options->original, a->options->masked);
}

static int audit_open(struct audit *a, const struct audit_options *options,
                      struct vl_error *err)
{
    *a = (struct audit){.options = options};
    int rc = tag_policy_check_keep(options->keep_tags, err);
    if (rc == 0)
        rc = pool_start(&a->pool, options->n_threads, err);
    if (rc == 0)
        rc = alignment_input_open(&a->in, options->masked, options->reference, NULL,
                                  &a->pool, err);
    if (rc == 0)
        rc = reference_piece_open(&a->reference, options->reference, &a->in.contigs, err);
    if (rc == 0)
        rc = match_vac(a, err);
    if (rc == 0)
        rc = tag_lint_open(&a->tags, &a->in, options->keep_tags, err);
    a->reads = (struct read_checks){
        .reference = &a->reference,
        .quality = -1,
        .max_insert = options->max_insert ? options->max_insert : MAX_INSERT};
    if (rc == 0)
        rc = reference_piece_open(&a->strangers.reference, options->reference,
                                  &a->in.contigs, err);
    if (rc == 0)
        rc = mates_open(&a->mates, err);
    if (rc == 0)
        rc = site_calls_open(&a->calls, options->masked, &a->in.contigs, options->vac,
                             a->vac_contig, next_masked, a, &a->strangers, err);
    if (rc == 0)
        rc = open_original(a, err);
    if (rc == 0)
        rc = open_candidates(a, err);
    if (rc == 0 && options->genotypes)
        rc = genotype_table_open(&a->genotypes, options->genotypes, &a->in.contigs, err);
    return rc;
}

static int read_all(struct audit *a, struct vl_error *err)
{
    struct site_call call;
    int rc;
    while ((rc = site_calls_next(a->calls, &call, err)) > 0) {
        site_counts_add(&a->sites, &call);
        if (phase_add(&a->phase, &call) < 0)
            return vl_error_memory(err);
        if ((rc = compare_site(a, &call, err)) < 0)
            return rc;
    }
    if (rc == 0 && a->original)
        rc = original_finish(a->original, err);
    if (rc == 0 && a->panel)
        rc = panel_finish(a->panel, err);
    return rc < 0 ? rc : check_same_reads(a, err);
}

static int put_findings(struct audit *a, struct audit_report *report)
{
    double max_bits = a->options->max_bits ? a->options->max_bits : MAX_BITS;
    int rc = site_counts_report(&a->sites, report);
    if (rc == 0 && a->original)
        rc = comparison_report(&a->comparison, max_bits, report);
    if (rc == 0 && a->candidates.v)
        rc = candidates_report(&a->candidates, a->panel, report);
    if (rc == 0)
        rc = strangers_report_variants(&a->strangers, report);
    if (rc == 0)
        rc = read_checks_report_tags(&a->reads, report);
    if (rc == 0)
        rc = mates_report(a->mates, report);
    if (rc == 0)
        rc = strangers_report_mates(&a->strangers, report);
    if (rc == 0)
        rc = phase_report(&a->phase, report);
    if (rc == 0)
        rc = tag_lint_report(&a->tags, report);
    if (rc == 0)
        rc = read_checks_report_cues(&a->reads, report);
    return rc < 0 || !a->original ? rc : coverage_report(&a->coverage, report);
}

static int put_facts(const struct audit *a, struct audit_report *report,
                     struct vl_error *err)
{
    struct audit_facts *facts = &report->facts;
    facts->n_recipients = a->original ? original_recipients(a->original) : 0;
    facts->shows_quality = a->reads.shows_quality;
    facts->shows_mapq = a->reads.shows_mapq;
    facts->shows_names = a->tags.n_run_names > 0;
    return audit_facts_find(facts, a->options, &a->in, err);
}

static void audit_close(struct audit *a)
{
    genotype_table_free(a->genotypes);
    original_free(a->original);
    coverage_close(&a->coverage);
    candidates_close(&a->candidates);
    panel_free(a->panel);
    site_calls_free(a->calls);
    tag_lint_close(&a->tags);
    phase_clear(&a->phase);
    mates_free(a->mates);
    read_checks_clear(&a->reads);
    reference_piece_close(&a->strangers.reference);
    free(a->vac_contig);
    reference_piece_close(&a->reference);
    alignment_input_close(&a->in);
    pool_stop(&a->pool);
}

int audit_run(const struct audit_options *options, struct audit_report *report,
              struct vl_error *err)
{
    struct audit a;
    errno = 0;
    *report = (struct audit_report){.pictures.own_z = NAN};
    int rc = audit_open(&a, options, err);
    if (rc == 0)
        rc = read_all(&a, err);
    if (rc == 0 && put_findings(&a, report) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = put_facts(&a, report, err);
    if (rc == 0 && a.genotypes)
        rc = genotype_table_finish(a.genotypes, err);
    audit_close(&a);
    return rc;
}
