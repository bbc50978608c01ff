#include <inttypes.h>
#include <limits.h>

#include "cli.h"

#define FIELD(name) offsetof(struct vl_encrypt_options, name)

static const struct cli_option options[] = {
    {'a', "vac", "FILE", CLI_TEXT, FIELD(vac), true, 0, 0, "population allele counts"},
    CLI_OPTION_RECIPIENTS(struct vl_encrypt_options, recipients),
    CLI_OPTION_BDIFF(struct vl_encrypt_options, bdiff, "BDIFF to write: what was masked"),
    CLI_OPTION_OUTPUT(struct vl_encrypt_options, output.path, "masked alignments"),
    CLI_OPTION_FORCE(struct vl_encrypt_options, force),
    CLI_OPTION_FORMAT(struct vl_encrypt_options, output.format),
    {'T', "reference", "FILE", CLI_TEXT, FIELD(output.reference), false, 0, 0,
     "reference FASTA: for --mask synth, and for CRAM"},
    CLI_OPTION_WRITE_INDEX(struct vl_encrypt_options, output.write_index),
    CLI_OPTION_SIGNER(struct vl_encrypt_options, signer),
    {0, "mask", "METHOD", CLI_TEXT, FIELD(mask), false, 0, 0,
     "synth (needs -T, which chooses it) or permute"},
    {0, "mask-key", "FILE", CLI_TEXT, FIELD(mask_key), false, 0, 0,
     "32 bytes that fix every draw; default: random"},
    {0, "like", "BDIFF", CLI_TEXT, FIELD(like), false, 0, 0,
     "owner's BDIFF of an earlier run: mask with its key"},
    CLI_OPTION_KEY(struct vl_encrypt_options, key, false),
    CLI_OPTION_VERIFY(struct vl_encrypt_options, verify),
    CLI_OPTION_UNVERIFIED(struct vl_encrypt_options, unverified),
    {'r', "region", "CONTIG", CLI_LIST, FIELD(regions), false, 0, 0,
     "a shard: mask this contig, or * (unplaced); may be repeated"},
    {0, "keep-tags", "LIST", CLI_TEXT, FIELD(keep_tags), false, 0, 0,
     "further tags to show, as AS,XS"},
    {0, "drop-tags", "LIST", CLI_TEXT, FIELD(drop_tags), false, 0, 0,
     "tags to take away for good"},
    {0, "qual", "MODE", CLI_TEXT, FIELD(quality), false, 0, 0,
     "synth: qualities shown: shuffle, oq, bin4, flat or keep"},
    {0, "names", "MODE", CLI_TEXT, FIELD(names), false, 0, 0,
     "synth: read names shown: keep or token"},
    {0, "max-insert", "N", CLI_NUMBER_OR_NONE, FIELD(max_insert), false, 1, INT_MAX,
     "synth: longest template that stays (10000), or none"},
    {0, "max-shift", "N", CLI_NUMBER, FIELD(max_shift), false, 1, INT_MAX,
     "synth: bases of the longest read shown (1000; long reads 1000000)"},
    {0, "blur", "SD", CLI_TEXT, FIELD(blur), false, 0, 0,
     "synth: how far 5' ends move (100)"},
    {0, "inserts", "HOW", CLI_TEXT, FIELD(inserts), false, 0, 0,
     "synth: insert sizes shown: draw (default), keep or MEDIAN,SD"},
    {0, "keep-discordant", NULL, CLI_FLAG, FIELD(keep_discordant), false, 0, 0,
     "synth: leave discordant templates in the masked file"},
    {0, "vault", "FILE", CLI_TEXT, FIELD(vault), false, 0, 0,
     "synth: BED file of places to take out of the masked file"},
    {0, "haploid", "LIST", CLI_TEXT, FIELD(haploid), false, 0, 0,
     "synth: contigs with one copy (chrM,MT)"},
    {0, "sex", "SEX", CLI_TEXT, FIELD(sex), false, 0, 0,
     "synth: female or male: copies of X and Y"},
    CLI_OPTION_THREADS(struct vl_encrypt_options, n_threads),
    CLI_OPTION_C4GH_KEYS(struct vl_encrypt_options),
    CLI_OPTION_C4GH_RECIPIENTS(struct vl_encrypt_options, output.c4gh_recipients),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

/* Prints one line: how many records were masked, and how many left the masked file, by
 * reason. */
static void print_summary(const struct cli *cli, const struct vl_encrypt_counts *c)
{
    if (!c->is_synth) {
        cli_note(cli,
                 "%" PRIu64 " of %" PRIu64 " records masked (permute), %" PRIu64
                 " whole in the BDIFF",
                 c->n_masked, c->n_records, c->n_whole);
        return;
    }
    cli_note(cli,
             "%" PRIu64 " of %" PRIu64 " records masked (synth), %" PRIu64
             " whole in the BDIFF: %" PRIu64 " secondary or supplementary, %" PRIu64
             " vaulted, %" PRIu64 " too long, %" PRIu64 " refused (no usable alignment)",
             c->n_masked, c->n_records, c->n_whole, c->n_second, c->n_vaulted, c->n_long,
             c->n_odd);
}

static void print_counts(const struct cli *cli, const struct vl_encrypt_counts *c)
{
    CLI_COUNTS(cli, {"reads", c->n_records}, {"records_written", c->n_masked},
               {"records_whole_in_bdiff", c->n_whole});
    if (c->is_synth)
        CLI_COUNTS(cli, {"secondary_or_supplementary", c->n_second},
                   {"vaulted", c->n_vaulted}, {"too_long", c->n_long},
                   {"refused", c->n_odd}, {"mates_unknown", c->n_mate_unknown},
                   {"unmapped", c->n_unmapped}, {"sites", c->n_sites_listed});
    else
        CLI_COUNTS(
            cli, {"unmapped", c->n_unmapped}, {"sites_covered", c->n_sites_covered},
            {"permutations", c->n_permutations}, {"md_withheld", c->n_md_withheld});
    CLI_COUNTS(cli, {"windows", c->n_windows}, {"bdiff_bytes", c->bdiff_bytes});
}

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_encrypt_options *o = args;
    struct vl_encrypt_counts c = {0};
    o->size = sizeof *o;
    o->input = cli->operand;
    o->hooks = cli_hooks(cli);
    int rc = cli_check_alignments(cli, &o->output, err);
    if (rc == 0)
        rc = cli_check_binary(cli, o->bdiff, err);
    if (rc == 0)
        rc = vl_encrypt(o, &c, err);
    if (rc < 0)
        return rc;
    print_summary(cli, &c);
    print_counts(cli, &c);
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
