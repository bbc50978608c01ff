#include "c4gh_batches.h"
#include "crypt4gh/byte_range.h"
#include "crypt4gh/c4gh_ending.h"
#include "crypt4gh/c4gh_file.h"
#include "extract/extract.h"
#include "operation_options.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

/* What is decrypted is secret. */
enum { OUTPUT_MODE = 0600, OUTPUT_RULES = VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE };
enum { PROGRESS_CHUNKS = 64 };

struct opening {
    const struct vl_c4gh_decrypt_options *options;
    struct c4gh_keys keys;
    hFILE *source; /* NULL once the reader has it */
    struct c4gh_header header;
    struct c4gh_reader *reader;
    struct byte_range range;
    struct c4gh_ending ending;
    struct vl_outfile *out;
};

static int check_paths(const struct vl_c4gh_decrypt_options *o, struct vl_error *err)
{
    static const struct vl_list NONE;
    const char *inputs[] = {o->input, o->sender, o->header, o->index, o->reference};
    return c4gh_file_check_output(o->output, inputs, 5, &o->keys, &NONE, err);
}

static int open_all(struct opening *s, struct vl_error *err)
{
    const struct vl_c4gh_decrypt_options *o = s->options;
    uint8_t key[VL_X25519_BYTES];
    const uint8_t *sender;
    s->range = (struct byte_range){0, INT64_MAX};
    int rc = o->range ? byte_range_parse(o->range, &s->range, err) : 0;
    if (rc == 0)
        rc = check_paths(o, err);
    if (rc == 0)
        rc = c4gh_file_read_sender(o->sender, key, &sender, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&s->keys, &o->keys, &o->hooks, err);
    if (rc == 0)
        rc = c4gh_file_open(&s->source, &s->header, o->input, o->header, err);
    if (rc == 0)
        rc = c4gh_header_unlock(&s->header, &s->keys, sender,
                                o->header ? o->header : o->input, err);
    return rc < 0 ? rc
                  : vl_outfile_open(&s->out, o->output, OUTPUT_MODE, OUTPUT_RULES, err);
}

/* ---- all of it ---- */

static bool is_whole(const struct opening *s)
{
    return s->range.beg == 0 && s->range.end == INT64_MAX && !s->header.has_edits;
}

static int open_whole(struct opening *s, struct vl_error *err)
{
    const struct vl_c4gh_decrypt_options *o = s->options;
    const char *warning = NULL;
    const struct c4gh_stream_job job = {.in = s->source,
                                        .path = o->input,
                                        .out = s->out,
                                        .keys = c4gh_header_key(&s->header, 0),
                                        .n_keys = c4gh_header_n_keys(&s->header),
                                        .n_threads = o->n_threads,
                                        .hooks = &o->hooks,
                                        .ending = &s->ending};
    int rc = c4gh_batches_run(&job, err);
    if (rc == 0)
        rc = c4gh_ending_check(&s->ending, o->input, &warning, err);
    if (rc == 0 && warning)
        hooks_note(&o->hooks, "%s: %s", o->input, warning);
    return rc;
}

/* ---- what is kept of it ---- */

static int copy_bytes(struct opening *s, uint8_t *bytes, size_t size,
                      struct vl_error *err)
{
    static const double UNKNOWN = -1;
    int64_t left = s->range.end - s->range.beg;
    size_t got = size;
    for (uint64_t n_chunks = 1; left > 0 && got == size; n_chunks++) {
        size = left < (int64_t)size ? (size_t)left : size;
        int rc = c4gh_reader_read(s->reader, bytes, size, &got, err);
        if (rc == 0)
            rc = vl_outfile_write(s->out, bytes, got, err);
        if (rc == 0 && n_chunks % PROGRESS_CHUNKS == 0)
            rc =
                hooks_progress(&s->options->hooks,
                               (uint64_t)c4gh_reader_tell(s->reader) >> 20, UNKNOWN, err);
        if (rc < 0)
            return rc;
        left -= (int64_t)got;
    }
    if (s->range.beg > 0 && c4gh_reader_tell(s->reader) == s->range.beg)
        return vl_error_set(err, VL_ERR_DATA, "%s: has no bytes from %lld on",
                            s->options->input, (long long)s->range.beg);
    return 0;
}

static int copy_kept(struct opening *s, struct vl_error *err)
{
    uint8_t bytes[VL_C4GH_PLAIN_BYTES];
    int rc = c4gh_reader_open(&s->reader, s->source, s->options->input, &s->header, err);
    if (rc < 0)
        return rc;
    s->source = NULL;
    rc = c4gh_reader_seek(s->reader, s->range.beg, err);
    if (rc == 0)
        rc = copy_bytes(s, bytes, sizeof bytes, err);
    vl_wipe(bytes, sizeof bytes);
    return rc;
}

/* ---- by region ---- */

static int check_regions(const struct vl_c4gh_decrypt_options *o, struct vl_error *err)
{
    if (o->range || o->header || o->sender)
        return vl_error_set(err, VL_ERR_USAGE,
                            "regions do not go together with --range, --header or -V");
    return check_paths(o, err);
}

static int decrypt_regions(struct opening *s, struct vl_error *err)
{
    const struct vl_c4gh_decrypt_options *o = s->options;
    struct extraction x = {.path = o->input,
                           .keys = &s->keys,
                           .index = o->index,
                           .reference = o->reference,
                           .regions = o->regions,
                           .n_threads = o->n_threads};
    hFILE *stream = NULL;
    int rc = check_regions(o, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&s->keys, &o->keys, &o->hooks, err);
    if (rc == 0)
        rc = vl_outfile_open(&s->out, o->output, OUTPUT_MODE, OUTPUT_RULES, err);
    if (rc == 0)
        rc = c4gh_file_stream(s->out, &stream, &x.fd, err);
    return rc < 0 ? rc : extract(&x, stream, err);
}

int vl_c4gh_decrypt(const struct vl_c4gh_decrypt_options *options, struct vl_error *err)
{
    struct vl_c4gh_decrypt_options own;
    int rc = options_take(&c4gh_decrypt_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct opening s = {.options = &own};
    if (own.regions.n > 0) {
        rc = decrypt_regions(&s, err);
    } else {
        rc = open_all(&s, err);
        if (rc == 0)
            rc = is_whole(&s) ? open_whole(&s, err) : copy_kept(&s, err);
    }
    if (rc == 0)
        rc = vl_outfile_commit(s.out, err);
    vl_outfile_free(s.out);
    c4gh_reader_free(s.reader);
    c4gh_header_clear(&s.header);
    if (s.source)
        hclose_abruptly(s.source);
    c4gh_keys_clear(&s.keys);
    return rc;
}
