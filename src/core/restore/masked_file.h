/*
 * The masked file beside its BDIFF: reads the runs of records that the BDIFF's windows
 * are about, by seeking where an index allows it, else from the start.
 */
#ifndef VARLOCK_CORE_MASKED_FILE_H
#define VARLOCK_CORE_MASKED_FILE_H

#include "alignment/alignment_input.h"
#include "container/bdiff_file.h"
#include "record/locus.h"
#include "varlock/digest.h"
#include "varlock/error.h"
#include "window/record_array.h"

/* Called for records outside all windows, when the file is read from the start. */
typedef int (*outside_fn)(void *arg, const bam1_t *b);

struct masked_file {
    struct alignment_input in;
    struct vl_bdiff_reader *bdiff;
    size_t n_contigs;
    uint8_t contigs_sha256[VL_SHA256_BYTES];
    const struct vl_ranges *wanted; /* windows that meet them; NULL: all windows */
    bool seeks;                     /* by index; else from the start */
    bool leaps;  /* windows are left out at will, so records before one say nothing */
    size_t next; /* index entry to look at next */
    struct locus_counter counter;
    bam1_t *ahead; /* read but not handed out */
    struct vl_locus ahead_locus;
    bool has_ahead;
    outside_fn outside; /* NULL: they are passed over */
    void *outside_arg;
};

/* Opens the file and checks that its header belongs to the BDIFF: the id it names, contig
 * names, order and lengths, and @RG lines. */
VL_MUST_CHECK
int masked_open(struct masked_file *masked, const char *path, const char *reference,
                htsThreadPool *pool, struct vl_bdiff_reader *bdiff, struct vl_error *err);

/* Chooses the windows that meet `wanted` (NULL: all), to be read by seeking or from the
 * start. */
VL_MUST_CHECK
int masked_select(struct masked_file *masked, const struct vl_ranges *wanted, bool seeks,
                  struct vl_error *err);

/* 1 and the number and masked records of the next window; 0 when there are no more. */
VL_MUST_CHECK
int masked_next_window(struct masked_file *masked, size_t *i,
                       struct record_array *records, struct vl_error *err);

/* The same of window i, which lies behind those read before; what is between is passed
 * over. */
VL_MUST_CHECK
int masked_read_window(struct masked_file *masked, size_t i, struct record_array *records,
                       struct vl_error *err);

/* VL_ERR_SEAL where the records are not those that were masked; names window and region.
 * Thread safe. */
VL_MUST_CHECK
int masked_check_window(const struct masked_file *masked, size_t i,
                        const struct record_array *records, struct vl_error *err);

void masked_close(struct masked_file *masked);

#endif
