/* The size of what a stream of htslib reads. */
#ifndef VARLOCK_CORE_SOURCE_END_H
#define VARLOCK_CORE_SOURCE_END_H

#include <htslib/hfile.h>

/* Goes to the end, or the byte before it, and returns the size in bytes; -1, and the
 * stream stays usable, where the source has no end to go to. */
off_t source_end(hFILE *source);

#endif
