/* The credentials that a server is shown: a bearer token, which may be a GA4GH Passport
 * (AAI profile 1.2) or another JSON Web Token (RFC 7519).  Its signature is the server's
 * to check. */
#ifndef VARLOCK_NET_TOKEN_H
#define VARLOCK_NET_TOKEN_H

#include <stdint.h>

#include "varlock/error.h"
#include "varlock/hooks.h"

struct token {
    char *text; /* owned, secret; NULL: there is none */
};

/* Reads a file that holds a token, or JSON with an `access_token`.  `path` NULL: the file
 * that HTS_AUTH_LOCATION names, if it does.  VL_ERR_KEY: it has expired at `now` (seconds
 * since 1970).  VL_ERR_DATA: it is no token.  Tells `hooks` who may read the file
 * besides, and with `lists_visas` what a passport grants. */
VL_MUST_CHECK
int token_read(struct token *token, const char *path, int64_t now, int lists_visas,
               const struct vl_hooks *hooks, struct vl_error *err);

/* Looks at the text as token_read does; `path` is for messages. */
VL_MUST_CHECK
int token_check(const char *text, const char *path, int64_t now, int lists_visas,
                const struct vl_hooks *hooks, struct vl_error *err);

/* Wipes and frees. */
void token_clear(struct token *token);

#endif
