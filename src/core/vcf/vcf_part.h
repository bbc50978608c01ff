/* The sites of one VCF, and those of several one behind the other. */
#ifndef VARLOCK_CORE_VCF_PART_H
#define VARLOCK_CORE_VCF_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/digest.h"
#include "varlock/varlock.h"
#include "vcf/site_blocks.h"
#include "vcf/vcf_contigs.h"
#include "vcf/vcf_position.h"
#include "vcf/vcf_source.h"

/* A line that counts, of the first position of a VCF that has such lines. */
struct vcf_first_line {
    struct vcf_variant variant;
    char place[VCF_WHY_BYTES];
};

struct vcf_part {
    const char *name;             /* what messages call the VCF; not owned */
    struct vcf_contigs contigs;   /* of all that were appended, too */
    struct vcf_position position; /* of the line read last; not yet among the sites */
    struct site_blocks sites;
    struct vl_vcf2vac_counts counts; /* n_sites is for the caller to set */
    uint8_t sha256[VL_SHA256_BYTES]; /* of the VCF */
    struct vcf_skipped skipped;
    bool is_open;               /* the last line of the VCF did not end */
    char misfit[VCF_WHY_BYTES]; /* the first line whose counts do not fit, and why */
    int64_t first_pos0;         /* of the first record */
    char first_place[VCF_WHY_BYTES];
    struct vcf_first_line *first; /* owned */
    size_t n_first;
    uint32_t first_contig; /* on which they are, as the part numbers them */
};

/* Called every few thousand lines with how many there were since, and the share of the
 * input read, 0..1, or negative; false: the work is to stop. */
typedef bool (*vcf_pulse_fn)(void *arg, uint64_t n_lines, double share);

struct vcf_part_options {
    const char *input;
    const char *ac_tag, *an_tag;
    const struct vcf_lists *lists; /* must outlive the part */
    struct vl_outfile *output;     /* for blocks; NULL: they stay in memory */
    int n_threads;                 /* that decompress */
    vcf_pulse_fn pulse;
    void *pulse_arg;
};

/* Converts a VCF.  Freed with vcf_part_free. */
VL_MUST_CHECK
int vcf_part_convert(struct vcf_part **part, const struct vcf_part_options *options,
                     struct vl_error *err);

/* Appends the sites of a part in memory to one that goes to a file, as if the lines of
 * `from` had followed those of `to`; `from` may only be freed then.  VL_ERR_DATA where
 * they could not have followed. */
VL_MUST_CHECK
int vcf_part_append(struct vcf_part *to, struct vcf_part *from, struct vl_error *err);

/* Nothing follows: writes what is pending, and sets counts.n_sites.  VL_ERR_DATA where a
 * site lies behind the end of its contig, which another VCF told. */
VL_MUST_CHECK
int vcf_part_finish(struct vcf_part *part, struct vl_error *err);

void vcf_part_free(struct vcf_part *part);

#endif
