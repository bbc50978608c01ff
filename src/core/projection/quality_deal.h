/*
 * The dealing of qualities (bdiff.md §5.11).  In each block the QUAL strings of records
 * that are alike are dealt among them by a keyed permutation.  Which records are alike
 * follows from what they show, so whoever has the key of the geometry can tell from
 * masked records alone whose string each of them shows.
 */
#ifndef VARLOCK_CORE_QUALITY_DEAL_H
#define VARLOCK_CORE_QUALITY_DEAL_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/draw.h"
#include "varlock/error.h"
#include "window/record_array.h"

/* In place of a source: the record shows 30 throughout. */
enum { QUALITY_FROM_NONE = UINT32_MAX };

struct quality_dealer; /* one thread at a time */

/* `contigs`, which must outlive the dealer, give the names under which is drawn; the key
 * is copied.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int quality_dealer_open(struct quality_dealer **dealer, const struct vl_contigs *contigs,
                        const uint8_t geometry_key[static VL_MASK_KEY_BYTES],
                        struct vl_error *err);

/* Deals among the records of a window, which begins with a block at `first`.  Of their
 * QUAL matters only whether it is missing.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int quality_dealer_deal(struct quality_dealer *dealer, const struct record_array *masked,
                        const struct vl_locus *first, struct vl_error *err);

/* The result of the last dealing, one number for each masked record: whose string the
 * record shows, and which record shows its string.  Both are the record itself where it
 * takes no part. */
const uint32_t *quality_dealer_sources(const struct quality_dealer *dealer);
const uint32_t *quality_dealer_places(const struct quality_dealer *dealer);

/* Wipes and frees.  NULL is fine. */
void quality_dealer_free(struct quality_dealer *dealer);

/* A string that is dealt to a shorter record is cut at the read's 3' end, where SEQ is in
 * read direction the end; what is cut off is its tail.  For a longer record it is filled
 * there with its last value. */

/* Makes n_out values of n, none of which is 0. */
void quality_fit(const uint8_t *qual, size_t n, bool is_reverse, uint8_t *out,
                 size_t n_out);

/* The tail, which has n - n_out values. */
const uint8_t *quality_tail(const uint8_t *qual, size_t n_out, bool is_reverse);

/* Makes the n values again of the n_out shown ones and the tail, if there is one. */
void quality_unfit(const uint8_t *shown, size_t n_out, const uint8_t *tail,
                   bool is_reverse, uint8_t *qual, size_t n);

#endif
