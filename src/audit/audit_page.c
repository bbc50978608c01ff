#include <math.h>
#include <string.h>
#include <time.h>

#include "audit_pictures.h"
#include "varlock/audit.h"

static const char STYLE[] =
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;"
    "--line:#d0d7de;--masked:#2f6fb7;--original:#b8561a;--good:#1a7f37;--bad:#c62828;"
    "--few:#8a5a00}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e6e9ed;"
    "--soft:#9aa4af;--line:#343b44;--masked:#6ea8e6;--original:#e8965a;--good:#56c271;"
    "--bad:#ff7b72;--few:#e0b04c}}\n"
    "body{background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif;"
    "max-width:62rem;margin:1.5rem auto;padding:0 1rem}\n"
    "h1{font-size:1.45rem;margin:0 0 .4rem;overflow-wrap:anywhere}"
    "h2{font-size:1.1rem;margin:1.4rem 0 .5rem}\n"
    ".verdict{border-left:6px solid var(--few);padding:.5rem .9rem;font-size:1.05rem}"
    ".verdict.pass{border-color:var(--good)}.verdict.fail{border-color:var(--bad)}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
    ".pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(19rem,1fr));"
    "gap:1rem}figure{margin:0;border:1px solid var(--line);padding:.6rem}"
    "figcaption{font-weight:600}figure p{margin:.2rem 0 0;color:var(--soft);"
    "font-size:.85rem}svg{width:100%;height:auto}\n"
    "svg text{fill:var(--ink);font-size:12px}.masked{fill:var(--masked)}"
    ".others{fill:var(--soft);fill-opacity:.6}.axis{stroke:var(--soft)}"
    ".own{stroke:var(--original);stroke-width:3}"
    ".limit{stroke:var(--bad);stroke-dasharray:5 4}"
    "polyline{fill:none;stroke-width:1.5}.line-original{stroke:var(--original);stroke-"
    "width:4;stroke-opacity:.55}"
    ".line-masked{stroke:var(--masked)}svg .name-original{fill:var(--original)}"
    "svg .name-masked{fill:var(--masked)}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}"
    "th,td{text-align:left;padding:.15rem .6rem .15rem 0;vertical-align:top;"
    "border-bottom:1px solid var(--line)}td.n{text-align:right;white-space:nowrap}"
    ".FAIL{color:var(--bad);font-weight:700}.pass{color:var(--good)}"
    ".few{color:var(--few);font-weight:700}.verdict{color:var(--ink)}\n"
    "ul{list-style:none;padding:0}li{margin:.2rem 0;padding-left:1.6rem;"
    "text-indent:-1.6rem}\n"
    "@media print{@page{size:A4;margin:11mm}body{font-size:8.5pt;margin:0;max-width:none;"
    "padding:0;line-height:1.3}h2{margin:.7rem 0 .3rem}figure,tr,li{break-inside:avoid}"
    "figure{padding:.3rem}.pictures{grid-template-columns:repeat(3,1fr);gap:.4rem}"
    "td,th{padding:.05rem .5rem .05rem 0}}\n";

static void put_escaped(struct vl_buf *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            vl_buf_addf(out, "&lt;");
            break;
        case '>':
            vl_buf_addf(out, "&gt;");
            break;
        case '&':
            vl_buf_addf(out, "&amp;");
            break;
        case '"':
            vl_buf_addf(out, "&quot;");
            break;
        default:
            vl_buf_add_byte(out, (uint8_t)*text);
        }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- the verdict ---- */

static void put_metrics(const struct audit_report *report, enum audit_verdict verdict,
                        struct vl_buf *out)
{
    const char *before = "";
    for (size_t i = 0; i < report->n; i++)
        if (report->v[i].verdict == verdict) {
            vl_buf_addf(out, "%s%s", before, report->v[i].metric);
            before = ", ";
        }
}

static void put_verdict(const struct audit_report *report, struct vl_buf *out)
{
    enum audit_verdict all = audit_report_verdict(report);
    static const char *const CLASSES[] = {"pass", "fail", "few"};
    vl_buf_addf(out, "<p class=\"verdict %s\" id=\"verdict\">", CLASSES[all]);
    if (all == AUDIT_FAIL) {
        vl_buf_addf(out,
                    "<strong>Failed: do not publish this file.</strong> It gives away "
                    "more than chance would, by ");
        put_metrics(report, AUDIT_FAIL, out);
        vl_buf_addf(out, ".");
    } else if (all == AUDIT_FEW) {
        vl_buf_addf(out,
                    "<strong>No verdict: there is too little data.</strong> It would "
                    "be needed for ");
        put_metrics(report, AUDIT_FEW, out);
        vl_buf_addf(out, ".");
    } else {
        vl_buf_addf(out,
                    "<strong>Passed.</strong> None of the attacks that were run gains "
                    "more than chance%s.",
                    report->facts.has_original
                        ? ""
                        : "; the masked file was looked at alone, without its original");
    }
    vl_buf_addf(out, " %s: what the residual risks below list stays visible.</p>\n",
                all == AUDIT_PASS ? "The file is pseudonymised, and still personal data"
                                  : "The file is personal data");
}

/* ---- the facts ---- */

