#include <htslib/bgzf.h>
#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "alignment/header.h"
#include "answer/answer.h"
#include "record/locus.h"
#include "run/job_queue.h"
#include "run/report.h"

enum { PROGRESS_RECORDS = 65536 };

/* A file of the answer, and what was asked for that it holds. */
struct part {
    struct memory_file *file;
    struct vl_ranges ranges; /* of the first file's contigs */
    int64_t before;          /* end of the range before it on the same contig */
};

struct copying {
    struct answer *answer;
    struct alignment_input first; /* file 0; tells the contigs */
    bool is_first_read;           /* its records were */
    struct part *parts;
    size_t n;
    htsThreadPool pool;
    sam_hdr_t *header;
    struct alignment_output *out;
    bam1_t *record;
};

/* ---- what is wanted of which file ---- */

static int compare_parts(const void *x, const void *y)
{
    const struct vl_ranges *a = &((const struct part *)x)->ranges,
                           *b = &((const struct part *)y)->ranges;
    if (a->n == 0 || b->n == 0) /* the reads without a place come last */
        return (a->n == 0) - (b->n == 0);
    if (a->v->contig != b->v->contig)
        return a->v->contig < b->v->contig ? -1 : 1;
    return (a->v->beg > b->v->beg) - (a->v->beg < b->v->beg);
}

/* The next line that records depend on; NULL at the end. */
static const char *next_line(const char *line)
{
    while (strncmp(line, "@PG\t", 4) == 0 || strncmp(line, "@CO\t", 4) == 0)
        line += strcspn(line, "\n") + (strchr(line, '\n') != NULL);
    return *line ? line : NULL;
}

/* A server may add to each file what made it, but its records go under one header. */
static int check_header(const struct copying *c, const struct alignment_input *in,
                        struct vl_error *err)
{
    const char *a = next_line((const char *)c->first.text.data),
               *b = next_line((const char *)in->text.data);
    size_t n = 0;
    while (a && b && strncmp(a, b, n = strcspn(a, "\n") + 1) == 0) {
        a = a[n - 1] ? next_line(a + n) : NULL;
        b = b[n - 1] ? next_line(b + n) : NULL;
    }
    return !a && !b &&
                   header_check_contigs("", &in->contigs, &c->first.contigs, NULL) == 0
               ? 0
               : vl_error_set(err, VL_ERR_DATA,
                              "%s: the headers for two of the regions differ",
                              c->answer->options->source);
}

/* Counts for each part the file's records that overlap it.  What cannot be read is met
 * again when it is copied. */
static int count_records(struct copying *c, struct memory_file *file, uint64_t *counts,
                         struct vl_error *err)
{
    struct alignment_input in;
    struct vl_error unasked;
    int rc = alignment_input_open(&in, file->name, c->answer->options->output.reference,
                                  c->answer->keys, NULL, err);
    if (rc < 0)
        return rc;
    rc = check_header(c, &in, err);
    while (rc == 0 && alignment_input_next(&in, c->record, &unasked) > 0)
        for (size_t i = 0; i < c->n; i++)
            counts[i] += ranges_take(&c->parts[i].ranges, c->record);
    alignment_input_close(&in);
    return rc;
}

/* No server promises an order of its files, and each may hold more than its range.  The
 * file of a range has all records that overlap it, so none has more of them. */
static int choose_files(struct copying *c, struct vl_error *err)
{
    const struct answer *a = c->answer;
    uint64_t *counts = calloc(a->n * c->n + 1, sizeof *counts);
    int rc = counts ? 0 : vl_error_memory(err);
    for (size_t k = 0; rc == 0 && k < a->n; k++)
        rc = count_records(c, a->files[k], counts + k * c->n, err);
    for (size_t i = 0; rc == 0 && i < c->n; i++) {
        size_t best = i < a->n ? i : 0; /* as they were asked for, where nothing speaks */
        for (size_t k = 0; k < a->n; k++)
            if (counts[k * c->n + i] > counts[best * c->n + i])
                best = k;
        c->parts[i].file = a->files[best];
    }
    free(counts);
    return rc;
}

