#include <stdio.h>

#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/c4gh_writer.h"
#include "operation_options.h"
#include "varlock/crypt4gh.h"
#include "varlock/output_paths.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

enum { OUTPUT_MODE = 0666, COPY_BYTES = 1 << 16 };

struct resealing {
    const struct vl_c4gh_reencrypt_options *options;
    struct c4gh_keys keys;
    struct c4gh_readers readers;
    hFILE *source;
    struct c4gh_header header;
    struct vl_key *sender; /* drawn for the new packets */
    struct vl_buf packets; /* the new header without its start */
    uint32_t n_packets;
    struct vl_outfile *out;
};

static int open_all(struct resealing *s, struct vl_error *err)
{
    const struct vl_c4gh_reencrypt_options *o = s->options;
    int rc = vl_file_check_outputs(&o->output, 1, &o->input, 1, err);
    if (rc == 0)
        rc = vl_file_check_outputs(&o->output, 1, o->keys.v, o->keys.n, err);
    if (rc == 0)
        rc = vl_file_check_outputs(&o->output, 1, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = c4gh_readers_read(&s->readers, o->recipients.v, o->recipients.n, err);
    if (rc == 0)
        rc = c4gh_keys_read(&s->keys, &o->keys, &o->hooks, err);
    if (rc == 0)
        rc = c4gh_file_open(&s->source, &s->header, o->input, NULL, err);
    if (rc == 0)
        rc = c4gh_header_unlock(&s->header, &s->keys, NULL, o->input, err);
    if (rc == 0)
        rc = vl_key_generate_type(&s->sender, VL_KEY_X25519, err);
    return rc;
}

static int seal(struct resealing *s, const struct vl_buf *payload, struct vl_error *err)
{
    int rc = payload->failed ? vl_error_memory(err) : 0;
    for (size_t i = 0; rc == 0 && i < s->readers.n; i++, s->n_packets++)
        rc = vl_c4gh_packet_seal(s->sender, s->readers.keys[i], payload->data,
                                 payload->len, &s->packets, err);
    return rc;
}

/* Seals to the recipients what the packet holds, of whatever kind. */
static int reseal(struct resealing *s, const struct c4gh_packet *p, struct vl_error *err)
{
    struct vl_buf payload = VL_BUF_INIT;
    bool opens = false;
    int rc = vl_c4gh_packet_open(s->header.key->key, NULL, s->header.bytes.data + p->at,
                                 p->n, &payload, &opens, err);
    if (rc == 0 && opens)
        rc = seal(s, &payload, err);
    vl_buf_wipe(&payload);
    return rc;
}

/* Bytes of the plain file; -1 where the source does not tell. */
static int64_t plain_size(struct resealing *s)
{
    off_t at = htell(s->source), end = hseek(s->source, 0, SEEK_END);
    if (end < 0) {
        hclearerr(s->source);
        return -1;
    }
    if (hseek(s->source, at, SEEK_SET) < 0)
        return -1;
    return vl_c4gh_plain_size(end - at);
}

/* The edit list as all readers take it. */
static int seal_edits(struct resealing *s, struct vl_error *err)
{
    struct c4gh_edits edits = {0};
    struct vl_buf lengths = VL_BUF_INIT, payload = VL_BUF_INIT;
    int rc = c4gh_edits_make(&edits, (const void *)s->header.lengths.data,
                             s->header.lengths.len / sizeof(uint64_t)) < 0
                 ? vl_error_memory(err)
                 : 0;
    if (rc == 0)
        c4gh_edits_put(&edits, plain_size(s), &lengths);
    if (rc == 0 && lengths.len > 0) {
        vl_c4gh_put_edit_list(&payload, (const void *)lengths.data,
                              (uint32_t)(lengths.len / sizeof(uint64_t)));
        rc = lengths.failed ? vl_error_memory(err) : seal(s, &payload, err);
    }
    vl_buf_clear(&payload);
    vl_buf_clear(&lengths);
    c4gh_edits_clear(&edits);
    return rc;
}

/* The new packets come first, and of these the data keys: some readers try only the first
 * packets.  As in the reference implementation the packets that opened are replaced;
 * whoever wants to keep access names the own key too. */
static int put_packets(struct resealing *s, struct vl_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < s->header.n; i++)
        if (s->header.v[i].opens && s->header.v[i].kind != VL_C4GH_EDIT_LIST)
            rc = reseal(s, &s->header.v[i], err);
    if (rc == 0 && s->header.has_edits)
        rc = seal_edits(s, err);
    for (uint32_t i = 0; rc == 0 && !s->options->trim && i < s->header.n; i++)
        if (!s->header.v[i].opens) {
            vl_buf_add(&s->packets, s->header.bytes.data + s->header.v[i].at,
                       s->header.v[i].n);
            s->n_packets++;
        }
    return rc == 0 && s->packets.failed ? vl_error_memory(err) : rc;
}

static int write_header(struct resealing *s, struct vl_error *err)
{
    struct vl_buf start = VL_BUF_INIT;
    int rc = put_packets(s, err);
    vl_c4gh_put_start(&start, s->n_packets);
    if (rc == 0 && start.failed)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = vl_outfile_open(&s->out, s->options->output, OUTPUT_MODE,
                             VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = vl_outfile_write(s->out, start.data, start.len, err);
    if (rc == 0)
        rc = vl_outfile_write(s->out, s->packets.data, s->packets.len, err);
    vl_buf_clear(&start);
    return rc;
}

static int copy_segments(struct resealing *s, struct vl_error *err)
{
    uint8_t bytes[COPY_BYTES];
    for (;;) {
        ssize_t n = hread(s->source, bytes, sizeof bytes);
        if (n < 0)
            return vl_error_errno(err, "%s: cannot read", s->options->input);
        if (n == 0)
            return 0;
        int rc = vl_outfile_write(s->out, bytes, (size_t)n, err);
        if (rc < 0)
            return rc;
    }
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
        rc = copy_segments(&s, err);
    if (rc == 0)
        rc = vl_outfile_commit(s.out, err);
    vl_outfile_free(s.out);
    vl_buf_clear(&s.packets);
    vl_key_free(s.sender);
    c4gh_header_clear(&s.header);
    if (s.source)
        hclose_abruptly(s.source);
    c4gh_readers_clear(&s.readers);
    c4gh_keys_clear(&s.keys);
    return rc;
}
