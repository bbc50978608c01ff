/* The masking key of a run, from the caller's file or drawn. */
#ifndef VARLOCK_CORE_MASK_KEY_H
#define VARLOCK_CORE_MASK_KEY_H

#include <stdint.h>

#include "varlock/draw.h"
#include "varlock/error.h"

/* Reads the key from the file at `path` (NULL: draws a new key).  The caller wipes it.
 * VL_ERR_KEY if the file has the wrong length. */
int mask_key_read(const char *path, uint8_t mask_key[VL_MASK_KEY_BYTES],
                  struct vl_error *err);

#endif
