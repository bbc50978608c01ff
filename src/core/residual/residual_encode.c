#include <stdlib.h>
#include <string.h>

#include "projection/record_check.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "record/tags.h"
#include "residual/ordinals.h"
#include "residual/own_quality.h"
#include "residual/prediction.h"
#include "residual/residual.h"
#include "residual/residual_bases.h"
#include "residual/residual_check.h"
#include "residual/residual_shapes.h"
#include "residual/residual_tags.h"
#include "varlock/wire.h"
#include "window/sites.h"
#include "window/window_records.h"

struct encoder {
    struct vl_buf fixed[VL_STREAM_FIXED_END]; /* by enum vl_stream_id */
    struct tag_encoder tags;
    struct prediction *prediction; /* borrowed */
    struct residual_bases bases;
    struct vl_buf drafts; /* struct draft, in the order of the places */
    struct vl_buf noted;  /* struct noted_record, in the order of the places */
    struct vl_checksum *checksum;
    struct vl_buf scratch;
    bool has_order;
    struct ordinals ordinals;
    size_t tail_at;      /* bytes of w->quality_tail that belong to records before */
    struct vl_buf qual;  /* own_quality of the record at hand */
    unsigned n_low;      /* bits in VL_STREAM_MATE_LOW */
    struct vl_buf mates; /* VL_STREAM_HAS_MATE, which is left out if no bit is set */
    unsigned n_mates;    /* bits in it */
    bool any_mate;
    uint64_t n_orderly;   /* records since the last one out of order */
    int32_t whole_contig; /* of the last whole record */
    int64_t whole_pos0;
};

/* Sites or variants, bdiff.md §5.3. */
static void put_listed(struct encoder *e, uint32_t first, const struct site_list *sites)
{
    struct site before = {0};
    for (size_t i = 0; i < sites->n; i++) {
        const struct site *s = &sites->v[i];
        bool same = s->contig == before.contig;
        vl_put_varint(&e->fixed[first], s->contig - before.contig);
        vl_put_varint(&e->fixed[first + 1],
                      (uint64_t)(s->pos0 - (same ? before.pos0 : 0)));
        vl_put_u8(&e->fixed[first + 2], s->change);
        before = *s;
    }
}

static void put_gaps(struct encoder *e, const struct gap_list *list)
{
    const struct gap *v = (const void *)list->gaps.data;
    struct gap before = {0};
    struct vl_buf *out = &e->fixed[VL_STREAM_GAP_BASES];
    for (size_t i = 0; i < gap_list_n(list); i++) {
        bool same = v[i].contig == before.contig;
        vl_put_varint(&e->fixed[VL_STREAM_GAP_CONTIG],
                      (uint64_t)(v[i].contig - before.contig));
        vl_put_varint(&e->fixed[VL_STREAM_GAP_POS],
                      (uint64_t)(v[i].beg - (same ? before.end : 0)));
        vl_put_varint(&e->fixed[VL_STREAM_GAP_LENGTH],
                      (uint64_t)(v[i].end - v[i].beg - 1));
        before = v[i];
    }
    for (int64_t i = 0; i < list->n_bases; i += 4) {
        unsigned byte = 0;
        for (int64_t k = i; k < i + 4 && k < list->n_bases; k++)
            byte |= (unsigned)base_of_nibble[seq_nibble(list->bases.data, k)]
                    << 2 * (k - i);
        vl_put_u8(out, (uint8_t)byte);
    }
}

/* ---- bases, bdiff.md §5.4 ---- */

/* Stores two bits per base if all of SEQ is literal and is A, C, G or T.  Otherwise
 * returns false. */
