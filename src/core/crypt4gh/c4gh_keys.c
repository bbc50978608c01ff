#include "crypt4gh/c4gh_keys.h"

#include <stdlib.h>
#include <string.h>

/* Takes over the key if it can open packets. */
static int take(struct c4gh_key *k, struct vl_key *key, struct vl_error *err)
{
    if (vl_key_type(key) == VL_KEY_RSA) {
        vl_key_free(key);
        return vl_error_set(err, VL_ERR_KEY,
                            "%s: is an RSA key; Crypt4GH needs a Crypt4GH, X25519 or "
                            "Ed25519 key",
                            k->path);
    }
    if (!vl_key_is_private(key)) {
        vl_key_free(key);
        return 0;
    }
    k->key = key;
    vl_key_file_free(k->file);
    k->file = NULL;
    return 0;
}

static int read_one(struct c4gh_key *k, struct vl_error *err)
{
    struct vl_key *key = NULL;
    int rc = vl_key_file_open(&k->file, k->path, err);
    if (rc == 0)
        rc = vl_key_file_peek(k->file, &key, err);
    return rc == 0 && key ? take(k, key, err) : rc;
}

int c4gh_keys_read(struct c4gh_keys *keys, const struct vl_list *paths,
                   const struct vl_hooks *hooks, struct vl_error *err)
{
    *keys = (struct c4gh_keys){.hooks = hooks, .mutex = PTHREAD_MUTEX_INITIALIZER};
    keys->v = calloc(paths->n + 1, sizeof *keys->v);
    int rc = keys->v ? 0 : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < paths->n; i++) {
        keys->v[keys->n].path = paths->v[i];
        rc = read_one(&keys->v[keys->n++], err);
    }
    if (rc < 0)
        c4gh_keys_clear(keys);
    return rc;
}

int c4gh_key_unlock(struct c4gh_keys *keys, struct c4gh_key *k, struct vl_error *err)
{
    struct vl_key *key = NULL;
    struct vl_error failure;
    if (k->key || k->refusal)
        return 0;
    int rc = vl_key_file_unlock(k->file, keys->hooks->passphrase,
                                keys->hooks->passphrase_arg, &key, &failure);
    if (rc == 0)
        return take(k, key, err);
    if (rc != VL_ERR_KEY)
        return vl_error_set(err, rc, "%s", failure.message);
    k->refusal = strdup(failure.message);
    vl_key_file_free(k->file);
    k->file = NULL;
    return k->refusal ? 0 : vl_error_memory(err);
}

void c4gh_keys_clear(struct c4gh_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        vl_key_file_free(keys->v[i].file);
        vl_key_free(keys->v[i].key);
        free(keys->v[i].refusal);
    }
    free(keys->v);
    *keys = (struct c4gh_keys){0};
}
