/*
 * Alignments as the holder of a BDIFF sees them, for servers: regions of them as BAM, and
 * the whole of them as a BAM file of which any byte can be read.  What is shown is made
 * when it is read, and nothing of it touches a disk.
 *
 * With a slice it is what `varlock decrypt` shows, and those masked records that no
 * restored template replaces and that overlap no granted range.  Without a BDIFF it is
 * the file as it is.
 */
#ifndef VARLOCK_SERVING_H
#define VARLOCK_SERVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"
#include "varlock/varlock.h"

struct vl_serving; /* any number of threads at a time */

struct vl_serving_options {
    const char *input;   /* masked BAM or CRAM with its index: a path or a URL; may be
                            Crypt4GH */
    int64_t input_bytes; /* size of an input at a URL; 0: not known */
    const char *bdiff;   /* NULL: it is shown as it is */
    struct vl_list keys; /* private keys that open the BDIFF */
    const char *verify;  /* public key that it must be signed with; NULL: not checked */
    struct vl_list c4gh_keys; /* private keys that open the input */
    const char *reference;    /* FASTA, for CRAM; NULL: what htslib finds */
    struct vl_hooks hooks;    /* used while it opens */
};

/* The options' members must outlive the handle. */
VL_MUST_CHECK
int vl_serving_open(struct vl_serving **serving, const struct vl_serving_options *options,
                    struct vl_error *err);

/* A name for URLs, of letters, digits, '.', '_' and '-': that of the input, and a few
 * digits that differ where the bytes of the file do, because clients keep its index. */
const char *vl_serving_id(const struct vl_serving *serving);

/* The contigs, and the ranges that are restored (NULL: without a BDIFF). */
const struct vl_contigs *vl_serving_contigs(const struct vl_serving *serving);
const struct vl_ranges *vl_serving_granted(const struct vl_serving *serving);

/* ---- bytes ---- */

struct vl_serving_stream; /* one thread at a time; ends before its serving is freed */

/* Whether regions of the input can be found: VL_ERR_DATA says what it lacks. */
VL_MUST_CHECK
int vl_serving_check_regions(struct vl_serving *serving, struct vl_error *err);

/* The records that overlap normalised ranges (NULL: all), as a whole BAM.  With
 * `header_only` it has no records, and `ranges` is not looked at. */
VL_MUST_CHECK
int vl_serving_reads(struct vl_serving *serving, const struct vl_ranges *ranges,
                     bool header_only, struct vl_serving_stream **stream,
                     struct vl_error *err);

/* The BAM file: its size in bytes, and the bytes of its index, which belong to the
 * handle.  The index is a .bai, or a .csi where a contig is too long for that. The first
 * call works it out.  VL_ERR_USAGE where the input is no BAM. */
VL_MUST_CHECK
int vl_serving_file(struct vl_serving *serving, int64_t *size,
                    const struct vl_buf **index, bool *is_csi, struct vl_error *err);

/* The bytes of the file from offset `from`, below its size, on. */
VL_MUST_CHECK
int vl_serving_bytes(struct vl_serving *serving, int64_t from,
                     struct vl_serving_stream **stream, struct vl_error *err);

/* Up to n bytes.  Returns how many there are, 0 at the end, or a VL_ERR_*.  Without an
 * end the bytes so far look cut: a server breaks the connection. */
VL_MUST_CHECK
int64_t vl_serving_read(struct vl_serving_stream *stream, void *bytes, size_t n,
                        struct vl_error *err);
/* NULL is fine. */
void vl_serving_stream_free(struct vl_serving_stream *stream);

/* NULL is fine. */
void vl_serving_free(struct vl_serving *serving);

#endif
