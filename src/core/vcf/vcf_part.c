#include "vcf/vcf_part.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcf/vcf_counts.h"
#include "vcf/vcf_scan.h"

enum { PULSE_LINES = 16384 };

/* The conversion of one VCF into a part. */
struct conversion {
    const struct vcf_part_options *options;
    struct vcf_part *part;
    struct vcf_source *source;
    bcf_hdr_t *header; /* owned by the source */
    struct vcf_scan scan;
    struct vcf_counts alleles;
    struct vcf_variant variant;     /* the current line */
    int32_t rid;                    /* contig of the line before; -1: none */
    const struct vl_contig *contig; /* that contig */
};

/* "<place> (<contig>:<pos>)" of the current line. */
static void put_place(const struct conversion *c, char out[VCF_WHY_BYTES])
{
    char place[VCF_PLACE_BYTES];
    vcf_source_place(c->source, place);
    snprintf(out, VCF_WHY_BYTES, "%s (%.64s:%" PRId64 ")", place,
             bcf_hdr_id2name(c->header, c->variant.rid), c->variant.pos0 + 1);
}

/* VL_ERR_DATA with "<file>: line <n>, record <n> (<contig>:<pos>): <why>". */
static int line_error(const struct conversion *c, const char *why, struct vl_error *err)
{
    char place[VCF_WHY_BYTES];
    put_place(c, place);
    return vl_error_set(err, VL_ERR_DATA, "%s: %s: %s", c->part->name, place, why);
}

/* Turns the joined lines of the current position into a site. */
static int finish_position(struct vcf_part *part, struct vl_error *err)
{
    if (part->position.n_lines == 0)
        return 0;
    struct vl_site site = vcf_position_site(&part->position);
    part->counts.n_over_total += vcf_position_is_over(&part->position);
    return site_blocks_add(&part->sites, &site, err);
}

/* ---- lines to positions ---- */

static int enter_contig(struct conversion *c, struct vl_error *err)
{
    struct vcf_part *part = c->part;
    struct vl_error inner = {0};
    int rc = vcf_contigs_enter(&part->contigs, bcf_hdr_id2name(c->header, c->variant.rid),
                               &inner);
    if (rc == VL_ERR_DATA)
        return line_error(c, inner.message, err);
    if (rc < 0)
        return vl_error_memory(err);
    size_t n = part->contigs.n_used - 1;
    c->contig = vcf_contigs_used(&part->contigs, n);
    c->rid = c->variant.rid;
    if (n == 0) {
        part->first_pos0 = c->variant.pos0;
        put_place(c, part->first_place);
    }
    return site_blocks_start_contig(&part->sites, (uint32_t)n, err);
}

/* Moves to the position of the current line.  Positions must ascend within a contig, and
 * the lines of a contig must be consecutive. */
static int enter_position(struct conversion *c, struct vl_error *err)
{
    const struct vcf_variant *v = &c->variant;
    struct vcf_part *part = c->part;
    bool other_contig = v->rid != c->rid;
    char why[96];
    if (!other_contig && v->pos0 == part->position.pos0)
        return 0;
    if (!other_contig && v->pos0 < part->position.pos0) {
        snprintf(why, sizeof why, "not sorted: it follows position %" PRId64,
                 part->position.pos0 + 1);
        return line_error(c, why, err);
    }
    int rc = finish_position(part, err);
    if (rc == 0 && other_contig)
        rc = enter_contig(c, err);
    part->position = vcf_position_at(v->pos0);
    return rc;
}

static int other_ref(const char *name, const char *place, const struct vcf_variant *v,
                     int ref, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA,
                        "%s: %s: REF %c, but %c on a line before at this position", name,
                        place, "ACGT"[v->ref], "ACGT"[ref]);
}

/* Keeps the lines of the first position.  They may have to be joined to the last position
 * of another VCF. */
static int keep_first(struct conversion *c, struct vl_error *err)
{
    struct vcf_part *part = c->part;
    if (part->sites.n_sites + part->sites.n_pending > 0)
        return 0;
    size_t n = part->n_first;
    struct vcf_first_line *first = realloc(part->first, (n + 1) * sizeof *first);
    if (!first)
        return vl_error_memory(err);
    part->first = first;
    first[n].variant = c->variant;
    first[n].variant.record = NULL;
    put_place(c, first[n].place);
    part->n_first++;
    part->first_contig = (uint32_t)part->contigs.n_used - 1;
    return 0;
}

static int join_line(struct conversion *c, struct vl_error *err)
{
    struct vcf_part *part = c->part;
    char place[VCF_WHY_BYTES];
    switch (vcf_position_join(&part->position, &c->variant)) {
    case VCF_OTHER_REF:
        put_place(c, place);
        return other_ref(part->name, place, &c->variant, part->position.ref, err);
    case VCF_DUPLICATE:
        part->counts.n_duplicate++;
        break;
    case VCF_JOINED:
        part->counts.n_joined++;
        break;
    case VCF_JOINED_FIRST:
        break;
    }
    return keep_first(c, err);
}

