/* Private keys in the form of the Crypt4GH reference implementation ("c4gh-v1"). */
#ifndef C4GH_KEY_FILE_H
#define C4GH_KEY_FILE_H

#include "passphrase.h"

/* Whether the bytes, which a PEM file held, say that they are such a key. */
bool c4gh_key_is(const uint8_t *bytes, size_t n);

/* Decodes the key.  Messages name source->path. */
VL_MUST_CHECK
int c4gh_key_decode(struct vl_key **key, const uint8_t *bytes, size_t n,
                    struct passphrase_source *source, struct vl_error *err);

#endif
