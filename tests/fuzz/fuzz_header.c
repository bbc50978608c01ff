#include "fuzz.h"
#include "varlock/bdiff.h"

/* Input: the plaintext of a BDIFF's header section. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_bdiff_header header;
    struct vl_error err;
    if (vl_bdiff_header_decode(&header, bytes, n, &err) == 0)
        vl_bdiff_header_clear(&header);
    return 0;
}
