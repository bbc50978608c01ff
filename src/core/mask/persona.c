#include "mask/persona.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <htslib/faidx.h>
#include <htslib/sam.h>

#include "alignment/fasta.h"
#include "record/nibbles.h"
#include "varlock/buf.h"
#include "varlock/seal.h"

enum { SITES_BATCH = 4096, MISMATCHES_SHOWN = 3 };

struct persona {
    struct persona_options options;
    faidx_t *fai;
    struct vl_draw **draws; /* one for each sample; NULL until it has a read */
    uint8_t mask_key[VL_MASK_KEY_BYTES];
    struct persona_contig *current; /* contig borrowed last; kept loaded */
    struct vl_site *sites;          /* a batch of sites */
    int64_t *pos0;
    uint64_t *draw;
    uint64_t n_mismatches;
};

/* ---- opening ---- */

static int check_reference(const struct persona *p, struct vl_error *err)
{
    const struct persona_options *o = &p->options;
    for (size_t i = 0; i < o->contigs->n; i++) {
        const struct vl_contig *c = &o->contigs->v[i];
        /* A FASTA index cannot hold an empty sequence.  This is no error, because no read
         * can lie on it. */
        if (c->length == 0 && !faidx_has_seq(p->fai, c->name))
            continue;
        if (!faidx_has_seq(p->fai, c->name))
            return vl_error_set(err, VL_ERR_DATA, "%s: has no contig %s", o->reference,
                                c->name);
        int64_t length = faidx_seq_len(p->fai, c->name);
        if (length != c->length)
            return vl_error_set(
                err, VL_ERR_DATA,
                "%s: contig %s has %lld bases, not %lld: another assembly", o->reference,
                c->name, (long long)length, (long long)c->length);
    }
    return 0;
}

static int open_parts(struct persona *p, struct vl_error *err)
{
    const struct persona_options *options = &p->options;
    int rc = reference_open(&p->fai, options->reference, err);
    if (rc < 0)
        return rc;
    p->draws = calloc(options->samples->n + 1, sizeof(struct vl_draw *));
    p->sites = malloc(SITES_BATCH * sizeof *p->sites);
    p->pos0 = malloc(SITES_BATCH * sizeof *p->pos0);
    p->draw = malloc(SITES_BATCH * sizeof *p->draw);
    if (!p->draws || !p->sites || !p->pos0 || !p->draw)
        return vl_error_memory(err);
    return check_reference(p, err);
}

int persona_open(struct persona **persona, const struct persona_options *options,
                 const uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err)
{
    *persona = NULL;
    struct persona *p = calloc(1, sizeof *p);
    if (!p)
        return vl_error_memory(err);
    p->options = *options;
    memcpy(p->mask_key, mask_key, sizeof p->mask_key);
    int rc = open_parts(p, err);
    if (rc < 0)
        persona_free(p);
    else
        *persona = p;
    return rc;
}

/* ---- the reference of a contig ---- */

static void pack(void *arg, int64_t pos0, const char *bases, int64_t n)
{
    uint8_t *seq = arg;
    for (int64_t i = 0; i < n; i++) {
        int nibble = seq_nt16_table[(uint8_t)bases[i]];
        seq_set_nibble(seq, pos0 + i, nibble == NIBBLE_EQUAL ? NIBBLE_N : nibble);
    }
}

static int load_reference(const struct persona *p, struct persona_contig *c,
                          struct vl_error *err)
{
    const struct vl_contig *known = &p->options.contigs->v[c->contig];
    char m5[VL_M5_CHARS + 1];
    /* 8 more bytes, because whole words are read. */
    c->seq = calloc((size_t)c->length / 2 + 9, 1);
    if (!c->seq)
        return vl_error_memory(err);
    int rc = reference_read(p->fai, p->options.reference, known, pack, c->seq,
                            known->m5[0] ? m5 : NULL, err);
    if (rc == 0 && known->m5[0] && strcasecmp(m5, known->m5) != 0)
        rc = vl_error_set(err, VL_ERR_DATA,
                          "%s: contig %s has another M5 than the input's header says",
                          p->options.reference, known->name);
    return rc;
}

/* ---- its alleles ---- */

/* The base at the drawn index in the cumulated counts.  -1 if nothing was counted. */
static int draw_allele(const struct vl_site *site, uint64_t u)
{
    uint64_t total = 0;
    for (int i = 0; i < 4; i++)
        total += site->count[i];
    if (total == 0)
        return -1;
    uint64_t at = vl_draw_index(u, total);
    int base = 0;
    while (at >= site->count[base])
        at -= site->count[base++];
    return base;
}

