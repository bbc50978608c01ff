#include "view_window.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "residual.h"
#include "sites.h"
#include "tags.h"
#include "varlock/seal.h"

static const char BASES[] = "=ACMGRSVTWYHKDBN";
static const char *const GRADES[] = {"none", "edge", "inside", "full"};

void view_put_clean(kstring_t *line, const char *text, size_t n, bool tabs_too)
{
    for (size_t i = 0; i < n; i++)
        kputc(iscntrl((unsigned char)text[i]) && (tabs_too || text[i] != '\t') ? '?'
                                                                               : text[i],
              line);
}

void view_put_line(struct view *v)
{
    kputc('\n', &v->line);
    fwrite(v->line.s, 1, v->line.l, v->out);
    v->line.l = 0;
}

static void put_contig(struct view *v, uint32_t contig)
{
    const char *name = contig < v->contigs->n ? v->contigs->v[contig].name : "*";
    view_put_clean(&v->line, name, strlen(name), true);
}

int view_window_error(const struct view *v, size_t i, int rc, struct vl_error *err)
{
    char window[32];
    snprintf(window, sizeof window, "window %zu", i + 1);
    vl_error_prefix(err, rc, window);
    return vl_error_prefix(err, rc, v->path);
}

static int malformed(struct vl_error *err, const char *what)
{
    return vl_error_set(err, VL_ERR_SEAL, "malformed %s", what);
}

static void put_window(struct view *v, size_t i, const struct vl_bdiff_entry *e)
{
    ksprintf(&v->line, "W\t%zu\t", i + 1);
    put_contig(v, e->low_contig);
    if (e->low_contig < v->contigs->n) {
        ksprintf(&v->line, ":%" PRId64 "-", e->low_pos0 + 1);
        if (e->high_contig != e->low_contig)
            put_contig(v, e->high_contig);
        if (e->high_contig != e->low_contig && e->high_contig < v->contigs->n)
            kputc(':', &v->line);
        if (e->high_contig < v->contigs->n)
            ksprintf(&v->line, "%" PRId64, e->high_end);
    }
    ksprintf(&v->line, "\t%" PRIu32, e->n_records);
    view_put_line(v);
}

/* bdiff.md §5.3 */
static int put_permutations(struct view *v, struct vl_error *err)
{
    struct site site;
    int rc;
    while ((rc = window_streams_next_site(&v->streams, &site)) > 0) {
        if (site.contig >= v->contigs->n)
            return malformed(err, "permutations");
        kputs("P\t", &v->line);
        put_contig(v, site.contig);
        ksprintf(&v->line, "\t%" PRId64 "\tACGT>", site.pos0 + 1);
        for (uint8_t base = 0; base < 4; base++) {
            uint8_t image = permutation_image(site.perm, base);
            kputc("ACGT"[image], &v -> line);
        }
        view_put_line(v);
    }
    return rc < 0 ? malformed(err, "permutations") : 0;
}

static bool put_cigar(struct view *v)
{
    struct vl_cursor *cigar = &v->streams.fixed[VL_STREAM_CIGAR];
    uint64_t n = vl_get_varint(cigar);
    if (n == 0)
        kputc('*', &v->line);
    for (uint64_t i = 0; i < n && !cigar->bad; i++) {
        uint32_t op = (uint32_t)vl_get_varint_max(cigar, UINT32_MAX);
        ksprintf(&v->line, "%u%c", bam_cigar_oplen(op), bam_cigar_opchr(op));
    }
    return !cigar->bad;
}

static bool put_hidden(struct view *v)
{
    struct vl_cursor *counts = &v->streams.fixed[VL_STREAM_HIDDEN_COUNT];
    struct vl_cursor *hidden = &v->streams.fixed[VL_STREAM_HIDDEN];
    uint64_t n = vl_get_varint(counts);
    if (n == 0)
        kputc('.', &v->line);
    for (uint64_t i = 0; i < n && !hidden->bad; i++) {
        unsigned nibble = vl_get_u8(hidden);
        if (nibble > 15)
            return false;
        kputc(BASES[nibble], &v->line);
    }
    return !counts->bad && !hidden->bad;
}

static bool put_patches(struct view *v)
{
    struct vl_cursor *patches = &v->streams.fixed[VL_STREAM_PATCH];
    uint64_t n = vl_get_varint(patches), at = 0;
    for (uint64_t i = 0; i < n && !patches->bad; i++) {
        at += vl_get_varint_max(patches, INT32_MAX);
        unsigned nibble = vl_get_u8(patches);
        if (nibble > 15)
            return false;
        ksprintf(&v->line, "%s%" PRIu64 ":%c", i ? "," : "", at, BASES[nibble]);
    }
    return n > 0 && !patches->bad;
}

static bool put_stored(struct view *v, const char *tag)
{
    struct vl_cursor *values = window_streams_of_tag(&v->streams, tag, tag[2]);
    size_t size = values ? tag_value_size(tag[2], values->at, values->end) : 0;
    if (size == 0)
        return false;
    const uint8_t *value = vl_get_bytes(values, size);
    kstring_t text = KS_INITIALIZE;
    bool good = sam_format_aux1((const uint8_t *)tag, (uint8_t)tag[2], value,
                                value + size, &text) != NULL;
    if (good)
        view_put_clean(&v->line, text.s, text.l, true);
    ks_free(&text);
    return good;
}

