#include "alignment/bam_bytes.h"

#include <errno.h>

#include "crypt4gh/hfile_backend.h"
#include "varlock/fail.h"

/* Made again after a minute or a million times on the way to a program of the same
 * machine, so speed counts more than size. */
static const char MODE[] = "w1";

struct bytes_stream {
    hFILE base; /* first */
    struct vl_buf *out;
};

static ssize_t write_bytes(hFILE *stream, const void *buffer, size_t n)
{
    struct vl_buf *out = ((struct bytes_stream *)stream)->out;
    vl_buf_add(out, buffer, n);
    if (!out->failed)
        return (ssize_t)n;
    errno = ENOMEM;
    return -1;
}

static int do_nothing(hFILE *stream)
{
    (void)stream;
    return 0;
}

static const struct hFILE_backend BACKEND = {.write = write_bytes, .close = do_nothing};

int bam_bytes_begin(struct bam_bytes *bytes, struct vl_error *err)
{
    struct bytes_stream *stream = (void *)hfile_init(sizeof *stream, "w", 0);
    if (!stream)
        return vl_error_memory(err);
    stream->base.backend = &BACKEND;
    stream->out = &bytes->out;
    bytes->file = bgzf_hopen(&stream->base, MODE);
    if (bytes->file)
        return 0;
    hclose_abruptly(&stream->base);
    return vl_error_memory(err);
}

int bam_bytes_header(struct bam_bytes *bytes, const sam_hdr_t *header,
                     struct vl_error *err)
{
    if (bam_hdr_write(bytes->file, header) < 0 || bgzf_flush(bytes->file) < 0)
        return vl_error_memory(err);
    return 0;
}

int bam_bytes_record(struct bam_bytes *bytes, const bam1_t *b, struct vl_error *err)
{
    if (bam_write1(bytes->file, b) >= 0)
        return 0;
    return bytes->out.failed
               ? vl_error_memory(err)
               : vl_error_set(err, VL_ERR_DATA, "record %s does not fit into a BAM",
                              bam_get_qname(b));
}

int bam_bytes_end(struct bam_bytes *bytes, struct vl_error *err)
{
    BGZF *file = bytes->file;
    bytes->file = NULL;
    return bgzf_close(file) < 0 ? vl_error_memory(err) : 0;
}

void bam_bytes_clear(struct bam_bytes *bytes)
{
    if (bytes->file)
        bgzf_close(bytes->file);
    bytes->file = NULL;
    vl_buf_clear(&bytes->out);
}
