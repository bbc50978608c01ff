#include "varlock/backend.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <htslib/hfile.h>

#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/c4gh_header.h"
#include "crypt4gh/c4gh_reseal.h"
#include "run/operation_keys.h"
#include "varlock/digest.h"
#include "varlock/seal.h"

enum { HEADERS_KEPT = 256 };
static const char ENDING[] = ".c4gh";
static const char *const INDEX_ENDINGS[] = {".bai", ".csi", ".crai", ".tbi", ".gzi"};
enum { N_INDEX_ENDINGS = sizeof INDEX_ENDINGS / sizeof *INDEX_ENDINGS };

/* A header that was made.  Sealing it again would give other bytes, and who asks for it
 * in pieces would get a mixture. */
struct made {
    uint8_t of[VL_SHA256_BYTES]; /* of the file's header, and of the readers' keys */
    struct vl_buf header;
};

struct vl_backend {
    int folder;
    struct c4gh_keys keys;
    pthread_mutex_t mutex; /* of what follows */
    struct made made[HEADERS_KEPT];
    size_t next;
};

int vl_backend_open(struct vl_backend **backend, const char *folder,
                    const struct vl_list *keys, const struct vl_hooks *hooks,
                    struct vl_error *err)
{
    struct vl_backend *b = calloc(1, sizeof *b);
    *backend = b;
    if (!b)
        return vl_error_memory(err);
    pthread_mutex_init(&b->mutex, NULL);
    b->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = b->folder < 0 ? vl_error_errno(err, "%s: cannot open", folder)
                           : operation_keys_read_c4gh(&b->keys, keys, hooks, err);
    if (rc < 0) {
        vl_backend_free(b);
        *backend = NULL;
    }
    return rc;
}

void vl_backend_free(struct vl_backend *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < HEADERS_KEPT; i++)
        vl_buf_clear(&b->made[i].header);
    c4gh_keys_clear(&b->keys);
    if (b->folder >= 0)
        close(b->folder);
    pthread_mutex_destroy(&b->mutex);
    free(b);
}

