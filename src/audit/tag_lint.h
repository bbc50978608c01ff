/* A14: what header, tags and read names show beyond what a masked file may (DESIGN of
 * tags and header: man varlock-encrypt). */
#ifndef VARLOCK_AUDIT_TAG_LINT_H
#define VARLOCK_AUDIT_TAG_LINT_H

#include <htslib/sam.h>

#include "alignment/alignment_input.h"
#include "projection/masked_tags.h"
#include "varlock/audit.h"
#include "varlock/names.h"

struct tag_lint {
    struct tag_policy policy;
    struct vl_names read_groups;   /* of the masked header */
    struct vl_names private_names; /* header values that no read name may hold */
    struct vl_buf allowed;         /* tags that this record may show */
    uint64_t n_lines, n_odd_lines; /* of the header */
    uint64_t n_records;
    uint64_t n_tags, n_odd_tags;
    char odd_tags[8 * 3 + 1]; /* names of the first different ones, each with a blank */
    uint64_t n_odd_names;
    uint64_t n_run_names; /* names that tell run and place on the flow cell */
};

/* Judges the header, and prepares for the records.  `keep` is a checked list of tags or
 * NULL. */
VL_MUST_CHECK
int tag_lint_open(struct tag_lint *lint, const struct alignment_input *in,
                  const char *keep, struct vl_error *err);

/* Counts a record.  Memory that ran out is seen by tag_lint_report. */
void tag_lint_add(struct tag_lint *lint, const bam1_t *b);

VL_MUST_CHECK
int tag_lint_report(const struct tag_lint *lint, struct audit_report *report);

void tag_lint_close(struct tag_lint *lint);

#endif
