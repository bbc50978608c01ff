#include <stdlib.h>
#include <string.h>

#include "container/bdiff_file.h"
#include "container/section_keys.h"
#include "varlock/digest.h"
#include "varlock/outfile.h"

struct vl_bdiff_writer {
    uint8_t id[VL_BDIFF_ID_BYTES];
    uint8_t secret[VL_SECRET_BYTES];
    struct section_keys section_keys;
    struct vl_outfile *file;
    struct vl_digest *signed_bytes; /* digest of envelope, header and index ciphertext */
    uint8_t envelope_mac[VL_MAC_BYTES];
    struct vl_bdiff_index index;
};

int vl_bdiff_writer_new(struct vl_bdiff_writer **handle, struct vl_error *err)
{
    *handle = NULL;
    struct vl_bdiff_writer *w = calloc(1, sizeof *w);
    if (!w)
        return vl_error_memory(err);
    w->signed_bytes = vl_digest_new();
    int rc = w->signed_bytes ? vl_random(w->id, sizeof w->id, err) : vl_error_memory(err);
    if (rc == 0)
        rc = vl_random(w->secret, sizeof w->secret, err);
    if (rc == 0)
        rc = section_keys_derive(&w->section_keys, w->secret, w->id, err);
    if (rc < 0)
        vl_bdiff_writer_free(w);
    else
        *handle = w;
    return rc;
}

const uint8_t *vl_bdiff_writer_id(const struct vl_bdiff_writer *w)
{
    return w->id;
}

static int write_signed(struct vl_bdiff_writer *w, const void *bytes, size_t n,
                        struct vl_error *err)
{
    vl_digest_add(w->signed_bytes, bytes, n);
    return vl_outfile_write(w->file, bytes, n, err);
}

static int seal_section(const struct vl_bdiff_writer *w, enum vl_bdiff_section section,
                        uint64_t ordinal, const struct vl_bdiff_entry *entry,
                        const struct vl_buf *plain, struct vl_buf *sealed,
                        struct vl_error *err)
{
    struct vl_buf context = VL_BUF_INIT;
    section_put_context(&context, w->id, section, ordinal, entry);
    int rc = context.failed
                 ? vl_error_memory(err)
                 : vl_seal(w->section_keys.seal, section, ordinal, context.data,
                           context.len, plain->data, plain->len, sealed, err);
    vl_buf_clear(&context);
    return rc;
}

