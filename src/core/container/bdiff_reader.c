#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/bdiff_file.h"
#include "container/earlier_files.h"
#include "container/section_keys.h"
#include "varlock/digest.h"
#include "varlock/file.h"

struct vl_bdiff_reader {
    struct vl_infile *file;
    struct vl_bdiff_envelope envelope;
    struct vl_buf envelope_bytes; /* including the MAC */
    struct section_keys section_keys;
    struct vl_bdiff_header header;
    struct vl_bdiff_trailer trailer;
    struct vl_buf signature;
    bool is_verified;
    struct vl_bdiff_index index;
};

/* A short read of a BDIFF means that the file was cut.  This is a broken seal, not an I/O
 * error. */
static int read_part(const struct vl_bdiff_reader *r, uint64_t offset, size_t n,
                     struct vl_buf *out, struct vl_error *err)
{
    if (offset > vl_infile_size(r->file) || n > vl_infile_size(r->file) - offset)
        return vl_error_set(err, VL_ERR_SEAL, "truncated");
    uint8_t *at = vl_buf_reserve(out, n);
    if (!at)
        return vl_error_memory(err);
    int rc = vl_infile_read(r->file, offset, at, n, err);
    if (rc == 0)
        out->len += n;
    return rc;
}

static int read_envelope(struct vl_bdiff_reader *r, struct vl_error *err)
{
    size_t size;
    int rc = read_part(r, 0, VL_BDIFF_FIXED_BYTES, &r->envelope_bytes, err);
    if (rc == 0)
        rc = vl_bdiff_envelope_size(r->envelope_bytes.data, &size, err);
    if (rc < 0)
        return rc;
    vl_buf_reset(&r->envelope_bytes);
    rc = read_part(r, 0, size, &r->envelope_bytes, err);
    if (rc < 0)
        return rc;
    return vl_bdiff_envelope_decode(&r->envelope, r->envelope_bytes.data,
                                    r->envelope_bytes.len, err);
}

static int envelope_opens(struct vl_bdiff_reader *r,
                          const uint8_t secret[static VL_SECRET_BYTES], bool *opens,
                          struct vl_error *err)
{
    uint8_t mac[VL_MAC_BYTES];
    size_t n = r->envelope_bytes.len - VL_BDIFF_MAC_BYTES;
    int rc = section_keys_derive(&r->section_keys, secret, r->envelope.file_id, err);
    if (rc == 0)
        rc = vl_mac(r->section_keys.envelope_mac, r->envelope_bytes.data, n, mac, err);
    *opens =
        rc == 0 && vl_compare_secret(mac, r->envelope_bytes.data + n, sizeof mac) == 0;
    return rc;
}

/* Tries only a few of the entries whose hint fits, because each one costs an operation
 * with the private key.  The result does not depend on why an entry does not open. */
static int try_entries(struct vl_bdiff_reader *r, const struct vl_key *key,
                       enum bdiff_fit *fit, struct vl_error *err)
{
    uint8_t hint[VL_HINT_BYTES], secret[VL_SECRET_BYTES];
    bool opens = false;
    const bool is_private = vl_key_is_private(key);
    uint64_t n_tried = 0;
    int rc = vl_key_hint(key, r->envelope.file_id, hint, err);
    for (size_t i = 0; rc == 0 && !opens && i < r->envelope.n_recipients; i++) {
        const struct vl_bdiff_recipient *entry = &r->envelope.recipients[i];
        if (entry->algorithm != wrap_algorithm(key) ||
            memcmp(entry->hint, hint, sizeof hint) != 0)
            continue;
        if (n_tried++ == vl_bdiff_limit(VL_LIMIT_ENTRIES_TRIED, 0) || !is_private)
            break;
        rc = vl_key_unwrap(key, r->envelope.file_id, entry->wrapped.data,
                           entry->wrapped.len, secret, err);
        if (rc == 0)
            rc = envelope_opens(r, secret, &opens, err);
    }
    vl_wipe(secret, sizeof secret);
    *fit = opens          ? BDIFF_OPENS
           : n_tried == 0 ? BDIFF_NO_ENTRY
           : is_private   ? BDIFF_BROKEN_ENTRY
                          : BDIFF_HAS_ENTRY;
    return rc;
}

