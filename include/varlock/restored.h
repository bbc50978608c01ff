/*
 * A reader of restored records: what a masked file and a BDIFF show together, a record at
 * a time, in the order of the coordinates.
 *
 *     struct vl_restored_options o = {.size = sizeof o, .masked = "masked.bam",
 *                                     .bdiff = "my.bdiff", .keys = {keys, 1}};
 *     if (vl_restored_open(&reader, &o, &err) == 0 &&
 *         vl_restored_seek(reader, tid, 99999, 200000, &err) == 0)
 *         while ((rc = vl_restored_next(reader, b, &err)) > 0)
 *             use(vl_restored_header(reader), b);
 *     vl_restored_free(reader);
 *
 * With a slice it is what vl_decrypt writes, and those masked records that no restored
 * template replaces and that overlap no granted range.  Nothing is written to a disk.
 */
#ifndef VARLOCK_RESTORED_H
#define VARLOCK_RESTORED_H

#include <htslib/sam.h>

#include "varlock/varlock.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vl_restored; /* one thread at a time */

struct vl_restored_options {
    size_t size;              /* sizeof(struct vl_restored_options) */
    const char *masked;       /* BAM, CRAM or SAM: a path, or a URL */
    const char *bdiff;        /* NULL: the file is shown as it is */
    struct vl_list keys;      /* private keys, one of which opens the BDIFF */
    const char *verify;       /* public key of the signer that is required; NULL: none */
    const char *reference;    /* FASTA for CRAM; NULL: what htslib finds */
    int n_threads;            /* additional threads */
    struct vl_list c4gh_keys; /* private keys that open an encrypted masked file */
    struct vl_hooks hooks;    /* for passphrases and warnings */
};

/* Opens the files.  The options' members must outlive the reader, which stands before its
 * first record.  Errors as of vl_decrypt. */
VL_API int vl_restored_open(struct vl_restored **reader,
                            const struct vl_restored_options *options,
                            struct vl_error *err);

/* The original's header with the owner's BDIFF, otherwise the masked file's.  It is the
 * reader's. */
VL_API const sam_hdr_t *vl_restored_header(const struct vl_restored *reader);

/* Goes on with the records that overlap [beg, end) of contig tid; tid -1: with the reads
 * without a place.  A range up to the contig's length takes records that lie behind it,
 * too.  The masked file needs its index.  VL_ERR_USAGE: no such contig, or an
 * empty range. */
VL_API int vl_restored_seek(struct vl_restored *reader, int tid, hts_pos_t beg,
                            hts_pos_t end, struct vl_error *err);

/* 1 and the next record; 0 at the end.  After an error the reader can only be freed. */
VL_API int vl_restored_next(struct vl_restored *reader, bam1_t *b, struct vl_error *err);

/* Wipes the keys and frees.  NULL is fine. */
VL_API void vl_restored_free(struct vl_restored *reader);

#ifdef __cplusplus
}
#endif

#endif
