#include "crypt4gh/source_end.h"

#include <errno.h>
#include <stdio.h>

/* To the last byte rather than behind it: where a URL is asked for bytes behind its end,
 * htslib takes it for one that cannot seek, from then on. */
off_t source_end(hFILE *source)
{
    off_t last = hseek(source, -1, SEEK_END), end = last + 1;
    if (last < 0 && errno == EINVAL) /* it is empty */
        end = hseek(source, 0, SEEK_END);
    else if (last < 0)
        end = -1;
    if (end < 0)
        hclearerr(source);
    return end;
}
