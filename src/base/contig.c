#include <stdlib.h>
#include <string.h>

#include "varlock/buf.h"
#include "varlock/contig.h"

int vl_contigs_add(struct vl_contigs *contigs, const char *name, int64_t length,
                   const char *m5)
{
    struct vl_contig *v = vl_array_grow(contigs->v, contigs->n, &contigs->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    contigs->v = v;
    struct vl_contig *c = &contigs->v[contigs->n];
    memset(c, 0, sizeof *c);
    c->name = strdup(name);
    if (!c->name)
        return VL_ERR_MEMORY;
    c->length = length;
    if (m5 && strlen(m5) == VL_M5_CHARS)
        memcpy(c->m5, m5, VL_M5_CHARS);
    contigs->n++;
    free(contigs->by_name);
    contigs->by_name = NULL;
    return 0;
}

struct named {
    const char *name;
    uint32_t number;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static int build_name_index(struct vl_contigs *contigs)
{
    struct named *order = malloc(contigs->n * sizeof *order + 1);
    uint32_t *by_name = malloc(contigs->n * sizeof *by_name + 1);
    if (!order || !by_name) {
        free(order);
        free(by_name);
        return VL_ERR_MEMORY;
    }
    for (size_t i = 0; i < contigs->n; i++)
        order[i] = (struct named){contigs->v[i].name, (uint32_t)i};
    qsort(order, contigs->n, sizeof *order, compare_named);
    for (size_t i = 0; i < contigs->n; i++)
        by_name[i] = order[i].number;
    free(order);
    contigs->by_name = by_name;
    return 0;
}

int vl_contigs_find(struct vl_contigs *contigs, const char *name)
{
    if (!contigs->by_name && build_name_index(contigs) < 0)
        return VL_ERR_MEMORY;
    size_t low = 0, high = contigs->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(contigs->v[contigs->by_name[mid]].name, name);
        if (order == 0)
            return (int)contigs->by_name[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

int vl_contigs_check_unique(struct vl_contigs *contigs, const char *what,
                            struct vl_error *err)
{
    if (!contigs->by_name && build_name_index(contigs) < 0)
        return vl_error_memory(err);
    for (size_t i = 1; i < contigs->n; i++) {
        const char *name = contigs->v[contigs->by_name[i]].name;
        if (strcmp(contigs->v[contigs->by_name[i - 1]].name, name) == 0)
            return vl_error_set(err, VL_ERR_DATA, "%s: contig %s is listed twice", what,
                                name);
    }
    return 0;
}

void vl_contigs_clear(struct vl_contigs *contigs)
{
    for (size_t i = 0; i < contigs->n; i++)
        free(contigs->v[i].name);
    free(contigs->v);
    free(contigs->by_name);
    *contigs = VL_CONTIGS_INIT;
}
