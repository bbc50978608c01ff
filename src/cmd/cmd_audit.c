#include <string.h>

#include "cli.h"
#include "varlock/audit.h"
#include "varlock/buf.h"
#include "varlock/outfile.h"
#include "varlock/output_paths.h"

struct audit_args {
    struct audit_options o;
    const char *json, *html;
};

#define FIELD(field) offsetof(struct audit_args, o.field)

static const struct cli_option options[] = {
    {'a', "vac", "FILE", CLI_TEXT, FIELD(vac), true, 0, 0, "population allele counts"},
    {'T', "reference", "FILE", CLI_TEXT, FIELD(reference), true, 0, 0, "reference FASTA"},
    {0, "original", "FILE", CLI_TEXT, FIELD(original), false, 0, 0,
     "BAM, CRAM or SAM that was masked, to compare with"},
    {'d', "bdiff", "FILE", CLI_TEXT, FIELD(bdiff), false, 0, 0,
     "owner's BDIFF, which restores the original on the way"},
    CLI_OPTION_KEYS(struct audit_args, o.keys, false),
    CLI_OPTION_VERIFY(struct audit_args, o.verify),
    {0, "panel", "FILE", CLI_TEXT, FIELD(panel), false, 0, 0,
     "VCF or BCF of people, to link the masked file with"},
    {0, "simulate", "N", CLI_NUMBER, FIELD(n_simulated), false, 1, 1000000,
     "draw N people from the allele counts instead"},
    {0, "max-bits", "N", CLI_NUMBER, FIELD(max_bits), false, 1, 1000000,
     "bits about the original that genotypes may tell; default 33"},
    {0, "keep-tags", "LIST", CLI_TEXT, FIELD(keep_tags), false, 0, 0,
     "tags that are shown knowingly, such as CB,UB"},
    {0, "max-insert", "N", CLI_NUMBER, FIELD(max_insert), false, 1, 1000000000,
     "mates further apart tell of rearrangements; default 10000"},
    {0, "genotypes", "FILE", CLI_TEXT, FIELD(genotypes), false, 0, 0,
     "write the genotypes that the masked file shows"},
    {0, "json", "FILE", CLI_TEXT, offsetof(struct audit_args, json), false, 0, 0,
     "write the report as JSON too"},
    {0, "html", "FILE", CLI_TEXT, offsetof(struct audit_args, html), false, 0, 0,
     "write the report as a page too"},
    CLI_OPTION_THREADS(struct audit_args, o.n_threads),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

/* Writes a text whole or not at all. */
static int write_file(const char *path, const struct vl_buf *text, struct vl_error *err)
{
    struct vl_outfile *out = NULL;
    int rc = vl_outfile_open(&out, path, 0666, VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = vl_outfile_write(out, text->data, text->len, err);
    if (rc == 0)
        rc = vl_outfile_commit(out, err);
    vl_outfile_free(out);
    return rc;
}

static int write_reports(const struct audit_args *a, const struct audit_report *report,
                         struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    int rc = 0;
    if (a->json)
        rc = audit_report_json(report, &text) < 0 ? vl_error_memory(err)
                                                  : write_file(a->json, &text, err);
    vl_buf_reset(&text);
    if (rc == 0 && a->html)
        rc = audit_report_page(report, a->o.masked, &text) < 0
                 ? vl_error_memory(err)
                 : write_file(a->html, &text, err);
    vl_buf_clear(&text);
    return rc;
}

static int print_table(const struct audit_report *report, struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    int rc = audit_report_table(report, &text) < 0 ? vl_error_memory(err) : 0;
    /* What stdout refuses is seen when it is flushed. */
    if (rc == 0)
        cli_write_text(NULL, (const char *)text.data, text.len);
    vl_buf_clear(&text);
    return rc;
}

/* True if an output takes the place of the table. */
static bool is_stdout_taken(const struct audit_args *a)
{
    const char *const outputs[] = {a->json, a->html, a->o.genotypes};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (outputs[i] && strcmp(outputs[i], "-") == 0)
            return true;
    return false;
}

static int check_outputs(const struct audit_args *a, struct vl_error *err)
{
    const char *const inputs[] = {a->o.masked,   a->o.vac,   a->o.reference,
                                  a->o.original, a->o.bdiff, a->o.panel};
    const char *const outputs[] = {a->json, a->html, a->o.genotypes};
    const size_t n = sizeof outputs / sizeof *outputs;
    int rc =
        vl_file_check_outputs(outputs, n, inputs, sizeof inputs / sizeof *inputs, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        if (outputs[i])
            rc = vl_outfile_check(outputs[i], VL_OUTFILE_REPLACES, err);
    return rc;
}

static int check_options(const struct cli *cli, const struct audit_args *a,
                         struct vl_error *err)
{
    const struct audit_options *o = &a->o;
    if (!o->bdiff != (o->keys.n == 0) || (o->verify && !o->bdiff))
        return cli_usage(cli, err, "-d and -k go together; -V goes with them");
    if (o->bdiff && o->original)
        return cli_usage(cli, err, "--original or -d: either tells the original");
    if (o->panel && o->n_simulated)
        return cli_usage(cli, err, "--panel or --simulate: either gives people");
    if (o->n_simulated && !o->original && !o->bdiff)
        return cli_usage(cli, err,
                         "--simulate needs --original or -d: who is looked for?");
    if (o->bdiff && strcmp(cli->operand, "-") == 0)
        return cli_usage(cli, err,
                         "with -d the masked file is read twice: not from stdin");
    return check_outputs(a, err);
}

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct audit_args *a = args;
    struct audit_report report = {0};
    a->o.masked = cli->operand;
    a->o.wants_digest = (a->json || a->html) && strcmp(cli->operand, "-") != 0;
    a->o.hooks = cli_hooks(cli);
    int rc = check_options(cli, a, err);
    if (rc == 0)
        rc = audit_run(&a->o, &report, err);
    cli_progress_clear();
    if (rc == 0)
        rc = write_reports(a, &report, err);
    if (rc == 0 && !is_stdout_taken(a))
        rc = print_table(&report, err);
    if (rc == 0 && audit_report_verdict(&report) != AUDIT_PASS)
        cli->exit = CLI_NOT_PASSED;
    audit_report_clear(&report);
    return rc;
}

const struct cli_command cli_audit = {
    .name = "audit",
    .summary = "attack a masked file, and say what it gives away",
    .operand = "masked.bam",
    .options = options,
    .args_size = sizeof(struct audit_args),
    .run = run,
};
