/* A Crypt4GH file that an operation opens, and one that it writes. */
#ifndef VARLOCK_CORE_C4GH_FILE_H
#define VARLOCK_CORE_C4GH_FILE_H

#include <htslib/hfile.h>

#include "crypt4gh/c4gh_header.h"
#include "crypt4gh/c4gh_reader.h"
#include "varlock/outfile.h"

/* Opens a file, URL or "-", and reads its header, or that in a file of its own
 * (`header_path`, NULL: none).  *source then stands at the first segment. */
VL_MUST_CHECK
int c4gh_file_open(hFILE **source, struct c4gh_header *header, const char *path,
                   const char *header_path, struct vl_error *err);

/* VL_ERR_USAGE if the output is one of the inputs, of which there are n (NULLs are
 * skipped), or one of the key files. */
VL_MUST_CHECK
int c4gh_file_check_output(const char *output, const char *const *inputs, size_t n,
                           const struct vl_list *keys, const struct vl_list *recipients,
                           struct vl_error *err);

/* Reads the public key of a sender; `path` NULL gives no key, and *sender NULL. */
VL_MUST_CHECK
int c4gh_file_read_sender(const char *path, uint8_t key[static VL_X25519_BYTES],
                          const uint8_t **sender, struct vl_error *err);

/* Copies the rest of the stream. */
VL_MUST_CHECK
int c4gh_file_copy(hFILE *source, const char *path, struct vl_outfile *out,
                   struct vl_error *err);

/* A stream that writes to the output, which stays the caller's, through the descriptor
 * *fd of its own. */
VL_MUST_CHECK
int c4gh_file_stream(struct vl_outfile *out, hFILE **stream, int *fd,
                     struct vl_error *err);

/* A c4gh_sink_fn over a struct vl_outfile. */
VL_MUST_CHECK
int c4gh_file_put(void *outfile, const void *bytes, size_t n, struct vl_error *err);

#endif
