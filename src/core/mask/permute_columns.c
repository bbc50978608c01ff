#include "mask/permute_columns.h"

#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/record.h"
#include "record/walk.h"
#include "window/permutation.h"

struct column {
    int64_t pos0;
    uint32_t vac[4];
    uint32_t seen[4];
    uint64_t window; /* number of the last window that got this site, plus 1 */
    uint8_t ref;
    uint8_t perm;
    bool decided;
};

struct held {
    bam1_t *b;
    int64_t last_site; /* the record is ready when all sites up to this position are
                          decided; -1: no site */
    bool counts;
};

struct permute {
    struct vl_vac_reader *vac;
    const int32_t *vac_contig;
    const struct vl_contigs *contigs;
    struct vl_draw *draw;
    /* columns of one contig, in order; those in [first, end) are in use */
    struct column *column;
    size_t first, end, cap;
    size_t next_open;  /* columns before this index are decided */
    int32_t contig;    /* contig of the columns; -1: none */
    int64_t loaded_to; /* sites before this position are loaded */
    struct vl_site ahead;
    bool has_ahead, no_more;
    /* A ring of records in order.  The slots before the oldest record hold emptied
     * records that were popped last.  They are used again. */
    struct held *ring;
    size_t ring_cap, oldest, n_held, n_spare;
    size_t held_bytes;
    uint64_t n_covered, n_changed;
};

int permute_open(struct permute **handle, struct vl_vac_reader *vac,
                 const int32_t *vac_contig, const struct vl_contigs *contigs,
                 const uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err)
{
    *handle = NULL;
    struct permute *p = calloc(1, sizeof *p);
    if (!p)
        return vl_error_memory(err);
    p->vac = vac;
    p->vac_contig = vac_contig;
    p->contigs = contigs;
    p->contig = -1;
    int rc = vl_draw_open(&p->draw, mask_key, err);
    if (rc < 0)
        permute_free(p);
    else
        *handle = p;
    return rc;
}

/* Computes the permutation as described in permute_columns.h.  At each step the
 * population's counts give the masked base, and the reads' counts give the original
 * base. */
uint8_t permute_decide(const uint32_t vac[static 4], const uint32_t seen[static 4],
                       const struct vl_site_draws *draws)
{
    uint8_t image[4];
    bool masked_left[4] = {true, true, true, true},
         original_left[4] = {true, true, true, true};
    for (int step = 0; step < 4; step++) {
        uint64_t total = 0;
        for (int i = 0; i < 4; i++)
            total += masked_left[i] ? vac[i] : 0;
        bool even = total == 0;
        uint64_t at =
            vl_draw_index(draws->step[step], even ? (uint64_t)(4 - step) : total);
        int masked = 0, original = -1;
        for (;; masked++) {
            uint64_t weight = !masked_left[masked] ? 0 : even ? 1 : vac[masked];
            if (at < weight)
                break;
            at -= weight;
        }
        for (int i = 0; i < 4; i++)
            if (original_left[i] &&
                (original < 0 || seen[i] > seen[original] ||
                 (seen[i] == seen[original] && draws->tie[i] > draws->tie[original])))
                original = i;
        image[original] = (uint8_t)masked;
        masked_left[masked] = original_left[original] = false;
    }
    return permutation_rank(image);
}

/* Decides a column.  It is drawn even if no read was counted: if the decision was forced,
 * reads may still follow. */
static int decide_column(struct permute *p, struct column *c, struct vl_error *err)
{
    struct vl_site_draws draws;
    c->decided = true;
    int rc = vl_draw_site(p->draw, (uint64_t)c->pos0, &draws, err);
    if (rc < 0)
        return rc;
    c->perm = permute_decide(c->vac, c->seen, &draws);
    bool covered = false, changed = false;
    for (uint8_t i = 0; i < 4; i++) {
        covered |= c->seen[i] > 0;
        changed |= c->seen[i] > 0 && permutation_image(c->perm, i) != i;
    }
    p->n_covered += covered;
    p->n_changed += changed;
    return 0;
}

