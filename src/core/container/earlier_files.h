/* Files that a BDIFF and its masked file replace: when they may, and where they are when
 * a run was killed between two names. */
#ifndef VARLOCK_CORE_EARLIER_FILES_H
#define VARLOCK_CORE_EARLIER_FILES_H

#include <stdbool.h>

#include "varlock/error.h"

/* VL_ERR_USAGE where the path ends as alignments or their index do, or a BDIFF stands
 * there and `replaces` is not set; else as vl_outfile_check for a file. */
VL_MUST_CHECK
int bdiff_output_check(const char *path, bool replaces, struct vl_error *err);

/* The same of a masked file or its index, which may not end as a BDIFF does.  `rules` of
 * vl_outfile_open; without VL_OUTFILE_REPLACES the message says why not. */
VL_MUST_CHECK
int masked_output_check(const char *path, unsigned rules, struct vl_error *err);

/* Adds to a message about a BDIFF or a masked file (either may be NULL) where the earlier
 * files are, if a run that was killed left some; returns `code`. */
int earlier_files_tell(const char *bdiff, const char *masked, int code,
                       struct vl_error *err);

#endif
