/* What the lines of a VCF at one position say together. */
#ifndef VARLOCK_CORE_VCF_POSITION_H
#define VARLOCK_CORE_VCF_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/vac.h"
#include "vcf/vcf_variant.h"

struct vcf_position {
    int64_t pos0;
    int ref;              /* 0..3; -1 before the first line joined */
    uint64_t n_lines;     /* number of joined lines */
    int64_t an;           /* the largest total of these lines */
    int64_t ac_sum;       /* sum over all ALTs of these lines */
    int64_t alt_count[4]; /* count of A, C, G, T as ALT */
    unsigned alts;        /* bit b: base b was an ALT */
};

static inline struct vcf_position vcf_position_at(int64_t pos0)
{
    return (struct vcf_position){.pos0 = pos0, .ref = -1};
}

enum vcf_joined {
    VCF_JOINED_FIRST,
    VCF_JOINED,    /* joined to the other lines */
    VCF_DUPLICATE, /* not joined: one of its ALTs has been counted already */
    VCF_OTHER_REF  /* not joined: its REF differs from that of the lines before */
};

/* Joins a line at that position.  The line must be an SNV with counts. */
enum vcf_joined vcf_position_join(struct vcf_position *position,
                                  const struct vcf_variant *variant);

/* True if the ALT counts exceed the total.  This happens where lines were split. */
bool vcf_position_is_over(const struct vcf_position *position);

/* The site of a position with at least one line.  The count of REF is 0 if the ALT counts
 * exceed the total. */
struct vl_site vcf_position_site(const struct vcf_position *position);

#endif
