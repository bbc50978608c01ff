/*
 * The private keys with which somebody opens Crypt4GH files.  A key that is locked with a
 * passphrase is unlocked when it is first needed.
 */
#ifndef VARLOCK_CORE_C4GH_KEYS_H
#define VARLOCK_CORE_C4GH_KEYS_H

#include <pthread.h>
#include <stdbool.h>

#include "varlock/hooks.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

struct c4gh_key {
    const char *path;         /* the caller's */
    struct vl_key_file *file; /* NULL once the key is unlocked, or cannot be */
    struct vl_key *key;       /* a pair that agrees; NULL while it is locked */
    char *refusal;            /* why it cannot be unlocked; NULL: it can */
};

struct c4gh_keys {
    struct c4gh_key *v;
    size_t n;
    const struct vl_hooks *hooks;
    pthread_mutex_t mutex; /* files may be opened from several threads */
};

/* Reads the files, and what needs no passphrase.  `paths` and `hooks` must outlive the
 * keys.  VL_ERR_KEY: a file holds no private key that agrees. */
VL_MUST_CHECK
int c4gh_keys_read(struct c4gh_keys *keys, const struct vl_list *paths,
                   const struct vl_hooks *hooks, struct vl_error *err);

/* Unlocks the key if it is locked; the caller holds the mutex.  A wrong passphrase is no
 * error, for other keys may open the file: `refusal` is set. */
VL_MUST_CHECK
int c4gh_key_unlock(struct c4gh_keys *keys, struct c4gh_key *key, struct vl_error *err);

/* Wipes and frees. */
void c4gh_keys_clear(struct c4gh_keys *keys);

#endif
