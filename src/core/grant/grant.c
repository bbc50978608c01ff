#include "grant/grant.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "projection/pseudonym.h"
#include "record/cigar.h"
#include "record/record.h"
#include "record/tags.h"

/* ---- ranges ---- */

/* The range that all of [beg, end) lies in, or n of the ranges. */
static size_t range_around(const struct grant *g, int contig, int64_t beg, int64_t end)
{
    const struct vl_ranges *ranges = g->ranges;
    return contig >= 0 && vl_ranges_contain(ranges, contig, beg, end)
               ? vl_ranges_seek(ranges, contig, beg)
               : ranges->n;
}

/* The range that the record lies in with its clips, or that the place of a record without
 * an alignment lies in. */
static size_t range_of(const struct grant *g, const bam1_t *b)
{
    int64_t beg, end;
    record_unclipped(b, &beg, &end);
    return range_around(g, b->core.tid, beg, end);
}

/* ---- places in tags ---- */

struct named_place {
    int contig;
    bool is_reverse;
    int64_t beg, end; /* aligned; half-open */
    int64_t unclipped_beg, unclipped_end;
};

/* Reads one place of SA or OA (SAM tags specification): `contig,pos,strand,CIGAR,...`. */
static bool read_place(struct grant *g, const char *text, struct named_place *place)
{
    const char *comma = strchr(text, ','), *after;
    char *end;
    if (!comma)
        return false;
    vl_buf_reset(&g->name);
    vl_buf_reset(&g->cigar);
    vl_buf_add(&g->name, text, (size_t)(comma - text));
    vl_buf_add_byte(&g->name, 0);
    if (g->name.failed)
        return false;
    place->contig = vl_contigs_find(g->contigs, (const char *)g->name.data);
    long long pos1 = isdigit((unsigned char)comma[1]) ? strtoll(comma + 1, &end, 10) : 0;
    if (place->contig < 0 || pos1 <= 0 || pos1 > RECORD_POS_MAX || end[0] != ',' ||
        (end[1] != '+' && end[1] != '-') || end[2] != ',' ||
        !cigar_parse(end + 3, &g->cigar, &after) || *after != ',')
        return false;
    const uint32_t *ops = (const void *)g->cigar.data;
    int n_ops = (int)(g->cigar.len / 4);
    int64_t span = bam_cigar2rlen(n_ops, ops);
    place->is_reverse = end[1] == '-';
    place->beg = pos1 - 1;
    place->end = place->beg + (span > 0 ? span : 1);
    cigar_unclipped(ops, (uint32_t)n_ops, place->beg, &place->unclipped_beg,
                    &place->unclipped_end);
    return true;
}

/* Calls of next_place give the places of a tag one by one.  False at the end.  `bad` is
 * set if the rest of the tag is malformed. */
struct place_walk {
    const char *at;
    bool bad;
};

static struct place_walk place_walk_start(const bam1_t *b, const char name[static 2])
{
    struct tag tag;
    bool found = tag_find(b, name, &tag);
    return (struct place_walk){.at = found && tag.type == 'Z' ? (const char *)tag.value
                                                              : "",
                               .bad = found && tag.type != 'Z'};
}

static bool next_place(struct grant *g, struct place_walk *walk,
                       struct named_place *place)
{
    if (!*walk->at || walk->bad)
        return false;
    walk->bad = !read_place(g, walk->at, place);
    g->failed |= g->name.failed || g->cigar.failed;
    const char *semicolon = strchr(walk->at, ';');
    walk->at = semicolon ? semicolon + 1 : "";
    return !walk->bad;
}

static bool tag_is_inside(struct grant *g, const bam1_t *b, const char name[static 2],
                          size_t range)
{
    struct place_walk walk = place_walk_start(b, name);
    struct named_place place = {0};
    bool inside = true;
    while (next_place(g, &walk, &place))
        inside &= range_around(g, place.contig, place.unclipped_beg,
                               place.unclipped_end) == range;
    return inside && !walk.bad;
}

/* True if the record has tags that name places but are not parsed: next hits (CC, CP),
 * the position before realignment (OP), other hits of older aligners (XP), fusions (XF),
 * and a second SA or OA.  Malformed tags may name anything. */
