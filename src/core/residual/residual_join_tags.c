#include <string.h>

#include "projection/pseudonym.h"
#include "record/cigar.h"
#include "record/md.h"
#include "record/record.h"
#include "record/tags.h"
#include "residual/prediction.h"
#include "residual/residual_join.h"
#include "residual/residual_tags.h"
#include "residual/window_streams.h"

/* Notes the first MC, and only if it is text. */
static void note_mc(struct residual_join *d, const struct template_tag *t,
                    const uint8_t *value)
{
    if (d->has_mc || memcmp(t->name, "MC", 2) != 0)
        return;
    d->has_mc = true;
    d->mc = t->type == 'Z' ? (const char *)value : NULL;
}

static bool put_stored(struct residual_join *d, const struct template_tag *t)
{
    struct vl_cursor *values = window_streams_of_tag(&d->streams, t->name, t->type);
    size_t size = values ? tag_value_size(t->type, values->at, values->end) : 0;
    if (size == 0)
        return false;
    note_mc(d, t, values->at);
    vl_buf_add(&d->aux, vl_get_bytes(values, size), size);
    return true;
}

static bool put_kept(struct residual_join *d, const struct template_tag *t)
{
    const struct tag *twin = tag_list_find(&d->masked_tags, t->name);
    if (!twin)
        return false;
    if (t->source == 'm') {
        int number =
            d->read_groups && twin->type == 'Z' && t->type == 'Z' && tag_is(twin, "RG")
                ? read_group_of_pseudonym(twin->value, d->read_groups->n)
                : -1;
        if (number < 0)
            return false;
        const char *id = d->read_groups->v[number];
        vl_buf_add(&d->aux, id, strlen(id) + 1);
        return true;
    }
    if (tag_is_integer(t->type) && tag_is_integer(twin->type))
        return tag_put_integer(&d->aux, t->type, tag_integer(twin));
    note_mc(d, t, twin->value);
    vl_buf_add(&d->aux, twin->value, twin->size);
    return t->type == twin->type;
}

static bool put_masked_qual(struct residual_join *d, const struct template_tag *t,
                            const bam1_t *masked)
{
    if (!masked || t->type != 'Z' || memcmp(t->name, "OQ", 2) != 0)
        return false;
    for (int32_t i = 0; i < masked->core.l_qseq; i++)
        vl_buf_add_byte(&d->aux, (uint8_t)(d->own_qual[i] + 33));
    vl_buf_add_byte(&d->aux, 0);
    return true;
}

static bool put_mate_cigar(struct residual_join *d, const bam1_t *mate)
{
    if (mate)
        cigar_format(bam_get_cigar(mate), mate->core.n_cigar, &d->aux);
    vl_buf_add_byte(&d->aux, 0);
    return mate;
}

/* Finds the record's MD.  Other tags need it, and it may come after them.  It is
 * predicted, or it is the next value of its stream.  NULL if the template has no MD of
 * type Z. */
static const char *find_md(struct residual_join *d, const char *template, const bam1_t *b)
{
    const char *tag = template;
    while (*tag && memcmp(tag, "MD", 2) != 0)
        tag += TEMPLATE_TAG_CHARS;
    if (!*tag || tag[2] != 'Z')
        return NULL;
    if (tag[3] == 'p')
        return prediction_md(d->prediction, b);
    struct vl_cursor *values = window_streams_of_tag(&d->streams, "MD", 'Z');
    return tag[3] == 's' && values && tag_value_size('Z', values->at, values->end) > 0
               ? (const char *)values->at
               : NULL;
}

static bool put_predicted(struct residual_join *d, const struct template_tag *t,
                          const bam1_t *mate, const bam1_t *b)
{
    if (memcmp(t->name, "MC", 2) == 0 && t->type == 'Z')
        return put_mate_cigar(d, mate);
    if (!d->md)
        return false;
    if (memcmp(t->name, "MD", 2) == 0 && t->type == 'Z')
        vl_buf_add(&d->aux, d->md, strlen(d->md) + 1);
    else if (memcmp(t->name, "NM", 2) == 0 && tag_is_integer(t->type))
        return tag_put_integer(&d->aux, t->type, md_edit_distance(b, d->md));
    else if (memcmp(t->name, "AS", 2) == 0 && tag_is_integer(t->type))
        return tag_put_integer(&d->aux, t->type, md_score(b, d->md));
    else
        return false;
    return true;
}

static bool get_tag(struct residual_join *d, const struct template_tag *t,
                    const bam1_t *masked, const bam1_t *mate, const bam1_t *b)
{
    switch (t->source) {
    case 's':
        return put_stored(d, t);
    case 'p':
        return put_predicted(d, t, mate, b);
    case 'k':
    case 'm':
        return put_kept(d, t);
    case 'q':
        return put_masked_qual(d, t, masked);
    default:
        return false;
    }
}

bool residual_join_tags(struct residual_join *d, const bam1_t *masked, const bam1_t *mate,
                        const char *text, bam1_t *b)
{
    vl_buf_reset(&d->aux);
    d->has_mc = false;
    d->mc = NULL;
    d->masked_tags.n = 0;
    if (masked)
        tag_list_read(&d->masked_tags, masked);
    if (strcmp(text, TEMPLATE_RAW) == 0) {
        struct vl_cursor *raw = &d->streams.fixed[VL_STREAM_TAGS_RAW];
        size_t n = vl_get_varint(raw);
        const uint8_t *bytes = vl_get_bytes(raw, n);
        return bytes && record_set_aux(b, bytes, n) == 0;
    }
    d->md = find_md(d, text, b);
    for (; *text; text += TEMPLATE_TAG_CHARS) {
        struct template_tag t = {{text[0], text[1]}, text[2], text[3]};
        vl_buf_add(&d->aux, text, 3);
        if (!get_tag(d, &t, masked, mate, b) || d->aux.len > d->most_restored)
            return false;
    }
    return !d->aux.failed && record_set_aux(b, d->aux.data, d->aux.len) == 0;
}
