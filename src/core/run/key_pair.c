#include "run/key_pair.h"

#include "varlock/outfile_set.h"
#include "varlock/seal.h"

enum { KEY_RULES = VL_OUTFILE_NO_PIPE };

int key_pair_name(struct key_pair *pair, const char *name, const char *private_ending,
                  const char *public_ending, struct vl_error *err)
{
    *pair = (struct key_pair){0};
    if (!*name)
        return vl_error_set(err, VL_ERR_USAGE, "a new key needs a name");
    vl_buf_addf(&pair->private_path, "%s%s%c", name, private_ending, '\0');
    vl_buf_addf(&pair->public_path, "%s%s%c", name, public_ending, '\0');
    int rc =
        pair->private_path.failed || pair->public_path.failed ? vl_error_memory(err) : 0;
    if (rc == 0)
        rc = vl_outfile_check((char *)pair->private_path.data, KEY_RULES, err);
    if (rc == 0)
        rc = vl_outfile_check((char *)pair->public_path.data, KEY_RULES, err);
    if (rc < 0)
        key_pair_clear(pair);
    return rc;
}

static int write_temporary(struct vl_outfile **out, const struct vl_buf *path,
                           mode_t mode, const struct vl_buf *text, struct vl_error *err)
{
    int rc = vl_outfile_open(out, (char *)path->data, mode, KEY_RULES, err);
    return rc < 0 ? rc : vl_outfile_write(*out, text->data, text->len, err);
}

int key_pair_write(struct key_pair *pair, struct vl_error *err)
{
    struct vl_outfile *private_out = NULL, *public_out = NULL;
    struct vl_outfile_set set = {0};
    int rc = write_temporary(&private_out, &pair->private_path, 0600, &pair->private_text,
                             err);
    if (rc == 0)
        rc = write_temporary(&public_out, &pair->public_path, 0644, &pair->public_text,
                             err);
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

void key_pair_clear(struct key_pair *pair)
{
    vl_buf_wipe(&pair->private_text);
    vl_buf_clear(&pair->public_text);
    vl_buf_clear(&pair->private_path);
    vl_buf_clear(&pair->public_path);
}