static bool put_packed(struct encoder *e, const bam1_t *shown)
{
    struct vl_buf *out = &e->fixed[VL_STREAM_PACKED];
    size_t n = (size_t)shown->core.l_qseq, n_bytes = n / 4 + (n % 4 > 0);
    uint8_t *at = vl_buf_reserve(out, n_bytes);
    if (!at)
        return false;
    memset(at, 0, n_bytes);
    for (size_t i = 0; i < n; i++) {
        int base = base_of_nibble[seq_nibble(bam_get_seq(shown), (int64_t)i)];
        if (base < 0)
            return false;
        at[i / 4] |= (uint8_t)(base << (i % 4 * 2));
    }
    out->len += n_bytes;
    return true;
}

/* Puts the literals into the predicted bases. */
static bool put_literals(struct encoder *e, const bam1_t *shown)
{
    const struct literal *v = (const void *)e->prediction->literals.data;
    size_t n = e->prediction->literals.len / sizeof *v;
    uint8_t *predicted = e->prediction->reference.aligned.data;
    const uint8_t *seq = bam_get_seq(shown);
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += (uint64_t)v[i].len;
    if (total == 0)
        return false;
    bool packed = n == 1 && v[0].len == shown->core.l_qseq && put_packed(e, shown);
    vl_put_varint(&e->fixed[VL_STREAM_HIDDEN_COUNT], total << 1 | packed);
    for (size_t i = 0; i < n; i++) {
        nibbles_copy(predicted, v[i].qpos, seq, v[i].qpos, v[i].len);
        for (int64_t q = v[i].qpos; !packed && q < (int64_t)v[i].qpos + v[i].len; q++)
            vl_put_u8(&e->fixed[VL_STREAM_HIDDEN], (uint8_t)seq_nibble(seq, q));
    }
    return true;
}

/* ---- fields ---- */

static void put_cigar(struct encoder *e, const bam1_t *shown)
{
    struct vl_buf *out = &e->fixed[VL_STREAM_CIGAR];
    vl_put_varint(out, shown->core.n_cigar);
    for (uint32_t i = 0; i < shown->core.n_cigar; i++)
        vl_put_varint(out, bam_get_cigar(shown)[i]);
}

/* A missing QUAL is stored with length 0. */
static void put_qual(struct encoder *e, const bam1_t *shown)
{
    const uint8_t *qual = bam_get_qual(shown);
    size_t n = (size_t)shown->core.l_qseq;
    if (n > 0 && qual[0] == 0xff && memcmp(qual, qual + 1, n - 1) == 0)
        n = 0;
    vl_put_varint(&e->fixed[VL_STREAM_QUAL], n);
    vl_buf_add(&e->fixed[VL_STREAM_QUAL], qual, n);
}

/* MC of the original.  NULL if the tags are stored as one run of bytes, which the decoder
 * does not parse. */
static const char *own_mc(const struct encoder *e)
{
    return e->tags.own.bad ? NULL : tag_list_text(&e->tags.own, "MC");
}

static void put_bit(struct vl_buf *out, unsigned *n, unsigned bit)
{
    if (*n % 8 == 0)
        vl_put_u8(out, 0);
    if (!out->failed)
        out->data[out->len - 1] |= (uint8_t)(bit << *n % 8);
    ++*n;
}

/* bdiff.md §5.9: the difference of PNEXT of a masked record. */
static void put_mate_pos(struct encoder *e, int64_t difference)
{
    enum { NEAR = 2 * 127 };
    struct vl_buf *low = &e->fixed[VL_STREAM_MATE_LOW];
    if (difference < -NEAR || difference > NEAR) {
        vl_put_u8(&e->fixed[VL_STREAM_MATE_NEAR], 0);
        vl_put_zigzag(&e->fixed[VL_STREAM_MATE_POS], difference);
        return;
    }
    unsigned bit = (unsigned)(difference & 1);
    vl_put_u8(&e->fixed[VL_STREAM_MATE_NEAR], (uint8_t)((difference - bit) / 2 + 128));
    put_bit(low, &e->n_low, bit);
}

/* Stores the mate fields: those of a whole record always, those of a masked record only
 * if they differ from their prediction. */
