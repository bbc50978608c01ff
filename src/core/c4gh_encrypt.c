#include "c4gh_batches.h"
#include "crypt4gh/c4gh_writer.h"
#include "operation_options.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/crypt4gh.h"
#include "varlock/outfile_set.h"
#include "varlock/output_paths.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

enum { OUTPUT_MODE = 0666 };

struct sealing {
    const struct vl_c4gh_encrypt_options *options;
    hFILE *in;
    struct c4gh_readers readers;
    struct vl_key *sender;
    struct vl_outfile *out, *header; /* header: NULL if it goes to `out` */
    uint8_t key[VL_C4GH_KEY_BYTES];
};

static int open_sender(struct sealing *s, struct vl_error *err)
{
    const struct vl_c4gh_encrypt_options *o = s->options;
    uint8_t public[VL_X25519_BYTES];
    int rc = operation_key_read_private(o->sender, &o->hooks, &s->sender, err);
    if (rc == 0 && s->sender && (rc = vl_key_x25519_public(s->sender, public, err)) < 0)
        rc = vl_error_prefix(err, rc, o->sender);
    return rc;
}

static int open_outputs(struct sealing *s, struct vl_error *err)
{
    const struct vl_c4gh_encrypt_options *o = s->options;
    struct vl_buf header = VL_BUF_INIT;
    int rc = vl_outfile_open(&s->out, o->output, OUTPUT_MODE, VL_OUTFILE_REPLACES, err);
    if (rc == 0 && o->header)
        rc =
            vl_outfile_open(&s->header, o->header, OUTPUT_MODE, VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = c4gh_writer_new_header(&s->readers, s->sender, s->key, &header, err);
    if (rc == 0)
        rc = vl_outfile_write(s->header ? s->header : s->out, header.data, header.len,
                              err);
    vl_buf_clear(&header);
    return rc;
}

static int open_all(struct sealing *s, struct vl_error *err)
{
    const struct vl_c4gh_encrypt_options *o = s->options;
    const char *outputs[] = {o->output, o->header}, *inputs[] = {o->input, o->sender};
    uint8_t start[VL_C4GH_MAGIC_BYTES];
    int rc = vl_file_check_outputs(outputs, 2, inputs, 2, err);
    if (rc == 0)
        rc = vl_file_check_outputs(outputs, 2, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = c4gh_readers_read(&s->readers, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = open_sender(s, err);
    if (rc < 0)
        return rc;
    s->in = hopen(o->input, "r");
    ssize_t n = s->in ? hpeek(s->in, start, sizeof start) : -1;
    if (n < 0)
        return vl_error_errno(err, "%s: cannot open", o->input);
    if (vl_c4gh_is_start(start, (size_t)n))
        hooks_warn(&o->hooks,
                   "%s: is encrypted already, and becomes so twice; reencrypt adds a "
                   "recipient",
                   o->input);
    return open_outputs(s, err);
}

static int seal_all(struct sealing *s, struct vl_error *err)
{
    const struct c4gh_stream_job job = {.in = s->in,
                                        .path = s->options->input,
                                        .out = s->out,
                                        .seals = true,
                                        .keys = s->key,
                                        .n_keys = 1,
                                        .n_threads = s->options->n_threads,
                                        .hooks = &s->options->hooks};
    return c4gh_batches_run(&job, err);
}

static int name_outputs(struct sealing *s, struct vl_error *err)
{
    struct vl_outfile_set set = {0};
    vl_outfile_set_add(&set, s->header);
    vl_outfile_set_add(&set, s->out);
    return vl_outfile_set_commit(&set, err);
}

int vl_c4gh_encrypt(const struct vl_c4gh_encrypt_options *options, struct vl_error *err)
{
    struct vl_c4gh_encrypt_options own;
    int rc = options_take(&c4gh_encrypt_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct sealing s = {.options = &own};
    rc = open_all(&s, err);
    if (rc == 0)
        rc = seal_all(&s, err);
    if (rc == 0)
        rc = name_outputs(&s, err);
    vl_wipe(s.key, sizeof s.key);
    vl_outfile_free(s.header);
    vl_outfile_free(s.out);
    vl_key_free(s.sender);
    c4gh_readers_clear(&s.readers);
    if (s.in)
        hclose_abruptly(s.in);
    return rc;
}