static int open_envelope(struct vl_bdiff_reader *r, const struct vl_key *key,
                         const char *key_path, struct vl_error *err)
{
    enum bdiff_fit fit;
    int rc = try_entries(r, key, &fit, err);
    if (rc < 0 || fit == BDIFF_OPENS)
        return rc;
    if (fit != BDIFF_NO_ENTRY)
        return vl_error_set(err, VL_ERR_SEAL, "the seal of the envelope is broken");
    return vl_error_set(
        err, VL_ERR_KEY,
        "%s is not the key of any of its %zu recipient%s (or the envelope is "
        "damaged)",
        key_path, r->envelope.n_recipients, r->envelope.n_recipients == 1 ? "" : "s");
}

static int open_section(const struct vl_bdiff_reader *r, enum vl_bdiff_section section,
                        uint64_t ordinal, const struct vl_bdiff_entry *entry,
                        const struct vl_buf *sealed, struct vl_buf *plain,
                        struct vl_error *err)
{
    struct vl_buf context = VL_BUF_INIT;
    section_put_context(&context, r->envelope.file_id, section, ordinal, entry);
    int rc = context.failed
                 ? vl_error_memory(err)
                 : vl_unseal(r->section_keys.seal, section, ordinal, context.data,
                             context.len, sealed->data, sealed->len, plain, err);
    vl_buf_clear(&context);
    return rc;
}

/* The trailer's MAC is checked over envelope MAC || signature || trailer fields (bdiff.md
 * §7). */
static int read_trailer(struct vl_bdiff_reader *r, struct vl_error *err)
{
    struct vl_buf bytes = VL_BUF_INIT;
    uint64_t size = vl_infile_size(r->file);
    uint8_t mac[VL_MAC_BYTES];
    int rc = size < VL_BDIFF_TRAILER_BYTES
                 ? vl_error_set(err, VL_ERR_SEAL, "truncated")
                 : read_part(r, size - VL_BDIFF_TRAILER_BYTES, VL_BDIFF_TRAILER_BYTES,
                             &bytes, err);
    if (rc == 0)
        rc = vl_bdiff_trailer_decode(&r->trailer, bytes.data, size, err);
    vl_buf_reset(&bytes);
    vl_buf_add(&bytes,
               r->envelope_bytes.data + r->envelope_bytes.len - VL_BDIFF_MAC_BYTES,
               VL_BDIFF_MAC_BYTES);
    if (rc == 0)
        rc = read_part(r, r->trailer.index_offset + r->trailer.index_size,
                       r->trailer.signature_size + VL_BDIFF_TRAILER_BYTES -
                           VL_BDIFF_MAC_BYTES,
                       &bytes, err);
    if (rc == 0)
        rc = vl_mac(r->section_keys.trailer_mac, bytes.data, bytes.len, mac, err);
    if (rc == 0 && vl_compare_secret(mac, r->trailer.mac, sizeof mac) != 0)
        rc = vl_error_set(err, VL_ERR_SEAL, "the seal of the trailer is broken");
    if (rc == 0)
        vl_buf_add(&r->signature, bytes.data + VL_BDIFF_MAC_BYTES,
                   r->trailer.signature_size);
    vl_buf_clear(&bytes);
    return rc;
}

/* Checks the signature over the ciphertext (bdiff.md §7).  Nothing from an unauthorised
 * writer is decoded. */
