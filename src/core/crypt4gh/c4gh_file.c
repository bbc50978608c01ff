#include "crypt4gh/c4gh_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "varlock/output_paths.h"

static int open_any(hFILE **stream, const char *path, struct vl_error *err)
{
    errno = 0;
    *stream = hopen(path, "r");
    return *stream ? 0 : vl_error_errno(err, "%s: cannot open", path);
}

int c4gh_file_open(hFILE **source, struct c4gh_header *header, const char *path,
                   const char *header_path, struct vl_error *err)
{
    hFILE *apart = NULL;
    *header = (struct c4gh_header){0};
    int rc = open_any(source, path, err);
    if (rc == 0 && header_path)
        rc = open_any(&apart, header_path, err);
    if (rc == 0)
        rc = c4gh_header_read(header, apart ? apart : *source,
                              header_path ? header_path : path, err);
    if (apart)
        hclose_abruptly(apart);
    if (rc < 0 && *source) {
        hclose_abruptly(*source);
        *source = NULL;
    }
    return rc;
}

int c4gh_file_check_output(const char *output, const char *const *inputs, size_t n,
                           const struct vl_list *keys, const struct vl_list *recipients,
                           struct vl_error *err)
{
    int rc = vl_file_check_outputs(&output, 1, inputs, n, err);
    if (rc == 0)
        rc = vl_file_check_outputs(&output, 1, keys->v, keys->n, err);
    if (rc == 0)
        rc = vl_file_check_outputs(&output, 1, recipients->v, recipients->n, err);
    return rc;
}

int c4gh_file_read_sender(const char *path, uint8_t key[static VL_X25519_BYTES],
                          const uint8_t **sender, struct vl_error *err)
{
    struct vl_key *read = NULL;
    *sender = NULL;
    int rc = path ? vl_key_read_public(&read, path, err) : 0;
    if (rc == 0 && read && (rc = vl_key_x25519_public(read, key, err)) < 0)
        rc = vl_error_prefix(err, rc, path);
    if (rc == 0 && read)
        *sender = key;
    vl_key_free(read);
    return rc;
}

int c4gh_file_copy(hFILE *source, const char *path, struct vl_outfile *out,
                   struct vl_error *err)
{
    enum { COPY_BYTES = 1 << 16 };
    uint8_t bytes[COPY_BYTES];
    for (;;) {
        ssize_t n = hread(source, bytes, sizeof bytes);
        if (n < 0)
            return vl_error_errno(err, "%s: cannot read", path);
        int rc = n > 0 ? vl_outfile_write(out, bytes, (size_t)n, err) : 0;
        if (rc < 0 || n == 0)
            return rc;
    }
}

int c4gh_file_stream(struct vl_outfile *out, hFILE **stream, int *fd,
                     struct vl_error *err)
{
    *fd = fcntl(vl_outfile_fd(out), F_DUPFD_CLOEXEC, 3);
    if (*fd < 0)
        return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out));
    *stream = hdopen(*fd, "w");
    if (*stream)
        return 0;
    close(*fd);
    return vl_error_memory(err);
}

int c4gh_file_put(void *outfile, const void *bytes, size_t n, struct vl_error *err)
{
    return vl_outfile_write(outfile, bytes, n, err);
}
