/* The passphrase of a new key. */
#ifndef VARLOCK_CMD_NEW_PASSPHRASE_H
#define VARLOCK_CMD_NEW_PASSPHRASE_H

#include "cli.h"

/* Sets *passphrase to that of the invocation, else to one that is asked for twice on the
 * terminal; to NULL with `none`.  `name` is the key's, which must be files. */
VL_MUST_CHECK
int new_passphrase(struct cli *cli, const char *name, bool none, const char **passphrase,
                   struct vl_error *err);

#endif