static void put_fact(struct vl_buf *out, const char *name, const char *value)
{
    vl_buf_addf(out, "<dt>%s</dt><dd>", name);
    put_escaped(out, value);
    vl_buf_addf(out, "</dd>\n");
}

static void put_facts(const struct audit_report *report, const char *masked,
                      struct vl_buf *out)
{
    const struct audit_facts *facts = &report->facts;
    char date[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc))
        strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", &utc);
    vl_buf_addf(out, "<h2>What was audited</h2>\n<dl>\n");
    put_fact(out, "File", base_name(masked));
    if (facts->sha256[0])
        put_fact(out, "SHA-256", facts->sha256);
    put_fact(out, "Masking",
             facts->masking[0] ? facts->masking : "not told by its header");
    put_fact(out, "Compared with",
             facts->n_recipients   ? "the original, restored from its BDIFF"
             : facts->has_original ? "the original"
                                   : "nothing: the masked file alone");
    if (facts->n_recipients) {
        vl_buf_addf(out,
                    "<dt>Who can undo it</dt><dd>holders of the private keys for %zu "
                    "recipient%s of the owner's BDIFF, everywhere</dd>\n",
                    facts->n_recipients, facts->n_recipients == 1 ? "" : "s");
    }
    put_fact(out, "Program", "varlock " VARLOCK_VERSION);
    put_fact(out, "Date", date);
    vl_buf_addf(out, "</dl>\n");
}

/* ---- the table ---- */

static void put_number(struct vl_buf *out, double x)
{
    if (isnan(x))
        vl_buf_addf(out, "<td class=\"n\"></td>");
    else
        vl_buf_addf(out,
                    fabs(x) < 1e15 && x == floor(x) ? "<td class=\"n\">%.0f</td>"
                                                    : "<td class=\"n\">%.4g</td>",
                    x);
}

static void put_table(const struct audit_report *report, struct vl_buf *out)
{
    static const char *const CLASSES[] = {"pass", "FAIL", "few", "declared"};
    vl_buf_addf(out, "<h2>Every metric</h2>\n<table id=\"metrics\"><thead><tr><th>Metric"
                     "</th><th>Value</th><th>By chance</th><th>Verdict</th><th>What was "
                     "counted</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->n; i++) {
        const struct audit_finding *f = &report->v[i];
        vl_buf_addf(out, "<tr><td>%s</td>", f->metric);
        put_number(out, f->value);
        put_number(out, f->chance);
        vl_buf_addf(out, "<td class=\"%s\">%s</td><td>", CLASSES[f->verdict],
                    audit_verdict_name(f->verdict));
        put_escaped(out, f->what);
        vl_buf_addf(out, "</td></tr>\n");
    }
    vl_buf_addf(out, "</tbody></table>\n<p>man varlock-audit has the formula of each "
                     "metric, and its source.</p>\n");
}

/* ---- residual risks ---- */

static void put_risk(struct vl_buf *out, bool is_left, const char *what)
{
    vl_buf_addf(out, "<li class=\"%s\">%s %s</li>\n", is_left ? "left" : "closed",
                is_left ? "&#9745;" : "&#9744;", what);
}

static void put_risks(const struct audit_facts *facts, struct vl_buf *out)
{
    vl_buf_addf(out,
                "<h2>Residual risks</h2>\n<p>Ticked: this file shows it. Behind it, "
                "the option of varlock encrypt that closes it.</p>\n<ul id=\"risks\">\n");
    put_risk(out, true,
             "Coverage, and with it sex, copy number and larger deletions: <code>--vault "
             "BED</code> for places that must not show; else not closed.");
    put_risk(
        out, true,
        "Inserts and read starts tell of indels. Where synth draws and blurs them, a "
        "person "
        "whose whole genome is known is still recognised from a whole genome (some 90 "
        "nats at 30x): <code>--blur</code> higher makes it less.");
    put_risk(
        out, facts->shows_names,
        "Read names tell the sequencer's run and link files of one run: <code>--names "
        "token</code>.");
    put_risk(out, facts->shows_quality,
             "Base qualities are shown, if dealt among reads: <code>--qual flat</code>.");
    put_risk(out, facts->shows_mapq,
             "Mapping qualities in more than two classes tell of alleles: <code>--mask "
             "synth</code>.");
    put_risk(out, true, "Read lengths, strands and flags; splicing, in RNA: not closed.");
    vl_buf_addf(out, "</ul>\n");
}

int audit_report_page(const struct audit_report *report, const char *masked,
                      struct vl_buf *out)
{
    vl_buf_addf(out,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Audit "
                "of ");
    put_escaped(out, base_name(masked));
    vl_buf_addf(out, "</title>\n<style>\n");
    vl_buf_add(out, STYLE, sizeof STYLE - 1);
    vl_buf_addf(out, "</style></head><body>\n<h1>Audit of ");
    put_escaped(out, base_name(masked));
    vl_buf_addf(out, "</h1>\n");
    put_verdict(report, out);
    put_facts(report, masked, out);
    vl_buf_addf(out, "<h2>What the attacks saw</h2>\n<div class=\"pictures\">\n");
    audit_pictures_put(report, out);
    vl_buf_addf(out, "</div>\n");
    put_risks(&report->facts, out);
    put_table(report, out);
    vl_buf_addf(out, "</body></html>\n");
    return out->failed ? VL_ERR_MEMORY : 0;
}
