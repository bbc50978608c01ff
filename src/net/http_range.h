/* The Range header of HTTP (RFC 9110, section 14). */
#ifndef VARLOCK_NET_HTTP_RANGE_H
#define VARLOCK_NET_HTTP_RANGE_H

#include <stdint.h>

enum http_range { HTTP_RANGE_WHOLE, HTTP_RANGE_PART, HTTP_RANGE_UNSATISFIABLE };

/* Which bytes of `size` a header asks for: [*beg, *end).  NULL, other units, several
 * ranges and what is malformed ask for the whole. */
enum http_range http_range_read(const char *value, int64_t size, int64_t *beg,
                                int64_t *end);

#endif
