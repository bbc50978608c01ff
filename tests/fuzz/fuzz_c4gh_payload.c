#include <stdlib.h>

#include "crypt4gh/c4gh_edits.h"
#include "fuzz.h"
#include "varlock/crypt4gh.h"

/* An edit list, written again, keeps as much. */
static void make_edits(const struct vl_buf *lengths)
{
    enum { N_PLAIN = 1000000 };
    struct c4gh_edits edits, again;
    struct vl_buf written = VL_BUF_INIT;
    size_t n = lengths->len / sizeof(uint64_t);
    if (c4gh_edits_make(&edits, (const void *)lengths->data, n) < 0)
        return;
    int64_t size = c4gh_edits_size(&edits, N_PLAIN);
    if (size < 0 || size > N_PLAIN || (size > 0 && !c4gh_edits_find(&edits, size - 1)))
        abort();
    c4gh_edits_put(&edits, N_PLAIN, &written);
    n = written.len / sizeof(uint64_t);
    if (c4gh_edits_make(&again, (const void *)written.data, n) == 0 &&
        c4gh_edits_size(&again, N_PLAIN) != size)
        abort();
    c4gh_edits_clear(&again);
    c4gh_edits_clear(&edits);
    vl_buf_clear(&written);
}

/* Input: what a packet of a Crypt4GH header holds. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_buf lengths = VL_BUF_INIT;
    enum vl_c4gh_kind kind;
    struct vl_error err;
    if (vl_c4gh_payload_kind(bytes, n, &kind, &err) == 0 && kind == VL_C4GH_EDIT_LIST &&
        vl_c4gh_edit_list_decode(bytes, &lengths, &err) == 0)
        make_edits(&lengths);
    vl_buf_clear(&lengths);
    return 0;
}