/* One tag of a template (bdiff.md §5.6): name, type, source. */
static bool put_tag(struct view *v, const char *tag)
{
    const char *instead = tag[3] == 'k'   ? "(masked)"
                          : tag[3] == 'p' ? "(predicted)"
                          : tag[3] == 'm' ? "(read group)"
                                          : NULL;
    kputc('\t', &v->line);
    if (!instead)
        return tag[3] == 's' && put_stored(v, tag);
    view_put_clean(&v->line, tag, 2, true);
    kputc(':', &v->line);
    view_put_clean(&v->line, tag_is_integer(tag[2]) ? "i" : tag + 2, 1, true);
    ksprintf(&v->line, ":%s", instead);
    return true;
}

static bool put_tags(struct view *v)
{
    const char *tag = window_streams_template(&v->streams);
    if (!tag)
        return false;
    if (strcmp(tag, TEMPLATE_RAW) == 0) {
        struct vl_cursor *raw = &v->streams.fixed[VL_STREAM_TAGS_RAW];
        uint64_t n = vl_get_varint(raw);
        const uint8_t *bytes = vl_get_bytes(raw, n);
        kputs("\t(raw):", &v->line);
        for (uint64_t i = 0; bytes && i < n; i++)
            ksprintf(&v->line, "%02x", bytes[i]);
        return bytes;
    }
    for (; *tag; tag += TEMPLATE_TAG_CHARS)
        if (!put_tag(v, tag))
            return false;
    return true;
}

static bool put_record(struct view *v, uint32_t i)
{
    struct vl_cursor *shapes = &v->streams.fixed[VL_STREAM_SHAPE];
    unsigned shape = vl_get_u8(shapes), grade = shape & VL_SHAPE_GRADE;
    if (shapes->bad || shape > (VL_SHAPE_GRADE | VL_SHAPE_CIGAR | VL_SHAPE_PATCH) ||
        (grade == VL_GRADE_NONE && shape != 0))
        return false;
    if (grade == VL_GRADE_NONE)
        return true;
    ksprintf(&v->line, "R\t%" PRIu32 "\t%s\t", i + 1, GRADES[grade]);
    bool good = shape & VL_SHAPE_CIGAR ? put_cigar(v) : kputc('.', &v->line) >= 0;
    kputc('\t', &v->line);
    good = good && (grade >= VL_GRADE_INSIDE ? put_hidden(v) : kputc('.', &v->line) >= 0);
    kputc('\t', &v->line);
    good = good && (shape & VL_SHAPE_PATCH ? put_patches(v) : kputc('.', &v->line) >= 0);
    if (!good || !put_tags(v))
        return false;
    view_put_line(v);
    return true;
}

static int put_records(struct view *v, uint32_t n_records, struct vl_error *err)
{
    for (uint32_t i = 0; i < n_records; i++)
        if (!put_record(v, i))
            return vl_error_set(err, VL_ERR_SEAL, "malformed record %" PRIu32, i + 1);
    return 0;
}

/* bdiff.md §5.7 */
static int put_whole(struct view *v, uint32_t n_records, struct vl_error *err)
{
    const bam1_core_t *core = &v->record->core;
    int64_t n_contigs = (int64_t)v->contigs->n;
    kstring_t sam = KS_INITIALIZE;
    uint32_t place;
    int next, rc = 0;
    while (rc == 0 &&
           (next = window_streams_next_place(&v->streams, n_records, &place)) != 0) {
        rc = next < 0 ? malformed(err, "places of whole records")
                      : record_get(&v->streams.fixed[VL_STREAM_WHOLE], v->record, err);
        if (rc == 0 && (core->tid >= n_contigs || core->mtid >= n_contigs ||
                        sam_format1(v->names, v->record, &sam) < 0))
            rc = malformed(err, "whole record");
        if (rc == 0) {
            ksprintf(&v->line, "H\t%" PRIu32 "\t", place);
            view_put_clean(&v->line, sam.s, sam.l, false);
            view_put_line(v);
        }
    }
    ks_free(&sam);
    return rc;
}

static int put_streams(struct view *v, uint32_t n_records, struct vl_error *err)
{
    int rc = window_streams_open(&v->streams, &v->window, err);
    if (rc == 0)
        rc = put_permutations(v, err);
    if (rc == 0)
        rc = put_records(v, n_records, err);
    if (rc == 0)
        rc = put_whole(v, n_records, err);
    if (rc == 0 && !window_streams_are_used_up(&v->streams))
        rc = vl_error_set(err, VL_ERR_SEAL, "bytes left behind its records");
    window_streams_clear(&v->streams);
    return rc;
}

int view_window(struct view *v, size_t i, struct vl_error *err)
{
    const struct vl_bdiff_entry *entry = &vl_bdiff_reader_index(v->bdiff)->v[i];
    struct vl_buf plain = VL_BUF_INIT;
    int rc = vl_bdiff_reader_window(v->bdiff, i, &plain, err);
    if (rc == 0) {
        rc = vl_bdiff_window_decode(&v->window, plain.data, plain.len, err);
        if (rc == 0) {
            put_window(v, i, entry);
            rc = put_streams(v, entry->n_records, err);
        }
        if (rc < 0)
            view_window_error(v, i, rc, err);
    }
    vl_bdiff_window_clear(&v->window);
    vl_buf_wipe(&plain);
    return rc;
}

void view_clear(struct view *v)
{
    vl_bdiff_reader_free(v->bdiff);
    sam_hdr_destroy(v->names);
    if (v->record)
        bam_destroy1(v->record);
    ks_free(&v->line);
}
