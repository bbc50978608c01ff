#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "container/vac_file.h"
#include "operation_options.h"
#include "run/report.h"
#include "varlock/outfile.h"
#include "varlock/output_paths.h"
#include "varlock/vac.h"
#include "varlock/varlock.h"
#include "vcf/vcf_contigs.h"
#include "vcf/vcf_counts.h"
#include "vcf/vcf_scan.h"
#include "vcf/vcf_source.h"
#include "vcf/vcf_variant.h"

enum { PROGRESS_LINES = 16384, OUTPUT_MODE = 0644 };

/* What the lines at one position have told so far. */
struct position {
    const char *contig; /* as the VCF calls it */
    int64_t pos0;
    int ref;              /* 0..3; -1 before the first SNV line */
    uint64_t n_lines;     /* SNV lines joined */
    int64_t an;           /* the largest of them */
    int64_t ac_sum;       /* over all ALTs of all of them */
    int64_t alt_count[4]; /* of A, C, G, T as ALT */
    unsigned alts;        /* bit b: base b was an ALT */
    uint64_t record;      /* number, from 1, of the last line joined */
};

struct conversion {
    const struct vl_vcf2vac_options *options;
    struct vl_vcf2vac_counts counts;
    struct vcf_source *source;
    bcf_hdr_t *header; /* the source's */
    struct vcf_scan scan;
    struct vcf_variant variant; /* the line */
    struct vcf_contigs contigs;
    struct vcf_counts alleles;
    int32_t rid;                    /* contig of the line before; -1: none */
    const struct vl_contig *contig; /* that contig */
    struct position position;
    struct vl_site sites[VL_VAC_BLOCK_SITES];
    size_t n_sites; /* in `sites` */
    struct vl_vac_meta meta;
    size_t blocks_cap;
    struct vl_buf bytes;
    struct vl_outfile *output;
};

/* VL_ERR_DATA with "<file>: record <n> (<contig>:<pos>): <why>". */
static int place_error(const struct conversion *c, uint64_t record, const char *contig,
                       int64_t pos0, const char *why, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA, "%s: record %" PRIu64 " (%s:%" PRId64 "): %s",
                        vcf_source_name(c->source), record, contig, pos0 + 1, why);
}

static int line_error(const struct conversion *c, const char *why, struct vl_error *err)
{
    return place_error(c, c->counts.n_lines, bcf_hdr_id2name(c->header, c->variant.rid),
                       c->variant.pos0, why, err);
}

/* ---- sites to blocks ---- */

static int write_block(struct conversion *c, struct vl_error *err)
{
    struct vl_vac_meta *meta = &c->meta;
    if (c->n_sites == 0)
        return 0;
    struct vl_vac_block *blocks =
        vl_array_grow(meta->blocks, meta->n_blocks, &c->blocks_cap, sizeof *blocks);
    if (!blocks)
        return vl_error_memory(err);
    meta->blocks = blocks;
    vl_buf_reset(&c->bytes);
    int rc = vl_vac_block_encode(c->sites, c->n_sites, &c->bytes, err);
    if (rc < 0)
        return rc;
    meta->blocks[meta->n_blocks++] = (struct vl_vac_block){
        .contig = (uint32_t)c->contigs.n_used - 1,
        .n_sites = (uint32_t)c->n_sites,
        .first_pos0 = c->sites[0].pos0,
        .last_pos0 = c->sites[c->n_sites - 1].pos0,
        .offset = vl_outfile_tell(c->output),
        .size_bytes = (uint32_t)c->bytes.len,
    };
    meta->n_sites += c->n_sites;
    c->n_sites = 0;
    return vl_outfile_write(c->output, c->bytes.data, c->bytes.len, err);
}

