#include "projection/record_check.h"

#include "projection/pseudonym.h"
#include "record/canonical.h"
#include "record/tags.h"
#include "varlock/error.h"
#include "varlock/little_endian.h"
#include "varlock/wire.h"

/* The tags, the read group by its pseudonym. */
static void put_tags_as_shared(const bam1_t *b, const struct tag *rg,
                               const struct vl_names *read_groups, struct vl_buf *out)
{
    const uint8_t *from = bam_get_aux(b), *end = from + bam_get_l_aux(b);
    if (rg && read_groups) {
        vl_buf_add(out, from, (size_t)(rg->name - from));
        from = tag_put_read_group(rg, read_groups, out) ? rg->value + rg->size : rg->name;
    }
    vl_buf_add(out, from, (size_t)(end - from));
}

int record_check_add(const bam1_t *b, const struct vl_names *read_groups,
                     struct vl_checksum *sum, struct vl_buf *scratch)
{
    struct tag rg;
    bool any = read_groups && read_groups->n > 0 && tag_find(b, "RG", &rg);
    return record_check_add_group(b, any ? &rg : NULL, read_groups, sum, scratch);
}

int record_check_add_group(const bam1_t *b, const struct tag *rg,
                           const struct vl_names *read_groups, struct vl_checksum *sum,
                           struct vl_buf *scratch)
{
    vl_buf_reset(scratch);
    canonical_put_front(b, b->core.flag, b->core.isize, scratch);
    size_t at = scratch->len;
    vl_put_u32(scratch, 0);
    put_tags_as_shared(b, rg, read_groups, scratch);
    if (scratch->failed)
        return VL_ERR_MEMORY;
    vl_store_le(scratch->data + at, scratch->len - at - 4, 4);
    vl_checksum_add(sum, scratch->data, scratch->len);
    return 0;
}
