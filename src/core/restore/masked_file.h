/*
 * The masked file that belongs to a BDIFF.  It reads the records of the BDIFF's windows,
 * by seeking if an index allows it, otherwise from the start.
 */
#ifndef VARLOCK_CORE_MASKED_FILE_H
#define VARLOCK_CORE_MASKED_FILE_H

#include "alignment/alignment_input.h"
#include "container/bdiff_file.h"
#include "projection/shown_geometry.h"
#include "record/locus.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "window/record_array.h"

/* A stretch of the file that is read through, for the records outside windows. */
struct masked_scan {
    bool is_open;    /* it is not over */
    bool is_started; /* the file stands in it */
    struct vl_locus from, to;
};

struct masked_file {
    struct alignment_input in;
    struct vl_bdiff_reader *bdiff; /* NULL: a file without windows */
    size_t n_contigs;
    struct shown_geometry geometry;
    uint8_t contigs_sha256[VL_SHA256_BYTES];
    const struct vl_ranges *wanted; /* windows that overlap these; NULL: all */
    bool seeks;                     /* seek by index; false: read from the start */
    bool leaps; /* windows are skipped on purpose, so records before a window are no error
                 */
    size_t next; /* index entry to look at next */
    struct locus_counter counter;
    bam1_t *ahead; /* read but not handed out */
    struct vl_locus ahead_locus;
    bool has_ahead;
    struct masked_scan scan;
};

/* Opens the file and checks that its header belongs to the BDIFF: the BDIFF's id, the
 * contigs' names, order and lengths, and the @RG lines.  With `bdiff` NULL it may be any
 * alignment file.  `keys` as in alignment_input_open. */
VL_MUST_CHECK
int masked_open(struct masked_file *masked, const char *path, const char *reference,
                struct c4gh_keys *keys, htsThreadPool *pool,
                struct vl_bdiff_reader *bdiff, struct vl_error *err);

/* Selects the windows that overlap `wanted` (NULL: all).  They are read by seeking, or
 * from the start. */
VL_MUST_CHECK
int masked_select(struct masked_file *masked, const struct vl_ranges *wanted, bool seeks,
                  struct vl_error *err);

/* Starts again with the first selected window, in a file that is read by seeking. */
void masked_restart(struct masked_file *masked);

/* Selects ranges of one contig, or the reads without a place; they stay the caller's. The
 * windows that overlap them are read by seeking.  Unless the BDIFF is the owner's, the
 * records from the first to the last one that overlaps are read through, too.  The file
 * must be indexed. */
VL_MUST_CHECK
int masked_select_ranges(struct masked_file *masked, const struct vl_ranges *ranges,
                         struct vl_error *err);

/* Nothing comes any more until something else is selected. */
void masked_select_nothing(struct masked_file *masked);

enum { MASKED_END, MASKED_WINDOW, MASKED_OUTSIDE };

/* MASKED_WINDOW, and the number and masked records of the next window.  MASKED_OUTSIDE,
 * if the file is not read by seeking alone, and the next record outside windows, valid
 * until the next call.  MASKED_END if there are no more. */
VL_MUST_CHECK
int masked_next(struct masked_file *masked, size_t *i, struct record_array *records,
                const bam1_t **outside, struct vl_error *err);

/* 1 and the number and masked records of the next window.  0 if there are no more
 * windows.  Records outside are passed. */
VL_MUST_CHECK
int masked_next_window(struct masked_file *masked, size_t *i,
                       struct record_array *records, struct vl_error *err);

/* 1 and the masked records of window i, which must lie behind the windows read before.
 * The windows in between are skipped. */
VL_MUST_CHECK
int masked_read_window(struct masked_file *masked, size_t i, struct record_array *records,
                       struct vl_error *err);

/* VL_ERR_SEAL if the records are not those that were masked.  The message names the
 * window and its region.  Thread safe. */
VL_MUST_CHECK
int masked_check_window(const struct masked_file *masked, size_t i,
                        const struct record_array *records, struct vl_error *err);

void masked_close(struct masked_file *masked);

#endif
