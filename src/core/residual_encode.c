#include <stdlib.h>
#include <string.h>

#include <htslib/khash.h>

#include "md.h"
#include "record.h"
#include "residual.h"
#include "tags.h"
#include "varlock/wire.h"

KHASH_MAP_INIT_STR(template, uint32_t)

struct encoder {
    struct vl_bdiff_window window;
    khash_t(template) * templates; /* text -> number; keys owned */
    struct vl_contigs *read_groups;
    struct vl_buf text; /* template of the record at hand */
    struct vl_buf lost; /* stands in for a stream there is no memory for */
    bam1_t *scratch; /* the record as the decoder will see it before patches and tags */
};

static struct vl_buf *stream(struct encoder *e, uint32_t id)
{
    struct vl_buf *data = vl_bdiff_window_stream(&e->window, id);
    if (data)
        return data;
    e->lost.failed = true;
    return &e->lost;
}

/* bdiff.md §5.3 */
static void put_sites(struct encoder *e, const struct site_list *sites)
{
    struct site before = {0};
    for (size_t i = 0; i < sites->n; i++) {
        const struct site *s = &sites->v[i];
        bool same = s->contig == before.contig;
        vl_put_varint(stream(e, VL_STREAM_PERM_CONTIG), s->contig - before.contig);
        vl_put_varint(stream(e, VL_STREAM_PERM_POS),
                      (uint64_t)(s->pos0 - (same ? before.pos0 : 0)));
        vl_put_u8(stream(e, VL_STREAM_PERM_ID), s->perm);
        before = *s;
    }
}

static bool same_value(const struct tag *a, const struct tag *b)
{
    if (tag_is_integer(a->type) && tag_is_integer(b->type))
        return tag_integer(a) == tag_integer(b);
    return a->type == b->type && a->size == b->size &&
           memcmp(a->value, b->value, a->size) == 0;
}

static bool is_predicted_md(const bam1_t *shown, const struct tag *tag)
{
    char text[24];
    int64_t n = md_all_match(shown);
    snprintf(text, sizeof text, "%lld", (long long)n);
    return tag->type == 'Z' && n >= 0 && strcmp((const char *)tag->value, text) == 0;
}

static bool is_predicted_nm(const bam1_t *shown, const struct tag *tag)
{
    const char *md = tag_find_text(shown, "MD");
    return md && tag_is_integer(tag->type) &&
           tag_integer(tag) == md_edit_distance(shown, md);
}

static bool is_mapped_group(const struct encoder *e, const struct tag *masked,
                            const struct tag *tag)
{
    if (!e->read_groups || tag->type != 'Z' || masked->type != 'Z')
        return false;
    int number = read_group_of_pseudonym(masked->value, e->read_groups->n);
    return number >= 0 &&
           strcmp(e->read_groups->v[number].name, (const char *)tag->value) == 0;
}

/* Where the decoder will find the tag; `first` tells that no tag of that name came
 * before. */
static char source_of(const struct encoder *e, const bam1_t *masked, const bam1_t *shown,
                      const struct tag *tag, bool first)
{
    struct tag twin;
    if (!first)
        return 's';
    if (tag_is(tag, "MD"))
        return is_predicted_md(shown, tag) ? 'p' : 's';
    if (tag_is(tag, "NM"))
        return is_predicted_nm(shown, tag) ? 'p' : 's';
    if (!tag_find(masked, (const char *)tag->name, &twin))
        return 's';
    if (tag_is(tag, "RG") && is_mapped_group(e, &twin, tag))
        return 'm';
    return same_value(&twin, tag) ? 'k' : 's';
}

static bool is_first(const bam1_t *b, const struct tag *tag)
{
    struct tag first;
    return tag_find(b, (const char *)tag->name, &first) && first.name == tag->name;
}

