#include <errno.h>

#include "alignment/alignment_input.h"
#include "findings.h"
#include "projection/masked_tags.h"
#include "run/job_queue.h"
#include "run/report.h"
#include "tag_lint.h"
#include "varlock/fail.h"

enum { PROGRESS_RECORDS = 16384 };

struct audit {
    const struct audit_options *options;
    htsThreadPool pool;
    struct alignment_input in;
    struct tag_lint tags;
};

static int audit_open(struct audit *a, const struct audit_options *options,
                      struct vl_error *err)
{
    *a = (struct audit){.options = options};
    int rc = tag_policy_check_keep(options->keep_tags, err);
    if (rc == 0)
        rc = pool_start(&a->pool, options->n_threads, err);
    if (rc == 0)
        rc = alignment_input_open(&a->in, options->masked, options->reference, NULL,
                                  &a->pool, err);
    if (rc == 0)
        rc = tag_lint_open(&a->tags, &a->in, options->keep_tags, err);
    return rc;
}

static int read_all(struct audit *a, struct vl_error *err)
{
    bam1_t *b = bam_init1();
    int rc = b ? 1 : vl_error_memory(err);
    while (rc > 0 && (rc = alignment_input_next(&a->in, b, err)) > 0) {
        tag_lint_add(&a->tags, b);
        if (a->in.n_records % PROGRESS_RECORDS == 0 &&
            hooks_progress(&a->options->hooks, a->in.n_records,
                           alignment_input_share(&a->in), err) < 0)
            rc = VL_ERR_CANCELLED;
    }
    bam_destroy1(b);
    return rc;
}

static int put_findings(const struct audit *a, struct audit_report *report)
{
    return tag_lint_report(&a->tags, report);
}

static void audit_close(struct audit *a)
{
    tag_lint_close(&a->tags);
    alignment_input_close(&a->in);
    pool_stop(&a->pool);
}

int audit_run(const struct audit_options *options, struct audit_report *report,
              struct vl_error *err)
{
    struct audit a;
    errno = 0;
    *report = (struct audit_report){0};
    int rc = audit_open(&a, options, err);
    if (rc == 0)
        rc = read_all(&a, err);
    if (rc == 0 && put_findings(&a, report) < 0)
        rc = vl_error_memory(err);
    audit_close(&a);
    return rc;
}
