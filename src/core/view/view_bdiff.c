#include "view/view_bdiff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "container/bdiff_file.h"
#include "run/bdiff_keys.h"
#include "run/report.h"
#include "run/request.h"
#include "varlock/seal.h"
#include "view/view_window.h"
#include "window/extent.h"
#include "window/masked_digest.h"

static const char *const STREAM_NAMES[VL_STREAM_FIXED_END] = {
    [VL_STREAM_SHAPE] = "shape",
    [VL_STREAM_RUN] = "run",
    [VL_STREAM_SITE_CONTIG] = "site_contig",
    [VL_STREAM_SITE_POS] = "site_pos",
    [VL_STREAM_SITE_CHANGE] = "site_change",
    [VL_STREAM_VARIANT_CONTIG] = "variant_contig",
    [VL_STREAM_VARIANT_POS] = "variant_pos",
    [VL_STREAM_VARIANT_BASE] = "variant_base",
    [VL_STREAM_VARIANT_FLAG] = "variant_flag",
    [VL_STREAM_CIGAR] = "cigar",
    [VL_STREAM_HIDDEN_COUNT] = "hidden_count",
    [VL_STREAM_HIDDEN] = "hidden",
    [VL_STREAM_PATCH_COUNT] = "patch_count",
    [VL_STREAM_PATCH_RANK] = "patch_rank",
    [VL_STREAM_PATCH_BASE] = "patch_base",
    [VL_STREAM_TEMPLATES] = "templates",
    [VL_STREAM_TEMPLATE] = "template",
    [VL_STREAM_TAGS_RAW] = "tags_raw",
    [VL_STREAM_WHOLE_PLACE] = "whole_place",
    [VL_STREAM_WHOLE_CONTIG] = "whole_contig",
    [VL_STREAM_WHOLE_POS] = "whole_pos",
    [VL_STREAM_WHOLE_FLAG] = "whole_flag",
    [VL_STREAM_WHOLE_LENGTH] = "whole_length",
    [VL_STREAM_POS] = "pos",
    [VL_STREAM_MAPQ] = "mapq",
    [VL_STREAM_MATE_CONTIG] = "mate_contig",
    [VL_STREAM_MATE_POS] = "mate_pos",
    [VL_STREAM_MATE_TLEN] = "mate_tlen",
    [VL_STREAM_NAME] = "name",
    [VL_STREAM_QUAL] = "qual",
    [VL_STREAM_ORDER_STEP] = "order_step",
    [VL_STREAM_ORDER] = "order",
    [VL_STREAM_PACKED] = "packed",
    [VL_STREAM_SHAPES] = "shapes",
    [VL_STREAM_N_QUALITY] = "n_quality",
    [VL_STREAM_FLAG] = "flag",
    [VL_STREAM_LOOSE] = "loose",
    [VL_STREAM_GAP_CONTIG] = "gap_contig",
    [VL_STREAM_GAP_POS] = "gap_pos",
    [VL_STREAM_GAP_LENGTH] = "gap_length",
    [VL_STREAM_GAP_BASES] = "gap_bases",
    [VL_STREAM_QUAL_PLACE] = "qual_place",
    [VL_STREAM_QUAL_TAIL] = "qual_tail",
    [VL_STREAM_PLACE_RANK] = "place_rank",
    [VL_STREAM_MATE_NEAR] = "mate_near",
    [VL_STREAM_MATE_LOW] = "mate_low",
    [VL_STREAM_HAS_MATE] = "has_mate",
};

static void put_hex(struct view_text *text, const char *key, const uint8_t *bytes,
                    size_t n)
{
    ksprintf(&text->line, "%s\t", key);
    for (size_t i = 0; i < n; i++)
        ksprintf(&text->line, "%02x", bytes[i]);
    view_text_end_line(text);
}

/* ---- records ---- */

