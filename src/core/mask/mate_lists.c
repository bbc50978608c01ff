#include "mask/mate_lists.h"

#include <stdlib.h>
#include <string.h>

static struct placed **list_of(struct placed **lists, size_t n_lists, uint32_t hash)
{
    return &lists[hash & (n_lists - 1)];
}

static void put_first(struct placed **list, struct placed *p)
{
    p->earlier = *list;
    p->later = NULL;
    if (*list)
        (*list)->later = p;
    *list = p;
}

int mate_lists_grow(struct mate_lists *lists)
{
    /* What shares a list with a mate is no longer in the caches, so most lists are empty.
     */
    enum { FIRST = 1024, LISTS_PER_RECORD = 4 };
    if (LISTS_PER_RECORD * lists->n < lists->n_lists)
        return 0;
    size_t n = lists->n_lists ? 2 * lists->n_lists : FIRST;
    struct placed **first = calloc(n, sizeof(struct placed *));
    if (!first)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < lists->n_lists; i++) {
        struct placed *p = lists->first[i], *later;
        while (p && p->earlier)
            p = p->earlier;
        for (; p; p = later) {
            later = p->later;
            put_first(list_of(first, n, p->hash), p);
        }
    }
    free(lists->first);
    lists->first = first;
    lists->n_lists = n;
    return 0;
}

void mate_lists_add(struct mate_lists *lists, struct placed *p)
{
    put_first(list_of(lists->first, lists->n_lists, p->hash), p);
    lists->n++;
}

void mate_lists_remove(struct mate_lists *lists, const struct placed *p)
{
    if (p->earlier)
        p->earlier->later = p->later;
    if (p->later)
        p->later->earlier = p->earlier;
    else
        *list_of(lists->first, lists->n_lists, p->hash) = p->earlier;
    lists->n--;
}

void mate_lists_clear(struct mate_lists *lists)
{
    free(lists->first);
    memset(lists, 0, sizeof *lists);
}
