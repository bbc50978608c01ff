#include "crypt4gh/c4gh_index.h"

#include <htslib/hfile.h>
#include <string.h>

#include "crypt4gh/c4gh_stream.h"

/* An index takes far less; a hostile file must not take all memory. */
enum { INDEX_MAX = 1 << 30 };

static int slurp(hFILE *stream, const char *path, struct vl_buf *out,
                 struct vl_error *err)
{
    enum { STEP = 1 << 16 };
    for (;;) {
        uint8_t *to = vl_buf_reserve(out, STEP);
        ssize_t n = to ? hread(stream, to, STEP) : 0;
        if (!to)
            return vl_error_memory(err);
        if (n < 0)
            return vl_error_errno(err, "%s: cannot read", path);
        out->len += (size_t)n;
        if (n < STEP)
            return 0;
        if (out->len > INDEX_MAX)
            return vl_error_set(err, VL_ERR_DATA, "%s: is too large for an index", path);
    }
}

/* Looks at one name.  *found: it is there, and *memory has its content if that is
 * encrypted. */
static int look(const char *path, struct c4gh_keys *keys, struct memory_file **memory,
                bool *found, struct vl_error *err)
{
    struct c4gh_reader *reader;
    struct vl_error failure, why;
    hFILE *stream = NULL;
    int rc = c4gh_stream_open(&stream, &reader, path, keys, &failure, &why);
    *found = rc == 0;
    if (rc == VL_ERR_IO)
        return 0; /* the next name may be there */
    if (rc == 0 && reader)
        rc = memory_file_open(memory, &why);
    if (rc == 0 && reader)
        rc = slurp(stream, path, &(*memory)->bytes, &why);
    if (rc < 0 && err)
        *err = failure.code != VL_OK ? failure : why;
    if (stream)
        hclose_abruptly(stream);
    if (rc < 0) {
        memory_file_free(*memory);
        *memory = NULL;
    }
    return rc;
}

static int name_memory(const struct memory_file *memory, struct vl_buf *name,
                       struct vl_error *err)
{
    vl_buf_reset(name);
    vl_buf_add(name, memory->name, strlen(memory->name) + 1);
    return name->failed ? vl_error_memory(err) : 0;
}

int c4gh_index_find(const char *path, const char *const *endings, struct c4gh_keys *keys,
                    struct vl_buf *name, struct memory_file **memory,
                    struct vl_error *err)
{
    static const char *const BEHIND[] = {"", ".c4gh"};
    size_t n = strlen(path), n_ending = strlen(BEHIND[1]);
    bool found = false;
    int rc = 0;
    *memory = NULL;
    bool is_named = n > n_ending && strcmp(path + n - n_ending, BEHIND[1]) == 0;
    for (int bare = 0; bare <= is_named; bare++)
        for (size_t e = 0; endings[e]; e++)
            for (size_t i = 0; rc == 0 && !found && i < 2; i++) {
                vl_buf_reset(name);
                vl_buf_addf(name, "%.*s.%s%s%c", (int)(bare ? n - n_ending : n), path,
                            endings[e], BEHIND[i], '\0');
                rc = name->failed ? vl_error_memory(err)
                                  : look((char *)name->data, keys, memory, &found, err);
            }
    if (rc < 0 || !found) {
        vl_buf_reset(name);
        return rc;
    }
    return *memory ? name_memory(*memory, name, err) : 0;
}

int c4gh_index_read(const char *path, struct c4gh_keys *keys, struct vl_buf *name,
                    struct memory_file **memory, struct vl_error *err)
{
    bool found;
    *memory = NULL;
    int rc = look(path, keys, memory, &found, err);
    if (rc < 0)
        return rc;
    if (!found)
        return vl_error_set(err, VL_ERR_IO, "%s: cannot open", path);
    if (*memory)
        return name_memory(*memory, name, err);
    vl_buf_add(name, path, strlen(path) + 1);
    return name->failed ? vl_error_memory(err) : 0;
}
