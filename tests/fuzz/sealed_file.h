/*
 * Plaintext of any kind as a BDIFF that is sealed as it should be, to a key of testdata:
 * what anyone can make who has the public key.  Only for fuzz targets: the first call
 * reads keys and makes a directory for scratch files, which is left to the system.
 */
#ifndef VARLOCK_TESTS_SEALED_FILE_H
#define VARLOCK_TESTS_SEALED_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/bdiff_file.h"
#include "container/section_keys.h"
#include "varlock/digest.h"
#include "varlock/frame.h"
#include "varlock/varlock.h"
#include "varlock/wire.h"

enum { SEALED_PATH_CHARS = 400 };

struct sealed_files {
    char directory[64];
    char bdiff[SEALED_PATH_CHARS], output[SEALED_PATH_CHARS], slice[SEALED_PATH_CHARS];
    char output_index[SEALED_PATH_CHARS];
    char masked[SEALED_PATH_CHARS], key[SEALED_PATH_CHARS], public[SEALED_PATH_CHARS];
    struct vl_key *recipient;
};

static inline const struct sealed_files *sealed_files(void)
{
    static struct sealed_files f;
    if (f.recipient)
        return &f;
    const char *data = getenv("TESTDATA") ? getenv("TESTDATA") : "testdata";
    snprintf(f.directory, sizeof f.directory, "/tmp/varlock-fuzz-XXXXXX");
    if (!mkdtemp(f.directory))
        abort();
    snprintf(f.bdiff, sizeof f.bdiff, "%s/in.bdiff", f.directory);
    snprintf(f.output, sizeof f.output, "%s/out.bam", f.directory);
    snprintf(f.output_index, sizeof f.output_index, "%s/out.bam.csi", f.directory);
    snprintf(f.slice, sizeof f.slice, "%s/out.bdiff", f.directory);
    snprintf(f.masked, sizeof f.masked, "%s/golden/synth.bam", data);
    snprintf(f.key, sizeof f.key, "%s/keys/owner.pem", data);
    snprintf(f.public, sizeof f.public, "%s/keys/owner.pub.pem", data);
    if (vl_key_read_public(&f.recipient, f.public, NULL) < 0)
        abort();
    vl_silence_htslib();
    return &f;
}

/* The streams of a window from u32 id, u32 size and its bytes, each; packed as a writer
 * packs them. */
static inline void sealed_pack_window(struct vl_cursor *c, struct vl_buf *plain)
{
    struct vl_bdiff_window window = {0};
    const uint8_t *check = vl_get_bytes(c, VL_CHECK_BYTES);
    if (check)
        memcpy(window.check, check, VL_CHECK_BYTES);
    while (vl_left(c) > 0 && !c->bad) {
        uint32_t id = vl_get_u32(c);
        size_t size = vl_get_u32(c);
        const uint8_t *data = vl_get_bytes(c, size);
        struct vl_buf *stream = data ? vl_bdiff_window_stream(&window, id) : NULL;
        if (stream)
            vl_buf_add(stream, data, size);
    }
    if (vl_bdiff_window_encode(&window, plain, NULL) < 0)
        abort();
    vl_bdiff_window_clear(&window);
}

static inline void sealed_put(struct vl_buf *out, const struct section_keys *keys,
                              const uint8_t *id, enum vl_bdiff_section section,
                              const struct vl_bdiff_entry *entry,
                              const struct vl_buf *plain)
{
    struct vl_buf context = VL_BUF_INIT;
    section_put_context(&context, id, section, 0, entry);
    if (vl_seal(keys->seal, section, 0, context.data, context.len,
                plain->data ? plain->data : (const uint8_t *)"", plain->len, out,
                NULL) < 0)
        abort();
    vl_buf_clear(&context);
}

/* Writes `bdiff` from the plaintext of its index, the content of its header and one
 * window.  An index that can be read gets size and digest of the window put right. */
