/*
 * What the commands share: an option table per command, which drives both parsing and
 * help; messages; exit codes; the passphrase; the progress line.
 */
#ifndef VARLOCK_CMD_CLI_H
#define VARLOCK_CMD_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1, /* bad data, failed I/O, no memory, or cancelled */
    CLI_USAGE = 2,
    CLI_REFUSED = 3, /* a key was refused, a seal is broken, or a region is not granted */
    CLI_NOT_PASSED = 4 /* audit alone: a check failed, or had too little data */
};

/* What an option's value is turned into, and the type of the field that stores it. */
enum cli_kind {
    CLI_FLAG,           /* bool; the option takes no value */
    CLI_TEXT,           /* const char * */
    CLI_NUMBER,         /* int, within the option's bounds */
    CLI_NUMBER_OR_NONE, /* int, within the option's bounds; the word `none` gives -1 */
    CLI_LIST,           /* struct vl_list; the option may be repeated */
    CLI_PASSPHRASE_FILE,
    CLI_HELP,
    CLI_VERSION,
    CLI_QUIET,
    CLI_VERBOSE
};

struct cli_option {
    char letter;       /* 0: long form only */
    const char *name;  /* long form; NULL ends a table */
    const char *value; /* the help's word for the value; NULL: the option takes none */
    enum cli_kind kind;
    size_t offset; /* of the field in the command's arguments */
    bool required;
    int min, max; /* bounds of CLI_NUMBER and CLI_NUMBER_OR_NONE */
    const char *help;
};

struct cli;

struct cli_command {
    const char *name;
    const char *summary;
    const char *operand; /* the help's word for the operand; NULL: there is none */
    bool may_be_stdin;   /* without an operand it is "-" */
    bool takes_many;     /* takes one or more operands */
    bool takes_regions;  /* regions after the operand go to the list at regions_offset */
    size_t regions_offset;
    const struct cli_option *options;
    size_t args_size; /* of the struct that stores the options; zeroed before */
    /* Does the work.  Returns 0 or a negative VL_ERR_* with *err filled. */
    int (*run)(struct cli *cli, void *args, struct vl_error *err);
    /* A group of commands, ended by NULL, whose names begin with this one's; all other
     * fields but name and summary are then unused. */
    const struct cli_command *const *group;
    bool takes_c4gh_passphrase; /* C4GH_PASSPHRASE unlocks keys too */
};

/* One invocation of the program. */
struct cli {
    const struct cli_command *command;
    const char *operand;
    struct vl_list operands; /* of a command with takes_many; `operand` is the first */
    bool quiet;
    bool verbose;
    bool help;
    bool version;
    const char *passphrase_file;
    bool has_passphrase; /* the file or the environment gave one */
    char passphrase[VL_PASSPHRASE_MAX + 1];
    const char *unit;   /* what the progress line counts: "reads" */
    enum cli_exit exit; /* how a command that did not fail ends */
};

/* Options that have one meaning in every command that takes them. */
#define CLI_OPTION_THREADS(type, field)                                                  \
    {                                                                                    \
        '@', "threads", "N", CLI_NUMBER, offsetof(type, field), false, 0, 1024,          \
            "additional threads"                                                         \
    }
#define CLI_OPTION_KEY(type, field, is_required)                                         \
    {                                                                                    \
        'k', "key", "FILE", CLI_TEXT, offsetof(type, field), is_required, 0, 0,          \
            "private key that opens the BDIFF"                                           \
    }
#define CLI_OPTION_KEYS(type, field, is_required)                                        \
    {                                                                                    \
        'k', "key", "FILE", CLI_LIST, offsetof(type, field), is_required, 0, 0,          \
            "private key that opens the BDIFF; may be repeated"                          \
    }
#define CLI_OPTION_RECIPIENTS(type, field)                                               \
    {                                                                                    \
        'p', "public-key", "FILE", CLI_LIST, offsetof(type, field), true, 0, 0,          \
            "public key of a recipient; may be repeated"                                 \
    }
#define CLI_OPTION_SIGNER(type, field)                                                   \
    {                                                                                    \
        's', "sign-key", "FILE", CLI_TEXT, offsetof(type, field), false, 0, 0,           \
            "private key that signs the BDIFF"                                           \
    }
#define CLI_OPTION_VERIFY(type, field)                                                   \
    {                                                                                    \
        'V', "verify-key", "FILE", CLI_TEXT, offsetof(type, field), false, 0, 0,         \
            "public key the input BDIFF must be signed with"                             \
    }
#define CLI_OPTION_UNVERIFIED(type, field)                                               \
    {                                                                                    \
        0, "unverified", NULL, CLI_FLAG, offsetof(type, field), false, 0, 0,             \
            "sign with -s although nobody verified who signed the input"                 \
    }
#define CLI_OPTION_BDIFF(type, field, text)                                              \
    {                                                                                    \
        'd', "bdiff", "FILE", CLI_TEXT, offsetof(type, field), true, 0, 0, text          \
    }
#define CLI_OPTION_OUTPUT(type, field, text)                                             \
    {                                                                                    \
        'o', "output", "FILE", CLI_TEXT, offsetof(type, field), true, 0, 0, text         \
    }
#define CLI_OPTION_FORCE(type, field)                                                    \
    {                                                                                    \
        0, "force", NULL, CLI_FLAG, offsetof(type, field), false, 0, 0,                  \
            "replace outputs that are there"                                             \
    }
#define CLI_OPTION_FORMAT(type, field)                                                   \
    {                                                                                    \
        'O', "output-fmt", "FORMAT", CLI_TEXT, offsetof(type, field), false, 0, 0,       \
            "bam, cram or sam; default: by the ending of -o"                             \
    }
