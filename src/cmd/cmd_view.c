#include "cli.h"

static const struct cli_option options[] = {
    CLI_OPTION_KEYS(struct vl_view_options, keys, false),
    CLI_OPTION_REGIONS(struct vl_view_options, request.regions),
    CLI_OPTION_BED(struct vl_view_options, request.beds),
    CLI_OPTION_BED_AS_SAMTOOLS(struct vl_view_options, request.beds),
    {0, "header", NULL, CLI_FLAG, offsetof(struct vl_view_options, header_only), false, 0,
     0, "the header instead of the records"},
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_view_options *o = args;
    o->size = sizeof *o;
    o->input = cli->operand;
    o->hooks = cli_hooks(cli);
    o->hooks.progress = NULL; /* none: the text may go to the same terminal */
    return vl_view(o, cli_write_text, NULL, err);
}

const struct cli_command cli_view = {
    .name = "view",
    .summary = "show a VAC or BDIFF as text",
    .operand = "file.vac|file.bdiff",
    .takes_regions = true,
    .regions_offset = offsetof(struct vl_view_options, request.regions),
    .options = options,
    .args_size = sizeof(struct vl_view_options),
    .run = run,
};
