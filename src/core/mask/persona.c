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

/* The draws of a sample, opened when they are needed. */
struct sample_draw {
    struct vl_draw *draw;
    int32_t contig; /* for which it draws; -1: none */
};

struct persona {
    struct persona_options options;
    faidx_t *fai;
    struct sample_draw *draws; /* one for each sample */
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
    p->draws = calloc(options->samples->n + 1, sizeof *p->draws);
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

/* Makes the draws of a sample those of the contig. */
static int open_draw(struct persona *p, const struct persona_contig *c, int32_t sample,
                     struct vl_error *err)
{
    struct sample_draw *d = &p->draws[sample];
    int rc = 0;
    if (!d->draw) {
        d->contig = -1;
        rc = vl_draw_open_sample(&d->draw, p->mask_key, p->options.samples->v[sample],
                                 err);
    }
    if (rc < 0 || d->contig == c->contig)
        return rc;
    d->contig = -1;
    rc = vl_draw_set_contig(d->draw, p->options.contigs->v[c->contig].name, err);
    if (rc == 0)
        d->contig = c->contig;
    return rc;
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

/* The sites of a contig where the VAC has another reference base than the FASTA. */
struct mismatches {
    uint64_t n_sites, n_wrong;
    struct vl_buf shown;
};

/* The reference base at a site: 0..3, -1 if it is not A, C, G or T, -2 behind the end. */
static int reference_base(const struct persona_contig *c, const struct vl_site *site)
{
    return site->pos0 < c->length ? base_of_nibble[seq_nibble(c->seq, site->pos0)] : -2;
}

static void note_mismatch(struct mismatches *m, const struct vl_site *site, int base)
{
    m->n_sites++;
    if (base == -1 || base == site->ref)
        return;
    if (++m->n_wrong <= MISMATCHES_SHOWN)
        vl_buf_addf(&m->shown, "%s%lld %c, not %c", m->n_wrong > 1 ? ", " : "",
                    (long long)site->pos0 + 1, "ACGT"[site->ref],
                    base < 0 ? '-' : "ACGT"[base]);
}

static int judge_mismatches(struct persona *p, const struct persona_contig *c,
                            struct mismatches *m, struct vl_error *err)
{
    vl_buf_add_byte(&m->shown, 0);
    p->n_mismatches += m->n_wrong;
    if (m->n_wrong * 100 <= m->n_sites)
        return 0;
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: its reference bases are not those of %s at %llu of %llu sites "
        "of contig %s (%s%s): another assembly",
        vl_vac_path(p->options.vac), p->options.reference, (unsigned long long)m->n_wrong,
        (unsigned long long)m->n_sites, p->options.contigs->v[c->contig].name,
        m->shown.failed ? "" : (char *)m->shown.data,
        m->n_wrong > MISMATCHES_SHOWN ? ", ..." : "");
}

/* Goes to the contig's first site at or behind pos0.  Returns 0 if the VAC does not have
 * the contig. */
static int seek_site(struct persona *p, const struct persona_contig *c, int64_t pos0,
                     struct vl_error *err)
{
    int32_t in_vac = p->options.vac_contig[c->contig];
    if (in_vac < 0)
        return 0;
    int rc = vl_vac_seek(p->options.vac, (uint32_t)in_vac, pos0, err);
    return rc < 0 ? rc : 1;
}

static int check_sites(struct persona *p, const struct persona_contig *c,
                       struct vl_error *err)
{
    struct mismatches m = {.shown = VL_BUF_INIT};
    struct vl_site site;
    int rc = seek_site(p, c, 0, err);
    while (rc > 0 && (rc = vl_vac_next(p->options.vac, &site, err)) > 0)
        note_mismatch(&m, &site, reference_base(c, &site));
    if (rc == 0)
        rc = judge_mismatches(p, c, &m, err);
    vl_buf_clear(&m.shown);
    return rc;
}

/* Reads up to a batch of the sites before `end`.  Sites where the reference base is not
 * A, C, G or T are skipped, so the haplotype has the reference there. */
static int next_batch(struct persona *p, const struct persona_contig *c, int64_t end,
                      size_t *n, struct vl_error *err)
{
    struct vl_site site;
    int rc = 1;
    for (*n = 0;
         *n < SITES_BATCH && (rc = vl_vac_next(p->options.vac, &site, err)) > 0;) {
        if (site.pos0 >= end)
            return 0;
        if (reference_base(c, &site) < 0)
            continue;
        p->sites[*n] = site;
        p->pos0[(*n)++] = site.pos0;
    }
    return rc;
}

/* Gives back the room for more alleles: there are many lists, and most are short. */
static void trim(struct alt_list *alts)
{
    struct alt *v = alts->n > 0 ? realloc(alts->v, alts->n * sizeof *v) : NULL;
    if (v) {
        alts->v = v;
        alts->cap = alts->n;
    }
}

/* Draws both haplotypes of a sample in the stretch that begins at beg. */
static int draw_stretch(struct persona *p, const struct persona_contig *c, int32_t sample,
                        int64_t beg, struct vl_error *err)
{
    int64_t end = beg + ((int64_t)1 << c->shift);
    struct alt_list *alts[2];
    for (size_t i = 0; i < 2; i++)
        alts[i] = persona_alts(c, 2 * (size_t)sample + i, beg);
    int rc = open_draw(p, c, sample, err);
    if (rc == 0)
        rc = seek_site(p, c, beg, err);
    while (rc > 0) {
        size_t n = 0;
        int drawn = 0;
        rc = next_batch(p, c, end, &n, err);
        for (uint8_t i = 0; rc >= 0 && drawn == 0 && n > 0 && i < 2; i++)
            drawn = add_alts(p, c, n, p->draws[sample].draw, i, alts[i], err);
        rc = drawn < 0 ? drawn : rc;
    }
    for (int i = 0; i < 2; i++) {
        trim(alts[i]);
        alts[i]->is_drawn = rc == 0;
    }
    return rc;
}

int persona_draw(struct persona *p, struct persona_contig *c, int32_t sample, int64_t beg,
                 int64_t end, struct vl_error *err)
{
    int64_t step = (int64_t)1 << c->shift;
    int rc = 0;
    for (int64_t at = beg / step * step; rc == 0 && at < end; at += step)
        if (!persona_alts(c, 2 * (size_t)sample, at)->is_drawn)
            rc = draw_stretch(p, c, sample, at, err);
    return rc;
}

const struct alt *alt_list_seek(const struct alt_list *list, int64_t pos0)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (list->v[mid].pos0 < pos0)
            low = mid + 1;
        else
            high = mid;
    }
    return list->v + low;
}

