#include "residual/residual_tags.h"

#include <stdlib.h>
#include <string.h>

#include "projection/pseudonym.h"
#include "record/cigar.h"
#include "record/md.h"
#include "record/tags.h"
#include "varlock/wire.h"

__KHASH_IMPL(template, , kh_cstr_t, uint32_t, 1, kh_str_hash_func, kh_str_hash_equal)

/* What a record's tags are compared with. */
struct beside {
    struct prediction *prediction;
    const bam1_t *masked, *shown, *mate;
    const char *md; /* of `shown`; NULL: none */
};

static struct vl_buf *stream(struct tag_encoder *e, const struct tag *tag)
{
    struct vl_buf *data = vl_bdiff_window_stream(
        &e->window, vl_stream_of_tag((const char *)tag->name, tag->type));
    e->failed |= !data;
    return data ? data : &e->scratch;
}

static bool same_value(const struct tag *a, const struct tag *b)
{
    if (tag_is_integer(a->type) && tag_is_integer(b->type))
        return tag_integer(a) == tag_integer(b);
    return a->type == b->type && a->size == b->size &&
           memcmp(a->value, b->value, a->size) == 0;
}

static bool same_text(const struct tag *tag, const char *text)
{
    return text && tag->type == 'Z' && strcmp((const char *)tag->value, text) == 0;
}

static bool is_mapped_group(const struct tag_encoder *e, const struct tag *masked,
                            const struct tag *tag)
{
    if (!e->read_groups || tag->type != 'Z' || masked->type != 'Z')
        return false;
    int number = read_group_of_pseudonym(masked->value, e->read_groups->n);
    return number >= 0 &&
           strcmp(e->read_groups->v[number], (const char *)tag->value) == 0;
}

