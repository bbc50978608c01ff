#include "view_window.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
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

int view_malformed(const struct view *v, size_t i, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_SEAL, "%s: window %zu is malformed", v->path, i + 1);
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

static bool index_templates(struct view *v)
{
    struct vl_cursor text;
    vl_bdiff_window_read(&v->window, VL_STREAM_TEMPLATES, &text);
    vl_buf_reset(&v->templates);
    v->n_templates = 0;
    if (vl_left(&text) > 0 && text.end[-1] != 0)
        return false;
    while (text.at < text.end) {
        const char *template = (const char *)text.at;
        size_t n = strlen(template);
        if (n % TEMPLATE_TAG_CHARS != 0 && strcmp(template, TEMPLATE_RAW) != 0)
            return false;
        vl_buf_add(&v->templates, &template, sizeof template);
        v->n_templates++;
        text.at += n + 1;
    }
    return true;
}

static int open_streams(struct view *v, size_t i, struct vl_error *err)
{
    const struct vl_bdiff_window *w = &v->window;
    vl_bdiff_window_read(w, VL_STREAM_SHAPE, &v->shape);
    vl_bdiff_window_read(w, VL_STREAM_CIGAR, &v->cigar);
    vl_bdiff_window_read(w, VL_STREAM_HIDDEN_COUNT, &v->hidden_count);
    vl_bdiff_window_read(w, VL_STREAM_HIDDEN, &v->hidden);
    vl_bdiff_window_read(w, VL_STREAM_PATCH, &v->patch);
    vl_bdiff_window_read(w, VL_STREAM_TEMPLATE, &v->template);
    vl_bdiff_window_read(w, VL_STREAM_TAGS_RAW, &v->raw);
    free(v->tags);
    v->tags = calloc(w->n_streams + 1, sizeof *v->tags);
    if (!v->tags)
        return vl_error_memory(err);
    for (size_t k = 0; k < w->n_streams; k++)
        v->tags[k] = vl_cursor_over(w->streams[k].data.data, w->streams[k].data.len);
    if (!index_templates(v))
        return view_malformed(v, i, err);
    return v->templates.failed ? vl_error_memory(err) : 0;
}

/* bdiff.md §5.3 */
static bool put_permutations(struct view *v)
{
    struct vl_cursor contigs, positions, ids;
    vl_bdiff_window_read(&v->window, VL_STREAM_PERM_CONTIG, &contigs);
    vl_bdiff_window_read(&v->window, VL_STREAM_PERM_POS, &positions);
    vl_bdiff_window_read(&v->window, VL_STREAM_PERM_ID, &ids);
    uint64_t contig = 0, pos = 0;
    while (vl_left(&ids) > 0) {
        uint64_t step = vl_get_varint_max(&contigs, INT32_MAX);
        uint64_t distance = vl_get_varint_max(&positions, INT64_MAX / 2);
        uint8_t id = vl_get_u8(&ids);
        contig += step;
        pos = (step > 0 ? 0 : pos) + distance;
        if (contigs.bad || positions.bad || contig >= v->contigs->n ||
            id >= N_PERMUTATIONS || pos >= INT64_MAX / 2)
            return false;
        kputs("P\t", &v->line);
        put_contig(v, (uint32_t)contig);
        ksprintf(&v->line, "\t%" PRIu64 "\tACGT>", pos + 1);
        for (uint8_t base = 0; base < 4; base++)
            kputc("ACGT"[permutation_image(id, base)], &v -> line);
        view_put_line(v);
    }
    return vl_left(&contigs) == 0 && vl_left(&positions) == 0;
}

static bool put_cigar(struct view *v)
{
    uint64_t n = vl_get_varint(&v->cigar);
    if (n == 0)
        kputc('*', &v->line);
    for (uint64_t i = 0; i < n && !v->cigar.bad; i++) {
        uint32_t op = (uint32_t)vl_get_varint_max(&v->cigar, UINT32_MAX);
        ksprintf(&v->line, "%u%c", bam_cigar_oplen(op), bam_cigar_opchr(op));
    }
    return !v->cigar.bad;
}

static bool put_hidden(struct view *v)
{
    uint64_t n = vl_get_varint(&v->hidden_count);
    if (n == 0)
        kputc('.', &v->line);
    for (uint64_t i = 0; i < n && !v->hidden.bad; i++) {
        unsigned nibble = vl_get_u8(&v->hidden);
        if (nibble > 15)
            return false;
        kputc(BASES[nibble], &v->line);
    }
    return !v->hidden_count.bad && !v->hidden.bad;
}

