#include "container/vac_file.h"
#include "fuzz.h"
#include "varlock/vac.h"
#include "varlock/wire.h"

/* Input: where a VAC's metadata stands, as u64, then the metadata. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_cursor c = vl_cursor_over(bytes, n);
    uint64_t offset = vl_get_u64(&c);
    struct vl_vac_meta meta;
    struct vl_error err;
    if (!c.bad && vl_vac_meta_decode(&meta, c.at, vl_left(&c), offset, &err) == 0)
        vl_vac_meta_clear(&meta);
    return 0;
}