/* Makes the draws of a sample those of the contig.  The haplotypes of contigs can be
 * loaded in turn. */
static int open_draw(struct persona *p, const struct persona_contig *c, int32_t sample,
                     struct vl_error *err)
{
    struct vl_draw **draw = &p->draws[sample];
    int rc = *draw ? 0
                   : vl_draw_open_sample(draw, p->mask_key, p->options.samples->v[sample],
                                         err);
    return rc < 0 ? rc
                  : vl_draw_set_contig(*draw, p->options.contigs->v[c->contig].name, err);
}

/* Draws a haplotype at the n sites of the batch. */
static int add_alts(struct persona *p, const struct persona_contig *c, size_t n,
                    struct vl_draw *draw, uint8_t haplotype, struct alt_list *alts,
                    struct vl_error *err)
{
    int rc = vl_draw_haplotype(draw, haplotype, p->pos0, n, p->draw, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        int64_t pos0 = p->pos0[i];
        uint64_t u = p->draw[i];
        bool one = haplotype > 0 &&
                   vl_ranges_overlap(p->options.haploid, c->contig, pos0, pos0 + 1);
        if (one)
            rc = vl_draw_haplotype(draw, 0, &pos0, 1, &u, err);
        int base = rc == 0 ? draw_allele(&p->sites[i], u) : -1;
        if (base < 0 || nibble_of_base[base] == seq_nibble(c->seq, pos0))
            continue;
        struct alt *v = vl_array_grow(alts->v, alts->n, &alts->cap, sizeof *v);
        if (!v)
            return vl_error_memory(err);
        alts->v = v;
        alts->v[alts->n++] = (struct alt){pos0, nibble_of_base[base]};
    }
    return rc;
}

/* Reads the next sites.  Sites where the reference base is not A, C, G or T are skipped,
 * so the haplotype has the reference there. */
static int next_batch(struct persona *p, const struct persona_contig *c, size_t *n,
                      uint64_t *n_sites, uint64_t *n_wrong, struct vl_buf *wrong,
                      struct vl_error *err)
{
    struct vl_site site;
    int rc = 1;
    for (*n = 0;
         *n < SITES_BATCH && (rc = vl_vac_next(p->options.vac, &site, err)) > 0;) {
        int base =
            site.pos0 < c->length ? base_of_nibble[seq_nibble(c->seq, site.pos0)] : -2;
        ++*n_sites;
        if (base == -1)
            continue;
        if (base != site.ref) {
            if (++*n_wrong <= MISMATCHES_SHOWN)
                vl_buf_addf(wrong, "%s%lld %c, not %c", *n_wrong > 1 ? ", " : "",
                            (long long)site.pos0 + 1, "ACGT"[site.ref],
                            base < 0 ? '-' : "ACGT"[base]);
            if (base < 0)
                continue;
        }
        p->sites[*n] = site;
        p->pos0[(*n)++] = site.pos0;
    }
    return rc < 0 ? rc : 0;
}

static int check_wrong(struct persona *p, const struct persona_contig *c,
                       uint64_t n_sites, uint64_t n_wrong, struct vl_buf *wrong,
                       struct vl_error *err)
{
    vl_buf_add_byte(wrong, 0);
    p->n_mismatches += n_wrong;
    if (n_wrong * 100 <= n_sites)
        return 0;
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: its reference bases are not those of %s at %llu of %llu sites "
        "of contig %s (%s%s): another assembly",
        vl_vac_path(p->options.vac), p->options.reference, (unsigned long long)n_wrong,
        (unsigned long long)n_sites, p->options.contigs->v[c->contig].name,
        wrong->failed ? "" : (char *)wrong->data,
        n_wrong > MISMATCHES_SHOWN ? ", ..." : "");
}

/* The steps widen until there are no more of them than alleles. */
static int index_alts(struct alt_list *list, int64_t length)
{
    enum { FINEST_SHIFT = 12 };
    list->shift = FINEST_SHIFT;
    while (length >> list->shift > (int64_t)list->n)
        list->shift++;
    size_t n_steps = (size_t)(length >> list->shift) + 2, at = 0;
    list->first = malloc(n_steps * sizeof *list->first);
    if (!list->first)
        return VL_ERR_MEMORY;
    for (size_t i = 0; i < n_steps; i++) {
        while (at < list->n && list->v[at].pos0 >> list->shift < (int64_t)i)
            at++;
        list->first[i] = (uint32_t)at;
    }
    return 0;
}

