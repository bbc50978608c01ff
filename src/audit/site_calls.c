#include "site_calls.h"

#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "template_name.h"
#include "varlock/fail.h"

struct site_calls {
    const char *path;
    const struct vl_contigs *contigs;
    struct vl_vac_reader *vac;
    const int32_t *vac_contig;
    int32_t vac_at; /* contig that the VAC stands on; -1: none */
    bool has_site;  /* `site` is the next one there */
    struct vl_site site;
    next_record_fn next;
    void *arg;
    int failure; /* of `next`, or of the order; *why says what */
    struct vl_error why;
    int32_t last_contig;
    int64_t last_pos;
    bam_plp_t pileup;
    struct fragments fragments;
    struct strangers *strangers; /* NULL: not wanted */
};

/* ---- records ---- */

static int check_order(struct site_calls *c, const bam1_t *b)
{
    int64_t contig = b->core.tid, pos = b->core.pos;
    /* Reads of a contig without a position may stand anywhere on it. */
    if (contig < 0 || pos < 0)
        return 0;
    if (contig < c->last_contig || (contig == c->last_contig && pos < c->last_pos))
        return vl_error_set(&c->why, VL_ERR_DATA,
                            "%s: not sorted by coordinate (%s:%lld follows %s:%lld)",
                            c->path, c->contigs->v[contig].name, (long long)pos + 1,
                            c->contigs->v[c->last_contig].name,
                            (long long)c->last_pos + 1);
    c->last_contig = (int32_t)contig;
    c->last_pos = pos;
    return 0;
}

/* True if the record counts.  htslib's pileup aborts at alignments that cover no
 * reference base. */
static bool takes_part(const bam1_t *b)
{
    const int left_out =
        BAM_FUNMAP | BAM_FSECONDARY | BAM_FSUPPLEMENTARY | BAM_FQCFAIL | BAM_FDUP;
    return !(b->core.flag & left_out) && b->core.tid >= 0 && b->core.pos >= 0 &&
           b->core.qual >= SITE_MAPQ_MIN && b->core.l_qseq > 0 && record_is_aligned(b) &&
           record_lengths_agree(b) &&
           bam_cigar2rlen((int)b->core.n_cigar, bam_get_cigar(b)) > 0;
}

/* A bam_plp_auto_f. */
static int give_record(void *arg, bam1_t *b)
{
    struct site_calls *c = arg;
    int rc;
    do {
        rc = c->next(c->arg, b, &c->why);
        if (rc > 0 && check_order(c, b) < 0)
            rc = VL_ERR_DATA;
    } while (rc > 0 && !takes_part(b));
    if (rc < 0)
        c->failure = rc;
    return rc > 0 ? 0 : rc < 0 ? -2 : -1;
}

static int keep_name(void *arg, const bam1_t *b, bam_pileup_cd *cd)
{
    (void)arg;
    cd->i = (int64_t)template_hash(b);
    return 0;
}

int site_calls_open(struct site_calls **calls, const char *path,
                    const struct vl_contigs *contigs, const char *vac,
                    const int32_t *vac_contig, next_record_fn next, void *arg,
                    struct strangers *strangers, struct vl_error *err)
{
    struct site_calls *c = *calls = calloc(1, sizeof *c);
    if (!c)
        return vl_error_memory(err);
    *c = (struct site_calls){.path = path,
                             .contigs = contigs,
                             .vac_contig = vac_contig,
                             .vac_at = -1,
                             .next = next,
                             .arg = arg,
                             .strangers = strangers};
    int rc = vl_vac_open(&c->vac, vac, err);
    if (rc == 0) {
        c->pileup = bam_plp_init(give_record, c);
        rc = c->pileup ? 0 : vl_error_memory(err);
    }
    if (rc == 0)
        bam_plp_constructor(c->pileup, keep_name);
    if (rc < 0) {
        site_calls_free(c);
        *calls = NULL;
    }
    return rc;
}

void site_calls_free(struct site_calls *calls)
{
    if (!calls)
        return;
    if (calls->pileup)
        bam_plp_destroy(calls->pileup);
    vl_vac_free(calls->vac);
    fragments_clear(&calls->fragments);
    free(calls);
}

/* ---- places ---- */

/* Goes on to the first site at or behind the place.  1 if the place is that site. */
static int find_site(struct site_calls *c, int32_t contig, int64_t pos,
                     struct vl_error *err)
{
    enum { FAR = 1 << 20 }; /* bases that are rather skipped than read */
    int32_t in_vac = c->vac_contig[contig];
    int rc = 0;
    if (in_vac < 0)
        return 0;
    bool is_far = c->has_site && c->site.pos0 + FAR < pos;
    if (c->vac_at != in_vac || is_far) {
        rc = vl_vac_seek(c->vac, (uint32_t)in_vac, pos, err);
        if (rc == 0)
            rc = vl_vac_next(c->vac, &c->site, err);
        c->vac_at = in_vac;
        c->has_site = rc > 0;
    }
    while (rc >= 0 && c->has_site && c->site.pos0 < pos) {
        rc = vl_vac_next(c->vac, &c->site, err);
        c->has_site = rc > 0;
    }
    return rc < 0 ? rc : c->has_site && c->site.pos0 == pos;
}

static void call_site(struct site_calls *c, int32_t contig, struct site_call *call)
{
    bool expected[4];
    *call =
        (struct site_call){.contig = contig, .site = c->site, .fragments = &c->fragments};
    fragments_pile(&c->fragments, &call->pile);
    for (int base = 0; base < 4; base++)
        expected[base] = base == c->site.ref || c->site.count[base] > 0;
    call->genotype = genotype_call(&call->pile, expected);
    call->is_sure =
        call->pile.depth >= SITE_DEPTH_MIN && call->genotype.gq >= SITE_GQ_MIN;
}

/* Looks at a place.  1 if it is a site with fragments, and *call is filled. */
static int look_at(struct site_calls *c, int32_t contig, int64_t pos,
                   const bam_pileup1_t *reads, int n_reads, struct site_call *call,
                   struct vl_error *err)
{
    int rc = find_site(c, contig, pos, err);
    if (rc == 0 && c->strangers)
        return strangers_add_place(c->strangers, contig, pos, reads, n_reads,
                                   &c->fragments, err);
    if (rc <= 0)
        return rc;
    if (fragments_take(&c->fragments, reads, n_reads) < 0)
        return vl_error_memory(err);
    call_site(c, contig, call);
    if (c->strangers)
        strangers_add_site(c->strangers, contig, &c->site, reads, n_reads, &c->fragments,
                           &call->genotype, call->is_sure);
    return c->fragments.n > 0;
}

int site_calls_next(struct site_calls *c, struct site_call *call, struct vl_error *err)
{
    const bam_pileup1_t *reads;
    int contig, n_reads;
    hts_pos_t pos;
    while ((reads = bam_plp64_auto(c->pileup, &contig, &pos, &n_reads))) {
        int rc = look_at(c, contig, pos, reads, n_reads, call, err);
        if (rc != 0)
            return rc;
    }
    if (c->failure) {
        *err = c->why;
        return c->failure;
    }
    return n_reads < 0 ? vl_error_memory(err) : 0;
}