static bool put_mate(struct encoder *e, const bam1_t *masked, const bam1_t *shown,
                     bool is_certain)
{
    const bam1_core_t *c = &shown->core;
    const char *mc = own_mc(e);
    const char *masked_mc = masked ? tag_list_text(&e->tags.masked, "MC") : NULL;
    int32_t mtid;
    int64_t mpos;
    prediction_mate(e->prediction, masked, masked_mc, shown, mc, &mtid, &mpos);
    int64_t tlen = prediction_tlen(e->prediction, masked, masked_mc, shown, mc);
    if (!is_certain && mtid == c->mtid && mpos == c->mpos && tlen == c->isize)
        return false;
    vl_put_zigzag(&e->fixed[VL_STREAM_MATE_CONTIG], (int64_t)c->mtid - mtid);
    if (masked)
        put_mate_pos(e, c->mpos - mpos);
    else
        vl_put_zigzag(&e->fixed[VL_STREAM_MATE_POS], c->mpos - mpos);
    vl_put_zigzag(&e->fixed[VL_STREAM_MATE_TLEN], c->isize - tlen);
    return true;
}

/* True if the mate comes before the record in this window and tells its CIGAR and mate
 * fields. */
static bool is_told_by_mate(struct encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    const bam1_t *mate = prediction_mate_before(e->prediction, masked);
    const bam1_core_t *c = &shown->core;
    int32_t mtid;
    int64_t mpos, tlen;
    vl_buf_reset(&e->scratch);
    return mate && prediction_by_mate(mate, &mtid, &mpos, &tlen, &e->scratch) &&
           mtid == c->mtid && mpos == c->mpos && tlen == c->isize &&
           e->scratch.len == 4 * (size_t)c->n_cigar &&
           memcmp(e->scratch.data, bam_get_cigar(shown), e->scratch.len) == 0;
}

/* True if the record differs from what is predicted in nothing that bit pair could tell.
 * Most records are like this. */
static bool is_plain(struct encoder *e, const bam1_t *masked, const bam1_t *shown,
                     bool same)
{
    const bam1_core_t *m = &masked->core, *s = &shown->core;
    const char *mc = own_mc(e);
    const char *masked_mc = tag_list_text(&e->tags.masked, "MC");
    /* Where the geometry is known, the mate tells RNEXT, PNEXT and TLEN without the bit.
     */
    if (e->prediction->geometry)
        return same && (!mc || (masked_mc && strcmp(mc, masked_mc) == 0));
    return same && m->pos == s->pos && m->mtid == s->mtid && m->mpos == s->mpos &&
           m->isize == s->isize && (!mc || (masked_mc && strcmp(mc, masked_mc) == 0));
}

/* Stores what differs between the masked record and the original in the alignment and the
 * mate fields. */
static unsigned put_alignment(struct encoder *e, const bam1_t *masked,
                              const bam1_t *shown, bool same)
{
    if (!is_plain(e, masked, shown, same) && is_told_by_mate(e, masked, shown))
        return VL_SHAPE_PAIR;
    if (!same)
        put_cigar(e, shown);
    return (same ? 0 : VL_SHAPE_CIGAR) |
           (put_mate(e, masked, shown, false) ? VL_SHAPE_MATE : 0);
}

/* FLAG is stored only if more of it differs from its prediction than 0x2. */
static unsigned put_flag(struct encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    uint16_t flag = shown->core.flag, differs = flag ^ record_lasting_flag(masked);
    if ((differs & ~BAM_FPROPER_PAIR) == 0)
        return differs ? VL_SHAPE_PROPER : 0;
    vl_put_varint(&e->fixed[VL_STREAM_FLAG], flag);
    return VL_SHAPE_FLAG;
}

/* bdiff.md §5.8.  Stores which of several places masking moved onto the shown one; the
 * first one if it was none of them.  Returns the POS that this predicts. */
