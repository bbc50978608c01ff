#include "crypt4gh/c4gh_writer.h"

#include <stdlib.h>
#include <string.h>

#include "varlock/chacha.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"

struct c4gh_writer {
    struct vl_chacha *key;
    c4gh_sink_fn sink;
    void *sink_arg;
    size_t n_plain; /* bytes that wait in `plain` */
    uint8_t plain[VL_C4GH_PLAIN_BYTES];
    uint8_t sealed[VL_C4GH_SEGMENT_BYTES];
};

/* ---- readers ---- */

int c4gh_readers_add(struct c4gh_readers *r, const struct vl_key *key,
                     struct vl_error *err)
{
    uint8_t public[VL_X25519_BYTES];
    int rc = vl_key_x25519_public(key, public, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < r->n; i++)
        if (memcmp(r->keys[i], public, sizeof public) == 0)
            return 0;
    uint8_t(*grown)[VL_X25519_BYTES] = realloc(r->keys, (r->n + 1) * sizeof *grown);
    if (!grown)
        return vl_error_memory(err);
    r->keys = grown;
    memcpy(r->keys[r->n++], public, sizeof public);
    return 0;
}

static int read_one(struct c4gh_readers *r, const char *path, struct vl_error *err)
{
    struct vl_key *key = NULL;
    int rc = vl_key_read_public(&key, path, err);
    if (rc == 0 && (rc = c4gh_readers_add(r, key, err)) == VL_ERR_KEY)
        rc = vl_error_set(err, rc,
                          "%s: is no key that Crypt4GH can seal to; it needs a Crypt4GH, "
                          "X25519 or Ed25519 key",
                          path);
    vl_key_free(key);
    return rc;
}

int c4gh_readers_read(struct c4gh_readers *r, const char *const *paths, size_t n,
                      struct vl_error *err)
{
    int rc = 0;
    *r = (struct c4gh_readers){0};
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = read_one(r, paths[i], err);
    if (rc < 0)
        c4gh_readers_clear(r);
    return rc;
}

void c4gh_readers_clear(struct c4gh_readers *r)
{
    free(r->keys);
    *r = (struct c4gh_readers){0};
}

/* ---- the header ---- */

int c4gh_writer_new_header(const struct c4gh_readers *readers,
                           const struct vl_key *sender,
                           uint8_t key[static VL_C4GH_KEY_BYTES], struct vl_buf *header,
                           struct vl_error *err)
{
    struct vl_key *drawn = NULL;
    struct vl_buf payload = VL_BUF_INIT;
    int rc = vl_random(key, VL_C4GH_KEY_BYTES, err);
    if (rc == 0 && !sender)
        rc = vl_key_generate_type(&drawn, VL_KEY_X25519, err);
    vl_c4gh_put_start(header, (uint32_t)readers->n);
    vl_c4gh_put_data_key(&payload, key);
    if (rc == 0 && payload.failed)
        rc = vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < readers->n; i++)
        rc = vl_c4gh_packet_seal(sender ? sender : drawn, readers->keys[i], payload.data,
                                 payload.len, header, err);
    vl_key_free(drawn);
    vl_buf_wipe(&payload);
    return rc == 0 && header->failed ? vl_error_memory(err) : rc;
}

int c4gh_writer_open(struct c4gh_writer **writer, const struct c4gh_readers *readers,
                     const struct vl_key *sender, struct vl_buf *header,
                     c4gh_sink_fn sink, void *sink_arg, struct vl_error *err)
{
    uint8_t key[VL_C4GH_KEY_BYTES];
    *writer = NULL;
    struct c4gh_writer *w = calloc(1, sizeof *w);
    if (!w)
        return vl_error_memory(err);
    w->sink = sink;
    w->sink_arg = sink_arg;
    int rc = c4gh_writer_new_header(readers, sender, key, header, err);
    if (rc == 0)
        rc = vl_chacha_open(&w->key, key, err);
    vl_wipe(key, sizeof key);
    if (rc < 0)
        c4gh_writer_free(w);
    else
        *writer = w;
    return rc;
}

/* ---- segments ---- */

static int seal(struct c4gh_writer *w, const uint8_t *plain, size_t n,
                struct vl_error *err)
{
    int rc = vl_c4gh_segment_seal(w->key, plain, n, w->sealed, err);
    return rc < 0 ? rc : w->sink(w->sink_arg, w->sealed, n + VL_C4GH_OVERHEAD_BYTES, err);
}

int c4gh_writer_write(struct c4gh_writer *w, const void *bytes, size_t n,
                      struct vl_error *err)
{
    const uint8_t *at = bytes;
    while (n > 0) {
        size_t room = VL_C4GH_PLAIN_BYTES - w->n_plain, some = n < room ? n : room;
        int rc = 0;
        if (some == VL_C4GH_PLAIN_BYTES) {
            rc = seal(w, at, some, err);
        } else {
            memcpy(w->plain + w->n_plain, at, some);
            w->n_plain += some;
            if (w->n_plain == VL_C4GH_PLAIN_BYTES) {
                rc = seal(w, w->plain, w->n_plain, err);
                w->n_plain = 0;
            }
        }
        if (rc < 0)
            return rc;
        at += some;
        n -= some;
    }
    return 0;
}

int c4gh_writer_finish(struct c4gh_writer *w, struct vl_error *err)
{
    size_t n = w->n_plain;
    w->n_plain = 0;
    return n > 0 ? seal(w, w->plain, n, err) : 0;
}

void c4gh_writer_free(struct c4gh_writer *w)
{
    if (!w)
        return;
    vl_chacha_free(w->key);
    vl_wipe(w->plain, sizeof w->plain);
    free(w);
}
