/* Signatures: whose signature an operation requires on the BDIFFs it reads, and warnings
 * about missing ones. */
#ifndef VARLOCK_CORE_SIGNATURES_H
#define VARLOCK_CORE_SIGNATURES_H

#include "varlock/buf.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

/* The key whose signature is required on the BDIFFs that an operation reads.  Messages
 * call the key `path`.  Both are NULL if no signature is required. */
struct verifier {
    const struct vl_key *key;
    const char *path;
    struct vl_key *own;  /* owned; NULL if the key is borrowed */
    struct vl_buf named; /* owned; text of `path`, unless that is the caller's */
};

/* Reads the public key `verify`.  If `verify` is NULL and `signer` (read from
 * signer_path) will sign the output, `signer` itself must have signed the input, unless
 * `unverified`. */
VL_MUST_CHECK
int verifier_open(struct verifier *verifier, const char *verify,
                  const struct vl_key *signer, const char *signer_path, bool unverified,
                  struct vl_error *err);

void verifier_close(struct verifier *verifier);

/* warn_unverified warns that nobody verified who wrote `parent`.  warn_unsigned warns
 * that `made` is not signed. */
void warn_unverified(const struct vl_hooks *hooks, const char *parent, bool is_signed_on);
void warn_unsigned(const struct vl_hooks *hooks, const char *made);

#endif
