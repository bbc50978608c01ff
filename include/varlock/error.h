/*
 * Errors: a stable code and one complete, printable line (what, where, why).
 *
 * Every function of libvarlock that can fail returns 0 (or a count) on success and one of
 * the negative codes below on failure.  On failure it fills in the `struct vl_error` of
 * the caller; on success it leaves it untouched.  The caller may pass NULL where it wants
 * the code only.
 *
 * Functions that open, read or make something for the caller (_open, _new, _init, _read,
 * _decode and the like) give all of it or nothing.  After a failure nothing is owned, and
 * the handle is NULL or the struct zeroed, whatever it was before.  To free or clear
 * either does nothing.
 */
#ifndef VARLOCK_ERROR_H
#define VARLOCK_ERROR_H

/* The result says whether the call succeeded, or the caller must free it. */
#define VL_MUST_CHECK __attribute__((warn_unused_result))

enum vl_code {
    VL_OK = 0,
    VL_ERR_DATA = -1,     /* an input is malformed, or does not fit the other inputs */
    VL_ERR_IO = -2,       /* opening, reading, writing or closing a file failed */
    VL_ERR_MEMORY = -3,   /* an allocation failed */
    VL_ERR_USAGE = -4,    /* the caller asked for something that makes no sense */
    VL_ERR_KEY = -5,      /* a key is unusable, of the wrong kind, or not a recipient's */
    VL_ERR_SEAL = -6,     /* authentication failed: altered, truncated or foreign data */
    VL_ERR_GRANT = -7,    /* a region lies outside the ranges that the file grants */
    VL_ERR_CANCELLED = -8 /* the caller's progress hook ended the operation */
};

enum { VL_ERROR_MESSAGE_BYTES = 1024 };

struct vl_error {
    int code;                             /* one of enum vl_code */
    char message[VL_ERROR_MESSAGE_BYTES]; /* one line, no newline, NUL-terminated */
};

#endif