static int64_t put_place(struct encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    struct moved_walk walk;
    int64_t five, place, n = 0, found = 0, first = 0;
    int64_t pos =
        prediction_pos(e->prediction, masked, bam_get_cigar(shown), shown->core.n_cigar);
    if (prediction_start_places(e->prediction, masked, &five, &walk) < 0)
        e->fixed[VL_STREAM_PLACE_RANK].failed = true;
    for (; moved_walk_next(&walk, &place); n++) {
        first = n == 0 ? place - five : first;
        if (pos + place - five == shown->core.pos)
            found = n;
    }
    if (n > 1)
        vl_put_varint(&e->fixed[VL_STREAM_PLACE_RANK], (uint64_t)found);
    return n == 0 ? pos : found > 0 ? shown->core.pos : pos + first;
}

/* Stores what differs between the masked record and the original in the other fields.
 * Bases and tags are stored elsewhere. */
static unsigned put_fields(struct encoder *e, const bam1_t *masked, const bam1_t *shown)
{
    const bam1_core_t *m = &masked->core, *s = &shown->core;
    unsigned shape = 0;
    int64_t pos = put_place(e, masked, shown);
    if (s->pos != pos) {
        shape |= VL_SHAPE_POS;
        vl_put_zigzag(&e->fixed[VL_STREAM_POS], s->pos - pos);
    }
    if (m->qual != s->qual) {
        shape |= VL_SHAPE_MAPQ;
        vl_put_u8(&e->fixed[VL_STREAM_MAPQ], s->qual);
    }
    shape |= put_flag(e, masked, shown);
    if (strcmp(bam_get_qname(masked), bam_get_qname(shown)) != 0) {
        shape |= VL_SHAPE_NAME;
        vl_buf_add(&e->fixed[VL_STREAM_NAME], bam_get_qname(shown),
                   strlen(bam_get_qname(shown)) + 1);
    }
    if (memcmp(e->tags.qual, bam_get_qual(shown), (size_t)m->l_qseq) != 0) {
        shape |= VL_SHAPE_QUAL;
        put_qual(e, shown);
    }
    return shape;
}

/* The fields that whole records and loose reads have in common. */
static void put_own_fields(struct encoder *e, const bam1_t *b)
{
    const bam1_core_t *c = &b->core;
    bool same = c->tid == e->whole_contig;
    vl_put_zigzag(&e->fixed[VL_STREAM_WHOLE_CONTIG], (int64_t)c->tid - e->whole_contig);
    vl_put_zigzag(&e->fixed[VL_STREAM_WHOLE_POS], c->pos - (same ? e->whole_pos0 : 0));
    vl_put_varint(&e->fixed[VL_STREAM_WHOLE_FLAG], c->flag);
    vl_put_varint(&e->fixed[VL_STREAM_WHOLE_LENGTH], (uint64_t)c->l_qseq);
    e->whole_contig = c->tid;
    e->whole_pos0 = c->pos;
    put_cigar(e, b);
    vl_put_u8(&e->fixed[VL_STREAM_MAPQ], c->qual);
    if (c->l_qseq > 0)
        put_qual(e, b);
}

/* bdiff.md §5.7 */
static unsigned put_whole_fields(struct encoder *e, const bam1_t *b)
{
    put_own_fields(e, b);
    put_mate(e, NULL, b, true);
    vl_buf_add(&e->fixed[VL_STREAM_NAME], bam_get_qname(b), strlen(bam_get_qname(b)) + 1);
    return VL_SHAPE_OF_WHOLE | (b->core.l_qseq > 0 ? VL_SHAPE_QUAL : 0);
}

/* bdiff.md §5.10.  Such a read always has bases. */
static unsigned put_loose_fields(struct encoder *e, const bam1_t *b)
{
    put_own_fields(e, b);
    return VL_SHAPE_OF_LOOSE;
}

/* ---- records ---- */

