/* What the lines of a VCF at one position tell together. */
#ifndef VARLOCK_CORE_VCF_POSITION_H
#define VARLOCK_CORE_VCF_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/vac.h"
#include "vcf/vcf_variant.h"

struct vcf_position {
    int64_t pos0;
    int ref;              /* 0..3; -1 before the first line joined */
    uint64_t n_lines;     /* joined */
    int64_t an;           /* the largest of them */
    int64_t ac_sum;       /* over all ALTs of all of them */
    int64_t alt_count[4]; /* of A, C, G, T as ALT */
    unsigned alts;        /* bit b: base b was an ALT */
};

static inline struct vcf_position vcf_position_at(int64_t pos0)
{
    return (struct vcf_position){.pos0 = pos0, .ref = -1};
}

enum vcf_joined {
    VCF_JOINED_FIRST,
    VCF_JOINED,    /* to others */
    VCF_DUPLICATE, /* not joined: an ALT of it has been counted */
    VCF_OTHER_REF  /* not joined: it has another REF than the lines before */
};

/* Joins a line of that position, an SNV with its counts. */
enum vcf_joined vcf_position_join(struct vcf_position *position,
                                  const struct vcf_variant *variant);

/* The ALT alleles count more than the total, as they may where lines were split. */
bool vcf_position_is_over(const struct vcf_position *position);

/* The site of a position with lines; REF has the count 0 where the ALTs leave nothing. */
struct vl_site vcf_position_site(const struct vcf_position *position);

#endif
