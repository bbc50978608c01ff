#include "audit_facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "projection/masked_header.h"
#include "varlock/digest.h"
#include "varlock/file.h"

enum { PIECE_BYTES = 1 << 20 };

static int digest_file(const char *path, char hex[static 65], struct vl_error *err)
{
    uint8_t sha256[VL_SHA256_BYTES];
    uint8_t *piece = malloc(PIECE_BYTES);
    struct vl_digest *digest = vl_digest_new();
    struct vl_infile *file = NULL;
    int rc = piece && digest ? vl_infile_open(&file, path, err) : vl_error_memory(err);
    for (uint64_t at = 0; rc == 0 && at < vl_infile_size(file); at += PIECE_BYTES) {
        uint64_t rest = vl_infile_size(file) - at;
        size_t n = rest < PIECE_BYTES ? (size_t)rest : PIECE_BYTES;
        rc = vl_infile_read(file, at, piece, n, err);
        if (rc == 0)
            vl_digest_add(digest, piece, n);
    }
    if (rc == 0 && vl_digest_finish(digest, sha256) < 0)
        rc = vl_error_memory(err);
    for (int i = 0; rc == 0 && i < VL_SHA256_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
    vl_infile_free(file);
    vl_digest_free(digest);
    free(piece);
    return rc;
}

int audit_facts_find(struct audit_facts *facts, const struct audit_options *options,
                     const struct alignment_input *in, struct vl_error *err)
{
    struct masked_line line;
    if (header_masked_line((const char *)in->text.data, &line) == 1)
        snprintf(facts->masking, sizeof facts->masking, "%s",
                 mask_model_name(line.mask_model));
    facts->has_original = options->original || options->bdiff;
    return options->wants_digest ? digest_file(options->masked, facts->sha256, err) : 0;
}
