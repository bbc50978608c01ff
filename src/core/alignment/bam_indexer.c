#include "alignment/bam_indexer.h"

#include <string.h>

#include <htslib/bgzf.h>

#include "record/locus.h"

/* The smallest bin is that of samtools index -c.  Levels are added until the longest
 * contig fits, as htslib does. */
enum { BEHIND_CONTIG = 256 };

int bam_indexer_levels(const struct vl_contigs *contigs)
{
    int64_t longest = 0;
    int n = 0;
    for (size_t i = 0; i < contigs->n; i++)
        longest = contigs->v[i].length > longest ? contigs->v[i].length : longest;
    for (int64_t s = 1 << BAM_INDEXER_MIN_SHIFT; s < longest + BEHIND_CONTIG; s <<= 3)
        n++;
    return n;
}

int bam_indexer_open(struct bam_indexer *x, const char *path, struct c4gh_keys *keys,
                     htsThreadPool *pool, struct vl_error *err)
{
    memset(x, 0, sizeof *x);
    int rc = alignment_input_open(&x->in, path, NULL, keys, pool, err);
    if (rc < 0)
        return rc;
    const struct vl_contigs *contigs = &x->in.contigs;
    x->index = hts_idx_init((int)contigs->n, HTS_FMT_CSI,
                            (uint64_t)bgzf_tell(x->in.file->fp.bgzf),
                            BAM_INDEXER_MIN_SHIFT, bam_indexer_levels(contigs));
    if (x->index)
        return 0;
    bam_indexer_close(x);
    return vl_error_memory(err);
}

int bam_indexer_next(struct bam_indexer *x, bam1_t *b, struct vl_error *err)
{
    int rc = alignment_input_next(&x->in, b, err);
    if (rc <= 0)
        return rc;
    struct vl_locus here = locus_of(b, x->in.contigs.n);
    if (x->in.n_records > 1 && locus_compare(&x->last, &here) > 0)
        return vl_error_set(err, VL_ERR_SEAL, "%s: record %s is out of order", x->in.path,
                            bam_get_qname(b));
    x->last = here;
    if (hts_idx_push(x->index, b->core.tid, b->core.pos, bam_endpos(b),
                     (uint64_t)bgzf_tell(x->in.file->fp.bgzf),
                     !(b->core.flag & BAM_FUNMAP)) < 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "record %s reaches too far behind the end of its contig for "
                            "an index",
                            bam_get_qname(b));
    return 1;
}

int bam_indexer_save(struct bam_indexer *x, const char *path, struct vl_error *err)
{
    if (hts_idx_finish(x->index, (uint64_t)bgzf_tell(x->in.file->fp.bgzf)) < 0)
        return vl_error_memory(err);
    return hts_idx_save_as(x->index, NULL, path, HTS_FMT_CSI) < 0
               ? vl_error_errno(err, "%s: cannot write", path)
               : 0;
}

void bam_indexer_close(struct bam_indexer *x)
{
    if (x->index)
        hts_idx_destroy(x->index);
    alignment_input_close(&x->in);
    memset(x, 0, sizeof *x);
}
