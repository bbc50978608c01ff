#include "cli.h"

static const struct cli_option options[] = {
    CLI_OPTION_KEY(struct vl_reencrypt_options, key, true),
    CLI_OPTION_RECIPIENTS(struct vl_reencrypt_options, recipients),
    CLI_OPTION_BDIFF(struct vl_reencrypt_options, bdiff, "BDIFF to cut from"),
    CLI_OPTION_OUTPUT(struct vl_reencrypt_options, output, "BDIFF to write: the slice"),
    CLI_OPTION_FORCE(struct vl_reencrypt_options, force),
    CLI_OPTION_REGIONS(struct vl_reencrypt_options, request.regions),
    CLI_OPTION_BED(struct vl_reencrypt_options, request.beds),
    CLI_OPTION_BED_AS_SAMTOOLS(struct vl_reencrypt_options, request.beds),
    CLI_OPTION_UNMAPPED(struct vl_reencrypt_options, request.unplaced),
    {0, "all", NULL, CLI_FLAG, offsetof(struct vl_reencrypt_options, all), false, 0, 0,
     "instead of regions: all that -d grants"},
    CLI_OPTION_SIGNER(struct vl_reencrypt_options, signer),
    CLI_OPTION_VERIFY(struct vl_reencrypt_options, verify),
    CLI_OPTION_UNVERIFIED(struct vl_reencrypt_options, unverified),
    CLI_OPTION_REFERENCE(struct vl_reencrypt_options, reference),
    CLI_OPTION_THREADS(struct vl_reencrypt_options, n_threads),
    CLI_OPTION_C4GH_KEYS(struct vl_reencrypt_options),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_reencrypt_options *o = args;
    struct vl_reencrypt_counts c = {0};
    o->size = sizeof *o;
    o->masked = cli->operand;
    o->hooks = cli_hooks(cli);
    int rc = cli_check_binary(cli, o->output, err);
    if (rc == 0)
        rc = vl_reencrypt(o, &c, err);
    if (rc < 0)
        return rc;
    cli_note(cli, "%s", c.granted);
    CLI_COUNTS(cli, {"windows", c.n_windows}, {"records_restored", c.n_restored},
               {"records_whole", c.n_whole}, {"records_loose", c.n_loose},
               {"records_withheld", c.n_withheld}, {"bdiff_bytes", c.bdiff_bytes});
    return 0;
}

const struct cli_command cli_reencrypt = {
    .name = "reencrypt",
    .summary = "cut a slice of a BDIFF for somebody else's key",
    .operand = "masked.bam",
    .takes_regions = true,
    .regions_offset = offsetof(struct vl_reencrypt_options, request.regions),
    .options = options,
    .args_size = sizeof(struct vl_reencrypt_options),
    .run = run,
};
