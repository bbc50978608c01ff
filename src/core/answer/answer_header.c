#include <errno.h>
#include <htslib/sam.h>
#include <htslib/vcf.h>

#include "alignment/alignment_output.h"
#include "answer/answer.h"
#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/c4gh_stream.h"

enum { RULES = VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE };

static int write_alignments(const struct answer *a, htsFile *in, int mode,
                            struct vl_error *err)
{
    const htsThreadPool none = {0};
    struct alignment_output *out = NULL;
    sam_hdr_t *header = sam_hdr_read(in);
    int rc = header ? 0
                    : vl_error_set(err, VL_ERR_DATA, "%s: its header cannot be read",
                                   a->options->source);
    if (rc == 0)
        rc = alignment_output_open(&out, &a->options->output, (mode_t)mode, RULES, header,
                                   NULL, (htsThreadPool *)(uintptr_t)&none, err);
    if (rc == 0)
        rc = alignment_output_commit(out, NULL, 0, err);
    alignment_output_free(out);
    sam_hdr_destroy(header);
    return rc;
}

static int put_variants(const struct answer *a, const bcf_hdr_t *header,
                        struct vl_outfile *target, const char *mode, struct vl_error *err)
{
    hFILE *stream = NULL;
    int fd, rc = c4gh_file_stream(target, &stream, &fd, err);
    if (rc < 0)
        return rc;
    htsFile *out = hts_hopen(stream, a->options->output.path, mode);
    if (!out) {
        hclose_abruptly(stream);
        return vl_error_memory(err);
    }
    errno = 0;
    rc = bcf_hdr_write(out, (bcf_hdr_t *)(uintptr_t)header);
    return hts_close(out) < 0 || rc < 0
               ? vl_error_errno(err, "%s: cannot write", a->options->output.path)
               : 0;
}

static int write_variants(const struct answer *a, htsFile *in, int mode,
                          struct vl_error *err)
{
    const htsFormat *format = hts_get_format(in);
    const char *how = format->format == bcf                   ? "wb5"
                      : format->compression == no_compression ? "w"
                                                              : "wz5";
    struct vl_outfile *target = NULL;
    bcf_hdr_t *header = bcf_hdr_read(in);
    int rc = header ? 0
                    : vl_error_set(err, VL_ERR_DATA, "%s: its header cannot be read",
                                   a->options->source);
    if (rc == 0)
        rc = vl_outfile_open(&target, a->options->output.path, (mode_t)mode, RULES, err);
    if (rc == 0)
        rc = put_variants(a, header, target, how, err);
    if (rc == 0)
        rc = vl_outfile_commit(target, err);
    vl_outfile_free(target);
    if (header)
        bcf_hdr_destroy(header);
    return rc;
}

int answer_header(struct answer *a, enum htsExactFormat format, int mode,
                  struct vl_error *err)
{
    struct vl_error failure;
    hFILE *stream;
    int rc = c4gh_stream_open(&stream, NULL, a->files[0]->name, a->keys, &failure, err);
    if (rc < 0)
        return rc;
    htsFile *in = hts_hopen(stream, a->options->source, "r");
    if (!in) {
        hclose_abruptly(stream);
        return vl_error_memory(err);
    }
    rc = format == vcf || format == bcf ? write_variants(a, in, mode, err)
                                        : write_alignments(a, in, mode, err);
    if (rc < 0 && failure.code != VL_OK && err) {
        *err = failure;
        rc = failure.code;
    }
    hts_close(in);
    return rc;
}
