#include "fuzz.h"
#include "varlock/bdiff.h"

enum { WINDOWS_OFFSET = 1000, N_CONTIGS = 3 };

/* Input: the plaintext of a BDIFF's index section. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_bdiff_index index;
    struct vl_error err;
    if (vl_bdiff_index_decode(&index, bytes, n, WINDOWS_OFFSET, N_CONTIGS, &err) == 0)
        vl_bdiff_index_clear(&index);
    return 0;
}
