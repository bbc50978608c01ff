#include "site_calls.h"

#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/query_name.h"
#include "record/record.h"
#include "varlock/checksum.h"
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
    struct fragment *fragments;
    size_t cap;
};

/* ---- records ---- */

static int check_order(struct site_calls *c, const bam1_t *b)
{
    int64_t contig = b->core.tid, pos = b->core.pos;
    if (contig < 0)
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
    const char *name = bam_get_qname(b);
    (void)arg;
    cd->i = (int64_t)vl_checksum(name, query_name_length(name));
    return 0;
}

int site_calls_open(struct site_calls **calls, const char *path,
                    const struct vl_contigs *contigs, const char *vac,
                    const int32_t *vac_contig, next_record_fn next, void *arg,
                    struct vl_error *err)
{
    struct site_calls *c = *calls = calloc(1, sizeof *c);
    if (!c)
        return vl_error_memory(err);
    *c = (struct site_calls){.path = path,
                             .contigs = contigs,
                             .vac_contig = vac_contig,
                             .vac_at = -1,
                             .next = next,
                             .arg = arg};
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
    free(calls->fragments);
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

static int compare_fragments(const void *a, const void *b)
{
    const struct fragment *x = a, *y = b;
    return x->name < y->name ? -1 : x->name > y->name;
}

/* Joins the mates among n sorted fragments.  Returns how many are left. */
static size_t join_mates(struct fragment *f, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (out == 0 || f[out - 1].name != f[i].name) {
            f[out++] = f[i];
            continue;
        }
        struct fragment *mate = &f[out - 1];
        mate->is_pair = true;
        if (mate->base != f[i].base)
            mate->base = -1;
        if (mate->quality < f[i].quality)
            mate->quality = f[i].quality;
    }
    return out;
}

/* The fragments over a place. */
static int take_fragments(struct site_calls *c, const bam_pileup1_t *reads, int n_reads,
                          size_t *n)
{
    if ((size_t)n_reads > c->cap) {
        size_t cap = 2 * (size_t)n_reads;
        struct fragment *more = realloc(c->fragments, cap * sizeof *more);
        if (!more)
            return VL_ERR_MEMORY;
        c->fragments = more;
        c->cap = cap;
    }
    *n = 0;
    for (int i = 0; i < n_reads; i++) {
        const bam_pileup1_t *p = &reads[i];
        if (p->is_del || p->is_refskip)
            continue;
        int base = base_of_nibble[bam_seqi(bam_get_seq(p->b), p->qpos)];
        uint8_t quality = bam_get_qual(p->b)[p->qpos];
        if (quality == 0xff)
            quality = GENOTYPE_QUALITY_NONE;
        if (quality > p->b->core.qual)
            quality = p->b->core.qual;
        if (base >= 0 && quality >= GENOTYPE_QUALITY_MIN)
            c->fragments[(*n)++] =
                (struct fragment){(uint64_t)p->cd.i, (int8_t)base, quality, false};
    }
    qsort(c->fragments, *n, sizeof *c->fragments, compare_fragments);
    *n = join_mates(c->fragments, *n);
    return 0;
}

static void call_site(struct site_calls *c, int32_t contig, size_t n,
                      const struct vl_site *site, struct site_call *call)
{
    bool expected[4];
    *call = (struct site_call){
        .contig = contig, .site = *site, .fragments = c->fragments, .n_fragments = n};
    for (size_t i = 0; i < n; i++)
        if (c->fragments[i].base >= 0)
            pile_add(&call->pile, c->fragments[i].base, c->fragments[i].quality);
    for (int base = 0; base < 4; base++)
        expected[base] = base == site->ref || site->count[base] > 0;
    call->genotype = genotype_call(&call->pile, expected);
    call->is_sure =
        call->pile.depth >= SITE_DEPTH_MIN && call->genotype.gq >= SITE_GQ_MIN;
}

int site_calls_next(struct site_calls *c, struct site_call *call, struct vl_error *err)
{
    const bam_pileup1_t *reads;
    int contig, n_reads;
    hts_pos_t pos;
    size_t n;
    while ((reads = bam_plp64_auto(c->pileup, &contig, &pos, &n_reads))) {
        int rc = find_site(c, contig, pos, err);
        if (rc > 0 && take_fragments(c, reads, n_reads, &n) < 0)
            rc = vl_error_memory(err);
        if (rc < 0)
            return rc;
        if (rc > 0 && n > 0) {
            call_site(c, contig, n, &c->site, call);
            return 1;
        }
    }
    if (c->failure) {
        *err = c->why;
        return c->failure;
    }
    return n_reads < 0 ? vl_error_memory(err) : 0;
}
