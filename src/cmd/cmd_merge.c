#include <inttypes.h>

#include "cli.h"

static const struct cli_option options[] = {
    CLI_OPTION_KEY(struct vl_merge_options, key, true),
    CLI_OPTION_RECIPIENTS(struct vl_merge_options, recipients),
    CLI_OPTION_BDIFF(struct vl_merge_options, bdiff, "BDIFF to write"),
    CLI_OPTION_OUTPUT(struct vl_merge_options, output, "masked BAM; its index: FILE.csi"),
    CLI_OPTION_FORCE(struct vl_merge_options, force),
    CLI_OPTION_SIGNER(struct vl_merge_options, signer),
    CLI_OPTION_VERIFY(struct vl_merge_options, verify),
    CLI_OPTION_UNVERIFIED(struct vl_merge_options, unverified),
    CLI_OPTION_THREADS(struct vl_merge_options, n_threads),
    CLI_OPTION_C4GH_KEYS(struct vl_merge_options),
    CLI_OPTION_C4GH_RECIPIENTS(struct vl_merge_options, c4gh_recipients),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_merge_options *o = args;
    struct vl_merge_counts c = {0};
    o->size = sizeof *o;
    o->shards = cli->operands;
    o->hooks = cli_hooks(cli);
    int rc = cli_check_binary(cli, o->bdiff, err);
    if (rc == 0)
        rc = vl_merge(o, &c, err);
    if (rc < 0)
        return rc;
    cli_note(cli,
             "%" PRIu64 " shards joined: %" PRIu64 " masked records, %" PRIu64
             " whole in the BDIFF",
             c.n_shards, c.n_masked, c.n_whole);
    CLI_COUNTS(cli, {"shards", c.n_shards}, {"records_masked", c.n_masked},
               {"records_whole_in_bdiff", c.n_whole}, {"windows", c.n_windows},
               {"bdiff_bytes", c.bdiff_bytes});
    return 0;
}

const struct cli_command cli_merge = {
    .name = "merge",
    .summary = "join shards that encrypt -r has masked",
    .operand = "shard.bam shard.bdiff ...",
    .takes_many = true,
    .options = options,
    .args_size = sizeof(struct vl_merge_options),
    .run = run,
};
