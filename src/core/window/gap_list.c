#include "window/gap_list.h"

#include <string.h>

#include "record/nibbles.h"

static bool same(const struct vl_buf *a, const struct vl_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool gap_list_equal(const struct gap_list *a, const struct gap_list *b)
{
    static const struct gap_list NONE;
    a = a ? a : &NONE;
    b = b ? b : &NONE;
    return a->n_bases == b->n_bases && same(&a->gaps, &b->gaps) &&
           same(&a->bases, &b->bases);
}

static int add_run(struct gap_list *list, int32_t contig, int64_t pos0, int64_t n,
                   const uint8_t *packed, int64_t from)
{
    size_t n_bytes = (size_t)(list->n_bases + n) / 2 + 1, before = list->bases.len;
    if (n_bytes > before) {
        if (!vl_buf_reserve(&list->bases, n_bytes - before))
            return VL_ERR_MEMORY;
        memset(list->bases.data + before, 0, n_bytes - before);
        list->bases.len = n_bytes;
    }
    nibbles_copy(list->bases.data, list->n_bases, packed, from, n);
    list->n_bases += n;
    struct gap *last = (void *)(list->gaps.data + list->gaps.len);
    if (list->gaps.len > 0 && last[-1].contig == contig && last[-1].end == pos0)
        last[-1].end += n;
    else
        vl_buf_add(&list->gaps, &(struct gap){contig, pos0, pos0 + n}, sizeof *last);
    return list->gaps.failed ? VL_ERR_MEMORY : 0;
}

int gap_list_add(struct gap_list *list, int32_t contig, int64_t pos0, int64_t n,
                 const uint8_t *packed, int64_t from)
{
    int rc = 0;
    for (int64_t i = 0, next; rc == 0 && i < n; i = next + 1) {
        for (next = i; next < n && base_of_nibble[seq_nibble(packed, from + next)] >= 0;)
            next++;
        if (next > i)
            rc = add_run(list, contig, pos0 + i, next - i, packed, from + i);
    }
    return rc;
}
