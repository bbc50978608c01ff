/* `varlock crypt4gh`: what the Crypt4GH tools do. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "new_passphrase.h"

#define OPTION_KEYS(type)                                                                \
    {                                                                                    \
        'k', "key", "FILE", CLI_LIST, offsetof(type, keys), false, 0, 0,                 \
            "private key; may be repeated; default C4GH_SECRET_KEY"                      \
    }
#define OPTION_RECIPIENTS(type)                                                          \
    {                                                                                    \
        'p', "public-key", "FILE", CLI_LIST, offsetof(type, recipients), false, 0, 0,    \
            "public key of a recipient; may be repeated; default C4GH_PUBLIC_KEY"        \
    }
#define OPTIONS_REGION(type)                                                             \
    {'r',                                                                                \
     "region",                                                                           \
     "REGION",                                                                           \
     CLI_LIST,                                                                           \
     offsetof(type, regions),                                                            \
     false,                                                                              \
     0,                                                                                  \
     0,                                                                                  \
     "of an indexed BAM, CRAM, VCF or BCF: chr1, chr1:1,000-2,000"},                     \
        {0,                                                                              \
         "index",                                                                        \
         "FILE",                                                                         \
         CLI_TEXT,                                                                       \
         offsetof(type, index),                                                          \
         false,                                                                          \
         0,                                                                              \
         0,                                                                              \
         "its index; default: beside it"},                                               \
        CLI_OPTION_REFERENCE(type, reference)
#define OPTION_OUTPUT(type)                                                              \
    {                                                                                    \
        'o', "output", "FILE", CLI_TEXT, offsetof(type, output), false, 0, 0,            \
            "default: standard output"                                                   \
    }

/* Fills an empty list with the file that the variable names, which must outlive it. */
static int default_to(struct cli *cli, struct vl_list *list, const char *const *value,
                      const char *option, const char *variable, struct vl_error *err)
{
    if (list->n > 0)
        return 0;
    if (!*value || !**value)
        return cli_usage(cli, err, "%s is required, or %s", option, variable);
    *list = (struct vl_list){value, 1};
    return 0;
}

static int default_key(struct cli *cli, struct vl_list *keys, struct vl_error *err)
{
    static const char *value;
    value = getenv("C4GH_SECRET_KEY");
    return default_to(cli, keys, &value, "-k/--key", "C4GH_SECRET_KEY", err);
}

static int default_recipient(struct cli *cli, struct vl_list *keys, struct vl_error *err)
{
    static const char *value;
    value = getenv("C4GH_PUBLIC_KEY");
    return default_to(cli, keys, &value, "-p/--public-key", "C4GH_PUBLIC_KEY", err);
}

/* The caller's lists are freed from the arguments, so defaults go to copies. */
static void prepare(struct cli *cli, const char **output)
{
    cli->unit = "MiB";
    if (!*output)
        *output = "-";
}

/* ---- keygen ---- */

struct keygen_args {
    struct vl_c4gh_keygen_options keygen;
    bool no_passphrase;
};

