#include <stdlib.h>
#include <string.h>

#include "../../src/net/http_range.h"
#include "../../src/net/request_path.h"
#include "fuzz.h"

static const char TOKEN[] = "0123456789abcdef0123456789abcdef";
static const char *const IDS[] = {"x-1", "x-1.bam"};

static void check_range(const char *value, int64_t size)
{
    int64_t beg, end;
    enum http_range range = http_range_read(value, size, &beg, &end);
    if (range != HTTP_RANGE_UNSATISFIABLE && (beg < 0 || end > size || beg > end))
        abort();
    if (range == HTTP_RANGE_PART && beg == end)
        abort();
}

/* Without the token, nothing is named. */
static void check_path(const char *path)
{
    struct request_path named = request_path_read(path, TOKEN, IDS, 2);
    if (named.kind != REQUEST_NOTHING && strncmp(path + 1, TOKEN, TOKEN_CHARS) != 0)
        abort();
    if (named.shown > 1 || (named.kind == REQUEST_PAGE && !named.rest))
        abort();
}

/* Input: the value of a Range header, and a path. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = calloc(1, n + 1);
    if (!text)
        return 0;
    if (n > 0)
        memcpy(text, bytes, n);
    for (int64_t size = 0; size < INT64_MAX / 100; size = size * 99 + 1)
        check_range(text, size);
    check_path(text);
    free(text);
    return 0;
}
