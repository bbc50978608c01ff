#include "crypt4gh/c4gh_header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/seal.h"

/* ---- reading ---- */

/* Appends the next n bytes of the stream to the header, a few at a time: memory is taken
 * for what is there, not for what the header says. */
static int take(struct c4gh_header *h, hFILE *source, size_t n, const char *path,
                struct vl_error *err)
{
    enum { STEP = 1 << 15 };
    for (size_t left = n, step; left > 0; left -= step) {
        step = left < STEP ? left : STEP;
        uint8_t *to = vl_buf_reserve(&h->bytes, step);
        if (!to)
            return vl_error_memory(err);
        ssize_t got = hread(source, to, step);
        if (got < 0)
            return vl_error_errno(err, "%s: cannot read", path);
        h->bytes.len += (size_t)got;
        if ((size_t)got < step)
            return vl_error_set(err, VL_ERR_DATA,
                                "%s: is truncated: its Crypt4GH header ends after %zu "
                                "bytes",
                                path, h->bytes.len);
    }
    return 0;
}

static int read_packet(struct c4gh_header *h, hFILE *source, const char *path,
                       struct vl_error *err)
{
    size_t at = h->bytes.len;
    uint32_t size = 0;
    int rc = take(h, source, VL_C4GH_LENGTH_BYTES, path, err);
    if (rc == 0 && (rc = vl_c4gh_length_decode(h->bytes.data + at, &size, err)) < 0)
        rc = vl_error_prefix(err, rc, path);
    if (rc == 0 && at + size > VL_C4GH_HEADER_MAX)
        rc =
            vl_error_set(err, VL_ERR_DATA, "%s: its Crypt4GH header has more than %d MiB",
                         path, VL_C4GH_HEADER_MAX >> 20);
    if (rc == 0)
        rc = take(h, source, size - VL_C4GH_LENGTH_BYTES, path, err);
    if (rc < 0)
        return rc;
    if (h->n == h->cap) {
        uint32_t cap = h->cap ? 2 * h->cap : 4;
        struct c4gh_packet *grown = realloc(h->v, cap * sizeof *grown);
        if (!grown)
            return vl_error_memory(err);
        h->v = grown;
        h->cap = cap;
    }
    h->v[h->n++] = (struct c4gh_packet){.at = at, .n = size};
    return 0;
}

int c4gh_header_read(struct c4gh_header *h, hFILE *source, const char *path,
                     struct vl_error *err)
{
    uint32_t n_packets = 0;
    *h = (struct c4gh_header){0};
    int rc = take(h, source, VL_C4GH_START_BYTES, path, err);
    if (rc == 0 && (rc = vl_c4gh_start_decode(h->bytes.data, &n_packets, err)) < 0)
        rc = vl_error_prefix(err, rc, path);
    for (uint32_t i = 0; rc == 0 && i < n_packets; i++)
        rc = read_packet(h, source, path, err);
    if (rc < 0)
        c4gh_header_clear(h);
    return rc;
}

/* ---- unlocking ---- */

static int take_payload(struct c4gh_header *h, struct c4gh_packet *p,
                        const struct vl_buf *payload, struct vl_error *err)
{
    int rc = vl_c4gh_payload_kind(payload->data, payload->len, &p->kind, err);
    if (rc < 0)
        return rc;
    if (p->kind == VL_C4GH_DATA_KEY)
        vl_buf_add(&h->keys, vl_c4gh_data_key(payload->data), VL_C4GH_KEY_BYTES);
    if (h->keys.failed)
        return vl_error_memory(err);
    if (p->kind != VL_C4GH_EDIT_LIST)
        return 0;
    if (h->has_edits)
        return vl_error_set(err, VL_ERR_DATA, "its Crypt4GH header has two edit lists");
    h->has_edits = true;
    return vl_c4gh_edit_list_decode(payload->data, &h->lengths, err);
}

static void forget(struct c4gh_header *h)
{
    vl_buf_wipe(&h->keys);
    vl_buf_clear(&h->lengths);
    h->has_edits = false;
    h->key = NULL;
}

