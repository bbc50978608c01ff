#include <string.h>

#include "operation_options.h"
#include "varlock/buf.h"
#include "varlock/key.h"
#include "varlock/outfile_set.h"
#include "varlock/seal.h"
#include "varlock/varlock.h"

/* No existing file is ever replaced: whoever loses a private key loses all that was
 * sealed to it. */
enum { KEY_RULES = VL_OUTFILE_NO_PIPE };

static int refuse_either(const char *private_path, const char *public_path,
                         struct vl_error *err)
{
    int rc = vl_outfile_check(private_path, KEY_RULES, err);
    return rc < 0 ? rc : vl_outfile_check(public_path, KEY_RULES, err);
}

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

static int make_pems(const struct vl_keygen_options *options, struct vl_buf *private_pem,
                     struct vl_buf *public_pem, struct vl_error *err)
{
    struct vl_key *key = NULL;
    int rc = generate(&key, options, err);
    if (rc == 0)
        rc = vl_key_export(key, options->passphrase, private_pem, public_pem, err);
    vl_key_free(key);
    return rc;
}

static int write_temporary(struct vl_outfile **out, const char *path, mode_t mode,
                           const struct vl_buf *pem, struct vl_error *err)
{
    int rc = vl_outfile_open(out, path, mode, KEY_RULES, err);
    return rc < 0 ? rc : vl_outfile_write(*out, pem->data, pem->len, err);
}

static int write_pair(const char *private_path, const struct vl_buf *private_pem,
                      const char *public_path, const struct vl_buf *public_pem,
                      struct vl_error *err)
{
    struct vl_outfile *private_out = NULL, *public_out = NULL;
    struct vl_outfile_set set = {0};
    int rc = write_temporary(&private_out, private_path, 0600, private_pem, err);
    if (rc == 0)
        rc = write_temporary(&public_out, public_path, 0644, public_pem, err);
    /* The private key comes first.  If the public key existed alone, people could seal to
     * it what nobody can open. */
    vl_outfile_set_add(&set, private_out);
    vl_outfile_set_add(&set, public_out);
    if (rc == 0)
        rc = vl_outfile_set_commit(&set, err);
    vl_outfile_free(private_out);
    vl_outfile_free(public_out);
    return rc;
}

int vl_keygen(const struct vl_keygen_options *options, struct vl_error *err)
{
    struct vl_buf private_path = VL_BUF_INIT, public_path = VL_BUF_INIT;
    struct vl_buf private_pem = VL_BUF_INIT, public_pem = VL_BUF_INIT;
    struct vl_keygen_options own;
    int rc = options_take(&keygen_layout, options, &own, err);
    if (rc < 0)
        return rc;
    if (!*own.name)
        return vl_error_set(err, VL_ERR_USAGE, "a new key needs a name");
    vl_buf_addf(&private_path, "%s.pem%c", own.name, '\0');
    vl_buf_addf(&public_path, "%s.pub.pem%c", own.name, '\0');
    if (private_path.failed || public_path.failed) {
        rc = vl_error_memory(err);
        goto out;
    }
    const char *private_name = (char *)private_path.data;
    const char *public_name = (char *)public_path.data;
    rc = refuse_either(private_name, public_name, err);
    if (rc == 0)
        rc = make_pems(&own, &private_pem, &public_pem, err);
    if (rc == 0)
        rc = write_pair(private_name, &private_pem, public_name, &public_pem, err);
out:
    vl_buf_wipe(&private_pem);
    vl_buf_clear(&public_pem);
    vl_buf_clear(&private_path);
    vl_buf_clear(&public_path);
    return rc;
}
