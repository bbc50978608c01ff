/* How a function of the library fails: it fills in its caller's error and returns the
 * code. */
#ifndef VARLOCK_FAIL_H
#define VARLOCK_FAIL_H

#include "varlock/error.h"

/*
 * Where errno is ENOMEM, an allocation failed on the way, in this library or below it,
 * and what was made of that (a seal that seems broken, a file that seems cut) is not to
 * be believed: VL_ERR_DATA, _IO, _KEY and _SEAL become VL_ERR_MEMORY, "out of memory".
 * Every operation sets errno to 0 when it starts.
 */

/* Fills *err (where not NULL) and returns `code`, so that `return vl_error_set(...)`
 * reads well. Longer messages are cut; control characters become '?', so the message is
 * one line. */
int vl_error_set(struct vl_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As vl_error_set with VL_ERR_IO and ": <strerror(errno)>" appended. */
int vl_error_errno(struct vl_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "<prefix>: " before a message that is already there, but for that of
 * vl_error_memory; returns `code`. */
int vl_error_prefix(struct vl_error *err, int code, const char *prefix);

/* VL_ERR_MEMORY with its message. */
int vl_error_memory(struct vl_error *err);

#endif
