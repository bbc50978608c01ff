#ifndef OPENSSL_FAILURE_H
#define OPENSSL_FAILURE_H

#include <errno.h>
#include <openssl/err.h>
#include <stdbool.h>

#include "varlock/fail.h"

/* Whether some call failed for lack of memory; errno is then ENOMEM (fail.h). */
static inline bool openssl_lacks_memory(void)
{
    bool lacks = errno == ENOMEM;
    for (unsigned long e; !lacks && (e = ERR_get_error()) != 0;)
        lacks = ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
    ERR_clear_error();
    if (lacks)
        errno = ENOMEM;
    return lacks;
}

/* For calls that fail only where memory is lacking, or where the loaded providers lack
 * the algorithm.  The message quotes only OpenSSL's constant reason text, because its
 * free-form data may hold the data that was worked on. */
static inline int openssl_failure(struct vl_error *err, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (openssl_lacks_memory())
        return vl_error_memory(err);
    return vl_error_set(err, VL_ERR_MEMORY, "out of memory, or OpenSSL has no %s (%s)",
                        what, reason ? reason : "no reason given");
}

#endif
