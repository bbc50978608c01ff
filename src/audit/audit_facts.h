/* What a report says of the files. */
#ifndef VARLOCK_AUDIT_FACTS_H
#define VARLOCK_AUDIT_FACTS_H

#include "alignment/alignment_input.h"
#include "varlock/audit.h"

/* Fills in what header and file tell. */
VL_MUST_CHECK
int audit_facts_find(struct audit_facts *facts, const struct audit_options *options,
                     const struct alignment_input *in, struct vl_error *err);

#endif
