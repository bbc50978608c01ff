#include "projection/quality_guard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "projection/quality_counts.h"
#include "projection/sequencing_lane.h"
#include "record/record.h"
#include "varlock/buf.h"
#include "varlock/fail.h"

static const double BITS_MAX = 0.05, SHIFT_MAX = 4;

enum { CELLS_MAX = 128, NONE = -1, GROUP_NAME_BYTES = 128 };
static const uint64_t BASES_MAX = UINT64_C(1) << 31; /* keeps 32-bit counts whole */

/* Counts of one read group on one lane; either may be NONE. */
struct cell {
    int read_group, lane;
    struct quality_counts counts;
};

struct quality_guard {
    enum quality_mode mode;
    const struct vl_names *read_groups;
    const char *path;
    bool is_judged;
    struct vl_names lanes; /* as in sequencing_lane.h */
    struct cell *cells[CELLS_MAX + 1];
    size_t n_cells, last_cell;
    uint64_t n_reads, n_bases;
    struct vl_buf qual, lane;
};

bool quality_guard_judges(enum quality_mode mode)
{
    return mode == QUALITY_KEEP || quality_mode_deals(mode);
}

int quality_guard_open(struct quality_guard **guard, enum quality_mode mode,
                       const struct vl_names *read_groups, const char *path,
                       struct vl_error *err)
{
    *guard = calloc(1, sizeof **guard);
    if (!*guard)
        return vl_error_memory(err);
    (*guard)->mode = mode;
    (*guard)->read_groups = read_groups;
    (*guard)->path = path;
    return 0;
}

static void clear_cells(struct quality_guard *g)
{
    for (size_t i = 0; i < g->n_cells; i++)
        free(g->cells[i]);
    g->n_cells = 0;
}

void quality_guard_free(struct quality_guard *g)
{
    if (!g)
        return;
    clear_cells(g);
    vl_names_clear(&g->lanes);
    vl_buf_clear(&g->qual);
    vl_buf_clear(&g->lane);
    free(g);
}

/* ---- counting ---- */

/* Number of the record's lane, NONE without one.  VL_ERR_MEMORY. */
static int lane_of(struct quality_guard *g, const bam1_t *b, int *lane)
{
    struct sequencing_lane found = sequencing_lane_of(bam_get_qname(b));
    *lane = NONE;
    if (found.n == 0)
        return 0;
    vl_buf_reset(&g->lane);
    vl_buf_add(&g->lane, found.text, found.n);
    vl_buf_add_byte(&g->lane, 0);
    if (g->lane.failed)
        return VL_ERR_MEMORY;
    const char *name = (const char *)g->lane.data;
    *lane = vl_names_find(&g->lanes, name);
    if (*lane < 0 && g->n_cells < CELLS_MAX)
        *lane = vl_names_number(&g->lanes, name);
    return *lane == VL_ERR_MEMORY ? VL_ERR_MEMORY : 0;
}

static bool is_cell(const struct cell *cell, int read_group, int lane)
{
    return cell->read_group == read_group && cell->lane == lane;
}

/* NULL without memory.  The last cell takes what no other one does. */
static struct quality_counts *counts_of(struct quality_guard *g, int read_group, int lane)
{
    if (g->n_cells > 0 && is_cell(g->cells[g->last_cell], read_group, lane))
        return &g->cells[g->last_cell]->counts;
    size_t i = 0;
    while (i < g->n_cells && !is_cell(g->cells[i], read_group, lane))
        i++;
    if (i >= CELLS_MAX) {
        i = CELLS_MAX;
        read_group = lane = NONE;
    }
    if (i == g->n_cells) {
        g->cells[i] = calloc(1, sizeof **g->cells);
        if (!g->cells[i])
            return NULL;
        g->cells[i]->read_group = read_group;
        g->cells[i]->lane = lane;
        g->n_cells++;
    }
    g->last_cell = i;
    return &g->cells[i]->counts;
}

/* The qualities that are shown; NULL without memory. */
static const uint8_t *shown_qualities(struct quality_guard *g, const bam1_t *b)
{
    if (g->mode != QUALITY_OQ)
        return bam_get_qual(b);
    vl_buf_reset(&g->qual);
    if (!vl_buf_reserve(&g->qual, (size_t)b->core.l_qseq))
        return NULL;
    quality_mask(b, g->mode, g->qual.data);
    return g->qual.data;
}

