#include "read_checks.h"

#include <ctype.h>
#include <string.h>

#include "findings.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "record/tags.h"
#include "varlock/fail.h"

/* ---- A9 ---- */

/* Lays the reference's bases under those of the record, whose alignment lies on the
 * contig. */
static bool lay_reference(struct md_reference *under, const bam1_t *b, const char *bases)
{
    size_t n_bytes = ((size_t)b->core.l_qseq + 1) / 2;
    int64_t qpos = 0;
    vl_buf_reset(&under->aligned);
    vl_buf_reset(&under->deleted);
    uint8_t *aligned = vl_buf_reserve(&under->aligned, n_bytes);
    if (!aligned)
        return false;
    under->aligned.len = n_bytes;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        uint32_t op = bam_get_cigar(b)[i], len = bam_cigar_oplen(op);
        int type = bam_cigar_type(bam_cigar_op(op));
        for (uint32_t k = 0; type == 3 && k < len; k++)
            seq_set_nibble(aligned, qpos + k, seq_nt16_table[(uint8_t)bases[k]]);
        for (uint32_t k = 0; bam_cigar_op(op) == BAM_CDEL && k < len; k++)
            vl_buf_add_byte(&under->deleted, (uint8_t)toupper((uint8_t)bases[k]));
        if (type & 1)
            qpos += len;
        if (type & 2)
            bases += len;
    }
    return !under->deleted.failed;
}

/* True if MD and NM, those that are there, are what the bases give. */
static bool tags_agree(struct read_checks *c, const bam1_t *b, const struct tag *md,
                       const struct tag *nm)
{
    int64_t distance;
    vl_buf_reset(&c->md);
    md_write(b, &c->under, &c->md, &distance);
    vl_buf_add_byte(&c->md, 0);
    return (!nm || (tag_is_integer(nm->type) && tag_integer(nm) == distance)) &&
           (!md || (md->type == 'Z' && !c->md.failed && md->size == c->md.len &&
                    memcmp(md->value, c->md.data, c->md.len) == 0));
}

static int check_tags(struct read_checks *c, const bam1_t *b, struct vl_error *err)
{
    struct tag md, nm;
    bool has_md = tag_find(b, "MD", &md), has_nm = tag_find(b, "NM", &nm);
    int64_t end = bam_endpos(b);
    const char *bases;
    if (!has_md && !has_nm)
        return 0;
    c->n_md++;
    if (b->core.l_qseq == 0 || !record_lengths_agree(b) || b->core.pos < 0 ||
        end > c->reference->contigs->v[b->core.tid].length) {
        c->n_md_off++;
        return 0;
    }
    int rc =
        reference_piece_get(c->reference, b->core.tid, b->core.pos, end, &bases, err);
    if (rc < 0)
        return rc;
    if (!lay_reference(&c->under, b, bases))
        return vl_error_memory(err);
    c->n_md_off += !tags_agree(c, b, has_md ? &md : NULL, has_nm ? &nm : NULL);
    return c->md.failed ? vl_error_memory(err) : 0;
}

/* ---- A15 ---- */

/* True if a base is clipped that does not lie beyond the contig's ends. */
static bool is_clipped(const struct read_checks *c, const bam1_t *b)
{
    const uint32_t *cigar = bam_get_cigar(b);
    uint32_t n = b->core.n_cigar;
    bool at_beg = b->core.pos == 0;
    bool at_end = bam_endpos(b) >= c->reference->contigs->v[b->core.tid].length;
    for (uint32_t i = 0; i < n; i++) {
        int op = bam_cigar_op(cigar[i]);
        bool is_beyond =
            op == BAM_CSOFT_CLIP && ((i == 0 && at_beg) || (i == n - 1 && at_end));
        if ((op == BAM_CSOFT_CLIP || op == BAM_CHARD_CLIP) && !is_beyond)
            return true;
    }
    return false;
}

