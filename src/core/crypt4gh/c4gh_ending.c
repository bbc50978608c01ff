#include "crypt4gh/c4gh_ending.h"

#include <stdbool.h>
#include <string.h>

#include "varlock/crypt4gh.h"
#include "varlock/fail.h"

/* SAM specification §4.1.2, and CRAM specification §9 (version 3). */
static const uint8_t BGZF_END[] = {0x1f, 0x8b, 8,    4,    0, 0, 0,    0, 0, 0xff,
                                   6,    0,    0x42, 0x43, 2, 0, 0x1b, 0, 3, 0,
                                   0,    0,    0,    0,    0, 0, 0,    0};
static const uint8_t CRAM_END[] = {
    0x0f, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xe0, 0x45, 0x4f, 0x46,
    0,    0, 0, 0, 1,    0,    5,    0xbd, 0xd9, 0x4f, 0,    1,    0,
    6,    6, 1, 0, 1,    0,    1,    0,    0xee, 0x63, 1,    0x4b};

void c4gh_ending_add(struct c4gh_ending *e, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;
    if (e->n_bytes < C4GH_START_BYTES) {
        size_t room = (size_t)(C4GH_START_BYTES - e->n_bytes);
        memcpy(e->start + e->n_bytes, from, n < room ? n : room);
    }
    size_t kept = n < C4GH_END_BYTES ? C4GH_END_BYTES - n : 0,
           added = C4GH_END_BYTES - kept;
    memmove(e->end, e->end + C4GH_END_BYTES - kept, kept);
    memcpy(e->end + kept, from + n - added, added);
    e->n_bytes += n;
}

static bool ends_with(const struct c4gh_ending *e, const uint8_t *end, size_t n)
{
    return e->n_bytes >= n && memcmp(e->end + C4GH_END_BYTES - n, end, n) == 0;
}

static bool is_bgzf(const struct c4gh_ending *e)
{
    return e->n_bytes >= C4GH_START_BYTES && memcmp(e->start, BGZF_END, 4) == 0 &&
           memcmp(e->start + 12, "BC\2", 4) == 0;
}

static bool is_cram3(const struct c4gh_ending *e)
{
    return e->n_bytes >= C4GH_START_BYTES && memcmp(e->start, "CRAM\3", 5) == 0;
}

int c4gh_ending_check(const struct c4gh_ending *e, const char *path, const char **warning,
                      struct vl_error *err)
{
    *warning = NULL;
    if (e->n_bytes == 0 || e->n_bytes % VL_C4GH_PLAIN_BYTES != 0)
        return 0;
    bool bgzf = is_bgzf(e);
    if (!bgzf && !is_cram3(e)) {
        *warning = "ends with a full segment: whether it was cut there cannot be told";
        return 0;
    }
    if (bgzf ? ends_with(e, BGZF_END, sizeof BGZF_END)
             : ends_with(e, CRAM_END, sizeof CRAM_END))
        return 0;
    return vl_error_set(err, VL_ERR_DATA,
                        "%s: is truncated behind segment %llu: the %s file in it lacks "
                        "its end block",
                        path, (unsigned long long)(e->n_bytes / VL_C4GH_PLAIN_BYTES),
                        bgzf ? "BGZF" : "CRAM");
}
