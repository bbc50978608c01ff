/* Ed25519 keys in the forms of OpenSSH: the line of a public key, and the private file of
 * PROTOCOL.key ("openssh-key-v1"). */
#ifndef SSH_KEY_FILE_H
#define SSH_KEY_FILE_H

#include "passphrase.h"

/* Whether the text of a whole file is the line of an OpenSSH public key, of any type. */
bool ssh_key_is_public(const uint8_t *text, size_t n);

/* Whether the bytes, which a PEM file held, say that they are an OpenSSH private key. */
bool ssh_key_is_private(const uint8_t *bytes, size_t n);

/* Decode the key.  Messages name the path.  Where source->is_peek and the private key is
 * encrypted, *key is its public half, which is not. */
VL_MUST_CHECK
int ssh_key_decode_public(struct vl_key **key, const uint8_t *text, size_t n,
                          const char *path, struct vl_error *err);
VL_MUST_CHECK
int ssh_key_decode_private(struct vl_key **key, const uint8_t *bytes, size_t n,
                           struct passphrase_source *source, struct vl_error *err);

#endif
