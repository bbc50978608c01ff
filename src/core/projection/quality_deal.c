#include "projection/quality_deal.h"

#include <stdlib.h>
#include <string.h>

#include "projection/pseudonym.h"
#include "projection/quality.h"
#include "record/tags.h"
#include "varlock/buf.h"
#include "varlock/seal.h"
#include "window/block.h"

enum {
    RECORDS_MIN = 32,
    STARTS_MIN = 32,
    SHARE_MAX = 8,         /* no start holds this part of a group */
    NO_GROUP = UINT32_MAX, /* of a record that takes no part */
    ANY_LENGTH = -1,       /* of a group of what is left of others */
    UNPLACED = -1,         /* number of the contig */
    NO_CONTIG = INT32_MIN  /* none is set */
};

/* What the records of a group have in common. */
struct likeness {
    int32_t read_group; /* -1: none */
    int32_t flags;
    int32_t length; /* or ANY_LENGTH */
};

struct group {
    struct likeness likeness;
    uint32_t n, n_starts;
    uint32_t n_here, most_here; /* records at the last start, most at one start */
    int64_t start;              /* the last one */
    uint32_t at;                /* number of its first member in the list of members */
    uint32_t n_listed;
};

struct quality_dealer {
    const struct vl_contigs *contigs;
    struct vl_draw *draw;
    int32_t contig; /* whose draws are set */
    struct vl_buf sources, places;
    /* of one block */
    struct group *groups;
    size_t n_groups, cap_groups;
    struct vl_buf slots;          /* u32 each: hash table of numbers of groups + 1 */
    size_t n_slots;               /* a power of two */
    struct vl_buf group;          /* u32 each: number of each record's group */
    struct vl_buf members, dealt; /* u32 each: numbers of records, group by group */
    struct vl_buf draws;          /* u64 each */
};

int quality_dealer_open(struct quality_dealer **dealer, const struct vl_contigs *contigs,
                        const uint8_t geometry_key[static VL_MASK_KEY_BYTES],
                        struct vl_error *err)
{
    *dealer = NULL;
    struct quality_dealer *d = calloc(1, sizeof *d);
    if (!d)
        return vl_error_memory(err);
    *d = (struct quality_dealer){.contigs = contigs, .contig = NO_CONTIG};
    int rc = vl_draw_open_deals(&d->draw, geometry_key, err);
    if (rc < 0)
        quality_dealer_free(d);
    else
        *dealer = d;
    return rc;
}

void quality_dealer_free(struct quality_dealer *d)
{
    if (!d)
        return;
    vl_draw_free(d->draw);
    vl_buf_wipe(&d->sources);
    vl_buf_wipe(&d->places);
    vl_buf_clear(&d->slots);
    vl_buf_clear(&d->group);
    vl_buf_clear(&d->members);
    vl_buf_wipe(&d->dealt);
    vl_buf_wipe(&d->draws);
    free(d->groups);
    free(d);
}

const uint32_t *quality_dealer_sources(const struct quality_dealer *d)
{
    return (const void *)d->sources.data;
}

const uint32_t *quality_dealer_places(const struct quality_dealer *d)
{
    return (const void *)d->places.data;
}

/* ---- groups ---- */

static bool takes_part(const bam1_t *b)
{
    return b->core.l_qseq > 0 && bam_get_qual(b)[0] != QUALITY_MISSING;
}

static struct likeness likeness_of(const bam1_t *b)
{
    const int32_t FLAGS = BAM_FUNMAP | BAM_FREVERSE | BAM_FREAD1 | BAM_FREAD2;
    struct tag rg;
    struct likeness l = {-1, b->core.flag & FLAGS, b->core.l_qseq};
    if (tag_find(b, "RG", &rg) && rg.type == 'Z')
        l.read_group = read_group_of_pseudonym(rg.value, INT32_MAX);
    return l;
}

/* The number of the group, which is new if it had no record yet.  NO_GROUP without
 * memory. */
