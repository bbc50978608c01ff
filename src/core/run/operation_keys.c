#include "run/operation_keys.h"

#include <stdlib.h>
#include <string.h>

#include "run/report.h"
#include "varlock/secret_file.h"

/* True if the key is a recipient already.  Each key counts once. */
static bool is_there(const struct recipients *r, const char *fingerprint)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->fingerprints[i], fingerprint) == 0)
            return true;
    return false;
}

/* Adds the key and takes ownership of it. */
static int add(struct recipients *r, struct vl_key *key, struct vl_error *err)
{
    int rc = vl_key_fingerprint(key, r->fingerprints[r->n], err);
    if (rc == 0 && !is_there(r, r->fingerprints[r->n])) {
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