static int wrap_secret(const struct vl_bdiff_writer *w, struct vl_key *const *recipients,
                       size_t n, struct vl_bdiff_envelope *envelope, struct vl_error *err)
{
    envelope->recipients = calloc(n + 1, sizeof *envelope->recipients);
    if (!envelope->recipients)
        return vl_error_memory(err);
    memcpy(envelope->file_id, w->id, sizeof w->id);
    for (size_t i = 0; i < n; i++) {
        struct vl_bdiff_recipient *r = &envelope->recipients[envelope->n_recipients++];
        r->algorithm = wrap_algorithm(recipients[i]);
        int rc = vl_key_hint(recipients[i], w->id, r->hint, err);
        if (rc == 0)
            rc = vl_key_wrap(recipients[i], w->id, w->secret, &r->wrapped, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Writes the envelope with its MAC, then the header. */
static int write_front(struct vl_bdiff_writer *w,
                       const struct vl_bdiff_envelope *envelope,
                       const struct vl_buf *header, struct vl_error *err)
{
    struct vl_buf bytes = VL_BUF_INIT;
    int rc = vl_bdiff_envelope_encode(envelope, &bytes, err);
    if (rc == 0)
        rc = vl_mac(w->section_keys.envelope_mac, bytes.data, bytes.len, w->envelope_mac,
                    err);
    if (rc == 0)
        rc = write_signed(w, bytes.data, bytes.len, err);
    if (rc == 0)
        rc = write_signed(w, w->envelope_mac, sizeof w->envelope_mac, err);
    if (rc == 0)
        rc = write_signed(w, header->data, header->len, err);
    vl_buf_clear(&bytes);
    return rc;
}

int vl_bdiff_writer_open(struct vl_bdiff_writer *w, const char *path, bool replaces,
                         struct vl_key *const *recipients, size_t n_recipients,
                         const struct vl_bdiff_header *header, struct vl_error *err)
{
    struct vl_bdiff_envelope envelope = {0};
    struct vl_buf plain = VL_BUF_INIT, sealed = VL_BUF_INIT;
    unsigned rules = VL_OUTFILE_NO_PIPE | (replaces ? VL_OUTFILE_REPLACES : 0);
    int rc = vl_outfile_open(&w->file, path, 0600, rules, err);
    if (rc == 0)
        rc = vl_bdiff_header_encode(header, &plain, err);
    if (rc == 0)
        rc = seal_section(w, VL_SECTION_HEADER, 0, NULL, &plain, &sealed, err);
    if (rc == 0)
        rc = wrap_secret(w, recipients, n_recipients, &envelope, err);
    if (rc == 0) {
        envelope.header_size = (uint32_t)sealed.len;
        rc = write_front(w, &envelope, &sealed, err);
    }
    if (rc < 0) {
        vl_outfile_free(w->file);
        w->file = NULL;
    }
    vl_bdiff_envelope_clear(&envelope);
    vl_buf_wipe(&plain);
    vl_buf_clear(&sealed);
    return rc;
}

int vl_bdiff_writer_seal(const struct vl_bdiff_writer *w, uint64_t ordinal,
                         const struct vl_buf *plain, struct vl_bdiff_entry *entry,
                         struct vl_buf *sealed, struct vl_error *err)
{
    vl_buf_reset(sealed);
    int rc = seal_section(w, VL_SECTION_WINDOW, ordinal, entry, plain, sealed, err);
    if (rc == 0 && vl_sha256(sealed->data, sealed->len, entry->sealed_sha256) < 0)
        rc = vl_error_memory(err);
    entry->size_bytes = (uint32_t)sealed->len;
    return rc;
}

int vl_bdiff_writer_reseal(const struct vl_bdiff_writer *w, uint64_t ordinal,
                           const struct vl_bdiff_reader *from, size_t i,
                           struct vl_buf *plain, struct vl_bdiff_entry *entry,
                           struct vl_buf *sealed, struct vl_error *err)
{
    vl_buf_reset(plain);
    *entry = vl_bdiff_reader_index(from)->v[i];
    int rc = vl_bdiff_reader_window(from, i, plain, err);
    return rc < 0 ? rc : vl_bdiff_writer_seal(w, ordinal, plain, entry, sealed, err);
}

int vl_bdiff_writer_add(struct vl_bdiff_writer *w, const struct vl_bdiff_entry *entry,
                        const struct vl_buf *sealed, struct vl_error *err)
{
    if (vl_bdiff_index_add(&w->index, entry) < 0)
        return vl_error_memory(err);
    return vl_outfile_write(w->file, sealed->data, sealed->len, err);
}

struct vl_bdiff_index *vl_bdiff_writer_index(struct vl_bdiff_writer *w)
{
    return &w->index;
}

static int write_index(struct vl_bdiff_writer *w, struct vl_bdiff_trailer *trailer,
                       struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT, sealed = VL_BUF_INIT;
    trailer->index_offset = vl_outfile_tell(w->file);
    int rc = vl_bdiff_index_encode(&w->index, &plain, err);
    if (rc == 0)
        rc = seal_section(w, VL_SECTION_INDEX, 0, NULL, &plain, &sealed, err);
    if (rc == 0 && sealed.len > UINT32_MAX)
        rc = vl_error_set(err, VL_ERR_DATA, "the index is larger than 4 GB");
    if (rc == 0)
        rc = write_signed(w, sealed.data, sealed.len, err);
    trailer->index_size = (uint32_t)sealed.len;
    vl_buf_wipe(&plain);
    vl_buf_clear(&sealed);
    return rc;
}

/* The MAC of the trailer covers the MAC of the envelope (bdiff.md §7), so a trailer fits
 * no other file. */
int vl_bdiff_writer_finish(struct vl_bdiff_writer *w, const struct vl_key *signer,
                           struct vl_error *err)
{
    struct vl_bdiff_trailer trailer = {0};
    struct vl_buf bytes = VL_BUF_INIT;
    uint8_t digest[VL_SHA256_BYTES];
    int rc = write_index(w, &trailer, err);
    if (rc == 0 && vl_digest_finish(w->signed_bytes, digest) < 0)
        rc = vl_error_memory(err);
    vl_buf_add(&bytes, w->envelope_mac, sizeof w->envelope_mac);
    if (rc == 0 && signer)
        rc = vl_key_sign(signer, digest, &bytes, err);
    if (rc == 0) {
        trailer.signature_size = (uint32_t)(bytes.len - sizeof w->envelope_mac);
        vl_bdiff_trailer_encode(&trailer, &bytes);
        rc = bytes.failed ? vl_error_memory(err)
                          : vl_mac(w->section_keys.trailer_mac, bytes.data, bytes.len,
                                   trailer.mac, err);
    }
    if (rc == 0)
        rc = vl_outfile_write(w->file, bytes.data + sizeof w->envelope_mac,
                              bytes.len - sizeof w->envelope_mac, err);
    if (rc == 0)
        rc = vl_outfile_write(w->file, trailer.mac, sizeof trailer.mac, err);
    vl_buf_clear(&bytes);
    return rc;
}

uint64_t vl_bdiff_writer_tell(const struct vl_bdiff_writer *w)
{
    return vl_outfile_tell(w->file);
}

int vl_bdiff_writer_commit(struct vl_bdiff_writer *w, struct vl_error *err)
{
    return vl_outfile_commit(w->file, err);
}

struct vl_outfile *vl_bdiff_writer_file(const struct vl_bdiff_writer *w)
{
    return w->file;
}

void vl_bdiff_writer_free(struct vl_bdiff_writer *w)
{
    if (!w)
        return;
    vl_outfile_free(w->file);
    vl_digest_free(w->signed_bytes);
    vl_bdiff_index_clear(&w->index);
    vl_wipe(w, sizeof *w);
    free(w);
}
