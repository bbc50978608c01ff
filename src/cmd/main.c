#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nearest.h"
#include "varlock/buf.h"
#include "varlock/file.h"
#include "varlock/seal.h"
#include "varlock/secret_file.h"

static const struct cli_command *const commands[] = {
    &cli_keygen,  &cli_vcf2vac,   &cli_encrypt, &cli_merge,
    &cli_decrypt, &cli_reencrypt, &cli_view,
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int refuse_command(const char *word, struct vl_error *err)
{
    const char *names[N_COMMANDS + 1] = {"help"};
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i + 1] = commands[i]->name;
    const char *meant = cli_nearest(word, names, N_COMMANDS + 1);
    return meant ? vl_error_set(err, VL_ERR_USAGE,
                                "unknown command '%s'; did you mean %s?", word, meant)
                 : vl_error_set(err, VL_ERR_USAGE,
                                "unknown command '%s' (see `varlock help`)", word);
}

static void print_version(void)
{
    printf("varlock %s\n", vl_version());
}

static void print_overview(FILE *out)
{
    fprintf(out, "Usage: varlock COMMAND [options]\n"
                 "       varlock help COMMAND\n"
                 "       varlock --version\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
}

static int exit_code(int code)
{
    switch (code) {
    case VL_OK:
        return CLI_DONE;
    case VL_ERR_USAGE:
        return CLI_USAGE;
    case VL_ERR_KEY:
    case VL_ERR_SEAL:
    case VL_ERR_GRANT:
        return CLI_REFUSED;
    default:
        return CLI_FAILED;
    }
}

/* Takes the first line of `text`, of n bytes, as the passphrase. */
static int take_passphrase(struct cli *cli, const char *text, size_t n,
                           const char *source, struct vl_error *err)
{
    const char *newline = memchr(text, '\n', n);
    size_t length = newline ? (size_t)(newline - text) : n;
    if (newline && length > 0 && text[length - 1] == '\r')
        length--;
    if (length > VL_PASSPHRASE_MAX)
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: the passphrase is longer than %d bytes", source,
                            VL_PASSPHRASE_MAX);
    if (memchr(text, '\0', length))
        return vl_error_set(err, VL_ERR_USAGE, "%s: the passphrase holds a NUL byte",
                            source);
    memcpy(cli->passphrase, text, length);
    cli->passphrase[length] = '\0';
    cli->has_passphrase = true;
    return 0;
}

static int read_passphrase_file(struct cli *cli, struct vl_error *err)
{
    enum { FILE_BYTES_MAX = 65536 };
    struct vl_buf text = VL_BUF_INIT;
    int rc = vl_file_slurp(cli->passphrase_file, FILE_BYTES_MAX, &text, err);
    if (rc == 0)
        rc = take_passphrase(cli, (const char *)text.data, text.len, cli->passphrase_file,
                             err);
    vl_buf_wipe(&text);
    unsigned mode = rc == 0 ? vl_secret_file_exposure(cli->passphrase_file) : 0;
    if (mode)
        cli_note(cli,
                 "warning: %s: a passphrase that others can read (mode %04o): chmod 600",
                 cli->passphrase_file, mode);
    return rc;
}

/* Loads the passphrase from --passphrase-file, else from VARLOCK_PASSPHRASE.  The copy in
 * the environment is overwritten in both cases. */
static int load_passphrase(struct cli *cli, struct vl_error *err)
{
    char *value = getenv("VARLOCK_PASSPHRASE");
    int rc = 0;
    if (cli->passphrase_file)
        rc = read_passphrase_file(cli, err);
    else if (value)
        rc = take_passphrase(cli, value, strlen(value), "VARLOCK_PASSPHRASE", err);
    if (value)
        explicit_bzero(value, strlen(value));
    return rc;
}

static int run_command(struct cli *cli, int argc, char **argv, struct vl_error *err)
{
    const struct cli_command *command = cli->command;
    void *args = calloc(1, command->args_size);
    if (!args)
        return vl_error_memory(err);
    int rc = cli_parse(cli, argc, argv, args, err);
    if (rc == 0 && cli->help)
        cli_print_help(command);
    else if (rc == 0 && cli->version)
        print_version();
    else if (rc == 0) {
        rc = load_passphrase(cli, err);
        if (rc == 0)
            rc = command->run(cli, args, err);
    }
    if (rc == 0)
        rc = cli_flush_stdout(err);
    cli_progress_clear();
    cli_clear_args(command, args);
    free(args);
    return rc;
}

/* Serves `varlock help [COMMAND]`, `varlock --help` and `varlock --version`. */
static int tell(struct cli *cli, int argc, char **argv, struct vl_error *err)
{
    bool has_topic = argc > 2 && strcmp(argv[1], "help") == 0;
    const struct cli_command *topic = has_topic ? find_command(argv[2]) : NULL;
    if (argc > (has_topic ? 3 : 2))
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s is one argument too many (see `varlock help`)",
                            argv[has_topic ? 3 : 2]);
    if (has_topic && !topic)
        return refuse_command(argv[2], err);
    if (topic)
        cli_print_help(topic);
    else if (strcmp(argv[1], "--version") == 0)
        print_version();
    else
        print_overview(stdout);
    cli->command = NULL;
    return cli_flush_stdout(err);
}

static bool is_about_itself(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 ||
           strcmp(word, "-h") == 0 || strcmp(word, "--version") == 0;
}

int main(int argc, char **argv)
{
    struct cli cli = {.unit = "reads"};
    struct vl_error err = {0};
    cli_prepare_process();
    vl_silence_htslib();
    if (argc < 2) {
        print_overview(stderr);
        return CLI_USAGE;
    }
    int rc;
    if (is_about_itself(argv[1]))
        rc = tell(&cli, argc, argv, &err);
    else if ((cli.command = find_command(argv[1])) != NULL)
        rc = run_command(&cli, argc - 1, argv + 1, &err);
    else
        rc = refuse_command(argv[1], &err);
    explicit_bzero(cli.passphrase, sizeof cli.passphrase);
    if (rc < 0)
        cli_print(&cli, err.message);
    return exit_code(err.code == VL_ERR_MEMORY ? VL_ERR_MEMORY : rc);
}
