#include "record/record.h"

#include <stdlib.h>
#include <string.h>

#include "record/cigar.h"
#include "varlock/wire.h"

bool record_is_aligned(const bam1_t *b)
{
    return !(b->core.flag & BAM_FUNMAP) && b->core.tid >= 0 && b->core.pos >= 0 &&
           b->core.n_cigar > 0;
}

static bool has_mate_on_contig(const bam1_t *b)
{
    const bam1_core_t *c = &b->core;
    return (c->flag & (BAM_FPAIRED | BAM_FMUNMAP)) == BAM_FPAIRED && c->tid >= 0 &&
           c->mtid == c->tid;
}

uint16_t record_lasting_flag(const bam1_t *b)
{
    bool may_gain = has_mate_on_contig(b) && b->core.mpos >= b->core.pos;
    return b->core.flag | (may_gain ? BAM_FMREVERSE : 0);
}

int64_t record_lasting_tlen(const bam1_t *b)
{
    int64_t tlen = b->core.isize;
    if (has_mate_on_contig(b) && b->core.mpos == b->core.pos &&
        (tlen < 0) != bam_is_rev(b))
        tlen = (int64_t)(0 - (uint64_t)tlen);
    return tlen;
}

bool record_has_cigar(const bam1_t *b, const uint32_t *cigar, uint32_t n_cigar)
{
    return b->core.n_cigar == n_cigar &&
           memcmp(bam_get_cigar(b), cigar, 4 * (size_t)n_cigar) == 0;
}

bool record_lengths_agree(const bam1_t *b)
{
    return b->core.n_cigar == 0 || b->core.l_qseq == 0 ||
           bam_cigar2qlen((int)b->core.n_cigar, bam_get_cigar(b)) == b->core.l_qseq;
}

void record_unclipped(const bam1_t *b, int64_t *beg, int64_t *end)
{
    uint32_t n_cigar = record_is_aligned(b) ? b->core.n_cigar : 0;
    cigar_unclipped(bam_get_cigar(b), n_cigar, b->core.pos, beg, end);
}

size_t record_bytes(const bam1_t *b)
{
    return (size_t)b->l_data + sizeof b->core;
}

void record_normalise(bam1_t *b)
{
    if (b->core.l_qseq & 1)
        bam_get_seq(b)[b->core.l_qseq >> 1] &= 0xf0;
}

static int reserve_data(bam1_t *b, size_t n)
{
    if (n > INT32_MAX)
        return VL_ERR_MEMORY;
    if (n <= b->m_data)
        return 0;
    size_t m = n + n / 4 + 32;
    uint8_t *data = realloc(b->data, m);
    if (!data)
        return VL_ERR_MEMORY;
    b->data = data;
    b->m_data = (uint32_t)m;
    return 0;
}

void record_swap(bam1_t *a, bam1_t *b)
{
    bam1_t t = *a;
    *a = *b;
    *b = t;
}

void record_trim(bam1_t *b)
{
    enum { USUAL = 1 << 16 };
    if (b->m_data <= USUAL)
        return;
    free(b->data);
    b->data = NULL;
    b->m_data = 0;
    b->l_data = 0;
}

void record_shrink(bam1_t *b)
{
    const size_t used = (size_t)b->l_data, unused = b->m_data - used;
    if (unused < 4096 || unused < used / 8)
        return;
    uint8_t *data = realloc(b->data, used);
    if (!data)
        return;
    b->data = data;
    b->m_data = (uint32_t)used;
}

int record_assemble(bam1_t *out, const bam1_core_t *core, const char *qname,
                    const uint32_t *cigar, uint32_t n_cigar, const uint8_t *seq,
                    const uint8_t *qual, const uint8_t *aux, size_t l_aux)
{
    size_t l_name = strlen(qname) + 1;
    size_t pad = (4 - l_name % 4) % 4;
    size_t l_qseq = (size_t)core->l_qseq, l_seq = (l_qseq + 1) / 2;
    size_t n = l_name + pad + 4 * (size_t)n_cigar + l_seq + l_qseq + l_aux;
    if (reserve_data(out, n) < 0)
        return VL_ERR_MEMORY;
    uint8_t *p = out->data;
    out->core = *core;
    out->core.l_qname = (uint16_t)(l_name + pad);
    out->core.l_extranul = (uint8_t)pad;
    out->core.n_cigar = n_cigar;
    out->l_data = (int)n;
    memcpy(p, qname, l_name);
    memset(p + l_name, 0, pad);
    p += l_name + pad;
    if (n_cigar > 0)
        memcpy(p, cigar, 4 * (size_t)n_cigar);
    p += 4 * (size_t)n_cigar;
    if (l_qseq > 0) {
        memcpy(p, seq, l_seq);
        memcpy(p + l_seq, qual, l_qseq);
    }
    if (l_aux > 0)
        memcpy(p + l_seq + l_qseq, aux, l_aux);
    out->core.bin = (uint16_t)hts_reg2bin(core->pos, bam_endpos(out), 14, 5);
    return 0;
}

int record_set_aux(bam1_t *b, const uint8_t *aux, size_t l_aux)
{
    size_t before = (size_t)(bam_get_aux(b) - b->data);
    if (reserve_data(b, before + l_aux) < 0)
        return VL_ERR_MEMORY;
    if (l_aux > 0)
        memcpy(b->data + before, aux, l_aux);
    b->l_data = (int)(before + l_aux);
    return 0;
}

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int record_compare(const bam1_t *a, const bam1_t *b)
{
    const bam1_core_t *x = &a->core, *y = &b->core;
    const int64_t fields[][2] = {
        {x->tid, y->tid},     {x->pos, y->pos},         {x->flag, y->flag},
        {x->qual, y->qual},   {x->mtid, y->mtid},       {x->mpos, y->mpos},
        {x->isize, y->isize}, {x->n_cigar, y->n_cigar}, {x->l_qseq, y->l_qseq}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i][0] != fields[i][1])
            return sign(fields[i][0], fields[i][1]);
    int order = strcmp(bam_get_qname(a), bam_get_qname(b));
    /* CIGAR and SEQ have one length each by now. */
    const uint8_t *p = (const uint8_t *)bam_get_cigar(a);
    const uint8_t *q = (const uint8_t *)bam_get_cigar(b);
    size_t n = (size_t)(bam_get_qual(a) - p);
    size_t n_aux = (size_t)bam_get_l_aux(a), m_aux = (size_t)bam_get_l_aux(b);
    if (order == 0)
        order = memcmp(p, q, n);
    if (order == 0)
        order = memcmp(bam_get_aux(a), bam_get_aux(b), n_aux < m_aux ? n_aux : m_aux);
    if (order == 0)
        order = sign((int64_t)n_aux, (int64_t)m_aux);
    return order ? order : memcmp(bam_get_qual(a), bam_get_qual(b), (size_t)x->l_qseq);
}

bool record_equal(const bam1_t *a, const bam1_t *b)
{
    return record_compare(a, b) == 0;
}