const struct alt *alt_list_seek(const struct alt_list *list, int64_t pos0)
{
    const struct alt *at = list->v + list->first[pos0 >> list->shift];
    while (at < list->v + list->n && at->pos0 < pos0)
        at++;
    return at;
}

/* Reads the sites of the contig and draws both haplotypes of the sample.  The first time
 * that a contig is read, its reference bases are checked. */
static int load_alts(struct persona *p, struct persona_contig *c, int32_t sample,
                     bool checks, struct vl_error *err)
{
    int32_t in_vac = p->options.vac_contig[c->contig];
    struct alt_list *alts = &c->alts[2 * sample];
    struct vl_buf wrong = VL_BUF_INIT;
    uint64_t n_sites = 0, n_wrong = 0;
    size_t n = 0;
    int rc = open_draw(p, c, sample, err);
    if (rc == 0 && in_vac >= 0)
        rc = vl_vac_seek(p->options.vac, (uint32_t)in_vac, 0, err);
    do {
        if (rc == 0 && in_vac >= 0)
            rc = next_batch(p, c, &n, &n_sites, &n_wrong, &wrong, err);
        for (uint8_t haplotype = 0; rc == 0 && n > 0 && haplotype < 2; haplotype++)
            rc = add_alts(p, c, n, p->draws[sample], haplotype, &alts[haplotype], err);
    } while (rc == 0 && n == SITES_BATCH);
    if (rc == 0 && checks)
        rc = check_wrong(p, c, n_sites, n_wrong, &wrong, err);
    for (int i = 0; rc == 0 && i < 2; i++)
        rc = index_alts(&alts[i], c->length) < 0 ? vl_error_memory(err) : 0;
    vl_buf_clear(&wrong);
    return rc;
}

/* ---- contigs ---- */

static void free_contig(struct persona_contig *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->alts && i < c->n_alts; i++) {
        free(c->alts[i].v);
        free(c->alts[i].first);
    }
    free(c->alts);
    free(c->seq);
    free(c);
}

static int load(struct persona *p, int32_t contig, int32_t sample,
                struct persona_contig **out, struct vl_error *err)
{
    struct persona_contig *c = calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return vl_error_memory(err);
    c->contig = contig;
    c->length = p->options.contigs->v[contig].length;
    c->n_alts = 2 * p->options.samples->n;
    c->alts = calloc(c->n_alts, sizeof *c->alts);
    if (!c->alts)
        return vl_error_memory(err);
    int rc = load_reference(p, c, err);
    return rc < 0 ? rc : load_alts(p, c, sample, true, err);
}

int persona_load_sample(struct persona *p, struct persona_contig *c, int32_t sample,
                        struct vl_error *err)
{
    bool is_loaded = c->alts[2 * sample + 1].first;
    return is_loaded ? 0 : load_alts(p, c, sample, false, err);
}

int persona_borrow(struct persona *p, int32_t contig, int32_t sample,
                   struct persona_contig **c, struct vl_error *err)
{
    if (!p->current || p->current->contig != contig) {
        if (p->current && p->current->n_users == 0)
            free_contig(p->current);
        p->current = NULL;
        struct persona_contig *new = NULL;
        int rc = load(p, contig, sample, &new, err);
        if (rc < 0) {
            free_contig(new);
            return rc;
        }
        p->current = new;
    }
    int rc = persona_load_sample(p, p->current, sample, err);
    if (rc < 0)
        return rc;
    *c = p->current;
    p->current->n_users++;
    return 0;
}

void persona_return(struct persona *p, struct persona_contig *c)
{
    if (--c->n_users == 0 && c != p->current)
        free_contig(c);
}

uint64_t persona_n_mismatches(const struct persona *p)
{
    return p->n_mismatches;
}

void persona_free(struct persona *p)
{
    if (!p)
        return;
    free_contig(p->current);
    for (size_t i = 0; p->draws && i < p->options.samples->n; i++)
        vl_draw_free(p->draws[i]);
    free(p->draws);
    free(p->sites);
    free(p->pos0);
    free(p->draw);
    if (p->fai)
        fai_destroy(p->fai);
    vl_wipe(p->mask_key, sizeof p->mask_key);
    free(p);
}