static const struct cli_option keygen_options[] = {
    CLI_OPTION_OUTPUT(struct keygen_args, keygen.name, "writes FILE.sec and FILE.pub"),
    {0, "comment", "TEXT", CLI_TEXT, offsetof(struct keygen_args, keygen.comment), false,
     0, 0, "kept in FILE.sec, where everybody can read it"},
    {0, "no-passphrase", NULL, CLI_FLAG, offsetof(struct keygen_args, no_passphrase),
     false, 0, 0, "write the private key unencrypted"},
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run_keygen(struct cli *cli, void *args, struct vl_error *err)
{
    struct keygen_args *a = args;
    a->keygen.size = sizeof a->keygen;
    int rc =
        new_passphrase(cli, a->keygen.name, a->no_passphrase, &a->keygen.passphrase, err);
    if (rc == 0)
        rc = vl_c4gh_keygen(&a->keygen, err);
    if (rc < 0)
        return rc;
    cli_note(cli, "wrote %s.sec (private%s) and %s.pub", a->keygen.name,
             a->no_passphrase ? ", not encrypted" : "", a->keygen.name);
    return 0;
}

static const struct cli_command keygen = {
    .name = "crypt4gh keygen",
    .summary = "make a Crypt4GH key pair",
    .options = keygen_options,
    .args_size = sizeof(struct keygen_args),
    .run = run_keygen,
};

/* ---- encrypt ---- */

static const struct cli_option encrypt_options[] = {
    OPTION_RECIPIENTS(struct vl_c4gh_encrypt_options),
    {'k', "key", "FILE", CLI_TEXT, offsetof(struct vl_c4gh_encrypt_options, sender),
     false, 0, 0, "private key of the sender; default: one drawn for this file"},
    {0, "header", "FILE", CLI_TEXT, offsetof(struct vl_c4gh_encrypt_options, header),
     false, 0, 0, "write the header to a file of its own"},
    OPTION_OUTPUT(struct vl_c4gh_encrypt_options),
    CLI_OPTION_THREADS(struct vl_c4gh_encrypt_options, n_threads),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run_encrypt(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_c4gh_encrypt_options o = *(struct vl_c4gh_encrypt_options *)args;
    o.size = sizeof o;
    o.input = cli->operand;
    o.hooks = cli_hooks(cli);
    prepare(cli, &o.output);
    int rc = default_recipient(cli, &o.recipients, err);
    if (rc == 0)
        rc = cli_check_binary(cli, o.output, err);
    return rc < 0 ? rc : vl_c4gh_encrypt(&o, err);
}

static const struct cli_command encrypt = {
    .name = "crypt4gh encrypt",
    .summary = "encrypt a file for recipients",
    .operand = "in",
    .may_be_stdin = true,
    .options = encrypt_options,
    .args_size = sizeof(struct vl_c4gh_encrypt_options),
    .run = run_encrypt,
    .takes_c4gh_passphrase = true,
};

/* ---- decrypt ---- */

static const struct cli_option decrypt_options[] = {
    OPTION_KEYS(struct vl_c4gh_decrypt_options),
    {'V', "verify-key", "FILE", CLI_TEXT,
     offsetof(struct vl_c4gh_decrypt_options, sender), false, 0, 0,
     "public key of the sender who must have sealed the header"},
    {0, "header", "FILE", CLI_TEXT, offsetof(struct vl_c4gh_decrypt_options, header),
     false, 0, 0, "the header, which is a file of its own"},
    OPTIONS_REGION(struct vl_c4gh_decrypt_options),
    {0, "range", "A-B", CLI_TEXT, offsetof(struct vl_c4gh_decrypt_options, range), false,
     0, 0, "bytes from A, counted from 0, up to B, excluded; A- to the end"},
    OPTION_OUTPUT(struct vl_c4gh_decrypt_options),
    CLI_OPTION_THREADS(struct vl_c4gh_decrypt_options, n_threads),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run_decrypt(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_c4gh_decrypt_options o = *(struct vl_c4gh_decrypt_options *)args;
    o.size = sizeof o;
    o.input = cli->operand;
    o.hooks = cli_hooks(cli);
    prepare(cli, &o.output);
    int rc = default_key(cli, &o.keys, err);
    return rc < 0 ? rc : vl_c4gh_decrypt(&o, err);
}

static const struct cli_command decrypt = {
    .name = "crypt4gh decrypt",
    .summary = "decrypt a file, or a range of it",
    .operand = "in.c4gh",
    .may_be_stdin = true,
    .options = decrypt_options,
    .args_size = sizeof(struct vl_c4gh_decrypt_options),
    .run = run_decrypt,
    .takes_c4gh_passphrase = true,
};

/* ---- reencrypt ---- */

static const struct cli_option reencrypt_options[] = {
    OPTION_KEYS(struct vl_c4gh_reencrypt_options),
    OPTION_RECIPIENTS(struct vl_c4gh_reencrypt_options),
    {0, "trim", NULL, CLI_FLAG, offsetof(struct vl_c4gh_reencrypt_options, trim), false,
     0, 0, "leave out the packets of other recipients"},
    OPTION_OUTPUT(struct vl_c4gh_reencrypt_options),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run_reencrypt(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_c4gh_reencrypt_options o = *(struct vl_c4gh_reencrypt_options *)args;
    o.size = sizeof o;
    o.input = cli->operand;
    o.hooks = cli_hooks(cli);
    prepare(cli, &o.output);
    int rc = default_key(cli, &o.keys, err);
    if (rc == 0)
        rc = default_recipient(cli, &o.recipients, err);
    if (rc == 0)
        rc = cli_check_binary(cli, o.output, err);
    return rc < 0 ? rc : vl_c4gh_reencrypt(&o, err);
}

static const struct cli_command reencrypt = {
    .name = "crypt4gh reencrypt",
    .summary = "give a file to other recipients; its data is copied as it is",
    .operand = "in.c4gh",
    .may_be_stdin = true,
    .options = reencrypt_options,
    .args_size = sizeof(struct vl_c4gh_reencrypt_options),
    .run = run_reencrypt,
    .takes_c4gh_passphrase = true,
};

/* ---- slice ---- */

static const struct cli_option slice_options[] = {
    OPTION_KEYS(struct vl_c4gh_slice_options),
    OPTION_RECIPIENTS(struct vl_c4gh_slice_options),
    OPTIONS_REGION(struct vl_c4gh_slice_options),
    {0, "range", "A-B", CLI_LIST, offsetof(struct vl_c4gh_slice_options, ranges), false,
     0, 0, "bytes from A, counted from 0, up to B, excluded; may be repeated"},
    {0, "header-only", NULL, CLI_FLAG,
     offsetof(struct vl_c4gh_slice_options, header_only), false, 0, 0,
     "copy the data and write an edit list: no access control"},
    OPTION_OUTPUT(struct vl_c4gh_slice_options),
    CLI_OPTION_THREADS(struct vl_c4gh_slice_options, n_threads),
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

static int run_slice(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_c4gh_slice_options o = *(struct vl_c4gh_slice_options *)args;
    o.size = sizeof o;
    o.input = cli->operand;
    o.hooks = cli_hooks(cli);
    prepare(cli, &o.output);
    int rc = default_key(cli, &o.keys, err);
    if (rc == 0)
        rc = default_recipient(cli, &o.recipients, err);
    if (rc == 0)
        rc = cli_check_binary(cli, o.output, err);
    return rc < 0 ? rc : vl_c4gh_slice(&o, err);
}

static const struct cli_command slice = {
    .name = "crypt4gh slice",
    .summary = "encrypt parts of a file anew for other recipients",
    .operand = "in.c4gh",
    .options = slice_options,
    .args_size = sizeof(struct vl_c4gh_slice_options),
    .run = run_slice,
    .takes_c4gh_passphrase = true,
};

/* ---- view ---- */

static const struct cli_option view_options[] = {
    OPTION_KEYS(struct vl_c4gh_view_options),
    {0, "json", NULL, CLI_FLAG, offsetof(struct vl_c4gh_view_options, json), false, 0, 0,
     "one JSON object"},
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

/* Without a key it shows what anybody can see. */
static int run_view(struct cli *cli, void *args, struct vl_error *err)
{
    struct vl_c4gh_view_options o = *(struct vl_c4gh_view_options *)args;
    o.size = sizeof o;
    o.input = cli->operand;
    o.hooks = cli_hooks(cli);
    o.hooks.progress = NULL;
    return vl_c4gh_view(&o, cli_write_text, NULL, err);
}

static const struct cli_command view = {
    .name = "crypt4gh view",
    .summary = "show the header of a Crypt4GH file",
    .operand = "in.c4gh",
    .may_be_stdin = true,
    .options = view_options,
    .args_size = sizeof(struct vl_c4gh_view_options),
    .run = run_view,
    .takes_c4gh_passphrase = true,
};

static const struct cli_command *const group[] = {&keygen, &encrypt, &decrypt, &reencrypt,
                                                  &slice,  &view,    NULL};

const struct cli_command cli_crypt4gh = {
    .name = "crypt4gh",
    .summary = "encrypt, decrypt and pass on Crypt4GH files",
    .group = group,
};
