#include <string.h>

#include "cli.h"

struct keygen_args {
    struct vl_keygen_options keygen;
    bool no_passphrase;
};

static const struct cli_option options[] = {
    CLI_OPTION_OUTPUT(struct keygen_args, keygen.name,
                      "writes FILE.pem and FILE.pub.pem"),
    {0, "type", "TYPE", CLI_TEXT, offsetof(struct keygen_args, keygen.type), false, 0, 0,
     "rsa, x25519 or ed25519; default rsa"},
    {0, "bits", "N", CLI_NUMBER, offsetof(struct keygen_args, keygen.bits), false,
     VL_KEY_BITS_MIN, VL_KEY_BITS_MAX, "modulus of an RSA key; default 3072"},
    {0, "no-passphrase", NULL, CLI_FLAG, offsetof(struct keygen_args, no_passphrase),
     false, 0, 0, "write the private key unencrypted"},
    CLI_OPTION_PASSPHRASE,
    CLI_OPTIONS_END,
};

/* Asks on the terminal, twice, for the passphrase of a new key. */
static int ask_new_passphrase(struct cli *cli, struct vl_error *err)
{
    char again[VL_PASSPHRASE_MAX];
    int n =
        cli_ask_secret("Passphrase of the new key: ", cli->passphrase, VL_PASSPHRASE_MAX);
    if (n < 0)
        return cli_usage(cli, err,
                         "no passphrase: there is no terminal to ask on; give "
                         "--passphrase-file, VARLOCK_PASSPHRASE or --no-passphrase");
    cli->passphrase[n] = '\0';
    cli->has_passphrase = true;
    if (n == 0)
        return 0;
    int n_again = cli_ask_secret("The same again: ", again, VL_PASSPHRASE_MAX);
    bool same = n_again == n && memcmp(again, cli->passphrase, (size_t)n) == 0;
    explicit_bzero(again, sizeof again);
    return same ? 0 : vl_error_set(err, VL_ERR_USAGE, "the two passphrases differ");
}

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct keygen_args *a = args;
    if (strcmp(a->keygen.name, "-") == 0)
        return cli_usage(cli, err, "--output: keys are written to two files, not to -");
    if (a->no_passphrase && cli->passphrase_file)
        return cli_usage(cli, err,
                         "--no-passphrase and --passphrase-file contradict each other");
    if (!a->no_passphrase) {
        int rc = cli->has_passphrase ? 0 : ask_new_passphrase(cli, err);
        if (rc < 0)
            return rc;
        if (cli->passphrase[0] == '\0')
            return cli_usage(
                cli, err,
                "the passphrase is empty; --no-passphrase writes an unencrypted "
                "key");
        a->keygen.passphrase = cli->passphrase;
    }
    a->keygen.size = sizeof a->keygen;
    int rc = vl_keygen(&a->keygen, err);
    if (rc < 0)
        return rc;
    cli_note(cli, "wrote %s.pem (private%s) and %s.pub.pem", a->keygen.name,
             a->no_passphrase ? ", not encrypted" : "", a->keygen.name);
    return 0;
}

const struct cli_command cli_keygen = {
    .name = "keygen",
    .summary = "make a key pair",
    .options = options,
    .args_size = sizeof(struct keygen_args),
    .run = run,
};
