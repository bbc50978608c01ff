#include "residual/prediction.h"

#include <string.h>

#include "projection/geometry.h"
#include "record/cigar.h"
#include "record/nibbles.h"
#include "record/query_name.h"
#include "record/record.h"
#include "record/tags.h"
#include "record/walk.h"
#include "residual/residual_tags.h"

static khint_t hash_of(struct shown_name name)
{
    return name.hash;
}

static bool same_name(struct shown_name a, struct shown_name b)
{
    return a.hash == b.hash && strcmp(a.text, b.text) == 0;
}

__KHASH_IMPL(by_name, , struct shown_name, const bam1_t *, 1, hash_of, same_name)

static struct shown_name shown_name_of(const bam1_t *masked)
{
    const char *text = bam_get_qname(masked);
    return (struct shown_name){text, query_name_hash(text, strlen(text))};
}

void prediction_start(struct prediction *p, int model, const struct record_array *masked,
                      const struct site_list *sites, const struct gap_list *gaps,
                      const struct shown_geometry *geometry)
{
    if (p->geometry != geometry) {
        moved_places_free(p->places);
        p->places = NULL;
    }
    p->geometry = geometry;
    p->asked = NULL;
    p->is_built = p->is_built && p->masked == masked && gap_list_equal(p->gaps, gaps) &&
                  site_list_equal(p->sites, sites);
    p->model = model;
    p->masked = masked;
    p->sites = sites;
    p->gaps = gaps;
    p->n_deleted = 0;
    if (p->pairs)
        kh_clear(by_name, p->pairs);
}

int prediction_build(struct prediction *p, const struct record_array *masked,
                     const struct site_list *sites)
{
    p->is_built = false;
    p->masked = masked;
    p->sites = sites;
    return window_reference_build(&p->window, masked, sites, NULL);
}

int prediction_add_gaps(struct prediction *p, const struct gap_list *gaps)
{
    p->gaps = gaps;
    p->is_built = window_reference_add_gaps(&p->window, gaps) == 0;
    return p->is_built ? 0 : VL_ERR_MEMORY;
}

/* ---- bases ---- */

static void put_literal(struct prediction *p, int64_t qpos, int64_t len)
{
    vl_buf_add(&p->literals, &(struct literal){(int32_t)qpos, (int32_t)len},
               sizeof(struct literal));
}

/* Predicts an aligned run from the window's reference. */
static void predict_run(struct prediction *p, int32_t contig, int64_t rpos, int64_t qpos,
                        int64_t len)
{
    uint8_t *seq = p->reference.aligned.data;
    while (len > 0) {
        int64_t n;
        int64_t at = window_reference_at(&p->window, contig, rpos, len, &n);
        if (at < 0) {
            put_literal(p, qpos, n);
            p->knows_reference = false;
        } else {
            nibbles_copy(seq, qpos, p->window.bases.data, at, n);
        }
        rpos += n;
        qpos += n;
        len -= n;
    }
}

/* Adds n bases of the window's reference, from `at` on.  There can be very many. */
static void put_deleted(struct prediction *p, int64_t at, int64_t n)
{
    struct vl_buf *out = &p->reference.deleted;
    uint8_t *to = vl_buf_reserve(out, (size_t)n);
    p->n_deleted += (uint64_t)n;
    for (int64_t i = 0; to && i < n; i++)
        to[i] = (uint8_t)seq_nt16_str[seq_nibble(p->window.bases.data, at + i)];
    out->len += to ? (size_t)n : 0;
}

static void predict_deleted(struct prediction *p, int32_t contig, int64_t rpos,
                            int64_t len)
{
    /* After one unknown base no more are looked up, because a deletion may have any
     * length. */
    while (len > 0 && p->knows_reference) {
        int64_t n;
        int64_t at = window_reference_at(&p->window, contig, rpos, len, &n);
        p->knows_reference = at >= 0;
        if (at >= 0)
            put_deleted(p, at, n);
        rpos += n;
        len -= n;
    }
}

static void predict_along(struct prediction *p, const bam1_core_t *core,
                          const uint32_t *cigar, uint32_t n_cigar)
{
    int64_t rpos = core->pos, qpos = 0;
    for (uint32_t i = 0; i < n_cigar; i++) {
        int op = bam_cigar_op(cigar[i]), type = bam_cigar_type(op);
        int64_t len = bam_cigar_oplen(cigar[i]);
        if (type == 3)
            predict_run(p, core->tid, rpos, qpos, len);
        else if (type == 1 && len > 0)
            put_literal(p, qpos, len);
        else if (op == BAM_CDEL)
            predict_deleted(p, core->tid, rpos, len);
        if (type & 1)
            qpos += len;
        if (type & 2)
            rpos += len;
    }
}

