#include "vcf/vcf_source.h"

#include <ctype.h>
#include <errno.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypt4gh/c4gh_stream.h"
#include "varlock/digest.h"
#include "varlock/thread_check.h"
#include "vcf/vcf_lines.h"
#include "vcf/vcf_variant.h"

enum { RELAY_PIECE_BYTES = 1 << 16, BGZF_EOF_BYTES = 28 };

/* The empty BGZF block that ends a file (SAM specification, 4.1.2). */
static const uint8_t BGZF_EOF[BGZF_EOF_BYTES] = {
    0x1f, 0x8b, 0x08, 0x04, 0, 0,    0,    0, 0, 0xff, 0x06, 0, 0x42, 0x43,
    0x02, 0,    0x1b, 0,    3, 0x00, 0x00, 0, 0, 0,    0,    0, 0,    0};

/* htslib does not tell which bytes it has read.  Therefore a thread reads the bytes,
 * hashes them and passes them on through a socket pair.  A pipe would raise SIGPIPE when
 * htslib closes its end first. */
struct relay {
    hFILE *from;
    int to; /* socket, -1 when closed */
    struct vl_digest *digest;
    atomic_ullong n_bytes;
    /* This buffer is not on the thread's stack, because the thread may be cancelled. */
    uint8_t piece[RELAY_PIECE_BYTES];
    int cancel_state;
    uint8_t tail[BGZF_EOF_BYTES]; /* the last bytes read */
    int failed_errno;             /* errno of a failed read; 0: none */
    struct vl_error failure;      /* of an encrypted input */
    pthread_t thread;
    bool running;
};

struct vcf_source {
    const char *name;
    char *path;
    struct relay relay;
    htsFile *vcf;
    bool is_bgzf, is_plain, is_text; /* is_plain: not compressed */
    bcf_hdr_t *header;
    struct vcf_lines lines;
    bcf1_t *record;
    uint64_t n_records;      /* including the malformed lines */
    uint64_t malformed_line; /* number of the last malformed line; 0: none */
    bool is_open;            /* the last line has no line feed */
    struct vcf_skipped skipped;
    uint64_t size_bytes; /* of the input; 0: unknown */
};

static void keep_tail(struct relay *relay, const uint8_t *bytes, size_t n)
{
    if (n > BGZF_EOF_BYTES) {
        bytes += n - BGZF_EOF_BYTES;
        n = BGZF_EOF_BYTES;
    }
    memmove(relay->tail, relay->tail + n, BGZF_EOF_BYTES - n);
    memcpy(relay->tail + BGZF_EOF_BYTES - n, bytes, n);
}

/* Returns false if the other end is closed.  The bytes are then only hashed. */
static bool pass_on(int socket, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(socket, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static void *run_relay(void *arg)
{
    struct relay *relay = arg;
    bool open = true;
    for (;;) {
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &relay->cancel_state);
        ssize_t n = hread(relay->from, relay->piece, sizeof relay->piece);
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &relay->cancel_state);
        if (n < 0)
            relay->failed_errno = errno ? errno : EIO;
        if (n <= 0)
            break;
        vl_digest_add(relay->digest, relay->piece, (size_t)n);
        keep_tail(relay, relay->piece, (size_t)n);
        atomic_fetch_add(&relay->n_bytes, (unsigned long long)n);
        open = open && pass_on(relay->to, relay->piece, (size_t)n);
    }
    shutdown(relay->to, SHUT_WR);
    return NULL;
}

/* Opens the input and starts the thread that passes it on.  htslib reads from *out_fd. */
static int start_relay(struct vcf_source *source, struct c4gh_keys *keys, int *out_fd,
                       struct vl_error *err)
{
    struct relay *relay = &source->relay;
    struct stat st;
    int ends[2];
    int rc =
        c4gh_stream_open(&relay->from, NULL, source->path, keys, &relay->failure, err);
    if (rc < 0)
        return rc;
    bool is_stdin = strcmp(source->path, "-") == 0;
    if ((is_stdin ? fstat(STDIN_FILENO, &st) : stat(source->path, &st)) == 0 &&
        S_ISREG(st.st_mode))
        source->size_bytes = (uint64_t)st.st_size;
    relay->digest = vl_digest_new();
    if (!relay->digest)
        return vl_error_memory(err);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return vl_error_errno(err, "%s: cannot create a socket pair", source->name);
    relay->to = ends[0];
    *out_fd = ends[1];
    rc = vl_cancel_check(err);
    if (rc < 0)
        return rc;
    errno = pthread_create(&relay->thread, NULL, run_relay, relay);
    if (errno)
        return vl_error_errno(err, "%s: cannot start a thread", source->name);
    relay->running = true;
    return 0;
}

