#include "mask/permute_record.h"

#include <string.h>

#include "projection/masked_core.h"
#include "record/cigar.h"
#include "record/md.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "record/tags.h"
#include "record/walk.h"
#include "varlock/error.h"
#include "varlock/fail.h"

bool mask_takes_whole(const bam1_t *b, const struct vl_contigs *contigs)
{
    return (b->core.flag & (BAM_FSECONDARY | BAM_FSUPPLEMENTARY)) ||
           !record_lengths_agree(b) || !masked_core_fits_cram(b, contigs);
}

/* Hidden bases become N; so does `=`, which would show the reference base. */
static void hide_bases(bam1_t *b)
{
    uint8_t *seq = bam_get_seq(b);
    struct hidden_walk hidden = hidden_walk_start(b);
    int32_t qpos, len;
    while (hidden_walk_next(&hidden, &qpos, &len))
        nibbles_fill(seq, qpos, len, NIBBLE_N);
    nibbles_hide_equal(seq, b->core.l_qseq);
}

/* False if an MD was made against another reference than the VAC's.  Its reference base
 * would show what the permutation hides. */
static bool agrees_with_sites(const bam1_t *b, const struct md_reference *reference,
                              const struct site_list *sites)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    uint32_t contig = (uint32_t)b->core.tid;
    const uint8_t *deleted = reference->deleted.data;
    while (run_walk_next_either(&walk, &run)) {
        for (size_t i = site_list_seek(sites, contig, run.rpos);
             i < sites->n && sites->v[i].contig == contig &&
             sites->v[i].pos0 < run.rpos + run.len;
             i++) {
            int64_t k = sites->v[i].pos0 - run.rpos;
            int nibble = run.qpos < 0 ? seq_nt16_table[deleted[k]]
                                      : seq_nibble(reference->aligned.data, run.qpos + k);
            if (nibble != nibble_of_base[sites->v[i].ref])
                return false;
        }
        deleted += run.qpos < 0 ? run.len : 0;
    }
    return true;
}

static void put_tags(const bam1_t *original, const bam1_t *masked,
                     const struct site_list *sites, const struct tag_policy *policy,
                     struct mask_scratch *scratch, bool *withheld)
{
    vl_buf_reset(&scratch->aux);
    tags_mask(original, policy, NULL, 0, &scratch->aux);
    size_t before = scratch->aux.len;
    bool shown = mask_put_md(masked, original, scratch);
    if (shown && !agrees_with_sites(masked, &scratch->reference, sites)) {
        scratch->aux.len = before;
        shown = false;
    }
    *withheld = !shown && record_is_aligned(original) && tag_find_text(original, "MD");
}

int mask_record(const bam1_t *original, struct site_list *sites,
                const struct tag_policy *policy, struct mask_scratch *scratch,
                bam1_t *masked, bool *withheld)
{
    uint32_t n_cigar = original->core.n_cigar;
    vl_buf_reset(&scratch->cigar);
    uint32_t *cigar = (void *)vl_buf_reserve(&scratch->cigar, 4 * (size_t)n_cigar + 4);
    if (!cigar)
        return VL_ERR_MEMORY;
    bam1_core_t core = original->core;
    masked_core_normalise(&core);
    n_cigar =
        core.flag & BAM_FUNMAP ? 0 : cigar_fold(bam_get_cigar(original), n_cigar, cigar);
    int rc = record_assemble(masked, &core, masked_query_name(original), cigar, n_cigar,
                             bam_get_seq(original), bam_get_qual(original), NULL, 0);
    if (rc < 0)
        return rc;
    sites_mask(sites, masked);
    hide_bases(masked);
    put_tags(original, masked, sites, policy, scratch, withheld);
    if (scratch->aux.failed)
        return VL_ERR_MEMORY;
    return record_set_aux(masked, scratch->aux.data, scratch->aux.len);
}
