/* A part: the sites of one VCF, or of several consecutive VCFs. */
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

/* A line with counts at the first position of a VCF that has such lines. */
struct vcf_first_line {
    struct vcf_variant variant;
    char place[VCF_WHY_BYTES];
};

struct vcf_part {
    const char *name;             /* name of the VCF in messages; not owned */
    struct vcf_contigs contigs;   /* contigs of this VCF and of all appended ones */
    struct vcf_position position; /* position of the line read last; not yet a site */
    struct site_blocks sites;
    struct vl_vcf2vac_counts counts; /* the caller sets n_sites */
    uint8_t sha256[VL_SHA256_BYTES]; /* of the VCF */
    struct vcf_skipped skipped;
    bool is_open;               /* the last line of the VCF has no line feed */
    char misfit[VCF_WHY_BYTES]; /* place of the first line whose counts do not fit, and
                                   why */
    int64_t first_pos0;         /* position of the first record */
    char first_place[VCF_WHY_BYTES];
    struct vcf_first_line *first; /* owned; lines of the first position */
    size_t n_first;
    uint32_t first_contig; /* contig of those lines, by its number in the part */
};

/* Called every few thousand lines.  n_lines is the number of lines since the last call;
 * share is the part of the input that has been read, 0..1, or negative if unknown.
 * Returning false stops the conversion. */
typedef bool (*vcf_pulse_fn)(void *arg, uint64_t n_lines, double share);

struct vcf_part_options {
    const char *input;
    const char *ac_tag, *an_tag;
    const struct vcf_lists *lists; /* must outlive the part */
    struct vl_outfile *output;     /* receives the blocks; NULL: they stay in memory */
    struct c4gh_keys *keys;        /* that open encrypted inputs; NULL: none */
    int n_threads;                 /* number of threads that decompress */
    vcf_pulse_fn pulse;
    void *pulse_arg;
};

/* Converts a VCF.  Freed with vcf_part_free. */
VL_MUST_CHECK
int vcf_part_convert(struct vcf_part **part, const struct vcf_part_options *options,
                     struct vl_error *err);

/* Appends a part in memory to a part that is written to a file, as if the lines of `from`
 * had followed those of `to`.  `from` may then only be freed.  VL_ERR_DATA if its lines
 * could not have followed. */
VL_MUST_CHECK
int vcf_part_append(struct vcf_part *to, struct vcf_part *from, struct vl_error *err);

/* Ends a part after the last append: writes the pending sites and sets counts.n_sites.
 * VL_ERR_DATA if a site lies beyond the end of its contig.  This can show late, because
 * another VCF may give the length. */
VL_MUST_CHECK
int vcf_part_finish(struct vcf_part *part, struct vl_error *err);

void vcf_part_free(struct vcf_part *part);

#endif
