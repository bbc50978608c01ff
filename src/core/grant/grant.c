#include "grant/grant.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "projection/masked_md.h"
#include "projection/pseudonym.h"
#include "record/cigar.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "record/tags.h"
#include "record/walk.h"

/* Tags that tell only of the record's own bases and alignment.  Other tags can tell of
 * places outside the ranges. */
static const char INSIDE_TAGS[][3] = {"MD", "NM", "AS", "XS", "OQ",
                                      "BQ", "MM", "ML", "MN"};

static bool is_among(const struct tag *tag, const char names[][3], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tag_is(tag, names[i]))
            return true;
    return false;
}

/* ---- mates in the same window ---- */

static int compare_places(const char *name_a, int tid_a, int64_t pos_a, const bam1_t *b)
{
    int order = strcmp(name_a, bam_get_qname(b));
    if (order == 0)
        order = (tid_a > b->core.tid) - (tid_a < b->core.tid);
    return order ? order : (pos_a > b->core.pos) - (pos_a < b->core.pos);
}

static int compare_records(const void *x, const void *y, void *arg)
{
    const struct window_records *w = arg;
    const bam1_t *a = w->shown.v[*(const uint32_t *)x],
                 *b = w->shown.v[*(const uint32_t *)y];
    return compare_places(bam_get_qname(a), a->core.tid, a->core.pos, b);
}

/* The record as the window shows it.  NULL if the window shows only the masked form. */
static const bam1_t *shown_record(const struct window_records *w, size_t i)
{
    return w->grade.data[i] >= VL_GRADE_INSIDE ? w->shown.v[i] : NULL;
}

/* Indexes the mates that begin inside the ranges.  Other mates need not be found: a
 * record's extent includes its POS, so such a mate is outside, whether its record or MC
 * is asked. */
int grant_start(struct grant *g, const struct window_records *window)
{
    g->window = window;
    g->failed = false;
    vl_buf_reset(&g->by_name);
    for (uint32_t i = 0; i < window->masked.n && !g->everything; i++) {
        const bam1_t *b = shown_record(window, i);
        if (b && vl_ranges_overlap(g->ranges, b->core.tid, b->core.pos, b->core.pos + 1))
            vl_buf_add(&g->by_name, &i, sizeof i);
    }
    if (g->by_name.failed)
        return VL_ERR_MEMORY;
    if (g->by_name.len > sizeof(uint32_t))
        qsort_r(g->by_name.data, g->by_name.len / sizeof(uint32_t), sizeof(uint32_t),
                compare_records, (void *)window);
    return 0;
}

/* The mate's primary record, if this window shows it at the place that the record names.
 * NULL otherwise; the query name `*` means that there is no name. */
static const bam1_t *find_mate(const struct grant *g, const bam1_t *b)
{
    const struct window_records *w = g->window;
    const uint32_t *order = (const uint32_t *)(const void *)g->by_name.data;
    const char *name = bam_get_qname(b);
    size_t n = g->by_name.len / sizeof *order, low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare_places(name, b->core.mtid, b->core.mpos, w->shown.v[order[mid]]) > 0)
            low = mid + 1;
        else
            high = mid;
    }
    const uint16_t ends = BAM_FREAD1 | BAM_FREAD2;
    for (; low < n && strcmp(name, "*") != 0; low++) {
        const bam1_t *other = w->shown.v[order[low]];
        if (compare_places(name, b->core.mtid, b->core.mpos, other) != 0)
            break;
        if ((other->core.flag & ends) != (b->core.flag & ends))
            return other;
    }
    return NULL;
}

/* ---- places ---- */

static bool span_inside(const struct grant *g, int contig, const uint32_t *cigar,
                        uint32_t n_cigar, int64_t pos)
{
    int64_t beg, end;
    cigar_unclipped(cigar, n_cigar, pos, &beg, &end);
    return contig >= 0 && vl_ranges_contain(g->ranges, contig, beg, end);
}

static bool record_inside(const struct grant *g, const bam1_t *b)
{
    int64_t beg, end;
    if (b->core.tid < 0)
        return g->ranges->unplaced;
    record_unclipped(b, &beg, &end);
    return vl_ranges_contain(g->ranges, b->core.tid, beg, end);
}

static bool cigar_text_inside(struct grant *g, int contig, int64_t pos, const char *text,
                              const char **end)
{
    struct vl_buf *ops = &g->scratch.cigar;
    vl_buf_reset(ops);
    bool inside =
        cigar_parse(text, ops, end) &&
        span_inside(g, contig, (void *)ops->data, (uint32_t)(ops->len / 4), pos);
    g->failed |= ops->failed;
    return inside;
}

/* True if a place named in a tag is inside: `contig,[strand]pos,[strand,]CIGAR,...` as in
 * SA and OA (SAM tags specification) or XA (bwa). */
