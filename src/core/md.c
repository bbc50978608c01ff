#include "md.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

enum { NIBBLE_EQUAL = 0, NIBBLE_N = 15 };

struct md_text {
    const char *at;
    int64_t matches; /* left of the number last read */
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
    for (int32_t i = qpos; i < qpos + len; i++) {
        while (md->matches == 0 && read_number(md))
            ;
        int nibble = seq_nibble(seq, i);
        if (md->matches > 0) {
            if (nibble == NIBBLE_EQUAL || nibble == NIBBLE_N)
                return false;
            md->matches--;
            aligned[i] = (uint8_t)seq_nt16_str[nibble];
        } else if (isupper((unsigned char)*md->at)) {
            aligned[i] = (uint8_t)*md->at++;
        } else {
            return false;
        }
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
    size_t l_qseq = (size_t)b->core.l_qseq;
    int32_t qpos = 0;
    vl_buf_reset(&reference->aligned);
    vl_buf_reset(&reference->deleted);
    uint8_t *aligned = vl_buf_reserve(&reference->aligned, l_qseq);
    if (!aligned || l_qseq == 0 || !record_is_aligned(b) || !record_lengths_agree(b))
        return false;
    memset(aligned, 0, l_qseq);
    reference->aligned.len = l_qseq;
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

/* samtools calmd's rule: N matches nothing, `=` matches everything. */
static bool is_match(int nibble, uint8_t letter)
{
    return nibble == NIBBLE_EQUAL ||
           (nibble == seq_nt16_table[letter] && nibble != NIBBLE_N);
}

void md_write(const bam1_t *b, const struct md_reference *reference, struct vl_buf *md,
              int64_t *nm)
{
    const uint8_t *aligned = reference->aligned.data, *deleted = reference->deleted.data;
    int32_t qpos = 0;
    unsigned long matches = 0;
    *nm = 0;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(bam_get_cigar(b)[i]);
        int32_t len = (int32_t)bam_cigar_oplen(bam_get_cigar(b)[i]);
        if (bam_cigar_type(op) == 3) {
            for (int32_t q = qpos; q < qpos + len; q++) {
                if (is_match(seq_nibble(bam_get_seq(b), q), aligned[q])) {
                    matches++;
                    continue;
                }
                vl_buf_addf(md, "%lu%c", matches, aligned[q]);
                matches = 0;
                ++*nm;
            }
        } else if (op == BAM_CDEL) {
            vl_buf_addf(md, "%lu^%.*s", matches, (int)len, (const char *)deleted);
            deleted += len;
            matches = 0;
        }
        if (op == BAM_CDEL || op == BAM_CINS)
            *nm += len;
        if (bam_cigar_type(op) & 1)
            qpos += len;
    }
    vl_buf_addf(md, "%lu", matches);
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

int64_t md_edit_distance(const bam1_t *b, const char *md)
{
    int64_t nm = 0;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(bam_get_cigar(b)[i]);
        if (op == BAM_CINS || op == BAM_CDEL)
            nm += bam_cigar_oplen(bam_get_cigar(b)[i]);
    }
    bool deleting = false;
    for (const char *p = md; *p; p++) {
        if (*p == '^')
            deleting = true;
        else if (isdigit((unsigned char)*p))
            deleting = false;
        else
            nm += !deleting;
    }
    return nm;
}

void md_reference_clear(struct md_reference *reference)
{
    vl_buf_clear(&reference->aligned);
    vl_buf_clear(&reference->deleted);
}
