#include "crypt4gh/c4gh_edits.h"

#include "crypt4gh/byte_range.h"

static void keep(struct c4gh_edits *e, int64_t plain, int64_t n, int64_t *edited)
{
    struct c4gh_range *end = (void *)(e->ranges.data + e->ranges.len);
    if (n == 0)
        return;
    if (e->ranges.len > 0 && end[-1].plain + end[-1].n == plain)
        end[-1].n += n;
    else
        vl_buf_add(&e->ranges, &(struct c4gh_range){plain, *edited, n},
                   sizeof(struct c4gh_range));
    *edited += n;
}

int c4gh_edits_make(struct c4gh_edits *e, const uint64_t *lengths, size_t n)
{
    int64_t plain = 0, edited = 0;
    *e = (struct c4gh_edits){0};
    for (size_t i = 0; i < n; i++) {
        if (i % 2 == 1)
            keep(e, plain, (int64_t)lengths[i], &edited);
        plain += (int64_t)lengths[i];
    }
    if (n % 2 == 1 || n == 0)
        keep(e, plain, INT64_MAX - plain, &edited);
    if (!e->ranges.failed)
        return 0;
    c4gh_edits_clear(e);
    return VL_ERR_MEMORY;
}

const struct c4gh_range *c4gh_edits_find(const struct c4gh_edits *e, int64_t edited)
{
    const struct c4gh_range *v = (const void *)e->ranges.data;
    size_t low = 0, n = e->ranges.len / sizeof *v, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (edited - v[mid].edited >= v[mid].n)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n ? &v[low] : NULL;
}

int64_t c4gh_edits_size(const struct c4gh_edits *e, int64_t n_plain)
{
    const struct c4gh_range *v = (const void *)e->ranges.data;
    int64_t size = 0;
    for (size_t i = 0; i < e->ranges.len / sizeof *v && v[i].plain < n_plain; i++)
        size += v[i].n < n_plain - v[i].plain ? v[i].n : n_plain - v[i].plain;
    return size;
}

int c4gh_edits_within(struct c4gh_edits *within, const struct c4gh_edits *e,
                      const struct byte_range *ranges, size_t n)
{
    int64_t edited = 0;
    *within = (struct c4gh_edits){0};
    for (size_t i = 0; i < n; i++)
        for (int64_t at = ranges[i].beg, some; at < ranges[i].end; at += some) {
            const struct c4gh_range *range = c4gh_edits_find(e, at);
            if (!range)
                break;
            int64_t left = range->n - (at - range->edited), wanted = ranges[i].end - at;
            some = left < wanted ? left : wanted;
            keep(within, range->plain + (at - range->edited), some, &edited);
        }
    if (!within->ranges.failed)
        return 0;
    c4gh_edits_clear(within);
    return VL_ERR_MEMORY;
}

static void put_length(struct vl_buf *lengths, int64_t n)
{
    uint64_t length = (uint64_t)n;
    vl_buf_add(lengths, &length, sizeof length);
}

void c4gh_edits_put(const struct c4gh_edits *e, int64_t n_plain, struct vl_buf *lengths)
{
    const struct c4gh_range *v = (const void *)e->ranges.data;
    size_t n = e->ranges.len / sizeof *v, n_put = 0;
    int64_t done = 0, last = n_plain < 0 ? INT64_MAX : n_plain;
    if (n == 1 && v[0].plain == 0 && v[0].n == INT64_MAX)
        return;
    for (size_t i = 0; i < n && v[i].plain < last; i++, n_put++) {
        int64_t end = v[i].plain + v[i].n < last ? v[i].plain + v[i].n : last;
        put_length(lengths, v[i].plain - done);
        if (end < INT64_MAX)
            put_length(lengths, end - v[i].plain);
        done = end;
    }
    /* Without a length all would be kept. */
    if (n_put == 0) {
        put_length(lengths, 0);
        put_length(lengths, 0);
    }
}

void c4gh_edits_clear(struct c4gh_edits *e)
{
    vl_buf_clear(&e->ranges);
}