/* Turns the joined lines of the current position into a site. */
static int finish_position(struct conversion *c, struct vl_error *err)
{
    const struct position *p = &c->position;
    if (p->n_lines == 0)
        return 0;
    int64_t ref_count = p->an - p->ac_sum;
    int64_t highest = ref_count;
    for (int b = 0; b < 4; b++)
        highest = p->alt_count[b] > highest ? p->alt_count[b] : highest;
    if (ref_count < 0 || highest > UINT32_MAX)
        return place_error(c, p->record, p->contig, p->pos0,
                           ref_count < 0
                               ? "negative reference count: its ALT alleles count "
                                 "more than the total"
                               : "count over 32 bits",
                           err);
    if (c->n_sites == VL_VAC_BLOCK_SITES) {
        int rc = write_block(c, err);
        if (rc < 0)
            return rc;
    }
    struct vl_site *site = &c->sites[c->n_sites++];
    *site = (struct vl_site){.pos0 = p->pos0, .ref = (uint8_t)p->ref};
    for (int b = 0; b < 4; b++)
        site->count[b] = (uint32_t)(b == p->ref ? ref_count : p->alt_count[b]);
    c->counts.n_sites++;
    return 0;
}

/* ---- lines to positions ---- */

/* Steps to the line's position; lines must ascend within a contig, and a contig's lines
 * must stand together. */
static int enter_position(struct conversion *c, struct vl_error *err)
{
    const struct vcf_variant *v = &c->variant;
    bool other_contig = v->rid != c->rid;
    char why[96];
    if (!other_contig && v->pos0 == c->position.pos0)
        return 0;
    if (!other_contig && v->pos0 < c->position.pos0) {
        snprintf(why, sizeof why, "not sorted: it follows position %" PRId64,
                 c->position.pos0 + 1);
        return line_error(c, why, err);
    }
    const char *name = bcf_hdr_id2name(c->header, v->rid);
    int rc = finish_position(c, err);
    if (rc == 0 && other_contig) {
        struct vl_error inner = {0};
        rc = write_block(c, err);
        if (rc < 0)
            return rc;
        rc = vcf_contigs_enter(&c->contigs, name, &c->contig, &inner);
        if (rc < 0)
            return line_error(c, inner.message, err);
        c->rid = v->rid;
    }
    c->position = (struct position){.contig = name, .pos0 = v->pos0, .ref = -1};
    return rc;
}

static int check_snv(struct conversion *c, struct vl_error *err)
{
    const struct vcf_variant *v = &c->variant;
    char why[96];
    if (v->pos0 < 0)
        return line_error(c, "an SNV before the contig's first base", err);
    if (c->contig->length > 0 && v->pos0 >= c->contig->length) {
        snprintf(why, sizeof why,
                 "behind the contig's end at %" PRId64 "; other assembly?",
                 c->contig->length);
        return line_error(c, why, err);
    }
    if (c->position.ref >= 0 && c->position.ref != v->ref) {
        snprintf(why, sizeof why, "REF %c, but %c on a line before at this position",
                 "ACGT"[v->ref], "ACGT"[c->position.ref]);
        return line_error(c, why, err);
    }
    c->position.ref = v->ref;
    return 0;
}

static void join_line(struct conversion *c)
{
    struct position *p = &c->position;
    const struct vcf_variant *v = &c->variant;
    for (int b = 0; b < 4; b++)
        p->alt_count[b] += v->alt_count[b];
    p->alts |= v->alts;
    p->ac_sum += v->ac_sum;
    if (v->an > p->an)
        p->an = v->an;
    if (p->n_lines++ > 0)
        c->counts.n_joined++;
    p->record = c->counts.n_lines;
}

/* Of a line whose counts were not read with it; as vcf_counts_read(). */
static int read_counts(struct conversion *c, struct vl_error *err)
{
    struct vl_error inner = {0};
    int rc = vcf_counts_read(&c->alleles, c->header, &c->variant, &inner);
    if (rc >= 0)
        return rc;
    return rc == VL_ERR_DATA ? line_error(c, inner.message, err) : vl_error_memory(err);
}

static int take_line(struct conversion *c, struct vl_error *err)
{
    int rc = enter_position(c, err);
    if (rc < 0)
        return rc;
    if (!vcf_is_snv(&c->variant)) {
        c->counts.n_not_snv++;
        return 0;
    }
    rc = check_snv(c, err);
    if (rc < 0)
        return rc;
    rc = c->variant.record ? read_counts(c, err) : c->variant.an > 0;
    if (rc < 0)
        return rc;
    if (rc == 0)
        c->counts.n_no_counts++;
    else if (c->variant.repeats || c->variant.alts & c->position.alts)
        c->counts.n_duplicate++;
    else
        join_line(c);
    return 0;
}

/* ---- the operation ---- */

