#include "run/operation_keys.h"

#include <stdlib.h>
#include <string.h>

#include "run/report.h"
#include "varlock/secret_file.h"

/* Whether the key is a recipient already.  Each key counts once, and an Ed25519 key is
 * the same as its X25519 form: a reader looks for the hint. */
static int find(const struct recipients *r, const struct vl_key *key, bool *is_there,
                struct vl_error *err)
{
    static const uint8_t ANY_FILE[VL_FILE_ID_BYTES];
    uint8_t hint[VL_HINT_BYTES], other[VL_HINT_BYTES];
    *is_there = false;
    int rc = vl_key_hint(key, ANY_FILE, hint, err);
    for (size_t i = 0; rc == 0 && !*is_there && i < r->n; i++) {
        rc = vl_key_hint(r->keys[i], ANY_FILE, other, err);
        *is_there = rc == 0 && memcmp(hint, other, sizeof hint) == 0;
    }
    return rc;
}

/* Adds the key and takes ownership of it. */
static int add(struct recipients *r, struct vl_key *key, struct vl_error *err)
{
    bool is_there = false;
    int rc = find(r, key, &is_there, err);
    if (rc == 0 && !is_there)
        rc = vl_key_fingerprint(key, r->fingerprints[r->n], err);
    if (rc == 0 && !is_there) {
        r->keys[r->n++] = key;
        return 0;
    }
    vl_key_free(key);
    return rc;
}

int recipients_read(struct recipients *r, const struct vl_list *paths,
                    struct vl_error *err)
{
    *r = (struct recipients){0};
    r->keys = calloc(paths->n + 1, sizeof *r->keys);
    r->fingerprints = calloc(paths->n + 1, sizeof *r->fingerprints);
    int rc = r->keys && r->fingerprints ? 0 : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < paths->n; i++) {
        struct vl_key *key = NULL;
        rc = vl_key_read_public(&key, paths->v[i], err);
        if (rc == 0)
            rc = add(r, key, err);
    }
    if (rc < 0)
        recipients_clear(r);
    return rc;
}

void recipients_clear(struct recipients *r)
{
    for (size_t i = 0; i < r->n; i++)
        vl_key_free(r->keys[i]);
    free(r->keys);
    free(r->fingerprints);
    *r = (struct recipients){0};
}

void operation_key_warn_exposed(const char *path, const char *what,
                                const struct vl_hooks *hooks)
{
    unsigned mode = vl_secret_file_exposure(path);
    if (mode)
        hooks_warn(hooks, "%s: %s that others can read (mode %04o): chmod 600", path,
                   what, mode);
}

int operation_key_read_private(const char *path, const struct vl_hooks *hooks,
                               struct vl_key **key, struct vl_error *err)
{
    *key = NULL;
    if (!path)
        return 0;
    int rc =
        vl_key_read_private(key, path, hooks->passphrase, hooks->passphrase_arg, err);
    if (rc == 0)
        operation_key_warn_exposed(path, "a private key", hooks);
    return rc;
}

int operation_keys_read_c4gh(struct c4gh_keys *keys, const struct vl_list *paths,
                             const struct vl_hooks *hooks, struct vl_error *err)
{
    int rc = c4gh_keys_read(keys, paths, hooks, err);
    for (size_t i = 0; rc == 0 && i < paths->n; i++)
        operation_key_warn_exposed(paths->v[i], "a private key", hooks);
    return rc;
}

/* X25519 keys are those of Crypt4GH, among others. */
static int check_signs(struct vl_key **key, const char *path, const char *option,
                       struct vl_error *err)
{
    if (vl_key_can_sign(*key))
        return 0;
    vl_key_free(*key);
    *key = NULL;
    return vl_error_set(
        err, VL_ERR_USAGE,
        "%s: is an X25519 key, which makes no signatures; %s needs RSA or "
        "Ed25519",
        path, option);
}

int operation_key_read_signer(const char *path, const struct vl_hooks *hooks,
                              struct vl_key **key, struct vl_error *err)
{
    int rc = operation_key_read_private(path, hooks, key, err);
    return rc < 0 || !*key ? rc : check_signs(key, path, "-s", err);
}

int operation_key_read_verifier(const char *path, struct vl_key **key,
                                struct vl_error *err)
{
    int rc = vl_key_read_public(key, path, err);
    return rc < 0 ? rc : check_signs(key, path, "-V", err);
}