static int print_windows(struct view *v, struct vl_error *err)
{
    const struct vl_request *request = &v->options->request;
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(v->bdiff);
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(v->bdiff);
    struct vl_ranges ranges = VL_RANGES_INIT;
    bool all = request_is_empty(request);
    uint64_t n_records = 0;
    int rc = request_resolve(request, header, v->options->input, &ranges, err);
    for (size_t i = 0; rc == 0 && i < index->n; i++)
        if (all || entry_overlaps(&index->v[i], &ranges, header->contigs.n)) {
            rc = view_window(v, i, err);
            n_records += index->v[i].n_records;
            if (rc == 0)
                rc = hooks_progress(&v->options->hooks, n_records,
                                    (double)(i + 1) / (double)index->n, err);
            if (v->text->failure)
                break;
        }
    vl_ranges_clear(&ranges);
    return rc;
}

/* ---- header ---- */

struct stream_size {
    uint32_t id;
    uint64_t sealed; /* bytes of its frames */
    uint64_t plain;
};

/* Adds the sizes of a window to the sums of the windows before it.  Both lists ascend by
 * id. */
static bool add_sizes(struct vl_buf *sums, const struct vl_buf *more,
                      struct vl_buf *joined)
{
    const struct stream_size *a = (const void *)sums->data, *b = (const void *)more->data;
    size_t n_a = sums->len / sizeof *a, n_b = more->len / sizeof *b;
    vl_buf_reset(joined);
    for (size_t i = 0, k = 0; i < n_a || k < n_b;) {
        bool from_a = k == n_b || (i < n_a && a[i].id <= b[k].id);
        bool from_b = i == n_a || (k < n_b && b[k].id <= a[i].id);
        struct stream_size s = from_a ? a[i] : b[k];
        if (from_a && from_b) {
            s.sealed += b[k].sealed;
            s.plain += b[k].plain;
        }
        vl_buf_add(joined, &s, sizeof s);
        i += from_a;
        k += from_b;
    }
    struct vl_buf t = *sums;
    *sums = *joined;
    *joined = t;
    return !sums->failed;
}

/* Reads the stream sizes of one window from its table (bdiff.md §5.1). */
static int read_window_sizes(struct view *v, size_t i, struct vl_buf *sizes,
                             struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT;
    int rc = vl_bdiff_reader_window(v->bdiff, i, &plain, err);
    vl_buf_reset(sizes);
    if (rc == 0) {
        rc = vl_bdiff_window_open(&v->window, plain.data, plain.len, err);
        if (rc < 0)
            vl_bdiff_reader_blame_window(v->bdiff, i, rc, err);
    }
    for (size_t k = 0; rc == 0 && k < v->window.n_streams; k++) {
        const struct vl_stream *s = &v->window.streams[k];
        struct stream_size size = {s->id, s->frame_bytes, s->content_bytes};
        vl_buf_add(sizes, &size, sizeof size);
    }
    vl_bdiff_window_clear(&v->window);
    vl_buf_wipe(&plain);
    return rc;
}

static int sum_streams(struct view *v, struct vl_buf *sums, struct vl_error *err)
{
    struct vl_buf sizes = VL_BUF_INIT, joined = VL_BUF_INIT;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < vl_bdiff_reader_index(v->bdiff)->n; i++) {
        rc = read_window_sizes(v, i, &sizes, err);
        if (rc == 0 && (sizes.failed || !add_sizes(sums, &sizes, &joined)))
            rc = vl_error_memory(err);
    }
    vl_buf_clear(&sizes);
    vl_buf_clear(&joined);
    return rc;
}

static void print_streams(struct view *v, const struct vl_buf *sums)
{
    const struct stream_size *s = (const void *)sums->data;
    for (size_t i = 0; i < sums->len / sizeof *s; i++) {
        kputs("stream\t", &v->text->line);
        if (s[i].id < VL_STREAM_FIXED_END && STREAM_NAMES[s[i].id]) {
            kputs(STREAM_NAMES[s[i].id], &v->text->line);
        } else {
            const char tag[4] = {(char)(s[i].id >> 16 & 0x7f),
                                 (char)(s[i].id >> 8 & 0x7f), ':',
                                 (char)(s[i].id & 0x7f)};
            view_put_clean(&v->text->line, tag, sizeof tag, true);
        }
        ksprintf(&v->text->line, "\t%" PRIu64 "\t%" PRIu64, s[i].sealed, s[i].plain);
        view_text_end_line(v->text);
    }
}

