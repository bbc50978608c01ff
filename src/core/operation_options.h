/* Checks and copies the options struct that a caller gives to an operation. */
#ifndef VARLOCK_CORE_OPERATION_OPTIONS_H
#define VARLOCK_CORE_OPERATION_OPTIONS_H

#include <stddef.h>

#include "varlock/fail.h"

/* A field that is checked. */
struct option_field {
    enum {
        OPTION_TEXT, /* a text or a list that must be given */
        OPTION_LIST,
        OPTION_OPTIONAL_TEXT, /* may be NULL or absent, but not empty */
        OPTION_OPTIONAL_LIST,
        OPTION_FORMAT, /* of alignments, or NULL */
        OPTION_THREADS /* int */
    } kind;
    const char *name; /* name as in varlock.h: "output.path" */
    size_t offset;
};

/* What is checked of the options struct of an operation.  Every such struct begins with
 * `size_t size`. */
struct option_layout {
    const char *operation; /* "vl_encrypt" */
    size_t size_bytes;     /* size of the struct as this library knows it */
    const struct option_field *fields;
    size_t n_fields;
};

extern const struct option_layout keygen_layout, vcf2vac_layout, encrypt_layout,
    merge_layout, decrypt_layout, reencrypt_layout, view_layout, restored_layout,
    c4gh_keygen_layout, c4gh_encrypt_layout, c4gh_decrypt_layout, c4gh_reencrypt_layout,
    c4gh_slice_layout, c4gh_view_layout;

/* Copies the caller's struct `given` into *own, a struct of size_bytes, and sets own's
 * `size` to size_bytes.  If the caller's struct is smaller (an older caller), the rest of
 * *own is zero.  If it is larger, its rest must be zero.  VL_ERR_USAGE, naming the
 * operation and the field, if `given` is NULL, its size is impossible, a required field
 * is missing, a text is empty, a list contains NULL or an empty text, a format is
 * unknown, or a number of threads is out of range.  The caller still owns texts and
 * lists. */
int options_take(const struct option_layout *layout, const void *given, void *own,
                 struct vl_error *err);

#endif
