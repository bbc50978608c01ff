#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "varlock/fail.h"

static int fill(struct vl_error *err, int code, const char *suffix, const char *format,
                va_list args)
{
    if (!err)
        return code;
    err->code = code;
    int n = vsnprintf(err->message, sizeof err->message, format, args);
    if (n >= 0 && (size_t)n < sizeof err->message && suffix)
        snprintf(err->message + n, sizeof err->message - (size_t)n, ": %s", suffix);
    for (char *p = err->message; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return code;
}

/* Whether this error is really a failed allocation.  Only the codes that a failed
 * allocation can be mistaken for become VL_ERR_MEMORY; the key, seal or file is then not
 * to blame. */
static bool lacks_memory(int code)
{
    return errno == ENOMEM && (code == VL_ERR_DATA || code == VL_ERR_IO ||
                               code == VL_ERR_KEY || code == VL_ERR_SEAL);
}

int vl_error_set(struct vl_error *err, int code, const char *format, ...)
{
    if (lacks_memory(code))
        return vl_error_memory(err);
    va_list args;
    va_start(args, format);
    fill(err, code, NULL, format, args);
    va_end(args);
    return code;
}

int vl_error_errno(struct vl_error *err, const char *format, ...)
{
    if (lacks_memory(VL_ERR_IO))
        return vl_error_memory(err);
    const char *why = strerror(errno);
    va_list args;
    va_start(args, format);
    fill(err, VL_ERR_IO, why, format, args);
    va_end(args);
    return VL_ERR_IO;
}

int vl_error_prefix(struct vl_error *err, int code, const char *prefix)
{
    if (!err)
        return lacks_memory(code) ? VL_ERR_MEMORY : code;
    if (err->code == VL_ERR_MEMORY)
        return VL_ERR_MEMORY;
    char message[VL_ERROR_MESSAGE_BYTES];
    memcpy(message, err->message, sizeof message);
    return vl_error_set(err, code, "%s: %s", prefix, message);
}

int vl_error_memory(struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_MEMORY, "out of memory");
}
