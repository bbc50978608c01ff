#include "residual/residual_join.h"

#include <string.h>

#include "record/nibbles.h"
#include "record/record.h"
#include "residual/ordinals.h"
#include "residual/own_quality.h"
#include "residual/prediction.h"
#include "residual/quality_rank.h"
#include "residual/residual_bases.h"
#include "window/sites.h"

static int malformed(struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_SEAL, "a window does not fit its masked records");
}

/* ---- bases, bdiff.md §5.4 and §5.5 ---- */

static bool get_literals(const struct prediction *p, const struct residual_item *item,
                         uint8_t *seq)
{
    const struct literal *v = (const void *)p->literals.data;
    size_t n = p->literals.len / sizeof *v, used = 0;
    size_t left = item->shape & VL_SHAPE_HIDDEN ? item->n_hidden : 0;
    for (size_t i = 0; i < n; i++) {
        if ((size_t)v[i].len > left - used)
            return false;
        for (int32_t k = 0; k < v[i].len; k++)
            seq_set_nibble(seq, (int64_t)v[i].qpos + k, item->hidden[used++]);
    }
    return used == left;
}

static bool get_variants(struct residual_join *d, bam1_t *b)
{
    struct vl_cursor *flags = &d->streams.fixed[VL_STREAM_VARIANT_FLAG];
    struct site_walk walk = site_walk_start(&d->variants, b);
    int64_t site, qpos;
    while ((site = site_walk_next(&walk, &qpos)) >= 0) {
        uint8_t change = d->variants.v[site].change;
        unsigned flag = change & VL_VARIANT_DIFFERS ? vl_get_u8(flags) : 1;
        if (flag > 1)
            return false;
        if (flag == 1)
            seq_set_nibble(bam_get_seq(b), qpos, change & NIBBLE_N);
    }
    return !flags->bad;
}

static void get_n(const struct residual_join *d, bam1_t *b)
{
    size_t n = (size_t)b->core.l_qseq, at = 0;
    int quality = d->streams.n_quality;
    while (quality >= 0 &&
           (at = residual_next_quality(bam_get_qual(b), at, n, quality)) < n)
        seq_set_nibble(bam_get_seq(b), (int64_t)at++, NIBBLE_N);
}

static bool get_few_patches(const struct residual_item *item, bam1_t *b)
{
    size_t n = (size_t)b->core.l_qseq;
    for (size_t i = 0; i < item->n_patches; i++) {
        if (item->patches[i].rank >= n)
            return false;
        size_t at = quality_rank_base(bam_get_qual(b), n, item->patches[i].rank);
        seq_set_nibble(bam_get_seq(b), (int64_t)at, item->patches[i].nibble);
    }
    return true;
}

static bool get_patches(struct residual_join *d, const struct residual_item *item,
                        bam1_t *b)
{
    size_t n = (size_t)b->core.l_qseq;
    if (item->n_patches == 0)
        return true;
    if (item->n_patches <= QUALITY_RANKS_FEW)
        return get_few_patches(item, b);
    vl_buf_reset(&d->order);
    uint32_t *order = (void *)vl_buf_reserve(&d->order, 4 * n + 4);
    if (!order)
        return false;
    quality_order(bam_get_qual(b), n, order);
    for (size_t i = 0; i < item->n_patches; i++) {
        if (item->patches[i].rank >= n)
            return false;
        seq_set_nibble(bam_get_seq(b), order[item->patches[i].rank],
                       item->patches[i].nibble);
    }
    return true;
}

/* Predicts the record's bases and puts in its literals. */
static bool get_predicted(struct residual_join *d, const bam1_t *masked,
                          const struct residual_item *item, bool same_cigar,
                          const bam1_core_t *core, const uint32_t *cigar,
                          uint32_t n_cigar)
{
    struct prediction *p = d->prediction;
    return prediction_bases(p, masked, same_cigar, core, cigar, n_cigar) == 0 &&
           get_literals(p, item, p->reference.aligned.data);
}

