#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define FIELD(name) offsetof(struct vl_vcf2vac_options, name)

static const struct cli_option options[] = {
    CLI_OPTION_OUTPUT(struct vl_vcf2vac_options, output, "VAC file"),
    {0, "ac", "TAG", CLI_TEXT, FIELD(ac_tag), false, 0, 0,
     "INFO tag of the ALT counts; default AC"},
    {0, "an", "TAG", CLI_TEXT, FIELD(an_tag), false, 0, 0,
     "INFO tag of the total count; default AN"},
    {0, "contigs", "FILE", CLI_TEXT, FIELD(contigs), false, 0, 0,
     "names and lengths (.fai) instead of the VCF's"},
    {0, "rename-contigs", "FILE", CLI_TEXT, FIELD(rename_contigs), false, 0, 0,
     "lines of old and new names, as bcftools"},
    CLI_OPTION_THREADS(struct vl_vcf2vac_options, n_threads),
    CLI_OPTION_C4GH_KEYS(struct vl_vcf2vac_options),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

/* Appends a count to `text`.  Counts of rare things are mentioned only where they are not
 * 0. */
static void put_count(char *text, size_t cap, const char *before, uint64_t n,
                      const char *what)
{
    size_t used = strlen(text);
    if (n > 0)
        snprintf(text + used, cap - used, "%s%" PRIu64 " %s", before, n, what);
}

static void note_counts(struct cli *cli, const struct vl_vcf2vac_counts *c)
{
    char rare[256] = "";
    put_count(rare, sizeof rare, ", ", c->n_misfit, "with counts that do not fit");
    put_count(rare, sizeof rare, ", ", c->n_malformed, "malformed");
    put_count(rare, sizeof rare, ", ", c->n_blank, "blank");
    put_count(rare, sizeof rare, "; REF is 0 at ", c->n_over_total,
              "sites whose ALTs count more than the total");
    cli_note(cli,
             "%" PRIu64 " sites from %" PRIu64 " lines; joined %" PRIu64
             "; skipped %" PRIu64 " not SNV, %" PRIu64 " without counts, %" PRIu64
             " duplicate%s",
             c->n_sites, c->n_lines, c->n_joined, c->n_not_snv, c->n_no_counts,
             c->n_duplicate, rare);
}

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_vcf2vac_options *o = args;
    struct vl_vcf2vac_counts c = {0};
    o->size = sizeof *o;
    o->inputs = cli->operands;
    o->hooks = cli_hooks(cli);
    cli->unit = "lines";
    int rc = cli_check_binary(cli, o->output, err);
    if (rc == 0)
        rc = vl_vcf2vac(o, &c, err);
    if (rc < 0)
        return rc;
    note_counts(cli, &c);
    CLI_COUNTS(cli, {"lines", c.n_lines}, {"sites", c.n_sites}, {"joined", c.n_joined},
               {"not_snv", c.n_not_snv}, {"without_counts", c.n_no_counts},
               {"duplicate", c.n_duplicate}, {"misfit", c.n_misfit},
               {"malformed", c.n_malformed}, {"blank", c.n_blank},
               {"alt_over_total", c.n_over_total});
    return 0;
}

const struct cli_command cli_vcf2vac = {
    .name = "vcf2vac",
    .summary = "turn a population's VCF into allele counts (VAC)",
    .operand = "in.vcf[.gz]|in.bcf|- ...",
    .takes_many = true,
    .options = options,
    .args_size = sizeof(struct vl_vcf2vac_options),
    .run = run,
};
