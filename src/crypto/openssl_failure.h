#ifndef OPENSSL_FAILURE_H
#define OPENSSL_FAILURE_H

#include <openssl/err.h>

#include "varlock/fail.h"

/* For calls that fail only without memory or without the algorithm in the loaded
 * providers.  Only OpenSSL's constant reason text is quoted: its free-form data may hold
 * what was worked on. */
static inline int openssl_failure(struct vl_error *err, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    vl_error_set(err, VL_ERR_MEMORY, "%s failed in OpenSSL: %s", what,
                 reason ? reason : "no reason given");
    ERR_clear_error();
    return VL_ERR_MEMORY;
}

#endif