static void print_original_header(struct view *v, const struct vl_buf *text)
{
    const char *at = (const char *)text->data, *end = at ? at + text->len : at;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline ? newline : end) - at);
        kputs("original_header\t", &v->text->line);
        view_put_clean(&v->text->line, at, n, false);
        view_text_end_line(v->text);
        at += n + 1;
    }
}

static int print_granted(struct view *v, const struct vl_bdiff_header *header,
                         struct vl_error *err)
{
    struct vl_buf granted = VL_BUF_INIT;
    if (header->grants_all)
        vl_buf_addf(&granted, "all");
    else
        vl_ranges_format(&header->granted, &header->contigs, 0, &granted);
    int rc = granted.failed ? vl_error_memory(err) : 0;
    if (rc == 0) {
        kputs("granted\t", &v->text->line);
        view_put_clean(&v->text->line, (const char *)granted.data, granted.len, true);
        view_text_end_line(v->text);
    }
    vl_buf_clear(&granted);
    return rc;
}

static void print_geometry(struct view *v, const struct vl_bdiff_geometry *g)
{
    static const char *const QUAL[] = {"keep", "shuffle", "oq", "bin4", "flat"};
    const struct vl_bdiff_library *library = (const void *)g->libraries.data;
    size_t n = g->libraries.len / sizeof *library;
    kstring_t *line = &v->text->line;
    ksprintf(line, "qual\t%s\nblur\t%" PRIu32 "\ninserts\t%s", QUAL[g->quality],
             g->blur_sd, g->draws_inserts ? "draw" : "keep");
    view_text_end_line(v->text);
    for (size_t i = 0; g->draws_inserts && i < n; i++) {
        if (i + 1 < n)
            ksprintf(line, "inserts_of\trg%zu", i + 1);
        else
            kputs("inserts_of\t*", line);
        ksprintf(line, "\t%" PRIu32 "\t%" PRIu32, library[i].median, library[i].sd);
        view_text_end_line(v->text);
    }
}

/* Prints what the sealed header says.  `sums` are the stream sizes of all windows. */
static int print_sealed_header(struct view *v, uint64_t file_bytes,
                               const struct vl_buf *sums, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(v->bdiff);
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(v->bdiff);
    kstring_t *line = &v->text->line;
    ksprintf(line, "format\tBDIFF %d", VL_BDIFF_VERSION);
    view_text_end_line(v->text);
    put_hex(v->text, "file_id", vl_bdiff_reader_id(v->bdiff), VL_BDIFF_ID_BYTES);
    put_hex(v->text, "root_id", header->root_id, VL_BDIFF_ID_BYTES);
    ksprintf(line, "masking\t%s\nsigned\t%s\nrecipients\t%zu",
             v->is_synth ? "synth" : "permute",
             vl_bdiff_reader_is_signed(v->bdiff) ? "yes" : "no",
             vl_bdiff_reader_n_recipients(v->bdiff));
    view_text_end_line(v->text);
    int rc = print_granted(v, header, err);
    if (rc < 0)
        return rc;
    ksprintf(line,
             "contigs\t%zu\nmasked_records\t%" PRIu64 "\nwhole_records\t%" PRIu64 "\n",
             header->contigs.n, index->n_masked, index->n_whole);
    ksprintf(line, "%s\t%" PRIu64 "\nwindows\t%zu\nfile_bytes\t%" PRIu64,
             v->is_synth ? "sites" : "permutations", index->n_sites, index->n,
             file_bytes);
    view_text_end_line(v->text);
    print_streams(v, sums);
    put_hex(v->text, "masked_sha256", index->masked_sha256, sizeof index->masked_sha256);
    if (index->is_root)
        put_hex(v->text, "original_checksum", index->original_sha256,
                sizeof index->original_sha256);
    if (vl_bdiff_header_has_geometry(header))
        print_geometry(v, &header->geometry);
    if (header->is_root) {
        put_hex(v->text, "vac_sha256", header->vac_sha256, sizeof header->vac_sha256);
        if (!header->grants_all)
            put_hex(v->text, "run_sha256", header->run_sha256, sizeof header->run_sha256);
        if (header->dropped_tags.len > 0) {
            kputs("dropped_tags\t", &v->text->line);
            view_put_clean(&v->text->line, (const char *)header->dropped_tags.data,
                           header->dropped_tags.len, true);
            view_text_end_line(v->text);
        }
        print_original_header(v, &header->original_text);
    }
    return 0;
}

