/* The options struct of an operation as its caller hands it over. */
#ifndef VARLOCK_CORE_OPERATION_OPTIONS_H
#define VARLOCK_CORE_OPERATION_OPTIONS_H

#include <stddef.h>

#include "varlock/fail.h"

/* A field that is required, or a list. */
struct option_field {
    enum { OPTION_TEXT, OPTION_LIST, OPTION_OPTIONAL_LIST } kind;
    const char *name; /* as varlock.h calls it: "output.path" */
    size_t offset;
};

/* What an operation's options struct must have.  Every such struct begins with
 * `size_t size`. */
struct option_layout {
    const char *operation; /* "vl_encrypt" */
    size_t size_bytes;     /* of the struct as this library knows it */
    const struct option_field *fields;
    size_t n_fields;
};

extern const struct option_layout keygen_layout, vcf2vac_layout, encrypt_layout,
    merge_layout, decrypt_layout, reencrypt_layout, view_layout;

/* Copies what the caller gave into *own, a struct of size_bytes whose `size` is then
 * that: of a smaller struct (of an older caller) the rest is zero, of a larger one the
 * rest must be zero.  VL_ERR_USAGE, naming operation and field, where `given` is NULL,
 * its size is impossible, a required field is missing, or a list has a NULL in it.  Texts
 * and lists remain the caller's. */
int options_take(const struct option_layout *layout, const void *given, void *own,
                 struct vl_error *err);

#endif
