#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "varlock/fetch.h"

enum { CONNECTIONS = 4, RETRIES = 5, TIMEOUT = 60, MIB = 1 << 20 };

struct fetch_args {
    struct fetch_options o;
    int connections, timeout, retries;
    const char *class;
    struct cli *cli; /* and what its progress line shows */
    double started;
    char unit[48];
};

#define FIELD(field) offsetof(struct fetch_args, o.field)

static const struct cli_option options[] = {
    CLI_OPTION_REGIONS(struct fetch_args, o.request.regions),
    CLI_OPTION_BED(struct fetch_args, o.request.beds),
    CLI_OPTION_BED_AS_SAMTOOLS(struct fetch_args, o.request.beds),
    CLI_OPTION_UNMAPPED(struct fetch_args, o.request.unplaced),
    {0, "class", "header", CLI_TEXT, offsetof(struct fetch_args, class), false, 0, 0,
     "header: the header without records"},
    {0, "format", "FORMAT", CLI_TEXT, FIELD(format), false, 0, 0,
     "BAM, CRAM, VCF or BCF; default: BAM, for variants VCF"},
    {0, "token-file", "FILE", CLI_TEXT, FIELD(token_file), false, 0, 0,
     "token to show; default: HTS_AUTH_LOCATION"},
    {0, "header", "'Name: value'", CLI_LIST, FIELD(headers), false, 0, 0,
     "to send with the question; may be repeated"},
    {0, "c4gh-key", "FILE", CLI_LIST, FIELD(c4gh_keys), false, 0, 0,
     "private key that opens the answer; may be repeated"},
    {0, "c4gh-scheme", "NAME", CLI_TEXT, FIELD(c4gh_scheme), false, 0, 0,
     "how the key is told: htsget-rs (default) or legacy"},
    {0, "allow-plain", NULL, CLI_FLAG, FIELD(allow_plain), false, 0, 0,
     "with --c4gh-key: take an answer that is not encrypted"},
    {0, "no-filter", NULL, CLI_FLAG, FIELD(no_filter), false, 0, 0,
     "keep what the server sends beyond the regions"},
    {'d', "bdiff", "FILE", CLI_TEXT, FIELD(bdiff), false, 0, 0,
     "restore the masked file that the server has"},
    CLI_OPTION_KEYS(struct fetch_args, o.keys, false),
    CLI_OPTION_VERIFY(struct fetch_args, o.verify),
    {0, "cacert", "FILE", CLI_TEXT, FIELD(ca_file), false, 0, 0,
     "PEM of the authorities that the server's certificate is checked with"},
    {0, "connections", "N", CLI_NUMBER, offsetof(struct fetch_args, connections), false,
     1, 64, "at a time; default 4"},
    {0, "retries", "N", CLI_NUMBER_OR_NONE, offsetof(struct fetch_args, retries), false,
     0, 1000, "failures in a row, or none; default 5"},
    {0, "timeout", "SECONDS", CLI_NUMBER, offsetof(struct fetch_args, timeout), false, 1,
     86400, "without a byte; default 60"},
    CLI_OPTION_THREADS(struct fetch_args, o.n_threads),
    CLI_OPTION_REFERENCE(struct fetch_args, o.output.reference),
    {'O', "output-fmt", "FORMAT", CLI_TEXT, FIELD(output.format), false, 0, 0,
     "of alignments: bam, cram or sam; default: by the ending of -o"},
    CLI_OPTION_WRITE_INDEX(struct fetch_args, o.output.write_index),
    {'o', "output", "FILE", CLI_TEXT, FIELD(output.path), false, 0, 0,
     "default: standard output"},
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int show_bytes(void *arg, uint64_t n, uint64_t n_resumed, double share)
{
    struct fetch_args *a = arg;
    double now = seconds_now();
    if (a->started == 0)
        a->started = now;
    double seconds = now - a->started > 0.01 ? now - a->started : 0.01;
    snprintf(a->unit, sizeof a->unit, "MiB, %.1f MiB/s",
             (double)(n - n_resumed) / MIB / seconds);
    a->cli->unit = a->unit;
    int rc = cli_progress(a->cli, n / MIB, share);
    a->cli->unit = "reads"; /* of what is told once all bytes are here */
    return rc;
}

static int check(struct cli *cli, struct fetch_args *a, struct vl_error *err)
{
    struct fetch_options *o = &a->o;
    if (a->class && strcmp(a->class, "header") != 0)
        return cli_usage(cli, err, "--class %s: is not header", a->class);
    o->header_only = a->class != NULL;
    if (o->header_only &&
        (o->request.regions.n > 0 || o->request.beds.n > 0 || o->request.unplaced))
        return cli_usage(cli, err, "--class header goes without regions");
    if ((o->c4gh_scheme || o->allow_plain) && o->c4gh_keys.n == 0)
        return cli_usage(cli, err, "%s needs --c4gh-key",
                         o->allow_plain ? "--allow-plain" : "--c4gh-scheme");
    if (!o->bdiff != (o->keys.n == 0) || (o->verify && !o->bdiff))
        return cli_usage(cli, err, "--bdiff and -k go together; -V goes with them");
    if (o->bdiff && (o->header_only || o->no_filter))
        return cli_usage(cli, err, "--bdiff goes without --class and --no-filter");
    if (!o->output.path)
        o->output.path = "-";
    return cli_check_alignments(cli, &o->output, err);
}

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct fetch_args *a = args;
    struct fetch_counts counts = {0};
    int rc = check(cli, a, err);
    if (rc < 0)
        return rc;
    a->o.url = cli->operand;
    a->o.n_connections = a->connections ? a->connections : CONNECTIONS;
    a->o.timeout = a->timeout ? a->timeout : TIMEOUT;
    a->o.n_retries = a->retries < 0 ? 0 : a->retries ? a->retries : RETRIES;
    a->o.lists_visas = cli->verbose;
    a->o.hooks = cli_hooks(cli);
    a->cli = cli;
    a->o.progress = a->o.hooks.progress ? show_bytes : NULL;
    a->o.progress_arg = a;
    rc = fetch_run(&a->o, &counts, err);
    if (rc == 0 && a->o.bdiff)
        CLI_COUNTS(cli, {"bytes", counts.n_bytes}, {"resumed_bytes", counts.n_resumed},
                   {"records_written", counts.records.n_written});
    else if (rc == 0)
        CLI_COUNTS(cli, {"bytes", counts.n_bytes}, {"resumed_bytes", counts.n_resumed},
                   {"records_received", counts.records.n_received},
                   {"records_written", counts.records.n_written});
    return rc;
}

const struct cli_command cli_fetch = {
    .name = "fetch",
    .summary = "fetch regions of alignments or variants from an htsget server",
    .operand = "URL",
    .options = options,
    .args_size = sizeof(struct fetch_args),
    .run = run,
    .takes_c4gh_passphrase = true,
};
