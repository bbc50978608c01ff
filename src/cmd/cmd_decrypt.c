#include "cli.h"

#define FIELD(name) offsetof(struct vl_decrypt_options, name)

static const struct cli_option options[] = {
    CLI_OPTION_KEYS(struct vl_decrypt_options, keys, true),
    CLI_OPTION_BDIFF(struct vl_decrypt_options, bdiff, "BDIFF of the masked file"),
    CLI_OPTION_OUTPUT(struct vl_decrypt_options, output.path, "restored alignments"),
    CLI_OPTION_REGIONS(struct vl_decrypt_options, request.regions),
    CLI_OPTION_BED(struct vl_decrypt_options, request.beds),
    CLI_OPTION_BED_AS_SAMTOOLS(struct vl_decrypt_options, request.beds),
    CLI_OPTION_UNMAPPED(struct vl_decrypt_options, request.unplaced),
    {0, "whole", NULL, CLI_FLAG, FIELD(whole), false, 0, 0,
     "also write all other records, still masked"},
    CLI_OPTION_VERIFY(struct vl_decrypt_options, verify),
    CLI_OPTION_FORMAT(struct vl_decrypt_options, output.format),
    CLI_OPTION_REFERENCE(struct vl_decrypt_options, output.reference),
    CLI_OPTION_WRITE_INDEX(struct vl_decrypt_options, output.write_index),
    CLI_OPTION_THREADS(struct vl_decrypt_options, n_threads),
    CLI_OPTION_C4GH_KEYS(struct vl_decrypt_options),
    CLI_OPTION_C4GH_RECIPIENTS(struct vl_decrypt_options, output.c4gh_recipients),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_decrypt_options *o = args;
    struct vl_decrypt_counts c = {0};
    o->size = sizeof *o;
    o->masked = cli->operand;
    o->hooks = cli_hooks(cli);
    int rc = cli_check_alignments(cli, &o->output, err);
    if (rc == 0)
        rc = vl_decrypt(o, &c, err);
    if (rc < 0)
        return rc;
    if (!o->verify)
        cli_note(cli, "nothing proves who wrote %s; -V checks its signature", o->bdiff);
    if (o->whole)
        cli_note(cli, "--whole: what lies outside the granted windows is not verified");
    CLI_COUNTS(cli, {"records_written", c.n_records}, {"restored", c.n_restored},
               {"loose", c.n_loose}, {"still_masked", c.n_masked},
               {"windows_verified", c.n_windows});
    return 0;
}

const struct cli_command cli_decrypt = {
    .name = "decrypt",
    .summary = "restore what a BDIFF grants of a masked file",
    .operand = "masked.bam",
    .takes_regions = true,
    .regions_offset = offsetof(struct vl_decrypt_options, request.regions),
    .options = options,
    .args_size = sizeof(struct vl_decrypt_options),
    .run = run,
};