static bool place_inside(struct grant *g, const char *place, bool is_xa)
{
    const char *comma = strchr(place, ',');
    struct vl_buf *name = &g->scratch.aux;
    vl_buf_reset(name);
    vl_buf_add(name, place, comma ? (size_t)(comma - place) : 0);
    vl_buf_add_byte(name, 0);
    g->failed |= name->failed;
    int contig = comma && !name->failed
                     ? vl_contigs_find(g->contigs, (const char *)name->data)
                     : -1;
    if (contig < 0)
        return false;
    const char *at = comma + 1;
    if (is_xa && (*at == '+' || *at == '-'))
        at++;
    char *end;
    long long pos1 = isdigit((unsigned char)*at) ? strtoll(at, &end, 10) : 0;
    if (pos1 <= 0 || *end != ',')
        return false;
    at = end + 1;
    if (!is_xa) {
        if ((*at != '+' && *at != '-') || at[1] != ',')
            return false;
        at += 2;
    }
    const char *after;
    return cigar_text_inside(g, contig, pos1 - 1, at, &after) && *after == ',';
}

/* True if every place that the tag names is inside, or if the record lacks the tag. */
static bool tag_places_inside(struct grant *g, const bam1_t *b, const char name[static 2])
{
    struct tag tag;
    if (!tag_find(b, name, &tag))
        return true;
    if (tag.type != 'Z')
        return false;
    for (const char *p = (const char *)tag.value; *p;) {
        if (!place_inside(g, p, name[0] == 'X'))
            return false;
        p = strchr(p, ';');
        if (!p)
            return true;
        p++;
    }
    return true;
}

/* Tags that name places but are not parsed: next hits (CC, CP), the position before
 * realignment (OP), other hits of older aligners (XP).  A record with one of them counts
 * as outside. */
static const char PLACE_TAGS[][3] = {"CC", "CP", "OP", "XP"};

static bool named_places_inside(struct grant *g, const bam1_t *b)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    bool elsewhere = false;
    while (tag_walk_next(&walk, &tag))
        elsewhere |= is_among(&tag, PLACE_TAGS, sizeof PLACE_TAGS / sizeof *PLACE_TAGS);
    return !walk.bad && !elsewhere && tag_places_inside(g, b, "SA") &&
           tag_places_inside(g, b, "XA") && tag_places_inside(g, b, "OA");
}

/* True if the mate is inside.  Its extent comes from its own record if the window shows
 * it, otherwise from MC. */
static bool mate_inside(struct grant *g, const bam1_t *b)
{
    if (!(b->core.flag & BAM_FPAIRED) || (b->core.mtid < 0 && b->core.tid < 0))
        return true;
    if (b->core.mtid < 0)
        return b->core.flag & BAM_FMUNMAP;
    const bam1_t *mate = find_mate(g, b);
    if (mate)
        return record_inside(g, mate) && named_places_inside(g, mate);
    const char *mc = tag_find_text(b, "MC"), *end;
    if (mc && strcmp(mc, "*") != 0)
        return cigar_text_inside(g, b->core.mtid, b->core.mpos, mc, &end) && *end == '\0';
    return (b->core.flag & BAM_FMUNMAP) && b->core.mtid == b->core.tid &&
           b->core.mpos == b->core.pos;
}

static bool template_inside(struct grant *g, const bam1_t *b)
{
    return mate_inside(g, b) && named_places_inside(g, b);
}

/* ---- grades ---- */

/* Malformed tags can hold anything, even the name of the read group. */
static bool tags_are_well_formed(const bam1_t *b)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    while (tag_walk_next(&walk, &tag))
        ;
    return !walk.bad;
}

int grant_grade(struct grant *g, size_t i)
{
    const struct window_records *w = g->window;
    const bam1_t *masked = w->masked.v[i], *b = shown_record(w, i);
    int parent = w->grade.data[i];
    if (parent == VL_GRADE_NONE)
        return VL_GRADE_NONE;
    if (g->everything)
        return parent == VL_GRADE_FULL && !tags_are_well_formed(b) ? VL_GRADE_INSIDE
                                                                   : parent;
    if (!record_is_aligned(masked)) {
        /* A record without an alignment is granted with its whole template or not at
         * all. */
        bool all =
            parent == VL_GRADE_FULL && record_inside(g, b) && template_inside(g, b);
        return all ? VL_GRADE_FULL : VL_GRADE_NONE;
    }
    /* An edge record shows the masked geometry, so that geometry decides. */
    if (parent == VL_GRADE_EDGE || !record_inside(g, b))
        return vl_ranges_overlap(g->ranges, masked->core.tid, masked->core.pos,
                                 bam_endpos(masked))
                   ? VL_GRADE_EDGE
                   : VL_GRADE_NONE;
    return parent == VL_GRADE_FULL && template_inside(g, b) ? VL_GRADE_FULL
                                                            : VL_GRADE_INSIDE;
}

/* A whole record is granted only if the read's primary alignment is known to be inside,
 * because it has the same bases.  SA names the primary alignment.  Without SA it is known
 * only for records that are neither secondary nor supplementary. */
bool grant_takes_whole(struct grant *g, size_t i)
{
    const bam1_t *b = g->window->whole.v[i];
    struct tag sa;
    if (g->everything)
        return tags_are_well_formed(b);
    bool second = b->core.flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY);
    return record_inside(g, b) && template_inside(g, b) &&
           (!second || tag_find(b, "SA", &sa));
}

