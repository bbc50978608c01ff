/*
 * What encrypt, decrypt and reencrypt share about windows: their place in the file and
 * the digest of their masked records.
 */
#ifndef VARLOCK_CORE_MASKED_DIGEST_H
#define VARLOCK_CORE_MASKED_DIGEST_H

#include <htslib/sam.h>

#include "container/bdiff_file.h"
#include "varlock/bdiff.h"
#include "varlock/digest.h"
#include "window/window_records.h"

/* Limits of a window (bdiff.md §5). */
enum {
    WINDOW_RECORDS_MIN = 4096,   /* from here on it closes at a 64 kb boundary */
    WINDOW_RECORDS_MAX = 32768,  /* masked and whole records together */
    WINDOW_BYTES_MAX = 16 << 20, /* record_bytes of the originals */
    WINDOW_BOUNDARY_SHIFT = 16,
    WINDOW_CONTIGS_MAX =
        64 << 20 /* bases of its contigs under synth: no further contig */
};

/* Key of the sort order; unplaced reads come last. */
struct vl_locus locus_of(const bam1_t *b, size_t n_contigs);
int locus_compare(const struct vl_locus *a,
                  const struct vl_locus *b); /* without ordinals */

/* Counts masked records at one position. */
struct locus_counter {
    struct vl_locus last;
    bool any;
};
struct vl_locus locus_count(struct locus_counter *counter, struct vl_locus here);

/* The extents of the entry take in what lies from `beg` to `end` on its contig; the first
 * call (`first`) sets them. */
void entry_extend(struct vl_bdiff_entry *entry, struct vl_locus beg, int64_t end,
                  bool first);

/* End of a record as the extents count it: 0 where it is unplaced. */
int64_t locus_end(const bam1_t *b);

/* The entry's extents meet the ranges. */
bool entry_overlaps(const struct vl_bdiff_entry *entry, const struct vl_ranges *ranges,
                    size_t n_contigs);

/* SHA-256 of a contig table, which every digest of masked records starts with (bdiff.md
 * §6.4). */
int window_contigs_digest(const struct vl_contigs *contigs, uint8_t out[VL_SHA256_BYTES]);

/* Digest of a run of masked records. */
int window_masked_digest(const struct record_array *masked,
                         const uint8_t contigs_sha256[VL_SHA256_BYTES],
                         uint8_t out[VL_SHA256_BYTES]);

/* Adds one window to the digest over all windows (bdiff.md §6.3). */
void window_total_add(struct vl_digest *total, const struct vl_bdiff_entry *entry);

#endif
