#include "window/masked_digest.h"

#include <stdlib.h>
#include <string.h>

#include "record/canonical.h"
#include "varlock/little_endian.h"

int window_contigs_digest(const struct vl_contigs *contigs,
                          uint8_t out[static VL_SHA256_BYTES])
{
    struct vl_buf bytes = VL_BUF_INIT;
    vl_bdiff_contigs_encode(contigs, &bytes);
    int rc = bytes.failed ? VL_ERR_MEMORY : vl_sha256(bytes.data, bytes.len, out);
    vl_buf_clear(&bytes);
    return rc;
}

int window_masked_digest(const struct record_array *masked,
                         const uint8_t contigs_sha256[static VL_SHA256_BYTES],
                         uint8_t out[static VL_SHA256_BYTES])
{
    struct vl_digest *digest = vl_digest_new();
    struct vl_buf scratch = VL_BUF_INIT;
    int rc = digest ? 0 : VL_ERR_MEMORY;
    uint8_t n[4];
    vl_store_le(n, masked->n, sizeof n);
    if (rc == 0) {
        vl_digest_add(digest, contigs_sha256, VL_SHA256_BYTES);
        vl_digest_add(digest, n, sizeof n);
    }
    for (size_t i = 0; rc == 0 && i < masked->n; i++)
        rc = record_masked_add(masked->v[i], digest, &scratch);
    if (rc == 0)
        rc = vl_digest_finish(digest, out);
    vl_digest_free(digest);
    vl_buf_clear(&scratch);
    return rc;
}

void window_total_add(struct vl_digest *total, const struct vl_bdiff_entry *entry)
{
    uint8_t n[4];
    vl_store_le(n, entry->n_records, sizeof n);
    vl_digest_add(total, n, sizeof n);
    vl_digest_add(total, entry->masked_sha256, sizeof entry->masked_sha256);
}
