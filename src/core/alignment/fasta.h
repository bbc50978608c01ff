/* The reference FASTA. */
#ifndef VARLOCK_CORE_FASTA_H
#define VARLOCK_CORE_FASTA_H

#include "varlock/contig.h"
#include "varlock/error.h"

/* Sets M5 (SAM specification §1.3.1) of the contigs that lack it.  A contig that the
 * FASTA lacks or has at another length is VL_ERR_DATA. */
VL_MUST_CHECK
int reference_fill_m5(const char *path, struct vl_contigs *contigs, struct vl_error *err);

#endif
