/* The keys an operation is given as files. */
#ifndef VARLOCK_CORE_OPERATION_KEYS_H
#define VARLOCK_CORE_OPERATION_KEYS_H

#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

/* Public keys of a list of files; freed with operation_keys_free.  Fails where the list
 * is empty.
 */
VL_MUST_CHECK
int operation_keys_read_public(const struct vl_list *paths, struct vl_key ***keys,
                               struct vl_error *err);
void operation_keys_free(struct vl_key **keys, size_t n);

/* A private key with the caller's hooks; `path` NULL gives NULL. */
VL_MUST_CHECK
int operation_key_read_private(const char *path, const struct vl_hooks *hooks,
                               struct vl_key **key, struct vl_error *err);

#endif
