/*
 * The synthetic haplotypes that a run masks with: the reference, and for every sample and
 * haplotype the alleles drawn where the population varies (draw.h says from what).
 *
 * Contigs are loaded when a record needs them and freed when no window does.
 */
#ifndef VARLOCK_CORE_PERSONA_H
#define VARLOCK_CORE_PERSONA_H

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

struct alt_list {
    struct alt *v; /* owned; ascending */
    size_t n, cap;
    uint32_t
        *first; /* owned; index of the first one at or behind each ALT_STEP-th position */
};
enum { ALT_SHIFT = 12 };

/* Immutable once loaded: any thread may read it. */
struct persona_contig {
    int32_t contig;
    int64_t length;
    uint8_t *seq;          /* owned; the reference, packed like SEQ */
    struct alt_list *alts; /* owned; two for each sample */
    size_t n_alts;         /* lists */
    size_t n_users;
};

struct persona_options {
    const char *reference; /* FASTA */
    struct vl_vac_reader *vac;
    const int32_t *vac_contig;        /* number in the VAC for each contig, -1: none */
    const struct vl_contigs *contigs; /* of the input */
    const struct vl_names *samples;   /* their names */
    const struct vl_ranges *haploid;  /* one haplotype there; normalised */
};

struct persona; /* one thread at a time */

/* The options' members must outlive the handle; the key is copied.  VL_ERR_DATA where the
 * reference lacks a contig or has it at another length, VL_ERR_IO. */
VL_MUST_CHECK
int persona_open(struct persona **persona, const struct persona_options *options,
                 const uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* The contig, loaded where it is not: VL_ERR_DATA where its M5 is another than the header
 * says, or the VAC has another reference base at more than one of a hundred sites.
 * persona_return takes it back. */
VL_MUST_CHECK
int persona_borrow(struct persona *persona, int32_t contig, struct persona_contig **c,
                   struct vl_error *err);
void persona_return(struct persona *persona, struct persona_contig *c);

/* Sites whose reference base the VAC gives otherwise than the FASTA, so far. */
uint64_t persona_n_mismatches(const struct persona *persona);

/* Wipes and frees.  NULL is fine. */
void persona_free(struct persona *persona);

/* The first of the list's alleles at or behind pos0; it ends at list->v + list->n. */
const struct alt *alt_list_seek(const struct alt_list *list, int64_t pos0);

#endif
