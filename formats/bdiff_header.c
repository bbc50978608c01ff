#include <stdlib.h>
#include <string.h>

#include "varlock/bdiff.h"
#include "varlock/frame.h"
#include "varlock/wire.h"

enum { FLAG_ROOT = 1, FLAG_GRANTS_ALL = 2 };
enum { LEVEL = 3, QUALITY_LAST = 4 };

/* bdiff.md §4.1 */
void vl_bdiff_contigs_encode(const struct vl_contigs *contigs, struct vl_buf *out)
{
    vl_put_varint(out, contigs->n);
    for (size_t i = 0; i < contigs->n; i++) {
        vl_put_string(out, contigs->v[i].name);
        vl_put_varint(out, (uint64_t)contigs->v[i].length);
    }
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The cursor walks the content of the frame. n_bytes is the size of the section's
 * plaintext, which holds that frame; the limits depend on it. */
static bool get_contigs(struct vl_cursor *c, size_t n_bytes, struct vl_contigs *contigs)
{
    const size_t NAME_MAX_BYTES = vl_bdiff_limit(VL_LIMIT_CONTIG_NAME, 0);
    size_t n = vl_get_varint_max(
        c, lesser(vl_left(c) / 2, vl_bdiff_limit(VL_LIMIT_CONTIGS, n_bytes)));
    for (size_t i = 0; i < n && !c->bad; i++) {
        char *name = vl_get_string(c, NAME_MAX_BYTES);
        int64_t length =
            (int64_t)vl_get_varint_max(c, vl_bdiff_limit(VL_LIMIT_CONTIG_LENGTH, 0));
        bool good = name && name[0] && !c->bad &&
                    vl_contigs_add(contigs, name, length, NULL) == 0;
        free(name);
        if (!good)
            return false;
    }
    return !c->bad && vl_contigs_index(contigs) == 0;
}

/* bdiff.md §4.2 */
static void put_ranges(const struct vl_ranges *ranges, struct vl_buf *out)
{
    vl_put_u8(out, ranges->unplaced);
    vl_put_varint(out, ranges->n);
    for (size_t i = 0; i < ranges->n; i++) {
        const struct vl_range *r = &ranges->v[i];
        vl_put_varint(out, (uint64_t)r->contig);
        vl_put_varint(out, (uint64_t)r->beg);
        vl_put_varint(out, r->end == VL_POS_MAX ? 0 : (uint64_t)r->end);
    }
}

static bool get_ranges(struct vl_cursor *c, size_t n_bytes,
                       const struct vl_contigs *contigs, struct vl_ranges *ranges)
{
    const uint64_t POSITION_MAX = vl_bdiff_limit(VL_LIMIT_RANGE_POSITION, 0);
    unsigned unplaced = vl_get_u8(c);
    size_t n = vl_get_varint_max(
        c, lesser(vl_left(c) / 3, vl_bdiff_limit(VL_LIMIT_RANGES, n_bytes)));
    ranges->unplaced = unplaced == 1;
    for (size_t i = 0; i < n && !c->bad; i++) {
        uint64_t contig = vl_get_varint(c);
        int64_t beg = (int64_t)vl_get_varint_max(c, POSITION_MAX);
        int64_t end = (int64_t)vl_get_varint_max(c, POSITION_MAX);
        if (end == 0)
            end = VL_POS_MAX;
        if (contig >= contigs->n || beg >= end ||
            vl_ranges_add(ranges, contigs, (int32_t)contig, beg, end) < 0)
            return false;
    }
    vl_ranges_normalise(ranges);
    return !c->bad && unplaced <= 1 && ranges->n == n;
}

/* bdiff.md §4.4 */
static void put_geometry(const struct vl_bdiff_header *header, struct vl_buf *out)
{
    const struct vl_bdiff_geometry *g = &header->geometry;
    const struct vl_bdiff_library *v = (const void *)g->libraries.data;
    size_t n = g->libraries.len / sizeof *v;
    if (!header->is_root)
        vl_buf_add(out, g->key, sizeof g->key);
    vl_put_varint(out, g->blur_sd);
    vl_put_u8(out, g->quality);
    vl_put_u8(out, g->draws_inserts);
    vl_put_varint(out, n);
    for (size_t i = 0; i < n; i++) {
        vl_put_varint(out, v[i].median);
        vl_put_varint(out, v[i].sd);
    }
}

static bool get_geometry(struct vl_cursor *c, struct vl_bdiff_header *header)
{
    struct vl_bdiff_geometry *g = &header->geometry;
    const uint8_t *key = header->is_root ? NULL : vl_get_bytes(c, sizeof g->key);
    if (key)
        memcpy(g->key, key, sizeof g->key);
    g->blur_sd = (uint32_t)vl_get_varint_max(c, VL_BDIFF_BLUR_MAX);
    g->quality = vl_get_u8(c);
    unsigned draws = vl_get_u8(c);
    g->draws_inserts = draws == 1;
    uint64_t n = vl_get_varint_max(c, vl_left(c) / 2);
    for (uint64_t i = 0; i < n && !c->bad; i++) {
        struct vl_bdiff_library library;
        library.median = (uint32_t)vl_get_varint_max(c, INT32_MAX);
        library.sd = (uint32_t)vl_get_varint_max(c, INT32_MAX);
        vl_buf_add(&g->libraries, &library, sizeof library);
    }
    return !c->bad && n > 0 && draws <= 1 && g->quality <= QUALITY_LAST &&
           !g->libraries.failed;
}

static int check_encodable(const struct vl_bdiff_header *header, struct vl_error *err)
{
    for (size_t i = 0; i < header->contigs.n; i++) {
        const struct vl_contig *c = &header->contigs.v[i];
        if ((uint64_t)c->length > vl_bdiff_limit(VL_LIMIT_CONTIG_LENGTH, 0) ||
            strlen(c->name) > vl_bdiff_limit(VL_LIMIT_CONTIG_NAME, 0))
            return vl_error_set(
                err, VL_ERR_DATA,
                "contig %zu has a name or length beyond what a BDIFF holds", i + 1);
    }
    if (header->dropped_tags.len > vl_bdiff_limit(VL_LIMIT_DROPPED_TAGS, 0))
        return vl_error_set(err, VL_ERR_USAGE, "the list of dropped tags is too long");
    return 0;
}

/* Appends the frame.  Where the plaintext compresses so well that a reader would refuse
 * it, the frame stores it as it is. */
static int put_frame(const struct vl_bdiff_header *header, const struct vl_buf *plain,
                     struct vl_buf *out, struct vl_error *err)
{
    size_t before = out->len;
    int rc = vl_frame_compress(plain->data, plain->len, LEVEL, out, err);
    size_t n = out->len - before;
    if (rc < 0 || (plain->len <= vl_bdiff_limit(VL_LIMIT_HEADER_CONTENT, n) &&
                   header->contigs.n <= vl_bdiff_limit(VL_LIMIT_CONTIGS, n) &&
                   header->granted.n <= vl_bdiff_limit(VL_LIMIT_RANGES, n)))
        return rc;
    out->len = before;
    return vl_frame_store(plain->data, plain->len, out, err);
}

/* bdiff.md §4 */
int vl_bdiff_header_encode(const struct vl_bdiff_header *header, struct vl_buf *out,
                           struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT;
    vl_put_u8(&plain, header->mask_model);
    vl_put_u8(&plain, (uint8_t)((header->is_root ? FLAG_ROOT : 0) |
                                (header->grants_all ? FLAG_GRANTS_ALL : 0)));
    vl_put_u16(&plain, 0);
    vl_buf_add(&plain, header->root_id, sizeof header->root_id);
    vl_buf_add(&plain, header->read_groups_sha256, sizeof header->read_groups_sha256);
    vl_bdiff_contigs_encode(&header->contigs, &plain);
    if (!header->grants_all)
        put_ranges(&header->granted, &plain);
    /* Reserves room for all that follows: a buffer that grows would leave a copy of a key
     * behind. */
    vl_buf_reserve(&plain, 256 + header->original_text.len + header->dropped_tags.len +
                               2 * header->geometry.libraries.len);
    if (vl_bdiff_header_has_geometry(header))
        put_geometry(header, &plain);
    if (header->is_root) {
        vl_buf_add(&plain, header->vac_sha256, sizeof header->vac_sha256);
        vl_buf_add(&plain, header->mask_key, sizeof header->mask_key);
        vl_put_varint(&plain, header->original_text.len);
        vl_buf_add(&plain, header->original_text.data, header->original_text.len);
        vl_put_varint(&plain, header->dropped_tags.len);
        vl_buf_add(&plain, header->dropped_tags.data, header->dropped_tags.len);
        if (!header->grants_all)
            vl_buf_add(&plain, header->run_sha256, sizeof header->run_sha256);
    }
    int rc = plain.failed ? vl_error_memory(err) : check_encodable(header, err);
    if (rc == 0)
        rc = put_frame(header, &plain, out, err);
    if (plain.data)
        explicit_bzero(plain.data, plain.cap);
    vl_buf_clear(&plain);
    return rc;
}

static bool get_root_fields(struct vl_cursor *c, struct vl_bdiff_header *header)
{
    const uint8_t *vac = vl_get_bytes(c, sizeof header->vac_sha256);
    const uint8_t *key = vl_get_bytes(c, sizeof header->mask_key);
    size_t n = vl_get_varint_max(c, vl_left(c));
    const uint8_t *text = vl_get_bytes(c, n);
    size_t n_dropped = vl_get_varint_max(c, vl_bdiff_limit(VL_LIMIT_DROPPED_TAGS, 0));
    const uint8_t *dropped = vl_get_bytes(c, n_dropped);
    const uint8_t *run =
        header->grants_all ? NULL : vl_get_bytes(c, sizeof header->run_sha256);
    if (c->bad)
        return false;
    if (run)
        memcpy(header->run_sha256, run, sizeof header->run_sha256);
    memcpy(header->vac_sha256, vac, sizeof header->vac_sha256);
    memcpy(header->mask_key, key, sizeof header->mask_key);
    vl_buf_add(&header->original_text, text, n);
    vl_buf_add(&header->dropped_tags, dropped, n_dropped);
    return !header->original_text.failed && !header->dropped_tags.failed;
}

static bool get_header(struct vl_cursor *c, size_t n_bytes,
                       struct vl_bdiff_header *header)
{
    header->mask_model = vl_get_u8(c);
    unsigned flags = vl_get_u8(c);
    unsigned reserved = vl_get_u16(c);
    const uint8_t *root_id = vl_get_bytes(c, sizeof header->root_id);
    const uint8_t *read_groups = vl_get_bytes(c, sizeof header->read_groups_sha256);
    if (c->bad ||
        (header->mask_model != VL_MASK_PERMUTE && header->mask_model != VL_MASK_SYNTH) ||
        reserved != 0 || flags > (FLAG_ROOT | FLAG_GRANTS_ALL))
        return false;
    header->is_root = flags & FLAG_ROOT;
    header->grants_all = flags & FLAG_GRANTS_ALL;
    memcpy(header->root_id, root_id, sizeof header->root_id);
    memcpy(header->read_groups_sha256, read_groups, sizeof header->read_groups_sha256);
    if (!get_contigs(c, n_bytes, &header->contigs))
        return false;
    if (header->grants_all ? vl_ranges_add_all(&header->granted, &header->contigs) < 0
                           : !get_ranges(c, n_bytes, &header->contigs, &header->granted))
        return false;
    if (vl_bdiff_header_has_geometry(header) && !get_geometry(c, header))
        return false;
    if (header->is_root && !get_root_fields(c, header))
        return false;
    return vl_left(c) == 0;
}

int vl_bdiff_header_decode(struct vl_bdiff_header *header, const uint8_t *bytes, size_t n,
                           struct vl_error *err)
{
    memset(header, 0, sizeof *header);
    struct vl_buf plain = VL_BUF_INIT;
    int rc = vl_frame_decompress(bytes, n, vl_bdiff_limit(VL_LIMIT_HEADER_CONTENT, n),
                                 &plain, err);
    if (rc == VL_ERR_DATA)
        rc = vl_error_set(err, VL_ERR_SEAL, "the sealed header is malformed");
    if (rc == 0) {
        struct vl_cursor c = vl_cursor_over(plain.data, plain.len);
        if (!get_header(&c, n, header)) {
            vl_bdiff_header_clear(header);
            rc = vl_error_set(err, VL_ERR_SEAL, "the sealed header is malformed");
        }
    }
    if (plain.data)
        explicit_bzero(plain.data, plain.cap);
    vl_buf_clear(&plain);
    return rc;
}

void vl_bdiff_header_clear(struct vl_bdiff_header *header)
{
    vl_contigs_clear(&header->contigs);
    vl_ranges_clear(&header->granted);
    vl_buf_clear(&header->original_text);
    vl_buf_clear(&header->dropped_tags);
    vl_buf_clear(&header->geometry.libraries);
    explicit_bzero(header->geometry.key, sizeof header->geometry.key);
    explicit_bzero(header->mask_key, sizeof header->mask_key);
    memset(header, 0, sizeof *header);
}
