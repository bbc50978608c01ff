#include "answer/answer.h"

#include <errno.h>
#include <htslib/bgzf.h>
#include <string.h>

#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/c4gh_stream.h"

int answer_blame_cut(const struct answer *a, int rc, struct vl_error *err)
{
    if (rc != VL_ERR_DATA || a->asked->n == 0 || !err)
        return rc;
    size_t n = strlen(err->message);
    strncat(err->message + n,
            "; a server that cuts files at blocks does so where records span them: ask "
            "for a larger region, or for the whole file",
            sizeof err->message - n - 1);
    return rc;
}

int answer_check_last_line(const struct answer *a, const struct memory_file *file,
                           struct vl_error *err)
{
    struct vl_error failure;
    hFILE *stream;
    char bytes[1 << 16], last = '\n';
    ssize_t n;
    int rc = c4gh_stream_open(&stream, NULL, file->name, a->keys, &failure, err);
    if (rc < 0)
        return rc;
    BGZF *text = bgzf_hopen(stream, "r");
    if (!text) {
        hclose_abruptly(stream);
        return vl_error_memory(err);
    }
    while ((n = bgzf_read(text, bytes, sizeof bytes)) > 0)
        last = bytes[n - 1];
    bgzf_close(text);
    return n == 0 && last == '\n'
               ? 0
               : vl_error_set(err, VL_ERR_DATA, "%s: truncated: its last line has no end",
                              a->options->source);
}

int answer_copy(const struct answer *a, int mode, struct vl_error *err)
{
    struct vl_error failure;
    struct vl_outfile *out = NULL;
    hFILE *stream;
    int rc = c4gh_stream_open(&stream, NULL, a->files[0]->name, a->keys, &failure, err);
    if (rc < 0)
        return rc;
    rc = vl_outfile_open(&out, a->options->output.path, (mode_t)mode,
                         VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE, err);
    if (rc == 0)
        rc = c4gh_file_copy(stream, a->options->source, out, err);
    if (rc < 0 && failure.code != VL_OK && err) {
        *err = failure;
        rc = failure.code;
    }
    hclose_abruptly(stream);
    if (rc == 0)
        rc = vl_outfile_commit(out, err);
    vl_outfile_free(out);
    return rc;
}