/* Predicts the masked record's own bases, with the bases at sites restored. */
static void predict_from_masked(struct prediction *p, const bam1_t *masked)
{
    struct hidden_walk walk = hidden_walk_start(masked);
    int32_t qpos, len;
    memcpy(p->reference.aligned.data, bam_get_seq(masked),
           ((size_t)masked->core.l_qseq + 1) / 2);
    sites_restore(p->sites, p->model, masked, p->reference.aligned.data);
    while (hidden_walk_next(&walk, &qpos, &len))
        put_literal(p, qpos, len);
}

int prediction_bases(struct prediction *p, const bam1_t *masked, bool same_cigar,
                     const bam1_core_t *core, const uint32_t *cigar, uint32_t n_cigar)
{
    size_t n_bytes = ((size_t)core->l_qseq + 1) / 2;
    bool is_aligned = !(core->flag & BAM_FUNMAP) && core->tid >= 0 && core->pos >= 0 &&
                      n_cigar > 0 && bam_cigar2qlen((int)n_cigar, cigar) == core->l_qseq;
    vl_buf_reset(&p->reference.aligned);
    vl_buf_reset(&p->reference.deleted);
    vl_buf_reset(&p->literals);
    p->knows_reference = false;
    if (!vl_buf_reserve(&p->reference.aligned, n_bytes + 8))
        return VL_ERR_MEMORY;
    p->reference.aligned.len = n_bytes;
    if (n_bytes == 0)
        return 0;
    /* A leftover of an earlier record must not be taken for a base. */
    p->reference.aligned.data[n_bytes - 1] = 0;
    bool is_permute = p->model == VL_MASK_PERMUTE;
    if (masked && ((same_cigar && core->pos == masked->core.pos) || is_permute)) {
        /* A record masked under synth has no deletions, but a forged one can. */
        p->knows_reference = !is_permute && is_aligned && md_all_match(masked) >= 0;
        predict_from_masked(p, masked);
    } else if (is_aligned && !is_permute) {
        int rc = p->is_built
                     ? 0
                     : window_reference_build(&p->window, p->masked, p->sites, p->gaps);
        if (rc < 0)
            return rc;
        p->is_built = p->knows_reference = true;
        predict_along(p, core, cigar, n_cigar);
    } else {
        put_literal(p, 0, core->l_qseq);
    }
    return p->literals.failed || p->reference.deleted.failed ? VL_ERR_MEMORY : 0;
}

/* ---- places ---- */

/* True if the masked record shows both itself and its mate on its contig. */
static bool shows_mate(const bam1_t *masked)
{
    const bam1_core_t *c = &masked->core;
    return (c->flag & BAM_FPAIRED) && c->tid >= 0 && c->mtid == c->tid;
}

/* True if the 5' end of the masked record lies where its forward mate puts it. */
static bool follows_mate(const bam1_t *masked)
{
    const uint16_t flag = masked->core.flag;
    return shows_mate(masked) && (flag & BAM_FREVERSE) &&
           !(flag & (BAM_FMUNMAP | BAM_FMREVERSE));
}

/* The mate before the record whose fields tell the record's own, where the geometry is
 * known.  A mate that is shown behind the record is not looked for. */
static const bam1_t *telling_mate(struct prediction *p, const bam1_t *masked)
{
    return p->geometry && masked && shows_mate(masked) &&
                   masked->core.mpos <= masked->core.pos
               ? prediction_mate_before(p, masked)
               : NULL;
}

int prediction_start_places(struct prediction *p, const bam1_t *masked, int64_t *shown,
                            struct moved_walk *walk)
{
    *walk = (struct moved_walk){0};
    *shown = 0;
    if (!p->geometry || p->geometry->blur_sd == 0 || !record_is_aligned(masked) ||
        follows_mate(masked) ||
        !geometry_five(bam_get_cigar(masked), masked->core.n_cigar, masked->core.pos,
                       bam_is_rev(masked), shown))
        return 0;
    if (!p->places && moved_places_open(&p->places, p->geometry, NULL) < 0)
        return VL_ERR_MEMORY;
    return moved_places_start(p->places, masked->core.tid, bam_is_rev(masked), *shown,
                              walk);
}