static bool is_qual(const uint8_t *qual, size_t n, const struct tag *tag)
{
    if (tag->type != 'Z' || tag->size != n + 1 || n == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (tag->value[i] != (uint8_t)(qual[i] + 33))
            return false;
    return true;
}

static bool is_cigar_of(struct tag_encoder *e, const struct tag *tag, const bam1_t *mate)
{
    vl_buf_reset(&e->scratch);
    cigar_format(bam_get_cigar(mate), mate->core.n_cigar, &e->scratch);
    vl_buf_add_byte(&e->scratch, 0);
    e->text.failed = e->text.failed || e->scratch.failed;
    return !e->scratch.failed && same_text(tag, (const char *)e->scratch.data);
}

/* True if the tag's value follows from the restored record itself. */
static bool is_predicted(struct tag_encoder *e, const struct beside *b,
                         const struct tag *tag)
{
    if (tag_is(tag, "MD"))
        return tag->type == 'Z' && same_text(tag, prediction_md(b->prediction, b->shown));
    if (tag_is(tag, "MC"))
        return b->mate && is_cigar_of(e, tag, b->mate);
    if (!b->md || !tag_is_integer(tag->type))
        return false;
    if (tag_is(tag, "NM"))
        return tag_integer(tag) == md_edit_distance(b->shown, b->md);
    return tag_is(tag, "AS") && tag_integer(tag) == md_score(b->shown, b->md);
}

/* Tells where the decoder will find the tag.  `first`: no tag with that name came
 * before. */
static char source_of(struct tag_encoder *e, const struct beside *b,
                      const struct tag *tag, bool first)
{
    if (!first)
        return 's';
    if (is_predicted(e, b, tag))
        return 'p';
    if (!b->masked || tag_is(tag, "MD") || tag_is(tag, "NM"))
        return 's';
    if (tag_is(tag, "OQ") && is_qual(e->qual, (size_t)b->masked->core.l_qseq, tag))
        return 'q';
    const struct tag *twin = tag_list_find(&e->masked, (const char *)tag->name);
    if (!twin)
        return 's';
    if (tag_is(tag, "RG") && is_mapped_group(e, twin, tag))
        return 'm';
    return same_value(twin, tag) ? 'k' : 's';
}

/* Puts the record's template into e->text and its stored values into their streams. */
static void put_values(struct tag_encoder *e, const struct beside *b, struct vl_buf *raw)
{
    const struct tag *tags = e->own.v;
    size_t n_tags = e->own.n;
    vl_buf_reset(&e->text);
    if (e->own.bad) {
        vl_put_varint(raw, (uint64_t)bam_get_l_aux(b->shown));
        vl_buf_add(raw, bam_get_aux(b->shown), (size_t)bam_get_l_aux(b->shown));
        vl_buf_add(&e->text, TEMPLATE_RAW, 2);
        return;
    }
    for (size_t i = 0; i < n_tags; i++) {
        bool first = true;
        for (size_t k = 0; first && k < i; k++)
            first =
                tags[k].name[0] != tags[i].name[0] || tags[k].name[1] != tags[i].name[1];
        char source = source_of(e, b, &tags[i], first);
        vl_buf_add(&e->text, tags[i].name, 3);
        vl_buf_add_byte(&e->text, (uint8_t)source);
        if (source == 's')
            vl_buf_add(stream(e, &tags[i]), tags[i].value, tags[i].size);
    }
    vl_buf_add_byte(&e->text, 0);
}

static int number_template(struct tag_encoder *e, const char *text)
{
    int absent;
    if (!e->templates && !(e->templates = kh_init(template)))
        return VL_ERR_MEMORY;
    khint_t k = kh_get(template, e->templates, text);
    if (k == kh_end(e->templates)) {
        char *key = strdup(text);
        k = key ? kh_put(template, e->templates, key, &absent) : 0;
        if (!key || absent < 0) {
            free(key);
            return VL_ERR_MEMORY;
        }
        kh_value(e->templates, k) = kh_size(e->templates) - 1;
    }
    e->last_text = kh_key(e->templates, k);
    e->last_number = kh_value(e->templates, k);
    return 0;
}

void tag_encoder_read(struct tag_encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    tag_list_read(&e->own, shown);
    e->masked.n = 0;
    if (masked)
        tag_list_read(&e->masked, masked);
}

int tag_encoder_put(struct tag_encoder *e, struct prediction *prediction,
                    const bam1_t *masked, const bam1_t *shown, const bam1_t *mate,
                    struct vl_buf *raw, uint32_t *number)
{
    struct beside beside = {prediction, masked, shown, mate,
                            tag_list_text(&e->own, "MD")};
    put_values(e, &beside, raw);
    if (e->text.failed || prediction->md.failed)
        return VL_ERR_MEMORY;
    const char *text = (const char *)e->text.data;
    if ((!e->last_text || strcmp(text, e->last_text) != 0) &&
        number_template(e, text) < 0)
        return VL_ERR_MEMORY;
    *number = e->last_number;
    return 0;
}

uint32_t tag_encoder_n_templates(const struct tag_encoder *e)
{
    return e->templates ? kh_size(e->templates) : 0;
}

int tag_encoder_end(struct tag_encoder *e, struct vl_buf *templates)
{
    uint32_t n = tag_encoder_n_templates(e);
    const char **texts = calloc((size_t)n + 1, sizeof *texts);
    if (!texts || e->failed) {
        free(texts);
        return VL_ERR_MEMORY;
    }
    for (khint_t k = 0; e->templates && k != kh_end(e->templates); k++)
        if (kh_exist(e->templates, k))
            texts[kh_value(e->templates, k)] = kh_key(e->templates, k);
    for (uint32_t i = 0; i < n; i++)
        vl_buf_add(templates, texts[i], strlen(texts[i]) + 1);
    free(texts);
    return templates->failed ? VL_ERR_MEMORY : 0;
}

void tag_encoder_clear(struct tag_encoder *e)
{
    for (khint_t k = 0; e->templates && k != kh_end(e->templates); k++)
        if (kh_exist(e->templates, k))
            free((char *)kh_key(e->templates, k));
    if (e->templates)
        kh_destroy(template, e->templates);
    vl_bdiff_window_clear(&e->window);
    vl_buf_clear(&e->text);
    vl_buf_clear(&e->scratch);
}
