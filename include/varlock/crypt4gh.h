/*
 * Crypt4GH (GA4GH hts-specs, crypt4gh.tex, version 1): headers, their packets and what is
 * sealed in them, and segments.  formats/crypt4gh.md says which bytes go where.  The code
 * here works on memory and is thread safe, one handle at a time.  Unless a function says
 * otherwise, failures are VL_ERR_MEMORY.
 */
#ifndef VARLOCK_CRYPT4GH_H
#define VARLOCK_CRYPT4GH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/chacha.h"
#include "varlock/fail.h"
#include "varlock/key.h"

/* Sizes in bytes, unless the name says otherwise. */
enum {
    VL_C4GH_MAGIC_BYTES = 8,
    VL_C4GH_START_BYTES = 16, /* magic, version, number of packets */
    VL_C4GH_LENGTH_BYTES = 4, /* of a packet, before the rest of it */
    VL_C4GH_PACKET_MIN = 68,  /* of a packet that seals nothing */
    VL_C4GH_PACKET_MAX = 1 << 20,
    VL_C4GH_HEADER_MAX = 1 << 26,
    VL_C4GH_PACKETS_MAX =
        1 << 16, /* a number: each costs a reader an agreement of keys */
    VL_C4GH_KEY_BYTES = 32,
    VL_C4GH_NONCE_BYTES = 12,
    VL_C4GH_PLAIN_BYTES = 65536, /* of a segment, but for the last one */
    VL_C4GH_OVERHEAD_BYTES = 28, /* of a segment: nonce and tag */
    VL_C4GH_SEGMENT_BYTES = VL_C4GH_PLAIN_BYTES + VL_C4GH_OVERHEAD_BYTES,
    VL_C4GH_WRITTEN_LENGTHS = 54 /* greatest number in an edit list that others read */
};

/* Whether the bytes, of which there are n, begin a Crypt4GH file. */
bool vl_c4gh_is_start(const void *bytes, size_t n);

/* ---- headers ---- */

/* Reads the number of packets.  VL_ERR_DATA: no Crypt4GH file, or not of version 1. */
VL_MUST_CHECK
int vl_c4gh_start_decode(const uint8_t start[static VL_C4GH_START_BYTES],
                         uint32_t *n_packets, struct vl_error *err);

/* Reads the size of a packet, with its length field.  VL_ERR_DATA: out of range. */
VL_MUST_CHECK
int vl_c4gh_length_decode(const uint8_t bytes[static VL_C4GH_LENGTH_BYTES],
                          uint32_t *size_bytes, struct vl_error *err);

/* Appends magic, version and the number of packets that follow. */
void vl_c4gh_put_start(struct vl_buf *out, uint32_t n_packets);

/* ---- packets ---- */

/* Seals a payload to the reader's public X25519 key, and appends the packet.  `writer` is
 * a pair that agrees.  VL_ERR_KEY: a key that does not agree. */
VL_MUST_CHECK
int vl_c4gh_packet_seal(const struct vl_key *writer,
                        const uint8_t reader[static VL_X25519_BYTES], const void *payload,
                        size_t n, struct vl_buf *out, struct vl_error *err);

/* Opens a packet, with its length field, of n bytes (VL_C4GH_PACKET_MIN at least) with
 * the reader's pair.  Appends the payload if *opens becomes true.  It becomes false where
 * the packet is not for this reader, is damaged, or is of another method.  `writer` (may
 * be NULL) is the public key that must have sealed it.  The caller wipes `payload`. */
VL_MUST_CHECK
int vl_c4gh_packet_open(const struct vl_key *reader, const uint8_t *writer,
                        const uint8_t *packet, size_t n, struct vl_buf *payload,
                        bool *opens, struct vl_error *err);

enum vl_c4gh_kind { VL_C4GH_DATA_KEY = 0, VL_C4GH_EDIT_LIST = 1, VL_C4GH_UNKNOWN };

/* Reads what kind of payload this is.  VL_ERR_DATA where a data key or an edit list is
 * shorter than it must be.  Bytes behind it are padding.  A data key for another cipher
 * than ChaCha20-Poly1305 is unknown. */
VL_MUST_CHECK
int vl_c4gh_payload_kind(const uint8_t *payload, size_t n, enum vl_c4gh_kind *kind,
                         struct vl_error *err);

/* The data key in a payload of that kind; its memory is the payload's. */
const uint8_t *vl_c4gh_data_key(const uint8_t *payload);

/* Appends the lengths (u64 each) in a payload of kind VL_C4GH_EDIT_LIST.  VL_ERR_DATA
 * where they add up to more than 2^63 - 1. */
VL_MUST_CHECK
int vl_c4gh_edit_list_decode(const uint8_t *payload, struct vl_buf *lengths,
                             struct vl_error *err);

/* These append a payload. */
void vl_c4gh_put_data_key(struct vl_buf *out,
                          const uint8_t key[static VL_C4GH_KEY_BYTES]);
void vl_c4gh_put_edit_list(struct vl_buf *out, const uint64_t *lengths, uint32_t n);

/* ---- segments ---- */

/* Number of plain bytes in segments of n bytes together; -1 where no segments have so
 * many. */
int64_t vl_c4gh_plain_size(int64_t n);

/* Seals n bytes (at most VL_C4GH_PLAIN_BYTES) under a data key and a new nonce.  Writes
 * n + VL_C4GH_OVERHEAD_BYTES bytes to `segment`. */
VL_MUST_CHECK
int vl_c4gh_segment_seal(struct vl_chacha *key, const uint8_t *plain, size_t n,
                         uint8_t *segment, struct vl_error *err);

/* Opens a segment of n bytes (VL_C4GH_OVERHEAD_BYTES at least), and writes that many
 * less to `plain`.  Where *opens becomes false, they are zeros. */
VL_MUST_CHECK
int vl_c4gh_segment_open(struct vl_chacha *key, const uint8_t *segment, size_t n,
                         uint8_t *plain, bool *opens, struct vl_error *err);

#endif
