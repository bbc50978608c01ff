#include "fuzz.h"
#include "varlock/bdiff.h"
#include "varlock/wire.h"

/* Input: u64 size of the file, then a BDIFF's trailer. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    uint64_t file_size = vl_get_u64(&c);
    const uint8_t *at = vl_get_bytes(&c, VL_BDIFF_TRAILER_BYTES);
    struct vl_bdiff_trailer trailer;
    struct vl_error err;
    if (!at || vl_bdiff_trailer_decode(&trailer, at, file_size, &err) < 0)
        return 0;
    return 0;
}