/* bdiff.md §5.2 */
static void put_order(struct encoder *e, const bam1_t *shown, uint32_t ordinal)
{
    if (!e->has_order)
        return;
    uint32_t expected = ordinals_expect(&e->ordinals, shown);
    if (ordinal == expected) {
        e->n_orderly++;
    } else {
        vl_put_varint(&e->fixed[VL_STREAM_ORDER_STEP], e->n_orderly);
        vl_put_zigzag(&e->fixed[VL_STREAM_ORDER], (int64_t)ordinal - expected);
        e->n_orderly = 0;
    }
    ordinals_use(&e->ordinals, ordinal);
}

/* Adds the record to the checksum.  Its RG is among the tags that were read, unless the
 * list of them is not complete. */
static int add_check(struct encoder *e, const bam1_t *shown)
{
    const struct vl_names *groups = e->tags.read_groups;
    return e->tags.own.bad
               ? record_check_add(shown, groups, e->checksum, &e->scratch)
               : record_check_add_group(shown, tag_list_find(&e->tags.own, "RG"), groups,
                                        e->checksum, &e->scratch);
}

/* Stores everything of a restored record except its patches. */
static int draft_shown(struct encoder *e, const bam1_t *masked, const bam1_t *shown,
                       int grade, struct draft *draft, struct noted_record *noted)
{
    bool same =
        masked && record_has_cigar(masked, bam_get_cigar(shown), shown->core.n_cigar);
    tag_encoder_read(&e->tags, masked, shown);
    if (masked)
        draft->shape |=
            put_alignment(e, masked, shown, same) | put_fields(e, masked, shown);
    else
        draft->shape |= grade == VL_GRADE_LOOSE ? put_loose_fields(e, shown)
                                                : put_whole_fields(e, shown);
    if (prediction_bases(e->prediction, masked, same, &shown->core, bam_get_cigar(shown),
                         shown->core.n_cigar) < 0)
        return VL_ERR_MEMORY;
    if (put_literals(e, shown))
        draft->shape |= VL_SHAPE_HIDDEN;
    residual_bases_note(&e->bases, e->prediction, shown,
                        prediction_uses_variants(e->prediction), noted);
    const bam1_t *mate = draft->shape & VL_SHAPE_PAIR
                             ? prediction_mate_before(e->prediction, masked)
                             : NULL;
    if (tag_encoder_put(&e->tags, e->prediction, masked, shown, mate,
                        &e->fixed[VL_STREAM_TAGS_RAW], &draft->template) < 0 ||
        add_check(e, shown) < 0)
        return VL_ERR_MEMORY;
    if (masked && !(draft->shape & VL_SHAPE_PAIR)) {
        bool has_mate = draft->shape & VL_SHAPE_MATE;
        put_bit(&e->mates, &e->n_mates, has_mate);
        e->any_mate |= has_mate;
    }
    return masked ? prediction_remember(e->prediction, draft->shape, e->tags.last_text,
                                        masked, shown)
                  : 0;
}

static int draft_record(struct encoder *e, const bam1_t *masked, const bam1_t *shown,
                        int grade, uint32_t ordinal)
{
    struct draft draft = {.shape = (unsigned)grade};
    struct noted_record noted = {.b = shown};
    put_order(e, grade == VL_GRADE_NONE ? masked : shown, ordinal);
    if (grade != VL_GRADE_NONE &&
        draft_shown(e, masked, shown, grade, &draft, &noted) < 0)
        return VL_ERR_MEMORY;
    if (masked)
        draft.shape &= ~(unsigned)VL_SHAPE_MATE;
    vl_buf_add(&e->drafts, &draft, sizeof draft);
    vl_buf_add(&e->noted, &noted, sizeof noted);
    return 0;
}

/* Finds the own qualities of masked record i, and stores what tells them from those that
 * the masked records show (bdiff.md §5.11). */
