#include "record/walk.h"

#include "record/record.h"

struct run_walk run_walk_start(const bam1_t *b)
{
    bool any = record_is_aligned(b) && b->core.l_qseq > 0;
    return (struct run_walk){.cigar = bam_get_cigar(b),
                             .n_cigar = any ? b->core.n_cigar : 0,
                             .rpos = b->core.pos};
}

static bool next_run(struct run_walk *walk, struct aligned_run *run, bool deletions)
{
    while (walk->op < walk->n_cigar) {
        uint32_t c = walk->cigar[walk->op++];
        int type = bam_cigar_type(bam_cigar_op(c));
        int32_t len = (int32_t)bam_cigar_oplen(c);
        *run = (struct aligned_run){walk->rpos, walk->qpos, len};
        if (type & 1)
            walk->qpos += len;
        if (type & 2)
            walk->rpos += len;
        if (type == 3 && len > 0)
            return true;
        if (deletions && bam_cigar_op(c) == BAM_CDEL && len > 0) {
            run->qpos = -1;
            return true;
        }
    }
    return false;
}

bool run_walk_next(struct run_walk *walk, struct aligned_run *run)
{
    return next_run(walk, run, false);
}

bool run_walk_next_either(struct run_walk *walk, struct aligned_run *run)
{
    return next_run(walk, run, true);
}

struct hidden_walk hidden_walk_start(const bam1_t *b)
{
    return (struct hidden_walk){.cigar = bam_get_cigar(b),
                                .n_cigar = b->core.n_cigar,
                                .l_qseq = b->core.l_qseq,
                                .all = !record_is_aligned(b)};
}

bool hidden_walk_next(struct hidden_walk *walk, int32_t *qpos, int32_t *len)
{
    if (walk->l_qseq == 0)
        return false;
    if (walk->all) {
        *qpos = 0;
        *len = walk->l_qseq;
        walk->l_qseq = 0;
        return true;
    }
    while (walk->op < walk->n_cigar) {
        uint32_t c = walk->cigar[walk->op++];
        int type = bam_cigar_type(bam_cigar_op(c));
        *qpos = walk->qpos;
        *len = (int32_t)bam_cigar_oplen(c);
        if (type & 1)
            walk->qpos += *len;
        if (type == 1 && *len > 0)
            return true;
    }
    return false;
}
