#include "projection/insert_sizes.h"

#include <stdlib.h>
#include <string.h>

#include "varlock/little_endian.h"

enum { MEDIAN = 400, SD = 100, TRIES = 64, GROUP_BYTES = 4, TRY_BYTES = 1 };

int insert_sizes_init(struct insert_sizes *sizes, size_t n_groups)
{
    memset(sizes, 0, sizeof *sizes);
    sizes->v = calloc(n_groups + 1, sizeof *sizes->v);
    if (!sizes->v)
        return VL_ERR_MEMORY;
    sizes->n = n_groups + 1;
    for (size_t i = 0; i < sizes->n; i++) {
        sizes->v[i].median = MEDIAN;
        sizes->v[i].sd = SD;
    }
    return 0;
}

void insert_sizes_clear(struct insert_sizes *sizes)
{
    for (size_t i = 0; i < sizes->n; i++)
        vl_buf_clear(&sizes->v[i].trimmed);
    free(sizes->v);
    memset(sizes, 0, sizeof *sizes);
}

struct insert_library *insert_sizes_of(const struct insert_sizes *sizes, int32_t group)
{
    return &sizes->v[group < 0 || (size_t)group >= sizes->n ? sizes->n - 1
                                                            : (size_t)group];
}

static bool is_trimmed(const struct insert_library *library, int64_t length)
{
    const int32_t *v = (const void *)library->trimmed.data;
    for (size_t i = 0; i < library->trimmed.len / sizeof *v; i++)
        if (v[i] == length)
            return true;
    return false;
}

int insert_sizes_draw(const struct insert_sizes *sizes, struct vl_name_draw *draw,
                      int32_t group, const char *name, size_t n, int64_t a, int64_t b,
                      int64_t *insert)
{
    const struct insert_library *library = insert_sizes_of(sizes, group);
    char message[GROUP_BYTES + TRY_BYTES + UINT8_MAX];
    int64_t least = a > b ? a : b;
    *insert = least;
    if (a == b && is_trimmed(library, a))
        return 0;
    vl_store_le((uint8_t *)message, (uint64_t)(group + 1), GROUP_BYTES);
    memcpy(message + GROUP_BYTES + TRY_BYTES, name, n);
    for (int try = 0; try < TRIES; try++) {
        uint8_t bits[VL_NAME_DRAW_MAX];
        message[GROUP_BYTES] = (char)try;
        if (vl_name_draw(draw, message, GROUP_BYTES + TRY_BYTES + n, bits, NULL) < 0)
            return VL_ERR_MEMORY;
        int64_t size = library->median + vl_draw_scale(vl_draw_normal(bits), library->sd);
        if (size >= least && size <= sizes->max) {
            *insert = size;
            return 0;
        }
    }
    return 0;
}