static int check_signature(struct vl_bdiff_reader *r, const struct vl_buf *header,
                           const struct vl_buf *index, const struct vl_key *verifier,
                           const char *verifier_path, struct vl_error *err)
{
    uint8_t digest[VL_SHA256_BYTES];
    if (r->signature.len == 0)
        return vl_error_set(err, VL_ERR_SEAL, "is not signed, so %s cannot vouch for it",
                            verifier_path);
    struct vl_digest *signed_bytes = vl_digest_new();
    if (!signed_bytes)
        return vl_error_memory(err);
    vl_digest_add(signed_bytes, r->envelope_bytes.data, r->envelope_bytes.len);
    vl_digest_add(signed_bytes, header->data, header->len);
    vl_digest_add(signed_bytes, index->data, index->len);
    int rc = vl_digest_finish(signed_bytes, digest) < 0 ? vl_error_memory(err) : 0;
    vl_digest_free(signed_bytes);
    if (rc == 0)
        rc = vl_key_verify(verifier, digest, r->signature.data, r->signature.len,
                           &r->is_verified, err);
    if (rc == 0 && !r->is_verified)
        rc = vl_error_set(err, VL_ERR_SEAL, "was not signed with the key of %s",
                          verifier_path);
    return rc;
}

static int read_header(struct vl_bdiff_reader *r, const struct vl_buf *sealed,
                       struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT;
    int rc = 0;
    if (open_section(r, VL_SECTION_HEADER, 0, NULL, sealed, &plain, err) < 0)
        rc = vl_error_set(err, VL_ERR_SEAL, "the seal of the header is broken");
    if (rc == 0)
        rc = vl_bdiff_header_decode(&r->header, plain.data, plain.len, err);
    vl_buf_wipe(&plain);
    return rc;
}

static int check_places(const struct vl_bdiff_reader *r, struct vl_error *err)
{
    uint64_t end = r->envelope_bytes.len + r->envelope.header_size;
    if (r->index.n > 0) {
        const struct vl_bdiff_entry *last = &r->index.v[r->index.n - 1];
        end = last->offset + last->size_bytes;
    }
    return end == r->trailer.index_offset
               ? 0
               : vl_error_set(err, VL_ERR_SEAL,
                              "bytes are missing or added between windows");
}

static int read_index(struct vl_bdiff_reader *r, const struct vl_buf *sealed,
                      struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT;
    uint64_t windows = r->envelope_bytes.len + r->envelope.header_size;
    int rc = 0;
    if (open_section(r, VL_SECTION_INDEX, 0, NULL, sealed, &plain, err) < 0)
        rc = vl_error_set(err, VL_ERR_SEAL, "the seal of the index is broken");
    if (rc == 0)
        rc = vl_bdiff_index_decode(&r->index, plain.data, plain.len, windows,
                                   r->header.contigs.n, err);
    if (rc == 0 && r->index.is_root != r->header.is_root)
        rc = vl_error_set(err, VL_ERR_SEAL, "header and index do not belong together");
    if (rc == 0)
        rc = check_places(r, err);
    vl_buf_clear(&plain);
    return rc;
}

static int read_sections(struct vl_bdiff_reader *r, const struct vl_key *verifier,
                         const char *verifier_path, struct vl_error *err)
{
    struct vl_buf header = VL_BUF_INIT, index = VL_BUF_INIT;
    int rc = read_part(r, r->envelope_bytes.len, r->envelope.header_size, &header, err);
    if (rc == 0)
        rc = read_part(r, r->trailer.index_offset, r->trailer.index_size, &index, err);
    if (rc == 0 && verifier)
        rc = check_signature(r, &header, &index, verifier, verifier_path, err);
    if (rc == 0)
        rc = read_header(r, &header, err);
    if (rc == 0)
        rc = read_index(r, &index, err);
    vl_buf_clear(&header);
    vl_buf_clear(&index);
    return rc;
}

static int read_all(struct vl_bdiff_reader *r, const char *path, const struct vl_key *key,
                    const char *key_path, const struct vl_key *verifier,
                    const char *verifier_path, struct vl_error *err)
{
    int rc = vl_infile_open(&r->file, path, err);
    if (rc < 0)
        return earlier_files_tell(path, NULL, rc, err);
    rc = read_envelope(r, err);
    if (rc == 0)
        rc = open_envelope(r, key, key_path, err);
    if (rc == 0)
        rc = read_trailer(r, err);
    if (rc == 0)
        rc = read_sections(r, verifier, verifier_path, err);
    if (rc == 0)
        return 0;
    vl_error_prefix(err, rc, path);
    return earlier_files_tell(path, NULL, rc, err);
}

