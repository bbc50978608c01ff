#include "alignment/alignment_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <htslib/bgzf.h>
#include <htslib/cram.h>
#include <htslib/hfile.h>
#include <htslib/kstring.h>

#include "alignment/bam_header.h"
#include "alignment/header.h"
#include "crypt4gh/c4gh_index.h"
#include "crypt4gh/c4gh_stream.h"
#include "record/record.h"
#include "varlock/thread_check.h"

void vl_silence_htslib(void)
{
    hts_set_log_level(HTS_LOG_OFF);
}

static bool is_format(const struct alignment_input *in, enum htsExactFormat format)
{
    return hts_get_format(in->file)->format == format;
}

static int check_format(const struct alignment_input *in, struct vl_error *err)
{
    enum htsExactFormat format = hts_get_format(in->file)->format;
    if (format != bam && format != sam && format != cram)
        return vl_error_set(err, VL_ERR_DATA, "%s: not a BAM, CRAM or SAM file",
                            in->path);
    if (format != sam && in->size_bytes >= 0 && hts_check_EOF(in->file) == 0)
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s: truncated (its end block is missing): copy it again; what "
            "can be read of it is kept by: samtools view -o new.%s %s",
            in->path, format == bam ? "bam" : "cram", in->path);
    return 0;
}

/* htslib parses the header of a SAM file while it reads it.  After a failure the text is
 * read again, without parsing, to find the bad line. */
static int blame_header(const struct alignment_input *in, struct vl_error *err)
{
    kstring_t line = KS_INITIALIZE;
    struct vl_buf text = VL_BUF_INIT;
    bool again = is_format(in, sam) && in->size_bytes >= 0 && !in->is_encrypted;
    BGZF *file = again ? bgzf_open(in->path, "r") : NULL;
    while (file && bgzf_getline(file, '\n', &line) > 0 && line.s[0] == '@') {
        vl_buf_add(&text, line.s, line.l);
        vl_buf_add_byte(&text, '\n');
    }
    int rc = text.len > 0 && !text.failed
                 ? header_blame((const char *)text.data, text.len, err)
                 : vl_error_set(err, VL_ERR_DATA, "its header cannot be read");
    if (file)
        bgzf_close(file);
    ks_free(&line);
    vl_buf_clear(&text);
    return vl_error_prefix(err, rc, in->path);
}

/* htslib reads the records of a BAM with the names and number of its contigs alone. */
static int read_bam(struct alignment_input *in, struct vl_error *err)
{
    int rc = bam_header_read(in->file->fp.bgzf, &in->text, &in->contigs, err);
    if (rc < 0)
        return vl_error_prefix(err, rc, in->path);
    in->data_start = bgzf_tell(in->file->fp.bgzf);
    in->header = header_from_raw(NULL, 0, &in->contigs);
    if (!in->header)
        return vl_error_memory(err);
    rc = header_find_m5(&in->text, &in->contigs, err);
    return rc < 0 ? rc : vl_contigs_check_unique(&in->contigs, in->path, err);
}

/* The text is taken from what htslib read and not from sam_hdr_str, which may rewrite it.
 * That of a CRAM is what its header block holds.  Of a SAM, htslib returns the lines
 * without a CR before the newline, and the last line with a newline, which is how it
 * reads the records too. */
static int read_sam_or_cram(struct alignment_input *in, struct vl_error *err)
{
    errno = 0;
    in->header = sam_hdr_read(in->file);
    if (!in->header)
        return errno == ENOMEM ? vl_error_memory(err) : blame_header(in, err);
    const sam_hdr_t *raw =
        is_format(in, cram) ? cram_fd_get_header(in->file->fp.cram) : in->header;
    vl_buf_add(&in->text, raw->text, raw->l_text);
    return header_contigs(in->header, in->path, &in->contigs, err);
}

/* What somebody sent names no references to htslib, which would read and index any local
 * path or fetch any URL in UR, and ask the EBI for an M5. */
static int forget_references(struct alignment_input *in, struct vl_error *err)
{
    sam_hdr_t *header = cram_fd_get_header(in->file->fp.cram);
    for (int i = 0; i < sam_hdr_nref(header); i++) {
        const char *name = sam_hdr_tid2name(header, i);
        if (sam_hdr_remove_tag_id(header, "SQ", "SN", name, "UR") < 0 ||
            sam_hdr_remove_tag_id(header, "SQ", "SN", name, "M5") < 0)
            return vl_error_memory(err);
    }
    return 0;
}