/* Prints the envelope, which anyone can read. */
static int print_envelope(const struct vl_infile *file, struct view_text *text,
                          struct vl_error *err)
{
    struct vl_bdiff_envelope envelope = {0};
    uint8_t fixed[VL_BDIFF_FIXED_BYTES];
    struct vl_buf bytes = VL_BUF_INIT;
    size_t size = 0;
    int rc = vl_infile_size(file) < sizeof fixed
                 ? vl_error_set(err, VL_ERR_SEAL, "truncated inside the envelope")
                 : vl_infile_read(file, 0, fixed, sizeof fixed, err);
    if (rc == 0)
        rc = vl_bdiff_envelope_size(fixed, &size, err);
    if (rc == 0 && size > vl_infile_size(file))
        rc = vl_error_set(err, VL_ERR_SEAL, "truncated inside the envelope");
    uint8_t *at = rc == 0 ? vl_buf_reserve(&bytes, size) : NULL;
    if (rc == 0)
        rc = at ? vl_infile_read(file, 0, at, size, err) : vl_error_memory(err);
    if (rc == 0)
        rc = vl_bdiff_envelope_decode(&envelope, at, size, err);
    if (rc == 0) {
        ksprintf(&text->line, "format\tBDIFF %d", VL_BDIFF_VERSION);
        view_text_end_line(text);
        put_hex(text, "file_id", envelope.file_id, sizeof envelope.file_id);
        ksprintf(&text->line, "recipients\t%zu", envelope.n_recipients);
        view_text_end_line(text);
        for (size_t i = 0; i < envelope.n_recipients; i++)
            put_hex(text, "recipient_hint", envelope.recipients[i].hint,
                    sizeof envelope.recipients[i].hint);
        ksprintf(&text->line, "file_bytes\t%" PRIu64, vl_infile_size(file));
        view_text_end_line(text);
    }
    vl_bdiff_envelope_clear(&envelope);
    vl_buf_clear(&bytes);
    return rc < 0 ? vl_error_prefix(err, rc, vl_infile_path(file)) : 0;
}

int bdiff_print(const struct vl_view_options *options, const struct vl_infile *file,
                struct view_text *text, struct vl_error *err)
{
    if (options->keys.n == 0)
        return options->header_only
                   ? print_envelope(file, text, err)
                   : vl_error_set(
                         err, VL_ERR_USAGE,
                         "%s: the records of a BDIFF are sealed; give a private key "
                         "with -k, or --header for the envelope",
                         options->input);
    struct view v = {.options = options, .text = text};
    struct vl_buf sums = VL_BUF_INIT;
    int rc = bdiff_open_with_keys(&v.bdiff, options->input, &options->keys,
                                  &options->hooks, NULL, NULL, err);
    if (rc == 0) {
        v.contigs = &vl_bdiff_reader_header(v.bdiff)->contigs;
        v.is_synth = vl_bdiff_reader_header(v.bdiff)->mask_model == VL_MASK_SYNTH;
        rc = options->header_only ? sum_streams(&v, &sums, err) : print_windows(&v, err);
    }
    if (rc == 0 && options->header_only)
        rc = print_sealed_header(&v, vl_infile_size(file), &sums, err);
    vl_buf_clear(&sums);
    vl_bdiff_reader_free(v.bdiff);
    return rc;
}