int64_t prediction_pos(struct prediction *p, const bam1_t *masked, const uint32_t *cigar,
                       uint32_t n_cigar)
{
    const bam1_t *mate = telling_mate(p, masked);
    if (mate && (!record_is_aligned(masked) || follows_mate(masked)))
        return mate->core.mpos;
    if (p->model == VL_MASK_PERMUTE || !record_is_aligned(masked))
        return masked->core.pos;
    return geometry_origin(masked->core.pos, bam_get_cigar(masked), masked->core.n_cigar,
                           bam_is_rev(masked), cigar, n_cigar);
}

static int64_t five_prime(const bam1_t *b)
{
    return bam_is_rev(b) ? bam_endpos(b) : b->core.pos;
}

/* Computes the position of the mate whose original CIGAR is `mc`.  The mate's masked
 * CIGAR is the masked record's MC.  False if either is not a CIGAR. */
static bool mate_pos(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                     const bam1_t *b, const char *mc, int64_t *pos)
{
    const char *end;
    vl_buf_reset(&p->ops);
    if (!masked_mc || !mc || strcmp(masked_mc, mc) == 0 ||
        !cigar_parse(masked_mc, &p->ops, &end) || *end)
        return false;
    size_t n_masked = p->ops.len / 4;
    if (!cigar_parse(mc, &p->ops, &end) || *end)
        return false;
    const uint32_t *ops = (const void *)p->ops.data;
    *pos = geometry_origin(masked->core.mpos, ops, (uint32_t)n_masked,
                           b->core.flag & BAM_FMREVERSE, ops + n_masked,
                           (uint32_t)(p->ops.len / 4 - n_masked));
    return true;
}

/* How far the mate's masked 5' end lies from its own: kept inserts move with the record,
 * of drawn ones the median is expected.  False if the masked MC is not a CIGAR. */
static bool mate_shift(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                       const bam1_t *b, int64_t *shift)
{
    const char *end;
    int64_t own, shown, mate;
    bool is_reverse = b->core.flag & BAM_FMREVERSE;
    vl_buf_reset(&p->ops);
    if (!masked_mc || !cigar_parse(masked_mc, &p->ops, &end) || *end ||
        !geometry_five(bam_get_cigar(b), b->core.n_cigar, b->core.pos, bam_is_rev(b),
                       &own) ||
        !geometry_five(bam_get_cigar(masked), masked->core.n_cigar, masked->core.pos,
                       bam_is_rev(masked), &shown) ||
        !geometry_five((const void *)p->ops.data, (uint32_t)(p->ops.len / 4),
                       masked->core.mpos, is_reverse, &mate))
        return false;
    int64_t distance = shown_geometry_median(p->geometry, masked) - 1;
    *shift = p->geometry->draws_inserts
                 ? mate - (own + (bam_is_rev(b) ? -distance : distance))
                 : shown - own;
    return true;
}

void prediction_mate(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                     const bam1_t *b, const char *mc, int32_t *mtid, int64_t *mpos)
{
    const bam1_core_t *from = masked ? &masked->core : &b->core;
    const bam1_t *mate = telling_mate(p, masked);
    int64_t shift;
    if (mate) {
        *mtid = mate->core.tid;
        *mpos = mate->core.pos;
        return;
    }
    *mtid = masked ? from->mtid : from->tid;
    *mpos = masked ? from->mpos : from->pos;
    if (!masked || p->model == VL_MASK_PERMUTE || from->mtid != from->tid)
        return;
    if (b->core.flag & (BAM_FUNMAP | BAM_FMUNMAP))
        *mpos = b->core.pos;
    else
        mate_pos(p, masked, masked_mc, b, mc, mpos);
    if (p->geometry && shows_mate(masked) &&
        !(b->core.flag & (BAM_FUNMAP | BAM_FMUNMAP)) &&
        mate_shift(p, masked, masked_mc, b, &shift))
        *mpos -= shift;
}

/* TLEN from one 5' end to the other, as bwa and samtools fixmate count it.  The mate's 5'
 * end follows from its CIGAR in MC.  Without MC, the masked TLEN is corrected for the
 * record's own 5' end. */