int vl_bdiff_reader_open(struct vl_bdiff_reader **handle, const char *path,
                         const struct vl_key *key, const char *key_path,
                         const struct vl_key *verifier, const char *verifier_path,
                         struct vl_error *err)
{
    *handle = NULL;
    struct vl_bdiff_reader *r = calloc(1, sizeof *r);
    if (!r)
        return vl_error_memory(err);
    int rc = read_all(r, path, key, key_path, verifier, verifier_path, err);
    if (rc < 0)
        vl_bdiff_reader_free(r);
    else
        *handle = r;
    return rc;
}

int vl_bdiff_try_key(const char *path, const struct vl_key *key, enum bdiff_fit *fit,
                     struct vl_error *err)
{
    struct vl_bdiff_reader *r = calloc(1, sizeof *r);
    if (!r)
        return vl_error_memory(err);
    int rc = vl_infile_open(&r->file, path, err);
    if (rc == 0) {
        rc = read_envelope(r, err);
        if (rc == 0)
            rc = try_entries(r, key, fit, err);
        if (rc < 0)
            rc = vl_error_prefix(err, rc, path);
    }
    vl_bdiff_reader_free(r);
    return rc < 0 ? earlier_files_tell(path, NULL, rc, err) : 0;
}

const struct vl_bdiff_header *vl_bdiff_reader_header(const struct vl_bdiff_reader *r)
{
    return &r->header;
}

const struct vl_bdiff_index *vl_bdiff_reader_index(const struct vl_bdiff_reader *r)
{
    return &r->index;
}

const char *vl_bdiff_reader_path(const struct vl_bdiff_reader *r)
{
    return vl_infile_path(r->file);
}

const uint8_t *vl_bdiff_reader_id(const struct vl_bdiff_reader *r)
{
    return r->envelope.file_id;
}

size_t vl_bdiff_reader_n_recipients(const struct vl_bdiff_reader *r)
{
    return r->envelope.n_recipients;
}

bool vl_bdiff_reader_is_signed(const struct vl_bdiff_reader *r)
{
    return r->signature.len > 0;
}

bool vl_bdiff_reader_is_verified(const struct vl_bdiff_reader *r)
{
    return r->is_verified;
}

int vl_bdiff_reader_window(const struct vl_bdiff_reader *r, size_t i,
                           struct vl_buf *plain, struct vl_error *err)
{
    const struct vl_bdiff_entry *entry = &r->index.v[i];
    struct vl_buf sealed = VL_BUF_INIT;
    uint8_t digest[VL_SHA256_BYTES];
    int rc = read_part(r, entry->offset, entry->size_bytes, &sealed, err);
    if (rc == 0 && vl_sha256(sealed.data, sealed.len, digest) < 0)
        rc = vl_error_memory(err);
    /* This digest extends the signature to the window.  The seal alone proves nothing
     * about the writer, because anyone can make it. */
    if (rc == 0 &&
        (memcmp(digest, entry->sealed_sha256, sizeof digest) != 0 ||
         open_section(r, VL_SECTION_WINDOW, i, entry, &sealed, plain, NULL) < 0))
        rc = vl_error_set(err, VL_ERR_SEAL, "the seal of window %zu is broken", i + 1);
    vl_buf_clear(&sealed);
    return rc < 0 ? vl_error_prefix(err, rc, vl_infile_path(r->file)) : 0;
}

int vl_bdiff_reader_blame_window(const struct vl_bdiff_reader *r, size_t i, int code,
                                 struct vl_error *err)
{
    char where[32];
    snprintf(where, sizeof where, "window %zu", i + 1);
    vl_error_prefix(err, code, where);
    return vl_error_prefix(err, code, vl_infile_path(r->file));
}

void vl_bdiff_reader_free(struct vl_bdiff_reader *r)
{
    if (!r)
        return;
    vl_infile_free(r->file);
    vl_bdiff_envelope_clear(&r->envelope);
    vl_buf_clear(&r->envelope_bytes);
    vl_bdiff_header_clear(&r->header);
    vl_buf_clear(&r->signature);
    vl_bdiff_index_clear(&r->index);
    vl_wipe(r, sizeof *r);
    free(r);
}