void vl_backend_file_clear(struct vl_backend_file *file)
{
    vl_buf_clear(&file->header);
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* ---- headers ---- */

/* Adds a key that nobody has, until there are as many as there are always. */
static int add_decoys(struct c4gh_readers *readers, struct vl_error *err)
{
    uint8_t private[VL_X25519_BYTES];
    int rc = 0;
    while (rc == 0 && readers->n < VL_BACKEND_READERS) {
        struct vl_key *decoy = NULL;
        rc = vl_random(private, sizeof private, err);
        if (rc == 0)
            rc = vl_key_from_x25519(&decoy, NULL, private, err);
        if (rc == 0)
            rc = c4gh_readers_add(readers, decoy, err);
        vl_key_free(decoy);
    }
    vl_wipe(private, sizeof private);
    return rc;
}

static int name_header(const struct c4gh_header *header,
                       const struct c4gh_readers *readers,
                       uint8_t of[static VL_SHA256_BYTES], struct vl_error *err)
{
    struct vl_digest *digest = vl_digest_new();
    if (!digest)
        return vl_error_memory(err);
    vl_digest_add(digest, header->bytes.data, header->bytes.len);
    vl_digest_add(digest, readers->keys, readers->n * sizeof *readers->keys);
    int rc = vl_digest_finish(digest, of);
    vl_digest_free(digest);
    return rc < 0 ? vl_error_memory(err) : 0;
}

static int reseal(struct vl_backend *b, struct c4gh_header *header, hFILE *source,
                  struct c4gh_readers *readers, const char *name, struct vl_buf *out,
                  struct vl_error *err)
{
    struct c4gh_edits edits = {0};
    int rc = c4gh_header_unlock(header, &b->keys, NULL, name, err);
    if (rc == 0 && c4gh_edits_make(&edits, (const void *)header->lengths.data,
                                   header->lengths.len / sizeof(uint64_t)) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = add_decoys(readers, err);
    if (rc == 0)
        rc = c4gh_reseal(header, readers, &edits, c4gh_source_size(source), false, out,
                         err);
    c4gh_edits_clear(&edits);
    return rc;
}

/* The header for these readers: one that was made, or a new one. */
static int make_header(struct vl_backend *b, struct c4gh_header *header, hFILE *source,
                       struct c4gh_readers *readers, const char *name, struct vl_buf *out,
                       struct vl_error *err)
{
    uint8_t of[VL_SHA256_BYTES];
    int rc = name_header(header, readers, of, err);
    pthread_mutex_lock(&b->mutex);
    struct made *made = NULL;
    for (size_t i = 0; rc == 0 && !made && i < HEADERS_KEPT; i++)
        if (b->made[i].header.len > 0 && memcmp(b->made[i].of, of, sizeof of) == 0)
            made = &b->made[i];
    if (rc == 0 && !made) {
        made = &b->made[b->next++ % HEADERS_KEPT];
        vl_buf_reset(&made->header);
        memcpy(made->of, of, sizeof of);
        rc = reseal(b, header, source, readers, name, &made->header, err);
        if (rc < 0)
            vl_buf_reset(&made->header);
    }
    if (rc == 0)
        vl_buf_add(out, made->header.data, made->header.len);
    pthread_mutex_unlock(&b->mutex);
    return rc == 0 && out->failed ? vl_error_memory(err) : rc;
}

static int add_header(struct vl_backend *b, struct vl_backend_file *file,
                      const char *name, struct c4gh_readers *readers,
                      struct vl_error *err)
{
    struct c4gh_header header = {0};
    int copy = dup(file->fd);
    hFILE *source = copy < 0 ? NULL : hdopen(copy, "r");
    if (!source) {
        if (copy >= 0)
            close(copy);
        return vl_error_errno(err, "%s: cannot open", name);
    }
    int rc = c4gh_header_read(&header, source, name, err);
    if (rc == 0 && readers->n > 0)
        rc = make_header(b, &header, source, readers, name, &file->header, err);
    if (rc == 0 && file->header.len > 0) {
        file->skip = (int64_t)header.bytes.len;
        file->size += (int64_t)file->header.len - file->skip;
    }
    c4gh_header_clear(&header);
    hclose_abruptly(source);
    return rc;
}

/* ---- files ---- */

static bool has_ending(const char *name, const char *ending)
{
    size_t n = strlen(name), n_ending = strlen(ending);
    return n > n_ending && strcmp(name + n - n_ending, ending) == 0;
}

/* NAME.bai and the like beside a NAME.c4gh. */
static bool is_index(const struct vl_backend *b, const char *name)
{
    const char *ending = strrchr(name, '.');
    char file[NAME_MAX + sizeof ENDING];
    struct stat st;
    bool found = false;
    for (size_t i = 0; ending && !found && i < N_INDEX_ENDINGS; i++)
        found = strcmp(ending, INDEX_ENDINGS[i]) == 0;
    if (!found || ending - name > NAME_MAX)
        return false;
    snprintf(file, sizeof file, "%.*s%s", (int)(ending - name), name, ENDING);
    return fstatat(b->folder, file, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* A private key or a decrypted copy may lie in the folder, too: what is no Crypt4GH file
 * and no index of one is as if it were not there. */
static bool is_served(const struct vl_backend *b, const char *name)
{
    return name[0] != '.' && !strchr(name, '/') &&
           (has_ending(name, ENDING) || is_index(b, name));
}

/* Neither a link nor what lies elsewhere. */
static int open_file(const struct vl_backend *b, const char *name,
                     struct vl_backend_file *file, struct vl_error *err)
{
    struct stat st;
    errno = ENOENT;
    if (is_served(b, name))
        file->fd =
            openat(b->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file->fd < 0)
        return vl_error_errno(err, "cannot open");
    if (fstat(file->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return vl_error_set(err, VL_ERR_IO, "is no file");
    file->size = st.st_size;
    return 0;
}

int vl_backend_find(struct vl_backend *b, const char *name, struct vl_key *const *keys,
                    size_t n, struct vl_backend_file *file, struct vl_error *err)
{
    struct c4gh_readers readers = {0};
    *file = (struct vl_backend_file){.fd = -1};
    int rc = open_file(b, name, file, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = c4gh_readers_add(&readers, keys[i], err);
    if (rc == 0 && has_ending(name, ENDING))
        rc = add_header(b, file, name, &readers, err);
    c4gh_readers_clear(&readers);
    if (rc < 0)
        vl_backend_file_clear(file);
    return rc;
}