static int decide_before(struct permute *p, int64_t pos, struct vl_error *err)
{
    for (; p->next_open < p->end && p->column[p->next_open].pos0 < pos; p->next_open++) {
        struct column *c = &p->column[p->next_open];
        int rc = c->decided ? 0 : decide_column(p, c, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int add_column(struct permute *p, const struct vl_site *site)
{
    if (p->end == p->cap && p->first > p->cap / 2) {
        memmove(p->column, p->column + p->first, (p->end - p->first) * sizeof *p->column);
        p->end -= p->first;
        p->next_open -= p->first;
        p->first = 0;
    }
    struct column *column = vl_array_grow(p->column, p->end, &p->cap, sizeof *column);
    if (!column)
        return VL_ERR_MEMORY;
    p->column = column;
    struct column *c = &p->column[p->end++];
    memset(c, 0, sizeof *c);
    c->pos0 = site->pos0;
    c->ref = site->ref;
    memcpy(c->vac, site->count, sizeof c->vac);
    return 0;
}

/* Loads the sites before `end`.  Sites in a long gap without reads are skipped, not
 * read. */
static int load_columns(struct permute *p, int64_t pos, int64_t end, struct vl_error *err)
{
    enum { JUMP = 1 << 20 };
    int32_t vac_contig = p->vac_contig[p->contig];
    if (vac_contig < 0 || p->no_more || end <= p->loaded_to)
        return 0;
    if (p->first == p->end && (p->loaded_to < 0 || pos - p->loaded_to > JUMP)) {
        int rc = vl_vac_seek(p->vac, (uint32_t)vac_contig, pos, err);
        if (rc < 0)
            return rc;
        p->has_ahead = false;
    }
    for (p->loaded_to = end;; p->has_ahead = false) {
        int rc = p->has_ahead ? 1 : vl_vac_next(p->vac, &p->ahead, err);
        if (rc < 0)
            return rc;
        p->no_more = rc == 0;
        p->has_ahead = rc == 1;
        if (rc == 0 || p->ahead.pos0 >= end)
            return 0;
        if (p->ahead.pos0 >= pos && add_column(p, &p->ahead) < 0)
            return vl_error_memory(err);
    }
}

static int enter_contig(struct permute *p, int32_t contig, struct vl_error *err)
{
    p->first = p->end = p->next_open = 0;
    p->contig = contig;
    p->no_more = p->has_ahead = false;
    p->loaded_to = -1;
    if (contig < 0 || p->vac_contig[contig] < 0)
        return 0;
    return vl_draw_set_contig(p->draw, p->contigs->v[contig].name, err);
}

/* Index of the first loaded column at or after pos. */
static size_t seek_column(const struct permute *p, int64_t pos)
{
    size_t low = p->first, high = p->end;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (p->column[mid].pos0 < pos)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Loops over the columns under the aligned and deleted bases of a record, which must be
 * on the contig of the columns. */
#define FOR_COLUMNS(p, b, walk, run, i)                                                  \
    for (struct run_walk walk = run_walk_start(b); run_walk_next_either(&walk, &run);)   \
        for (size_t i = seek_column(p, run.rpos);                                        \
             i < (p)->end && (p)->column[i].pos0 < run.rpos + run.len; i++)

static int64_t count_record(struct permute *p, const bam1_t *b)
{
    struct aligned_run run;
    int64_t last = -1;
    FOR_COLUMNS(p, b, walk, run, i)
    {
        struct column *c = &p->column[i];
        last = c->pos0;
        if (run.qpos < 0)
            continue;
        int base = base_of_nibble[seq_nibble(bam_get_seq(b),
                                             run.qpos + (int32_t)(c->pos0 - run.rpos))];
        if (base >= 0 && !c->decided)
            c->seen[base]++;
    }
    return last;
}

static int grow_ring(struct permute *p)
{
    if (p->n_held < p->ring_cap) /* a full ring has no spare records */
        return 0;
    size_t cap = p->ring_cap ? 2 * p->ring_cap : 1024;
    struct held *ring = calloc(cap, sizeof *ring);
    if (!ring)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < p->ring_cap; i++)
        ring[i] = p->ring[(p->oldest + i) % p->ring_cap];
    free(p->ring);
    p->ring = ring;
    p->ring_cap = cap;
    p->oldest = 0;
    return 0;
}

/* An empty record.  Spare records are shared by all slots: if each slot kept its own, the
 * ring would allocate one record per slot instead of one per held record. */
static bam1_t *take_spare(struct permute *p)
{
    if (p->n_spare == 0)
        return bam_init1();
    struct held *slot = &p->ring[(p->oldest + p->ring_cap - p->n_spare) % p->ring_cap];
    bam1_t *b = slot->b;
    slot->b = NULL;
    p->n_spare--;
    return b;
}

static struct held *oldest(const struct permute *p)
{
    return &p->ring[p->oldest];
}

static bool is_ready(const struct permute *p, const struct held *h)
{
    return h->last_site < 0 || p->next_open == p->end ||
           h->last_site < p->column[p->next_open].pos0;
}

/* Decides the open sites of the oldest record now.  Reads that come later over these
 * sites follow the decision. */
static int force_oldest(struct permute *p, struct vl_error *err)
{
    struct held *h = oldest(p);
    struct aligned_run run;
    if (is_ready(p, h))
        return 0;
    FOR_COLUMNS(p, h->b, walk, run, i)
    {
        int rc = p->column[i].decided ? 0 : decide_column(p, &p->column[i], err);
        if (rc < 0)
            return rc;
    }
    h->last_site = -1;
    return 0;
}

int permute_advance(struct permute *p, const bam1_t *b, struct vl_error *err)
{
    return decide_before(p, b->core.tid == p->contig ? b->core.pos : INT64_MAX, err);
}

int permute_push(struct permute *p, bam1_t *b, bool counts, struct vl_error *err)
{
    int rc = grow_ring(p) < 0 ? vl_error_memory(err) : 0;
    if (rc == 0 && b->core.tid != p->contig)
        rc = enter_contig(p, b->core.tid, err);
    bool covers = counts && record_is_aligned(b);
    if (rc == 0 && covers)
        rc = load_columns(p, b->core.pos, bam_endpos(b), err);
    if (rc < 0)
        return rc;
    struct held *h = &p->ring[(p->oldest + p->n_held) % p->ring_cap];
    h->b = take_spare(p);
    if (!h->b)
        return vl_error_memory(err);
    h->last_site = covers ? count_record(p, b) : -1;
    h->counts = covers;
    record_swap(h->b, b);
    p->n_held++;
    p->held_bytes += record_bytes(h->b);
    return p->held_bytes > PERMUTE_HELD_MAX ? force_oldest(p, err) : 0;
}

int permute_end(struct permute *p, struct vl_error *err)
{
    return decide_before(p, INT64_MAX, err);
}

const bam1_t *permute_peek(const struct permute *p)
{
    return p->n_held > 0 && is_ready(p, oldest(p)) ? oldest(p)->b : NULL;
}

static int give_sites(struct permute *p, const bam1_t *b, uint64_t window,
                      struct site_list *sites)
{
    struct aligned_run run;
    /* No more records cover the columns before the oldest waiting record. */
    while (p->first < p->next_open && p->column[p->first].pos0 < b->core.pos)
        p->first++;
    FOR_COLUMNS(p, b, walk, run, i)
    {
        struct column *c = &p->column[i];
        struct site site = {.contig = (uint32_t)b->core.tid,
                            .pos0 = c->pos0,
                            .ref = c->ref,
                            .change = c->perm};
        if (c->window == window + 1)
            continue;
        c->window = window + 1;
        if (site_list_add(sites, &site) < 0)
            return VL_ERR_MEMORY;
    }
    return 0;
}

int permute_pop(struct permute *p, bam1_t *b, uint64_t window, struct site_list *sites,
                struct vl_error *err)
{
    if (!permute_peek(p))
        return 0;
    struct held *h = oldest(p);
    if (h->counts && give_sites(p, h->b, window, sites) < 0)
        return vl_error_memory(err);
    p->held_bytes -= record_bytes(h->b);
    record_swap(h->b, b);
    record_trim(h->b);
    p->oldest = (p->oldest + 1) % p->ring_cap;
    p->n_held--;
    p->n_spare++;
    int rc = p->held_bytes > PERMUTE_HELD_MAX ? force_oldest(p, err) : 0;
    return rc < 0 ? rc : 1;
}

uint64_t permute_n_covered(const struct permute *p)
{
    return p->n_covered;
}

uint64_t permute_n_changed(const struct permute *p)
{
    return p->n_changed;
}

void permute_free(struct permute *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->ring_cap; i++)
        if (p->ring[i].b)
            bam_destroy1(p->ring[i].b);
    free(p->ring);
    free(p->column);
    vl_draw_free(p->draw);
    free(p);
}
