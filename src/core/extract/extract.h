/*
 * Parts of indexed BAM, CRAM, VCF and BCF files, in the same format: the header, and the
 * records that overlap regions, each once and in their order.  Nothing else of the
 * blocks, in which other records stand too, comes along.
 */
#ifndef VARLOCK_CORE_EXTRACT_H
#define VARLOCK_CORE_EXTRACT_H

#include <htslib/hfile.h>

#include "crypt4gh/c4gh_keys.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

struct extraction {
    const char *path;       /* a file or URL, plain or Crypt4GH */
    struct c4gh_keys *keys; /* open it, and its index */
    const char *index;      /* NULL: it is looked for beside the file */
    const char *reference;  /* FASTA for CRAM; NULL: what htslib finds */
    struct vl_list regions; /* in samtools' syntax */
    int n_threads;          /* additional threads, which compress */
    int fd;                 /* that `out` writes to in the end */
};

/* Writes to `out`, and closes it in any case.  After a failure nothing more reaches `fd`,
 * not even an end block: a stream must not look finished.  VL_ERR_USAGE: a malformed
 * region, or one of an unknown contig.  VL_ERR_DATA: another format, no index, or
 * damaged. */
VL_MUST_CHECK
int extract(const struct extraction *extraction, hFILE *out, struct vl_error *err);

/* VL_ERR_MEMORY if htslib could not start the threads that are asked for, which it would
 * not survive. */
VL_MUST_CHECK
int extract_check_threads(const struct extraction *extraction, struct vl_error *err);

/* Makes what is written to `fd` from now on go nowhere. */
void extract_silence(const struct extraction *extraction);

/* The two kinds of files. */
VL_MUST_CHECK
int extract_alignments(const struct extraction *extraction, hFILE *out,
                       struct vl_error *err);
VL_MUST_CHECK
int extract_variants(const struct extraction *extraction, hFILE *out,
                     struct vl_error *err);

#endif