int64_t prediction_tlen(struct prediction *p, const bam1_t *masked, const char *masked_mc,
                        const bam1_t *b, const char *mc)
{
    const bam1_core_t *c = &b->core;
    const bam1_t *mate = telling_mate(p, masked);
    const char *end;
    if (mate)
        return -mate->core.isize;
    if (masked && p->model == VL_MASK_PERMUTE)
        return record_lasting_tlen(masked);
    if (c->mtid != c->tid || c->tid < 0 || (c->flag & (BAM_FUNMAP | BAM_FMUNMAP)))
        return 0;
    if (p->geometry && !mc)
        mc = masked_mc;
    if (!p->geometry && masked && masked->core.mtid == c->tid &&
        masked->core.mpos == c->mpos)
        return record_lasting_tlen(masked) + five_prime(masked) - five_prime(b);
    vl_buf_reset(&p->ops);
    if (!mc || !cigar_parse(mc, &p->ops, &end) || *end)
        return 0;
    int64_t span = c->flag & BAM_FMREVERSE
                       ? bam_cigar2rlen((int)(p->ops.len / 4), (const void *)p->ops.data)
                       : 0;
    return c->mpos + span - five_prime(b);
}

/* ---- mates in the same window ---- */

bool prediction_uses_variants(const struct prediction *p)
{
    return p->model == VL_MASK_SYNTH && p->knows_reference;
}

/* True if the template stores MC with the record. */
static bool stores_mc(const char *template)
{
    for (const char *tag = template; *tag && tag[1]; tag += TEMPLATE_TAG_CHARS)
        if (memcmp(tag, "MCZs", TEMPLATE_TAG_CHARS) == 0)
            return true;
    return false;
}

int prediction_remember(struct prediction *p, unsigned shape, const char *template,
                        const bam1_t *masked, const bam1_t *b)
{
    int absent;
    if (p->model == VL_MASK_PERMUTE ||
        (!(shape & (VL_SHAPE_CIGAR | VL_SHAPE_MATE | VL_SHAPE_PAIR)) &&
         !stores_mc(template) &&
         !(p->geometry && shows_mate(masked) && !follows_mate(masked))))
        return 0;
    if (!p->pairs && (!(p->pairs = kh_init(by_name)) ||
                      kh_resize(by_name, p->pairs, (khint_t)p->masked->n) < 0))
        return VL_ERR_MEMORY;
    p->asked = NULL;
    khint_t k = kh_put(by_name, p->pairs, shown_name_of(masked), &absent);
    if (absent < 0)
        return VL_ERR_MEMORY;
    kh_value(p->pairs, k) = b;
    return 1;
}

const bam1_t *prediction_mate_before(struct prediction *p, const bam1_t *masked)
{
    const uint16_t ENDS = BAM_FREAD1 | BAM_FREAD2;
    if (!p->pairs || p->asked == masked)
        return p->pairs ? p->before : NULL;
    khint_t k = kh_get(by_name, p->pairs, shown_name_of(masked));
    const bam1_t *mate = k == kh_end(p->pairs) ? NULL : kh_value(p->pairs, k);
    p->asked = masked;
    p->before =
        mate && ((mate->core.flag ^ masked->core.flag) & ENDS) == ENDS ? mate : NULL;
    return p->before;
}

bool prediction_by_mate(const bam1_t *mate, int32_t *mtid, int64_t *mpos, int64_t *tlen,
                        struct vl_buf *ops)
{
    const char *mc = tag_find_text(mate, "MC"), *end;
    *mtid = mate->core.tid;
    *mpos = mate->core.pos;
    *tlen = -mate->core.isize;
    return mc && cigar_parse(mc, ops, &end) && *end == '\0';
}

/* ---- MD ---- */

/* Under the permute masking the window's reference is not known.  For a record without a
 * mismatch the reference is the record. */
const char *prediction_md(struct prediction *p, const bam1_t *b)
{
    int64_t nm;
    vl_buf_reset(&p->md);
    if (p->model == VL_MASK_PERMUTE) {
        int64_t n = md_all_match(b);
        if (n < 0)
            return NULL;
        vl_buf_add_number(&p->md, (uint64_t)n);
    } else {
        if (!p->knows_reference || !record_is_aligned(b))
            return NULL;
        md_write(b, &p->reference, &p->md, &nm);
    }
    vl_buf_add_byte(&p->md, 0);
    return p->md.failed ? NULL : (const char *)p->md.data;
}

void prediction_clear(struct prediction *p)
{
    moved_places_free(p->places);
    window_reference_clear(&p->window);
    md_reference_clear(&p->reference);
    vl_buf_clear(&p->literals);
    vl_buf_clear(&p->md);
    vl_buf_clear(&p->ops);
    if (p->pairs)
        kh_destroy(by_name, p->pairs);
    memset(p, 0, sizeof *p);
}
