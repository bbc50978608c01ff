#include <string.h>

#include "../../src/crypto/c4gh_key_file.h"
#include "../../src/crypto/key_handle.h"
#include "../../src/crypto/ssh_key_file.h"
#include "fuzz.h"

/* Input: which decoder, then what a key file holds below its PEM: a Crypt4GH key (0), an
 * OpenSSH private key (1) or public line (2), a point of Ed25519 (3), a public key of
 * X25519 (4).  No passphrase is known, see fuzz_key. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct passphrase_source source = {NULL, NULL, "key", false, false};
    struct vl_key *key = NULL;
    struct vl_error err;
    if (n == 0)
        return 0;
    const uint8_t *blob = bytes + 1;
    int rc = -1;
    n--;
    source.is_peek = (bytes[0] & 0x80) != 0;
    switch (bytes[0] & 0x7f) {
    case 0:
        rc = c4gh_key_is(blob, n) ? c4gh_key_decode(&key, blob, n, &source, &err) : -1;
        break;
    case 1:
        rc = ssh_key_is_private(blob, n)
                 ? ssh_key_decode_private(&key, blob, n, &source, &err)
                 : -1;
        break;
    case 2:
        rc = ssh_key_decode_public(&key, blob, n, "key", &err);
        break;
    case 3:
        rc = n == VL_ED25519_BYTES ? key_from_ed25519(&key, blob, NULL, &err) : -1;
        break;
    case 4:
        rc = n == VL_X25519_BYTES ? vl_key_from_x25519(&key, blob, NULL, &err) : -1;
        break;
    }
    if (rc == 0)
        vl_key_free(key);
    return 0;
}