#define CLI_OPTION_REFERENCE(type, field)                                                \
    {                                                                                    \
        'T', "reference", "FILE", CLI_TEXT, offsetof(type, field), false, 0, 0,          \
            "reference FASTA, for CRAM"                                                  \
    }
#define CLI_OPTION_WRITE_INDEX(type, field)                                              \
    {                                                                                    \
        0, "write-index", NULL, CLI_FLAG, offsetof(type, field), false, 0, 0,            \
            "write the index of -o too (.csi, .crai)"                                    \
    }
#define CLI_OPTION_REGIONS(type, field)                                                  \
    {                                                                                    \
        'r', "region", "REGION", CLI_LIST, offsetof(type, field), false, 0, 0,           \
            "chr1, chr1:1,000-2,000, chr1:1m-1.5m, * (unplaced)"                         \
    }
#define CLI_OPTION_BED(type, field)                                                      \
    {                                                                                    \
        'R', "regions-file", "FILE", CLI_LIST, offsetof(type, field), false, 0, 0,       \
            "BED file of regions, may be gzipped; - is stdin"                            \
    }
#define CLI_OPTION_BED_AS_SAMTOOLS(type, field)                                          \
    {                                                                                    \
        'L', "targets-file", "FILE", CLI_LIST, offsetof(type, field), false, 0, 0,       \
            "as -R, under the name that samtools has for it"                             \
    }
#define CLI_OPTION_UNMAPPED(type, field)                                                 \
    {                                                                                    \
        0, "unmapped", NULL, CLI_FLAG, offsetof(type, field), false, 0, 0,               \
            "unplaced reads, as -r '*'"                                                  \
    }
#define CLI_OPTION_C4GH_KEYS(type)                                                       \
    {                                                                                    \
        0, "c4gh-key", "FILE", CLI_LIST, offsetof(type, c4gh_keys), false, 0, 0,         \
            "private key that opens Crypt4GH inputs; may be repeated"                    \
    }
#define CLI_OPTION_C4GH_RECIPIENTS(type, field)                                          \
    {                                                                                    \
        0, "c4gh-recipient", "FILE", CLI_LIST, offsetof(type, field), false, 0, 0,       \
            "encrypt -o to this public key; may be repeated"                             \
    }
#define CLI_OPTION_PASSPHRASE                                                            \
    {                                                                                    \
        0, "passphrase-file", "FILE", CLI_PASSPHRASE_FILE, 0, false, 0, 0,               \
            "its first line is the passphrase"                                           \
    }
#define CLI_OPTIONS_END                                                                  \
    {                                                                                    \
        0, NULL, NULL, CLI_FLAG, 0, false, 0, 0, NULL                                    \
    }

extern const struct cli_command cli_keygen, cli_vcf2vac, cli_encrypt, cli_merge,
    cli_decrypt, cli_reencrypt, cli_view, cli_crypt4gh, cli_fetch, cli_serve, cli_audit;

/* Reads the words of the command line after the command's name into *cli and `args`.
 * Returns 0, VL_ERR_USAGE or VL_ERR_MEMORY. */
VL_MUST_CHECK
int cli_parse(struct cli *cli, int argc, char **argv, void *args, struct vl_error *err);

/* Frees the lists in `args`. */
void cli_clear_args(const struct cli_command *command, void *args);

/* Prints the help of a command on stdout. */
void cli_print_help(const struct cli_command *command);

/* Returns VL_ERR_USAGE with a message that points to the command's help. */
int cli_usage(const struct cli *cli, struct vl_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuses to write a binary output to a terminal (VL_ERR_USAGE). */
VL_MUST_CHECK
int cli_check_binary(const struct cli *cli, const char *path, struct vl_error *err);

/* Refuses an unknown format, a binary format on a terminal, and an index of an output on
 * stdout (VL_ERR_USAGE). */
VL_MUST_CHECK
int cli_check_alignments(const struct cli *cli, const struct vl_output *output,
                         struct vl_error *err);

/* Prints `varlock <command>: <line>` on stderr; control characters become '?'. */
void cli_print(const struct cli *cli, const char *line);

/* Prints a message as cli_print does, unless the user asked for quiet. */
void cli_note(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct cli_count {
    const char *name;
    uint64_t value;
};

/* Prints `name<TAB>value` lines on stderr, under --verbose only. */
void cli_print_counts(const struct cli *cli, const struct cli_count *counts, size_t n);

#define CLI_COUNTS(cli, ...)                                                             \
    cli_print_counts(cli, (const struct cli_count[]){__VA_ARGS__},                       \
                     sizeof((const struct cli_count[]){__VA_ARGS__}) /                   \
                         sizeof(struct cli_count))

/* Hooks that ask for passphrases, show progress and print warnings for this invocation.
 */
struct vl_hooks cli_hooks(struct cli *cli);

/* A vl_text_fn that writes to stdout. */
int cli_write_text(void *arg, const char *text, size_t size_bytes);

/* Flushes stdout.  Returns VL_ERR_IO where output was lost. */
VL_MUST_CHECK
int cli_flush_stdout(struct vl_error *err);

/* ---- terminal.c ---- */

/* Protects secrets: no core dumps, no ptrace by other processes.  A signal that ends the
 * process (SIGPIPE too, as with samtools) leaves no temporary behind and the terminal as
 * it was. */
void cli_prepare_process(void);

/* Reads a line from the terminal with echo off.  Returns its length without the newline;
 * -1 where there is no terminal, at the end of its input, or where the line is longer
 * than cap. */
int cli_ask_secret(const char *prompt, char *out, int cap);

/* These show and clear the progress line; `cli` is the hook's argument.  cli_progress
 * never cancels. */
int cli_progress(void *cli, uint64_t n, double share);
void cli_progress_clear(void);

#endif