/* Reads the counts of a line that were not read together with the line.  Result as of
 * vcf_counts_read(). */
static int read_counts(struct conversion *c, struct vl_error *err)
{
    struct vcf_part *part = c->part;
    char place[VCF_WHY_BYTES];
    int rc = vcf_counts_read(&c->alleles, c->header, &c->variant, err);
    if (rc == VCF_COUNTS_MISFIT && part->counts.n_misfit++ == 0) {
        put_place(c, place);
        snprintf(part->misfit, sizeof part->misfit, "%.100s: %.80s", place,
                 c->alleles.misfit);
    }
    return rc;
}

static int take_snv(struct conversion *c, struct vl_error *err)
{
    const struct vcf_variant *v = &c->variant;
    char why[96];
    if (c->contig->length > 0 && v->pos0 >= c->contig->length) {
        snprintf(why, sizeof why,
                 "behind the contig's end at %" PRId64 "; is it another assembly?",
                 c->contig->length);
        return line_error(c, why, err);
    }
    int rc = v->record ? read_counts(c, err) : v->an > 0;
    if (rc == VCF_COUNTS_SET)
        return join_line(c, err);
    c->part->counts.n_no_counts += rc == VCF_COUNTS_NONE;
    return rc < 0 ? rc : 0;
}

static int take_line(struct conversion *c, struct vl_error *err)
{
    bool is_snv = vcf_is_snv(&c->variant);
    /* The position is a telomere or not a number.  No base is there. */
    if (c->variant.pos0 < 0 && is_snv) {
        vcf_source_skip(c->source, "an SNV whose position is not above 0");
        return 0;
    }
    int rc = c->variant.pos0 < 0 ? 0 : enter_position(c, err);
    if (rc < 0)
        return rc;
    if (is_snv)
        return take_snv(c, err);
    c->part->counts.n_not_snv++;
    return 0;
}

/* ---- a VCF ---- */

static int convert_lines(struct conversion *c, struct vl_error *err)
{
    const struct vcf_part_options *o = c->options;
    struct vcf_scan *scan = c->alleles.ac_tag ? &c->scan : NULL;
    uint64_t *n_lines = &c->part->counts.n_lines;
    int rc;
    while ((rc = vcf_source_next(c->source, scan, &c->variant, err)) > 0) {
        ++*n_lines;
        rc = take_line(c, err);
        if (rc < 0)
            return rc;
        if (*n_lines % PULSE_LINES == 0 &&
            !o->pulse(o->pulse_arg, PULSE_LINES, vcf_source_share(c->source)))
            return vl_error_set(err, VL_ERR_CANCELLED, "stopped");
    }
    /* Also of a short file, so that many of them can be cancelled between. */
    if (rc == 0 && !o->pulse(o->pulse_arg, *n_lines % PULSE_LINES, 1))
        rc = vl_error_set(err, VL_ERR_CANCELLED, "stopped");
    return rc;
}

static int open_source(struct conversion *c, struct vl_error *err)
{
    const struct vcf_part_options *o = c->options;
    int rc = vcf_source_open(&c->source, o->input, o->keys, o->n_threads, err);
    if (rc < 0)
        return rc;
    const char *name = c->part->name;
    c->header = vcf_source_header(c->source);
    rc = vcf_contigs_init(&c->part->contigs, o->lists, c->header, name, err);
    if (rc == 0)
        rc = vcf_counts_init(&c->alleles, c->header, name, o->ac_tag, o->an_tag, err);
    if (rc == 0 && c->alleles.ac_tag)
        rc =
            vcf_scan_init(&c->scan, c->header, c->alleles.ac_tag, c->alleles.an_tag, err);
    return rc;
}

static int finish_source(struct conversion *c, struct vl_error *err)
{
    struct vcf_part *part = c->part;
    int rc = vcf_source_finish(c->source, part->sha256, err);
    if (rc < 0)
        return rc;
    part->is_open = vcf_source_is_open(c->source);
    part->skipped = *vcf_source_skipped(c->source);
    part->counts.n_lines = vcf_source_n_records(c->source);
    part->counts.n_malformed = part->skipped.n_malformed;
    part->counts.n_blank = part->skipped.n_blank;
    return 0;
}

int vcf_part_convert(struct vcf_part **part, const struct vcf_part_options *options,
                     struct vl_error *err)
{
    struct conversion c = {
        .options = options, .part = calloc(1, sizeof *c.part), .rid = -1};
    *part = NULL;
    if (!c.part)
        return vl_error_memory(err);
    c.part->name = strcmp(options->input, "-") == 0 ? "standard input" : options->input;
    c.part->sites.output = options->output;
    c.part->position = vcf_position_at(-1);
    int rc = open_source(&c, err);
    if (rc == 0)
        rc = convert_lines(&c, err);
    if (rc == 0)
        rc = finish_source(&c, err);
    vcf_counts_clear(&c.alleles);
    vcf_scan_clear(&c.scan);
    vcf_source_free(c.source);
    if (rc < 0)
        vcf_part_free(c.part);
    else
        *part = c.part;
    return rc;
}

/* ---- consecutive parts ---- */

