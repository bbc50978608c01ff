#include "restore/restored_stream.h"

#include <stdlib.h>
#include <string.h>

#include "alignment/header.h"
#include "projection/pseudonym.h"
#include "record/record.h"
#include "record/tags.h"

enum {
    STEP_RECORDS = 16384, /* outside windows, in a step */
    NEAR = 100000         /* bases between ranges that are read in one go */
};

static const struct vl_locus START = {.pos0 = INT64_MIN};

static bool is_root(const struct restored_stream *s)
{
    return s->masked.bdiff && vl_bdiff_reader_header(s->masked.bdiff)->is_root;
}

static size_t n_windows(const struct restored_stream *s)
{
    return s->masked.bdiff ? vl_bdiff_reader_index(s->masked.bdiff)->n : 0;
}

/* ---- preparation ---- */

int restored_stream_open(struct restored_stream *s, const char *masked,
                         const char *reference, struct c4gh_keys *keys,
                         htsThreadPool *pool, struct vl_bdiff_reader *bdiff,
                         shown_write_fn write, void *write_arg, struct vl_error *err)
{
    memset(s, 0, sizeof *s);
    s->pool = pool;
    s->write = write;
    s->write_arg = write_arg;
    int rc = masked_open(&s->masked, masked, reference, keys, pool, bdiff, err);
    if (rc == 0 && is_root(s))
        rc = header_read_groups(&vl_bdiff_reader_header(bdiff)->original_text,
                                &s->read_groups, err);
    return rc;
}

static int find_lows(struct restored_stream *s, struct vl_error *err)
{
    size_t n = n_windows(s);
    s->lows = malloc((n + 1) * sizeof *s->lows);
    if (!s->lows)
        return vl_error_memory(err);
    s->lows[n] = (struct vl_locus){.contig = UINT32_MAX};
    for (size_t i = n; i-- > 0;) {
        const struct vl_bdiff_entry *e = &vl_bdiff_reader_index(s->masked.bdiff)->v[i];
        struct vl_locus low = {.contig = e->low_contig, .pos0 = e->low_pos0};
        s->lows[i] = locus_compare(&low, &s->lows[i + 1]) < 0 ? low : s->lows[i + 1];
    }
    return 0;
}

static int write_shown(void *arg, const bam1_t *b, int grade);

/* What is restored of a window beyond these ranges need not be kept. */
static void set_wanted(struct restored_stream *s, const struct vl_ranges *wanted)
{
    for (size_t i = 0; i < s->queue.n_slots; i++)
        s->windows[i].records.wanted = wanted;
}

int restored_stream_start(struct restored_stream *s, int n_threads, struct vl_error *err)
{
    int rc = job_queue_open(&s->queue, s->pool, n_threads, err);
    if (rc == 0)
        rc = find_lows(s, err);
    if (rc < 0)
        return rc;
    s->windows = calloc(s->queue.n_slots, sizeof *s->windows);
    s->scratch = bam_init1();
    if (!s->windows || !s->scratch)
        return vl_error_memory(err);
    s->order = (struct shown_queue){.n_contigs = s->masked.n_contigs,
                                    .has_order = is_root(s),
                                    .write = write_shown,
                                    .write_arg = s};
    for (size_t i = 0; i < s->queue.n_slots && s->masked.bdiff; i++) {
        struct restore_window *w = &s->windows[i];
        w->file = &s->masked;
        w->records.model = vl_bdiff_reader_header(s->masked.bdiff)->mask_model;
        w->records.has_order = s->order.has_order;
        w->read_groups = is_root(s) ? &s->read_groups : NULL;
        w->choice = &s->choice;
        rc = restore_window_know_dealing(w, err);
        if (rc < 0)
            return rc;
    }
    set_wanted(s, s->choice.wanted);
    s->reached = START;
    return 0;
}

/* ---- records ---- */

/* A record that stays masked.  Under the original header its read group gets its original
 * ID back. */
static int write_masked(struct restored_stream *s, const bam1_t *masked)
{
    struct tag rg;
    int number = -1;
    if (s->read_groups.n > 0 && tag_find(masked, "RG", &rg) && rg.type == 'Z')
        number = read_group_of_pseudonym(rg.value, s->read_groups.n);
    if (number < 0)
        return s->write(s->write_arg, masked, VL_GRADE_NONE);
    const char *id = s->read_groups.v[number];
    if (!bam_copy1(s->scratch, masked) ||
        bam_aux_update_str(s->scratch, "RG", (int)strlen(id) + 1, id) < 0)
        return vl_error_memory(s->err);
    return s->write(s->write_arg, s->scratch, VL_GRADE_NONE);
}

static int write_shown(void *arg, const bam1_t *b, int grade)
{
    struct restored_stream *s = arg;
    return grade == VL_GRADE_NONE ? write_masked(s, b) : s->write(s->write_arg, b, grade);
}