static uint32_t find_group(struct quality_dealer *d, const struct likeness *l)
{
    uint32_t *slots = (void *)d->slots.data;
    uint64_t hash = (uint32_t)l->length | (uint64_t)(uint32_t)l->flags << 32;
    hash = (hash ^ (uint64_t)(uint32_t)l->read_group << 40) * 0x9e3779b97f4a7c15;
    for (size_t at = hash >> 32;; at++) {
        uint32_t *slot = &slots[at & (d->n_slots - 1)];
        const struct likeness *there = *slot ? &d->groups[*slot - 1].likeness : NULL;
        if (there && there->length == l->length && there->flags == l->flags &&
            there->read_group == l->read_group)
            return *slot - 1;
        if (there)
            continue;
        struct group *grown =
            vl_array_grow(d->groups, d->n_groups, &d->cap_groups, sizeof *grown);
        if (!grown)
            return NO_GROUP;
        d->groups = grown;
        d->groups[d->n_groups] = (struct group){.likeness = *l};
        *slot = (uint32_t)++d->n_groups;
        return *slot - 1;
    }
}

/* Counts a record.  Those of one start follow each other; an unplaced record has none in
 * common with others. */
static void count(struct group *g, const bam1_t *b)
{
    if (g->n == 0 || b->core.tid < 0 || b->core.pos != g->start) {
        g->n_starts++;
        g->n_here = 0;
        g->start = b->core.pos;
    }
    g->n++;
    g->n_here++;
    if (g->n_here > g->most_here)
        g->most_here = g->n_here;
}

static bool deals(const struct group *g)
{
    return g->n >= RECORDS_MIN && g->n_starts >= STARTS_MIN &&
           SHARE_MAX * g->most_here < g->n;
}

