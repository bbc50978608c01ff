#include "grant/window_pass.h"

#include <string.h>

#include "projection/pseudonym.h"
#include "residual/residual_tags.h"
#include "varlock/wire.h"

/* The content of a stream.  It is empty if the window lacks the stream or the stream
 * cannot be unpacked; in the second case `bad` is set. */
static struct vl_cursor content(struct vl_bdiff_window *window, uint32_t id)
{
    struct vl_cursor c;
    int rc = vl_bdiff_window_unpack(window, id, NULL);
    vl_bdiff_window_read(window, id, &c);
    c.bad = rc < 0;
    return c;
}

/* False if the window has raw tags, which can hold anything, even the name of a read
 * group, or unknown streams, which cannot be granted. */
static bool may_pass(const struct vl_bdiff_window *window)
{
    for (size_t i = 0; i < window->n_streams; i++) {
        uint32_t id = window->streams[i].id;
        if (id == VL_STREAM_TAGS_RAW ||
            (id >= VL_STREAM_FIXED_END && id < vl_stream_of_tag("\0", 0)))
            return false;
    }
    return true;
}

/* ---- what the owner keeps ---- */

/* Marks read groups that are stored by their original ID as masked, because a slice has
 * no header with these IDs.  False if the template has an RG that a slice would not have
 * in its place. */
static bool unmap_template(char *template)
{
    bool seen = false;
    const char *end = template + strlen(template);
    if (end - template > TEMPLATE_TAGS_MAX * TEMPLATE_TAG_CHARS)
        return false;
    for (char *tag = template; end - tag >= TEMPLATE_TAG_CHARS;
         tag += TEMPLATE_TAG_CHARS) {
        if (memcmp(tag, "RG", 2) != 0)
            continue;
        if (seen || tag[2] != 'Z')
            return false;
        seen = true;
        if (tag[3] == 'm')
            tag[3] = 'k';
    }
    return true;
}

static bool unmap_templates(struct vl_bdiff_window *window)
{
    struct vl_cursor c = content(window, VL_STREAM_TEMPLATES);
    if (c.bad || vl_left(&c) == 0)
        return !c.bad;
    struct vl_buf *templates = vl_bdiff_window_stream(window, VL_STREAM_TEMPLATES);
    char *at = (char *)templates->data, *end = at + templates->len;
    if (end[-1] != '\0')
        return false;
    for (; at < end; at += strlen(at) + 1)
        if (!unmap_template(at))
            return false;
    return true;
}

/* Replaces stored read group IDs by pseudonyms.  These are the IDs of whole records.  The
 * ID of a masked record is stored only if no @RG line has it, so it has no pseudonym and
 * the result is false. */
static bool rename_groups(struct vl_bdiff_window *window, const struct vl_names *groups)
{
    uint32_t id = vl_stream_of_tag("RG", 'Z');
    struct vl_cursor c = content(window, id);
    struct vl_buf renamed = VL_BUF_INIT;
    bool good = !c.bad;
    if (vl_left(&c) == 0)
        return good;
    while (good && vl_left(&c) > 0) {
        size_t n = strnlen((const char *)c.at, vl_left(&c)) + 1;
        const char *name = (const char *)vl_get_bytes(&c, n);
        int number = name ? vl_names_find(groups, name) : -1;
        good = number >= 0;
        if (good)
            read_group_put_pseudonym(number, &renamed);
    }
    struct vl_buf *ids = vl_bdiff_window_stream(window, id);
    good = good && !renamed.failed;
    if (good) {
        vl_buf_clear(ids);
        *ids = renamed;
    } else {
        vl_buf_clear(&renamed);
    }
    return good;
}

/* Empties the streams of ordinals.  It looks for them first, because changing a missing
 * stream would create it. */
static void drop_order(struct vl_bdiff_window *window)
{
    for (size_t i = 0; i < window->n_streams; i++) {
        uint32_t id = window->streams[i].id;
        if (id == VL_STREAM_ORDER_STEP || id == VL_STREAM_ORDER)
            vl_buf_reset(vl_bdiff_window_stream(window, id));
    }
}

/* ---- counts ---- */

static uint64_t count_varints(struct vl_cursor *c)
{
    uint64_t n = 0;
    for (; vl_left(c) > 0; n++)
        vl_get_varint(c);
    return n;
}

/* Counts the records from their shapes (bdiff.md §5.2). */
static bool count(struct vl_bdiff_window *window, uint32_t n_masked,
                  struct window_shows *shows)
{
    enum { SHAPES_MAX = VL_SHAPE_END };
    uint64_t n_graded[VL_GRADE_FULL + 1] = {0};
    struct vl_cursor places = content(window, VL_STREAM_WHOLE_PLACE);
    struct vl_cursor shapes = content(window, VL_STREAM_SHAPES);
    struct vl_cursor others = content(window, VL_STREAM_SHAPE);
    struct vl_cursor loose = content(window, VL_STREAM_LOOSE);
    uint8_t grades[SHAPES_MAX] = {VL_GRADE_NONE};
    size_t n_shapes = 0;
    *shows = (struct window_shows){.n_whole = count_varints(&places)};
    if (vl_left(&loose) > 0)
        shows->n_loose =
            vl_get_varint_max(&loose, vl_bdiff_limit(VL_LIMIT_WINDOW_LOOSE, 0));
    shows->n_sites = vl_bdiff_window_content_bytes(window, VL_STREAM_SITE_CHANGE);
    while (vl_left(&shapes) > 0 && n_shapes < SHAPES_MAX)
        grades[n_shapes++] = vl_get_varint(&shapes) & VL_SHAPE_GRADE;
    uint64_t n_common = n_masked + shows->n_whole + shows->n_loose;
    while (vl_left(&others) > 0) {
        uint64_t shape = vl_get_varint_max(&others, SHAPES_MAX - 1);
        others.bad |= n_common-- == 0;
        n_graded[grades[shape]]++;
    }
    n_graded[grades[0]] += n_common;
    if (places.bad || shows->n_whole > vl_bdiff_limit(VL_LIMIT_WINDOW_WHOLE, 0) ||
        shapes.bad || others.bad || loose.bad || vl_left(&shapes) > 0 ||
        n_graded[VL_GRADE_FULL] < shows->n_whole)
        return false;
    shows->n_restored = n_graded[VL_GRADE_FULL] - shows->n_whole;
    return true;
}

int window_pass(const uint8_t *plain, size_t n, uint32_t n_masked,
                const struct vl_names *read_groups, struct vl_buf *out,
                struct window_shows *shows, struct vl_error *err)
{
    struct vl_bdiff_window window = {0};
    bool passes = vl_bdiff_window_open(&window, plain, n, NULL) == 0 &&
                  may_pass(&window) && count(&window, n_masked, shows);
    if (passes && read_groups) {
        /* The owner's file has no loose reads; one that has is malformed. */
        passes = shows->n_loose == 0;
        drop_order(&window);
        passes =
            passes && unmap_templates(&window) && rename_groups(&window, read_groups);
    }
    int rc = passes ? vl_bdiff_window_encode(&window, out, err) : 0;
    vl_bdiff_window_clear(&window);
    return rc < 0 ? rc : passes;
}