/* Records of a part that overlap the one before it are written with that. */
static void put_in_order(struct copying *c)
{
    qsort(c->parts, c->n, sizeof *c->parts, compare_parts);
    for (size_t i = 1; i < c->n; i++) {
        const struct vl_ranges *last = &c->parts[i - 1].ranges,
                               *here = &c->parts[i].ranges;
        if (here->n > 0 && last->n > 0 && last->v->contig == here->v->contig)
            c->parts[i].before = last->v->end;
    }
}

/* One part with all ranges, or a part for each of them, in the order of the contigs. */
static int plan(struct copying *c, struct vl_error *err)
{
    const struct answer *a = c->answer;
    int rc = 0;
    if (a->n > 1 && a->n > a->asked->n)
        return vl_error_set(err, VL_ERR_DATA, "%s: sent %zu files for %zu regions",
                            a->options->source, a->n, a->asked->n);
    c->n = a->n > 1 ? a->asked->n : 1;
    c->parts = calloc(c->n, sizeof *c->parts);
    if (!c->parts)
        return vl_error_memory(err);
    for (size_t i = 0; i < c->n; i++)
        c->parts[i] = (struct part){.file = a->files[0], .before = -1};
    for (size_t i = 0; rc == 0 && i < a->asked->n; i++)
        rc = asked_range(a->asked, i, &c->first.contigs, a->options->source,
                         &c->parts[c->n > 1 ? i : 0].ranges, err);
    if (a->n > 1 && rc == 0)
        rc = choose_files(c, err);
    if (a->n > 1)
        put_in_order(c);
    else
        vl_ranges_normalise(&c->parts->ranges);
    return rc;
}

/* ---- records ---- */

static bool is_wanted(const struct copying *c, const struct part *part, const bam1_t *b)
{
    return c->answer->asked->n == 0 || (ranges_take(&part->ranges, b) &&
                                        (b->core.tid < 0 || b->core.pos >= part->before));
}

static int tell_progress(const struct copying *c, struct vl_error *err)
{
    const struct answer *a = c->answer;
    return a->counts.n_received % PROGRESS_RECORDS == 0
               ? hooks_progress(&a->options->hooks, a->counts.n_received, -1, err)
               : 0;
}

/* True if the file ends within a record, with whole blocks and an end block, and says
 * that it is sorted.  So end the files of servers that cut where blocks end, if records
 * span blocks. */
static bool is_cut_in_record(const struct copying *c, const struct alignment_input *in)
{
    kstring_t order = KS_INITIALIZE;
    char byte;
    bool is_cut = hts_get_format(in->file)->format == bam &&
                  in->file->fp.bgzf->errcode == 0 &&
                  bgzf_read(in->file->fp.bgzf, &byte, 1) == 0 &&
                  in->file->fp.bgzf->last_block_eof &&
                  sam_hdr_find_tag_hd(c->header, "SO", &order) == 0 &&
                  strcmp(order.s, "coordinate") == 0;
    ks_free(&order);
    return is_cut;
}

/* True if no record that follows the place in a sorted file can be wanted. */
static bool is_behind(const struct part *part, const struct vl_locus *place)
{
    const struct vl_ranges *ranges = &part->ranges;
    if (ranges->n == 0 || ranges->unplaced)
        return false;
    const struct vl_range *last = &ranges->v[ranges->n - 1];
    return place->contig > (uint32_t)last->contig ||
           (place->contig == (uint32_t)last->contig && place->pos0 >= last->end);
}

