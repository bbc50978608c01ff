/*
 * A VCF, VCF.gz or BCF input from a file, a URL or standard input.  The SHA-256 covers
 * its bytes as they are given, or those that are encrypted in it.
 */
#ifndef VARLOCK_CORE_VCF_SOURCE_H
#define VARLOCK_CORE_VCF_SOURCE_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypt4gh/c4gh_keys.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "vcf/vcf_scan.h"
#include "vcf/vcf_variant.h"

struct vcf_source; /* one thread at a time */

enum { VCF_PLACE_BYTES = 64, VCF_WHY_BYTES = 192 };

/* Lines that are not records. */
struct vcf_skipped {
    uint64_t n_blank;          /* empty lines, or only spaces and tabs */
    uint64_t n_malformed;      /* malformed lines */
    char first[VCF_WHY_BYTES]; /* where the first malformed line is, and what is wrong
                                  with it */
};

/* Opens the input and reads the header.  `path` "-" is standard input.  `keys` (NULL:
 * none) open a Crypt4GH file.  n_threads additional threads decompress.  VL_ERR_IO,
 * VL_ERR_KEY, or VL_ERR_DATA if the input is neither VCF nor BCF. */
VL_MUST_CHECK
int vcf_source_open(struct vcf_source **source, const char *path, struct c4gh_keys *keys,
                    int n_threads, struct vl_error *err);

/* The name of the input in messages. */
const char *vcf_source_name(const struct vcf_source *source);

/* The header; lives as long as the source. */
bcf_hdr_t *vcf_source_header(struct vcf_source *source);

/* 1 and the next line or record, 0 at the end, VL_ERR_DATA if the input is damaged.
 * Malformed lines of a VCF are skipped and counted.  `scan` reads the lines it can;
 * htslib reads the others, and all lines if `scan` is NULL.  variant->record, if it is
 * set, is valid until the next call. */
VL_MUST_CHECK
int vcf_source_next(struct vcf_source *source, struct vcf_scan *scan,
                    struct vcf_variant *variant, struct vl_error *err);

/* The place of the line read last: its line number in the file and its record number,
 * both from 1.  Malformed lines count as records.  A BCF has only the record number. */
void vcf_source_place(const struct vcf_source *source, char place[VCF_PLACE_BYTES]);

/* Counts the line read last as malformed. */
void vcf_source_skip(struct vcf_source *source, const char *why);

const struct vcf_skipped *vcf_source_skipped(const struct vcf_source *source);

/* Number of records read, including the malformed ones. */
uint64_t vcf_source_n_records(const struct vcf_source *source);

/* Share of the input's bytes read so far, 0..1.  Negative if the input's size is
 * unknown. */
double vcf_source_share(struct vcf_source *source);

/* Reads what follows the last record and returns the SHA-256 of all bytes.  VL_ERR_IO if
 * reading failed.  VL_ERR_DATA if BGZF lacks its end-of-file block, or if the last line
 * is malformed and has no line feed.  No more records can be read afterwards; the header
 * stays valid. */
VL_MUST_CHECK
int vcf_source_finish(struct vcf_source *source, uint8_t sha256[static VL_SHA256_BYTES],
                      struct vl_error *err);

/* True if the last line has no line feed.  Known after vcf_source_finish. */
bool vcf_source_is_open(const struct vcf_source *source);

/* May be called at any time.  Does not wait for more input.  NULL is fine. */
void vcf_source_free(struct vcf_source *source);

#endif
