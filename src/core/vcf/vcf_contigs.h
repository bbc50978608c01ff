/*
 * The contigs of a VCF on their way into a VAC: which table holds (the VCF's header or a
 * file given by the user), under which names, and in which order they come.
 */
#ifndef VARLOCK_CORE_VCF_CONTIGS_H
#define VARLOCK_CORE_VCF_CONTIGS_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/contig.h"
#include "varlock/error.h"

/* The two files a user may give; read once, as they may be pipes. */
struct vcf_lists {
    const char *contigs_path;  /* not owned; NULL: none */
    struct vl_contigs contigs; /* of that file */
    struct vl_names old_names; /* the renamed contigs */
    struct vl_names new_names; /* what those of the same number are called instead */
};

/* `contigs_path` and `rename_path` as in struct vl_vcf2vac_options.  Several threads may
 * use the lists at once. */
VL_MUST_CHECK
int vcf_lists_read(struct vcf_lists *lists, const char *contigs_path,
                   const char *rename_path, struct vl_error *err);
void vcf_lists_clear(struct vcf_lists *lists);

struct vcf_contigs {
    const struct vcf_lists *lists; /* not owned */
    struct vl_contigs table;       /* the contigs, with their final names */
    struct vl_contigs more;        /* joined later; numbered behind those of `table` */
    uint32_t *order;               /* owned; numbers in the order of first use */
    size_t n_used;                 /* in `order` */
    bool *used;                    /* owned; by number */
};

/* `vcf_name` is what messages call the VCF; `lists` must outlive the contigs. */
VL_MUST_CHECK
int vcf_contigs_init(struct vcf_contigs *contigs, const struct vcf_lists *lists,
                     const bcf_hdr_t *header, const char *vcf_name, struct vl_error *err);

/* The contig that the VCF calls `name`, whose records begin now; the n-th call that
 * succeeds makes it contig n - 1 of the VAC.  A contig that the header does not list
 * joins with an unknown length.  VL_ERR_DATA, with a message that lacks the place, where
 * it is not in the user's table, had its records already, or is listed with `chr` before
 * its name or without. */
VL_MUST_CHECK
int vcf_contigs_enter(struct vcf_contigs *contigs, const char *name,
                      struct vl_error *err);

/* The n-th contig that was entered; valid until the next one is. */
const struct vl_contig *vcf_contigs_used(const struct vcf_contigs *contigs, size_t n);

/* Adds the contigs of another VCF that these lack, and the lengths and M5 that they lack.
 * VL_ERR_DATA, with a message that lacks the VCF's name, where the two disagree. */
VL_MUST_CHECK
int vcf_contigs_merge(struct vcf_contigs *contigs, const struct vcf_contigs *other,
                      struct vl_error *err);

/* The n-th contig entered of another VCF, whose contigs have been merged, has records
 * now; as vcf_contigs_enter(). */
VL_MUST_CHECK
int vcf_contigs_enter_other(struct vcf_contigs *contigs, const struct vcf_contigs *other,
                            size_t n, struct vl_error *err);

/* Appends the VAC's table to `out`: contigs with records in their order, then the others.
 */
VL_MUST_CHECK
int vcf_contigs_export(const struct vcf_contigs *contigs, struct vl_contigs *out,
                       struct vl_error *err);

void vcf_contigs_clear(struct vcf_contigs *contigs);

#endif