/* Stops the relay even while it waits: for input (a pipe that nobody writes to) or to
 * send.  htslib then sees the end of the data. */
static void stop_relay(struct relay *relay)
{
    if (!relay->running)
        return;
    pthread_cancel(relay->thread);
    shutdown(relay->to, SHUT_WR);
    pthread_join(relay->thread, NULL);
    relay->running = false;
}

/* Sets the error of the input.  A read error is reported first, because it explains more
 * than htslib's view of the bytes. */
static int source_error(struct vcf_source *source, const char *why, struct vl_error *err)
{
    struct relay *relay = &source->relay;
    stop_relay(relay);
    if (relay->failure.code != VL_OK) {
        if (err)
            *err = relay->failure;
        return relay->failure.code;
    }
    if (relay->failed_errno) {
        errno = relay->failed_errno;
        return vl_error_errno(err, "%s: reading failed", source->name);
    }
    return vl_error_set(err, VL_ERR_DATA, "%s: %s", source->name, why);
}

/* Says what is wrong with the line at which htslib stopped reading the VCF header. */
static const char *header_fault(const char *line)
{
    static const char COLUMNS[] = "#CHROM";
    if (!*line)
        return "the file ends without a #CHROM line";
    if (*line != '#')
        return "a record, but no #CHROM line before it";
    if (line[1] == '#')
        return "the file ends with this, without a #CHROM line";
    if (strncmp(line, COLUMNS, sizeof COLUMNS - 1) != 0)
        return "this should be the #CHROM line";
    if (line[sizeof COLUMNS - 1] == ' ')
        return "its #CHROM line has spaces for tabs";
    return "malformed header, of which this is the end";
}

static int header_error(struct vcf_source *source, struct vl_error *err)
{
    const htsFile *vcf = source->vcf;
    char why[VCF_WHY_BYTES];
    if (!source->is_text || !vcf->line.s || vcf->lineno <= 0)
        return source_error(source, "malformed or truncated header", err);
    snprintf(why, sizeof why, "line %lld: %s", (long long)vcf->lineno,
             header_fault(vcf->line.s));
    return source_error(source, why, err);
}

static int open_vcf(struct vcf_source *source, int fd, int n_threads,
                    struct vl_error *err)
{
    hFILE *socket = hdopen(fd, "r");
    if (!socket) {
        int rc = vl_error_errno(err, "%s", source->name);
        close(fd);
        return rc;
    }
    source->vcf = hts_hopen(socket, source->name, "r");
    if (!source->vcf) {
        hclose_abruptly(socket);
        return source_error(source, "neither VCF nor BCF", err);
    }
    const htsFormat *format = hts_get_format(source->vcf);
    source->is_bgzf = format->compression == bgzf;
    source->is_plain = format->compression == no_compression;
    source->is_text = format->format == vcf;
    if (format->format != vcf && format->format != bcf)
        return source_error(source, "neither VCF nor BCF", err);
    int rc = n_threads > 0 ? vl_thread_check(n_threads + 1, err) : 0;
    if (rc < 0)
        return rc;
    if (n_threads > 0 && hts_set_threads(source->vcf, n_threads) < 0)
        return vl_error_set(err, VL_ERR_MEMORY, "%s: cannot start %d threads",
                            source->name, n_threads);
    source->record = bcf_init();
    if (!source->record)
        return vl_error_memory(err);
    source->header = bcf_hdr_read(source->vcf);
    vcf_lines_init(&source->lines, source->vcf);
    return source->header ? 0 : header_error(source, err);
}

