/* The masking key of a run, as its caller gives it. */
#ifndef VARLOCK_CORE_MASK_KEY_H
#define VARLOCK_CORE_MASK_KEY_H

#include <stdint.h>

#include "varlock/draw.h"
#include "varlock/error.h"

/* Reads the file at `path` (NULL: draws a fresh key); the caller wipes it.  VL_ERR_KEY
 * where the file has another length. */
int mask_key_read(const char *path, uint8_t mask_key[VL_MASK_KEY_BYTES],
                  struct vl_error *err);

#endif
