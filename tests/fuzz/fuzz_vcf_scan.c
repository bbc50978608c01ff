#include "fuzz.h"
#include "scanned_line.h"

/* Input: a byte that says whether there are samples, then lines.  Beyond staying inside
 * its memory, a scanned line must be what htslib reads. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct line_comparison c;
    hts_set_log_level(HTS_LOG_OFF);
    if (n == 0)
        return 0;
    if (line_comparison_init(&c, bytes[0] & 1) < 0)
        abort();
    const char *at = (const char *)bytes + 1, *end = (const char *)bytes + n;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *stop = feed ? feed : end;
        if (line_compare(&c, at, (size_t)(stop - at)) < 0)
            abort();
        at = stop + 1;
    }
    line_comparison_clear(&c);
    return 0;
}