int vcf_source_open(struct vcf_source **source, const char *path, struct c4gh_keys *keys,
                    int n_threads, struct vl_error *err)
{
    *source = NULL;
    struct vcf_source *s = calloc(1, sizeof *s);
    int fd = -1;
    if (!s)
        return vl_error_memory(err);
    s->relay.to = -1;
    s->path = strdup(path);
    s->name = strcmp(path, "-") == 0 ? "standard input" : s->path;
    int rc = s->path ? start_relay(s, keys, &fd, err) : vl_error_memory(err);
    if (rc == 0)
        rc = open_vcf(s, fd, n_threads, err);
    else if (fd >= 0)
        close(fd);
    if (rc < 0) {
        vcf_source_free(s);
        return rc;
    }
    *source = s;
    return 0;
}

const char *vcf_source_name(const struct vcf_source *source)
{
    return source->name;
}

bcf_hdr_t *vcf_source_header(struct vcf_source *source)
{
    return source->header;
}

void vcf_source_place(const struct vcf_source *source, char place[VCF_PLACE_BYTES])
{
    if (source->is_text)
        snprintf(place, VCF_PLACE_BYTES, "line %" PRIu64 ", record %" PRIu64,
                 source->lines.number, source->n_records);
    else
        snprintf(place, VCF_PLACE_BYTES, "record %" PRIu64, source->n_records);
}

void vcf_source_skip(struct vcf_source *source, const char *why)
{
    struct vcf_skipped *skipped = &source->skipped;
    char place[VCF_PLACE_BYTES];
    source->malformed_line = source->lines.number;
    if (skipped->n_malformed++ > 0)
        return;
    vcf_source_place(source, place);
    snprintf(skipped->first, sizeof skipped->first, "%s: %s", place, why);
}

const struct vcf_skipped *vcf_source_skipped(const struct vcf_source *source)
{
    return &source->skipped;
}

uint64_t vcf_source_n_records(const struct vcf_source *source)
{
    return source->n_records;
}

static bool is_blank(const char *line, size_t n)
{
    while (n > 0 && isspace((unsigned char)line[n - 1]))
        n--;
    return n == 0;
}

/* Why htslib must not parse the line: it would misread the line, or add a contig with a
 * wrong name.  NULL if it may parse the line. */
static const char *line_fault(bcf_hdr_t *header, char *line, size_t n)
{
    enum { COLUMNS = 8 };
    int n_columns = 1;
    if (memchr(line, '\0', n))
        return "a NUL byte";
    for (const char *tab = line; n_columns < COLUMNS && (tab = strchr(tab, '\t')); tab++)
        n_columns++;
    char *end = line + strcspn(line, "\t"), separator = *end;
    *end = '\0';
    bool is_listed = bcf_hdr_name2id(header, line) >= 0;
    bool has_space = line[strcspn(line, " ")] != '\0';
    *end = separator;
    if (*line == '#' && !is_listed)
        return "a line of a header among the records";
    if (n_columns < COLUMNS)
        return strchr(line, ' ') ? "fewer than 8 columns; spaces for tabs?"
                                 : "fewer than 8 columns";
    if (end == line)
        return "no contig";
    return has_space && !is_listed ? "a space in its contig's name" : NULL;
}

static const char UNREADABLE[] = "htslib cannot read it";

/* The fault that htslib found in a record, NULL if there is none.  Tags that the header
 * does not define are no fault: htslib adds them to the header. */
static const char *record_fault(const bcf1_t *record)
{
    int known = BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF | BCF_ERR_TAG_INVALID;
    int code = record->errcode & ~known;
    if (code & BCF_ERR_NCOLS)
        return "its columns are not those of the header";
    if (code & BCF_ERR_LIMITS)
        return "a value out of range";
    if (code & BCF_ERR_CHAR)
        return "a character that its column cannot have";
    return code ? UNREADABLE : NULL;
}

enum { READ_DAMAGED, READ_END, READ_LINE, READ_SKIPPED };

static int parse_line(struct vcf_source *source, const char *line, size_t n,
                      struct vcf_variant *variant)
{
    bcf1_t *record = source->record;
    kstring_t *copy = vcf_lines_copy(&source->lines, line, n);
    if (!copy)
        return READ_DAMAGED;
    const char *fault = line_fault(source->header, copy->s, n);
    if (!fault) {
        int rc = vcf_parse(copy, source->header, record);
        fault = record_fault(record);
        if (!fault && (rc < 0 || vcf_variant_set(variant, record) < 0))
            fault = UNREADABLE;
    }
    if (fault)
        vcf_source_skip(source, fault);
    return fault ? READ_SKIPPED : READ_LINE;
}