static int read_header(struct alignment_input *in, struct vl_error *err)
{
    int rc = is_format(in, bam) ? read_bam(in, err) : read_sam_or_cram(in, err);
    if (rc == 0 && is_format(in, cram) && memory_file_is_name(in->path))
        rc = forget_references(in, err);
    if (rc < 0)
        return rc;
    vl_buf_add_byte(&in->text, 0);
    if (in->text.failed)
        return vl_error_memory(err);
    in->text.len--;
    return 0;
}

/* What went wrong in an encrypted file says more than what htslib made of it. */
static int with_failure(const struct alignment_input *in, int rc, struct vl_error *err)
{
    if (rc >= 0 || !in->failure || in->failure->code == VL_OK)
        return rc;
    if (err)
        *err = *in->failure;
    return in->failure->code;
}

/* Opens the file, or what is encrypted in it. */
static int open_stream(struct alignment_input *in, const char *path, hFILE **stream,
                       struct vl_error *err)
{
    struct c4gh_reader *reader = NULL;
    struct stat st;
    in->size_bytes = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : -1;
    in->failure = calloc(1, sizeof *in->failure);
    if (!in->failure)
        return vl_error_memory(err);
    int rc = c4gh_stream_open(stream, &reader, path, in->keys, in->failure, err);
    if (rc < 0 || !reader)
        return rc;
    in->is_encrypted = true;
    rc = c4gh_reader_size(reader, &in->size_bytes, err);
    if (rc < 0)
        hclose_abruptly(*stream);
    return rc;
}

static int open_file(struct alignment_input *in, const char *path, struct vl_error *err)
{
    hFILE *stream = NULL;
    int rc = open_stream(in, path, &stream, err);
    if (rc < 0)
        return rc;
    errno = 0;
    in->file = hts_hopen(stream, path, "r");
    if (in->file)
        return 0;
    int why = errno;
    hclose_abruptly(stream);
    if (in->failure->code != VL_OK)
        return with_failure(in, VL_ERR_DATA, err);
    errno = why;
    return why != ENOEXEC && why != 0
               ? vl_error_errno(err, "%s: cannot open", path)
               : vl_error_set(err, VL_ERR_DATA, "%s: not a BAM, CRAM or SAM file", path);
}

static int open_input(struct alignment_input *in, const char *path, const char *reference,
                      htsThreadPool *pool, struct vl_error *err)
{
    in->has_reference = reference != NULL;
    in->path = strdup(path);
    if (!in->path)
        return vl_error_memory(err);
    int rc = open_file(in, path, err);
    if (rc == 0)
        rc = check_format(in, err);
    if (rc == 0 && reference && hts_set_fai_filename(in->file, reference) < 0)
        rc = vl_error_set(err, VL_ERR_IO, "%s: cannot use it as the reference of %s",
                          reference, path);
    /* A pipe is read without threads, because with threads htslib does not tell whether
     * it ended with the end block. */
    bool threads = pool && pool->pool && in->size_bytes >= 0;
    if (rc == 0 && threads)
        rc = vl_thread_check(1, err);
    if (rc == 0 && threads && hts_set_opt(in->file, HTS_OPT_THREAD_POOL, pool) < 0)
        rc = vl_error_memory(err);
    return rc < 0 ? rc : read_header(in, err);
}

int alignment_input_open(struct alignment_input *in, const char *path,
                         const char *reference, struct c4gh_keys *keys,
                         htsThreadPool *pool, struct vl_error *err)
{
    memset(in, 0, sizeof *in);
    in->keys = keys;
    int rc = open_input(in, path, reference, pool, err);
    if (rc < 0) {
        rc = with_failure(in, rc, err);
        alignment_input_close(in);
    }
    return rc;
}

/* True unless a pipe was cut.  Only a pipe is checked here, because its end cannot be
 * read when it is opened. */
static bool has_end_block(const struct alignment_input *in)
{
    enum htsExactFormat format = hts_get_format(in->file)->format;
    if (in->size_bytes >= 0)
        return true;
    if (format == cram)
        return cram_eof(in->file->fp.cram) == 1;
    const BGZF *stream = format == bam ? in->file->fp.bgzf : NULL;
    return !stream || !stream->is_compressed || stream->last_block_eof;
}

/* ---- places ---- */

