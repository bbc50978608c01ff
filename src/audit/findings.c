#include "findings.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "varlock/json.h"

int findings_put(struct audit_report *report, const char *metric, double value,
                 double chance, enum audit_verdict verdict, const char *format, ...)
{
    struct audit_finding *v =
        vl_array_grow(report->v, report->n, &report->cap, sizeof *report->v);
    if (!v)
        return VL_ERR_MEMORY;
    report->v = v;
    struct audit_finding *finding = &v[report->n++];
    *finding =
        (struct audit_finding){.value = value, .chance = chance, .verdict = verdict};
    snprintf(finding->metric, sizeof finding->metric, "%s", metric);
    va_list args;
    va_start(args, format);
    vsnprintf(finding->what, sizeof finding->what, format, args);
    va_end(args);
    return 0;
}

int findings_put_none(struct audit_report *report, const char *metric, uint64_t n,
                      uint64_t n_all, const char *what)
{
    return findings_put(report, metric, (double)n, 0, n ? AUDIT_FAIL : AUDIT_PASS,
                        "of %" PRIu64 " %s", n_all, what);
}

const char *audit_verdict_name(enum audit_verdict verdict)
{
    static const char *const NAMES[] = {"pass", "FAIL", "too few", "declared"};
    return NAMES[verdict];
}

enum audit_verdict audit_report_verdict(const struct audit_report *report)
{
    enum audit_verdict all = AUDIT_PASS;
    for (size_t i = 0; i < report->n; i++) {
        if (report->v[i].verdict == AUDIT_FAIL)
            return AUDIT_FAIL;
        if (report->v[i].verdict == AUDIT_FEW)
            all = AUDIT_FEW;
    }
    return all;
}

static void put_figure(struct vl_buf *out, double figure)
{
    if (isnan(figure))
        vl_buf_addf(out, "\t.");
    else
        vl_buf_addf(out,
                    fabs(figure) < 1e15 && figure == floor(figure) ? "\t%.0f" : "\t%.4g",
                    figure);
}

int audit_report_table(const struct audit_report *report, struct vl_buf *out)
{
    vl_buf_addf(out, "#METRIC\tVALUE\tCHANCE\tVERDICT\tWHAT\n");
    for (size_t i = 0; i < report->n; i++) {
        const struct audit_finding *f = &report->v[i];
        vl_buf_addf(out, "%s", f->metric);
        put_figure(out, f->value);
        put_figure(out, f->chance);
        vl_buf_addf(out, "\t%s\t%s\n", audit_verdict_name(f->verdict), f->what);
    }
    vl_buf_addf(out, "all\t.\t.\t%s\tof all metrics\n",
                audit_verdict_name(audit_report_verdict(report)));
    return out->failed ? VL_ERR_MEMORY : 0;
}

int audit_report_json(const struct audit_report *report, struct vl_buf *out)
{
    struct vl_json *all = vl_json_object(), *metrics = vl_json_array();
    vl_json_set_text(all, "program", "varlock " VARLOCK_VERSION);
    vl_json_set_text(all, "verdict", audit_verdict_name(audit_report_verdict(report)));
    if (report->facts.sha256[0])
        vl_json_set_text(all, "masked_sha256", report->facts.sha256);
    for (size_t i = 0; i < report->n; i++) {
        const struct audit_finding *f = &report->v[i];
        struct vl_json *metric = vl_json_object();
        vl_json_set_text(metric, "metric", f->metric);
        vl_json_set_real(metric, "value", f->value);
        vl_json_set_real(metric, "chance", f->chance);
        vl_json_set_text(metric, "verdict", audit_verdict_name(f->verdict));
        vl_json_set_text(metric, "what", f->what);
        vl_json_add(metrics, metric);
    }
    vl_json_set(all, "metrics", metrics);
    int rc = vl_json_write(all, out);
    vl_json_free(all);
    return rc;
}

void audit_report_clear(struct audit_report *report)
{
    free(report->v);
    *report = (struct audit_report){0};
}
