#include "mask/synth_record.h"

#include <string.h>

#include "projection/mapq_class.h"
#include "projection/masked_core.h"
#include "projection/pseudonym.h"
#include "record/md.h"
#include "record/nibbles.h"
#include "record/query_name.h"
#include "record/record.h"
#include "record/tags.h"
#include "varlock/little_endian.h"
#include "varlock/seal.h"

int synth_open(struct synth *s, const struct synth_context *context, struct vl_error *err)
{
    memset(s, 0, sizeof *s);
    s->context = context;
    int rc = vl_name_draw_open(&s->haplotype, context->mask_key, VL_NAME_HAPLOTYPE, err);
    if (rc == 0 && context->names == SYNTH_NAMES_TOKEN)
        rc = vl_name_draw_open(&s->token, context->mask_key, VL_NAME_TOKEN, err);
    if (rc < 0)
        synth_close(s);
    return rc;
}

void synth_close(struct synth *s)
{
    vl_name_draw_free(s->haplotype);
    vl_name_draw_free(s->token);
    mask_scratch_clear(&s->scratch);
    vl_buf_clear(&s->seq);
    vl_buf_clear(&s->qual);
    memset(s, 0, sizeof *s);
}

/* ---- names ---- */

int synth_token(struct synth *s, const bam1_t *b, char token[static TOKEN_BYTES],
                struct vl_error *err)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz234567";
    const char *name = bam_get_qname(b);
    size_t n = query_name_length(name);
    char message[4 + UINT8_MAX];
    uint8_t bytes[16];
    int group = read_group_of(b, s->context->policy.read_groups);
    vl_store_le((uint8_t *)message, (uint64_t)(group + 1), 4);
    memcpy(message + 4, name, n);
    int rc = vl_name_draw(s->token, message, 4 + n, bytes, err);
    for (int i = 0; rc == 0 && i < 16; i++) {
        unsigned bit = (unsigned)i * 5,
                 two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        token[i] = LETTERS[two >> (11 - bit % 8) & 31];
    }
    token[16] = '\0';
    return rc;
}

/* ---- bases ---- */

int32_t synth_sample(const struct synth_context *c, int32_t group)
{
    return group < 0 ? c->default_sample : c->sample_of_group[group];
}

/* Puts the alleles from pos0 to `end`, within one stretch, into SEQ at qpos. */
static bool put_alts(struct synth *s, const struct persona_contig *persona,
                     const struct alt_list *alts, int64_t pos0, int64_t end, int64_t qpos,
                     struct site_list *sites)
{
    const struct alt *alt = alt_list_seek(alts, pos0), *last = alts->v + alts->n;
    for (; alt < last && alt->pos0 < end; alt++) {
        struct site site = {.contig = (uint32_t)persona->contig,
                            .pos0 = alt->pos0,
                            .change = (uint8_t)seq_nibble(persona->seq, alt->pos0)};
        seq_set_nibble(s->seq.data, qpos + alt->pos0 - pos0, alt->nibble);
        if (sites && site_list_add(sites, &site) < 0)
            return false;
    }
    return true;
}

/* Puts one exon of the haplotype into SEQ, and the reference bases beside it. */
static bool put_exon(struct synth *s, const struct persona_contig *persona,
                     size_t haplotype, int64_t pos0, int64_t n, int64_t qpos,
                     struct site_list *sites)
{
    int64_t end = pos0 + n, next;
    bool good = true;
    nibbles_copy(s->scratch.reference.aligned.data, qpos, persona->seq, pos0, n);
    nibbles_copy(s->seq.data, qpos, persona->seq, pos0, n);
    for (; good && pos0 < end; qpos += next - pos0, pos0 = next) {
        next = ((pos0 >> persona->shift) + 1) << persona->shift;
        good = put_alts(s, persona, persona_alts(persona, haplotype, pos0), pos0,
                        next < end ? next : end, qpos, sites);
    }
    return good;
}

static int put_bases(struct synth *s, const bam1_t *b, const struct mask_plan *plan,
                     const struct persona_contig *persona, struct site_list *sites,
                     struct vl_error *err)
{
    const char *name = bam_get_qname(b);
    uint8_t draw[16];
    int rc = vl_name_draw(s->haplotype, name, query_name_length(name), draw, err);
    if (rc < 0)
        return rc;
    size_t haplotype = 2 * (size_t)synth_sample(s->context, plan->group) + (draw[0] & 1);
    const uint32_t *cigar = (const void *)s->scratch.cigar.data;
    int64_t rpos = s->geometry.pos, qpos = 0;
    for (size_t i = 0; i < s->scratch.cigar.len / 4; i++) {
        int64_t n = bam_cigar_oplen(cigar[i]);
        int op = bam_cigar_op(cigar[i]);
        if (op == BAM_CSOFT_CLIP)
            nibbles_fill(s->seq.data, qpos, n, NIBBLE_N);
        else if (op == BAM_CMATCH &&
                 !put_exon(s, persona, haplotype, rpos, n, qpos, sites))
            return vl_error_memory(err);
        if (op != BAM_CREF_SKIP)
            qpos += n;
        if (op != BAM_CSOFT_CLIP)
            rpos += n;
    }
    return 0;
}