static int count(struct quality_guard *g, const bam1_t *b, int32_t read_group,
                 struct vl_error *err)
{
    if (!record_is_aligned(b) || b->core.l_qseq == 0)
        return 0;
    const uint8_t *qual = shown_qualities(g, b);
    if (qual && qual[0] == QUALITY_MISSING)
        return 0;
    int lane;
    struct quality_counts *counts =
        qual && lane_of(g, b, &lane) == 0 ? counts_of(g, read_group, lane) : NULL;
    if (!counts)
        return vl_error_memory(err);
    g->n_bases += quality_counts_add(counts, b, qual);
    return 0;
}

int quality_guard_add(struct quality_guard *g, const bam1_t *b, int32_t read_group,
                      struct vl_error *err)
{
    if (g->is_judged || !record_is_primary(b))
        return 0;
    int rc = count(g, b, read_group, err);
    bool is_full = ++g->n_reads >= QUALITY_READS_MAX || g->n_bases >= BASES_MAX;
    return rc == 0 && is_full ? quality_guard_finish(g, err) : rc;
}

uint64_t quality_guard_n_bases(const struct quality_guard *g)
{
    return g->n_bases;
}

/* ---- judging ---- */

/* What the group of the greatest excess tells. */
struct verdict {
    double bits, shift; /* shift: the greatest distance from 0 */
    unsigned bits_end;
    char bits_group[GROUP_NAME_BYTES], shift_group[GROUP_NAME_BYTES];
};

/* How cells are put into groups: by read group, by lane, and by flow cell. */
enum division { BY_READ_GROUP, BY_LANE, BY_FLOW_CELL };

static bool same_flow_cell(const struct quality_guard *g, int a, int b)
{
    if (a < 0 || b < 0)
        return a == b;
    const char *x = g->lanes.v[a], *y = g->lanes.v[b];
    size_t n = strcspn(x, ":");
    return n == strcspn(y, ":") && memcmp(x, y, n) == 0;
}

static bool are_together(const struct quality_guard *g, enum division division,
                         const struct cell *a, const struct cell *b)
{
    return division == BY_READ_GROUP ? a->read_group == b->read_group
           : division == BY_LANE     ? a->lane == b->lane
                                     : same_flow_cell(g, a->lane, b->lane);
}

static uint64_t bases_of(const struct quality_counts *counts)
{
    return counts->n_bases[QUALITY_END_FIRST] + counts->n_bases[QUALITY_END_LAST];
}

static void judge(const struct quality_counts *counts, const char *group,
                  struct verdict *verdict)
{
    /* The whole comes first, and its ends where they tell more. */
    for (unsigned i = 0, end = QUALITY_ENDS; i <= QUALITY_ENDS; end = i++) {
        if (end < QUALITY_ENDS && (counts->n_bases[end] < QUALITY_BASES_MIN ||
                                   counts->n_bases[end] == bases_of(counts)))
            continue;
        for (int context = 0; context < 2; context++) {
            double bits = quality_counts_bits(counts, end, (enum quality_context)context);
            if (bits <= verdict->bits)
                continue;
            verdict->bits = bits;
            verdict->bits_end = end;
            snprintf(verdict->bits_group, sizeof verdict->bits_group, "%s", group);
        }
    }
    for (unsigned w = 0; w < QUALITY_WIDTHS; w++) {
        double shift = quality_counts_indel_shift(counts, w);
        if (counts->n_indel_reads < QUALITY_INDEL_READS_MIN ||
            fabs(shift) <= fabs(verdict->shift))
            continue;
        verdict->shift = shift;
        snprintf(verdict->shift_group, sizeof verdict->shift_group, "%s", group);
    }
}

/* Names a group after one of its cells. */
static void name_group(const struct quality_guard *g, enum division division,
                       const struct cell *cell, char name[static GROUP_NAME_BYTES])
{
    if (division == BY_READ_GROUP && cell->read_group >= 0)
        snprintf(name, GROUP_NAME_BYTES, "read group %s",
                 g->read_groups->v[cell->read_group]);
    else if (division != BY_READ_GROUP && cell->lane >= 0) {
        const char *lane = g->lanes.v[cell->lane];
        bool whole = division == BY_LANE;
        snprintf(name, GROUP_NAME_BYTES, "%s%.*s",
                 whole ? "lane " : "small lanes of flow cell ",
                 (int)(whole ? strlen(lane) : strcspn(lane, ":")), lane);
    } else {
        snprintf(name, GROUP_NAME_BYTES, "reads without a %s",
                 division == BY_READ_GROUP ? "read group" : "lane");
    }
}

