#include "cli.h"

#define FIELD(name) offsetof(struct vl_encrypt_options, name)

static const struct cli_option options[] = {
    {'a', "vac", "FILE", CLI_TEXT, FIELD(vac), true, 0, 0, "population allele counts"},
    CLI_OPTION_RECIPIENTS(struct vl_encrypt_options, recipients),
    CLI_OPTION_BDIFF(struct vl_encrypt_options, bdiff, "BDIFF to write: what was masked"),
    CLI_OPTION_OUTPUT(struct vl_encrypt_options, output.path, "masked alignments"),
    CLI_OPTION_FORMAT(struct vl_encrypt_options, output.format),
    CLI_OPTION_REFERENCE(struct vl_encrypt_options, output.reference),
    CLI_OPTION_WRITE_INDEX(struct vl_encrypt_options, output.write_index),
    CLI_OPTION_SIGNER(struct vl_encrypt_options, signer),
    {0, "mask", "METHOD", CLI_TEXT, FIELD(mask), false, 0, 0, "permute (the default)"},
    {0, "mask-key", "FILE", CLI_TEXT, FIELD(mask_key), false, 0, 0,
     "32 bytes that fix every draw; default: random"},
    {0, "keep-tags", "LIST", CLI_TEXT, FIELD(keep_tags), false, 0, 0,
     "further tags to show, as AS,XS"},
    CLI_OPTION_THREADS(struct vl_encrypt_options, n_threads),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_encrypt_options *o = args;
    struct vl_encrypt_counts c = {0};
    o->input = cli->operand;
    o->hooks = cli_hooks(cli);
    int rc = cli_check_alignments(cli, &o->output, err);
    if (rc == 0)
        rc = cli_check_binary(cli, o->bdiff, err);
    if (rc == 0)
        rc = vl_encrypt(o, &c, err);
    if (rc < 0)
        return rc;
    CLI_COUNTS(cli, {"reads", c.n_records}, {"records_written", c.n_masked},
               {"records_whole_in_bdiff", c.n_whole}, {"unmapped", c.n_unmapped},
               {"sites_covered", c.n_sites_covered}, {"permutations", c.n_permutations},
               {"md_withheld", c.n_md_withheld}, {"windows", c.n_windows},
               {"bdiff_bytes", c.bdiff_bytes});
    return 0;
}

const struct cli_command cli_encrypt = {
    .name = "encrypt",
    .summary = "mask alignments; what was masked goes to a BDIFF",
    .operand = "in.bam|-",
    .options = options,
    .args_size = sizeof(struct vl_encrypt_options),
    .run = run,
};
