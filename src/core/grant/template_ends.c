#include "grant/template_ends.h"

#include <stdlib.h>
#include <string.h>

#include "record/tags.h"
#include "varlock/error.h"

enum { END_FLAGS = BAM_FREAD1 | BAM_FREAD2 };

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

static int compare(const void *x, const void *y)
{
    const struct template_end *a = x, *b = y;
    if (a->template != b->template)
        return a->template <b->template ? -1 : 1;
    if (a->tid != b->tid)
        return a->tid < b->tid ? -1 : 1;
    return (a->pos > b->pos) - (a->pos < b->pos);
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
    const struct template_end place = {
        .template = end->template, .tid = end->mtid, .pos = end->mpos};
    size_t n;
    const struct template_end *e = seek(ends, &place, &n);
    for (; n > 0 && compare(e, &place) == 0; e++, n--)
        if (((e->flag ^ end->flag) & END_FLAGS) == END_FLAGS && e->mtid == end->tid &&
            e->mpos == end->pos && e->range == end->range)
            return true;
    return false;
}

const struct template_end *template_ends_next_primary(const struct template_ends *ends,
                                                      const struct template_end *end,
                                                      size_t *at)
{
    const struct template_end first = {
        .template = end->template, .tid = INT32_MIN, .pos = INT64_MIN};
    size_t n;
    const struct template_end *e = seek(ends, &first, &n);
    for (size_t i = *at; i < n && e[i].template == end->template; i++)
        if (((e[i].flag ^ end->flag) & END_FLAGS) == 0 && e[i].range == end->range) {
            *at = i + 1;
            return &e[i];
        }
    return NULL;
}

void template_ends_clear(struct template_ends *ends)
{
    vl_buf_clear(&ends->v);
}
