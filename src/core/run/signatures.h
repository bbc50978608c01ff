/* Who vouches for a BDIFF that something is made of, and for what is made of it. */
#ifndef VARLOCK_CORE_SIGNATURES_H
#define VARLOCK_CORE_SIGNATURES_H

#include "varlock/buf.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

/* Whose signature the BDIFFs must have that an operation reads: the key of `path`, which
 * messages name.  Both NULL: nobody's. */
struct verifier {
    const struct vl_key *key;
    const char *path;
    struct vl_key *own;  /* owned; NULL where the key is lent */
    struct vl_buf named; /* what `path` points to, where it is not the caller's */
};

/* Reads the public key `verify`.  Where that is NULL and `signer` (from signer_path) will
 * sign, the signer's own key must have signed what it signs on, unless `unverified`. */
VL_MUST_CHECK
int verifier_open(struct verifier *verifier, const char *verify,
                  const struct vl_key *signer, const char *signer_path, bool unverified,
                  struct vl_error *err);

void verifier_close(struct verifier *verifier);

/* Warnings: nobody verified who wrote what `made` was made of; `made` is not signed. */
void warn_unverified(const struct vl_hooks *hooks, const char *parent, bool is_signed_on);
void warn_unsigned(const struct vl_hooks *hooks, const char *made);

#endif