static inline void sealed_file_write(const struct vl_buf *header_content,
                                     const struct vl_buf *index,
                                     const struct vl_buf *window)
{
    static const uint8_t SECRET[VL_SECRET_BYTES] = "not a secret",
                         ID[VL_FILE_ID_BYTES] = "an id";
    const struct sealed_files *f = sealed_files();
    struct section_keys keys;
    struct vl_bdiff_header header = {0};
    struct vl_bdiff_index x = {0};
    struct vl_bdiff_entry entry = {0};
    struct vl_buf frame = VL_BUF_INIT, sealed_header = VL_BUF_INIT;
    struct vl_buf sealed_window = VL_BUF_INIT, sealed_index = VL_BUF_INIT;
    struct vl_buf file = VL_BUF_INIT, mac_of = VL_BUF_INIT, fixed_index = VL_BUF_INIT;
    struct vl_bdiff_recipient recipient = {.algorithm = VL_WRAP_RSA_OAEP_SHA256};
    uint8_t mac[VL_MAC_BYTES];
    if (section_keys_derive(&keys, SECRET, ID, NULL) < 0 ||
        vl_frame_compress(header_content->data, header_content->len, 3, &frame, NULL) < 0)
        abort();
    size_t n_contigs = 0;
    if (vl_bdiff_header_decode(&header, frame.data, frame.len, NULL) == 0)
        n_contigs = header.contigs.n;
    vl_bdiff_header_clear(&header);
    bool good =
        vl_bdiff_index_decode(&x, index->data, index->len, 0, n_contigs, NULL) == 0 &&
        x.n > 0;
    if (good) {
        x.n = 1;
        entry = x.v[0];
    }
    sealed_put(&sealed_header, &keys, ID, VL_SECTION_HEADER, NULL, &frame);
    sealed_put(&sealed_window, &keys, ID, VL_SECTION_WINDOW, &entry, window);
    if (good) {
        x.v[0].size_bytes = (uint32_t)sealed_window.len;
        if (vl_sha256(sealed_window.data, sealed_window.len, x.v[0].sealed_sha256) < 0 ||
            vl_bdiff_index_encode(&x, &fixed_index, NULL) < 0)
            abort();
    }
    sealed_put(&sealed_index, &keys, ID, VL_SECTION_INDEX, NULL,
               good ? &fixed_index : index);
    struct vl_bdiff_envelope envelope = {.header_size = (uint32_t)sealed_header.len,
                                         .recipients = &recipient,
                                         .n_recipients = 1};
    memcpy(envelope.file_id, ID, sizeof envelope.file_id);
    if (vl_key_hint(f->recipient, ID, recipient.hint, NULL) < 0 ||
        vl_key_wrap(f->recipient, ID, SECRET, &recipient.wrapped, NULL) < 0 ||
        vl_bdiff_envelope_encode(&envelope, &file, NULL) < 0 ||
        vl_mac(keys.envelope_mac, file.data, file.len, mac, NULL) < 0)
        abort();
    vl_buf_add(&file, mac, sizeof mac);
    vl_buf_add(&file, sealed_header.data, sealed_header.len);
    vl_buf_add(&file, sealed_window.data, sealed_window.len);
    struct vl_bdiff_trailer trailer = {.index_offset = file.len,
                                       .index_size = (uint32_t)sealed_index.len};
    vl_buf_add(&file, sealed_index.data, sealed_index.len);
    vl_buf_add(&mac_of, mac, sizeof mac);
    vl_bdiff_trailer_encode(&trailer, &mac_of);
    vl_bdiff_trailer_encode(&trailer, &file);
    if (vl_mac(keys.trailer_mac, mac_of.data, mac_of.len, mac, NULL) < 0)
        abort();
    vl_buf_add(&file, mac, sizeof mac);
    FILE *out = fopen(f->bdiff, "wb");
    if (!out || fwrite(file.data, 1, file.len, out) != file.len || fclose(out) != 0)
        abort();
    struct vl_buf *const all[] = {
        &frame, &sealed_header, &sealed_window, &sealed_index,
        &file,  &mac_of,        &fixed_index,   &recipient.wrapped};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        vl_buf_clear(all[i]);
    vl_bdiff_index_clear(&x);
}

/* Input: u32 size and the content of a header, u32 size and the plaintext of an index,
 * then a window: u8 0 and its plaintext, or u8 1, its check and its streams. */
static inline void sealed_file_of_input(const uint8_t *bytes, size_t n)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    struct vl_buf parts[3] = {VL_BUF_INIT, VL_BUF_INIT, VL_BUF_INIT};
    for (int i = 0; i < 2; i++) {
        size_t size = vl_get_u32(&c);
        const uint8_t *part = vl_get_bytes(&c, size);
        vl_buf_add(&parts[i], part, part ? size : 0);
    }
    if (vl_get_u8(&c) == 1)
        sealed_pack_window(&c, &parts[2]);
    else
        vl_buf_add(&parts[2], c.at, vl_left(&c));
    sealed_file_write(&parts[0], &parts[1], &parts[2]);
    for (int i = 0; i < 3; i++)
        vl_buf_clear(&parts[i]);
}

#endif
