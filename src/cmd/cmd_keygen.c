#include "cli.h"
#include "new_passphrase.h"

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

static int run(struct cli *cli, void *args, struct vl_error *err)
{
    struct keygen_args *a = args;
    int rc =
        new_passphrase(cli, a->keygen.name, a->no_passphrase, &a->keygen.passphrase, err);
    if (rc < 0)
        return rc;
    a->keygen.size = sizeof a->keygen;
    rc = vl_keygen(&a->keygen, err);
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