/* ---- fields ---- */

static int32_t checked_contig(int64_t v, bool *bad)
{
    *bad |= v < -1 || v > INT32_MAX;
    return (int32_t)v;
}

static int64_t checked_position(int64_t v, int64_t min, bool *bad)
{
    *bad |= v < (min < 0 ? min : -RECORD_POS_MAX) || v > RECORD_POS_MAX;
    return v;
}

static int64_t add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* bdiff.md §5.8.  False if the rank is not that of a place. */
static bool get_pos(struct residual_join *d, const bam1_t *masked, const uint32_t *cigar,
                    uint32_t n_cigar, int64_t *pos)
{
    struct vl_cursor *ranks = &d->streams.fixed[VL_STREAM_PLACE_RANK];
    struct moved_walk walk;
    int64_t shown, place, next;
    *pos = prediction_pos(d->prediction, masked, cigar, n_cigar);
    if (prediction_start_places(d->prediction, masked, &shown, &walk) < 0)
        return false;
    if (!moved_walk_next(&walk, &place))
        return true;
    struct moved_walk others = walk;
    uint64_t rank = moved_walk_next(&others, &next) ? vl_get_varint(ranks) : 0;
    for (; rank > 0; rank--)
        if (!moved_walk_next(&walk, &place))
            return false;
    *pos += place - shown;
    return !ranks->bad;
}

/* Sets the core fields except those of the mate. */
static bool get_core(struct residual_join *d, const bam1_t *masked,
                     const struct residual_item *item, const uint32_t *cigar,
                     uint32_t n_cigar, bam1_core_t *core)
{
    bool bad = false;
    if (masked) {
        *core = masked->core;
        int64_t pos;
        if (!get_pos(d, masked, cigar, n_cigar, &pos))
            return false;
        core->pos = checked_position(add(pos, item->shape & VL_SHAPE_POS ? item->pos : 0),
                                     -1, &bad);
        if (item->shape & VL_SHAPE_FLAG)
            core->flag = item->flag;
        else if ((item->shape & VL_SHAPE_GRADE) == VL_GRADE_FULL)
            core->flag = record_lasting_flag(masked) ^
                         (item->shape & VL_SHAPE_PROPER ? BAM_FPROPER_PAIR : 0);
    } else {
        /* Bases are either stored or predicted.  A longer SEQ is refused before memory is
         * reserved for it. */
        if ((uint64_t)item->l_seq > item->n_hidden + d->n_masked_bases + d->n_gap_bases)
            return false;
        *core = (bam1_core_t){.flag = item->flag, .l_qseq = item->l_seq};
        core->tid = checked_contig(add(d->whole_contig, item->contig_step), &bad);
        int64_t from = core->tid == d->whole_contig ? d->whole_pos0 : 0;
        core->pos = checked_position(add(from, item->pos_step), -1, &bad);
        d->whole_contig = core->tid;
        d->whole_pos0 = core->pos;
        bad |= (item->shape & VL_SHAPE_GRADE) == VL_GRADE_LOOSE &&
               (core->tid < 0 || core->pos < 0);
    }
    if (item->shape & VL_SHAPE_MAPQ)
        core->qual = item->mapq;
    return !bad;
}

static bool get_mate(struct residual_join *d, const bam1_t *masked,
                     const struct residual_item *item, const bam1_t *mate, bam1_t *b)
{
    bool bad = false, stored = item->shape & VL_SHAPE_MATE;
    int32_t mtid;
    int64_t mpos;
    if ((item->shape & VL_SHAPE_GRADE) == VL_GRADE_LOOSE) {
        b->core.mtid = -1;
        b->core.mpos = -1;
        return true;
    }
    if (mate) {
        b->core.mtid = mate->core.tid;
        b->core.mpos = mate->core.pos;
        b->core.isize = -mate->core.isize;
        return true;
    }
    const char *masked_mc = masked ? tag_list_text(&d->masked_tags, "MC") : NULL;
    prediction_mate(d->prediction, masked, masked_mc, b, d->mc, &mtid, &mpos);
    b->core.mtid = checked_contig(add(mtid, stored ? item->mate_contig : 0), &bad);
    b->core.mpos = checked_position(add(mpos, stored ? item->mate_pos : 0), 0, &bad);
    if (bad)
        return false;
    int64_t tlen = prediction_tlen(d->prediction, masked, masked_mc, b, d->mc);
    b->core.isize = checked_position(add(tlen, stored ? item->mate_tlen : 0), 0, &bad);
    return !bad;
}

