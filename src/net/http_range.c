#include "http_range.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Digits up to `stop`; numbers too large for a file are cut.  False: none. */
static bool read_digits(const char **at, int64_t *n)
{
    const char *beg = *at;
    for (*n = 0; **at >= '0' && **at <= '9'; ++*at)
        *n = *n > INT64_MAX / 100 ? *n : 10 * *n + (**at - '0');
    return *at > beg;
}

enum http_range http_range_read(const char *value, int64_t size, int64_t *beg,
                                int64_t *end)
{
    static const char UNIT[] = "bytes=";
    *beg = 0;
    *end = size;
    if (!value || strncasecmp(value, UNIT, sizeof UNIT - 1) != 0)
        return HTTP_RANGE_WHOLE;
    int64_t first = 0, last = 0;
    const char *at = value + sizeof UNIT - 1;
    bool has_first = read_digits(&at, &first);
    if (*at++ != '-')
        return HTTP_RANGE_WHOLE;
    bool has_last = read_digits(&at, &last);
    if (*at || (!has_first && !has_last) || (has_first && has_last && last < first))
        return HTTP_RANGE_WHOLE;
    if (has_first ? first >= size : last == 0 || size == 0)
        return HTTP_RANGE_UNSATISFIABLE;
    *beg = has_first ? first : last < size ? size - last : 0;
    *end = has_first && has_last && last < size - 1 ? last + 1 : size;
    return HTTP_RANGE_PART;
}
