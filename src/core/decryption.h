/* Decryption of what somebody else opened. */
#ifndef VARLOCK_CORE_DECRYPTION_H
#define VARLOCK_CORE_DECRYPTION_H

#include "container/bdiff_file.h"
#include "varlock/varlock.h"

/* As vl_decrypt, with a BDIFF that is open and stays the caller's; the options' keys are
 * not used.  Unless all of the owner's BDIFF is wanted, the masked file may be a part of
 * the whole one that has all records of the windows that the request needs, and others,
 * in their order. */
VL_MUST_CHECK
int decryption_run(const struct vl_decrypt_options *options,
                   struct vl_bdiff_reader *bdiff, struct vl_decrypt_counts *counts,
                   struct vl_error *err);

#endif
