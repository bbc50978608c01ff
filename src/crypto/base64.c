#include "varlock/base64.h"

#include <openssl/evp.h>
#include <string.h>

#include "varlock/seal.h"

enum { CHARS = 4, BYTES = 3 }; /* of a group */

int vl_base64_encode(const void *bytes, size_t n, struct vl_buf *out)
{
    size_t n_chars = (n + BYTES - 1) / BYTES * CHARS;
    uint8_t *at = n > INT32_MAX ? NULL : vl_buf_reserve(out, n_chars + 1);
    if (!at)
        return VL_ERR_MEMORY;
    EVP_EncodeBlock(at, bytes, (int)n);
    out->len += n_chars;
    return 0;
}

/* OpenSSL skips blanks at both ends, so they are refused here. */
static bool is_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '+' || c == '/' || c == '-' || c == '_';
}

static size_t without_padding(const char *text, size_t n)
{
    size_t n_padding = 0;
    while (n_padding < 2 && n_padding < n && text[n - 1 - n_padding] == '=')
        n_padding++;
    return n_padding > 0 && n % CHARS != 0 ? SIZE_MAX : n - n_padding;
}

int vl_base64_decode(const char *text, size_t n, struct vl_buf *out)
{
    size_t n_chars = without_padding(text, n);
    if (n_chars > INT32_MAX - CHARS || n_chars % CHARS == 1)
        return VL_ERR_DATA;
    size_t n_groups = (n_chars + CHARS - 1) / CHARS, n_bytes = n_chars * BYTES / CHARS;
    struct vl_buf plain = VL_BUF_INIT;
    uint8_t *at = vl_buf_reserve(out, n_groups * BYTES + 1);
    char *canonical = (char *)vl_buf_reserve(&plain, n_groups * CHARS + 1);
    int rc = at && canonical ? 0 : VL_ERR_MEMORY;
    for (size_t i = 0; rc == 0 && i < n_groups * CHARS; i++) {
        char c = i < n_chars ? text[i] : '=';
        if (i < n_chars && !is_character(c))
            rc = VL_ERR_DATA;
        canonical[i] = c;
        if (c == '-' || c == '_')
            canonical[i] = c == '-' ? '+' : '/';
    }
    if (rc == 0 && n_groups > 0 &&
        EVP_DecodeBlock(at, (const unsigned char *)canonical, (int)(n_groups * CHARS)) <
            0)
        rc = VL_ERR_DATA;
    if (rc == 0)
        out->len += n_bytes;
    vl_buf_wipe(&plain); /* it may be a secret, as the result is */
    return rc;
}
