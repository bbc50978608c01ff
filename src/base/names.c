#include "varlock/names.h"

#include <stdlib.h>
#include <string.h>

#include "varlock/buf.h"
#include "varlock/fail.h"

int vl_names_add(struct vl_names *names, const char *name)
{
    char **v = vl_array_grow(names->v, names->n, &names->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    names->v = v;
    names->v[names->n] = strdup(name);
    if (!names->v[names->n])
        return VL_ERR_MEMORY;
    names->n++;
    return 0;
}

/* Equal names are sorted by their numbers. */
static int compare_numbers(const void *a, const void *b, void *arg)
{
    const struct vl_names *names = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = strcmp(names->v[x], names->v[y]);
    return order ? order : (x > y) - (x < y);
}

/* Number of the first n entries of the index that stand before `name`.  Equal names were
 * added before it, so they count too. */
static size_t n_before(const struct vl_names *names, size_t n, const char *name)
{
    size_t low = 0;
    while (low < n) {
        size_t mid = low + (n - low) / 2;
        if (strcmp(names->v[names->by_name[mid]], name) <= 0)
            low = mid + 1;
        else
            n = mid;
    }
    return low;
}

int vl_names_index(struct vl_names *names)
{
    size_t n_new = names->n - names->n_indexed, n_old = names->n_indexed;
    if (n_new == 0)
        return 0;
    uint32_t *added = malloc(n_new * sizeof *added);
    uint32_t *by_name =
        added ? realloc(names->by_name, names->cap * sizeof *by_name) : NULL;
    if (!by_name) {
        free(added);
        return VL_ERR_MEMORY;
    }
    names->by_name = by_name;
    for (size_t i = 0; i < n_new; i++)
        added[i] = (uint32_t)(n_old + i);
    qsort_r(added, n_new, sizeof *added, compare_numbers, names);
    /* This starts at the last name, so that each entry moves once, to its final place. */
    for (size_t i = n_new; i-- > 0;) {
        size_t at = n_before(names, n_old, names->v[added[i]]);
        memmove(by_name + at + i + 1, by_name + at, (n_old - at) * sizeof *by_name);
        by_name[at + i] = added[i];
        n_old = at;
    }
    free(added);
    names->n_indexed = names->n;
    return 0;
}

int vl_names_find(const struct vl_names *names, const char *name)
{
    size_t low = 0, high = names->n_indexed;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(names->v[names->by_name[mid]], name);
        if (order == 0)
            return (int)names->by_name[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return -1;
}

/* Number of characters that both texts have in common at their start, at most n. */
static size_t n_shared(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    while (i < n && a[i] && a[i] == b[i])
        i++;
    return i;
}

/* If the text begins with a name, that name stands at or before the text in the order of
 * names, and all names between the two begin with it as well.  So the last name at or
 * before the text is such a name, or it shows how long such a name can be at most. */
bool vl_names_begin(const struct vl_names *names, const char *text)
{
    size_t n = strlen(text), before = names->n_indexed;
    for (;;) {
        size_t low = 0;
        while (low < before) {
            size_t mid = low + (before - low) / 2;
            const char *name = names->v[names->by_name[mid]];
            int order = strncmp(name, text, n);
            if (order < 0 || (order == 0 && strlen(name) <= n))
                low = mid + 1;
            else
                before = mid;
        }
        if (low == 0)
            return false;
        const char *name = names->v[names->by_name[low - 1]];
        n = n_shared(name, text, n);
        if (!name[n])
            return true;
        before = low - 1;
    }
}

int vl_names_number(struct vl_names *names, const char *name)
{
    int number = vl_names_find(names, name);
    if (number >= 0)
        return number;
    if (vl_names_add(names, name) < 0 || vl_names_index(names) < 0)
        return VL_ERR_MEMORY;
    return (int)names->n - 1;
}

int vl_names_check_unique(struct vl_names *names, const char *where, const char *what,
                          struct vl_error *err)
{
    if (vl_names_index(names) < 0)
        return vl_error_memory(err);
    for (size_t i = 1; i < names->n_indexed; i++) {
        const char *name = names->v[names->by_name[i]];
        if (strcmp(names->v[names->by_name[i - 1]], name) == 0)
            return vl_error_set(err, VL_ERR_DATA, "%s: %s %s is listed twice", where,
                                what, name);
    }
    return 0;
}

void vl_names_clear(struct vl_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->v[i]);
    free(names->v);
    free(names->by_name);
    *names = VL_NAMES_INIT;
}