/* Groups the n records of a block. */
static int find_groups(struct quality_dealer *d, bam1_t *const *v, size_t n)
{
    for (d->n_slots = 16; d->n_slots < 4 * n;)
        d->n_slots *= 2;
    vl_buf_reset(&d->slots);
    vl_buf_reset(&d->group);
    d->n_groups = 0;
    uint8_t *slots = vl_buf_reserve(&d->slots, 4 * d->n_slots);
    uint32_t *group = (void *)vl_buf_reserve(&d->group, 4 * n);
    if (!slots || !group)
        return VL_ERR_MEMORY;
    memset(slots, 0, 4 * d->n_slots);
    for (size_t i = 0; i < n; i++) {
        group[i] = NO_GROUP;
        if (!takes_part(v[i]))
            continue;
        struct likeness l = likeness_of(v[i]);
        group[i] = find_group(d, &l);
        if (group[i] == NO_GROUP)
            return VL_ERR_MEMORY;
        count(&d->groups[group[i]], v[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (group[i] == NO_GROUP || deals(&d->groups[group[i]]))
            continue;
        struct likeness l = d->groups[group[i]].likeness;
        l.length = ANY_LENGTH;
        group[i] = find_group(d, &l);
        if (group[i] == NO_GROUP)
            return VL_ERR_MEMORY;
        count(&d->groups[group[i]], v[i]);
    }
    return 0;
}

/* ---- dealing ---- */

/* Lists the members of the groups that deal.  The others show no string.  Returns how
 * many are listed. */
static size_t list_members(struct quality_dealer *d, size_t n, uint32_t *sources)
{
    const uint32_t *group = (const void *)d->group.data;
    uint32_t *members = (void *)d->members.data, at = 0;
    for (size_t i = 0; i < d->n_groups; i++) {
        d->groups[i].at = at;
        at += deals(&d->groups[i]) ? d->groups[i].n : 0;
    }
    for (size_t i = 0; i < n; i++) {
        struct group *g = group[i] == NO_GROUP ? NULL : &d->groups[group[i]];
        if (g && deals(g))
            members[g->at + g->n_listed++] = (uint32_t)i;
        else if (g)
            sources[i] = QUALITY_FROM_NONE;
    }
    return at;
}

/* Durstenfeld's shuffle (1964). */
static void shuffle(const uint64_t *draws, const uint32_t *members, uint32_t n,
                    uint32_t *dealt)
{
    memcpy(dealt, members, n * sizeof *dealt);
    for (uint32_t k = n; k-- > 1;) {
        uint64_t other = vl_draw_index(draws[members[k]], k + 1);
        uint32_t t = dealt[k];
        dealt[k] = dealt[other];
        dealt[other] = t;
    }
}

static int draw(struct quality_dealer *d, const struct vl_locus *first, size_t n,
                struct vl_error *err)
{
    bool placed = first->contig < d->contigs->n;
    int32_t contig = placed ? (int32_t)first->contig : UNPLACED;
    int rc = 0;
    if (contig != d->contig)
        rc = vl_draw_set_contig(d->draw, placed ? d->contigs->v[contig].name : "*", err);
    d->contig = rc < 0 ? NO_CONTIG : contig;
    return rc < 0 ? rc
                  : vl_draw_deals(d->draw, first->pos0, first->ordinal, n,
                                  (void *)d->draws.data, err);
}

/* Deals among n records, of which the first is number `base` of the window. */
static int deal_block(struct quality_dealer *d, bam1_t *const *v, size_t n, uint32_t base,
                      const struct vl_locus *first, struct vl_error *err)
{
    uint32_t *sources = (uint32_t *)(void *)d->sources.data + base;
    uint32_t *places = (uint32_t *)(void *)d->places.data;
    vl_buf_reset(&d->members);
    vl_buf_reset(&d->dealt);
    vl_buf_reset(&d->draws);
    const uint32_t *members = (void *)vl_buf_reserve(&d->members, 4 * n);
    uint32_t *dealt = (void *)vl_buf_reserve(&d->dealt, 4 * n);
    const uint64_t *draws = (void *)vl_buf_reserve(&d->draws, 8 * n);
    if (!members || !dealt || !draws || find_groups(d, v, n) < 0)
        return vl_error_memory(err);
    size_t n_listed = list_members(d, n, sources);
    int rc = n_listed > 0 ? draw(d, first, n, err) : 0;
    for (size_t i = 0; rc == 0 && i < d->n_groups; i++)
        if (deals(&d->groups[i]))
            shuffle(draws, members + d->groups[i].at, d->groups[i].n,
                    dealt + d->groups[i].at);
    for (size_t i = 0; rc == 0 && i < n_listed; i++) {
        sources[members[i]] = base + dealt[i];
        places[base + dealt[i]] = base + members[i];
    }
    return rc;
}

int quality_dealer_deal(struct quality_dealer *d, const struct record_array *masked,
                        const struct vl_locus *first, struct vl_error *err)
{
    struct block block = {0};
    struct vl_locus here = *first, begins = here;
    uint32_t base = 0;
    int rc = 0;
    vl_buf_reset(&d->sources);
    vl_buf_reset(&d->places);
    uint32_t *sources = (void *)vl_buf_reserve(&d->sources, 4 * masked->n + 4);
    uint32_t *places = (void *)vl_buf_reserve(&d->places, 4 * masked->n + 4);
    if (!sources || !places)
        return vl_error_memory(err);
    for (uint32_t i = 0; rc == 0 && i < masked->n; i++) {
        const bam1_core_t *c = &masked->v[i]->core,
                          *last = i ? &masked->v[i - 1]->core : c;
        sources[i] = places[i] = i;
        here.ordinal = c->tid != last->tid || c->pos != last->pos ? 0
                       : i > 0                                    ? here.ordinal + 1
                                                                  : first->ordinal;
        here.contig = c->tid < 0 ? (uint32_t)d->contigs->n : (uint32_t)c->tid;
        here.pos0 = c->tid < 0 ? -1 : c->pos;
        if (block_ends_before(&block, c->tid, c->pos)) {
            rc = deal_block(d, masked->v + base, block.n_records, base, &begins, err);
            block = (struct block){0};
        }
        if (block.n_records == 0) {
            begins = here;
            base = i;
        }
        block_add(&block, c->tid, c->pos, c->l_qseq);
    }
    return rc == 0 && block.n_records > 0
               ? deal_block(d, masked->v + base, block.n_records, base, &begins, err)
               : rc;
}

/* ---- lengths ---- */

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

void quality_fit(const uint8_t *qual, size_t n, bool is_reverse, uint8_t *out,
                 size_t n_out)
{
    size_t kept = lesser(n, n_out);
    if (is_reverse) {
        memset(out, qual[0], n_out - kept);
        memcpy(out + n_out - kept, qual + n - kept, kept);
    } else {
        memcpy(out, qual, kept);
        memset(out + kept, qual[n - 1], n_out - kept);
    }
}

const uint8_t *quality_tail(const uint8_t *qual, size_t n_out, bool is_reverse)
{
    return is_reverse ? qual : qual + n_out;
}

void quality_unfit(const uint8_t *shown, size_t n_out, const uint8_t *tail,
                   bool is_reverse, uint8_t *qual, size_t n)
{
    size_t kept = lesser(n, n_out), cut = n - kept;
    memcpy(qual + (is_reverse ? cut : 0), shown + (is_reverse ? n_out - kept : 0), kept);
    if (cut > 0)
        memcpy(qual + (is_reverse ? 0 : kept), tail, cut);
}
