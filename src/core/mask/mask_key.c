#include "mask/mask_key.h"

#include <string.h>

#include "container/bdiff_file.h"
#include "run/operation_keys.h"
#include "varlock/buf.h"
#include "varlock/fail.h"
#include "varlock/file.h"
#include "varlock/seal.h"

int mask_key_read(const char *path, const struct vl_hooks *hooks,
                  uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err)
{
    if (!path)
        return vl_random(mask_key, VL_MASK_KEY_BYTES, err);
    struct vl_buf bytes = VL_BUF_INIT;
    int rc = vl_file_slurp(path, VL_MASK_KEY_BYTES + 1, &bytes, err);
    if (rc < 0 || bytes.len != VL_MASK_KEY_BYTES)
        rc = rc == VL_ERR_IO ? rc
                             : vl_error_set(err, VL_ERR_KEY,
                                            "%s: a masking key is %d bytes, "
                                            "as from: openssl rand -out KEY %d",
                                            path, VL_MASK_KEY_BYTES, VL_MASK_KEY_BYTES);
    else
        operation_key_warn_exposed(path, "a masking key", hooks);
    if (rc == 0)
        memcpy(mask_key, bytes.data, VL_MASK_KEY_BYTES);
    vl_buf_wipe(&bytes);
    return rc;
}

int mask_key_like(const char *bdiff, const char *key_path,
                  const struct verifier *verifier, const struct vl_hooks *hooks,
                  uint8_t mask_key[static VL_MASK_KEY_BYTES], struct vl_error *err)
{
    struct vl_key *key = NULL;
    struct vl_bdiff_reader *reader = NULL;
    int rc = operation_key_read_private(key_path, hooks, &key, err);
    if (rc == 0)
        rc = vl_bdiff_reader_open(&reader, bdiff, key, key_path, verifier->key,
                                  verifier->path, err);
    if (rc == 0 && !vl_bdiff_reader_header(reader)->is_root)
        rc = vl_error_set(err, VL_ERR_DATA,
                          "%s: is a slice, which has no masking key; --like takes an "
                          "owner's BDIFF",
                          bdiff);
    if (rc == 0)
        memcpy(mask_key, vl_bdiff_reader_header(reader)->mask_key, VL_MASK_KEY_BYTES);
    vl_bdiff_reader_free(reader);
    vl_key_free(key);
    return rc;
}
