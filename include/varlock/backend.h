/*
 * Crypt4GH files of a folder, each with a header made for those who ask: what an htsget
 * server needs of its storage.  The segments stay as they are, and nothing is decrypted
 * but headers.
 */
#ifndef VARLOCK_BACKEND_H
#define VARLOCK_BACKEND_H

#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/varlock.h"

struct vl_backend; /* any number of threads at a time */

/* VL_BACKEND_READERS packets with data keys stand in each header, whoever asks, so that
 * its size does not depend on it. */
enum { VL_BACKEND_READERS = 2 };

/* `keys`: private keys that open the files' headers; they and `hooks` must outlive the
 * handle. */
VL_MUST_CHECK
int vl_backend_open(struct vl_backend **backend, const char *folder,
                    const struct vl_list *keys, const struct vl_hooks *hooks,
                    struct vl_error *err);

/* A file as it is served: the header, then what follows the first `skip` bytes of fd.
 * Cleared with vl_backend_file_clear, which closes it. */
struct vl_backend_file {
    struct vl_buf header; /* empty: the file is a plain index, or nobody's key is told */
    int fd;
    int64_t skip;
    int64_t size; /* bytes of both */
};

/* Finds a regular file directly in the folder whose name ends in .c4gh, or an index
 * beside one: NAME.bai, .csi, .crai, .tbi or .gzi of NAME.c4gh.  Its header is for the n
 * keys (at most VL_BACKEND_READERS; 0: it stays as it is), and the same whenever it is
 * asked for.  VL_ERR_IO: there is none of that name.  VL_ERR_KEY: the backend's keys do
 * not open it.  VL_ERR_DATA: it is damaged, or ends in .c4gh and is no Crypt4GH file. */
VL_MUST_CHECK
int vl_backend_find(struct vl_backend *backend, const char *name,
                    struct vl_key *const *keys, size_t n, struct vl_backend_file *file,
                    struct vl_error *err);
void vl_backend_file_clear(struct vl_backend_file *file);

/* Wipes the keys and frees.  NULL is fine. */
void vl_backend_free(struct vl_backend *backend);

#endif
