#include <htslib/hfile.h>
#include <stdlib.h>
#include <string.h>

#include "crypt4gh/c4gh_reader.h"
#include "fuzz.h"

enum { PRIVATE_KEY_FIRST_BYTE = 0x40 }; /* then 41, 42, ... */

static void read_parts(struct c4gh_reader *reader)
{
    uint8_t bytes[100000];
    struct vl_error err;
    int64_t size = 0;
    size_t got;
    int rc = c4gh_reader_size(reader, &size, &err);
    if (rc == 0)
        rc = c4gh_reader_read(reader, bytes, sizeof bytes, &got, &err);
    if (rc == 0)
        rc = c4gh_reader_seek(reader, size / 2, &err);
    if (rc == 0)
        rc = c4gh_reader_read(reader, bytes, 10, &got, &err);
    (void)rc;
}

/* Input: a Crypt4GH file, which is read with the key of the example in
 * formats/crypt4gh.md. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint8_t secret[VL_X25519_BYTES];
    struct c4gh_key key = {.path = "key"};
    struct c4gh_keys keys = {.v = &key, .n = 1, .mutex = PTHREAD_MUTEX_INITIALIZER};
    struct c4gh_header header;
    struct c4gh_reader *reader = NULL;
    struct vl_error err;
    char *copy = malloc(n + 1);
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(PRIVATE_KEY_FIRST_BYTE + i);
    if (!copy || vl_key_from_x25519(&key.key, NULL, secret, &err) < 0)
        abort();
    memcpy(copy, bytes, n);
    hFILE *source = hopen("mem:", "r:", copy, n); /* takes the copy */
    if (!source)
        abort();
    int rc = c4gh_header_read(&header, source, "file", &err);
    if (rc == 0)
        rc = c4gh_header_unlock(&header, &keys, NULL, "file", &err);
    if (rc == 0)
        rc = c4gh_reader_open(&reader, source, "file", &header, &err);
    if (rc == 0)
        read_parts(reader);
    else
        hclose_abruptly(source);
    c4gh_reader_free(reader);
    c4gh_header_clear(&header);
    vl_key_free(key.key);
    return 0;
}