static int64_t n_contigs(const struct alignment_input *in)
{
    return (int64_t)in->contigs.n;
}

static hts_itr_t *query(const struct alignment_input *in, int64_t contig, int64_t beg,
                        int64_t end)
{
    return sam_itr_queryi(
        in->index, contig < n_contigs(in) ? (int)contig : HTS_IDX_NOCOOR, beg, end);
}

static int unusable_index(const struct alignment_input *in, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA, "%s: its index is unusable", in->path);
}

static int go_to_offset(struct alignment_input *in, int64_t offset, struct vl_error *err)
{
    in->ended = false;
    if (bgzf_seek(in->file->fp.bgzf, offset, SEEK_SET) >= 0)
        return 0;
    return errno == ESPIPE ? vl_error_set(err, VL_ERR_IO,
                                          "%s: regions cannot be read from a pipe, "
                                          "or from a server that serves no byte ranges",
                                          in->path)
                           : vl_error_errno(err, "%s: cannot seek", in->path);
}

int alignment_input_rewind(struct alignment_input *in, struct vl_error *err)
{
    return go_to_offset(in, in->data_start, err);
}

/* The query only finds the offset where reading starts.  From there the BAM is read on
 * without an iterator, because no query returns records that have a contig but no
 * position. */
static int seek_in_bam(struct alignment_input *in, int64_t contig, int64_t pos0,
                       int64_t end, struct vl_error *err)
{
    bool unplaced = contig == n_contigs(in);
    if (pos0 < 0 && !unplaced)
        return 0;
    hts_itr_t *it = query(in, contig, pos0 < 0 ? 0 : pos0, end);
    /* The index of a file without records has no entry for unplaced reads. */
    if (!it)
        return unplaced ? 0 : unusable_index(in, err);
    bool any = unplaced ? !it->finished : it->n_off > 0;
    int64_t offset = (int64_t)(it->n_off > 0 ? it->off[0].u : it->curr_off);
    hts_itr_destroy(it);
    /* `any` is false if nothing but unplaced reads follows. */
    int rc = any ? go_to_offset(in, offset ? offset : in->data_start, err) : 0;
    return rc < 0 ? rc : any;
}

int alignment_input_unplaced(const struct alignment_input *in, uint64_t *first,
                             uint64_t *behind, struct vl_error *err)
{
    hts_itr_t *it = query(in, n_contigs(in), 0, 0);
    /* The index of a file without records has no entry for them. */
    const bool any = it && !it->finished;
    *first = any ? it->curr_off : *first;
    hts_itr_destroy(it);
    if (any && in->size_bytes < 0)
        return vl_error_set(err, VL_ERR_IO,
                            "%s: its size is not known, so that the place of its "
                            "last reads is not",
                            in->path);
    *behind = any ? (uint64_t)in->size_bytes << 16 : *behind;
    return any;
}

int alignment_input_seek(struct alignment_input *in, size_t contig, int64_t pos0,
                         int64_t end, struct vl_error *err)
{
    if (is_format(in, bam))
        return seek_in_bam(in, (int64_t)contig, pos0, end, err);
    hts_itr_t *it = query(in, (int64_t)contig, pos0 < 0 ? 0 : pos0, HTS_POS_MAX);
    if (!it)
        return unusable_index(in, err);
    hts_itr_destroy(in->iterator);
    in->iterator = it;
    in->ended = false;
    return 1;
}

/* ---- records ---- */

/* Reads what sam_read1 would return: contig after contig, then the unplaced reads. */
static int next_of_iterator(struct alignment_input *in, bam1_t *b)
{
    for (;;) {
        int rc = sam_itr_next(in->file, in->iterator, b), tid = in->iterator->tid;
        if (rc != -1 || tid == HTS_IDX_NOCOOR)
            return rc;
        hts_itr_t *next = query(in, tid + 1, 0, HTS_POS_MAX);
        if (!next)
            return -2;
        hts_itr_destroy(in->iterator);
        in->iterator = next;
    }
}

int alignment_input_blame(const struct alignment_input *in, struct vl_error *err)
{
    bool is_cram = is_format(in, cram);
    if (in->failure->code != VL_OK)
        return with_failure(in, VL_ERR_DATA, err);
    if (is_cram && !in->has_reference)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: cannot be read after record %llu: a CRAM needs its "
                            "reference, give it with -T (or it is truncated or corrupt)",
                            in->path, (unsigned long long)in->n_records);
    return vl_error_set(err, VL_ERR_DATA,
                        "%s: truncated or corrupt after record %llu%s%s", in->path,
                        (unsigned long long)in->n_records,
                        is_cram ? ", or of another reference than -T" : "",
                        in->index ? ", or its index is out of date" : "");
}