/* ---- the record ---- */

static int reserve(struct synth *s, size_t l_qseq)
{
    size_t n = (l_qseq + 1) / 2;
    vl_buf_reset(&s->seq);
    vl_buf_reset(&s->qual);
    vl_buf_reset(&s->scratch.reference.aligned);
    vl_buf_reset(&s->scratch.reference.deleted);
    vl_buf_reset(&s->scratch.cigar);
    if (!vl_buf_reserve(&s->seq, n + 1) || !vl_buf_reserve(&s->qual, l_qseq + 1) ||
        !vl_buf_reserve(&s->scratch.reference.aligned, n + 1))
        return VL_ERR_MEMORY;
    if (n > 0)
        s->seq.data[n - 1] = 0;
    return 0;
}

static bam1_core_t masked_core(const bam1_t *b, const struct mask_plan *plan)
{
    bam1_core_t core = b->core;
    core.pos = plan->pos0;
    core.flag = (uint16_t)(core.flag & ~BAM_FPROPER_PAIR);
    if (plan->is_proper)
        core.flag |= BAM_FPROPER_PAIR;
    core.qual = core.flag & BAM_FUNMAP ? 0 : mapq_class(core.qual);
    core.mtid = plan->mtid;
    core.mpos = plan->mpos;
    core.isize = plan->tlen;
    masked_core_normalise(&core);
    return core;
}

static void put_tags(struct synth *s, const bam1_t *b, const struct mask_plan *plan,
                     const bam1_t *masked)
{
    const struct masked_cigar *mate = &plan->mate;
    struct mask_scratch *scratch = &s->scratch;
    int64_t nm;
    vl_buf_reset(&scratch->aux);
    tags_mask(b, &s->context->policy, mate->n > 1 ? mate->ops : &mate->one, mate->n,
              &scratch->aux);
    if (!record_is_aligned(masked) || masked->core.l_qseq == 0)
        return;
    vl_buf_reset(&scratch->md);
    md_write(masked, &scratch->reference, &scratch->md, &nm);
    tag_put_nm(&scratch->aux, nm);
    tag_put_text(&scratch->aux, "MD", (const char *)scratch->md.data, scratch->md.len);
    scratch->aux.failed |= scratch->md.failed;
}

int synth_record(struct synth *s, const bam1_t *b, const struct mask_plan *plan,
                 const struct persona_contig *persona, struct site_list *sites,
                 bam1_t *masked, struct vl_error *err)
{
    const struct synth_context *context = s->context;
    bam1_core_t core = masked_core(b, plan);
    const char *name = masked_query_name(b);
    bool aligned = !(core.flag & BAM_FUNMAP) && core.tid >= 0;
    int rc = reserve(s, (size_t)core.l_qseq) < 0 ? vl_error_memory(err) : 0;
    /* Its order was laid out, so that memory alone can fail it. */
    if (rc == 0 && aligned &&
        !geometry_lay(bam_get_cigar(b), b->core.n_cigar, b->core.pos, bam_is_rev(b),
                      plan->shift, context->contigs->v[core.tid].length, &s->geometry,
                      &s->scratch.cigar))
        rc = vl_error_memory(err);
    if (rc == 0 && aligned && core.l_qseq > 0)
        rc = put_bases(s, b, plan, persona, sites, err);
    else if (rc == 0)
        nibbles_fill(s->seq.data, 0, core.l_qseq, NIBBLE_N);
    if (rc == 0 && context->names == SYNTH_NAMES_TOKEN) {
        rc = synth_token(s, b, s->name, err);
        name = s->name;
    }
    if (rc < 0)
        return rc;
    if (context->quality == QUALITY_OQ && core.l_qseq > 0 && bam_get_qual(b)[0] != 0xff &&
        !quality_has_oq(b)) {
        s->n_without_oq++;
        if (context->requires_oq)
            return vl_error_set(
                err, VL_ERR_DATA,
                "record %s has no OQ as those before: choose --qual oq, bin4, "
                "flat or keep",
                bam_get_qname(b));
    }
    quality_mask(b, context->quality, s->qual.data);
    if (record_assemble(masked, &core, name, (void *)s->scratch.cigar.data,
                        (uint32_t)(s->scratch.cigar.len / 4), s->seq.data, s->qual.data,
                        NULL, 0) < 0)
        return vl_error_memory(err);
    put_tags(s, b, plan, masked);
    return s->scratch.aux.failed ||
                   record_set_aux(masked, s->scratch.aux.data, s->scratch.aux.len) < 0
               ? vl_error_memory(err)
               : 0;
}
