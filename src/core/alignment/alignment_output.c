#include "alignment/alignment_output.h"

#include <errno.h>
#include <fcntl.h>
#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/kstring.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alignment/alignment_index.h"
#include "alignment/alignment_input.h"
#include "alignment/header.h"
#include "container/earlier_files.h"
#include "crypt4gh/c4gh_stream.h"
#include "varlock/outfile_set.h"
#include "varlock/output_paths.h"
#include "varlock/thread_check.h"

struct alignment_output {
    struct vl_outfile *target;
    struct alignment_index index;
    struct c4gh_readers readers; /* n 0: the output is not encrypted */
    struct vl_error *failure;    /* why an encrypted output could not be written; owned */
    htsFile *file;
    int fd;            /* htslib's descriptor, closed by hts_close; -1: none */
    int tail;          /* memory with what hts_close wrote of a stream; -1: none */
    sam_hdr_t *header; /* the caller's */
    bool index_open;   /* sam_idx_init succeeded */
};

/* Length of the path without an ending .c4gh. */
static size_t bare_length(const char *path)
{
    static const char ENDING[] = ".c4gh";
    size_t n = strlen(path), n_ending = sizeof ENDING - 1;
    return n > n_ending && strcasecmp(path + n - n_ending, ENDING) == 0 ? n - n_ending
                                                                        : n;
}

bool alignment_output_is_encrypted(const struct vl_output *options)
{
    return options->c4gh_recipients.n > 0;
}

/* True if the bare path ends so. */
static bool ends_in(const char *path, const char *ending)
{
    size_t n = bare_length(path), n_ending = strlen(ending);
    return n >= n_ending && strncasecmp(path + n - n_ending, ending, n_ending) == 0;
}

static const char *mode_of(const struct vl_output *options)
{
    const char *format = options->format;
    if (!format)
        format = ends_in(options->path, ".sam")    ? "sam"
                 : ends_in(options->path, ".cram") ? "cram"
                                                   : "bam";
    if (strcasecmp(format, "sam") == 0)
        return "w";
    if (strcasecmp(format, "cram") == 0)
        return "wc";
    /* libdeflate's level 5 takes two fifths less time than htslib's default, level 6, and
     * makes files 1 % larger. */
    return "wb5";
}

bool alignment_output_is_bam(const struct vl_output *options)
{
    return mode_of(options)[1] == 'b';
}

bool alignment_output_is_cram(const struct vl_output *options)
{
    return strcmp(mode_of(options), "wc") == 0;
}

static int open_htsfile(struct alignment_output *out, const struct vl_output *options,
                        htsThreadPool *pool, struct vl_error *err)
{
    const char *mode = mode_of(options);
    out->fd = fcntl(vl_outfile_fd(out->target), F_DUPFD_CLOEXEC, 3);
    if (out->fd < 0)
        return vl_error_errno(err, "%s: cannot write", options->path);
    /* Nothing is written yet, so both calls fail only if memory runs out, whatever errno
     * is. */
    hFILE *stream = hdopen(out->fd, "w"), *sealing = NULL;
    if (!stream) {
        close(out->fd);
        out->fd = -1;
        return vl_error_memory(err);
    }
    if (out->readers.n > 0) {
        int rc = c4gh_stream_create(&sealing, stream, &out->readers, out->failure, err);
        if (rc < 0) {
            hclose_abruptly(stream);
            out->fd = -1;
            return rc;
        }
        stream = sealing;
    }
    out->file = hts_hopen(stream, options->path, mode);
    if (!out->file) {
        hclose_abruptly(stream);
        out->fd = -1;
        return vl_error_memory(err);
    }
    if (!pool || !pool->pool)
        return 0;
    int rc = vl_thread_check(1, err);
    if (rc == 0 && hts_set_opt(out->file, HTS_OPT_THREAD_POOL, pool) < 0)
        rc = vl_error_memory(err);
    return rc;
}

static bool has_every_m5(sam_hdr_t *header)
{
    kstring_t m5 = KS_INITIALIZE;
    bool every = true;
    for (int i = 0; every && i < sam_hdr_nref(header); i++)
        every = sam_hdr_find_tag_pos(header, "SQ", i, "M5", &m5) == 0;
    ks_free(&m5);
    return every;
}

