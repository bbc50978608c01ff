#include "fuzz.h"
#include "scratch_file.h"
#include "varlock/key.h"

/* Input: a key file.  No passphrase is known: how often one is hashed is the file's to
 * say, and not looked for here. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const char *path = scratch_file(bytes, n);
    struct vl_key *public = NULL, *private = NULL;
    struct vl_error err;
    if (vl_key_read_public(&public, path, &err) == 0)
        vl_key_free(public);
    struct vl_key_file *file = NULL;
    if (vl_key_file_open(&file, path, &err) == 0) {
        struct vl_key *peeked = NULL;
        if (vl_key_file_peek(file, &peeked, &err) == 0)
            vl_key_free(peeked);
        vl_key_file_free(file);
    }
    if (vl_key_read_private(&private, path, NULL, NULL, &err) == 0)
        vl_key_free(private);
    return 0;
}
