#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/frame.h"
#include "varlock/wire.h"

enum {
    LEVEL_OF_TEXT = 9,
    LEVEL_OF_SYMBOLS = 3,
    TAG_STREAM = 1u << 31,
    STREAMS_MAX = 1 << 17 /* all names and types */
};

uint32_t vl_stream_of_tag(const char name[static 2], char type)
{
    return (uint32_t)TAG_STREAM | (uint32_t)(name[0] & 0x7f) << 16 |
           (uint32_t)(name[1] & 0x7f) << 8 | (uint32_t)(type & 0x7f);
}

static struct vl_stream *find(const struct vl_bdiff_window *window, uint32_t id)
{
    for (size_t i = 0; i < window->n_streams; i++)
        if (window->streams[i].id == id)
            return &window->streams[i];
    return NULL;
}

struct vl_buf *vl_bdiff_window_stream(struct vl_bdiff_window *window, uint32_t id)
{
    struct vl_stream *there = find(window, id);
    if (there) {
        there->frame = NULL;
        return &there->data;
    }
    struct vl_stream *streams = vl_array_grow(window->streams, window->n_streams,
                                              &window->cap_streams, sizeof *streams);
    if (!streams)
        return NULL;
    window->streams = streams;
    window->streams[window->n_streams] = (struct vl_stream){.id = id};
    return &window->streams[window->n_streams++].data;
}

void vl_bdiff_window_read(const struct vl_bdiff_window *window, uint32_t id,
                          struct vl_cursor *cursor)
{
    const struct vl_stream *there = find(window, id);
    *cursor = there ? vl_cursor_over(there->data.data, there->data.len)
                    : vl_cursor_over(NULL, 0);
}

static size_t content_bytes(const struct vl_stream *s)
{
    return s->frame ? s->content_bytes : s->data.len;
}

size_t vl_bdiff_window_content_bytes(const struct vl_bdiff_window *window, uint32_t id)
{
    const struct vl_stream *there = find(window, id);
    return there ? content_bytes(there) : 0;
}

static int by_id(const void *a, const void *b)
{
    const struct vl_stream *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Streams of symbols that follow no pattern. */
static bool holds_symbols(uint32_t id)
{
    switch (id) {
    case VL_STREAM_RUN:
    case VL_STREAM_VARIANT_FLAG:
    case VL_STREAM_HIDDEN:
    case VL_STREAM_PATCH_RANK:
    case VL_STREAM_PATCH_BASE:
    case VL_STREAM_ORDER_STEP:
    case VL_STREAM_PACKED:
        return true;
    default:
        return false;
    }
}

static int put_frame(const struct vl_stream *s, struct vl_frame_writer *writer,
                     struct vl_buf *frames, struct vl_error *err)
{
    bool symbols = holds_symbols(s->id);
    if (!s->frame)
        return vl_frame_writer_put(writer, s->data.data, s->data.len,
                                   symbols ? LEVEL_OF_SYMBOLS : LEVEL_OF_TEXT, symbols,
                                   frames, err);
    vl_buf_add(frames, s->frame, s->frame_bytes);
    return 0;
}

/* bdiff.md §5.1 */
int vl_bdiff_window_encode(struct vl_bdiff_window *window, struct vl_buf *out,
                           struct vl_error *err)
{
    struct vl_buf frames = VL_BUF_INIT, table = VL_BUF_INIT;
    struct vl_frame_writer *writer = vl_frame_writer_new();
    uint64_t n_streams = 0, total = 0;
    int rc = writer ? 0 : vl_error_memory(err);
    if (window->n_streams > 0)
        qsort(window->streams, window->n_streams, sizeof *window->streams, by_id);
    for (size_t i = 0; rc == 0 && i < window->n_streams; i++) {
        const struct vl_stream *s = &window->streams[i];
        size_t before = frames.len, n = content_bytes(s);
        if (s->data.failed)
            rc = vl_error_memory(err);
        total += n;
        if (rc == 0 && total > VL_BDIFF_WINDOW_MAX)
            rc = vl_error_set(err, VL_ERR_DATA, "a window passes %d bytes",
                              VL_BDIFF_WINDOW_MAX);
        if (rc < 0 || n == 0)
            continue;
        rc = put_frame(s, writer, &frames, err);
        vl_put_u32(&table, s->id);
        vl_put_varint(&table, n);
        vl_put_varint(&table, frames.len - before);
        n_streams++;
    }
    if (rc == 0) {
        vl_buf_add(out, window->check, sizeof window->check);
        vl_put_varint(out, n_streams);
        vl_buf_add(out, table.data, table.len);
        vl_buf_add(out, frames.data, frames.len);
        if (out->failed || table.failed || frames.failed)
            rc = vl_error_memory(err);
    }
    if (writer)
        vl_frame_writer_free(writer);
    vl_buf_clear(&frames);
    vl_buf_clear(&table);
    return rc;
}

/* The frames stand behind the table, so the table is walked twice: here `c` is past it.
 */
static bool get_streams(struct vl_cursor table, struct vl_cursor *c, size_t n_streams,
                        struct vl_bdiff_window *window)
{
    uint32_t previous = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < n_streams; i++) {
        uint32_t id = vl_get_u32(&table);
        size_t size = vl_get_varint_max(&table, VL_BDIFF_WINDOW_MAX);
        size_t frame_size = vl_get_varint(&table);
        const uint8_t *frame = vl_get_bytes(c, frame_size);
        total += size;
        if (table.bad || !frame || id <= previous || size == 0 ||
            total > VL_BDIFF_WINDOW_MAX)
            return false;
        if (!vl_bdiff_window_stream(window, id))
            return false;
        window->streams[i].frame = frame;
        window->streams[i].frame_bytes = frame_size;
        window->streams[i].content_bytes = size;
        previous = id;
    }
    return vl_left(c) == 0;
}