static int put_own_quality(struct encoder *e, const struct window_records *w, size_t i)
{
    const uint32_t *places = (const void *)w->quality_place.data;
    size_t place = w->quality_place.len > 0 ? places[i] : i;
    if (w->quality_place.len > 0)
        own_quality_prefetch(&w->masked, places, i);
    size_t n_tail = own_quality_tail_bytes(&w->masked, i, place);
    const uint8_t *tail = n_tail > 0 ? w->quality_tail.data + e->tail_at : NULL;
    e->tail_at += n_tail;
    if (w->grade.data[i] != VL_GRADE_FULL)
        place = i;
    else if (w->quality_place.len > 0 && w->stores_places)
        vl_put_zigzag(&e->fixed[VL_STREAM_QUAL_PLACE], (int64_t)place - (int64_t)i);
    if (w->grade.data[i] == VL_GRADE_FULL)
        vl_buf_add(&e->fixed[VL_STREAM_QUAL_TAIL], tail, n_tail);
    e->tags.qual = own_quality(&w->masked, i, place, tail, &e->qual);
    return e->tags.qual ? 0 : VL_ERR_MEMORY;
}

static int draft_all(struct encoder *e, const struct window_records *w)
{
    const uint32_t *ordinal = (const void *)w->ordinal.data;
    uint32_t place = 0;
    size_t whole = 0;
    for (size_t i = 0; i <= w->masked.n; i++) {
        for (; whole < w->whole.n && w->whole_place[whole].place <= i; whole++) {
            vl_put_varint(&e->fixed[VL_STREAM_WHOLE_PLACE], i - place);
            place = (uint32_t)i;
            if (draft_record(e, NULL, w->whole.v[whole], VL_GRADE_FULL,
                             w->whole_place[whole].ordinal) < 0)
                return VL_ERR_MEMORY;
        }
        if (i == w->masked.n)
            break;
        if (put_own_quality(e, w, i) < 0 ||
            draft_record(e, w->masked.v[i], w->shown.v[i], w->grade.data[i],
                         e->has_order ? ordinal[i] : 0) < 0)
            return VL_ERR_MEMORY;
    }
    if (w->loose.n > 0)
        vl_put_varint(&e->fixed[VL_STREAM_LOOSE], w->loose.n);
    for (size_t i = 0; i < w->loose.n; i++)
        if (draft_record(e, NULL, w->loose.v[i], VL_GRADE_LOOSE, 0) < 0)
            return VL_ERR_MEMORY;
    return e->drafts.failed || e->noted.failed || e->bases.mismatches.failed
               ? VL_ERR_MEMORY
               : 0;
}

/* ---- what is common ---- */

static void put_patches(struct encoder *e, struct draft *drafts, size_t n)
{
    const struct noted_record *noted = (const void *)e->noted.data;
    for (size_t i = 0; i < n; i++) {
        if (drafts[i].shape == VL_GRADE_NONE)
            continue;
        uint64_t count = residual_bases_put(
            &e->bases, &noted[i], &e->fixed[VL_STREAM_VARIANT_FLAG],
            &e->fixed[VL_STREAM_PATCH_RANK], &e->fixed[VL_STREAM_PATCH_BASE]);
        drafts[i].shape |= (unsigned)(count < 3 ? count : 3) << VL_SHAPE_PATCHES_SHIFT;
        if (count >= 3)
            vl_put_varint(&e->fixed[VL_STREAM_PATCH_COUNT], count - 3);
    }
}

static int put_templates(struct encoder *e, struct draft *drafts, size_t n)
{
    struct vl_buf *out = &e->fixed[VL_STREAM_TEMPLATE];
    uint32_t common = 0, n_templates = tag_encoder_n_templates(&e->tags);
    uint64_t *counts = calloc((size_t)n_templates + 1, sizeof *counts);
    if (!counts)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        if (drafts[i].shape != VL_GRADE_NONE)
            counts[drafts[i].template]++;
    for (uint32_t i = 0; i < n_templates; i++)
        common = counts[i] > counts[common] ? i : common;
    free(counts);
    if (n_templates > 0)
        vl_put_varint(out, common);
    for (size_t i = 0; i < n; i++)
        if (drafts[i].shape != VL_GRADE_NONE && drafts[i].template != common) {
            drafts[i].shape |= VL_SHAPE_TEMPLATE;
            vl_put_varint(out, drafts[i].template);
        }
    return 0;
}