/* A loose read has the name `*` here.  Who writes it gives it one. */
static const char *get_name(const bam1_t *masked, const struct residual_item *item)
{
    if (item->shape & VL_SHAPE_NAME)
        return item->name;
    return masked ? bam_get_qname(masked) : "*";
}

/* Finds the own qualities of a masked record (bdiff.md §5.11). */
static bool get_own_quality(struct residual_join *d, const struct residual_item *item)
{
    const struct record_array *masked = &d->window->masked;
    const uint32_t *places = (const void *)d->window->quality_place.data;
    size_t i = d->quality_place;
    if ((item->shape & VL_SHAPE_GRADE) != VL_GRADE_FULL)
        return true;
    if (d->knows_places)
        own_quality_prefetch(masked, places, i);
    if (d->streams.has_places)
        d->quality_place = (size_t)add((int64_t)i, item->quality_place);
    else if (d->knows_places)
        d->quality_place = places[i];
    if (d->quality_place >= masked->n)
        return false;
    size_t n = own_quality_tail_bytes(masked, i, d->quality_place);
    if (n > 0)
        d->quality_tail = vl_get_bytes(&d->streams.fixed[VL_STREAM_QUAL_TAIL], n);
    d->n_quality_tail = n;
    d->own_qual = n == 0 || d->quality_tail
                      ? own_quality(masked, i, d->quality_place, d->quality_tail, &d->own)
                      : NULL;
    return d->own_qual;
}

/* A missing QUAL consists of 0xff only. */
static const uint8_t *get_qual(struct residual_join *d, const bam1_t *masked,
                               const struct residual_item *item, int32_t l_qseq)
{
    if (!(item->shape & VL_SHAPE_QUAL))
        return masked ? d->own_qual : (const uint8_t *)"";
    if (item->n_qual > 0)
        return item->n_qual == (size_t)l_qseq ? item->qual : NULL;
    vl_buf_reset(&d->aux);
    uint8_t *qual = vl_buf_reserve(&d->aux, (size_t)l_qseq);
    if (qual)
        memset(qual, 0xff, (size_t)l_qseq);
    return qual;
}

/* ---- records ---- */

/* Gets the CIGAR: the stored one, the one in the mate's MC, or the masked one. */
static bool get_cigar(struct residual_join *d, const bam1_t *masked,
                      const struct residual_item *item, const bam1_t *mate,
                      const uint32_t **cigar, uint32_t *n_cigar)
{
    int32_t mtid;
    int64_t mpos, tlen;
    if (item->shape & VL_SHAPE_CIGAR) {
        *cigar = item->cigar;
        *n_cigar = item->n_cigar;
        return true;
    }
    if (!(item->shape & VL_SHAPE_PAIR)) {
        *cigar = bam_get_cigar(masked);
        *n_cigar = masked->core.n_cigar;
        return true;
    }
    vl_buf_reset(&d->ops);
    if (!mate || !prediction_by_mate(mate, &mtid, &mpos, &tlen, &d->ops) || d->ops.failed)
        return false;
    *cigar = (const void *)d->ops.data;
    *n_cigar = (uint32_t)(d->ops.len / 4);
    return true;
}