/* The record's template goes to e->text, its stored values to their streams. */
static void put_tag_values(struct encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    struct tag_walk walk = tag_walk_start(shown);
    struct tag tag;
    size_t n_tags = 0;
    vl_buf_reset(&e->text);
    while (tag_walk_next(&walk, &tag))
        n_tags++;
    if (walk.bad || n_tags > TEMPLATE_TAGS_MAX) {
        struct vl_buf *raw = stream(e, VL_STREAM_TAGS_RAW);
        vl_put_varint(raw, (uint64_t)bam_get_l_aux(shown));
        vl_buf_add(raw, bam_get_aux(shown), (size_t)bam_get_l_aux(shown));
        vl_buf_add(&e->text, TEMPLATE_RAW, 2);
        return;
    }
    walk = tag_walk_start(shown);
    while (tag_walk_next(&walk, &tag)) {
        char source = source_of(e, masked, shown, &tag, is_first(shown, &tag));
        vl_buf_add(&e->text, tag.name, 3);
        vl_buf_add_byte(&e->text, (uint8_t)source);
        if (source == 's')
            vl_buf_add(stream(e, vl_stream_of_tag((const char *)tag.name, tag.type)),
                       tag.value, tag.size);
    }
    vl_buf_add_byte(&e->text, 0);
}

/* bdiff.md §5.6 */
static int put_tags(struct encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    put_tag_values(e, masked, shown);
    if (e->text.failed)
        return VL_ERR_MEMORY;
    const char *text = (const char *)e->text.data;
    khint_t k = kh_get(template, e->templates, text);
    if (k == kh_end(e->templates)) {
        int absent;
        char *key = strdup(text);
        k = key ? kh_put(template, e->templates, key, &absent) : 0;
        if (!key || absent < 0) {
            free(key);
            return VL_ERR_MEMORY;
        }
        kh_value(e->templates, k) = kh_size(e->templates) - 1;
        vl_buf_add(stream(e, VL_STREAM_TEMPLATES), text, strlen(text) + 1);
    }
    vl_put_varint(stream(e, VL_STREAM_TEMPLATE), kh_value(e->templates, k));
    return 0;
}

static bool same_cigar(const bam1_t *a, const bam1_t *b)
{
    return a->core.n_cigar == b->core.n_cigar &&
           memcmp(bam_get_cigar(a), bam_get_cigar(b), 4 * (size_t)a->core.n_cigar) == 0;
}

/* bdiff.md §5.4; the guess takes the hidden bases over. */
static void put_hidden(struct encoder *e, const bam1_t *masked, const bam1_t *shown,
                       uint8_t *guess)
{
    struct hidden_walk walk = hidden_walk_start(masked);
    struct vl_buf *bases = stream(e, VL_STREAM_HIDDEN);
    const uint8_t *seq = bam_get_seq(shown);
    int32_t qpos, len;
    uint64_t n = 0;
    while (hidden_walk_next(&walk, &qpos, &len)) {
        n += (uint64_t)len;
        for (int32_t i = qpos; i < qpos + len; i++) {
            vl_put_u8(bases, (uint8_t)seq_nibble(seq, i));
            seq_set_nibble(guess, i, seq_nibble(seq, i));
        }
    }
    vl_put_varint(stream(e, VL_STREAM_HIDDEN_COUNT), n);
}

/* bdiff.md §5.5: bases that neither permutations nor hidden bases restore. */
static bool put_patches(struct encoder *e, const uint8_t *guess, const bam1_t *shown)
{
    const uint8_t *seq = bam_get_seq(shown);
    int32_t n = 0, l_qseq = shown->core.l_qseq, before = 0;
    if (memcmp(guess, seq, ((size_t)l_qseq + 1) / 2) == 0)
        return false;
    for (int32_t i = 0; i < l_qseq; i++)
        n += seq_nibble(guess, i) != seq_nibble(seq, i);
    struct vl_buf *out = stream(e, VL_STREAM_PATCH);
    vl_put_varint(out, (uint64_t)n);
    for (int32_t i = 0; i < l_qseq; i++) {
        if (seq_nibble(guess, i) == seq_nibble(seq, i))
            continue;
        vl_put_varint(out, (uint64_t)(i - before));
        vl_put_u8(out, (uint8_t)seq_nibble(seq, i));
        before = i;
    }
    return n > 0;
}

static void put_cigar(struct encoder *e, const bam1_t *shown)
{
    struct vl_buf *out = stream(e, VL_STREAM_CIGAR);
    vl_put_varint(out, shown->core.n_cigar);
    for (uint32_t i = 0; i < shown->core.n_cigar; i++)
        vl_put_varint(out, bam_get_cigar(shown)[i]);
}

