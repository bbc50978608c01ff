/* A BDIFF opened with whichever of several private keys is a recipient's. */
#ifndef VARLOCK_CORE_BDIFF_KEYS_H
#define VARLOCK_CORE_BDIFF_KEYS_H

#include "container/bdiff_file.h"
#include "varlock/varlock.h"

/* Opens a BDIFF as vl_bdiff_reader_open does, with the first of the keys that opens it.
 * Several keys are looked at in this order: those whose public half is readable without a
 * passphrase, where an entry has their hint; then the others, each of which is unlocked
 * once, with the caller's hooks.  A note names the key that opens.  If none does, the
 * error says what each of them is to the file. */
VL_MUST_CHECK
int bdiff_open_with_keys(struct vl_bdiff_reader **reader, const char *path,
                         const struct vl_list *keys, const struct vl_hooks *hooks,
                         const struct vl_key *verifier, const char *verifier_path,
                         struct vl_error *err);

#endif
