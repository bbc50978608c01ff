/* The question of an htsget client for reads, as the server takes it (htsget 1.3).  The
 * fields and tags that it chooses are checked, and all are sent. */
#ifndef VARLOCK_NET_READS_QUESTION_H
#define VARLOCK_NET_READS_QUESTION_H

#include <stdbool.h>

#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/region.h"

struct reads_question {
    bool header_only;
    bool is_of_all;          /* no ranges are asked for */
    struct vl_ranges ranges; /* normalised */
};

/* The parameters of a GET; NULL where they are absent. */
struct reads_parameters {
    const char *format, *class, *reference_name, *start, *end, *fields, *tags, *notags;
};

/* Why a question is refused. */
struct reads_refusal {
    unsigned status;  /* of HTTP */
    const char *type; /* "InvalidInput" */
    struct vl_error error;
};

/* Each returns 0, or VL_ERR_DATA with the refusal; the caller clears the question then,
 * too. */
VL_MUST_CHECK
int reads_question_get(struct reads_question *question,
                       const struct reads_parameters *parameters,
                       const struct vl_contigs *contigs, struct reads_refusal *refusal);
VL_MUST_CHECK
int reads_question_post(struct reads_question *question, const char *body, size_t n,
                        const struct vl_contigs *contigs, struct reads_refusal *refusal);

void reads_question_clear(struct reads_question *question);

#endif