/* Judges each group of at least `bases_min` bases among the cells that are not done, and
 * marks its cells. */
static void judge_groups(const struct quality_guard *g, enum division division,
                         uint64_t bases_min, bool done[static CELLS_MAX + 1],
                         struct quality_counts *sum, struct verdict *verdict)
{
    bool seen[CELLS_MAX + 1] = {false};
    for (size_t i = 0; i < g->n_cells; i++) {
        bool member[CELLS_MAX + 1] = {false};
        uint64_t n = 0;
        if (seen[i] || done[i])
            continue;
        for (size_t k = i; k < g->n_cells; k++)
            if (!done[k] && are_together(g, division, g->cells[i], g->cells[k])) {
                seen[k] = member[k] = true;
                n += bases_of(&g->cells[k]->counts);
            }
        if (n < bases_min)
            continue;
        char name[GROUP_NAME_BYTES];
        memset(sum, 0, sizeof *sum);
        for (size_t k = i; k < g->n_cells; k++)
            if (member[k]) {
                quality_counts_merge(sum, &g->cells[k]->counts);
                done[k] = true;
            }
        name_group(g, division, g->cells[i], name);
        judge(sum, n == g->n_bases ? "all reads" : name, verdict);
    }
}

/* Judges the cells that are not done, all together. */
static void judge_rest(const struct quality_guard *g, enum division division,
                       const bool done[static CELLS_MAX + 1], struct quality_counts *sum,
                       struct verdict *verdict)
{
    const struct cell *first = NULL;
    bool is_one_group = true;
    char name[GROUP_NAME_BYTES];
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < g->n_cells; i++) {
        if (done[i])
            continue;
        first = first ? first : g->cells[i];
        is_one_group = is_one_group && are_together(g, division, first, g->cells[i]);
        quality_counts_merge(sum, &g->cells[i]->counts);
    }
    if (bases_of(sum) < QUALITY_BASES_MIN)
        return;
    if (bases_of(sum) == g->n_bases)
        snprintf(name, sizeof name, "all reads");
    else if (is_one_group)
        name_group(g, division, first, name);
    else
        snprintf(name, sizeof name,
                 division == BY_READ_GROUP ? "small read groups" : "small lanes");
    judge(sum, name, verdict);
}

static int refuse(const struct quality_guard *g, const struct verdict *verdict,
                  struct vl_error *err)
{
    const char *shown = g->mode == QUALITY_OQ ? "OQ" : "QUAL";
    static const char *const ENDS[] = {", first reads", ", last reads", ""};
    if (verdict->bits > BITS_MAX)
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s: %s tells %.3f bit of each base and its neighbours (%s%s; "
            "limit %.2f): choose --qual flat (or keep)",
            g->path, shown, verdict->bits, verdict->bits_group, ENDS[verdict->bits_end],
            BITS_MAX);
    return vl_error_set(err, VL_ERR_DATA,
                        "%s: %s beside indels lies %.1f %s the mean of its cycle (%s; "
                        "limit %.0f): choose --qual flat (or keep)",
                        g->path, shown, fabs(verdict->shift),
                        verdict->shift < 0 ? "below" : "above", verdict->shift_group,
                        SHIFT_MAX);
}

static int judge_all(const struct quality_guard *g, struct verdict *verdict)
{
    bool done[CELLS_MAX + 1] = {false};
    struct quality_counts *sum = malloc(sizeof *sum);
    if (!sum)
        return VL_ERR_MEMORY;
    judge_groups(g, BY_READ_GROUP, QUALITY_GROUP_BASES, done, sum, verdict);
    judge_rest(g, BY_READ_GROUP, done, sum, verdict);
    memset(done, 0, sizeof done);
    judge_groups(g, BY_LANE, QUALITY_GROUP_BASES, done, sum, verdict);
    judge_groups(g, BY_FLOW_CELL, QUALITY_BASES_MIN, done, sum, verdict);
    judge_rest(g, BY_LANE, done, sum, verdict);
    free(sum);
    return 0;
}

int quality_guard_finish(struct quality_guard *g, struct vl_error *err)
{
    struct verdict verdict = {0};
    bool is_done = g->is_judged || g->n_bases < QUALITY_BASES_MIN;
    if (!is_done && judge_all(g, &verdict) < 0)
        return vl_error_memory(err);
    g->is_judged = true;
    clear_cells(g);
    return verdict.bits <= BITS_MAX && fabs(verdict.shift) <= SHIFT_MAX
               ? 0
               : refuse(g, &verdict, err);
}
