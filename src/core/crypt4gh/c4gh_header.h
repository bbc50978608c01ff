/* The header of a Crypt4GH file: as it is read, and what somebody's keys open of it. */
#ifndef VARLOCK_CORE_C4GH_HEADER_H
#define VARLOCK_CORE_C4GH_HEADER_H

#include <htslib/hfile.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypt4gh/c4gh_keys.h"
#include "varlock/buf.h"
#include "varlock/crypt4gh.h"
#include "varlock/error.h"

struct c4gh_packet {
    size_t at, n; /* its bytes in the header, with the length field */
    bool opens;
    enum vl_c4gh_kind kind; /* only if it opens */
};

struct c4gh_header {
    struct vl_buf bytes;   /* the whole header */
    struct c4gh_packet *v; /* owned */
    uint32_t n, cap;       /* packets */
    struct vl_buf keys;    /* data keys that opened, in the order of the packets */
    struct vl_buf lengths; /* u64 each, of the edit list */
    bool has_edits;        /* an edit list opened; it is empty if it changes nothing */
    const struct c4gh_key *key; /* that opened them */
};

/* Reads the header from the stream's next byte on.  Memory grows with the bytes that
 * come, whatever the header says.  VL_ERR_DATA: malformed or cut short. */
VL_MUST_CHECK
int c4gh_header_read(struct c4gh_header *header, hFILE *source, const char *path,
                     struct vl_error *err);

/* Opens packets with the first of the keys that opens a data key.  Keys without a
 * passphrase are tried first.  `sender` (NULL: anybody) is the public key that must have
 * sealed the packets.  VL_ERR_KEY: none opens one; the message says which keys were
 * tried.  VL_ERR_DATA: a payload is malformed, or there are several edit lists. */
VL_MUST_CHECK
int c4gh_header_unlock(struct c4gh_header *header, struct c4gh_keys *keys,
                       const uint8_t *sender, const char *path, struct vl_error *err);

/* Number of data keys that opened, and the first byte of one of them. */
size_t c4gh_header_n_keys(const struct c4gh_header *header);
const uint8_t *c4gh_header_key(const struct c4gh_header *header, size_t i);

/* Wipes and frees. */
void c4gh_header_clear(struct c4gh_header *header);

#endif
