#include "projection/blur.h"

#include <stdlib.h>

#include "varlock/seal.h"

enum { N_TILES = 64 };

/* The shifts of consecutive places of a strand. */
struct tile {
    bool is_filled;
    int32_t contig;
    bool is_reverse;
    int64_t number; /* of its first place, divided by BLUR_TILE */
    int32_t shift[BLUR_TILE];
};

struct blur {
    const struct vl_contigs *contigs;
    int64_t sd;
    struct vl_draw *draw;
    int32_t contig; /* whose draws are set; -1: none */
    struct tile *tiles;
};

int blur_open(struct blur **blur, const struct vl_contigs *contigs, int64_t sd,
              const uint8_t geometry_key[static VL_MASK_KEY_BYTES], struct vl_error *err)
{
    *blur = NULL;
    struct blur *b = calloc(1, sizeof *b);
    if (!b)
        return vl_error_memory(err);
    *b = (struct blur){.contigs = contigs, .sd = sd, .contig = -1};
    int rc = sd > 0 ? vl_draw_open_geometry(&b->draw, geometry_key, err) : 0;
    if (rc == 0 && sd > 0 && !(b->tiles = calloc(N_TILES, sizeof *b->tiles)))
        rc = vl_error_memory(err);
    if (rc < 0)
        blur_free(b);
    else
        *blur = b;
    return rc;
}

/* vl_draw_scale for a standard deviation of at most BLUR_MAX.  The compiler can do
 * several at once, as there is neither a branch nor a product of more than 32 bits. */
static int32_t scale(int32_t normal, int32_t sd)
{
    int32_t product = normal * sd, negative = -(product < 0);
    int32_t size = (product ^ negative) - negative;
    size = (size + VL_NORMAL_ONE / 2) / VL_NORMAL_ONE;
    return (size ^ negative) - negative;
}

int blur_draw(struct blur *b, int32_t contig, bool is_reverse, int64_t pos0, size_t n,
              int32_t *shifts)
{
    if (contig != b->contig &&
        vl_draw_set_contig(b->draw, b->contigs->v[contig].name, NULL) < 0)
        return VL_ERR_MEMORY;
    b->contig = contig;
    if (vl_draw_normals(b->draw, is_reverse, pos0, n, shifts, NULL) < 0)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        shifts[i] = scale(shifts[i], (int32_t)b->sd);
    return 0;
}

static int fill(struct blur *b, struct tile *t, int32_t contig, bool is_reverse,
                int64_t number)
{
    t->is_filled = false;
    if (blur_draw(b, contig, is_reverse, number * BLUR_TILE, BLUR_TILE, t->shift) < 0)
        return VL_ERR_MEMORY;
    t->contig = contig;
    t->is_reverse = is_reverse;
    t->number = number;
    t->is_filled = true;
    return 0;
}

static struct tile *find(struct blur *b, int32_t contig, bool is_reverse, int64_t number)
{
    struct tile *t = &b->tiles[(2 * (uint64_t)number + is_reverse) % N_TILES];
    bool there = t->is_filled && t->contig == contig && t->is_reverse == is_reverse &&
                 t->number == number;
    return there || fill(b, t, contig, is_reverse, number) == 0 ? t : NULL;
}

int blur_shift(struct blur *b, int32_t contig, bool is_reverse, int64_t five,
               int64_t *shift)
{
    *shift = 0;
    if (b->sd == 0)
        return 0;
    const struct tile *t = find(b, contig, is_reverse, five >> BLUR_TILE_SHIFT);
    if (!t)
        return VL_ERR_MEMORY;
    *shift = t->shift[five & (BLUR_TILE - 1)];
    return 0;
}

const int32_t *blur_tile(struct blur *b, int32_t contig, bool is_reverse, int64_t number)
{
    const struct tile *t = find(b, contig, is_reverse, number);
    return t ? t->shift : NULL;
}

void blur_free(struct blur *b)
{
    if (!b)
        return;
    vl_draw_free(b->draw);
    if (b->tiles)
        vl_wipe(b->tiles, N_TILES * sizeof *b->tiles);
    free(b->tiles);
    free(b);
}
