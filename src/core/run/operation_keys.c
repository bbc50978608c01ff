#include "run/operation_keys.h"

#include <stdlib.h>

int operation_keys_read_public(const struct vl_list *paths, struct vl_key ***keys,
                               struct vl_error *err)
{
    *keys = NULL;
    struct vl_key **v = calloc(paths->n + 1, sizeof *v);
    int rc = v ? 0 : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < paths->n; i++)
        rc = vl_key_read_public(&v[i], paths->v[i], err);
    if (rc < 0)
        operation_keys_free(v, paths->n);
    else
        *keys = v;
    return rc;
}

void operation_keys_free(struct vl_key **keys, size_t n)
{
    for (size_t i = 0; keys && i < n; i++)
        vl_key_free(keys[i]);
    free(keys);
}

int operation_key_read_private(const char *path, const struct vl_hooks *hooks,
                               struct vl_key **key, struct vl_error *err)
{
    *key = NULL;
    if (!path)
        return 0;
    return vl_key_read_private(key, path, hooks->passphrase, hooks->passphrase_arg, err);
}
