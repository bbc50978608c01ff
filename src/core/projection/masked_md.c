#include "projection/masked_md.h"

#include "record/md.h"
#include "record/record.h"
#include "record/tags.h"

void mask_scratch_clear(struct mask_scratch *scratch)
{
    md_reference_clear(&scratch->reference);
    vl_buf_clear(&scratch->cigar);
    vl_buf_clear(&scratch->aux);
    vl_buf_clear(&scratch->md);
}

bool mask_put_md(const bam1_t *b, const bam1_t *like, struct mask_scratch *scratch)
{
    const char *text = tag_find_text(like, "MD");
    struct tag nm;
    int64_t distance;
    if (!text || !record_is_aligned(b))
        return false;
    if (!md_read(like, text, &scratch->reference)) {
        scratch->aux.failed |=
            scratch->reference.aligned.failed || scratch->reference.deleted.failed;
        return false;
    }
    vl_buf_reset(&scratch->md);
    md_write(b, &scratch->reference, &scratch->md, &distance);
    if (tag_find(like, "NM", &nm) && tag_is_integer(nm.type))
        tag_put_nm(&scratch->aux, distance);
    tag_put_text(&scratch->aux, "MD", (const char *)scratch->md.data, scratch->md.len);
    scratch->aux.failed |= scratch->md.failed;
    return true;
}