/* Only a BAM holds any bytes as its header text.
 *
 * Without M5 in every @SQ line a CRAM gets its reference before the header is written,
 * because htslib must add M5.  It then also adds UR, the path of the reference.  With M5
 * everywhere the reference is set afterwards, so no path is shown. */
static int write_header(struct alignment_output *out, const struct vl_output *options,
                        struct vl_error *err)
{
    if (!alignment_output_is_bam(options) && header_repair_raw(out->header) < 0)
        return vl_error_memory(err);
    bool wants_reference = alignment_output_is_cram(options) && options->reference;
    bool first = wants_reference && !has_every_m5(out->header);
    int rc = first ? hts_set_fai_filename(out->file, options->reference) : 0;
    if (rc == 0 && sam_hdr_write(out->file, out->header) < 0)
        return vl_error_errno(err, "%s: cannot write the header", options->path);
    if (rc == 0 && wants_reference && !first)
        rc = hts_set_fai_filename(out->file, options->reference);
    return rc == 0 ? 0
                   : vl_error_set(err, VL_ERR_IO, "%s: cannot use it as a reference",
                                  options->reference);
}

int alignment_output_check_paths(const struct vl_output *options,
                                 const char *other_output, const char *const *inputs,
                                 size_t n_inputs, const struct vl_list *more_inputs,
                                 struct vl_error *err)
{
    struct vl_buf index = VL_BUF_INIT;
    if (alignment_index_put_path(options, &index) < 0)
        return vl_error_memory(err);
    const char *outputs[] = {options->path, other_output,
                             options->write_index ? (char *)index.data : NULL};
    const struct vl_list *recipients = &options->c4gh_recipients;
    int rc = vl_file_check_outputs(outputs, 3, inputs, n_inputs, err);
    if (rc == 0)
        rc = vl_file_check_outputs(outputs, 3, recipients->v, recipients->n, err);
    if (rc == 0 && recipients->n == 0 && options->path[bare_length(options->path)])
        rc = vl_error_set(err, VL_ERR_USAGE,
                          "-o %s: is to be encrypted by its name, but for nobody: "
                          "--c4gh-recipient FILE",
                          options->path);
    if (rc == 0 && more_inputs)
        rc = vl_file_check_outputs(outputs, 3, more_inputs->v, more_inputs->n, err);
    vl_buf_clear(&index);
    return rc;
}