static bool get_record(struct residual_join *d, const bam1_t *masked,
                       const struct residual_item *item, bam1_t *b)
{
    struct prediction *p = d->prediction;
    const bam1_t *mate =
        item->shape & VL_SHAPE_PAIR ? prediction_mate_before(p, masked) : NULL;
    bam1_core_t core;
    const uint32_t *cigar;
    uint32_t n_cigar;
    if ((masked && !record_lengths_agree(masked)) ||
        (masked && !get_own_quality(d, item)) ||
        !get_cigar(d, masked, item, mate, &cigar, &n_cigar) ||
        !get_core(d, masked, item, cigar, n_cigar, &core))
        return false;
    bool same_cigar = masked && record_has_cigar(masked, cigar, n_cigar);
    const uint8_t *qual = get_qual(d, masked, item, core.l_qseq);
    const char *name = get_name(masked, item);
    if (!qual || !get_predicted(d, masked, item, same_cigar, &core, cigar, n_cigar) ||
        record_assemble(b, &core, name, cigar, n_cigar, p->reference.aligned.data, qual,
                        NULL, 0) < 0)
        return false;
    bool variants = prediction_uses_variants(p);
    if (variants && !get_variants(d, b))
        return false;
    if (variants)
        get_n(d, b);
    return get_patches(d, item, b) &&
           residual_join_tags(d, masked, mate, item->tags, b) &&
           get_mate(d, masked, item, mate, b);
}

/* A record that is not restored keeps the qualities of its masked form. */
static void start_qualities(struct residual_join *d, const bam1_t *masked)
{
    d->quality_place = d->n_masked++;
    d->own_qual = bam_get_qual(masked);
    d->quality_tail = NULL;
    d->n_quality_tail = 0;
}

int residual_join_next(struct residual_join *d, enum residual_kind kind,
                       const bam1_t *masked, bam1_t *shown, const bam1_t *lasting,
                       uint8_t *grade, uint32_t *ordinal, struct vl_error *err)
{
    struct residual_item item;
    if (window_streams_next_item(&d->streams, kind, &item) < 0)
        return malformed(err);
    *grade = item.shape & VL_SHAPE_GRADE;
    if (masked)
        start_qualities(d, masked);
    if (*grade != VL_GRADE_NONE && !get_record(d, masked, &item, shown))
        return malformed(err);
    /* This limit is needed because few bytes of a window can predict many. */
    d->n_restored += *grade != VL_GRADE_NONE ? (uint64_t)shown->l_data : 0;
    if (d->n_restored > d->most_restored ||
        d->prediction->n_deleted > vl_bdiff_limit(VL_LIMIT_DELETED_BASES, 0))
        return malformed(err);
    int noted =
        masked && *grade == VL_GRADE_FULL
            ? prediction_remember(d->prediction, item.shape, item.tags, masked, lasting)
            : 0;
    if (noted < 0)
        return vl_error_memory(err);
    d->is_noted = noted;
    if (!d->window->has_order)
        return item.order == 0 ? 0 : malformed(err);
    const bam1_t *b = *grade == VL_GRADE_NONE ? masked : shown;
    int64_t n = add(ordinals_expect(&d->ordinals, b), item.order);
    if (n < 0 || n > UINT32_MAX)
        return malformed(err);
    *ordinal = (uint32_t)n;
    ordinals_use(&d->ordinals, *ordinal);
    return 0;
}

int residual_join_place(struct residual_join *d, uint32_t *place, struct vl_error *err)
{
    int rc = window_streams_next_place(&d->streams, d->window->masked.n, place);
    return rc < 0 ? malformed(err) : rc;
}

size_t residual_join_n_loose(const struct residual_join *d)
{
    return d->streams.n_loose;
}

/* True if the contig is in the file, or the file's contigs are not known. */
static bool is_contig(const struct residual_join *d, uint32_t contig)
{
    return d->window->n_contigs == 0 || contig < d->window->n_contigs;
}

