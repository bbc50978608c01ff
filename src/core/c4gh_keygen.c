#include "operation_options.h"
#include "run/key_pair.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

int vl_c4gh_keygen(const struct vl_c4gh_keygen_options *options, struct vl_error *err)
{
    struct vl_c4gh_keygen_options own;
    struct key_pair pair;
    struct vl_key *key = NULL;
    int rc = options_take(&c4gh_keygen_layout, options, &own, err);
    if (rc == 0)
        rc = key_pair_name(&pair, own.name, ".sec", ".pub", err);
    if (rc < 0)
        return rc;
    rc = vl_key_generate_type(&key, VL_KEY_X25519, err);
    if (rc == 0)
        rc = vl_key_export_c4gh(key, own.passphrase, own.comment, &pair.private_text,
                                &pair.public_text, err);
    if (rc == 0)
        rc = key_pair_write(&pair, err);
    vl_key_free(key);
    key_pair_clear(&pair);
    return rc;
}
