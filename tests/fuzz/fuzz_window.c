#include "fuzz.h"
#include "varlock/bdiff.h"

/* Input: the plaintext of a BDIFF's window. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_bdiff_window window = {0};
    struct vl_error err;
    if (vl_bdiff_window_decode(&window, bytes, n, &err) == 0)
        vl_bdiff_window_clear(&window);
    return 0;
}