static bool names_unknown_places(const bam1_t *b)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    bool unknown = false;
    int n_sa = 0, n_oa = 0;
    while (tag_walk_next(&walk, &tag)) {
        unknown |= tag_is(&tag, "CC") || tag_is(&tag, "CP") || tag_is(&tag, "OP") ||
                   tag_is(&tag, "XP") || tag_is(&tag, "XF");
        n_sa += tag_is(&tag, "SA");
        n_oa += tag_is(&tag, "OA");
    }
    return unknown || n_sa > 1 || n_oa > 1 || walk.bad;
}

/* ---- templates ---- */

/* True if the mate fields name nothing outside the range.  Those of a read without 0x1
 * count as well: whatever they mean, they tell of a place. */
static bool mate_fields_are_inside(const struct grant *g, const bam1_t *b, size_t range)
{
    const bam1_core_t *c = &b->core;
    if (c->mtid < 0 && c->mpos < 0)
        return c->isize == 0;
    if (range_around(g, c->mtid, c->mpos, c->mpos + 1) != range)
        return false;
    if (c->mtid != c->tid || c->isize == 0)
        return c->isize == 0;
    const struct vl_range *r = &g->ranges->v[range];
    return c->isize > 0 ? c->isize <= r->end - c->pos
                        : r->beg == 0 || bam_endpos(b) + c->isize >= r->beg;
}

/* Finds the range that the record lies in with every place it names.  The mate is not
 * looked at.  False if there is none. */
static bool end_is_inside(struct grant *g, const bam1_t *b, struct template_end *end)
{
    const bam1_core_t *c = &b->core;
    if (c->tid >= 0)
        end->range = range_of(g, b);
    else if (!g->ranges->unplaced)
        return false;
    else if (c->mtid >= 0)
        end->range = range_around(g, c->mtid, c->mpos, c->mpos + 1);
    else
        end->range = SIZE_MAX; /* no place at all */
    return end->range != g->ranges->n && mate_fields_are_inside(g, b, end->range) &&
           tag_is_inside(g, b, "SA", end->range) &&
           tag_is_inside(g, b, "OA", end->range) && !names_unknown_places(b);
}

/* True if the mate has no alignment, or is known to lie in the same range with all that
 * it names. */
static bool mate_is_inside(const struct grant *g, const struct template_end *end)
{
    if (!(end->flag & BAM_FPAIRED) || (end->flag & BAM_FMUNMAP) ||
        (end->tid < 0 && end->mtid < 0))
        return true;
    return template_ends_have_mate(&g->ends, end) ||
           (g->elsewhere && template_ends_have_mate(g->elsewhere, end));
}

/* True if a primary record of the read is among the ends, and its mate is inside. */
static bool primary_is_inside(const struct grant *g, const struct template_ends *ends,
                              const struct template_end *end)
{
    const struct template_end *primary;
    size_t at = 0;
    while (ends && (primary = template_ends_next_primary(ends, end, &at)))
        if (mate_is_inside(g, primary))
            return true;
    return false;
}

static bool template_is_inside(struct grant *g, const bam1_t *b)
{
    struct template_end own;
    bool has_name = template_end_of(b, &own);
    if (!end_is_inside(g, b, &own))
        return false;
    if (record_is_primary(b))
        return mate_is_inside(g, &own);
    return has_name && (primary_is_inside(g, &g->ends, &own) ||
                        primary_is_inside(g, g->elsewhere, &own));
}

static void add_end(struct grant *g, const bam1_t *b)
{
    struct template_end end;
    if (record_is_primary(b) && template_end_of(b, &end) && end_is_inside(g, b, &end))
        template_ends_add(&g->ends, &end);
}

int grant_start(struct grant *g, const struct window_records *window)
{
    g->window = window;
    g->failed = false;
    vl_buf_reset(&g->ends.v);
    for (size_t i = 0; i < window->masked.n && !g->everything; i++)
        if (window->grade.data[i] == VL_GRADE_FULL)
            add_end(g, window->shown.v[i]);
    for (size_t i = 0; i < window->whole.n && !g->everything; i++)
        add_end(g, window->whole.v[i]);
    return g->failed ? VL_ERR_MEMORY : template_ends_sort(&g->ends);
}

