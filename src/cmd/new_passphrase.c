#include "new_passphrase.h"

#include <string.h>

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

int new_passphrase(struct cli *cli, const char *name, bool none, const char **passphrase,
                   struct vl_error *err)
{
    *passphrase = NULL;
    if (strcmp(name, "-") == 0)
        return cli_usage(cli, err, "--output: keys are written to two files, not to -");
    if (none && cli->passphrase_file)
        return cli_usage(cli, err,
                         "--no-passphrase and --passphrase-file contradict each other");
    if (none)
        return 0;
    int rc = cli->has_passphrase ? 0 : ask_new_passphrase(cli, err);
    if (rc < 0)
        return rc;
    if (cli->passphrase[0] == '\0')
        return cli_usage(
            cli, err,
            "the passphrase is empty; --no-passphrase writes an unencrypted key");
    *passphrase = cli->passphrase;
    return 0;
}
