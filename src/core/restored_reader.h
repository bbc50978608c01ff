/* Several readers of restored records over one BDIFF (varlock/restored.h). */
#ifndef VARLOCK_CORE_RESTORED_READER_H
#define VARLOCK_CORE_RESTORED_READER_H

#include "container/bdiff_file.h"
#include "varlock/restored.h"

/* Opens another reader with the keys and the BDIFF of `from`, which it must not outlive.
 * Thread safe. */
VL_MUST_CHECK
int restored_reader_again(struct vl_restored **reader, const struct vl_restored *from,
                          struct vl_error *err);

/* Goes on with the records that overlap normalised ranges, which must outlive that. */
VL_MUST_CHECK
int restored_reader_select(struct vl_restored *reader, const struct vl_ranges *ranges,
                           struct vl_error *err);

/* The masked file, and the BDIFF (NULL: there is none). */
struct alignment_input *restored_reader_input(struct vl_restored *reader);
const struct vl_bdiff_reader *restored_reader_bdiff(const struct vl_restored *reader);

#endif