static int read_text(struct vcf_source *source, struct vcf_scan *scan,
                     struct vcf_variant *variant)
{
    const char *line = NULL;
    size_t n = 0;
    int rc = vcf_lines_next(&source->lines, &line, &n);
    if (rc < 0)
        return rc == -1 ? READ_END : READ_DAMAGED;
    source->n_records++;
    if (scan && vcf_scan_line(scan, line, n, variant))
        return READ_LINE;
    if (!is_blank(line, n))
        return parse_line(source, line, n, variant);
    source->n_records--;
    source->skipped.n_blank++;
    return READ_SKIPPED;
}

static int read_binary(struct vcf_source *source, struct vcf_variant *variant)
{
    bcf1_t *record = source->record;
    int rc = bcf_read(source->vcf, source->header, record);
    if (rc == -1)
        return READ_END;
    source->n_records++;
    return rc < 0 || record_fault(record) || vcf_variant_set(variant, record) < 0
               ? READ_DAMAGED
               : READ_LINE;
}

int vcf_source_next(struct vcf_source *source, struct vcf_scan *scan,
                    struct vcf_variant *variant, struct vl_error *err)
{
    char why[VCF_WHY_BYTES], place[VCF_PLACE_BYTES];
    int rc;
    do
        rc = source->is_text ? read_text(source, scan, variant)
                             : read_binary(source, variant);
    while (rc == READ_SKIPPED);
    if (rc != READ_DAMAGED)
        return rc == READ_LINE;
    if (source->is_text) {
        source->n_records++;
        source->lines.number++;
    }
    vcf_source_place(source, place);
    snprintf(why, sizeof why, "damaged or truncated at %s", place);
    return source_error(source, why, err);
}

double vcf_source_share(struct vcf_source *source)
{
    if (source->size_bytes == 0)
        return -1;
    double share =
        (double)atomic_load(&source->relay.n_bytes) / (double)source->size_bytes;
    return share < 1 ? share : 1;
}

int vcf_source_finish(struct vcf_source *source, uint8_t sha256[static VL_SHA256_BYTES],
                      struct vl_error *err)
{
    struct relay *relay = &source->relay;
    /* When htslib's end is closed, the relay reads on to the end of the input without
     * waiting for htslib. */
    int closed = hts_close(source->vcf);
    source->vcf = NULL;
    pthread_join(relay->thread, NULL);
    relay->running = false;
    if (relay->failed_errno || closed < 0)
        return source_error(source, "malformed or truncated", err);
    if (source->is_bgzf && memcmp(relay->tail, BGZF_EOF, BGZF_EOF_BYTES) != 0)
        return source_error(source, "truncated: no BGZF end-of-file block at its end",
                            err);
    /* Even a well-formed last line may have been cut within a number.  Nothing shows
     * that. */
    source->is_open =
        source->is_text && (source->is_plain ? relay->tail[BGZF_EOF_BYTES - 1] != '\n'
                                             : source->lines.is_open);
    if (source->is_open && source->malformed_line == source->lines.number)
        return source_error(source,
                            "truncated: its last line is malformed and does not "
                            "end",
                            err);
    return vl_digest_finish(relay->digest, sha256) < 0 ? vl_error_memory(err) : 0;
}

bool vcf_source_is_open(const struct vcf_source *source)
{
    return source->is_open;
}

void vcf_source_free(struct vcf_source *source)
{
    if (!source)
        return;
    struct relay *relay = &source->relay;
    /* The relay is stopped first: closing waits for htslib's threads, which may wait for
     * the relay. */
    stop_relay(relay);
    if (source->vcf)
        hts_close(source->vcf);
    if (relay->to >= 0)
        close(relay->to);
    if (relay->from)
        hclose_abruptly(relay->from);
    vl_digest_free(relay->digest);
    bcf_hdr_destroy(source->header);
    if (source->record)
        bcf_destroy(source->record);
    vcf_lines_clear(&source->lines);
    free(source->path);
    free(source);
}
