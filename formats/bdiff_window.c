#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/frame.h"
#include "varlock/wire.h"

enum { LEVEL_OF_TEXT = 9, LEVEL_OF_SYMBOLS = 3, TAG_STREAM = 1u << 31, SLOTS_MIN = 64 };

uint32_t vl_stream_of_tag(const char name[static 2], char type)
{
    return (uint32_t)TAG_STREAM | (uint32_t)(name[0] & 0x7f) << 16 |
           (uint32_t)(name[1] & 0x7f) << 8 | (uint32_t)(type & 0x7f);
}

/* ---- finding ---- */

/* The slot where the search for an id begins.  The multiplication makes every bit of the
 * id count. */
static size_t slot_of(uint32_t id, size_t n_slots)
{
    return (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (n_slots - 1);
}

static size_t bisect(const struct vl_bdiff_window *window, uint32_t id)
{
    size_t low = 0, high = window->n_streams;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (window->streams[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < window->n_streams && window->streams[low].id == id ? low : SIZE_MAX;
}

size_t vl_bdiff_window_find(const struct vl_bdiff_window *window, uint32_t id)
{
    if (window->is_sorted)
        return bisect(window, id);
    if (window->n_slots == 0)
        return SIZE_MAX;
    size_t at = slot_of(id, window->n_slots);
    for (; window->slots[at]; at = (at + 1) & (window->n_slots - 1))
        if (window->streams[window->slots[at] - 1].id == id)
            return window->slots[at] - 1;
    return SIZE_MAX;
}

static void put_slot(struct vl_bdiff_window *window, size_t number)
{
    size_t at = slot_of(window->streams[number].id, window->n_slots);
    while (window->slots[at])
        at = (at + 1) & (window->n_slots - 1);
    window->slots[at] = (uint32_t)number + 1;
}

/* Makes room for one more stream: the table is at most half full.  Also builds the table
 * for streams that were sorted until now. */
static int grow_slots(struct vl_bdiff_window *window)
{
    size_t n = window->n_slots ? window->n_slots : SLOTS_MIN;
    while (n < 2 * (window->n_streams + 1))
        n *= 2;
    if (!window->is_sorted && n == window->n_slots)
        return 0;
    uint32_t *slots = calloc(n, sizeof *slots);
    if (!slots)
        return VL_ERR_MEMORY;
    free(window->slots);
    window->slots = slots;
    window->n_slots = n;
    window->is_sorted = false;
    for (size_t i = 0; i < window->n_streams; i++)
        put_slot(window, i);
    return 0;
}

static struct vl_stream *find(const struct vl_bdiff_window *window, uint32_t id)
{
    size_t number = vl_bdiff_window_find(window, id);
    return number == SIZE_MAX ? NULL : &window->streams[number];
}

static struct vl_stream *append(struct vl_bdiff_window *window, uint32_t id)
{
    struct vl_stream *streams = vl_array_grow(window->streams, window->n_streams,
                                              &window->cap_streams, sizeof *streams);
    if (!streams)
        return NULL;
    window->streams = streams;
    window->streams[window->n_streams] = (struct vl_stream){.id = id};
    return &window->streams[window->n_streams++];
}

struct vl_buf *vl_bdiff_window_stream(struct vl_bdiff_window *window, uint32_t id)
{
    struct vl_stream *there = find(window, id);
    if (there) {
        there->frame = NULL;
        return &there->data;
    }
    if (grow_slots(window) < 0 || !(there = append(window, id)))
        return NULL;
    put_slot(window, window->n_streams - 1);
    return &there->data;
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

/* Whether the stream holds symbols that follow no pattern. */
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

/* `reader` may be NULL. */
static int unpack(struct vl_stream *s, struct vl_frame_reader *reader,
                  struct vl_error *err)
{
    vl_buf_reset(&s->data);
    int rc = reader ? vl_frame_reader_get(reader, s->frame, s->frame_bytes,
                                          s->content_bytes, &s->data, err)
                    : vl_frame_decompress(s->frame, s->frame_bytes, s->content_bytes,
                                          &s->data, err);
    return rc == 0 && s->data.len != s->content_bytes ? VL_ERR_DATA : rc;
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

static int store_frame(struct vl_stream *s, struct vl_buf *frames, struct vl_error *err)
{
    int rc = s->frame ? unpack(s, NULL, err) : 0;
    return rc < 0 ? rc : vl_frame_store(s->data.data, content_bytes(s), frames, err);
}

/* Appends the plaintext; *n_content becomes the bytes of content in its streams.
 * `as_they_are`: the streams are not compressed. */
static int encode(struct vl_bdiff_window *window, bool as_they_are, uint64_t *n_content,
                  struct vl_buf *out, struct vl_error *err)
{
    struct vl_buf frames = VL_BUF_INIT, table = VL_BUF_INIT;
    struct vl_frame_writer *writer = vl_frame_writer_new();
    uint64_t n_streams = 0;
    int rc = writer ? 0 : vl_error_memory(err);
    *n_content = 0;
    for (size_t i = 0; rc == 0 && i < window->n_streams; i++) {
        struct vl_stream *s = &window->streams[i];
        size_t before = frames.len, n = content_bytes(s);
        if (s->data.failed)
            rc = vl_error_memory(err);
        *n_content += n;
        if (rc == 0 && *n_content > VL_BDIFF_WINDOW_MAX)
            rc = vl_error_set(err, VL_ERR_DATA, "a window is larger than %d bytes",
                              VL_BDIFF_WINDOW_MAX);
        if (rc < 0 || n == 0)
            continue;
        rc = as_they_are ? store_frame(s, &frames, err)
                         : put_frame(s, writer, &frames, err);
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

/* bdiff.md §5.1 */
int vl_bdiff_window_encode(struct vl_bdiff_window *window, struct vl_buf *out,
                           struct vl_error *err)
{
    size_t before = out->len;
    uint64_t n_content;
    if (window->n_streams > 0 && !window->is_sorted)
        qsort(window->streams, window->n_streams, sizeof *window->streams, by_id);
    window->is_sorted = true;
    int rc = encode(window, false, &n_content, out, err);
    if (rc < 0 || n_content <= vl_bdiff_limit(VL_LIMIT_WINDOW_CONTENT, out->len - before))
        return rc;
    out->len = before;
    return encode(window, true, &n_content, out, err);
}

static bool is_stream(uint32_t id)
{
    char type = (char)(id & 0x7f);
    if (!(id & (uint32_t)TAG_STREAM))
        return id > 0 && id < VL_STREAM_FIXED_END;
    return (id & ~((uint32_t)TAG_STREAM | 0x7f7f7f)) == 0 && type &&
           strchr("AcCsSiIfdZHB", type);
}

/* Reads the table and the frames together.  The frames follow the table, so the table is
 * walked twice: `table` is at its first entry, `c` is already past it.  A table that
 * states more content than so few bytes should hold is refused. */
static bool get_streams(struct vl_cursor table, struct vl_cursor *c, size_t n_streams,
                        struct vl_bdiff_window *window)
{
    const uint64_t CONTENT_MAX =
        vl_bdiff_limit(VL_LIMIT_WINDOW_CONTENT, window->packed_bytes);
    uint32_t previous = 0;
    uint64_t total = 0;
    window->is_sorted = true;
    for (size_t i = 0; i < n_streams; i++) {
        uint32_t id = vl_get_u32(&table);
        size_t size = vl_get_varint_max(&table, CONTENT_MAX);
        size_t frame_size = vl_get_varint(&table);
        const uint8_t *frame = vl_get_bytes(c, frame_size);
        total += size;
        if (table.bad || !frame || id <= previous || size == 0 || total > CONTENT_MAX ||
            !is_stream(id))
            return false;
        struct vl_stream *s = append(window, id);
        if (!s)
            return false;
        s->frame = frame;
        s->frame_bytes = frame_size;
        s->content_bytes = size;
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
    size_t n_streams = vl_get_varint_max(&c, vl_bdiff_limit(VL_LIMIT_STREAMS, 0));
    window->packed_bytes = n;
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

int vl_bdiff_window_unpack(struct vl_bdiff_window *window, uint32_t id,
                           struct vl_error *err)
{
    struct vl_stream *s = find(window, id);
    if (!s || !s->frame || unpack(s, NULL, NULL) == 0)
        return 0;
    return vl_error_set(err, VL_ERR_SEAL, "its streams are malformed");
}

int vl_bdiff_window_decode(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                           struct vl_error *err)
{
    struct vl_frame_reader *reader = vl_frame_reader_new();
    int rc = reader ? vl_bdiff_window_open(window, bytes, n, err) : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < window->n_streams; i++) {
        struct vl_stream *s = &window->streams[i];
        rc = unpack(s, reader, NULL);
        if (rc == VL_ERR_MEMORY)
            vl_error_memory(err);
        else if (rc < 0)
            rc = malformed(window, err);
        else
            s->frame = NULL;
    }
    vl_frame_reader_free(reader);
    if (rc < 0)
        vl_bdiff_window_clear(window);
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
    free(window->slots);
    memset(window, 0, sizeof *window);
}
