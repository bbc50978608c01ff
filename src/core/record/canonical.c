#include "record/canonical.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "record/tags.h"
#include "varlock/error.h"
#include "varlock/little_endian.h"
#include "varlock/wire.h"

/* bdiff.md §6.4 */
static void put_core(const bam1_t *b, uint16_t flag, int64_t tlen, struct vl_buf *out)
{
    enum { CORE_BYTES = 43 };
    const bam1_core_t *c = &b->core;
    uint8_t *at = vl_buf_reserve(out, CORE_BYTES);
    if (!at)
        return;
    at = vl_store_le(at, (uint32_t)c->tid, 4);
    at = vl_store_le(at, (uint64_t)c->pos, 8);
    at = vl_store_le(at, flag, 2);
    at = vl_store_le(at, c->qual, 1);
    at = vl_store_le(at, (uint32_t)c->mtid, 4);
    at = vl_store_le(at, (uint64_t)c->mpos, 8);
    at = vl_store_le(at, (uint64_t)tlen, 8);
    at = vl_store_le(at, c->n_cigar, 4);
    vl_store_le(at, (uint32_t)c->l_qseq, 4);
    out->len += CORE_BYTES;
    vl_put_string(out, bam_get_qname(b));
}

void canonical_put_front(const bam1_t *b, uint16_t flag, int64_t tlen, struct vl_buf *out)
{
    const uint8_t *from = (const uint8_t *)bam_get_cigar(b);
    put_core(b, flag, tlen, out);
    vl_buf_add(out, from, (size_t)(bam_get_aux(b) - from));
}

int record_masked_add(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch)
{
    vl_buf_reset(scratch);
    canonical_put_front(b, record_lasting_flag(b), record_lasting_tlen(b), scratch);
    int rc = tags_put_canonical(bam_get_aux(b), (size_t)bam_get_l_aux(b), scratch);
    if (rc < 0 || scratch->failed)
        return VL_ERR_MEMORY;
    vl_digest_add(digest, scratch->data, scratch->len);
    return 0;
}

static void put_canonical(const struct tag *tag, struct vl_buf *out)
{
    vl_buf_add(out, tag->name, 2);
    if (tag_is_integer(tag->type)) {
        vl_put_u8(out, 'i');
        vl_put_u64(out, (uint64_t)tag_integer(tag));
        return;
    }
    vl_put_u8(out, (uint8_t)tag->type);
    vl_buf_add(out, tag->value, tag->size);
}

static int compare_tags(const void *a, const void *b)
{
    const struct tag *x = a, *y = b;
    int order = tag_compare_names(x->name, y->name);
    return order ? order : (x->name > y->name) - (x->name < y->name);
}

/* Lists all tags but MD and NM as an array of struct tag, sorted by name.  Tags with the
 * same name keep their order.  False if the tags are malformed; the array then holds the
 * tags before the error. */
static bool sort_tags(const uint8_t *aux, size_t n, struct vl_buf *list)
{
    struct tag_walk walk = tag_walk_over(aux, n);
    struct tag tag;
    while (tag_walk_next(&walk, &tag))
        if (!tag_is(&tag, "MD") && !tag_is(&tag, "NM"))
            vl_buf_add(list, &tag, sizeof tag);
    if (list->len > sizeof tag)
        qsort(list->data, list->len / sizeof tag, sizeof tag, compare_tags);
    return !walk.bad;
}

/* Fast path: appends the tags unchanged if they are sorted already and none is an
 * integer.  Otherwise returns false and leaves `out` unchanged. */
static bool put_sorted(const uint8_t *aux, size_t n, struct vl_buf *out)
{
    static const uint8_t NOTHING[2] = {0, 0};
    size_t before = out->len, n_tags = 0;
    const uint8_t *last = NOTHING;
    struct tag_walk walk = tag_walk_over(aux, n);
    struct tag tag;
    vl_put_u32(out, 0);
    while (tag_walk_next(&walk, &tag)) {
        if (tag_is(&tag, "MD") || tag_is(&tag, "NM"))
            continue;
        if (tag_is_integer(tag.type) || tag_compare_names(tag.name, last) < 0) {
            out->len = before;
            return false;
        }
        vl_buf_add(out, tag.name, 3 + tag.size);
        last = tag.name;
        n_tags++;
    }
    if (!out->failed)
        vl_store_le(out->data + before, n_tags, 4);
    return true;
}

int tags_put_canonical(const uint8_t *aux, size_t n, struct vl_buf *out)
{
    struct vl_buf list = VL_BUF_INIT;
    if (put_sorted(aux, n, out))
        return out->failed ? VL_ERR_MEMORY : 0;
    sort_tags(aux, n, &list);
    size_t n_tags = list.len / sizeof(struct tag);
    const struct tag *tags = (const void *)list.data;
    vl_put_u32(out, (uint32_t)n_tags);
    for (size_t i = 0; i < n_tags; i++)
        put_canonical(&tags[i], out);
    bool failed = list.failed || out->failed;
    vl_buf_clear(&list);
    return failed ? VL_ERR_MEMORY : 0;
}
