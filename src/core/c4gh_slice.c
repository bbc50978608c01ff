#include <stdlib.h>

#include "crypt4gh/byte_range.h"
#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/c4gh_reseal.h"
#include "crypt4gh/c4gh_stream.h"
#include "crypt4gh/c4gh_writer.h"
#include "extract/extract.h"
#include "operation_options.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

enum { OUTPUT_MODE = 0666 };

struct c4gh_cut {
    const struct vl_c4gh_slice_options *options;
    struct byte_range *ranges;
    struct c4gh_keys keys;
    struct c4gh_readers readers;
    hFILE *source; /* NULL once the reader has it */
    struct c4gh_header header;
    struct c4gh_reader *reader;
    struct vl_outfile *out;
    struct c4gh_writer *writer;
};

static int parse_ranges(struct c4gh_cut *s, struct vl_error *err)
{
    const struct vl_list *texts = &s->options->ranges;
    int rc = 0;
    if ((texts->n > 0) == (s->options->regions.n > 0))
        return vl_error_set(err, VL_ERR_USAGE,
                            "a slice is of ranges of bytes (--range) or of regions (-r)");
    if (s->options->regions.n > 0 && s->options->header_only)
        return vl_error_set(err, VL_ERR_USAGE,
                            "--header-only goes with --range: a region's blocks hold "
                            "records outside it");
    s->ranges = calloc(texts->n + 1, sizeof *s->ranges);
    if (!s->ranges)
        return vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < texts->n; i++) {
        rc = byte_range_parse(texts->v[i], &s->ranges[i], err);
        if (rc == 0 && i > 0 && s->ranges[i].beg < s->ranges[i - 1].end)
            rc = vl_error_set(err, VL_ERR_USAGE,
                              "%s: does not lie behind the range before it, %s",
                              texts->v[i], texts->v[i - 1]);
    }
    return rc;
}

static int open_all(struct c4gh_cut *s, struct vl_error *err)
{
    const struct vl_c4gh_slice_options *o = s->options;
    const char *inputs[] = {o->input, o->index, o->reference};
    int rc = parse_ranges(s, err);
    if (rc == 0)
        rc = c4gh_file_check_output(o->output, inputs, 3, &o->keys, &o->recipients, err);
    if (rc == 0)
        rc = c4gh_readers_read(&s->readers, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&s->keys, &o->keys, &o->hooks, err);
    if (rc == 0 && o->regions.n == 0)
        rc = c4gh_file_open(&s->source, &s->header, o->input, NULL, err);
    if (rc == 0 && o->regions.n == 0)
        rc = c4gh_header_unlock(&s->header, &s->keys, NULL, o->input, err);
    return rc < 0 ? rc
                  : vl_outfile_open(&s->out, o->output, OUTPUT_MODE, VL_OUTFILE_REPLACES,
                                    err);
}

/* ---- under a new key ---- */

static int copy_range(struct c4gh_cut *s, const struct byte_range *range, uint8_t *bytes,
                      size_t size, struct vl_error *err)
{
    size_t got = size;
    int rc = c4gh_reader_seek(s->reader, range->beg, err);
    for (int64_t left = range->end - range->beg; rc == 0 && left > 0 && got == size;
         left -= (int64_t)got) {
        size = left < (int64_t)size ? (size_t)left : size;
        rc = c4gh_reader_read(s->reader, bytes, size, &got, err);
        if (rc == 0)
            rc = c4gh_writer_write(s->writer, bytes, got, err);
    }
    if (rc == 0 && c4gh_reader_tell(s->reader) == range->beg)
        rc = vl_error_set(err, VL_ERR_DATA, "%s: has no bytes from %lld on",
                          s->options->input, (long long)range->beg);
    return rc;
}

