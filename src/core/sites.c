#include "sites.h"

#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "varlock/buf.h"
#include "varlock/error.h"

/* Images of A, C, G, T in lexicographic order. */
static const uint8_t IMAGES[N_PERMUTATIONS][4] = {
    {0, 1, 2, 3}, {0, 1, 3, 2}, {0, 2, 1, 3}, {0, 2, 3, 1}, {0, 3, 1, 2}, {0, 3, 2, 1},
    {1, 0, 2, 3}, {1, 0, 3, 2}, {1, 2, 0, 3}, {1, 2, 3, 0}, {1, 3, 0, 2}, {1, 3, 2, 0},
    {2, 0, 1, 3}, {2, 0, 3, 1}, {2, 1, 0, 3}, {2, 1, 3, 0}, {2, 3, 0, 1}, {2, 3, 1, 0},
    {3, 0, 1, 2}, {3, 0, 2, 1}, {3, 1, 0, 2}, {3, 1, 2, 0}, {3, 2, 0, 1}, {3, 2, 1, 0},
};

uint8_t permutation_rank(const uint8_t image[4])
{
    uint8_t rank = 0;
    while (memcmp(IMAGES[rank], image, 4) != 0)
        rank++;
    return rank;
}

uint8_t permutation_image(uint8_t id, uint8_t base)
{
    return IMAGES[id][base];
}

uint8_t permutation_preimage(uint8_t id, uint8_t base)
{
    uint8_t i = 0;
    while (IMAGES[id][i] != base)
        i++;
    return i;
}

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

static bool map_base(uint8_t *seq, int32_t qpos, uint8_t perm, bool restore)
{
    int base = base_of_nibble[seq_nibble(seq, qpos)];
    if (base < 0)
        return false;
    uint8_t to = restore ? permutation_preimage(perm, (uint8_t)base)
                         : permutation_image(perm, (uint8_t)base);
    if (to == base)
        return false;
    seq_set_nibble(seq, qpos, nibble_of_base[to]);
    return true;
}

void sites_mask(struct site_list *list, bam1_t *b)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    uint32_t contig = (uint32_t)b->core.tid;
    while (run_walk_next(&walk, &run))
        for (size_t i = site_list_seek(list, contig, run.rpos);
             i < list->n && list->v[i].contig == contig &&
             list->v[i].pos0 < run.rpos + run.len;
             i++) {
            int32_t qpos = run.qpos + (int32_t)(list->v[i].pos0 - run.rpos);
            if (map_base(bam_get_seq(b), qpos, list->v[i].perm, false))
                list->v[i].used = true;
        }
}

void sites_restore(const struct site_list *list, bam1_t *b)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    uint32_t contig = (uint32_t)b->core.tid;
    while (list->n > 0 && run_walk_next(&walk, &run))
        for (size_t i = site_list_seek(list, contig, run.rpos);
             i < list->n && list->v[i].contig == contig &&
             list->v[i].pos0 < run.rpos + run.len;
             i++)
            map_base(bam_get_seq(b), run.qpos + (int32_t)(list->v[i].pos0 - run.rpos),
                     list->v[i].perm, true);
}
