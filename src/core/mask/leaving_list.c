#include "mask/leaving_list.h"

#include <stdlib.h>
#include <string.h>

#include "projection/masked_core.h"
#include "projection/pseudonym.h"

int leaving_list_add(struct leaving_list *list, struct placed *p)
{
    struct leaving *grown = vl_array_grow(list->v, list->n, &list->cap, sizeof *grown);
    if (!grown)
        return VL_ERR_MEMORY;
    list->v = grown;
    grown[list->n++] = (struct leaving){p->goes_to, p};
    return 0;
}

/* Orders masked records at the same place by what they show.  Forward strands come first,
 * as in files sorted by samtools. */
static int compare_masked(const struct reorder_options *options, const struct placed *a,
                          const struct placed *b)
{
    int order = bam_is_rev(a->b) - bam_is_rev(b->b);
    if (order == 0)
        order = options->token ? strcmp(a->token, b->token)
                               : strcmp(masked_query_name(a->b), masked_query_name(b->b));
    return order ? order : options->compare(options->arg, a, b);
}

static int compare_leaving(const void *x, const void *y, void *arg)
{
    const struct leaving *first = x, *second = y;
    const struct placed *a = first->p, *b = second->p;
    int order = (first->goes_to > second->goes_to) - (first->goes_to < second->goes_to);
    if (order == 0)
        order = (b->whole != WHOLE_NOT) - (a->whole != WHOLE_NOT);
    if (order == 0 && a->whole == WHOLE_NOT)
        order = compare_masked(arg, a, b);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/* Sorts the records by their places, of which there are n_places from `low` on. */
static int sort_by_counting(struct leaving_list *list, int64_t low, size_t n_places)
{
    struct leaving *v = list->v;
    vl_buf_reset(&list->counts);
    vl_buf_reset(&list->sorted);
    uint32_t *ends = (void *)vl_buf_reserve(&list->counts, (n_places + 1) * sizeof *ends);
    struct leaving *sorted = (void *)vl_buf_reserve(&list->sorted, list->n * sizeof *v);
    if (!ends || !sorted)
        return VL_ERR_MEMORY;
    memset(ends, 0, (n_places + 1) * sizeof *ends);
    for (size_t i = 0; i < list->n; i++)
        ends[v[i].goes_to - low + 1]++;
    for (size_t i = 1; i <= n_places; i++)
        ends[i] += ends[i - 1];
    for (size_t i = 0; i < list->n; i++)
        sorted[ends[v[i].goes_to - low]++] = v[i];
    memcpy(v, sorted, list->n * sizeof *v);
    return 0;
}

int leaving_list_sort(struct leaving_list *list, const struct reorder_options *options)
{
    enum { PLACES_PER_RECORD = 16 }; /* beyond, counting takes longer than comparing */
    struct leaving *v = list->v;
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (size_t i = 0; i < list->n; i++) {
        low = v[i].goes_to < low ? v[i].goes_to : low;
        high = v[i].goes_to > high ? v[i].goes_to : high;
    }
    if (list->n < 2)
        return 0;
    uint64_t range = (uint64_t)high - (uint64_t)low;
    bool counts = range < PLACES_PER_RECORD * (uint64_t)list->n;
    if (counts && sort_by_counting(list, low, (size_t)range + 1) < 0)
        return VL_ERR_MEMORY;
    for (size_t i = 0, next; i < list->n; i = next) {
        for (next = i + 1; next < list->n && (!counts || v[next].goes_to == v[i].goes_to);
             next++)
            ;
        if (next - i > 1)
            qsort_r(&v[i], next - i, sizeof *v, compare_leaving, (void *)options);
    }
    return 0;
}

void leaving_list_clear(struct leaving_list *list)
{
    free(list->v);
    vl_buf_clear(&list->counts);
    vl_buf_clear(&list->sorted);
    memset(list, 0, sizeof *list);
}