/* ---- contigs ---- */

static void free_contig(struct persona_contig *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->alts && i < c->n_haplotypes * c->n_stretches; i++)
        free(c->alts[i].v);
    free(c->alts);
    free(c->seq);
    free(c);
}

/* Stretches are short, so that a record of its own costs few draws, but not so many that
 * the lists of all samples take much memory. */
static int make_lists(struct persona_contig *c, size_t n_samples)
{
    enum { SHORTEST_SHIFT = 11, LISTS_MAX = 1 << 21 };
    c->n_haplotypes = 2 * n_samples;
    c->shift = SHORTEST_SHIFT;
    while (c->length >> c->shift > (int64_t)(LISTS_MAX / c->n_haplotypes))
        c->shift++;
    c->n_stretches = (size_t)(c->length >> c->shift) + 1;
    c->alts = calloc(c->n_haplotypes * c->n_stretches, sizeof *c->alts);
    return c->alts ? 0 : VL_ERR_MEMORY;
}

static int load(struct persona *p, int32_t contig, struct persona_contig **out,
                struct vl_error *err)
{
    struct persona_contig *c = calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return vl_error_memory(err);
    c->contig = contig;
    c->length = p->options.contigs->v[contig].length;
    if (make_lists(c, p->options.samples->n) < 0)
        return vl_error_memory(err);
    int rc = load_reference(p, c, err);
    return rc < 0 ? rc : check_sites(p, c, err);
}

int persona_borrow(struct persona *p, int32_t contig, struct persona_contig **c,
                   struct vl_error *err)
{
    if (!p->current || p->current->contig != contig) {
        if (p->current && p->current->n_users == 0)
            free_contig(p->current);
        p->current = NULL;
        struct persona_contig *new = NULL;
        int rc = load(p, contig, &new, err);
        if (rc < 0) {
            free_contig(new);
            return rc;
        }
        p->current = new;
    }
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
        vl_draw_free(p->draws[i].draw);
    free(p->draws);
    free(p->sites);
    free(p->pos0);
    free(p->draw);
    if (p->fai)
        fai_destroy(p->fai);
    vl_wipe(p->mask_key, sizeof p->mask_key);
    free(p);
}
