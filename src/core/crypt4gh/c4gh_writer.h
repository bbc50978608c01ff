/* Writes a Crypt4GH file: one data key, a packet for each reader, full segments. */
#ifndef VARLOCK_CORE_C4GH_WRITER_H
#define VARLOCK_CORE_C4GH_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/crypt4gh.h"
#include "varlock/error.h"
#include "varlock/key.h"

struct c4gh_writer; /* one thread at a time */

/* Public X25519 keys that a file is sealed to.  Each is listed once. */
struct c4gh_readers {
    uint8_t (*keys)[VL_X25519_BYTES]; /* owned */
    size_t n;
};

/* Reads public key files: Crypt4GH, X25519 or Ed25519 (VL_ERR_KEY: others). */
VL_MUST_CHECK
int c4gh_readers_read(struct c4gh_readers *readers, const char *const *paths, size_t n,
                      struct vl_error *err);

/* Adds a key. */
VL_MUST_CHECK
int c4gh_readers_add(struct c4gh_readers *readers, const struct vl_key *key,
                     struct vl_error *err);
void c4gh_readers_clear(struct c4gh_readers *readers);

/* Takes bytes of the file in order.  0 or a negative VL_ERR_* with *err filled. */
typedef int (*c4gh_sink_fn)(void *arg, const void *bytes, size_t n, struct vl_error *err);

/* Draws a data key, which the caller wipes, and appends the header of a file under it,
 * sealed by `sender` (NULL: by a key that is drawn for it). */
VL_MUST_CHECK
int c4gh_writer_new_header(const struct c4gh_readers *readers,
                           const struct vl_key *sender,
                           uint8_t key[static VL_C4GH_KEY_BYTES], struct vl_buf *header,
                           struct vl_error *err);

/* Draws a data key.  Appends the header of the file, sealed by `sender` (NULL: by a key
 * that is drawn for it), to `header`. */
VL_MUST_CHECK
int c4gh_writer_open(struct c4gh_writer **writer, const struct c4gh_readers *readers,
                     const struct vl_key *sender, struct vl_buf *header,
                     c4gh_sink_fn sink, void *sink_arg, struct vl_error *err);

/* Takes plain bytes, and passes full segments to the sink. */
VL_MUST_CHECK
int c4gh_writer_write(struct c4gh_writer *writer, const void *bytes, size_t n,
                      struct vl_error *err);

/* Passes on the last segment, which is never empty. */
VL_MUST_CHECK
int c4gh_writer_finish(struct c4gh_writer *writer, struct vl_error *err);

/* Wipes and frees.  NULL is fine. */
void c4gh_writer_free(struct c4gh_writer *writer);

#endif
