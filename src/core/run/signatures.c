#include "run/signatures.h"

#include <string.h>

#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/fail.h"

int verifier_open(struct verifier *v, const char *verify, const struct vl_key *signer,
                  const char *signer_path, bool unverified, struct vl_error *err)
{
    memset(v, 0, sizeof *v);
    if (verify && unverified)
        return vl_error_set(err, VL_ERR_USAGE,
                            "-V and --unverified contradict each other");
    if (verify) {
        int rc = operation_key_read_verifier(verify, &v->own, err);
        v->key = v->own;
        v->path = rc == 0 ? verify : NULL;
        return rc;
    }
    if (!signer || unverified)
        return 0;
    /* If the check fails, the message says what the user can do. */
    vl_buf_addf(&v->named,
                "%s (-V names who else signed, --unverified signs all the same)",
                signer_path);
    vl_buf_add_byte(&v->named, 0);
    v->key = signer;
    v->path = (const char *)v->named.data;
    if (!v->named.failed)
        return 0;
    verifier_close(v);
    return vl_error_memory(err);
}

void verifier_close(struct verifier *v)
{
    vl_key_free(v->own);
    vl_buf_clear(&v->named);
    memset(v, 0, sizeof *v);
}

void warn_unverified(const struct vl_hooks *hooks, const char *parent, bool is_signed_on)
{
    hooks_warn(hooks,
               is_signed_on
                   ? "nobody verified who wrote %s; your signature now vouches for it"
                   : "nobody verified who wrote %s; -V checks its signature",
               parent);
}

void warn_unsigned(const struct vl_hooks *hooks, const char *made)
{
    hooks_warn(
        hooks,
        "%s is not signed: anyone who has the public keys of its recipients can put "
        "another in its place; -s signs it",
        made);
}