/* Other alignments of a read ask for both ends of its template. */
void grant_put_straddling(const struct grant *g, struct template_ends *out)
{
    const struct template_end *v = (const void *)g->ends.v.data;
    size_t n = g->ends.v.len / sizeof *v, end;
    for (size_t i = 0; i < n; i = end) {
        bool is_split = false;
        for (end = i; end < n && v[end].template == v[i].template; end++)
            is_split |= v[end].is_split;
        for (size_t k = i; k < end; k++)
            if (is_split || !mate_is_inside(g, &v[k]))
                template_ends_add(out, &v[k]);
    }
}

bool grant_restores(struct grant *g, size_t i)
{
    return g->window->grade.data[i] == VL_GRADE_FULL &&
           (g->everything || template_is_inside(g, g->window->shown.v[i]));
}

bool grant_takes_whole(struct grant *g, size_t i)
{
    return g->everything || template_is_inside(g, g->window->whole.v[i]);
}

/* ---- what is shown ---- */

/* The slice has no header with the original names of read groups.  Malformed tags may
 * hold them too: they are left out. */
int grant_show(struct grant *g, const bam1_t *b, const bam1_t *masked, bam1_t *shown)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag, twin;
    vl_buf_reset(&g->aux);
    while (tag_walk_next(&walk, &tag)) {
        if (!tag_is(&tag, "RG") || (!masked && !g->read_groups))
            vl_buf_add(&g->aux, tag.name, 3 + tag.size);
        else if (!masked)
            tag_put_read_group(&tag, g->read_groups, &g->aux);
        else if (tag_find(masked, "RG", &twin))
            vl_buf_add(&g->aux, twin.name, 3 + twin.size);
    }
    return g->aux.failed || !bam_copy1(shown, b)
               ? VL_ERR_MEMORY
               : record_set_aux(shown, g->aux.data, g->aux.len);
}

/* The most positions of one range that [beg, end) spans. */
static int64_t most_spanned(const struct grant *g, int contig, int64_t beg, int64_t end)
{
    const struct vl_ranges *ranges = g->ranges;
    int64_t most = 0;
    for (size_t i = vl_ranges_seek(ranges, contig, beg);
         i < ranges->n && ranges->v[i].contig == contig && ranges->v[i].beg < end; i++) {
        const struct vl_range *r = &ranges->v[i];
        int64_t n = (r->end < end ? r->end : end) - (r->beg > beg ? r->beg : beg);
        most = n > most ? n : most;
    }
    return most;
}

/* Orders alignments of one read that span equally much. */
static int compare_alignments(const bam1_t *b, const struct named_place *place)
{
    if (b->core.tid != place->contig)
        return b->core.tid < place->contig ? -1 : 1;
    if (b->core.pos != place->beg)
        return b->core.pos < place->beg ? -1 : 1;
    return !!bam_is_rev(b) - place->is_reverse;
}

/* True if the record is the alignment that shows the read.  Two pieces of one read would
 * tell by their distance what lies between them.  Spans are compared, because aligners
 * abridge the CIGARs in SA. */
static bool speaks_for_read(struct grant *g, const bam1_t *b)
{
    struct place_walk walk = place_walk_start(b, "SA");
    struct named_place place = {0};
    struct tag sa;
    if ((b->core.flag & BAM_FSECONDARY) ||
        ((b->core.flag & BAM_FSUPPLEMENTARY) && !tag_find(b, "SA", &sa)))
        return false;
    int64_t own = most_spanned(g, b->core.tid, b->core.pos, bam_endpos(b));
    while (next_place(g, &walk, &place)) {
        int64_t other = most_spanned(g, place.contig, place.beg, place.end);
        if (other > own || (other == own && compare_alignments(b, &place) > 0))
            return false;
    }
    return record_is_primary(b) || !walk.bad;
}

int grant_show_loose(struct grant *g, const bam1_t *b, bam1_t *shown)
{
    struct piece piece;
    if (g->everything)
        return bam_copy1(shown, b) ? 1 : VL_ERR_MEMORY;
    if (!piece_find(b, g->ranges, &piece) || !speaks_for_read(g, b))
        return 0;
    return piece_make(&g->pieces, b, &piece, g->read_groups, shown) < 0 ? VL_ERR_MEMORY
                                                                        : 1;
}

void grant_clear(struct grant *g)
{
    template_ends_clear(&g->ends);
    piece_maker_clear(&g->pieces);
    vl_buf_clear(&g->name);
    vl_buf_clear(&g->cigar);
    vl_buf_clear(&g->aux);
    memset(g, 0, sizeof *g);
}