int alignment_output_check_targets(const struct vl_output *options, unsigned rules,
                                   const char *bdiff, struct vl_error *err)
{
    struct vl_buf index = VL_BUF_INIT;
    int rc = alignment_index_put_path(options, &index) < 0 ? vl_error_memory(err) : 0;
    if (rc == 0 && bdiff)
        rc = bdiff_output_check(bdiff, rules & VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = masked_output_check(options->path, rules, err);
    if (rc == 0 && options->write_index)
        rc = masked_output_check((char *)index.data, rules | VL_OUTFILE_NO_PIPE, err);
    vl_buf_clear(&index);
    return rc;
}

static int open_index(struct alignment_output *out, const struct vl_output *options,
                      mode_t mode, unsigned rules, struct vl_error *err)
{
    if (strcmp(options->path, "-") == 0 || strcmp(mode_of(options), "w") == 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "--write-index needs a BAM or CRAM file, not SAM or stdout");
    return alignment_index_open(&out->index, options, mode, rules, err);
}

/* Reads the recipients' keys. */
static int open_readers(struct alignment_output *out, const struct vl_output *options,
                        const struct vl_key *own, struct vl_error *err)
{
    const struct vl_list *recipients = &options->c4gh_recipients;
    out->failure = calloc(1, sizeof *out->failure);
    if (!out->failure)
        return vl_error_memory(err);
    if (recipients->n == 0)
        return 0;
    int rc = c4gh_readers_read(&out->readers, recipients->v, recipients->n, err);
    return rc < 0 || !own ? rc : c4gh_readers_add(&out->readers, own, err);
}

static int open_parts(struct alignment_output *out, const struct vl_output *options,
                      mode_t mode, unsigned rules, const struct vl_key *own,
                      htsThreadPool *pool, struct vl_error *err)
{
    int rc = open_readers(out, options, own, err);
    if (rc == 0)
        rc = vl_outfile_open(&out->target, options->path, mode, rules, err);
    if (rc == 0 && options->write_index)
        rc = open_index(out, options, mode, rules, err);
    if (rc == 0)
        rc = open_htsfile(out, options, pool, err);
    if (rc == 0)
        rc = write_header(out, options, err);
    if (rc == 0 && out->index.file) {
        /* 14 is what samtools --write-index uses.  htslib adds levels for long
         * contigs. */
        if (sam_idx_init(out->file, out->header, 14, alignment_index_name(&out->index)) <
            0)
            rc = vl_error_errno(err, "%s: cannot index", options->path);
        out->index_open = rc == 0;
    }
    return rc;
}

int alignment_output_open(struct alignment_output **handle,
                          const struct vl_output *options, mode_t mode, unsigned rules,
                          sam_hdr_t *header, const struct vl_key *own,
                          htsThreadPool *pool, struct vl_error *err)
{
    *handle = NULL;
    struct alignment_output *out = calloc(1, sizeof *out);
    if (!out)
        return vl_error_memory(err);
    out->fd = -1;
    out->tail = -1;
    out->header = header;
    int rc = open_parts(out, options, mode, rules, own, pool, err);
    if (rc < 0)
        alignment_output_free(out);
    else
        *handle = out;
    return rc;
}

/* Sets errno to an error of a writing thread, which htslib does not do itself. */
static void find_errno(const htsFile *file)
{
    if (errno == 0 && file->is_bgzf)
        errno = herrno(file->fp.bgzf->fp);
}

static const char *contig_of(const struct alignment_output *out, const bam1_t *b)
{
    const char *name = sam_hdr_tid2name(out->header, b->core.tid);
    return name ? name : "*";
}

/* htslib reports an error only through errno.  0, ERANGE or EINVAL mean that the record
 * is to blame.  EINVAL can also mean that memory ran out for a line of SAM. */
static int refuse_record(struct alignment_output *out, const bam1_t *b,
                         struct vl_error *err)
{
    find_errno(out->file);
    int why = errno;
    if (why != 0 && why != ERANGE && why != EINVAL)
        return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out->target));
    bool fits = b->core.pos <= INT32_MAX && b->core.mpos <= INT32_MAX &&
                b->core.isize >= INT32_MIN && b->core.isize <= INT32_MAX;
    if (out->index_open && fits && why != EINVAL)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: record %s at %s:%lld cannot be indexed; leave out "
                            "--write-index",
                            vl_outfile_path(out->target), bam_get_qname(b),
                            contig_of(out, b), (long long)b->core.pos + 1);
    return vl_error_set(err, VL_ERR_IO,
                        "%s: record %s cannot be written in this format%s",
                        vl_outfile_path(out->target), bam_get_qname(b),
                        why == EINVAL ? ", or out of memory" : "");
}

int alignment_output_write(struct alignment_output *out, const bam1_t *b,
                           struct vl_error *err)
{
    errno = 0;
    return sam_write1(out->file, out->header, b) >= 0 ? 0 : refuse_record(out, b, err);
}

/* Copies part of the block, up to offset `to` in it or to its end (-1), and compresses
 * that part anew. */
static int copy_part(BGZF *out, BGZF *in, int64_t from, int to)
{
    if (bgzf_seek(in, from, SEEK_SET) < 0 || bgzf_peek(in) < 0)
        return -1;
    int end = to < 0 || to > in->block_length ? in->block_length : to;
    int n = end - in->block_offset;
    const char *bytes = (const char *)in->uncompressed_block + in->block_offset;
    return n <= 0 || (bgzf_write(out, bytes, (size_t)n) == n && bgzf_flush(out) == 0)
               ? 0
               : -1;
}

