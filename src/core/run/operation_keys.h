/* Keys that are given to an operation as files. */
#ifndef VARLOCK_CORE_OPERATION_KEYS_H
#define VARLOCK_CORE_OPERATION_KEYS_H

#include "crypt4gh/c4gh_keys.h"
#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

/* Public keys that a BDIFF is sealed to.  Each key is listed once. */
struct recipients {
    struct vl_key **keys; /* owned */
    char (*fingerprints)[VL_FINGERPRINT_CHARS + 1];
    size_t n;
};

/* Reads the public keys from a list of files. */
VL_MUST_CHECK
int recipients_read(struct recipients *recipients, const struct vl_list *paths,
                    struct vl_error *err);
void recipients_clear(struct recipients *recipients);

/* Reads a private key with the caller's hooks.  Warns if other users can read the file.
 * `path` NULL gives a NULL key. */
VL_MUST_CHECK
int operation_key_read_private(const char *path, const struct vl_hooks *hooks,
                               struct vl_key **key, struct vl_error *err);

/* Reads the keys that open Crypt4GH files (c4gh_keys.h), and warns as above. */
VL_MUST_CHECK
int operation_keys_read_c4gh(struct c4gh_keys *keys, const struct vl_list *paths,
                             const struct vl_hooks *hooks, struct vl_error *err);

/* Reads the key that signs, or that a signature is checked with.  Returns VL_ERR_USAGE
 * for X25519 keys, which do neither.  A signer's `path` may be NULL, as above. */
VL_MUST_CHECK
int operation_key_read_signer(const char *path, const struct vl_hooks *hooks,
                              struct vl_key **key, struct vl_error *err);
VL_MUST_CHECK
int operation_key_read_verifier(const char *path, struct vl_key **key,
                                struct vl_error *err);

/* Warns if other users can read the secret file; `what` says what it holds. */
void operation_key_warn_exposed(const char *path, const char *what,
                                const struct vl_hooks *hooks);

#endif
