/* The order of original records that the masked file does not keep (bdiff.md §5.2). */
#ifndef VARLOCK_CORE_ORDINALS_H
#define VARLOCK_CORE_ORDINALS_H

#include <htslib/sam.h>
#include <stdint.h>

/* Predicts ordinals among records of the same contig and position, while such records
 * follow each other: the lowest ordinal not used yet. */
struct ordinals {
    int32_t contig;
    int64_t pos0;
    uint32_t lowest;
    uint64_t used; /* bit i: lowest + 1 + i */
};

uint32_t ordinals_expect(struct ordinals *ordinals, const bam1_t *b);

void ordinals_use(struct ordinals *ordinals, uint32_t ordinal);

#endif
