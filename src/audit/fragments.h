/* The fragments over a place: what each of them shows there. */
#ifndef VARLOCK_AUDIT_FRAGMENTS_H
#define VARLOCK_AUDIT_FRAGMENTS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "genotype.h"
#include "varlock/error.h"

struct fragment {
    uint64_t name;   /* a hash of it */
    int8_t base;     /* 0..3; -1: its mates disagree */
    uint8_t quality; /* of its better base */
    uint8_t lower; /* where both mates show a base: the quality of the other one; or 0 */
};

struct fragments {
    struct fragment *v; /* owned; sorted by name */
    size_t n;
    size_t cap;
};

/* Takes the fragments of a pileup whose reads carry the hash of their template.
 * VL_ERR_MEMORY, without a message. */
VL_MUST_CHECK
int fragments_take(struct fragments *fragments, const bam_pileup1_t *reads, int n_reads);

/* Their bases. */
void fragments_pile(const struct fragments *fragments, struct pile *pile);

void fragments_clear(struct fragments *fragments);

#endif