/* Reads the file to its end: only there is known that it is whole. */
static int copy_records(struct copying *c, struct alignment_input *in,
                        const struct part *part, bool is_filtered, struct vl_error *err)
{
    struct vl_locus last = {0};
    bool is_sorted = true;
    int rc;
    while ((rc = alignment_input_next(in, c->record, err)) > 0) {
        struct vl_locus here = locus_of(c->record, in->contigs.n);
        is_sorted = is_sorted && locus_compare(&last, &here) <= 0;
        last = here;
        c->answer->counts.n_received++;
        rc = tell_progress(c, err);
        if (rc == 0 && (!is_filtered || is_wanted(c, part, c->record))) {
            c->answer->counts.n_written++;
            rc = c->out ? alignment_output_write(c->out, c->record, err) : 0;
        }
        if (rc < 0)
            return rc;
    }
    if (rc < 0 && is_filtered && is_sorted && is_behind(part, &last) &&
        is_cut_in_record(c, in))
        return 0;
    if (rc == 0 && hts_get_format(in->file)->format == sam)
        rc = answer_check_last_line(c->answer, part->file, err);
    return answer_blame_cut(c->answer, rc, err);
}

static int copy_part(struct copying *c, const struct part *part, struct vl_error *err)
{
    struct alignment_input in;
    if (part->file == c->answer->files[0] && !c->is_first_read) {
        c->is_first_read = true;
        return copy_records(c, &c->first, part, answer_is_filtered(c->answer), err);
    }
    int rc =
        alignment_input_open(&in, part->file->name, c->answer->options->output.reference,
                             c->answer->keys, NULL, err);
    if (rc < 0)
        return rc;
    rc = check_header(c, &in, err);
    if (rc == 0)
        rc = copy_records(c, &in, part, true, err);
    alignment_input_close(&in);
    return rc;
}

static int open_output(struct copying *c, int mode, struct vl_error *err)
{
    const struct vl_receiver_options *o = c->answer->options;
    c->header = header_from_raw(c->first.text.data, c->first.text.len, &c->first.contigs);
    if (!c->header)
        return vl_error_memory(err);
    int rc = pool_start(&c->pool, o->n_threads, err);
    return rc < 0
               ? rc
               : answer_open_output(c->answer, c->header, mode, &c->pool, &c->out, err);
}

/* True if the output can be the bytes that came: of one file, in the output's format. */
static bool is_copied(const struct copying *c)
{
    const struct vl_output *o = &c->answer->options->output;
    enum htsExactFormat format = hts_get_format(c->first.file)->format;
    return !answer_is_filtered(c->answer) && !o->write_index &&
           o->c4gh_recipients.n == 0 &&
           ((format == bam && alignment_output_is_bam(o)) ||
            (format == cram && alignment_output_is_cram(o)));
}

static int copy_all(struct copying *c, int mode, struct vl_error *err)
{
    bool is_raw = is_copied(c);
    c->record = bam_init1();
    int rc = c->record ? plan(c, err) : vl_error_memory(err);
    if (rc == 0 && !is_raw)
        rc = open_output(c, mode, err);
    for (size_t i = 0; rc == 0 && i < c->n; i++)
        rc = copy_part(c, &c->parts[i], err);
    if (rc == 0)
        rc = is_raw ? answer_copy(c->answer, mode, err)
                    : alignment_output_commit(c->out, NULL, 0, err);
    return rc;
}

int answer_alignments(struct answer *a, int mode, struct vl_error *err)
{
    struct copying c = {.answer = a};
    int rc = alignment_input_open(&c.first, a->files[0]->name,
                                  a->options->output.reference, a->keys, NULL, err);
    if (rc == 0)
        rc = copy_all(&c, mode, err);
    alignment_output_free(c.out);
    if (c.record)
        bam_destroy1(c.record);
    for (size_t i = 0; i < c.n; i++)
        vl_ranges_clear(&c.parts[i].ranges);
    free(c.parts);
    sam_hdr_destroy(c.header);
    alignment_input_close(&c.first);
    pool_stop(&c.pool);
    return rc;
}
