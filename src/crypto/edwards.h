/* The curve of Ed25519, and its map to that of X25519 (RFC 7748 §4.1). */
#ifndef EDWARDS_H
#define EDWARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/fail.h"

/* Computes u = (1 + y) / (1 - y) of an Ed25519 public key.  *usable becomes false where
 * the key is no point of the curve in its one encoding (y >= p, or no x belongs to y), or
 * where y is 1 or -1, which have no u or are of order 2.  The result is negative only on
 * an internal failure. */
VL_MUST_CHECK
int edwards_to_montgomery(const uint8_t key[static 32], uint8_t u[static 32],
                          bool *usable, struct vl_error *err);

#endif
