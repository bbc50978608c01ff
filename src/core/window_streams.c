#include "window_streams.h"

#include <stdlib.h>
#include <string.h>

#include "residual.h"

static int malformed_templates(struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_SEAL, "the tag templates of a window are malformed");
}

static int index_templates(struct window_streams *s, struct vl_error *err)
{
    struct vl_cursor *text = &s->fixed[VL_STREAM_TEMPLATES];
    if (vl_left(text) == 0)
        return 0;
    if (text->end[-1] != 0)
        return malformed_templates(err);
    for (const uint8_t *p = text->at; p < text->end; p++)
        s->n_templates += *p == 0;
    s->templates = malloc(s->n_templates * sizeof *s->templates);
    if (!s->templates)
        return vl_error_memory(err);
    for (size_t i = 0; i < s->n_templates; i++) {
        s->templates[i] = (const char *)text->at;
        size_t n = strlen(s->templates[i]);
        if (strcmp(s->templates[i], TEMPLATE_RAW) != 0 &&
            (n % TEMPLATE_TAG_CHARS != 0 || n > TEMPLATE_TAG_CHARS * TEMPLATE_TAGS_MAX))
            return malformed_templates(err);
        text->at += n + 1;
    }
    return 0;
}

int window_streams_open(struct window_streams *s, const struct vl_bdiff_window *window,
                        struct vl_error *err)
{
    memset(s, 0, sizeof *s);
    s->window = window;
    for (uint32_t id = 0; id < VL_STREAM_FIXED_END; id++)
        vl_bdiff_window_read(window, id, &s->fixed[id]);
    s->tags = calloc(window->n_streams + 1, sizeof *s->tags);
    if (!s->tags)
        return vl_error_memory(err);
    for (size_t i = 0; i < window->n_streams; i++)
        if (window->streams[i].id >= VL_STREAM_FIXED_END)
            s->tags[i] =
                vl_cursor_over(window->streams[i].data.data, window->streams[i].data.len);
    return index_templates(s, err);
}

const char *window_streams_template(struct window_streams *s)
{
    struct vl_cursor *numbers = &s->fixed[VL_STREAM_TEMPLATE];
    uint64_t number = vl_get_varint(numbers);
    return numbers->bad || number >= s->n_templates ? NULL : s->templates[number];
}

struct vl_cursor *window_streams_of_tag(struct window_streams *s, const char name[2],
                                        char type)
{
    uint32_t id = vl_stream_of_tag(name, type);
    for (size_t i = 0; i < s->window->n_streams; i++)
        if (s->window->streams[i].id == id)
            return &s->tags[i];
    return NULL;
}

int window_streams_next_site(struct window_streams *s, struct site *site)
{
    struct vl_cursor *contigs = &s->fixed[VL_STREAM_PERM_CONTIG];
    struct vl_cursor *positions = &s->fixed[VL_STREAM_PERM_POS];
    struct vl_cursor *ids = &s->fixed[VL_STREAM_PERM_ID];
    if (vl_left(ids) == 0)
        return 0;
    const struct site before = s->site;
    uint64_t step = vl_get_varint_max(contigs, INT32_MAX);
    uint64_t distance = vl_get_varint_max(positions, INT64_MAX / 2);
    bool twice = s->has_site && step == 0 && distance == 0;
    int64_t pos0 = (step == 0 ? before.pos0 : 0) + (int64_t)distance;
    uint8_t perm = vl_get_u8(ids);
    if (contigs->bad || positions->bad || twice || before.contig + step > INT32_MAX ||
        pos0 > INT64_MAX / 2 || perm == 0 || perm >= N_PERMUTATIONS)
        return VL_ERR_SEAL;
    s->site = (struct site){.contig = before.contig + (uint32_t)step,
                            .pos0 = pos0,
                            .perm = perm,
                            .used = true};
    s->has_site = true;
    *site = s->site;
    return 1;
}

int window_streams_next_place(struct window_streams *s, size_t n_masked, uint32_t *place)
{
    struct vl_cursor *places = &s->fixed[VL_STREAM_WHOLE_PLACE];
    if (vl_left(places) == 0)
        return 0;
    s->place += vl_get_varint_max(places, n_masked);
    *place = (uint32_t)s->place;
    return places->bad || s->place > n_masked ? VL_ERR_SEAL : 1;
}

bool window_streams_are_used_up(const struct window_streams *s)
{
    size_t left = 0;
    for (size_t id = 0; id < VL_STREAM_FIXED_END; id++)
        left += vl_left(&s->fixed[id]);
    for (size_t i = 0; i < s->window->n_streams; i++)
        left += vl_left(&s->tags[i]);
    return left == 0;
}

void window_streams_clear(struct window_streams *s)
{
    free(s->tags);
    free(s->templates);
    memset(s, 0, sizeof *s);
}
