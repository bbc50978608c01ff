/*
 * What a server sent in answer to a question for regions of an alignment or variant file:
 * checked to be whole, opened if it is encrypted, and cut down to what was asked for.
 */
#ifndef VARLOCK_RECEIVE_H
#define VARLOCK_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"
#include "varlock/varlock.h"

struct vl_receiver; /* one thread at a time */

struct vl_receiver_options {
    const char *source;        /* what messages call the answer */
    const char *format;        /* asked for: BAM, CRAM, VCF, BCF */
    struct vl_request request; /* empty: everything */
    bool header_only;          /* the header is asked for, the records are not */
    bool no_filter;            /* keeps what the server sent beyond what was asked for */
    struct vl_list c4gh_keys;  /* private keys that open the answer; the first is told */
    bool allow_plain;          /* with c4gh_keys: an answer may be plain all the same */
    const char *bdiff;   /* NULL, or the answer is a masked file, which it restores */
    struct vl_list keys; /* private keys that open the BDIFF */
    const char *verify;  /* public key that it must be signed with; NULL: not checked */
    struct vl_output output; /* of alignments; variants keep their format */
    int n_threads;
    struct vl_hooks hooks;
};

/* A stretch that is asked for. */
struct vl_asked {
    const char *contig; /* "*": reads without a place */
    int64_t beg;        /* 0-based */
    int64_t end;        /* exclusive; -1: to the end of the contig */
};

/* A file of the answer: a part of a file that is open. */
struct vl_received {
    int fd;
    int64_t beg, end;
};

struct vl_receiver_counts {
    uint64_t n_received, n_written; /* records */
};

/* Reads keys and regions.  The options' members must outlive the handle.  VL_ERR_USAGE
 * too: options of alignments, and variants are asked for. */
VL_MUST_CHECK
int vl_receiver_open(struct vl_receiver **receiver,
                     const struct vl_receiver_options *options, struct vl_error *err);

/* What is asked for: disjoint, those of one contig in order, `*` last.  n 0:
 * everything. */
const struct vl_asked *vl_receiver_asked(const struct vl_receiver *receiver, size_t *n);

/* The public key of the first private key, as a Crypt4GH PEM file of n bytes.  NULL
 * without keys. */
const char *vl_receiver_public_key(const struct vl_receiver *receiver, size_t *n);

/* Checks the answer and writes the output.  An answer has one file, or several for
 * what is asked for, in any order; the ranges of variants have one each.  `md5` is that
 * of all files together, in lower-case hex; "": it is not known.  VL_ERR_DATA: cut short,
 * damaged, or not what was asked for.  VL_ERR_KEY: it cannot be opened. */
VL_MUST_CHECK
int vl_receiver_take(struct vl_receiver *receiver, const struct vl_received *files,
                     size_t n, const char *md5, struct vl_receiver_counts *counts,
                     struct vl_error *err);

/* NULL is fine. */
void vl_receiver_free(struct vl_receiver *receiver);

#endif
