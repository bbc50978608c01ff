/* A10: what mates say of each other. */
#ifndef VARLOCK_AUDIT_MATES_H
#define VARLOCK_AUDIT_MATES_H

#include <htslib/sam.h>

#include "varlock/audit.h"

struct mates; /* first mates wait for their second ones, up to MATES_FAR_MAX bases */

enum { MATES_FAR_MAX = 1000000 };

VL_MUST_CHECK
int mates_open(struct mates **mates, struct vl_error *err);

/* Takes the records in the order of their coordinates. */
VL_MUST_CHECK
int mates_add(struct mates *mates, const bam1_t *b, struct vl_error *err);

VL_MUST_CHECK
int mates_report(const struct mates *mates, struct audit_report *report);

void mates_free(struct mates *mates);

#endif