/* Copies the next `n` bytes of the file unchanged. */
static int copy_raw(BGZF *out, BGZF *in, int64_t n)
{
    char bytes[1 << 16];
    while (n > 0) {
        size_t want = n < (int64_t)sizeof bytes ? (size_t)n : sizeof bytes;
        ssize_t got = bgzf_raw_read(in, bytes, want);
        if (got <= 0 || bgzf_raw_write(out, bytes, (size_t)got) != got)
            return -1;
        n -= got;
    }
    return 0;
}

static int copy_blocks(BGZF *out, BGZF *in, int64_t from, int64_t to)
{
    int64_t beg = from >> 16, end = to >> 16;
    int in_first = (int)(from & 0xffff), in_last = (int)(to & 0xffff);
    int rc = bgzf_flush(out);
    if (rc == 0 && beg == end)
        return in_first < in_last ? copy_part(out, in, from, in_last) : 0;
    if (rc == 0 && in_first > 0) {
        rc = copy_part(out, in, from, -1);
        beg = htell(in->fp);
    } else if (rc == 0) {
        rc = bgzf_seek(in, from, SEEK_SET) < 0 ? -1 : 0;
    }
    if (rc == 0)
        rc = copy_raw(out, in, end - beg);
    return rc == 0 && in_last > 0 ? copy_part(out, in, end << 16, in_last) : rc;
}

int alignment_output_append(struct alignment_output *out,
                            const struct alignment_input *in, int64_t from, int64_t to,
                            struct vl_error *err)
{
    enum { END_BLOCK = 28 };
    errno = 0;
    if (copy_blocks(out->file->fp.bgzf, in->file->fp.bgzf, from,
                    to < 0 ? (in->size_bytes - END_BLOCK) << 16 : to) == 0)
        return 0;
    find_errno(out->file);
    return errno ? vl_error_errno(err, "%s: cannot append %s",
                                  vl_outfile_path(out->target), in->path)
                 : vl_error_set(err, VL_ERR_DATA, "%s: truncated or corrupt", in->path);
}

const struct c4gh_readers *alignment_output_readers(const struct alignment_output *out)
{
    return &out->readers;
}

int64_t alignment_output_tell(const struct alignment_output *out)
{
    return htell(out->file->fp.bgzf->fp);
}

/* Writes everything of a BAM but its end block.  hts_close does not do this, because it
 * would lose errno and leak memory. */
static int flush(struct alignment_output *out, struct vl_error *err)
{
    BGZF *bgzf = out->file->is_bgzf ? out->file->fp.bgzf : NULL;
    errno = 0;
    if (!bgzf || (bgzf_flush(bgzf) == 0 && hflush(bgzf->fp) == 0))
        return 0;
    find_errno(out->file);
    return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out->target));
}

/* The index of a CRAM is complete when the CRAM is closed. */
int alignment_output_finish(struct alignment_output *out, struct vl_error *err)
{
    errno = 0;
    if (out->index_open && sam_idx_save(out->file) < 0)
        return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out->index.file));
    int rc = flush(out, err);
    if (rc < 0)
        return rc;
    rc = hts_close(out->file);
    out->file = NULL;
    out->fd = -1;
    if (rc < 0)
        return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out->target));
    return out->index_open ? alignment_index_finish(&out->index, &out->readers, err) : 0;
}

/* hts_close writes the end of a BAM even after an error.  Here it writes to /dev/null. */
static void close_into_nothing(struct alignment_output *out)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, out->fd);
        close(null);
    }
    /* Without this, bgzf_close would see the stored error and return before it frees. */
    if (out->file->is_bgzf)
        hclearerr(out->file->fp.bgzf->fp);
    hts_close(out->file);
    out->file = NULL;
    out->fd = -1;
}

/* ---- streams ---- */

/* The longest end block: that of a CRAM.  A reader that lacks these bytes knows that the
 * stream is not whole. */
enum { END_BYTES = 38 };

static off_t tail_size(const struct alignment_output *out)
{
    return lseek(out->tail, 0, SEEK_END);
}

