#include <inttypes.h>

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
    CLI_OPTIONS_END,
};

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_vcf2vac_options *o = args;
    struct vl_vcf2vac_counts c = {0};
    o->size = sizeof *o;
    o->input = cli->operand;
    o->hooks = cli_hooks(cli);
    cli->unit = "lines";
    int rc = cli_check_binary(cli, o->output, err);
    if (rc == 0)
        rc = vl_vcf2vac(o, &c, err);
    if (rc < 0)
        return rc;
    cli_note(cli,
             "%" PRIu64 " sites from %" PRIu64 " lines; joined %" PRIu64
             "; skipped %" PRIu64 " not SNV, %" PRIu64 " without counts, %" PRIu64
             " duplicate",
             c.n_sites, c.n_lines, c.n_joined, c.n_not_snv, c.n_no_counts, c.n_duplicate);
    CLI_COUNTS(cli, {"lines", c.n_lines}, {"sites", c.n_sites}, {"joined", c.n_joined},
               {"not_snv", c.n_not_snv}, {"without_counts", c.n_no_counts},
               {"duplicate", c.n_duplicate});
    return 0;
}

const struct cli_command cli_vcf2vac = {
    .name = "vcf2vac",
    .summary = "turn a population's VCF into allele counts (VAC)",
    .operand = "in.vcf[.gz]|in.bcf|-",
    .options = options,
    .args_size = sizeof(struct vl_vcf2vac_options),
    .run = run,
};
