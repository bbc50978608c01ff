/* SHA-256 (FIPS 180-4) over bytes that come in pieces. */
#ifndef VARLOCK_DIGEST_H
#define VARLOCK_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"

enum { VL_SHA256_BYTES = 32 };

struct vl_digest; /* one running hash; one thread at a time */

/* Returns a running hash over nothing yet; NULL without memory. */
VL_MUST_CHECK
struct vl_digest *vl_digest_new(void);

/* Adds bytes.  A failure inside OpenSSL is remembered; _finish reports it. */
void vl_digest_add(struct vl_digest *digest, const void *bytes, size_t n);

/* Writes the hash of all bytes that were added; the handle then starts over with nothing.
 * Returns 0 or VL_ERR_MEMORY. */
VL_MUST_CHECK
int vl_digest_finish(struct vl_digest *digest, uint8_t out[static VL_SHA256_BYTES]);

/* NULL is fine. */
void vl_digest_free(struct vl_digest *digest);

/* Writes the hash of n bytes.  Returns 0 or VL_ERR_MEMORY.  Thread safe. */
VL_MUST_CHECK
int vl_sha256(const void *bytes, size_t n, uint8_t out[static VL_SHA256_BYTES]);

#endif
