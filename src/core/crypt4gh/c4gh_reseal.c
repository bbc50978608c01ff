#include "crypt4gh/c4gh_reseal.h"

#include <stdio.h>

#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/source_end.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"

struct packets {
    const struct c4gh_readers *readers;
    struct vl_key *sender; /* drawn for this header */
    struct vl_buf bytes;
    uint32_t n;
};

static int seal(struct packets *p, const struct vl_buf *payload, struct vl_error *err)
{
    int rc = payload->failed ? vl_error_memory(err) : 0;
    for (size_t i = 0; rc == 0 && i < p->readers->n; i++, p->n++)
        rc = vl_c4gh_packet_seal(p->sender, p->readers->keys[i], payload->data,
                                 payload->len, &p->bytes, err);
    return rc;
}

/* Seals what the packet holds, of whatever kind. */
static int reseal(struct packets *p, const struct c4gh_header *h,
                  const struct c4gh_packet *packet, struct vl_error *err)
{
    struct vl_buf payload = VL_BUF_INIT;
    bool opens = false;
    int rc = vl_c4gh_packet_open(h->key->key, NULL, h->bytes.data + packet->at, packet->n,
                                 &payload, &opens, err);
    if (rc == 0 && opens)
        rc = seal(p, &payload, err);
    vl_buf_wipe(&payload);
    return rc;
}

static int seal_edits(struct packets *p, const struct c4gh_edits *edits, int64_t n_plain,
                      struct vl_error *err)
{
    struct vl_buf lengths = VL_BUF_INIT, payload = VL_BUF_INIT;
    int rc = 0;
    c4gh_edits_put(edits, n_plain, &lengths);
    size_t n = lengths.len / sizeof(uint64_t);
    if (lengths.failed)
        rc = vl_error_memory(err);
    else if (n > VL_C4GH_WRITTEN_LENGTHS)
        rc = vl_error_set(err, VL_ERR_USAGE,
                          "an edit list of %zu lengths is longer than others read, %d: "
                          "take fewer ranges",
                          n, VL_C4GH_WRITTEN_LENGTHS);
    if (rc == 0 && n > 0) {
        vl_c4gh_put_edit_list(&payload, (const void *)lengths.data, (uint32_t)n);
        rc = seal(p, &payload, err);
    }
    vl_buf_clear(&payload);
    vl_buf_clear(&lengths);
    return rc;
}

/* The new packets come first, and of these the data keys: some readers try only the first
 * packets. */
static int put_packets(struct packets *p, const struct c4gh_header *h,
                       const struct c4gh_edits *edits, int64_t n_plain, bool with_others,
                       struct vl_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < h->n; i++)
        if (h->v[i].opens && h->v[i].kind != VL_C4GH_EDIT_LIST)
            rc = reseal(p, h, &h->v[i], err);
    if (rc == 0)
        rc = seal_edits(p, edits, n_plain, err);
    for (uint32_t i = 0; rc == 0 && with_others && i < h->n; i++)
        if (!h->v[i].opens) {
            vl_buf_add(&p->bytes, h->bytes.data + h->v[i].at, h->v[i].n);
            p->n++;
        }
    return rc;
}

int c4gh_reseal(const struct c4gh_header *h, const struct c4gh_readers *readers,
                const struct c4gh_edits *edits, int64_t n_plain, bool with_others,
                struct vl_buf *out, struct vl_error *err)
{
    struct packets p = {.readers = readers};
    int rc = vl_key_generate_type(&p.sender, VL_KEY_X25519, err);
    if (rc == 0)
        rc = put_packets(&p, h, edits, n_plain, with_others, err);
    vl_c4gh_put_start(out, p.n);
    vl_buf_add(out, p.bytes.data, p.bytes.len);
    if (rc == 0 && (p.bytes.failed || out->failed))
        rc = vl_error_memory(err);
    vl_key_free(p.sender);
    vl_buf_clear(&p.bytes);
    return rc;
}

int64_t c4gh_source_size(hFILE *source)
{
    off_t at = htell(source), end = source_end(source);
    if (end < 0)
        return -1;
    return hseek(source, at, SEEK_SET) < 0 ? -1 : vl_c4gh_plain_size(end - at);
}
