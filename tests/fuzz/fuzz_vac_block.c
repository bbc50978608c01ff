#include <stdlib.h>

#include "fuzz.h"
#include "varlock/vac.h"
#include "varlock/wire.h"

/* Input: what the index says of a VAC's block, as u32 sites, u64 first and u64 last
 * position, then the block. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct vl_site sites[VL_VAC_BLOCK_SITES];
    struct vl_cursor c = vl_cursor_over(bytes, n);
    struct vl_vac_block block = {.n_sites = vl_get_u32(&c)};
    struct vl_error err;
    block.first_pos0 = (int64_t)(vl_get_u64(&c) % VL_VAC_POS_MAX);
    block.last_pos0 = (int64_t)(vl_get_u64(&c) % VL_VAC_POS_MAX);
    block.size_bytes = (uint32_t)vl_left(&c);
    if (!c.bad && vl_vac_block_decode(&block, c.at, sites, &err) == 0 &&
        (sites[0].pos0 != block.first_pos0 ||
         sites[block.n_sites - 1].pos0 != block.last_pos0))
        abort();
    return 0;
}
