/*
 * A VCF, VCF.gz or BCF input, from a file, a URL or standard input, whose bytes are
 * hashed as they are given.
 */
#ifndef VARLOCK_CORE_VCF_SOURCE_H
#define VARLOCK_CORE_VCF_SOURCE_H

#include <htslib/vcf.h>
#include <stdint.h>

#include "varlock/digest.h"
#include "varlock/error.h"
#include "vcf/vcf_scan.h"
#include "vcf/vcf_variant.h"

struct vcf_source; /* one thread at a time */

/* Opens and reads the header.  `path` "-" is standard input; n_threads additional threads
 * decompress.  VL_ERR_IO, or VL_ERR_DATA where it is neither VCF nor BCF. */
VL_MUST_CHECK
int vcf_source_open(struct vcf_source **source, const char *path, int n_threads,
                    struct vl_error *err);

/* What messages call the input. */
const char *vcf_source_name(const struct vcf_source *source);

/* The header; lives as long as the source. */
bcf_hdr_t *vcf_source_header(struct vcf_source *source);

/* 1 and the next line or record, 0 at the end, VL_ERR_DATA where it is malformed or
 * truncated.  `scan` (NULL: htslib alone) reads the lines it can.  variant->record, where
 * it is set, stays until the next call. */
VL_MUST_CHECK
int vcf_source_next(struct vcf_source *source, struct vcf_scan *scan,
                    struct vcf_variant *variant, struct vl_error *err);

/* Share of the input's bytes read so far, 0..1; negative where its size is unknown. */
double vcf_source_share(struct vcf_source *source);

/* Reads what may follow the last record, and gives the SHA-256 of all bytes.  Reports
 * what went wrong with reading them (VL_ERR_IO), and BGZF without its end-of-file block
 * (VL_ERR_DATA). No records can be read any more; the header stays. */
VL_MUST_CHECK
int vcf_source_finish(struct vcf_source *source, uint8_t sha256[static VL_SHA256_BYTES],
                      struct vl_error *err);

/* May be called at any point; does not wait for more input.  NULL is fine. */
void vcf_source_free(struct vcf_source *source);

#endif