static int convert_lines(struct conversion *c, struct vl_error *err)
{
    struct vcf_scan *scan = c->alleles.ac_tag ? &c->scan : NULL;
    int rc;
    while ((rc = vcf_source_next(c->source, scan, &c->variant, err)) > 0) {
        c->counts.n_lines++;
        rc = take_line(c, err);
        if (rc == 0 && c->counts.n_lines % PROGRESS_LINES == 0)
            rc = hooks_progress(&c->options->hooks, c->counts.n_lines,
                                vcf_source_share(c->source), err);
        if (rc < 0)
            return rc;
    }
    if (rc == 0)
        rc = finish_position(c, err);
    return rc < 0 ? rc : write_block(c, err);
}

static int open_all(struct conversion *c, struct vl_error *err)
{
    const struct vl_vcf2vac_options *o = c->options;
    const char *inputs[] = {o->input, o->contigs, o->rename_contigs};
    int rc =
        vl_file_check_outputs(&o->output, 1, inputs, sizeof inputs / sizeof *inputs, err);
    if (rc == 0)
        rc = vl_outfile_check(o->output, VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = vcf_source_open(&c->source, o->input, o->n_threads, err);
    if (rc < 0)
        return rc;
    const char *name = vcf_source_name(c->source);
    c->header = vcf_source_header(c->source);
    rc = vcf_contigs_init(&c->contigs, c->header, name, o->contigs, o->rename_contigs,
                          err);
    if (rc == 0)
        rc = vcf_counts_init(&c->alleles, c->header, name, o->ac_tag, o->an_tag, err);
    if (rc == 0 && c->alleles.ac_tag)
        rc =
            vcf_scan_init(&c->scan, c->header, c->alleles.ac_tag, c->alleles.an_tag, err);
    return rc < 0 ? rc
                  : vl_outfile_open(&c->output, o->output, OUTPUT_MODE,
                                    VL_OUTFILE_REPLACES, err);
}

static int write_head(struct conversion *c, struct vl_error *err)
{
    vl_vac_head_encode(&c->bytes);
    return c->bytes.failed
               ? vl_error_memory(err)
               : vl_outfile_write(c->output, c->bytes.data, c->bytes.len, err);
}

static int write_meta(struct conversion *c, struct vl_error *err)
{
    int rc = vcf_contigs_export(&c->contigs, &c->meta.contigs, err);
    vl_buf_reset(&c->bytes);
    if (rc == 0)
        rc = vl_vac_meta_encode(&c->meta, vl_outfile_tell(c->output), &c->bytes, err);
    return rc < 0 ? rc : vl_outfile_write(c->output, c->bytes.data, c->bytes.len, err);
}

int vl_vcf2vac(const struct vl_vcf2vac_options *options, struct vl_vcf2vac_counts *counts,
               struct vl_error *err)
{
    struct vl_vcf2vac_options own;
    int rc = options_take(&vcf2vac_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct conversion *c = calloc(1, sizeof *c);
    if (!c)
        return vl_error_memory(err);
    c->options = &own;
    c->rid = -1;
    rc = open_all(c, err);
    if (rc == 0)
        rc = write_head(c, err);
    if (rc == 0)
        rc = convert_lines(c, err);
    if (rc == 0)
        rc = vcf_source_finish(c->source, c->meta.source_sha256, err);
    if (rc == 0)
        rc = write_meta(c, err);
    if (rc == 0)
        rc = vl_outfile_commit(c->output, err);
    if (rc == 0 && c->contigs.n_unlisted > 0)
        hooks_warn(
            &own.hooks,
            "%s: its header does not list %zu of the contigs it has records on (such as "
            "%s): without their lengths another assembly cannot be told; --contigs FILE "
            "gives them",
            own.input, c->contigs.n_unlisted,
            c->contigs.table.v[c->contigs.table.n - 1].name);
    if (rc == 0 && counts)
        *counts = c->counts;
    vl_outfile_free(c->output);
    vl_buf_clear(&c->bytes);
    vl_vac_meta_clear(&c->meta);
    vcf_counts_clear(&c->alleles);
    vcf_contigs_clear(&c->contigs);
    vcf_scan_clear(&c->scan);
    vcf_source_free(c->source);
    free(c);
    return rc;
}
