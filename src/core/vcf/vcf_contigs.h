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

struct vcf_contigs {
    struct vl_contigs table;   /* the contigs, with their final names */
    struct vl_names old_names; /* the renamed contigs */
    struct vl_names new_names; /* what those of the same number are called instead */
    uint32_t *order;           /* owned; numbers in `table` in the order of first use */
    size_t n_used;             /* in `order` */
    bool *used;                /* owned; of each contig in `table` */
    bool is_complete;          /* `table` is the user's: other contigs are errors */
    size_t n_unlisted;         /* added because records lie on them, of unknown length */
};

/* `contigs_path` and `rename_path` as in struct vl_vcf2vac_options; `vcf_name` is what
 * messages call the VCF. */
VL_MUST_CHECK
int vcf_contigs_init(struct vcf_contigs *contigs, const bcf_hdr_t *header,
                     const char *vcf_name, const char *contigs_path,
                     const char *rename_path, struct vl_error *err);

/* The contig that the VCF calls `name`, whose records begin now; the n-th call that
 * succeeds makes it contig n - 1 of the VAC.  A contig that the header does not
 * list joins the table with an unknown length.  VL_ERR_DATA, with a message that lacks
 * the place, where it is not in the user's table or had its records already. */
VL_MUST_CHECK
int vcf_contigs_enter(struct vcf_contigs *contigs, const char *name,
                      const struct vl_contig **contig, struct vl_error *err);

/* Appends the VAC's table to `out`: contigs with records in their order, then the others.
 */
VL_MUST_CHECK
int vcf_contigs_export(const struct vcf_contigs *contigs, struct vl_contigs *out,
                       struct vl_error *err);

void vcf_contigs_clear(struct vcf_contigs *contigs);

#endif
