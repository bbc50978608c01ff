/*
 * The synthetic haplotypes that a run masks with.  They consist of the reference and, for
 * every sample and haplotype, the alleles drawn at the sites of the population (draw.h
 * describes the draws).
 *
 * A contig is loaded when a record needs it, and freed when no window uses it any more.
 * The haplotypes of a sample are drawn at its first record on the contig, so that those
 * of samples without records cost nothing.
 */
#ifndef VARLOCK_CORE_PERSONA_H
#define VARLOCK_CORE_PERSONA_H

#include <stdbool.h>
#include <stdint.h>

#include "container/vac_file.h"
#include "varlock/contig.h"
#include "varlock/draw.h"
#include "varlock/error.h"
#include "varlock/region.h"

/* A position where a haplotype differs from the reference. */
struct alt {
    int64_t pos0;
    uint8_t nibble;
};

/* The alleles of a haplotype in one stretch of a contig. */
struct alt_list {
    struct alt *v; /* owned; ascending */
    size_t n, cap;
    bool is_drawn;
};

/* The reference, and the lists that were drawn, never change, so any thread may read
 * them, also while other lists are drawn. */
struct persona_contig {
    int32_t contig;
    int64_t length;
    uint8_t *seq;          /* owned; reference bases, packed like SEQ */
    struct alt_list *alts; /* owned; see persona_alts */
    int shift;             /* a stretch has 2^shift positions */
    size_t n_stretches;
    size_t n_haplotypes; /* two for each sample */
    size_t n_users;
};

/* The list of the stretch that holds pos0.  Haplotypes 2i and 2i+1 are those of sample
 * i. */
static inline struct alt_list *persona_alts(const struct persona_contig *c,
                                            size_t haplotype, int64_t pos0)
{
    return &c->alts[haplotype * c->n_stretches + (size_t)(pos0 >> c->shift)];
}

struct persona_options {
    const char *reference; /* path of the FASTA */
    struct vl_vac_reader *vac;
    const int32_t *vac_contig; /* for each contig its number in the VAC, -1: none */
    const struct vl_contigs *contigs; /* of the input */
    const struct vl_names *samples;   /* names of the samples */
    const struct vl_ranges *haploid;  /* places with a single haplotype; normalised */
};

struct persona; /* one thread at a time */

/* The options' members must outlive the handle.  The key is copied.  VL_ERR_IO.
 * VL_ERR_DATA if the reference lacks a contig or gives it another length. */
VL_MUST_CHECK
int persona_open(struct persona **persona, const struct persona_options *options,
                 const uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* Borrows a contig, which is loaded if necessary.  VL_ERR_DATA if its M5 differs from the
 * input's header, or if the VAC has another reference base at more than one in a hundred
 * sites.  Give the contig back with persona_return. */
VL_MUST_CHECK
int persona_borrow(struct persona *persona, int32_t contig, struct persona_contig **c,
                   struct vl_error *err);

/* Draws both haplotypes of a sample (its number in options.samples) in the stretches of a
 * borrowed contig that [beg, end) touches, unless that was done. */
VL_MUST_CHECK
int persona_draw(struct persona *persona, struct persona_contig *c, int32_t sample,
                 int64_t beg, int64_t end, struct vl_error *err);

void persona_return(struct persona *persona, struct persona_contig *c);

/* Number of sites so far where the VAC's reference base differs from the FASTA. */
uint64_t persona_n_mismatches(const struct persona *persona);

/* Wipes the keys and frees.  NULL is fine. */
void persona_free(struct persona *persona);

/* The list's first allele at or behind pos0.  If there is none, the end of the list:
 * list->v + list->n. */
const struct alt *alt_list_seek(const struct alt_list *list, int64_t pos0);

#endif
