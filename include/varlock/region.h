/*
 * Sets of genomic ranges: the ranges a user asks for (`-r`, `-R`) and the ranges a BDIFF
 * grants.
 */
#ifndef VARLOCK_REGION_H
#define VARLOCK_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/fail.h"

/* The end of a range that reaches the end of its contig and goes beyond it, because reads
 * may. */
#define VL_POS_MAX INT64_MAX

struct vl_range {
    int32_t contig; /* number in the contig table */
    int64_t beg;    /* 0-based; 0 also covers bases before the contig (clips) */
    int64_t end;    /* exclusive; VL_POS_MAX where the range reaches the contig's end */
};

struct vl_ranges {
    struct vl_range *v; /* owned; sorted, disjoint and not touching after _normalise */
    size_t n;
    size_t cap;
    bool unplaced; /* reads without a position belong to the set (`*`) */
};

#define VL_RANGES_INIT ((struct vl_ranges){0})

/* Appends [beg, end) of a contig.  An end at or past the contig's length becomes
 * VL_POS_MAX; a length of 0 is unknown, so the end stays.  Returns 0 or VL_ERR_MEMORY. */
VL_MUST_CHECK
int vl_ranges_add(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                  int32_t contig, int64_t beg, int64_t end);

/* Appends every contig as a whole, and sets `unplaced`.  Returns 0 or VL_ERR_MEMORY. */
VL_MUST_CHECK
int vl_ranges_add_all(struct vl_ranges *ranges, const struct vl_contigs *contigs);

/* Appends a region in samtools' syntax: `chr1`, `chr1:1,000`, `chr1:1,000-2,000`,
 * `chr1:-2,000`, `*` (1-based, inclusive), and `{name}:1-2` for names with colons.
 * Positions may have decimals, an exponent and one of k, m, g (`chr1:1.5m-2m`), where the
 * result is a whole number.  Where the whole text is the name of a contig, it means that
 * contig.  Returns VL_ERR_USAGE where the part before the last colon names a contig as
 * well, on an unknown contig, and on an interval that is malformed, empty or after the
 * contig's end. */
VL_MUST_CHECK
int vl_ranges_parse(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                    const char *text, struct vl_error *err);

/* Whether the text is a contig and one position, `chr1:1,000`. samtools takes that for
 * everything from this position on; people often mean this position only. */
bool vl_region_is_position(const struct vl_contigs *contigs, const char *text);

/* Appends the interval of a line of a BED file (0-based, half-open); changes the line.
 * Ignores comments, `track`, `browser` and empty lines.  Returns VL_ERR_MEMORY, or
 * VL_ERR_DATA, with path and n_line in the message, where the line is no interval. */
VL_MUST_CHECK
int vl_ranges_add_bed_line(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                           char *line, const char *path, uint64_t n_line,
                           struct vl_error *err);

/* Sorts, and joins ranges that overlap or touch. */
void vl_ranges_normalise(struct vl_ranges *ranges);

/* The functions below take normalised sets.  An empty interval counts as its first
 * position. */

/* Whether some position of [beg, end) lies in the set. */
bool vl_ranges_overlap(const struct vl_ranges *ranges, int32_t contig, int64_t beg,
                       int64_t end);

/* Whether all positions of [beg, end) lie in the set. */
bool vl_ranges_contain(const struct vl_ranges *ranges, int32_t contig, int64_t beg,
                       int64_t end);

/* Whether all of `inner` lies in `outer`.  Where it does not, *outside (if not NULL)
 * becomes the first range that does not (contig -1: the unplaced reads). */
bool vl_ranges_contain_all(const struct vl_ranges *outer, const struct vl_ranges *inner,
                           struct vl_range *outside);

/* Returns the index of the first range that ends after `pos` on `contig` or lies on a
 * later contig; n where there is none. */
size_t vl_ranges_seek(const struct vl_ranges *ranges, int32_t contig, int64_t pos);

/* Appends the set as people write it, with blanks between the ranges: `chr1:1001-2000
 * chr2 *`.  After max_shown ranges (0: no limit) `...` replaces the rest. */
void vl_ranges_format(const struct vl_ranges *ranges, const struct vl_contigs *contigs,
                      size_t max_shown, struct vl_buf *out);

/* Frees everything; the set is empty and usable again. */
void vl_ranges_clear(struct vl_ranges *ranges);

#endif
