/*
 * The permute masking: one permutation of A, C, G, T per covered VAC site, decided when
 * the last read over the site has been seen.  Records wait, in order, until all their
 * sites are decided.
 *
 * A column counts the aligned A, C, G, T of all records that take part.  In step i = 0..3
 * the masked base is drawn from the population's remaining counts (all zero: each counts
 * 1) with vl_draw_index(step[i], total) in the cumulated counts in order A, C, G, T; the
 * original base is the remaining one with the highest column count (zeros included; ties:
 * the highest tie[base]). The original base maps to the masked one and both are removed.
 */
#ifndef VARLOCK_CORE_PERMUTE_COLUMNS_H
#define VARLOCK_CORE_PERMUTE_COLUMNS_H

#include <htslib/sam.h>

#include "container/vac_file.h"
#include "varlock/draw.h"
#include "varlock/error.h"
#include "window/sites.h"

/* Bytes of waiting records (record_bytes) above which the oldest record's open sites are
 * decided from the reads seen so far. */
enum { PERMUTE_HELD_MAX = 128 << 20 };

struct permute; /* one thread at a time */

/* vac_contig: number in the VAC's table for each contig of the BAM, -1 where it has none;
 * must outlive the handle, as must vac and contigs. */
VL_MUST_CHECK
int permute_open(struct permute **permute, struct vl_vac_reader *vac,
                 const int32_t *vac_contig, const struct vl_contigs *contigs,
                 const uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* Tells where the next record lies: every column before it is decided.  The caller then
 * pops all that is ready; when the contig changes, that is all there is. */
VL_MUST_CHECK
int permute_advance(struct permute *permute, const bam1_t *b, struct vl_error *err);

/* Takes over the content of the record just announced (b is left empty and reusable).
 * Records come in coordinate order.  `counts` tells whether it takes part in the columns.
 */
VL_MUST_CHECK
int permute_push(struct permute *permute, bam1_t *b, bool counts, struct vl_error *err);

/* No more records will come: all become ready. */
VL_MUST_CHECK
int permute_end(struct permute *permute, struct vl_error *err);

/* 1 and the oldest record, where its sites are decided, else 0.  The sites under its
 * aligned and deleted bases are appended to `sites` unless they were already for this
 * `window` (any number that grows). */
VL_MUST_CHECK
int permute_pop(struct permute *permute, bam1_t *b, uint64_t window,
                struct site_list *sites, struct vl_error *err);

/* The oldest record without taking it; NULL where none is ready. */
const bam1_t *permute_peek(const struct permute *permute);

/* Sites decided so far that at least one read covered, and those that changed a base of
 * it. */
uint64_t permute_n_covered(const struct permute *permute);
uint64_t permute_n_changed(const struct permute *permute);

void permute_free(struct permute *permute);

/* The permutation of one column: seen[] counts the reads' bases, vac[] the population's.
 */
uint8_t permute_decide(const uint32_t vac[static 4], const uint32_t seen[static 4],
                       const struct vl_site_draws *draws);

#endif
