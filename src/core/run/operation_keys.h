/* The keys an operation is given as files. */
#ifndef VARLOCK_CORE_OPERATION_KEYS_H
#define VARLOCK_CORE_OPERATION_KEYS_H

#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

/* Public keys that a BDIFF is sealed to, each once. */
struct recipients {
    struct vl_key **keys; /* owned */
    char (*fingerprints)[VL_FINGERPRINT_CHARS + 1];
    size_t n;
};

/* Reads a list of files. */
VL_MUST_CHECK
int recipients_read(struct recipients *recipients, const struct vl_list *paths,
                    struct vl_error *err);
void recipients_clear(struct recipients *recipients);

/* A private key with the caller's hooks, and a warning where others can read the file;
 * `path` NULL gives NULL. */
VL_MUST_CHECK
int operation_key_read_private(const char *path, const struct vl_hooks *hooks,
                               struct vl_key **key, struct vl_error *err);

#endif