static int try_key(struct c4gh_header *h, const struct c4gh_key *key,
                   const uint8_t *sender, struct vl_error *err)
{
    struct vl_buf payload = VL_BUF_INIT;
    size_t largest = 0;
    forget(h);
    for (uint32_t i = 0; i < h->n; i++)
        largest = h->v[i].n > largest ? h->v[i].n : largest;
    /* Secrets that a buffer leaves behind when it grows are not wiped. */
    int rc = vl_buf_reserve(&payload, largest) &&
                     vl_buf_reserve(&h->keys, h->n * (size_t)VL_C4GH_KEY_BYTES)
                 ? 0
                 : vl_error_memory(err);
    for (uint32_t i = 0; rc == 0 && i < h->n; i++) {
        struct c4gh_packet *p = &h->v[i];
        vl_buf_reset(&payload);
        rc = vl_c4gh_packet_open(key->key, sender, h->bytes.data + p->at, p->n, &payload,
                                 &p->opens, err);
        if (rc == 0 && p->opens)
            rc = take_payload(h, p, &payload, err);
    }
    vl_buf_wipe(&payload);
    if (rc == 0 && h->keys.len > 0)
        h->key = key;
    return rc;
}

/* "x.c4gh: none of its 3 packets holds a data key for a.sec, b.sec (wrong passphrase)" */
static int refuse(const struct c4gh_header *h, const struct c4gh_keys *keys,
                  const uint8_t *sender, const char *path, struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    uint32_t n_open = 0;
    for (uint32_t i = 0; i < h->n; i++)
        n_open += h->v[i].opens;
    for (size_t i = 0; i < keys->n; i++)
        vl_buf_addf(&text, "%s%s", i > 0 ? "; " : "",
                    keys->v[i].refusal ? keys->v[i].refusal : keys->v[i].path);
    int rc = text.failed
                 ? vl_error_memory(err)
                 : vl_error_set(
                       err, VL_ERR_KEY,
                       "%s: no key opens it: of the %u packet%s of its header %u open, "
                       "and none holds a data key%s; tried: %.*s",
                       path, h->n, h->n == 1 ? "" : "s", n_open,
                       sender ? " sealed by the sender given" : "", (int)text.len,
                       (const char *)text.data);
    vl_buf_clear(&text);
    return rc;
}

static int unlock(struct c4gh_header *h, struct c4gh_keys *keys, const uint8_t *sender,
                  const char *path, struct vl_error *err)
{
    int rc = 0;
    for (int locked = 0; locked < 2; locked++)
        for (size_t i = 0; rc == 0 && !h->key && i < keys->n; i++) {
            struct c4gh_key *key = &keys->v[i];
            bool was_tried = locked && key->key;
            if (locked && !was_tried)
                rc = c4gh_key_unlock(keys, key, err);
            if (rc < 0)
                return rc;
            if (key->key && !was_tried && (rc = try_key(h, key, sender, err)) < 0)
                rc = vl_error_prefix(err, rc, path);
        }
    return rc < 0 || h->key ? rc : refuse(h, keys, sender, path, err);
}

int c4gh_header_unlock(struct c4gh_header *h, struct c4gh_keys *keys,
                       const uint8_t *sender, const char *path, struct vl_error *err)
{
    pthread_mutex_lock(&keys->mutex);
    int rc = unlock(h, keys, sender, path, err);
    pthread_mutex_unlock(&keys->mutex);
    return rc;
}

size_t c4gh_header_n_keys(const struct c4gh_header *h)
{
    return h->keys.len / VL_C4GH_KEY_BYTES;
}

const uint8_t *c4gh_header_key(const struct c4gh_header *h, size_t i)
{
    return h->keys.data + i * VL_C4GH_KEY_BYTES;
}

void c4gh_header_clear(struct c4gh_header *h)
{
    forget(h);
    vl_buf_clear(&h->bytes);
    free(h->v);
    *h = (struct c4gh_header){0};
}
