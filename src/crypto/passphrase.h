/* How a decoder of key files asks for the passphrase of the file it decodes. */
#ifndef PASSPHRASE_H
#define PASSPHRASE_H

#include "varlock/hooks.h"
#include "varlock/key.h"

struct passphrase_source {
    vl_passphrase_fn ask; /* NULL: none */
    void *arg;
    const char *path; /* of the key file */
    /* Only what is readable without a passphrase is wanted: `needed` becomes true where
     * one would have been asked for. */
    bool is_peek, needed;
};

/* Returns the length of the passphrase, or a negative error.  The caller wipes. */
VL_MUST_CHECK
int passphrase_ask(struct passphrase_source *source,
                   char passphrase[static VL_PASSPHRASE_MAX], struct vl_error *err);

/* Fills in the error of a key that the passphrase did not open. */
int passphrase_refuse(const struct passphrase_source *source, struct vl_error *err);

#endif