static int put_all(struct encoder *e, const struct window_records *w)
{
    put_listed(e, VL_STREAM_SITE_CONTIG, &w->sites);
    put_gaps(e, &w->gaps);
    if (draft_all(e, w) < 0)
        return VL_ERR_MEMORY;
    struct draft *drafts = (void *)e->drafts.data;
    size_t n = e->drafts.len / sizeof *drafts;
    if (residual_bases_find(&e->bases, (void *)e->noted.data, n) < 0)
        return VL_ERR_MEMORY;
    put_listed(e, VL_STREAM_VARIANT_CONTIG, &e->bases.variants);
    if (e->bases.n_quality >= 0)
        vl_put_u8(&e->fixed[VL_STREAM_N_QUALITY], (uint8_t)e->bases.n_quality);
    if (e->any_mate)
        vl_buf_add(&e->fixed[VL_STREAM_HAS_MATE], e->mates.data, e->mates.len);
    e->fixed[VL_STREAM_HAS_MATE].failed |= e->mates.failed;
    put_patches(e, drafts, n);
    return put_templates(e, drafts, n) < 0 || residual_shapes_put(drafts, n, e->fixed) < 0
               ? VL_ERR_MEMORY
               : 0;
}

/* Makes the fixed streams streams of the window, beside the streams of the tags. */
static int hand_over(struct encoder *e)
{
    struct vl_bdiff_window *window = &e->tags.window;
    if (tag_encoder_end(&e->tags, &e->fixed[VL_STREAM_TEMPLATES]) < 0)
        return VL_ERR_MEMORY;
    for (uint32_t id = 1; id < VL_STREAM_FIXED_END; id++) {
        if (e->fixed[id].failed)
            return VL_ERR_MEMORY;
        struct vl_buf *data =
            e->fixed[id].len > 0 ? vl_bdiff_window_stream(window, id) : NULL;
        if (!data && e->fixed[id].len > 0)
            return VL_ERR_MEMORY;
        if (data) {
            *data = e->fixed[id];
            e->fixed[id] = VL_BUF_INIT;
        }
    }
    vl_checksum_finish(e->checksum, window->check);
    return 0;
}

/* ---- windows ---- */

static int encode(struct encoder *e, const struct window_records *w, struct vl_buf *plain,
                  struct vl_error *err)
{
    e->checksum = vl_checksum_new();
    e->ordinals.contig = e->whole_contig = -1;
    prediction_start(e->prediction, w->model, &w->masked, &w->sites, &w->gaps,
                     w->geometry);
    int rc = e->checksum ? put_all(e, w) : VL_ERR_MEMORY;
    if (rc == 0)
        rc = hand_over(e);
    if (rc < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = residual_check(w, &e->tags.window, e->tags.read_groups, e->prediction, err);
    if (rc == 0)
        rc = vl_bdiff_window_encode(&e->tags.window, plain, err);
    return rc;
}

static void clear(struct encoder *e)
{
    for (uint32_t id = 0; id < VL_STREAM_FIXED_END; id++)
        vl_buf_clear(&e->fixed[id]);
    if (e->checksum)
        vl_checksum_free(e->checksum);
    tag_encoder_clear(&e->tags);
    residual_bases_clear(&e->bases);
    vl_buf_clear(&e->mates);
    vl_buf_clear(&e->drafts);
    vl_buf_clear(&e->noted);
    vl_buf_clear(&e->qual);
    vl_buf_clear(&e->scratch);
}

int residual_encode(struct window_records *w, const struct vl_names *read_groups,
                    struct prediction *prediction, struct vl_buf *plain,
                    struct vl_error *err)
{
    struct prediction own = {0};
    struct encoder e = {.tags = {.read_groups = read_groups},
                        .has_order = w->has_order,
                        .prediction = prediction ? prediction : &own};
    int rc = encode(&e, w, plain, err);
    clear(&e);
    prediction_clear(&own);
    return rc;
}