static int put_in_order(struct restored_stream *s, struct shown_record *run, size_t n)
{
    struct vl_locus limit = s->lows[s->n_written];
    if (s->choice.whole && locus_compare(&s->reached, &limit) < 0)
        limit = s->reached;
    int rc = shown_queue_add(&s->order, run, n, &limit);
    return rc == VL_ERR_MEMORY ? vl_error_memory(s->err) : rc;
}

static int take_outside(struct restored_stream *s, const bam1_t *b)
{
    s->n_read++;
    if (!restore_choice_shows_masked(&s->choice, b))
        return 0;
    if (!bam_copy1(s->scratch, b))
        return vl_error_memory(s->err);
    struct shown_record one = {s->scratch, VL_GRADE_NONE, 0};
    s->reached = locus_of(b, s->masked.n_contigs);
    /* All selected windows before it are written. */
    s->n_written = s->masked.next;
    return put_in_order(s, &one, 1);
}

/* ---- windows ---- */

static int write_window(struct restored_stream *s)
{
    struct restore_window *w = job_queue_take(&s->queue);
    if (!w)
        return vl_error_memory(s->err);
    if (w->rc < 0) {
        *s->err = w->error;
        return w->rc;
    }
    const struct vl_bdiff_entry *entry =
        &vl_bdiff_reader_index(s->masked.bdiff)->v[w->number];
    s->n_windows++;
    s->n_written = w->number + 1;
    if (entry->n_records > 0)
        s->reached = entry->last;
    return put_in_order(s, (void *)w->shown.data,
                        w->shown.len / sizeof(struct shown_record));
}

static int put_window(struct restored_stream *s, struct restore_window *w)
{
    s->n_read += w->records.masked.n;
    int rc = job_queue_put(&s->queue, restore_window_run, w, s->err);
    /* Records outside windows are written as soon as they are read, so all windows before
     * them must be written first. */
    bool in_step = !s->masked.seeks && !is_root(s);
    while (rc == 0 && (job_queue_is_full(&s->queue) || (in_step && s->queue.n > 0)))
        rc = write_window(s);
    return rc;
}

static int write_rest(struct restored_stream *s)
{
    int rc = 0;
    while (rc == 0 && s->queue.n > 0)
        rc = write_window(s);
    if (rc == 0)
        rc = shown_queue_end(&s->order);
    return rc == VL_ERR_MEMORY ? vl_error_memory(s->err) : rc;
}

/* ---- ranges ---- */

/* Goes to the next ranges that lie near each other.  0: there are none. */
static int select_next(struct restored_stream *s)
{
    struct restored_ranges *r = &s->ranges;
    const struct vl_range *v = r->all.v;
    size_t n = r->next, i = n;
    if (!r->more)
        return 0;
    while (i < r->all.n &&
           (i == n || (v[i].contig == v[n].contig && v[i].beg - v[i - 1].end <= NEAR)))
        i++;
    r->before = (struct vl_ranges){.v = r->all.v, .n = n};
    r->now = (struct vl_ranges){.v = r->all.v + n, .n = i - n, .unplaced = i == n};
    r->next = i;
    r->more = i < r->all.n || (i > n && r->all.unplaced);
    s->n_written = 0;
    s->reached = START;
    int rc = masked_select_ranges(&s->masked, &r->now, s->err);
    return rc < 0 ? rc : 1;
}

int restored_stream_select(struct restored_stream *s, const struct vl_ranges *ranges,
                           struct vl_error *err)
{
    s->err = err;
    while (s->queue.n > 0)
        job_queue_take(&s->queue);
    shown_queue_clear(&s->order);
    s->ranges = (struct restored_ranges){.all = *ranges,
                                         .more = ranges->n > 0 || ranges->unplaced};
    s->choice.overlaps = &s->ranges.now;
    s->choice.after = &s->ranges.before;
    set_wanted(s, &s->ranges.now);
    masked_select_nothing(&s->masked);
    int rc = select_next(s);
    return rc < 0 ? rc : 0;
}

int restored_stream_step(struct restored_stream *s, struct vl_error *err)
{
    struct restore_window *w = &s->windows[job_queue_slot(&s->queue)];
    const bam1_t *outside;
    s->err = err;
    restore_window_reset(w);
    for (int i = 0; i < STEP_RECORDS; i++) {
        int rc =
            masked_next(&s->masked, &w->number, &w->records.masked, &outside, s->err);
        if (rc == MASKED_OUTSIDE)
            rc = take_outside(s, outside);
        else if (rc == MASKED_WINDOW)
            return (rc = put_window(s, w)) < 0 ? rc : 1;
        else if (rc == MASKED_END)
            return (rc = write_rest(s)) < 0 ? rc : select_next(s);
        if (rc < 0)
            return rc;
    }
    return 1;
}

void restored_stream_close(struct restored_stream *s)
{
    job_queue_close(&s->queue);
    for (size_t i = 0; s->windows && i < s->queue.n_slots; i++)
        restore_window_clear(&s->windows[i]);
    free(s->windows);
    free(s->lows);
    shown_queue_clear(&s->order);
    if (s->scratch)
        bam_destroy1(s->scratch);
    vl_names_clear(&s->read_groups);
    masked_close(&s->masked);
}
