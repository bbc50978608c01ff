/* Base64 and base64url (RFC 4648 §4, §5), on OpenSSL. */
#ifndef VARLOCK_BASE64_H
#define VARLOCK_BASE64_H

#include <stddef.h>

#include "varlock/buf.h"

/* Appends the encoded bytes, padded, on one line.  VL_ERR_MEMORY without a message. */
VL_MUST_CHECK
int vl_base64_encode(const void *bytes, size_t n, struct vl_buf *out);

/* Appends what the n characters encode.  They are of either alphabet, with or without
 * padding.  VL_ERR_DATA, without a message, where they are not; VL_ERR_MEMORY. */
VL_MUST_CHECK
int vl_base64_decode(const char *text, size_t n, struct vl_buf *out);

#endif
