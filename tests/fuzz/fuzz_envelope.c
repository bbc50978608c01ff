#include "fuzz.h"
#include "varlock/bdiff.h"

/* Input: the envelope of a BDIFF, MAC included. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_bdiff_envelope envelope;
    struct vl_error err;
    if (vl_bdiff_envelope_decode(&envelope, bytes, n, &err) == 0)
        vl_bdiff_envelope_clear(&envelope);
    return 0;
}
