/* The reference FASTA. */
#ifndef VARLOCK_CORE_FASTA_H
#define VARLOCK_CORE_FASTA_H

#include <stdint.h>

#include <htslib/faidx.h>

#include "varlock/contig.h"
#include "varlock/error.h"

/* Receives n bases from 0-based `pos0` on, as the FASTA writes them.  They are valid
 * during the call. */
typedef void (*bases_fn)(void *arg, int64_t pos0, const char *bases, int64_t n);

/* Opens a FASTA with its index, and makes the index if there is none.  VL_ERR_IO and *fai
 * NULL if it cannot be read.  Freed with fai_destroy. */
VL_MUST_CHECK
int reference_open(faidx_t **fai, const char *path, struct vl_error *err);

/* Reads a contig of known length piece by piece.  `take` (NULL: none) gets every piece.
 * `m5` (NULL: not wanted) becomes the M5, which is computed over the bases in upper case
 * (SAM specification §1.3.2).  `path` is for messages.  VL_ERR_IO, VL_ERR_MEMORY. */
VL_MUST_CHECK
int reference_read(const faidx_t *fai, const char *path, const struct vl_contig *contig,
                   bases_fn take, void *arg, char m5[VL_M5_CHARS + 1],
                   struct vl_error *err);

/* Sets M5 of the contigs that lack it.  VL_ERR_DATA if the FASTA lacks one of these
 * contigs or gives it another length. */
VL_MUST_CHECK
int reference_fill_m5(const char *path, struct vl_contigs *contigs, struct vl_error *err);

#endif