static int encrypt_ranges(struct c4gh_cut *s, struct vl_error *err)
{
    uint8_t bytes[VL_C4GH_PLAIN_BYTES];
    struct vl_buf header = VL_BUF_INIT;
    int rc = c4gh_reader_open(&s->reader, s->source, s->options->input, &s->header, err);
    if (rc < 0)
        return rc;
    s->source = NULL;
    rc = c4gh_writer_open(&s->writer, &s->readers, NULL, &header, c4gh_file_put, s->out,
                          err);
    if (rc == 0)
        rc = vl_outfile_write(s->out, header.data, header.len, err);
    for (size_t i = 0; rc == 0 && i < s->options->ranges.n; i++)
        rc = copy_range(s, &s->ranges[i], bytes, sizeof bytes, err);
    if (rc == 0)
        rc = c4gh_writer_finish(s->writer, err);
    vl_buf_clear(&header);
    vl_wipe(bytes, sizeof bytes);
    return rc;
}

/* ---- under the same key ---- */

static int copy_with_edits(struct c4gh_cut *s, struct vl_error *err)
{
    struct c4gh_edits edits = {0}, within = {0};
    struct vl_buf header = VL_BUF_INIT;
    int rc = 0;
    hooks_warn(&s->options->hooks,
               "--header-only: no access control: the recipients get the key of the "
               "whole file, and its data");
    if (c4gh_edits_make(&edits, (const void *)s->header.lengths.data,
                        s->header.lengths.len / sizeof(uint64_t)) < 0 ||
        c4gh_edits_within(&within, &edits, s->ranges, s->options->ranges.n) < 0)
        rc = vl_error_memory(err);
    int64_t n_plain = c4gh_source_size(s->source);
    if (rc == 0 && n_plain >= 0 && c4gh_edits_size(&within, n_plain) == 0)
        rc = vl_error_set(err, VL_ERR_DATA, "%s: has no bytes in the ranges",
                          s->options->input);
    if (rc == 0)
        rc = c4gh_reseal(&s->header, &s->readers, &within, n_plain, false, &header, err);
    if (rc == 0)
        rc = vl_outfile_write(s->out, header.data, header.len, err);
    if (rc == 0)
        rc = c4gh_file_copy(s->source, s->options->input, s->out, err);
    vl_buf_clear(&header);
    c4gh_edits_clear(&within);
    c4gh_edits_clear(&edits);
    return rc;
}

/* ---- by region, under a new key ---- */

static int encrypt_regions(struct c4gh_cut *s, struct vl_error *err)
{
    const struct vl_c4gh_slice_options *o = s->options;
    struct extraction x = {.path = o->input,
                           .keys = &s->keys,
                           .index = o->index,
                           .reference = o->reference,
                           .regions = o->regions,
                           .n_threads = o->n_threads};
    struct vl_error failure;
    hFILE *inner = NULL, *stream = NULL;
    int rc = c4gh_file_stream(s->out, &inner, &x.fd, err);
    if (rc < 0)
        return rc;
    rc = c4gh_stream_create(&stream, inner, &s->readers, &failure, err);
    if (rc < 0) {
        extract_silence(&x);
        hclose_abruptly(inner);
        return rc;
    }
    return extract(&x, stream, err);
}

static int run(struct c4gh_cut *s, struct vl_error *err)
{
    int rc = open_all(s, err);
    if (rc == 0)
        rc = s->options->regions.n > 0 ? encrypt_regions(s, err)
             : s->options->header_only ? copy_with_edits(s, err)
                                       : encrypt_ranges(s, err);
    return rc < 0 ? rc : vl_outfile_commit(s->out, err);
}

int vl_c4gh_slice(const struct vl_c4gh_slice_options *options, struct vl_error *err)
{
    struct vl_c4gh_slice_options own;
    int rc = options_take(&c4gh_slice_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct c4gh_cut s = {.options = &own};
    rc = run(&s, err);
    c4gh_writer_free(s.writer);
    vl_outfile_free(s.out);
    c4gh_reader_free(s.reader);
    c4gh_header_clear(&s.header);
    if (s.source)
        hclose_abruptly(s.source);
    c4gh_readers_clear(&s.readers);
    c4gh_keys_clear(&s.keys);
    free(s.ranges);
    return rc;
}
