/*
 * The contigs of a VCF while it is converted to a VAC: which table applies (that of the
 * VCF's header or of a file given by the user), the names of the contigs, and their
 * order.
 */
#ifndef VARLOCK_CORE_VCF_CONTIGS_H
#define VARLOCK_CORE_VCF_CONTIGS_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/contig.h"
#include "varlock/error.h"

/* The two files that a user may give.  Each is read only once, because it may be a
 * pipe. */
struct vcf_lists {
    const char *contigs_path;  /* not owned; NULL: none */
    struct vl_contigs contigs; /* contigs of that file */
    struct vl_names old_names; /* the renamed contigs */
    struct vl_names new_names; /* new names, in the order of old_names */
};

/* Reads both files; `contigs_path` and `rename_path` as in struct vl_vcf2vac_options.
 * Several threads may use the lists at once. */
VL_MUST_CHECK
int vcf_lists_read(struct vcf_lists *lists, const char *contigs_path,
                   const char *rename_path, struct vl_error *err);
void vcf_lists_clear(struct vcf_lists *lists);

struct vcf_contigs {
    const struct vcf_lists *lists; /* not owned */
    struct vl_contigs table;       /* the contigs, with their final names */
    struct vl_contigs more;        /* added later; numbered after those of `table` */
    uint32_t *order;               /* owned; contig numbers in the order of first use */
    size_t n_used;                 /* number of entries in `order` */
    bool *used;                    /* owned; by contig number */
};

/* Messages call the VCF `vcf_name`.  `lists` must outlive the contigs. */
VL_MUST_CHECK
int vcf_contigs_init(struct vcf_contigs *contigs, const struct vcf_lists *lists,
                     const bcf_hdr_t *header, const char *vcf_name, struct vl_error *err);

/* Starts the records of the contig that the VCF calls `name`.  The n-th successful call
 * makes it contig n - 1 of the VAC.  A contig that the header does not list is added with
 * an unknown length.  VL_ERR_DATA, with a message that does not name the place, if the
 * contig is not in the user's table, has had its records already, or is listed under the
 * other naming custom (with or without `chr`). */
VL_MUST_CHECK
int vcf_contigs_enter(struct vcf_contigs *contigs, const char *name,
                      struct vl_error *err);

/* The n-th contig that was entered (n from 0).  Valid until the next contig is
 * entered. */
const struct vl_contig *vcf_contigs_used(const struct vcf_contigs *contigs, size_t n);

/* Adds the contigs of another VCF that are missing here, and missing lengths and M5.
 * VL_ERR_DATA, with a message that does not name the VCF, if the two disagree. */
VL_MUST_CHECK
int vcf_contigs_merge(struct vcf_contigs *contigs, const struct vcf_contigs *other,
                      struct vl_error *err);

/* Starts the records of the n-th contig entered in another VCF, whose contigs have been
 * merged.  Result and errors as for vcf_contigs_enter(). */
VL_MUST_CHECK
int vcf_contigs_enter_other(struct vcf_contigs *contigs, const struct vcf_contigs *other,
                            size_t n, struct vl_error *err);

/* Appends the VAC's table to `out`: first the contigs with records in their order, then
 * the others. */
VL_MUST_CHECK
int vcf_contigs_export(const struct vcf_contigs *contigs, struct vl_contigs *out,
                       struct vl_error *err);

void vcf_contigs_clear(struct vcf_contigs *contigs);

#endif
