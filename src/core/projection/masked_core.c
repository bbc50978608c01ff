#include "projection/masked_core.h"

uint16_t masked_flag(uint16_t flag)
{
    const uint16_t DEFINED = 0xfff;
    const uint16_t OF_PAIRS =
        BAM_FPROPER_PAIR | BAM_FMUNMAP | BAM_FMREVERSE | BAM_FREAD1 | BAM_FREAD2;
    flag &= DEFINED;
    return flag & BAM_FPAIRED ? flag : (uint16_t)(flag & ~OF_PAIRS);
}

void masked_core_normalise(bam1_core_t *core)
{
    core->flag = masked_flag(core->flag);
    if (core->flag & BAM_FUNMAP)
        core->qual = 0;
    if (!(core->flag & BAM_FPAIRED))
        core->mtid = -1;
    if (!(core->flag & BAM_FPAIRED) || core->mpos < -1)
        core->mpos = -1;
    if ((core->flag & (BAM_FUNMAP | BAM_FMUNMAP)) || core->tid < 0 ||
        core->mtid != core->tid)
        core->isize = 0;
}

const char *masked_query_name(const bam1_t *b)
{
    const char *name = bam_get_qname(b);
    return *name ? name : "*";
}

bool masked_core_fits_cram(const bam1_t *b, const struct vl_contigs *contigs)
{
    const int64_t LENGTH_MAX = (1 << 28) - 1; /* of an operator */
    const bam1_core_t *c = &b->core;
    int64_t length = 0, contig_length = c->tid < 0 ? 0 : contigs->v[c->tid].length;
    if (c->tid >= 0 && (c->pos < 0 || c->pos >= contig_length))
        return false;
    if (c->flag & BAM_FUNMAP)
        return true;
    for (uint32_t i = 0; i < c->n_cigar; i++) {
        uint32_t op = bam_get_cigar(b)[i];
        if (bam_cigar_op(op) > BAM_CDIFF)
            return false;
        length += bam_cigar_oplen(op);
    }
    return c->tid >= 0 && length > 0 && length <= LENGTH_MAX &&
           bam_endpos(b) <= contig_length;
}
