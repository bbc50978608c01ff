#include "window/sites.h"

#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "varlock/bdiff.h"
#include "varlock/buf.h"
#include "varlock/error.h"
#include "varlock/fail.h"
#include "window/permutation.h"

int site_list_add(struct site_list *list, const struct site *site)
{
    struct site *v = vl_array_grow(list->v, list->n, &list->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    list->v = v;
    list->v[list->n++] = *site;
    return 0;
}

static int compare_sites(const void *a, const void *b)
{
    const struct site *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    return (x->pos0 > y->pos0) - (x->pos0 < y->pos0);
}

void site_list_sort(struct site_list *list)
{
    if (list->n > 1)
        qsort(list->v, list->n, sizeof *list->v, compare_sites);
}

size_t site_list_seek(const struct site_list *list, uint32_t contig, int64_t pos0)
{
    struct site wanted = {.contig = contig, .pos0 = pos0};
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare_sites(&list->v[mid], &wanted) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

bool site_list_equal(const struct site_list *a, const struct site_list *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++)
        equal =
            compare_sites(&a->v[i], &b->v[i]) == 0 && a->v[i].change == b->v[i].change;
    return equal;
}

void site_list_drop_unused(struct site_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].used)
            list->v[n++] = list->v[i];
    list->n = n;
}

void site_list_clear(struct site_list *list)
{
    free(list->v);
    memset(list, 0, sizeof *list);
}

void site_list_drop_repeated(struct site_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        if (n == 0 || compare_sites(&list->v[n - 1], &list->v[i]) != 0)
            list->v[n++] = list->v[i];
    list->n = n;
}

struct site_walk site_walk_start(const struct site_list *list, const bam1_t *b)
{
    return (struct site_walk){.list = list,
                              .runs = run_walk_start(b),
                              .contig = (uint32_t)b->core.tid,
                              .next = list->n};
}

int64_t site_walk_next(struct site_walk *walk, int64_t *qpos)
{
    const struct site_list *list = walk->list;
    while (walk->next >= list->n || list->v[walk->next].contig != walk->contig ||
           list->v[walk->next].pos0 >= walk->run.rpos + walk->run.len) {
        if (list->n == 0 || !run_walk_next(&walk->runs, &walk->run))
            return -1;
        walk->next = site_list_seek(list, walk->contig, walk->run.rpos);
    }
    *qpos = walk->run.qpos + (list->v[walk->next].pos0 - walk->run.rpos);
    return (int64_t)walk->next++;
}

void sites_mask(struct site_list *list, bam1_t *b)
{
    struct site_walk walk = site_walk_start(list, b);
    uint8_t *seq = bam_get_seq(b);
    int64_t i, qpos;
    while ((i = site_walk_next(&walk, &qpos)) >= 0) {
        int base = base_of_nibble[seq_nibble(seq, qpos)];
        int to = base < 0 ? base : permutation_image(list->v[i].change, (uint8_t)base);
        if (to == base)
            continue;
        seq_set_nibble(seq, qpos, nibble_of_base[to]);
        list->v[i].used = true;
    }
}

void sites_restore(const struct site_list *list, int model, const bam1_t *b, uint8_t *seq)
{
    struct site_walk walk = site_walk_start(list, b);
    int64_t i, qpos;
    while ((i = site_walk_next(&walk, &qpos)) >= 0) {
        uint8_t change = list->v[i].change;
        int base = base_of_nibble[seq_nibble(seq, qpos)];
        if (model == VL_MASK_SYNTH)
            seq_set_nibble(seq, qpos, change);
        else if (base >= 0)
            seq_set_nibble(seq, qpos,
                           nibble_of_base[permutation_preimage(change, (uint8_t)base)]);
    }
}
