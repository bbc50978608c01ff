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
    &cli_keygen, &cli_vcf2vac,  &cli_encrypt, &cli_merge, &cli_decrypt, &cli_reencrypt,
    &cli_view,   &cli_crypt4gh, &cli_fetch,   &cli_serve, &cli_audit,   NULL,
};

enum { COMMANDS_MAX = 16 };

/* The name of a command within its group. */
static const char *last_word(const struct cli_command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

static const struct cli_command *find_command(const struct cli_command *const *group,
                                              const char *name)
{
    for (; *group; group++)
        if (strcmp(last_word(*group), name) == 0)
            return *group;
    return NULL;
}

/* `of`: the command whose group has no such command; NULL: the program. */
static int refuse_command(const struct cli_command *of, const char *word,
                          struct vl_error *err)
{
    const char *names[COMMANDS_MAX + 1] = {"help"};
    const struct cli_command *const *group = of ? of->group : commands;
    size_t n = of ? 0 : 1;
    for (; *group && n < COMMANDS_MAX; group++)
        names[n++] = last_word(*group);
    const char *meant = cli_nearest(word, names, n);
    const char *blank = of ? " " : "", *name = of ? of->name : "";
    return meant ? vl_error_set(err, VL_ERR_USAGE,
                                "unknown command '%s%s%s'; did you mean %s%s%s?", name,
                                blank, word, name, blank, meant)
                 : vl_error_set(err, VL_ERR_USAGE,
                                "unknown command '%s%s%s' (see `varlock help%s%s`)", name,
                                blank, word, blank, name);
}

static void print_version(void)
{
    printf("varlock %s\n", vl_version());
}

static void print_commands(FILE *out, const struct cli_command *const *group)
{
    for (; *group; group++)
        fprintf(out, "  %-10s %s\n", last_word(*group), (*group)->summary);
}

static void print_overview(FILE *out)
{
    fprintf(out, "Usage: varlock COMMAND [options]\n"
                 "       varlock help COMMAND\n"
                 "       varlock --version\n\n");
    print_commands(out, commands);
}

static void print_group(FILE *out, const struct cli_command *command)
{
    fprintf(out,
            "Usage: varlock %s COMMAND [options]\n"
            "       varlock help %s COMMAND\n\n%s\n\n",
            command->name, command->name, command->summary);
    print_commands(out, command->group);
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

/* Takes the passphrase from the environment unless there is one already.  The copy in the
 * environment is overwritten in both cases. */
static int take_from_environment(struct cli *cli, const char *name, struct vl_error *err)
{
    char *value = getenv(name);
    int rc = 0;
    if (value && !cli->has_passphrase)
        rc = take_passphrase(cli, value, strlen(value), name, err);
    if (value)
        explicit_bzero(value, strlen(value));
    return rc;
}

/* Loads the passphrase from --passphrase-file, else from VARLOCK_PASSPHRASE, else, where
 * the command takes it, from the variable of the Crypt4GH tools. */
static int load_passphrase(struct cli *cli, struct vl_error *err)
{
    int rc = cli->passphrase_file ? read_passphrase_file(cli, err) : 0;
    if (rc == 0)
        rc = take_from_environment(cli, "VARLOCK_PASSPHRASE", err);
    if (rc == 0 && cli->command->takes_c4gh_passphrase) {
        bool had = cli->has_passphrase;
        rc = take_from_environment(cli, "C4GH_PASSPHRASE", err);
        if (!had && cli->has_passphrase)
            cli_note(cli, "warning: C4GH_PASSPHRASE: --passphrase-file is safer than a "
                          "passphrase in the environment");
    }
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

/* Goes from a group to the command in it that the next words name.  *n becomes the number
 * of words that were used.  Without a word it stays at the group. */
static int go_down(const struct cli_command **command, int argc, char **argv, int *n,
                   struct vl_error *err)
{
    for (*n = 0; (*command)->group && *n < argc && argv[*n][0] != '-'; ++*n) {
        const struct cli_command *next = find_command((*command)->group, argv[*n]);
        if (!next)
            return refuse_command(*command, argv[*n], err);
        *command = next;
    }
    return 0;
}

/* Serves `varlock help [COMMAND]`, `varlock --help` and `varlock --version`. */
static int tell(struct cli *cli, int argc, char **argv, struct vl_error *err)
{
    bool has_topic = argc > 2 && strcmp(argv[1], "help") == 0;
    const struct cli_command *topic = has_topic ? find_command(commands, argv[2]) : NULL;
    int used = 0;
    if (has_topic && !topic)
        return refuse_command(NULL, argv[2], err);
    int rc = topic ? go_down(&topic, argc - 3, argv + 3, &used, err) : 0;
    if (rc < 0)
        return rc;
    int expected = has_topic ? 3 + used : 2;
    if (argc > expected)
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s is one argument too many (see `varlock help`)",
                            argv[expected]);
    if (topic && topic->group)
        print_group(stdout, topic);
    else if (topic)
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

/* Runs the command that the words name, which may be one of a group. */
static int run_named(struct cli *cli, int argc, char **argv, struct vl_error *err)
{
    int used;
    cli->command = find_command(commands, argv[1]);
    if (!cli->command)
        return refuse_command(NULL, argv[1], err);
    int rc = go_down(&cli->command, argc - 2, argv + 2, &used, err);
    if (rc < 0 || !cli->command->group)
        return rc < 0 ? rc : run_command(cli, argc - 1 - used, argv + 1 + used, err);
    bool asks =
        argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
    if (asks) {
        print_group(stdout, cli->command);
        return cli_flush_stdout(err);
    }
    if (argc > 2)
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: a command comes first (see `varlock "
                            "help %s`)",
                            argv[2], cli->command->name);
    print_group(stderr, cli->command);
    return vl_error_set(err, VL_ERR_USAGE, "which command?");
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
    int rc = is_about_itself(argv[1]) ? tell(&cli, argc, argv, &err)
                                      : run_named(&cli, argc, argv, &err);
    explicit_bzero(cli.passphrase, sizeof cli.passphrase);
    if (rc < 0)
        cli_print(&cli, err.message);
    if (err.code == VL_ERR_MEMORY)
        rc = VL_ERR_MEMORY;
    return rc == 0 ? (int)cli.exit : exit_code(rc);
}
