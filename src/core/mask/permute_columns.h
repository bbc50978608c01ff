/*
 * The permute masking uses one permutation of A, C, G, T per covered VAC site.  It is
 * decided after the last read over the site has been seen.  Records wait, in order, until
 * all their sites are decided.
 *
 * A column counts the aligned A, C, G, T of all records that take part.  The permutation
 * is built in steps i = 0..3.  The masked base is drawn from the population's remaining
 * counts (if all are zero, each counts as 1): vl_draw_index(step[i], total) picks from
 * the cumulated counts in the order A, C, G, T. The original base is the remaining base
 * with the highest column count; zeros are included, and the highest tie[base] breaks
 * ties.  The original base maps to the masked base, and both are removed.
 */
#ifndef VARLOCK_CORE_PERMUTE_COLUMNS_H
#define VARLOCK_CORE_PERMUTE_COLUMNS_H

#include <htslib/sam.h>

#include "container/vac_file.h"
#include "varlock/draw.h"
#include "varlock/error.h"
#include "window/sites.h"

/* Limit of the waiting records in bytes (record_bytes).  Above it, the open sites of the
 * oldest record are decided from the reads seen so far. */
enum { PERMUTE_HELD_MAX = 128 << 20 };

struct permute; /* one thread at a time */

/* vac_contig: for each contig of the BAM its number in the VAC's table, -1 if it is not
 * in the VAC.  vac_contig, vac and contigs must outlive the handle. */
VL_MUST_CHECK
int permute_open(struct permute **permute, struct vl_vac_reader *vac,
                 const int32_t *vac_contig, const struct vl_contigs *contigs,
                 const uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* Tells where the next record lies.  This decides every column before it.  The caller
 * then pops all ready records.  When the contig changes, these are all records. */
VL_MUST_CHECK
int permute_advance(struct permute *permute, const bam1_t *b, struct vl_error *err);

/* Takes over the content of the record that was just announced, and leaves b empty and
 * reusable.  Records come in coordinate order.  `counts`: the record takes part in the
 * columns. */
VL_MUST_CHECK
int permute_push(struct permute *permute, bam1_t *b, bool counts, struct vl_error *err);

/* Tells that no record follows.  All waiting records become ready. */
VL_MUST_CHECK
int permute_end(struct permute *permute, struct vl_error *err);

/* 1 and the oldest record if its sites are decided, otherwise 0.  Appends the sites under
 * its aligned and deleted bases to `sites`, except sites that were already appended for
 * this `window` (any number that grows). */
VL_MUST_CHECK
int permute_pop(struct permute *permute, bam1_t *b, uint64_t window,
                struct site_list *sites, struct vl_error *err);

/* The oldest record, which stays.  NULL if it is not ready. */
const bam1_t *permute_peek(const struct permute *permute);

/* permute_n_covered: sites decided so far that at least one read covered.
 * permute_n_changed: those of them whose permutation changed the base of a read. */
uint64_t permute_n_covered(const struct permute *permute);
uint64_t permute_n_changed(const struct permute *permute);

void permute_free(struct permute *permute);

/* Computes the permutation of one column.  seen[] holds the reads' counts of bases, vac[]
 * the population's counts. */
uint8_t permute_decide(const uint32_t vac[static 4], const uint32_t seen[static 4],
                       const struct vl_site_draws *draws);

#endif