int alignment_input_next(struct alignment_input *in, bam1_t *b, struct vl_error *err)
{
    /* Asked again behind the end of a SAM, htslib's threads would wait for ever. */
    if (in->ended)
        return 0;
    int rc = in->iterator ? next_of_iterator(in, b) : sam_read1(in->file, in->header, b);
    if (rc >= 0) {
        in->n_records++;
        record_normalise(b);
        return 1;
    }
    if (rc == -1 && (in->iterator || has_end_block(in))) {
        in->ended = true;
        return 0;
    }
    return alignment_input_blame(in, err);
}

/* Loads what was found.  Without a name in->index stays NULL. */
static int load_found(struct alignment_input *in, const struct vl_buf *name,
                      struct vl_error *err)
{
    if (name->len == 0)
        return 0;
    in->index = sam_index_load3(in->file, in->path, (const char *)name->data, 0);
    return in->index ? 0 : unusable_index(in, err);
}

static int load_encrypted_index(struct alignment_input *in, struct vl_error *err)
{
    static const char *const OF_BAM[] = {"csi", "bai", NULL}, *const OF_CRAM[] = {"crai",
                                                                                  NULL};
    struct memory_file *memory = NULL;
    struct vl_buf name = VL_BUF_INIT;
    int rc = c4gh_index_find(in->path, is_format(in, cram) ? OF_CRAM : OF_BAM, in->keys,
                             &name, &memory, err);
    if (rc == 0)
        rc = load_found(in, &name, err);
    memory_file_free(memory);
    vl_buf_clear(&name);
    return rc;
}

int alignment_input_take_index(struct alignment_input *in, const char *path,
                               struct vl_error *err)
{
    struct memory_file *memory = NULL;
    struct vl_buf name = VL_BUF_INIT;
    int rc = c4gh_index_read(path, in->keys, &name, &memory, err);
    if (rc == 0)
        rc = load_found(in, &name, err);
    memory_file_free(memory);
    vl_buf_clear(&name);
    return rc;
}

static int load_index(struct alignment_input *in, struct vl_error *err)
{
    if (in->index || is_format(in, sam) || strcmp(in->path, "-") == 0)
        return 0;
    if (in->is_encrypted)
        return load_encrypted_index(in, err);
    in->index = sam_index_load3(in->file, in->path, NULL, HTS_IDX_SILENT_FAIL);
    return 0;
}

bool alignment_input_try_index(struct alignment_input *in)
{
    return load_index(in, NULL) == 0 && in->index != NULL;
}

int alignment_input_need_index(struct alignment_input *in, struct vl_error *err)
{
    int rc = load_index(in, err);
    if (rc < 0 || in->index)
        return rc;
    if (is_format(in, sam) || strcmp(in->path, "-") == 0)
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s: regions need an indexed BAM or CRAM file, not SAM or a pipe", in->path);
    if (hisremote(in->path))
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: has no index beside it that could be fetched, which "
                            "regions need",
                            in->path);
    if (in->is_encrypted)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: has no index beside it, which regions need: neither of "
                            "the encrypted file's name nor of the plain one's, plain or "
                            "encrypted",
                            in->path);
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: has no index, which regions need; make one with: samtools index %s",
        in->path, in->path);
}

double alignment_input_share(const struct alignment_input *in)
{
    if (in->size_bytes <= 0 || !is_format(in, bam))
        return -1;
    int64_t at = bgzf_tell(in->file->fp.bgzf) >> 16;
    return (double)at / (double)in->size_bytes;
}

void alignment_input_close(struct alignment_input *in)
{
    hts_itr_destroy(in->iterator);
    if (in->index)
        hts_idx_destroy(in->index);
    sam_hdr_destroy(in->header);
    /* Without this, bgzf_close would see the stored error and return before it frees. */
    if (in->file && in->file->is_bgzf)
        hclearerr(in->file->fp.bgzf->fp);
    if (in->file)
        hts_close(in->file);
    vl_buf_clear(&in->text);
    vl_contigs_clear(&in->contigs);
    free(in->failure);
    free(in->path);
    memset(in, 0, sizeof *in);
}
