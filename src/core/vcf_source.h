/*
 * A VCF, VCF.gz or BCF input, from a file, a URL or standard input, whose bytes are
 * hashed as they are given while htslib parses them.
 */
#ifndef VARLOCK_CORE_VCF_SOURCE_H
#define VARLOCK_CORE_VCF_SOURCE_H

#include <htslib/vcf.h>
#include <stdint.h>

#include "varlock/error.h"

struct vl_vcf_source; /* one thread at a time */

/* Opens and reads the header.  `path` "-" is standard input; n_threads additional threads
 * decompress.  VL_ERR_IO, or VL_ERR_DATA where it is neither VCF nor BCF. */
int vl_vcf_source_open(struct vl_vcf_source **source, const char *path, int n_threads,
                       struct vl_error *err);

/* What messages call the input. */
const char *vl_vcf_source_name(const struct vl_vcf_source *source);

/* The header; lives as long as the source. */
bcf_hdr_t *vl_vcf_source_header(struct vl_vcf_source *source);

/* 1 and a record; 0 at the end; VL_ERR_DATA on a malformed or truncated one. */
int vl_vcf_source_next(struct vl_vcf_source *source, bcf1_t *record,
                       struct vl_error *err);

/* Number of records that _next has returned. */
uint64_t vl_vcf_source_n_records(const struct vl_vcf_source *source);

/* Share of the input's bytes read so far, 0..1; negative where its size is unknown. */
double vl_vcf_source_share(struct vl_vcf_source *source);

/* Reads what may follow the last record, and gives the SHA-256 of all bytes.  Reports
 * what went wrong with reading them (VL_ERR_IO), and BGZF without its end-of-file block
 * (VL_ERR_DATA). No records can be read any more; the header stays. */
int vl_vcf_source_finish(struct vl_vcf_source *source, uint8_t sha256[32],
                         struct vl_error *err);

/* May be called at any point; does not wait for more input.  NULL is fine. */
void vl_vcf_source_free(struct vl_vcf_source *source);

#endif
