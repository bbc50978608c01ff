#include "projection/moved_places.h"

#include <stdlib.h>
#include <string.h>

#include "projection/blur.h"
#include "varlock/seal.h"

enum {
    TILE_SHIFT = BLUR_TILE_SHIFT,
    TILE = BLUR_TILE,
    N_TILES = 64, /* of a strand: a window is read twice, and most have fewer */
    ASKED_MAX = 2 /* a tile of the reverse strand is filled when it is asked for again */
};

/* The places that move onto consecutive ones of a strand. */
struct moved_tile {
    bool is_filled;
    uint8_t n_asked; /* times it was asked for before it was filled */
    int32_t contig;
    int64_t number;           /* of its first place, divided by TILE */
    uint32_t first[TILE + 1]; /* index of the first shift onto each place, and the end */
    int32_t *shifts;          /* onto the first place, in the order of where they begin,
                                 then onto the second one; owned */
    size_t cap_shifts;
};

struct moved_places {
    struct blur *blur;
    size_t n_contigs;
    int64_t reach;            /* greatest shift */
    struct moved_tile *tiles; /* first those of the forward strand */
    int32_t *shifts;          /* of the places within reach of a tile, or of one place */
};

static size_t n_shifts(const struct moved_places *m)
{
    return TILE + 2 * (size_t)m->reach;
}

int moved_places_open(struct moved_places **places, const struct shown_geometry *geometry,
                      struct vl_error *err)
{
    *places = NULL;
    struct moved_places *m = calloc(1, sizeof *m);
    if (!m)
        return vl_error_memory(err);
    m->n_contigs = geometry->contigs->n;
    m->reach = vl_draw_scale(VL_NORMAL_MAX, geometry->blur_sd);
    m->tiles = calloc(2 * N_TILES, sizeof *m->tiles);
    m->shifts = calloc(n_shifts(m), sizeof *m->shifts);
    int rc = m->tiles && m->shifts ? blur_open(&m->blur, geometry->contigs,
                                               geometry->blur_sd, geometry->key, err)
                                   : vl_error_memory(err);
    if (rc < 0)
        moved_places_free(m);
    else
        *places = m;
    return rc;
}

/* Gets the shifts of the places within reach of the tile. */
static int get_shifts(struct moved_places *m, int32_t contig, bool is_reverse,
                      int64_t low)
{
    int64_t high = low + (int64_t)n_shifts(m);
    for (int64_t at = low, next; at < high; at = next) {
        const int32_t *shifts = blur_tile(m->blur, contig, is_reverse, at >> TILE_SHIFT);
        if (!shifts)
            return VL_ERR_MEMORY;
        next = ((at >> TILE_SHIFT) + 1) * TILE;
        next = next < high ? next : high;
        memcpy(m->shifts + (at - low), shifts + (at & (TILE - 1)),
               (size_t)(next - at) * sizeof *shifts);
    }
    return 0;
}

/* Sorts the shifts by the places onto which they lead, by counting. */
static int fill(struct moved_places *m, struct moved_tile *t, bool is_reverse)
{
    int64_t n = (int64_t)n_shifts(m);
    uint32_t *first = t->first, total = 0;
    if (get_shifts(m, t->contig, is_reverse, t->number * TILE - m->reach) < 0)
        return VL_ERR_MEMORY;
    memset(first, 0, sizeof t->first);
    for (int64_t i = 0; i < n; i++) {
        uint64_t at = (uint64_t)(i + m->shifts[i] - m->reach);
        if (at < TILE)
            first[at + 1]++;
    }
    for (int i = 1; i <= TILE; i++)
        total += first[i];
    int32_t *grown =
        total <= t->cap_shifts ? t->shifts : realloc(t->shifts, total * sizeof *grown);
    if (!grown && total > 0)
        return VL_ERR_MEMORY;
    t->shifts = grown;
    t->cap_shifts = total > t->cap_shifts ? total : t->cap_shifts;
    /* first[i + 1] is where the next shift onto place i goes, and so becomes the end. */
    for (uint32_t i = 1, sum = 0; i <= TILE; i++) {
        uint32_t here = first[i];
        first[i] = sum;
        sum += here;
    }
    for (int64_t i = 0; i < n; i++) {
        uint64_t at = (uint64_t)(i + m->shifts[i] - m->reach);
        if (at < TILE)
            t->shifts[first[at + 1]++] = m->shifts[i];
    }
    t->is_filled = true;
    return 0;
}

/* Finds the shifts onto one place alone. */
static int draw_single(struct moved_places *m, int32_t contig, bool is_reverse,
                       struct moved_walk *walk)
{
    int64_t low = walk->shown - m->reach;
    size_t n = 2 * (size_t)m->reach + 1, n_found = 0;
    if (blur_draw(m->blur, contig, is_reverse, low, n, m->shifts) < 0)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        if ((int64_t)i + m->shifts[i] == m->reach)
            m->shifts[n_found++] = m->shifts[i];
    walk->next = m->shifts;
    walk->end = m->shifts + n_found;
    return 0;
}

/* Counts the question.  True if the tile is filled, or should be now.  Of the reverse
 * strand few reads ask for places, since most follow their mates.  To fill a tile then
 * takes longer than to draw what each of them needs. */
static bool ask_for_filled(struct moved_tile *t, int32_t contig, bool is_reverse,
                           int64_t number)
{
    bool known = t->contig == contig && t->number == number;
    if (!known || !(t->is_filled || t->n_asked > 0)) {
        t->is_filled = false;
        t->n_asked = 0;
        t->contig = contig;
        t->number = number;
    }
    return t->is_filled || !is_reverse || t->n_asked++ >= ASKED_MAX;
}

int moved_places_start(struct moved_places *m, int32_t contig, bool is_reverse,
                       int64_t shown, struct moved_walk *walk)
{
    int64_t number = shown >> TILE_SHIFT;
    struct moved_tile *t = &m->tiles[(uint64_t)number % N_TILES + is_reverse * N_TILES];
    *walk = (struct moved_walk){.shown = shown};
    if (contig < 0 || (size_t)contig >= m->n_contigs)
        return 0;
    if (!ask_for_filled(t, contig, is_reverse, number))
        return draw_single(m, contig, is_reverse, walk);
    if (!t->is_filled && fill(m, t, is_reverse) < 0)
        return VL_ERR_MEMORY;
    const uint32_t *first = &t->first[shown & (TILE - 1)];
    walk->next = t->shifts + first[0];
    walk->end = t->shifts + first[1];
    return 0;
}

bool moved_walk_next(struct moved_walk *walk, int64_t *place)
{
    if (walk->next == walk->end)
        return false;
    *place = walk->shown - *walk->next++;
    return true;
}

void moved_places_free(struct moved_places *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->tiles && i < 2 * N_TILES; i++) {
        if (m->tiles[i].shifts)
            vl_wipe(m->tiles[i].shifts,
                    m->tiles[i].cap_shifts * sizeof *m->tiles[i].shifts);
        free(m->tiles[i].shifts);
    }
    if (m->tiles)
        vl_wipe(m->tiles, 2 * N_TILES * sizeof *m->tiles);
    if (m->shifts)
        vl_wipe(m->shifts, n_shifts(m) * sizeof *m->shifts);
    free(m->shifts);
    free(m->tiles);
    blur_free(m->blur);
    free(m);
}
