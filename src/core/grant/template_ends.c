#include "grant/template_ends.h"

#include <stdlib.h>
#include <string.h>

#include "record/tags.h"
#include "varlock/error.h"

enum {
    END_FLAGS = BAM_FREAD1 | BAM_FREAD2,
    /* One read has one primary record; of those that share its name without being it,
     * some are looked at. */
    PRIMARIES_MAX = 64
};

/* FNV-1a.  Templates that share a hash by chance do not share places too. */
static uint64_t hash(uint64_t h, const char *text)
{
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

bool template_end_of(const bam1_t *b, struct template_end *end)
{
    const char *group = tag_find_text(b, "RG");
    struct tag tag;
    uint64_t h = hash(UINT64_C(0xcbf29ce484222325), group ? group : "");
    *end = (struct template_end){.template = hash(h, bam_get_qname(b)),
                                 .pos = b->core.pos,
                                 .mpos = b->core.mpos,
                                 .tid = b->core.tid,
                                 .mtid = b->core.mtid,
                                 .flag = b->core.flag,
                                 .is_split =
                                     tag_find(b, "SA", &tag) || tag_find(b, "OA", &tag)};
    return strcmp(bam_get_qname(b), "*") != 0;
}

void template_ends_add(struct template_ends *ends, const struct template_end *end)
{
    vl_buf_add(&ends->v, end, sizeof *end);
}

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Orders the ends of one read and range behind each other. */
static int compare_reads(const struct template_end *a, const struct template_end *b)
{
    if (a->template != b->template)
        return a->template <b->template ? -1 : 1;
    int order = sign(a->flag & END_FLAGS, b->flag & END_FLAGS);
    if (order == 0 && a->range != b->range)
        order = a->range < b->range ? -1 : 1;
    return order;
}

static int compare(const void *x, const void *y)
{
    const struct template_end *a = x, *b = y;
    int order = compare_reads(a, b);
    if (order == 0)
        order = sign(a->tid, b->tid);
    if (order == 0)
        order = sign(a->pos, b->pos);
    if (order == 0)
        order = sign(a->mtid, b->mtid);
    return order ? order : sign(a->mpos, b->mpos);
}

int template_ends_sort(struct template_ends *ends)
{
    if (ends->v.failed)
        return VL_ERR_MEMORY;
    if (ends->v.len > sizeof(struct template_end))
        qsort(ends->v.data, ends->v.len / sizeof(struct template_end),
              sizeof(struct template_end), compare);
    return 0;
}

/* The first end that is not before `from`.  *n becomes the number of ends from there on.
 */
static const struct template_end *seek(const struct template_ends *ends,
                                       const struct template_end *from, size_t *n)
{
    const struct template_end *v = (const void *)ends->v.data;
    size_t n_all = ends->v.len / sizeof *v, low = 0, high = n_all;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare(&v[mid], from) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *n = n_all - low;
    return v + low;
}

bool template_ends_have_mate(const struct template_ends *ends,
                             const struct template_end *end)
{
    const struct template_end mate = {.template = end->template,
                                      .pos = end->mpos,
                                      .mpos = end->pos,
                                      .range = end->range,
                                      .tid = end->mtid,
                                      .mtid = end->tid,
                                      .flag = ~end->flag & END_FLAGS};
    size_t n;
    const struct template_end *e = seek(ends, &mate, &n);
    return n > 0 && compare(e, &mate) == 0;
}

const struct template_end *template_ends_next_primary(const struct template_ends *ends,
                                                      const struct template_end *end,
                                                      size_t *at)
{
    struct template_end first = *end;
    first.tid = first.mtid = INT32_MIN;
    first.pos = first.mpos = INT64_MIN;
    size_t n;
    const struct template_end *e = seek(ends, &first, &n);
    return *at < PRIMARIES_MAX && *at < n && compare_reads(&e[*at], end) == 0
               ? &e[(*at)++]
               : NULL;
}

void template_ends_clear(struct template_ends *ends)
{
    vl_buf_clear(&ends->v);
}
