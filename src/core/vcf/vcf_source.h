/*
 * A VCF, VCF.gz or BCF input, from a file, a URL or standard input, whose bytes are
 * hashed as they are given.
 */
#ifndef VARLOCK_CORE_VCF_SOURCE_H
#define VARLOCK_CORE_VCF_SOURCE_H

#include <htslib/vcf.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/digest.h"
#include "varlock/error.h"
#include "vcf/vcf_scan.h"
#include "vcf/vcf_variant.h"

struct vcf_source; /* one thread at a time */

enum { VCF_PLACE_BYTES = 64, VCF_WHY_BYTES = 192 };

/* The lines that are no records. */
struct vcf_skipped {
    uint64_t n_blank;          /* empty but for spaces and tabs */
    uint64_t n_malformed;      /* others */
    char first[VCF_WHY_BYTES]; /* where the first malformed one is, and why it is one */
};

/* Opens and reads the header.  `path` "-" is standard input; n_threads additional threads
 * decompress.  VL_ERR_IO, or VL_ERR_DATA where it is neither VCF nor BCF. */
VL_MUST_CHECK
int vcf_source_open(struct vcf_source **source, const char *path, int n_threads,
                    struct vl_error *err);

/* What messages call the input. */
const char *vcf_source_name(const struct vcf_source *source);

/* The header; lives as long as the source. */
bcf_hdr_t *vcf_source_header(struct vcf_source *source);

/* 1 and the next line or record, 0 at the end, VL_ERR_DATA where the input is damaged.
 * Malformed lines of a VCF are skipped and counted.  `scan` (NULL: htslib alone) reads
 * the lines it can.  variant->record, where it is set, stays until the next call. */
VL_MUST_CHECK
int vcf_source_next(struct vcf_source *source, struct vcf_scan *scan,
                    struct vcf_variant *variant, struct vl_error *err);

/* Where the line read last is: its line of the file and its number among the records, the
 * malformed ones too, both from 1; of a BCF, the latter. */
void vcf_source_place(const struct vcf_source *source, char place[VCF_PLACE_BYTES]);

/* Counts the line read last as malformed. */
void vcf_source_skip(struct vcf_source *source, const char *why);

const struct vcf_skipped *vcf_source_skipped(const struct vcf_source *source);

/* How many records were read, the malformed ones too. */
uint64_t vcf_source_n_records(const struct vcf_source *source);

/* Share of the input's bytes read so far, 0..1; negative where its size is unknown. */
double vcf_source_share(struct vcf_source *source);

/* Reads what may follow the last record, and gives the SHA-256 of all bytes.  Reports
 * what went wrong with reading them (VL_ERR_IO), and BGZF without its end-of-file block,
 * or a malformed last line that does not end (VL_ERR_DATA).  No records can be read any
 * more; the header stays. */
VL_MUST_CHECK
int vcf_source_finish(struct vcf_source *source, uint8_t sha256[static VL_SHA256_BYTES],
                      struct vl_error *err);

/* The last line did not end; known when the source is finished. */
bool vcf_source_is_open(const struct vcf_source *source);

/* May be called at any point; does not wait for more input.  NULL is fine. */
void vcf_source_free(struct vcf_source *source);

#endif
