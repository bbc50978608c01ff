/*
 * The bases of a window's records that differ from their prediction.  A base that many
 * reads show at the same position comes from the person and is listed once, as a variant
 * of the window.  The others are patches (bdiff.md §5.3 and §5.5).
 */
#ifndef VARLOCK_CORE_RESIDUAL_BASES_H
#define VARLOCK_CORE_RESIDUAL_BASES_H

#include <htslib/sam.h>

#include "residual/prediction.h"
#include "varlock/buf.h"
#include "varlock/error.h"
#include "window/sites.h"

/* A base unlike its prediction. */
struct mismatch {
    int64_t rpos; /* -1 if variants do not matter */
    int32_t contig;
    uint32_t qpos;
    uint8_t nibble;
};

struct residual_bases {
    struct vl_buf mismatches; /* struct mismatch, record after record */
    struct site_list variants;
    int n_quality; /* bases of this quality are expected to be N; -1: none */
    uint64_t n_seen, n_of_quality; /* bases that are N with that quality, and all bases
                                      with it, since the first N */
    bool any_n;
    struct vl_buf sorted, order, marks;
};

/* A record and the place of its mismatches.  Its extent is kept so that it need not be
 * computed again for every record. */
struct noted_record {
    const bam1_t *b;
    size_t first, n; /* among the mismatches */
    int64_t pos0, end;
    int32_t contig;
    bool uses_variants;
    bool is_watched; /* for the quality that N has; there is a base of it */
    bool has_n_quality;
};

/* Notes the mismatches of a record whose bases were predicted last. */
void residual_bases_note(struct residual_bases *bases,
                         const struct prediction *prediction, const bam1_t *b,
                         bool uses_variants, struct noted_record *noted);

/* Finds the variants: positions where at least three records, and at least a fifth of the
 * records over it, have the same mismatch.  Also finds the quality that N has.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int residual_bases_find(struct residual_bases *bases, const struct noted_record *records,
                        size_t n);

/* Appends a record's flags to `flags` and its patches to `steps` and `values`; returns
 * how many patches. */
uint64_t residual_bases_put(struct residual_bases *bases,
                            const struct noted_record *record, struct vl_buf *flags,
                            struct vl_buf *steps, struct vl_buf *values);

/* Index of the first base with that quality at or after `from`, n if there is none. */
size_t residual_next_quality(const uint8_t *qual, size_t from, size_t n, int quality);

void residual_bases_clear(struct residual_bases *bases);

#endif