static bool is_spliced(const bam1_t *b)
{
    for (uint32_t i = 0; i < b->core.n_cigar; i++)
        if (bam_cigar_op(bam_get_cigar(b)[i]) == BAM_CREF_SKIP)
            return true;
    return false;
}

/* Looks at how both mates, which are mapped, lie to each other. */
static void check_pair(struct read_checks *c, const bam1_t *b)
{
    bool reverse = bam_is_rev(b), mate_reverse = bam_is_mrev(b);
    int64_t forward_pos = reverse ? b->core.mpos : b->core.pos;
    int64_t reverse_pos = reverse ? b->core.pos : b->core.mpos;
    bool faces = reverse != mate_reverse && forward_pos <= reverse_pos + b->core.l_qseq;
    c->n_pairs++;
    if (b->core.tid != b->core.mtid || !faces)
        c->n_discordant++;
    else
        c->n_far += reverse_pos + b->core.l_qseq - forward_pos > c->max_insert;
}

static void check_cues(struct read_checks *c, const bam1_t *b)
{
    const int pair = BAM_FPAIRED | BAM_FUNMAP | BAM_FMUNMAP;
    struct tag split;
    c->n_clipped += is_clipped(c, b);
    c->n_spliced += is_spliced(b);
    c->n_parts += !record_is_primary(b) || tag_find(b, "SA", &split);
    if ((b->core.flag & pair) == BAM_FPAIRED && b->core.mtid >= 0)
        check_pair(c, b);
}

/* ---- A16 ---- */

static bool shows_bases(const bam1_t *b)
{
    for (int32_t i = 0; i < b->core.l_qseq; i++)
        if (seq_nibble(bam_get_seq(b), i) != NIBBLE_N)
            return true;
    return false;
}

/* Whether qualities are shown is known once two values were seen. */
static void look_at_quality(struct read_checks *c, const bam1_t *b)
{
    const uint8_t *quality = bam_get_qual(b);
    c->shows_mapq |= b->core.qual != 0 && b->core.qual != 60;
    for (int32_t i = 0; i < b->core.l_qseq && !c->shows_quality; i++) {
        if (c->quality < 0)
            c->quality = quality[i];
        c->shows_quality = quality[i] != c->quality;
    }
}

int read_checks_add(struct read_checks *checks, const bam1_t *b, struct vl_error *err)
{
    checks->n_records++;
    look_at_quality(checks, b);
    if (b->core.flag & BAM_FUNMAP) {
        checks->n_unmapped++;
        checks->n_unmapped_shown += shows_bases(b);
    }
    if (!record_is_aligned(b))
        return 0;
    checks->n_aligned++;
    check_cues(checks, b);
    return check_tags(checks, b, err);
}

/* ---- what was found ---- */

int read_checks_report_tags(const struct read_checks *checks, struct audit_report *report)
{
    return findings_put_none(report, "A9", checks->n_md_off, checks->n_md,
                             "records have an MD or NM that the bases shown do not give");
}

int read_checks_report_cues(const struct read_checks *checks, struct audit_report *report)
{
    const struct read_checks *c = checks;
    /* Introns part mates as far as they are long. */
    bool is_rna = c->n_spliced > 0 && c->n_spliced * 100 >= c->n_aligned;
    int rc = findings_put_none(report, "A15.clips", c->n_clipped, c->n_aligned,
                               "alignments are clipped inside their contig");
    if (rc == 0)
        rc = findings_put_none(report, "A15.parts", c->n_parts, c->n_aligned,
                               "alignments are secondary or supplementary or have an SA");
    if (rc == 0)
        rc = findings_put_none(report, "A15.pairs",
                               c->n_discordant + (is_rna ? 0 : c->n_far), c->n_pairs,
                               "mates are on another contig, too far, or do not face");
    return rc < 0 ? rc
                  : findings_put_none(report, "A16", c->n_unmapped_shown, c->n_unmapped,
                                      "unmapped reads show bases");
}

void read_checks_clear(struct read_checks *checks)
{
    md_reference_clear(&checks->under);
    vl_buf_clear(&checks->md);
}