static int malformed(struct vl_bdiff_window *window, struct vl_error *err)
{
    vl_bdiff_window_clear(window);
    return vl_error_set(err, VL_ERR_SEAL, "its streams are malformed");
}

int vl_bdiff_window_open(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                         struct vl_error *err)
{
    vl_bdiff_window_clear(window);
    struct vl_cursor c = vl_cursor_over(bytes, n);
    const uint8_t *check = vl_get_bytes(&c, VL_CHECK_BYTES);
    size_t n_streams = vl_get_varint_max(&c, STREAMS_MAX);
    struct vl_cursor table = c;
    for (size_t i = 0; i < n_streams && !c.bad; i++) {
        vl_get_u32(&c);
        vl_get_varint(&c);
        vl_get_varint(&c);
    }
    if (!c.bad && check) {
        memcpy(window->check, check, VL_CHECK_BYTES);
        if (get_streams(table, &c, n_streams, window))
            return 0;
    }
    return malformed(window, err);
}

static int unpack(struct vl_stream *s, struct vl_error *err)
{
    vl_buf_reset(&s->data);
    int rc =
        vl_frame_decompress(s->frame, s->frame_bytes, s->content_bytes, &s->data, err);
    return rc == 0 && s->data.len != s->content_bytes ? VL_ERR_DATA : rc;
}

int vl_bdiff_window_unpack(struct vl_bdiff_window *window, uint32_t id,
                           struct vl_error *err)
{
    struct vl_stream *s = find(window, id);
    if (!s || !s->frame || unpack(s, NULL) == 0)
        return 0;
    return vl_error_set(err, VL_ERR_SEAL, "its streams are malformed");
}

int vl_bdiff_window_decode(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                           struct vl_error *err)
{
    int rc = vl_bdiff_window_open(window, bytes, n, err);
    for (size_t i = 0; rc == 0 && i < window->n_streams; i++) {
        struct vl_stream *s = &window->streams[i];
        rc = unpack(s, NULL) < 0 ? malformed(window, err) : 0;
        if (rc == 0)
            s->frame = NULL;
    }
    return rc;
}

void vl_bdiff_window_reset(struct vl_bdiff_window *window)
{
    for (size_t i = 0; i < window->n_streams; i++) {
        window->streams[i].frame = NULL;
        vl_buf_reset(&window->streams[i].data);
    }
    memset(window->check, 0, sizeof window->check);
}

void vl_bdiff_window_clear(struct vl_bdiff_window *window)
{
    for (size_t i = 0; i < window->n_streams; i++)
        vl_buf_clear(&window->streams[i].data);
    free(window->streams);
    memset(window, 0, sizeof *window);
}
