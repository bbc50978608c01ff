#include "answer/answer.h"
#include "crypt4gh/c4gh_stream.h"

enum { RULES = VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE };

int answer_open_output(const struct answer *a, sam_hdr_t *header, int mode,
                       htsThreadPool *pool, struct alignment_output **out,
                       struct vl_error *err)
{
    const struct vl_output *o = &a->options->output;
    bool is_cram = alignment_output_is_cram(o);
    if (is_cram && !o->reference)
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: writing CRAM needs its reference, -T: what the server's "
                            "header names is not used",
                            o->path);
    for (int i = 0; is_cram && i < sam_hdr_nref(header); i++)
        if (sam_hdr_remove_tag_id(header, "SQ", "SN", sam_hdr_tid2name(header, i), "UR") <
            0)
            return vl_error_set(err, VL_ERR_DATA, "%s: its header is malformed",
                                a->options->source);
    return alignment_output_open(out, o, (mode_t)mode, RULES, header, NULL, pool, err);
}

/* `in` is NULL if htslib could not read the header of a CRAM as it opened it. */
static int write_header(const struct answer *a, htsFile *in, int mode,
                        struct vl_error *err)
{
    htsThreadPool none = {0};
    struct alignment_output *out = NULL;
    sam_hdr_t *header = in ? sam_hdr_read(in) : NULL;
    int rc = header ? 0
                    : vl_error_set(err, VL_ERR_DATA, "%s: its header cannot be read",
                                   a->options->source);
    if (rc == 0 && hts_get_format(in)->format == sam)
        rc = answer_check_last_line(a, a->files[0], err);
    if (rc == 0)
        rc = answer_open_output(a, header, mode, &none, &out, err);
    if (rc == 0)
        rc = alignment_output_commit(out, NULL, 0, err);
    alignment_output_free(out);
    sam_hdr_destroy(header);
    return rc;
}

int answer_header(struct answer *a, int mode, struct vl_error *err)
{
    struct vl_error failure;
    hFILE *stream;
    int rc = c4gh_stream_open(&stream, NULL, a->files[0]->name, a->keys, &failure, err);
    if (rc < 0)
        return rc;
    htsFile *in = hts_hopen(stream, a->files[0]->name, "r");
    rc = write_header(a, in, mode, err);
    if (rc < 0 && failure.code != VL_OK && err) {
        *err = failure;
        rc = failure.code;
    }
    if (in)
        hts_close(in);
    else
        hclose_abruptly(stream);
    return rc;
}
