#include "record/md.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/record.h"

struct md_text {
    const char *at;
    int64_t matches; /* matches that remain of the number last read */
};

static bool read_number(struct md_text *md)
{
    if (!isdigit((unsigned char)*md->at))
        return false;
    char *end;
    md->matches = strtoll(md->at, &end, 10);
    md->at = end;
    return md->matches >= 0;
}

static bool read_aligned(struct md_text *md, const uint8_t *seq, int32_t qpos,
                         int32_t len, uint8_t *aligned)
{
    for (int64_t i = qpos, end = (int64_t)qpos + len; i < end;) {
        while (md->matches == 0 && read_number(md))
            ;
        int64_t n = md->matches < end - i ? md->matches : end - i;
        if (n > 0) {
            if (!nibbles_are_letters(seq, i, n))
                return false;
            nibbles_copy(aligned, i, seq, i, n);
            md->matches -= n;
            i += n;
            continue;
        }
        uint8_t letter = (uint8_t)*md->at++;
        int nibble = seq_nt16_table[letter];
        if (nibble == NIBBLE_EQUAL || (uint8_t)seq_nt16_str[nibble] != letter)
            return false;
        seq_set_nibble(aligned, i++, nibble);
    }
    return true;
}

static bool read_deleted(struct md_text *md, uint32_t len, struct vl_buf *deleted)
{
    if (md->matches == 0)
        read_number(md);
    if (md->matches != 0 || *md->at != '^')
        return false;
    md->at++;
    for (uint32_t i = 0; i < len; i++) {
        if (!isupper((unsigned char)*md->at))
            return false;
        vl_buf_add_byte(deleted, (uint8_t)*md->at++);
    }
    return true;
}

bool md_read(const bam1_t *b, const char *text, struct md_reference *reference)
{
    struct md_text md = {.at = text};
    size_t n_bytes = ((size_t)b->core.l_qseq + 1) / 2;
    int32_t qpos = 0;
    vl_buf_reset(&reference->aligned);
    vl_buf_reset(&reference->deleted);
    uint8_t *aligned = vl_buf_reserve(&reference->aligned, n_bytes);
    if (!aligned || n_bytes == 0 || !record_is_aligned(b) || !record_lengths_agree(b))
        return false;
    memset(aligned, 0, n_bytes);
    reference->aligned.len = n_bytes;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        uint32_t op = bam_get_cigar(b)[i], len = bam_cigar_oplen(op);
        int type = bam_cigar_type(bam_cigar_op(op));
        if (type == 3 && !read_aligned(&md, bam_get_seq(b), qpos, (int32_t)len, aligned))
            return false;
        if (bam_cigar_op(op) == BAM_CDEL && !read_deleted(&md, len, &reference->deleted))
            return false;
        if (type & 1)
            qpos += (int32_t)len;
    }
    while (md.matches == 0 && read_number(&md))
        ;
    return md.matches == 0 && *md.at == '\0' && !reference->deleted.failed;
}

/* Writes the MD of a run of aligned bases and returns the number of mismatches among
 * them.  samtools calmd's rule: N matches nothing, `=` matches everything. */
static int64_t write_aligned(const uint8_t *seq, const uint8_t *aligned, int64_t from,
                             int64_t to, struct vl_buf *md, uint64_t *matches)
{
    int64_t n = 0;
    for (int64_t i = from; i < to; i++) {
        int64_t at = nibbles_mismatch(seq, aligned, i, to, true);
        while (at < to && seq_nibble(seq, at) == NIBBLE_EQUAL)
            at = nibbles_mismatch(seq, aligned, at + 1, to, true);
        *matches += (uint64_t)(at - i);
        if (at < to) {
            vl_buf_add_number(md, *matches);
            vl_buf_add_byte(md, (uint8_t)seq_nt16_str[seq_nibble(aligned, at)]);
            *matches = 0;
            n++;
        }
        i = at;
    }
    return n;
}

void md_write(const bam1_t *b, const struct md_reference *reference, struct vl_buf *md,
              int64_t *nm)
{
    const uint8_t *deleted = reference->deleted.data;
    int64_t qpos = 0;
    uint64_t matches = 0;
    *nm = 0;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(bam_get_cigar(b)[i]);
        int64_t len = bam_cigar_oplen(bam_get_cigar(b)[i]);
        if (bam_cigar_type(op) == 3) {
            *nm += write_aligned(bam_get_seq(b), reference->aligned.data, qpos,
                                 qpos + len, md, &matches);
        } else if (op == BAM_CDEL) {
            vl_buf_add_number(md, matches);
            vl_buf_add_byte(md, '^');
            vl_buf_add(md, deleted, (size_t)len);
            deleted += len;
            matches = 0;
        }
        if (op == BAM_CDEL || op == BAM_CINS)
            *nm += len;
        if (bam_cigar_type(op) & 1)
            qpos += len;
    }
    vl_buf_add_number(md, matches);
}

int64_t md_all_match(const bam1_t *b)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(bam_get_cigar(b)[i]);
        if (op == BAM_CDEL)
            return -1;
        if (bam_cigar_type(op) == 3)
            n += bam_cigar_oplen(bam_get_cigar(b)[i]);
    }
    return n;
}

static int64_t count_mismatches(const char *md)
{
    int64_t n = 0;
    bool deleting = false;
    for (const char *p = md; *p; p++) {
        if (*p == '^')
            deleting = true;
        else if (*p >= '0' && *p <= '9')
            deleting = false;
        else
            n += !deleting;
    }
    return n;
}

int64_t md_edit_distance(const bam1_t *b, const char *md)
{
    int64_t nm = count_mismatches(md);
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(bam_get_cigar(b)[i]);
        if (op == BAM_CINS || op == BAM_CDEL)
            nm += bam_cigar_oplen(bam_get_cigar(b)[i]);
    }
    return nm;
}

int64_t md_score(const bam1_t *b, const char *md)
{
    int64_t score = -5 * count_mismatches(md);
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(bam_get_cigar(b)[i]);
        int64_t len = bam_cigar_oplen(bam_get_cigar(b)[i]);
        if (bam_cigar_type(op) == 3)
            score += len;
        else if (op == BAM_CINS || op == BAM_CDEL)
            score -= 6 + len;
    }
    return score;
}

void md_reference_clear(struct md_reference *reference)
{
    vl_buf_clear(&reference->aligned);
    vl_buf_clear(&reference->deleted);
}
