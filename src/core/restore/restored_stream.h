/*
 * What a masked file and a BDIFF show together: restored records and, if asked for, the
 * others, still masked, in the order of the coordinates they show.
 */
#ifndef VARLOCK_CORE_RESTORED_STREAM_H
#define VARLOCK_CORE_RESTORED_STREAM_H

#include "restore/masked_file.h"
#include "restore/restore_window.h"
#include "restore/shown_order.h"
#include "run/job_queue.h"

struct restored_stream {
    struct masked_file masked;
    const htsThreadPool *pool; /* the caller's */
    struct restore_choice choice;
    struct vl_names read_groups; /* original IDs; only with the owner's file */
    struct job_queue queue;
    struct restore_window *windows; /* one per slot of the queue */
    struct shown_queue order;
    struct vl_locus *lows;   /* [i]: lowest place that the windows from i on show */
    size_t n_written;        /* windows before this one are done, or not selected */
    struct vl_locus reached; /* masked records to come lie at or behind it */
    bam1_t *scratch;
    uint64_t n_windows; /* restored */
    uint64_t n_read;    /* masked records read, in and outside windows */
    shown_write_fn write;
    void *write_arg;
    struct vl_error *err; /* of the call that runs, for callbacks */
    struct restored_ranges {
        struct vl_ranges all, before, now; /* parts of the caller's ranges */
        size_t next;                       /* range to go on with */
        bool more;
    } ranges; /* of restored_stream_select */
};

/* Opens the masked file.  `bdiff` (NULL: the file is shown as it is), `keys` and `pool`
 * must outlive the stream.  `write` gets the records. */
VL_MUST_CHECK
int restored_stream_open(struct restored_stream *stream, const char *masked,
                         const char *reference, struct c4gh_keys *keys,
                         htsThreadPool *pool, struct vl_bdiff_reader *bdiff,
                         shown_write_fn write, void *write_arg, struct vl_error *err);

/* Prepares the windows, once `choice` is set and before the first step. */
VL_MUST_CHECK
int restored_stream_start(struct restored_stream *stream, int n_threads,
                          struct vl_error *err);

/* Starts again with the records that overlap normalised ranges, in an indexed file.  The
 * ranges must outlive the steps. */
VL_MUST_CHECK
int restored_stream_select(struct restored_stream *stream, const struct vl_ranges *ranges,
                           struct vl_error *err);

/* Reads on, and writes what is ready.  1; 0 once everything is written. */
VL_MUST_CHECK
int restored_stream_step(struct restored_stream *stream, struct vl_error *err);

void restored_stream_close(struct restored_stream *stream);

#endif