/* ---- what is shown ---- */

/* Chooses the tags that a record shows.  The original tag is shown if it tells only of
 * the record itself, or if everything is granted.  Otherwise the masked tag is shown, if
 * there is one.  The read group keeps its pseudonym, because the slice has no header with
 * the original names. */
static int show_tags(struct grant *g, const bam1_t *b, const bam1_t *masked, int grade,
                     bam1_t *shown)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag, twin;
    struct vl_buf *aux = &g->scratch.aux;
    vl_buf_reset(aux);
    while (tag_walk_next(&walk, &tag)) {
        bool is_group = tag_is(&tag, "RG");
        bool speaks_of_itself =
            is_among(&tag, INSIDE_TAGS, sizeof INSIDE_TAGS / sizeof *INSIDE_TAGS);
        if (speaks_of_itself || (grade == VL_GRADE_FULL && !is_group))
            vl_buf_add(aux, tag.name, 3 + tag.size);
        else if (tag_find(masked, (const char *)tag.name, &twin))
            vl_buf_add(aux, twin.name, 3 + twin.size);
    }
    return aux->failed ? VL_ERR_MEMORY : record_set_aux(shown, aux->data, aux->len);
}

/* The base that b aligns to rpos, or N if there is none.  rpos must only grow from call
 * to call.  `run` is empty at first. */
static int aligned_base(struct run_walk *walk, struct aligned_run *run, const bam1_t *b,
                        int64_t rpos)
{
    while (run->rpos + run->len <= rpos)
        if (!run_walk_next(walk, run)) {
            *run = (struct aligned_run){.rpos = INT64_MAX / 2};
            break;
        }
    return run->rpos > rpos ? NIBBLE_N
                            : seq_nibble(bam_get_seq(b), run->qpos + (rpos - run->rpos));
}

/* Builds the masked record with the parent's aligned bases at positions inside the
 * ranges. */
static int show_edge(struct grant *g, const bam1_t *masked, const bam1_t *b,
                     bam1_t *shown)
{
    struct run_walk walk = run_walk_start(masked), own = run_walk_start(b);
    struct aligned_run run, own_run = {.rpos = INT64_MIN / 2};
    struct vl_buf *aux = &g->scratch.aux;
    while (run_walk_next(&walk, &run))
        for (int32_t k = 0; k < run.len; k++)
            if (vl_ranges_overlap(g->ranges, masked->core.tid, run.rpos + k,
                                  run.rpos + k + 1))
                seq_set_nibble(bam_get_seq(shown), run.qpos + k,
                               aligned_base(&own, &own_run, b, run.rpos + k));
    struct tag_walk tags = tag_walk_start(masked);
    struct tag tag;
    vl_buf_reset(aux);
    while (tag_walk_next(&tags, &tag))
        if (!tag_is(&tag, "MD") && !tag_is(&tag, "NM"))
            vl_buf_add(aux, tag.name, 3 + tag.size);
    /* MD is made from the masked MD, which tells nothing about the bases outside. */
    mask_put_md(shown, masked, &g->scratch);
    return aux->failed ? VL_ERR_MEMORY : record_set_aux(shown, aux->data, aux->len);
}

/* Copies the mate fields of the masked record.  Below FULL a record shows no more of its
 * mate than that. */
static void keep_masked_mate(const bam1_t *masked, bam1_t *shown)
{
    shown->core.mtid = masked->core.mtid;
    shown->core.mpos = masked->core.mpos;
    shown->core.isize = masked->core.isize;
    shown->core.flag = masked->core.flag;
}

int grant_show(struct grant *g, size_t i, int grade, bam1_t *shown)
{
    const bam1_t *masked = g->window->masked.v[i], *b = g->window->shown.v[i];
    if (!bam_copy1(shown, grade == VL_GRADE_EDGE ? masked : b))
        return VL_ERR_MEMORY;
    if (grade == VL_GRADE_EDGE)
        return show_edge(g, masked, b, shown);
    if (grade == VL_GRADE_INSIDE)
        keep_masked_mate(masked, shown);
    return show_tags(g, b, masked, grade, shown);
}

int grant_show_whole(struct grant *g, size_t i, bam1_t *shown)
{
    const bam1_t *b = g->window->whole.v[i];
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    struct vl_buf *aux = &g->scratch.aux;
    if (!bam_copy1(shown, b))
        return VL_ERR_MEMORY;
    if (!g->read_groups)
        return 0;
    vl_buf_reset(aux);
    while (tag_walk_next(&walk, &tag))
        if (tag_is(&tag, "RG"))
            tag_put_read_group(&tag, g->read_groups, aux);
        else
            vl_buf_add(aux, tag.name, 3 + tag.size);
    return aux->failed ? VL_ERR_MEMORY : record_set_aux(shown, aux->data, aux->len);
}

void grant_clear(struct grant *g)
{
    vl_buf_clear(&g->by_name);
    mask_scratch_clear(&g->scratch);
    memset(g, 0, sizeof *g);
}
