#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "nearest.h"

enum { MAX_OPTIONS = 48 };

static const struct cli_option common_options[] = {
    {'h', "help", NULL, CLI_HELP, 0, false, 0, 0, "show this text"},
    {0, "version", NULL, CLI_VERSION, 0, false, 0, 0, "show varlock's version"},
    {'q', "quiet", NULL, CLI_QUIET, 0, false, 0, 0, "no progress, notes or warnings"},
    {0, "verbose", NULL, CLI_VERBOSE, 0, false, 0, 0, "counts on stderr at the end"},
    CLI_OPTIONS_END,
};

/* ---- messages ---- */

void cli_print(const struct cli *cli, const char *line)
{
    char text[VL_ERROR_MESSAGE_BYTES];
    snprintf(text, sizeof text, "%s", line);
    for (unsigned char *p = (void *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
        else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) /* more of them, in UTF-8 */
            p[0] = p[1] = '?';
    cli_progress_clear();
    fprintf(stderr, "varlock%s%s: %s\n", cli->command ? " " : "",
            cli->command ? cli->command->name : "", text);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    char text[VL_ERROR_MESSAGE_BYTES];
    if (cli->quiet)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_print(cli, text);
}

int cli_usage(const struct cli *cli, struct vl_error *err, const char *format, ...)
{
    char text[VL_ERROR_MESSAGE_BYTES / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return vl_error_set(err, VL_ERR_USAGE, "%s (see `varlock help %s`)", text,
                        cli->command->name);
}

void cli_print_counts(const struct cli *cli, const struct cli_count *counts, size_t n)
{
    if (!cli->verbose)
        return;
    cli_progress_clear();
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "%s\t%" PRIu64 "\n", counts[i].name, counts[i].value);
}

int cli_write_text(void *arg, const char *text, size_t size_bytes)
{
    (void)arg;
    return fwrite(text, 1, size_bytes, stdout) == size_bytes && fflush(stdout) == 0
               ? 0
               : errno;
}

int cli_flush_stdout(struct vl_error *err)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return vl_error_errno(err, "standard output: writing failed");
    return 0;
}

/* ---- help ---- */

static void print_synopsis(const struct cli_command *command)
{
    printf("Usage: varlock %s", command->name);
    for (const struct cli_option *o = command->options; o->name; o++)
        if (o->required)
            printf(" -%c %s", o->letter, o->value);
    printf(" [options]");
    if (command->operand)
        printf(command->may_be_stdin ? " [%s%s]" : " %s%s", command->operand,
               command->takes_regions ? " [REGION ...]" : "");
    printf("\n\n%s\n\n", command->summary);
}