/* Copies a part of the tail to the stream. */
static int write_tail(struct alignment_output *out, off_t from, off_t to,
                      struct vl_error *err)
{
    char bytes[1 << 16];
    int rc = 0;
    while (rc == 0 && from < to) {
        size_t want =
            to - from < (off_t)sizeof bytes ? (size_t)(to - from) : sizeof bytes;
        ssize_t n = pread(out->tail, bytes, want, from);
        if (n < 0)
            return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out->target));
        if (n == 0)
            return vl_error_set(err, VL_ERR_IO, "%s: cannot write its end",
                                vl_outfile_path(out->target));
        rc = vl_outfile_write(out->target, bytes, (size_t)n, err);
        from += n;
    }
    return rc;
}

static off_t end_of(const struct alignment_output *out)
{
    off_t size = tail_size(out);
    return size > END_BYTES ? size - END_BYTES : 0;
}

/* Waits until the stream takes END_BYTES without waiting. */
static void wait_for_reader(const struct alignment_output *out)
{
    struct pollfd stream = {.fd = vl_outfile_fd(out->target), .events = POLLOUT};
    while (poll(&stream, 1, -1) < 0 && errno == EINTR)
        ;
}

/* Writes all but the last bytes of a stream.  A reader may make this wait for ever, so
 * signals are not held off yet.  hts_close could write any amount at once and is made to
 * write it to memory: at most the blocks that threads work on. */
static int write_all_but_end(struct alignment_output *out, struct vl_error *err)
{
    int rc = flush(out, err);
    if (rc < 0)
        return rc;
    out->tail = memfd_create("varlock", MFD_CLOEXEC);
    if (out->tail < 0 || dup3(out->tail, out->fd, O_CLOEXEC) < 0)
        return vl_error_errno(err, "%s: cannot write", vl_outfile_path(out->target));
    rc = alignment_output_finish(out, err);
    if (rc == 0)
        rc = write_tail(out, 0, end_of(out), err);
    if (rc == 0)
        wait_for_reader(out);
    return rc;
}

/* A failure is ignored, because nothing more can be done. */
static void cut_at(int fd, off_t end)
{
    if (ftruncate(fd, end) < 0)
        return;
}

/* Writes the last bytes of a stream.  If they cannot be synced, they are cut off again
 * where stdout is a file. */
static int end_stream(struct alignment_output *out, struct vl_error *err)
{
    int fd = vl_outfile_fd(out->target);
    off_t without_end = lseek(fd, 0, SEEK_CUR);
    int rc = write_tail(out, end_of(out), tail_size(out), err);
    if (rc == 0)
        rc = vl_outfile_sync(out->target, err);
    if (rc < 0 && without_end >= 0)
        cut_at(fd, without_end);
    return rc;
}

/* ---- the end ---- */

const char *alignment_output_temporary(const struct alignment_output *out)
{
    return vl_outfile_temporary(out->target);
}

int alignment_output_commit(struct alignment_output *out,
                            struct vl_outfile *const *before, size_t n_before,
                            struct vl_error *err)
{
    struct vl_outfile_set set = {0};
    bool streams = out->file && vl_outfile_is_stream(out->target);
    int rc = 0;
    if (out->file)
        rc = streams ? write_all_but_end(out, err) : alignment_output_finish(out, err);
    for (size_t i = 0; i < n_before; i++)
        vl_outfile_set_add(&set, before[i]);
    vl_outfile_set_add(&set, out->index.file);
    if (!streams)
        vl_outfile_set_add(&set, out->target);
    if (rc == 0)
        rc = vl_outfile_set_name(&set, err);
    if (rc == 0 && streams)
        rc = end_stream(out, err);
    if (rc == 0)
        return vl_outfile_set_settle(&set, err);
    vl_outfile_set_undo(&set);
    return rc;
}

void alignment_output_free(struct alignment_output *out)
{
    if (!out)
        return;
    if (out->file)
        close_into_nothing(out);
    if (out->tail >= 0)
        close(out->tail);
    alignment_index_close(&out->index);
    vl_outfile_free(out->target);
    c4gh_readers_clear(&out->readers);
    free(out->failure);
    free(out);
}