static void add_counts(struct vl_vcf2vac_counts *to, const struct vl_vcf2vac_counts *from)
{
    to->n_lines += from->n_lines;
    to->n_joined += from->n_joined;
    to->n_not_snv += from->n_not_snv;
    to->n_no_counts += from->n_no_counts;
    to->n_duplicate += from->n_duplicate;
    to->n_misfit += from->n_misfit;
    to->n_malformed += from->n_malformed;
    to->n_blank += from->n_blank;
    to->n_over_total += from->n_over_total;
}

static void count_joined(struct vl_vcf2vac_counts *counts, enum vcf_joined how, int step)
{
    counts->n_joined += (uint64_t)(how == VCF_JOINED ? step : 0);
    counts->n_duplicate += (uint64_t)(how == VCF_DUPLICATE ? step : 0);
}

/* Joins the lines of the first position of `from` to the last position of `to`, and
 * corrects the line counts accordingly.  `is_counted`: `from` has made a site of these
 * lines. */
static int join_first(struct vcf_part *to, const struct vcf_part *from, bool is_counted,
                      struct vl_error *err)
{
    struct vcf_position alone = vcf_position_at(to->position.pos0);
    for (size_t i = 0; i < from->n_first; i++) {
        const struct vcf_variant *v = &from->first[i].variant;
        enum vcf_joined how = vcf_position_join(&to->position, v);
        if (how == VCF_OTHER_REF)
            return other_ref(from->name, from->first[i].place, v, to->position.ref, err);
        count_joined(&to->counts, how, 1);
        count_joined(&to->counts, vcf_position_join(&alone, v), -1);
    }
    if (is_counted && vcf_position_is_over(&alone))
        to->counts.n_over_total--;
    return 0;
}

/* Adds the sites that `from` has on the current contig of `to`. */
static int continue_contig(struct vcf_part *to, const struct vcf_part *from,
                           struct vl_error *err)
{
    int64_t last = to->position.pos0;
    if (from->first_pos0 < last)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: %s: not sorted: it follows position %" PRId64
                            " of a VCF given before; the two overlap, or are given in "
                            "the wrong order",
                            from->name, from->first_place, last + 1);
    bool is_shared = from->n_first > 0 && from->first_contig == 0 &&
                     from->first[0].variant.pos0 == last;
    bool is_site = from->sites.n_sites + from->sites.n_pending > 0;
    int rc = is_shared ? join_first(to, from, is_site, err) : 0;
    if (rc < 0 || (is_shared && !is_site)) /* `from` has no other position */
        return rc;
    rc = finish_position(to, err);
    if (rc == 0)
        rc = site_blocks_add_first_contig(&to->sites, &from->sites, is_shared && is_site,
                                          err);
    to->position = from->position;
    return rc;
}

int vcf_part_append(struct vcf_part *to, struct vcf_part *from, struct vl_error *err)
{
    size_t n_before = to->contigs.n_used, n = from->contigs.n_used;
    int rc = vcf_contigs_merge(&to->contigs, &from->contigs, err);
    add_counts(&to->counts, &from->counts);
    if (rc < 0)
        return vl_error_prefix(err, rc, from->name);
    if (n == 0)
        return 0;
    bool goes_on =
        n_before > 0 && strcmp(vcf_contigs_used(&to->contigs, n_before - 1)->name,
                               vcf_contigs_used(&from->contigs, 0)->name) == 0;
    rc = goes_on ? continue_contig(to, from, err) : finish_position(to, err);
    for (size_t i = goes_on; i < n && rc == 0; i++) {
        rc = vcf_contigs_enter_other(&to->contigs, &from->contigs, i, err);
        if (rc < 0)
            return vl_error_prefix(err, rc, from->name);
    }
    if (rc < 0 || (goes_on && n == 1))
        return rc;
    rc = site_blocks_flush(&to->sites, err);
    if (rc == 0)
        rc = site_blocks_append(&to->sites, &from->sites, goes_on,
                                (uint32_t)(n_before - goes_on), err);
    to->position = from->position;
    return rc;
}

int vcf_part_finish(struct vcf_part *part, struct vl_error *err)
{
    int rc = finish_position(part, err);
    if (rc == 0)
        rc = site_blocks_flush(&part->sites, err);
    for (size_t i = 0; i < part->sites.n_blocks && rc == 0; i++) {
        const struct vl_vac_block *block = &part->sites.blocks[i];
        const struct vl_contig *c = vcf_contigs_used(&part->contigs, block->contig);
        if (c->length > 0 && block->last_pos0 >= c->length)
            rc = vl_error_set(err, VL_ERR_DATA,
                              "contig %s: position %" PRId64
                              " lies behind its end at %" PRId64
                              "; is it another assembly?",
                              c->name, block->last_pos0 + 1, c->length);
    }
    part->counts.n_sites = part->sites.n_sites;
    return rc;
}

void vcf_part_free(struct vcf_part *part)
{
    if (!part)
        return;
    vcf_contigs_clear(&part->contigs);
    site_blocks_clear(&part->sites);
    free(part->first);
    free(part);
}
