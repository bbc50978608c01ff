#include <string.h>

#include "operation_options.h"
#include "run/key_pair.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

static int generate(struct vl_key **key, const struct vl_keygen_options *options,
                    struct vl_error *err)
{
    const char *type = options->type ? options->type : "rsa";
    if (strcmp(type, "rsa") == 0)
        return vl_key_generate(key, options->bits ? options->bits : VL_KEY_BITS_DEFAULT,
                               err);
    if (strcmp(type, "x25519") != 0 && strcmp(type, "ed25519") != 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "a key cannot be of type %s, only rsa, x25519 or ed25519",
                            type);
    if (options->bits)
        return vl_error_set(err, VL_ERR_USAGE, "only RSA keys have a choice of bits");
    return vl_key_generate_type(
        key, strcmp(type, "x25519") == 0 ? VL_KEY_X25519 : VL_KEY_ED25519, err);
}

int vl_keygen(const struct vl_keygen_options *options, struct vl_error *err)
{
    struct vl_keygen_options own;
    struct key_pair pair;
    struct vl_key *key = NULL;
    int rc = options_take(&keygen_layout, options, &own, err);
    if (rc == 0)
        rc = key_pair_name(&pair, own.name, ".pem", ".pub.pem", err);
    if (rc < 0)
        return rc;
    rc = generate(&key, &own, err);
    if (rc == 0)
        rc = vl_key_export(key, own.passphrase, &pair.private_text, &pair.public_text,
                           err);
    if (rc == 0)
        rc = key_pair_write(&pair, err);
    vl_key_free(key);
    key_pair_clear(&pair);
    return rc;
}