static void print_options(const struct cli_option *options)
{
    for (const struct cli_option *o = options; o->name; o++) {
        char form[64];
        snprintf(form, sizeof form, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        if (o->letter)
            printf("  -%c, ", o->letter);
        else
            printf("      ");
        printf("%-24s %s%s\n", form, o->help, o->required ? " (required)" : "");
    }
}

void cli_print_help(const struct cli_command *command)
{
    print_synopsis(command);
    print_options(command->options);
    print_options(common_options);
    printf("\nExit codes: 0 done, 1 data or I/O, 2 usage, 3 key refused, seal broken or "
           "region\n"
           "not granted.  More in varlock-%.*s(1).\n",
           (int)strcspn(command->name, " "), command->name);
}

/* ---- parsing ---- */

/* The command's options followed by the common ones, as our table and as the tables of
 * getopt_long. */
struct parser {
    const struct cli_option *options[MAX_OPTIONS];
    struct option longs[MAX_OPTIONS + 1];
    char shorts[3 * MAX_OPTIONS + 2];
    size_t n;
};

/* getopt_long's values of options without a letter start here, above every character. */
enum { LONG_ONLY = 256 };

static void add_options(struct parser *parser, const struct cli_option *options)
{
    size_t at = strlen(parser->shorts);
    for (const struct cli_option *o = options; o->name && parser->n < MAX_OPTIONS; o++) {
        int value = o->letter ? o->letter : LONG_ONLY + (int)parser->n;
        parser->longs[parser->n] = (struct option){
            o->name, o->value ? required_argument : no_argument, NULL, value};
        if (o->letter)
            parser->shorts[at++] = o->letter;
        if (o->letter && o->value)
            parser->shorts[at++] = ':';
        parser->options[parser->n++] = o;
    }
}

static const struct cli_option *find_option(const struct parser *parser, int value)
{
    for (size_t i = 0; i < parser->n; i++)
        if (parser->longs[i].val == value)
            return parser->options[i];
    return NULL;
}

static int store_number(const struct cli *cli, const struct cli_option *option,
                        int *field, const char *text, struct vl_error *err)
{
    char *rest;
    errno = 0;
    long number = strtol(text, &rest, 10);
    if (errno || rest == text || *rest || number < option->min || number > option->max)
        return cli_usage(cli, err, "--%s: %s is not a number from %d to %d", option->name,
                         text, option->min, option->max);
    *field = (int)number;
    return 0;
}

/* Appends to a list.  Its array has room for a power of two of elements, so it grows only
 * when their number reaches one. */
static int append(struct vl_list *list, const char *text, struct vl_error *err)
{
    const char **v = (const char **)list->v;
    if ((list->n & (list->n - 1)) == 0)
        v = realloc((void *)v, (list->n ? 2 * list->n : 1) * sizeof *v);
    if (!v)
        return vl_error_memory(err);
    v[list->n++] = text;
    list->v = v;
    return 0;
}

/* An empty name is a variable of a script that was not set. */
static bool is_never_empty(const struct cli_option *option)
{
    return option->kind == CLI_LIST ||
           (option->value && strcmp(option->value, "FILE") == 0);
}

static int store(struct cli *cli, const struct cli_option *option, const char *text,
                 void *args, struct vl_error *err)
{
    void *field = (char *)args + option->offset;
    if (text && !text[0] && is_never_empty(option))
        return cli_usage(cli, err, "--%s: its value is empty", option->name);
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        return 0;
    case CLI_TEXT:
        *(const char **)field = text;
        return 0;
    case CLI_NUMBER_OR_NONE:
        if (strcmp(text, "none") == 0) {
            *(int *)field = -1;
            return 0;
        }
        return store_number(cli, option, field, text, err);
    case CLI_NUMBER:
        return store_number(cli, option, field, text, err);
    case CLI_LIST:
        return append(field, text, err);
    case CLI_PASSPHRASE_FILE:
        cli->passphrase_file = text;
        return 0;
    case CLI_HELP:
        cli->help = true;
        return 0;
    case CLI_VERSION:
        cli->version = true;
        return 0;
    case CLI_QUIET:
        cli->quiet = true;
        return 0;
    case CLI_VERBOSE:
        cli->verbose = true;
        return 0;
    }
    return 0;
}

/* `word` begins with "--".  It is none of the options, or the beginning of several of
 * them. */
static int refuse_long(const struct cli *cli, const struct parser *parser,
                       const char *word, struct vl_error *err)
{
    const char *names[MAX_OPTIONS];
    char name[64];
    size_t n = strcspn(word + 2, "="), n_begun = 0;
    snprintf(name, sizeof name, "%.*s", (int)n, word + 2);
    for (size_t i = 0; i < parser->n; i++) {
        names[i] = parser->options[i]->name;
        n_begun += strncmp(names[i], name, strlen(name)) == 0;
    }
    const char *meant = cli_nearest(name, names, parser->n);
    if (n_begun > 1)
        return cli_usage(cli, err, "--%s is ambiguous: several options begin with it",
                         name);
    if (meant)
        return cli_usage(cli, err, "unknown option --%s; did you mean --%s?", name,
                         meant);
    return cli_usage(cli, err, "unknown option --%s", name);
}

/* Refuses what getopt_long complained about, and quotes it as it was typed. */
static int refuse_option(const struct cli *cli, const struct parser *parser,
                         int complaint, char **argv, struct vl_error *err)
{
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_long = optopt == 0 || optopt >= LONG_ONLY || strncmp(word, "--", 2) == 0;
    if (complaint == ':')
        return cli_usage(cli, err, "%s needs a value", is_long ? word : letter);
    if (is_long && optopt)
        return cli_usage(cli, err, "%.*s takes no value", (int)strcspn(word, "="), word);
    return is_long ? refuse_long(cli, parser, word, err)
                   : cli_usage(cli, err, "unknown option %s", letter);
}

static bool is_set(const struct cli_option *option, const void *args)
{
    const void *field = (const char *)args + option->offset;
    return option->kind == CLI_LIST ? ((const struct vl_list *)field)->n > 0
                                    : *(const char *const *)field != NULL;
}