static bool put_patches(struct view *v)
{
    uint64_t n = vl_get_varint(&v->patch), at = 0;
    for (uint64_t i = 0; i < n && !v->patch.bad; i++) {
        at += vl_get_varint_max(&v->patch, INT32_MAX);
        unsigned nibble = vl_get_u8(&v->patch);
        if (nibble > 15)
            return false;
        ksprintf(&v->line, "%s%" PRIu64 ":%c", i ? "," : "", at, BASES[nibble]);
    }
    return n > 0 && !v->patch.bad;
}

static struct vl_cursor *tag_stream(struct view *v, const char *tag)
{
    uint32_t id = vl_stream_of_tag(tag, tag[2]);
    for (size_t i = 0; i < v->window.n_streams; i++)
        if (v->window.streams[i].id == id)
            return &v->tags[i];
    return NULL;
}

static bool put_stored(struct view *v, const char *tag)
{
    struct vl_cursor *values = tag_stream(v, tag);
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
    uint64_t number = vl_get_varint(&v->template);
    if (v->template.bad || number >= v->n_templates)
        return false;
    const char *tag = ((const char **)(void *)v->templates.data)[number];
    if (strcmp(tag, TEMPLATE_RAW) == 0) {
        uint64_t n = vl_get_varint(&v->raw);
        const uint8_t *bytes = vl_get_bytes(&v->raw, n);
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
    unsigned shape = vl_get_u8(&v->shape), grade = shape & VL_SHAPE_GRADE;
    if (v->shape.bad || shape > (VL_SHAPE_GRADE | VL_SHAPE_CIGAR | VL_SHAPE_PATCH) ||
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

/* bdiff.md §5.7 */
static bool put_whole(struct view *v, uint32_t n_records, struct vl_error *err)
{
    struct vl_cursor places, records;
    vl_bdiff_window_read(&v->window, VL_STREAM_WHOLE_PLACE, &places);
    vl_bdiff_window_read(&v->window, VL_STREAM_WHOLE, &records);
    int64_t n_contigs = (int64_t)v->contigs->n;
    uint64_t place = 0;
    kstring_t sam = KS_INITIALIZE;
    bool good = true;
    while (good && vl_left(&places) > 0) {
        place += vl_get_varint_max(&places, n_records);
        const bam1_core_t *core = &v->record->core;
        good = !places.bad && place <= n_records &&
               record_get(&records, v->record, err) == 0 && core->tid < n_contigs &&
               core->mtid < n_contigs && sam_format1(v->names, v->record, &sam) >= 0;
        if (good) {
            ksprintf(&v->line, "H\t%" PRIu64 "\t", place);
            view_put_clean(&v->line, sam.s, sam.l, false);
            view_put_line(v);
        }
    }
    ks_free(&sam);
    return good && vl_left(&records) == 0;
}

static bool is_used_up(const struct view *v)
{
    size_t left = vl_left(&v->shape) + vl_left(&v->cigar) + vl_left(&v->hidden_count) +
                  vl_left(&v->hidden) + vl_left(&v->patch) + vl_left(&v->template) +
                  vl_left(&v->raw);
    for (size_t i = 0; i < v->window.n_streams; i++)
        if (v->window.streams[i].id >= VL_STREAM_FIXED_END)
            left += vl_left(&v->tags[i]);
    return left == 0;
}

int view_window(struct view *v, size_t i, struct vl_error *err)
{
    const struct vl_bdiff_entry *entry = &vl_bdiff_reader_index(v->bdiff)->v[i];
    struct vl_buf plain = VL_BUF_INIT;
    int rc = vl_bdiff_reader_window(v->bdiff, i, &plain, err);
    if (rc == 0)
        rc = vl_bdiff_window_decode(&v->window, plain.data, plain.len, err);
    if (rc == 0)
        rc = open_streams(v, i, err);
    if (rc == 0) {
        put_window(v, i, entry);
        bool good = put_permutations(v);
        for (uint32_t k = 0; good && k < entry->n_records; k++)
            good = put_record(v, k);
        if (!good || !is_used_up(v) || !put_whole(v, entry->n_records, err))
            rc = view_malformed(v, i, err);
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
    vl_bdiff_window_clear(&v->window);
    free(v->tags);
    vl_buf_clear(&v->templates);
    ks_free(&v->line);
}
