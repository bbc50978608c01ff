#include "run/operation_keys.h"

#include <stdlib.h>

int operation_keys_read_public(const struct vl_list *paths, struct vl_key ***keys,
                               struct vl_error *err)
{
    *keys = calloc(paths->n + 1, sizeof **keys);
    if (!*keys)
        return vl_error_memory(err);
    if (paths->n == 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "no public key: nobody could open the BDIFF");
    for (size_t i = 0; i < paths->n; i++) {
        int rc = vl_key_read_public(&(*keys)[i], paths->v[i], err);
        if (rc < 0)
            return rc;
    }
    return 0;
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
    if (!path)
        return 0;
    return vl_key_read_private(key, path, hooks->passphrase, hooks->passphrase_arg, err);
}
