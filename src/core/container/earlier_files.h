/* Earlier files that a new BDIFF and its masked file replace: when they may be replaced,
 * and where they are if a run was killed between two renames. */
#ifndef VARLOCK_CORE_EARLIER_FILES_H
#define VARLOCK_CORE_EARLIER_FILES_H

#include <stdbool.h>

#include "varlock/error.h"

/* Checks the path of a new BDIFF.  VL_ERR_USAGE if it ends like an alignment file or its
 * index, or if a file exists there and `replaces` is not set.  Other errors are those of
 * vl_outfile_check. */
VL_MUST_CHECK
int bdiff_output_check(const char *path, bool replaces, struct vl_error *err);

/* Checks the path of a new masked file or its index.  VL_ERR_USAGE if it ends like a
 * BDIFF, or if a file exists there and `rules` (as in vl_outfile_open) lack
 * VL_OUTFILE_REPLACES; the message then gives the reason.  Other errors are those of
 * vl_outfile_check. */
VL_MUST_CHECK
int masked_output_check(const char *path, unsigned rules, struct vl_error *err);

/* Tells where the earlier files of a BDIFF and a masked file (either may be NULL) are, if
 * a run that was killed left some.  Adds this to the message in *err and returns
 * `code`. */
int earlier_files_tell(const char *bdiff, const char *masked, int code,
                       struct vl_error *err);

#endif
