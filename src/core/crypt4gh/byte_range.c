#include "crypt4gh/byte_range.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "varlock/fail.h"

/* Reads digits only.  NULL: there are none, or too many. */
static const char *read_number(const char *text, int64_t *n)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return NULL;
    int before = errno;
    errno = 0;
    *n = strtoll(text, &end, 10);
    bool fits = errno == 0;
    errno = before;
    return fits ? end : NULL;
}

int byte_range_parse(const char *text, struct byte_range *range, struct vl_error *err)
{
    const char *at = read_number(text, &range->beg);
    range->end = INT64_MAX;
    at = at && *at == '-' ? at + 1 : NULL;
    if (at && *at)
        at = read_number(at, &range->end);
    if (!at || *at)
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: is no range of bytes, which is A-B (B excluded) or A-",
                            text);
    return range->beg < range->end
               ? 0
               : vl_error_set(err, VL_ERR_USAGE, "%s: is an empty range of bytes", text);
}