static int put_record(struct encoder *e, const struct site_list *sites,
                      const bam1_t *masked, const bam1_t *shown, int grade)
{
    int shape = grade;
    if (grade != VL_GRADE_NONE) {
        if (!bam_copy1(e->scratch, masked))
            return VL_ERR_MEMORY;
        uint8_t *guess = bam_get_seq(e->scratch);
        sites_restore(sites, e->scratch);
        if (!same_cigar(masked, shown)) {
            shape |= VL_SHAPE_CIGAR;
            put_cigar(e, shown);
        }
        if (grade >= VL_GRADE_INSIDE)
            put_hidden(e, masked, shown, guess);
        if (put_patches(e, guess, shown))
            shape |= VL_SHAPE_PATCH;
        if (put_tags(e, masked, shown) < 0)
            return VL_ERR_MEMORY;
    }
    vl_put_u8(stream(e, VL_STREAM_SHAPE), (uint8_t)shape);
    return 0;
}

static int put_all(struct encoder *e, const struct window_records *w)
{
    put_sites(e, &w->sites);
    uint32_t place = 0;
    for (size_t i = 0; i < w->whole.n; i++) {
        vl_put_varint(stream(e, VL_STREAM_WHOLE_PLACE), w->whole_place[i] - place);
        record_put(w->whole.v[i], stream(e, VL_STREAM_WHOLE));
        place = w->whole_place[i];
    }
    for (size_t i = 0; i < w->masked.n; i++) {
        int rc =
            put_record(e, &w->sites, w->masked.v[i], w->shown.v[i], w->grade.data[i]);
        if (rc < 0)
            return rc;
    }
    return e->lost.failed ? VL_ERR_MEMORY : 0;
}

static const bam1_t *find_difference(const struct window_records *w,
                                     const struct window_records *joined)
{
    for (size_t i = 0; i < w->whole.n; i++)
        if (i >= joined->whole.n || joined->whole_place[i] != w->whole_place[i] ||
            !record_equal(joined->whole.v[i], w->whole.v[i]))
            return w->whole.v[i];
    for (size_t i = 0; i < w->masked.n; i++)
        if (w->grade.data[i] != VL_GRADE_NONE &&
            !record_equal(joined->shown.v[i], w->shown.v[i]))
            return w->shown.v[i];
    return NULL;
}

/* The join is checked against the original for every record before it is written. */
static int check_join(struct encoder *e, struct window_records *w, struct vl_error *err)
{
    if (!w->joined && !(w->joined = calloc(1, sizeof *w->joined)))
        return vl_error_memory(err);
    struct record_array own = w->joined->masked;
    window_records_reset(w->joined);
    w->joined->masked = w->masked;
    int rc = residual_join(w->joined, &e->window, e->read_groups, e->window.check, err);
    const bam1_t *bad = rc == 0 ? find_difference(w, w->joined) : NULL;
    w->joined->masked = own;
    if (rc == 0 && w->joined->whole.n > w->whole.n)
        bad = w->joined->whole.v[w->whole.n];
    if (bad)
        rc = vl_error_set(
            err, VL_ERR_DATA,
            "record %s at position %lld could not be restored from its residual: "
            "refusing to mask it (please report this)",
            bam_get_qname(bad), (long long)bad->core.pos + 1);
    return rc;
}

int residual_encode(struct window_records *w, struct vl_contigs *read_groups,
                    struct vl_buf *plain, struct vl_error *err)
{
    struct encoder e = {.read_groups = read_groups};
    e.templates = kh_init(template);
    e.scratch = bam_init1();
    int rc = e.templates && e.scratch ? put_all(&e, w) : VL_ERR_MEMORY;
    if (rc < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = check_join(&e, w, err);
    if (rc == 0)
        rc = vl_bdiff_window_encode(&e.window, plain, err);
    if (e.templates) {
        for (khint_t k = kh_begin(e.templates); k != kh_end(e.templates); k++)
            if (kh_exist(e.templates, k))
                free((char *)kh_key(e.templates, k));
        kh_destroy(template, e.templates);
    }
    if (e.scratch)
        bam_destroy1(e.scratch);
    vl_buf_clear(&e.text);
    vl_bdiff_window_clear(&e.window);
    return rc;
}
