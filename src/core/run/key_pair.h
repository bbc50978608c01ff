/* The two files of a new key pair. */
#ifndef VARLOCK_CORE_KEY_PAIR_H
#define VARLOCK_CORE_KEY_PAIR_H

#include "varlock/buf.h"
#include "varlock/error.h"

struct key_pair {
    struct vl_buf private_path, public_path; /* NUL-terminated */
    struct vl_buf private_text, public_text; /* what the caller puts into the files */
};

/* Names the files after `name`.  VL_ERR_USAGE if it is empty, or one of them exists: no
 * file is ever replaced, for whoever loses a private key loses all that was sealed to
 * it. */
VL_MUST_CHECK
int key_pair_name(struct key_pair *pair, const char *name, const char *private_ending,
                  const char *public_ending, struct vl_error *err);

/* Writes both files, or none; only the owner may read the private one. */
VL_MUST_CHECK
int key_pair_write(struct key_pair *pair, struct vl_error *err);

/* Wipes and frees. */
void key_pair_clear(struct key_pair *pair);

#endif
