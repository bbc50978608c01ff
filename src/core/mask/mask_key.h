/* The masking key of a run, from the caller's file or drawn. */
#ifndef VARLOCK_CORE_MASK_KEY_H
#define VARLOCK_CORE_MASK_KEY_H

#include <stdint.h>

#include "run/signatures.h"
#include "varlock/draw.h"
#include "varlock/error.h"
#include "varlock/hooks.h"

/* Reads the key from the file at `path` (NULL: draws a new key).  The caller wipes it.
 * Warns if other users can read the file.  VL_ERR_KEY if it has the wrong length. */
VL_MUST_CHECK
int mask_key_read(const char *path, const struct vl_hooks *hooks,
                  uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

/* Takes the masking key of an earlier run from its owner's BDIFF, which the private key
 * at key_path opens and the verifier's key must have signed.  VL_ERR_DATA if it is a
 * slice; VL_ERR_KEY, VL_ERR_SEAL, VL_ERR_IO. */
VL_MUST_CHECK
int mask_key_like(const char *bdiff, const char *key_path,
                  const struct verifier *verifier, const struct vl_hooks *hooks,
                  uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err);

#endif