static int check_complete(struct cli *cli, int argc, char **argv, void *args,
                          struct vl_error *err)
{
    const struct cli_command *command = cli->command;
    for (const struct cli_option *o = command->options; o->name; o++)
        if (o->required && !is_set(o, args))
            return cli_usage(cli, err, "-%c/--%s is required", o->letter, o->name);
    int n = argc - optind, wanted = command->operand ? 1 : 0, rc = 0;
    if (n > wanted && !command->takes_many && !command->takes_regions)
        return cli_usage(cli, err, "%s is one argument too many", argv[optind + wanted]);
    if (n < wanted && !command->may_be_stdin)
        return cli_usage(cli, err, "%s is missing", command->operand);
    for (int i = optind; i < argc; i++)
        if (!argv[i][0])
            return cli_usage(cli, err, "argument %d of %s is empty", i - optind + 1,
                             command->operand);
    cli->operand = n > 0 ? argv[optind] : command->may_be_stdin ? "-" : NULL;
    cli->operands =
        (struct vl_list){.v = (const char *const *)argv + optind, .n = (size_t)n};
    for (int i = 1; command->takes_regions && rc == 0 && i < n; i++)
        rc = append((struct vl_list *)(void *)((char *)args + command->regions_offset),
                    argv[optind + i], err);
    return rc;
}

int cli_parse(struct cli *cli, int argc, char **argv, void *args, struct vl_error *err)
{
    /* With ':' first, getopt_long tells a missing value apart from an unknown option. */
    struct parser parser = {.shorts = ":"};
    add_options(&parser, cli->command->options);
    add_options(&parser, common_options);
    opterr = 0;
    int value, rc;
    while ((value = getopt_long(argc, argv, parser.shorts, parser.longs, NULL)) != -1) {
        const struct cli_option *option = find_option(&parser, value);
        rc = option ? store(cli, option, optarg, args, err)
                    : refuse_option(cli, &parser, value, argv, err);
        if (rc < 0)
            return rc;
    }
    return cli->help || cli->version ? 0 : check_complete(cli, argc, argv, args, err);
}

void cli_clear_args(const struct cli_command *command, void *args)
{
    for (const struct cli_option *o = command->options; o->name; o++)
        if (o->kind == CLI_LIST) {
            /* The list is emptied as well, because two options may fill the same list and
             * it must be freed once. */
            struct vl_list *list = (void *)((char *)args + o->offset);
            free((void *)list->v);
            *list = (struct vl_list){0};
        }
}

/* ---- checks ---- */

int cli_check_binary(const struct cli *cli, const char *path, struct vl_error *err)
{
    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
        return cli_usage(cli, err, "binary output is not written to a terminal");
    return 0;
}

int cli_check_alignments(const struct cli *cli, const struct vl_output *output,
                         struct vl_error *err)
{
    const char *format = output->format;
    if (format && strcmp(format, "bam") != 0 && strcmp(format, "cram") != 0 &&
        strcmp(format, "sam") != 0)
        return cli_usage(cli, err, "--output-fmt: %s is not bam, cram or sam", format);
    if (output->write_index && strcmp(output->path, "-") == 0)
        return cli_usage(cli, err, "--write-index needs an output file, not -");
    if (format && strcmp(format, "sam") == 0)
        return 0;
    return cli_check_binary(cli, output->path, err);
}

/* ---- hooks ---- */

static int give_passphrase(void *arg, const char *path, char *out, int cap)
{
    struct cli *cli = arg;
    if (cli->has_passphrase) {
        size_t n = strlen(cli->passphrase);
        if (n > (size_t)cap)
            return -1;
        memcpy(out, cli->passphrase, n);
        return (int)n;
    }
    char prompt[VL_ERROR_MESSAGE_BYTES];
    snprintf(prompt, sizeof prompt, "Passphrase of %s: ", path);
    cli_progress_clear();
    return cli_ask_secret(prompt, out, cap);
}

static void print_note(void *arg, const char *line)
{
    cli_note(arg, "%s", line);
}

static void print_warning(void *arg, const char *line)
{
    cli_note(arg, "warning: %s", line);
}

struct vl_hooks cli_hooks(struct cli *cli)
{
    bool show = !cli->quiet && isatty(STDERR_FILENO);
    return (struct vl_hooks){
        .passphrase = give_passphrase,
        .passphrase_arg = cli,
        .progress = show ? cli_progress : NULL,
        .progress_arg = cli,
        .warning = print_warning,
        .warning_arg = cli,
        .note = print_note,
        .note_arg = cli,
    };
}
