#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/c4gh_reseal.h"
#include "operation_options.h"
#include "run/operation_keys.h"
#include "varlock/varlock.h"

enum { OUTPUT_MODE = 0666 };

struct resealing {
    const struct vl_c4gh_reencrypt_options *options;
    struct c4gh_keys keys;
    struct c4gh_readers readers;
    hFILE *source;
    struct c4gh_header header;
    struct vl_outfile *out;
};

static int open_all(struct resealing *s, struct vl_error *err)
{
    const struct vl_c4gh_reencrypt_options *o = s->options;
    int rc =
        c4gh_file_check_output(o->output, &o->input, 1, &o->keys, &o->recipients, err);
    if (rc == 0)
        rc = c4gh_readers_read(&s->readers, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&s->keys, &o->keys, &o->hooks, err);
    if (rc == 0)
        rc = c4gh_file_open(&s->source, &s->header, o->input, NULL, err);
    if (rc == 0)
        rc = c4gh_header_unlock(&s->header, &s->keys, NULL, o->input, err);
    return rc;
}

/* As in the reference implementation the packets that opened are replaced; whoever wants
 * to keep access names the own key too. */
static int write_header(struct resealing *s, struct vl_error *err)
{
    struct c4gh_edits edits = {0};
    struct vl_buf header = VL_BUF_INIT;
    int rc = c4gh_edits_make(&edits, (const void *)s->header.lengths.data,
                             s->header.lengths.len / sizeof(uint64_t)) < 0
                 ? vl_error_memory(err)
                 : 0;
    if (rc == 0)
        rc = c4gh_reseal(&s->header, &s->readers, &edits, c4gh_source_size(s->source),
                         !s->options->trim, &header, err);
    if (rc == 0)
        rc = vl_outfile_open(&s->out, s->options->output, OUTPUT_MODE,
                             VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = vl_outfile_write(s->out, header.data, header.len, err);
    vl_buf_clear(&header);
    c4gh_edits_clear(&edits);
    return rc;
}

int vl_c4gh_reencrypt(const struct vl_c4gh_reencrypt_options *options,
                      struct vl_error *err)
{
    struct vl_c4gh_reencrypt_options own;
    int rc = options_take(&c4gh_reencrypt_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct resealing s = {.options = &own};
    rc = open_all(&s, err);
    if (rc == 0)
        rc = write_header(&s, err);
    if (rc == 0)
        rc = c4gh_file_copy(s.source, own.input, s.out, err);
    if (rc == 0)
        rc = vl_outfile_commit(s.out, err);
    vl_outfile_free(s.out);
    c4gh_header_clear(&s.header);
    if (s.source)
        hclose_abruptly(s.source);
    c4gh_readers_clear(&s.readers);
    c4gh_keys_clear(&s.keys);
    return rc;
}
