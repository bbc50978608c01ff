#include "projection/moved_places.h"

#include <stdlib.h>
#include <string.h>

#include "projection/blur.h"
#include "varlock/buf.h"
#include "varlock/seal.h"

enum { TILE_SHIFT = BLUR_TILE_SHIFT, TILE = BLUR_TILE, N_TILES = 64 };

/* A place, and the next one that moves onto the same place. */
struct link {
    int64_t place;
    int32_t next;
};

/* The places that move onto consecutive ones of a strand. */
struct moved_tile {
    bool is_filled;
    int32_t contig;
    bool is_reverse;
    int64_t number;      /* of its first place, divided by TILE */
    int32_t first[TILE]; /* of each chain; -1: empty */
    struct vl_buf links; /* struct link */
};

struct moved_places {
    struct blur *blur;
    size_t n_contigs;
    int64_t reach; /* greatest shift */
    struct moved_tile *tiles;
};

int moved_places_open(struct moved_places **places, const struct shown_geometry *geometry,
                      struct vl_error *err)
{
    *places = NULL;
    struct moved_places *m = calloc(1, sizeof *m);
    if (!m)
        return vl_error_memory(err);
    m->n_contigs = geometry->contigs->n;
    m->reach = vl_draw_scale(VL_NORMAL_MAX, geometry->blur_sd);
    m->tiles = calloc(N_TILES, sizeof *m->tiles);
    int rc = m->tiles ? blur_open(&m->blur, geometry->contigs, geometry->blur_sd,
                                  geometry->key, err)
                      : vl_error_memory(err);
    if (rc < 0)
        moved_places_free(m);
    else
        *places = m;
    return rc;
}

/* Links the places from `low` to `high` - 1, all of one tile of shifts, downwards, so
 * that each chain ascends. */
static void link_places(struct moved_tile *t, const int32_t *shifts, int64_t low,
                        int64_t high)
{
    int64_t from = t->number * TILE;
    if (!vl_buf_reserve(&t->links, TILE * sizeof(struct link)))
        return;
    struct link *links = (void *)t->links.data;
    size_t n = t->links.len / sizeof *links;
    for (int64_t x = high; x-- > low;) {
        int64_t at = x + shifts[x & (TILE - 1)] - from;
        if (at < 0 || at >= TILE)
            continue;
        links[n] = (struct link){x, t->first[at]};
        t->first[at] = (int32_t)n++;
    }
    t->links.len = n * sizeof *links;
}

static int fill(struct moved_places *m, struct moved_tile *t, int32_t contig,
                bool is_reverse, int64_t number)
{
    int64_t low = number * TILE - m->reach, high = number * TILE + TILE + m->reach;
    t->is_filled = false;
    t->contig = contig;
    t->is_reverse = is_reverse;
    t->number = number;
    t->links.len = 0;
    memset(t->first, 0xff, sizeof t->first); /* -1 throughout */
    while (high > low) {
        int64_t tile = (high - 1) >> TILE_SHIFT, beg = tile * TILE;
        const int32_t *shifts = blur_tile(m->blur, contig, is_reverse, tile);
        if (!shifts)
            return VL_ERR_MEMORY;
        link_places(t, shifts, beg > low ? beg : low, high);
        high = beg;
    }
    t->is_filled = !t->links.failed;
    return t->is_filled ? 0 : VL_ERR_MEMORY;
}

int moved_places_start(struct moved_places *m, int32_t contig, bool is_reverse,
                       int64_t shown, struct moved_walk *walk)
{
    int64_t number = shown >> TILE_SHIFT;
    struct moved_tile *t = &m->tiles[(2 * (uint64_t)number + is_reverse) % N_TILES];
    *walk = (struct moved_walk){t, -1};
    if (contig < 0 || (size_t)contig >= m->n_contigs)
        return 0;
    bool there = t->is_filled && t->contig == contig && t->is_reverse == is_reverse &&
                 t->number == number;
    if (!there && fill(m, t, contig, is_reverse, number) < 0)
        return VL_ERR_MEMORY;
    walk->next = t->first[shown & (TILE - 1)];
    return 0;
}

bool moved_walk_next(struct moved_walk *walk, int64_t *place)
{
    if (walk->next < 0)
        return false;
    const struct link *link = (const struct link *)(void *)walk->tile->links.data;
    *place = link[walk->next].place;
    walk->next = link[walk->next].next;
    return true;
}

void moved_places_free(struct moved_places *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->tiles && i < N_TILES; i++)
        vl_buf_wipe(&m->tiles[i].links);
    if (m->tiles)
        vl_wipe(m->tiles, N_TILES * sizeof *m->tiles);
    free(m->tiles);
    blur_free(m->blur);
    free(m);
}