static int get_sites(struct residual_join *d, struct site_list *sites,
                     struct vl_error *err)
{
    bool synth = d->window->model == VL_MASK_SYNTH;
    struct site site;
    int rc;
    while ((rc = window_streams_next_site(&d->streams, &site)) > 0) {
        /* Every site lies under a base of some masked record, so there cannot be more
         * sites than bases. */
        if ((synth && site.change > NIBBLE_N) || sites->n >= d->n_masked_bases ||
            !is_contig(d, site.contig))
            return malformed(err);
        if (site_list_add(sites, &site) < 0)
            return vl_error_memory(err);
    }
    while (rc == 0 && (rc = window_streams_next_variant(&d->streams, &site)) > 0) {
        if (!is_contig(d, site.contig))
            return malformed(err);
        if (site_list_add(&d->variants, &site) < 0)
            return vl_error_memory(err);
        rc = 0;
    }
    return rc < 0 ? malformed(err) : 0;
}

static int get_gaps(struct residual_join *d, struct gap_list *gaps, struct vl_error *err)
{
    int rc = window_streams_get_gaps(&d->streams, gaps);
    const struct gap *v = (const void *)gaps->gaps.data;
    bool any = rc == 0 && gap_list_n(gaps) > 0;
    d->n_gap_bases = rc == 0 ? (uint64_t)gaps->n_bases : 0;
    if (rc == VL_ERR_MEMORY)
        return vl_error_memory(err);
    return rc < 0 || (any && (d->window->model != VL_MASK_SYNTH ||
                              !is_contig(d, (uint32_t)v[gap_list_n(gaps) - 1].contig)))
               ? malformed(err)
               : 0;
}

int residual_join_open(struct residual_join *d, const struct window_records *w,
                       struct site_list *sites, struct gap_list *gaps,
                       const struct vl_bdiff_window *streams,
                       const struct vl_names *read_groups, struct prediction *prediction,
                       struct vl_error *err)
{
    memset(d, 0, sizeof *d);
    d->prediction = prediction;
    d->read_groups = read_groups;
    d->window = w;
    d->ordinals.contig = d->whole_contig = -1;
    uint64_t n_masked = 0, n_content = 0;
    for (size_t i = 0; i < w->masked.n; i++) {
        d->n_masked_bases += (uint64_t)w->masked.v[i]->core.l_qseq;
        n_masked += (uint64_t)w->masked.v[i]->l_data;
    }
    for (size_t i = 0; i < streams->n_streams; i++)
        n_content += streams->streams[i].data.len;
    d->most_restored = vl_bdiff_limit(VL_LIMIT_RESTORED_BYTES, 0) +
                       vl_bdiff_limit(VL_LIMIT_RESTORED_PER_CONTENT, 0) * n_content +
                       vl_bdiff_limit(VL_LIMIT_RESTORED_PER_MASKED, 0) * n_masked;
    int rc = window_streams_open(&d->streams, streams, err);
    /* The owner's file shows every record, so it has no loose reads. */
    if (rc == 0 && d->streams.n_loose > 0 && (read_groups || w->has_order))
        rc = malformed(err);
    d->knows_places = w->quality_place.len > 0 && !w->stores_places;
    if (d->knows_places)
        d->streams.has_places = false;
    if (rc == 0)
        rc = get_sites(d, sites, err);
    if (rc == 0)
        rc = get_gaps(d, gaps, err);
    prediction_start(prediction, w->model, &w->masked, sites, gaps, w->geometry);
    if (rc < 0)
        residual_join_clear(d);
    return rc;
}

int residual_join_end(const struct residual_join *d, struct vl_error *err)
{
    return window_streams_are_used_up(&d->streams) ? 0 : malformed(err);
}

void residual_join_clear(struct residual_join *d)
{
    window_streams_clear(&d->streams);
    site_list_clear(&d->variants);
    vl_buf_clear(&d->aux);
    vl_buf_clear(&d->order);
    vl_buf_clear(&d->ops);
    vl_buf_clear(&d->own);
    memset(d, 0, sizeof *d);
}
