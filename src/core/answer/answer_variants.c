#include <errno.h>
#include <htslib/bgzf.h>
#include <htslib/vcf.h>
#include <stdlib.h>

#include "answer/answer.h"
#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/c4gh_stream.h"
#include "run/report.h"

enum { RULES = VL_OUTFILE_REPLACES | VL_OUTFILE_KEEPS_MODE, PROGRESS_RECORDS = 65536 };

struct variants {
    struct answer *answer;
    struct vl_error failure; /* of an encrypted file */
    const char *source;
    htsFile *in;
    bcf_hdr_t *header;
    bcf1_t *record;
    int n_listed; /* contigs in the header as it came; reading adds those of records */
    struct vl_outfile *target;
    htsFile *out; /* NULL: records are only read */
    int fd;       /* that `out` writes to in the end */
};

static int damaged(const struct variants *v, const char *what, struct vl_error *err)
{
    if (v->failure.code == VL_OK)
        return vl_error_set(err, VL_ERR_DATA, "%s: %s", v->source, what);
    if (err)
        *err = v->failure;
    return v->failure.code;
}

static int open_input(struct variants *v, struct vl_error *err)
{
    const struct answer *a = v->answer;
    hFILE *stream;
    int rc =
        c4gh_stream_open(&stream, NULL, a->files[0]->name, a->keys, &v->failure, err);
    if (rc < 0)
        return rc;
    /* By its own name, for htslib looks for an index beside what it is told. */
    v->in = hts_hopen(stream, a->files[0]->name, "r");
    v->record = bcf_init();
    if (!v->in) {
        hclose_abruptly(stream);
        return damaged(v, "not a VCF or BCF file", err);
    }
    if (!v->record)
        return vl_error_memory(err);
    if (!a->options->header_only && hts_check_EOF(v->in) == 0)
        return damaged(v, "truncated (its end block is missing)", err);
    v->header = bcf_hdr_read(v->in);
    if (!v->header)
        return damaged(v, "malformed or truncated header", err);
    v->n_listed = v->header->n[BCF_DT_CTG];
    return 0;
}

/* A header that lists no contigs says nothing about those without records. */
static int check_contigs(const struct variants *v, struct vl_error *err)
{
    const struct asked *asked = v->answer->asked;
    for (size_t i = 0; v->n_listed > 0 && i < asked->n; i++)
        if (bcf_hdr_name2id(v->header, asked->v[i].contig) < 0)
            return vl_error_set(err, VL_ERR_USAGE, "%s: has no contig %s", v->source,
                                asked->v[i].contig);
    return 0;
}

static const char *mode_of(const htsFile *in)
{
    const htsFormat *format = hts_get_format((htsFile *)(uintptr_t)in);
    return format->format == bcf                   ? "wb5"
           : format->compression == no_compression ? "w"
                                                   : "wz5";
}

static int cannot_write(const struct variants *v, struct vl_error *err)
{
    return vl_error_errno(err, "%s: cannot write", v->answer->options->output.path);
}

static int open_output(struct variants *v, int mode, struct vl_error *err)
{
    hFILE *stream = NULL;
    const char *path = v->answer->options->output.path;
    int rc = vl_outfile_open(&v->target, path, (mode_t)mode, RULES, err);
    if (rc == 0)
        rc = c4gh_file_stream(v->target, &stream, &v->fd, err);
    if (rc < 0)
        return rc;
    v->out = hts_hopen(stream, path, mode_of(v->in));
    if (!v->out) {
        hclose_abruptly(stream);
        return vl_error_memory(err);
    }
    return bcf_hdr_write(v->out, v->header) < 0 ? cannot_write(v, err) : 0;
}

/* By name: records may lie on contigs that the header does not list. */
static bool is_wanted(const struct variants *v)
{
    const bcf1_t *r = v->record;
    const struct asked *asked = v->answer->asked;
    if (asked->n == 0)
        return true;
    int contig = vl_contigs_find(&asked->contigs, bcf_seqname_safe(v->header, r));
    return contig >= 0 &&
           vl_ranges_overlap(&asked->ranges, contig, r->pos, r->pos + r->rlen);
}

static int write_record(const struct variants *v, struct vl_error *err)
{
    bool is_bcf = hts_get_format(v->in)->format == bcf;
    if (v->record->n_sample != (uint32_t)bcf_hdr_nsamples(v->header) ||
        (is_bcf && v->record->errcode != 0))
        return damaged(v, "a record does not fit its header", err);
    errno = 0;
    return bcf_write(v->out, v->header, v->record) < 0 ? cannot_write(v, err) : 0;
}

static int check_last_line(const struct variants *v, struct vl_error *err)
{
    const struct answer *a = v->answer;
    return hts_get_format(v->in)->format == vcf
               ? answer_blame_cut(a, answer_check_last_line(a, a->files[0], err), err)
               : 0;
}

/* Records may follow, and be cut, where a server sends more than the header. */
static int check_header_end(struct variants *v, struct vl_error *err)
{
    return bcf_read(v->in, v->header, v->record) == -1 ? check_last_line(v, err) : 0;
}

static int copy_records(struct variants *v, struct vl_error *err)
{
    struct vl_receiver_counts *counts = &v->answer->counts;
    int got, rc = 0;
    while (rc == 0 && (got = bcf_read(v->in, v->header, v->record)) == 0) {
        if (++counts->n_received % PROGRESS_RECORDS == 0)
            rc = hooks_progress(&v->answer->options->hooks, counts->n_received, -1, err);
        if (!is_wanted(v))
            continue;
        counts->n_written++;
        if (rc == 0 && v->out)
            rc = write_record(v, err);
    }
    if (rc == 0 && got < -1)
        rc = answer_blame_cut(v->answer, damaged(v, "truncated or corrupt", err), err);
    if (rc == 0)
        rc = check_last_line(v, err);
    return rc == 0 ? check_contigs(v, err) : rc;
}

/* After a failure nothing more reaches the target. */
static int close_output(struct variants *v, int rc, struct vl_error *err)
{
    errno = 0;
    if (v->out && hts_close(v->out) < 0 && rc == 0)
        rc = cannot_write(v, err);
    v->out = NULL;
    return rc == 0 && v->target ? vl_outfile_commit(v->target, err) : rc;
}

int answer_variants(struct answer *a, int mode, struct vl_error *err)
{
    struct variants v = {.answer = a, .source = a->options->source};
    bool is_written = answer_is_filtered(a) || a->options->header_only;
    int rc = a->n == 1 ? open_input(&v, err)
                       : vl_error_set(err, VL_ERR_DATA,
                                      "%s: sent %zu files of variants: ask for one "
                                      "region at a time",
                                      v.source, a->n);
    if (rc == 0 && is_written)
        rc = open_output(&v, mode, err);
    if (rc == 0)
        rc = a->options->header_only ? check_header_end(&v, err) : copy_records(&v, err);
    rc = close_output(&v, rc, err);
    vl_outfile_free(v.target);
    bcf_destroy(v.record);
    if (v.header)
        bcf_hdr_destroy(v.header);
    if (v.in)
        hts_close(v.in);
    return rc == 0 && !is_written ? answer_copy(a, mode, err) : rc;
}
