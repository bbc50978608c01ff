/* How a function of the library fails: it fills in its caller's error and returns the
 * code. */
#ifndef VARLOCK_FAIL_H
#define VARLOCK_FAIL_H

#include "varlock/error.h"

/*
 * Where errno is ENOMEM, an allocation failed on the way, in this library or below it.
 * The failure that was seen after that (a seal that seems broken, a file that seems cut)
 * must not be believed.  So VL_ERR_DATA, _IO, _KEY and _SEAL become VL_ERR_MEMORY, "out
 * of memory".  Every operation sets errno to 0 when it starts.
 */

/* Fills *err (where err is not NULL) and returns `code`, so that a caller can write
 * `return vl_error_set(...)`.  Messages that are too long are cut.  Control characters
 * become '?', so that the message is one line. */
int vl_error_set(struct vl_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills *err like vl_error_set, with VL_ERR_IO and ": <strerror(errno)>" after the
 * message. */
int vl_error_errno(struct vl_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "<prefix>: " before the message that is in *err, unless it is that of
 * vl_error_memory.  Returns `code`, or VL_ERR_MEMORY. */
int vl_error_prefix(struct vl_error *err, int code, const char *prefix);

/* Fills *err with "out of memory" and returns VL_ERR_MEMORY. */
int vl_error_memory(struct vl_error *err);

#endif
