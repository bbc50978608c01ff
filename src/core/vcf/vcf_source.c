#include "vcf/vcf_source.h"

#include <errno.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/digest.h"
#include "varlock/thread_check.h"
#include "vcf/vcf_lines.h"
#include "vcf/vcf_variant.h"

enum { RELAY_PIECE_BYTES = 1 << 16, BGZF_EOF_BYTES = 28 };

/* The empty BGZF block that ends a file (SAM specification, 4.1.2). */
static const uint8_t BGZF_EOF[BGZF_EOF_BYTES] = {
    0x1f, 0x8b, 0x08, 0x04, 0, 0,    0,    0, 0, 0xff, 0x06, 0, 0x42, 0x43,
    0x02, 0,    0x1b, 0,    3, 0x00, 0x00, 0, 0, 0,    0,    0, 0,    0};

/*
 * htslib cannot tell what bytes it has read, so a thread reads them, hashes them and
 * passes them on through a socket pair (a pipe would raise SIGPIPE when htslib closes its
 * end first).
 */
struct relay {
    hFILE *from;
    int to; /* socket, -1 when closed */
    struct vl_digest *digest;
    atomic_ullong n_bytes;
    /* Here and not on the stack, as the thread may be cancelled. */
    uint8_t piece[RELAY_PIECE_BYTES];
    int cancel_state;
    uint8_t tail[BGZF_EOF_BYTES]; /* the last bytes read */
    int failed_errno;             /* of reading; 0: none */
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
    uint64_t n_records;
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

/* False when the other end is closed: bytes are then hashed only. */
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

/* Opens the input and starts passing it on; *out_fd is the end for htslib to read. */
static int start_relay(struct vcf_source *source, int *out_fd, struct vl_error *err)
{
    struct relay *relay = &source->relay;
    struct stat st;
    int ends[2];
    errno = 0;
    relay->from = hopen(source->path, "r");
    if (!relay->from)
        return vl_error_errno(err, "%s", source->name);
    bool is_stdin = strcmp(source->path, "-") == 0;
    if ((is_stdin ? fstat(STDIN_FILENO, &st) : stat(source->path, &st)) == 0 &&
        S_ISREG(st.st_mode))
        source->size_bytes = (uint64_t)st.st_size;
    relay->digest = vl_digest_new();
    if (!relay->digest)
        return vl_error_memory(err);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return vl_error_errno(err, "%s: no socket pair", source->name);
    relay->to = ends[0];
    *out_fd = ends[1];
    errno = pthread_create(&relay->thread, NULL, run_relay, relay);
    if (errno)
        return vl_error_errno(err, "%s: no thread", source->name);
    relay->running = true;
    return 0;
}

/* Ends the relay wherever it waits, in reading the input (which may be a pipe that nobody
 * writes to) or in sending; htslib's end then sees the end of the data. */
static void stop_relay(struct relay *relay)
{
    if (!relay->running)
        return;
    pthread_cancel(relay->thread);
    shutdown(relay->to, SHUT_WR);
    pthread_join(relay->thread, NULL);
    relay->running = false;
}

/* What is wrong with the bytes explains better than what htslib makes of them. */
static int source_error(struct vcf_source *source, const char *why, struct vl_error *err)
{
    struct relay *relay = &source->relay;
    stop_relay(relay);
    if (relay->failed_errno) {
        errno = relay->failed_errno;
        return vl_error_errno(err, "%s: reading failed", source->name);
    }
    return vl_error_set(err, VL_ERR_DATA, "%s: %s", source->name, why);
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
    vcf_lines_init(&source->lines, source->vcf);
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
    return source->header ? 0
                          : source_error(source, "malformed or truncated header", err);
}

int vcf_source_open(struct vcf_source **source, const char *path, int n_threads,
                    struct vl_error *err)
{
    *source = NULL;
    struct vcf_source *s = calloc(1, sizeof *s);
    int fd = -1;
    if (!s)
        return vl_error_memory(err);
    s->relay.to = -1;
    s->path = strdup(path);
    s->name = strcmp(path, "-") == 0 ? "standard input" : s->path;
    int rc = s->path ? start_relay(s, &fd, err) : vl_error_memory(err);
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

/* As htslib returns it: 0 and a variant, -1 at the end, otherwise below. */
static int read_variant(struct vcf_source *source, struct vcf_scan *scan,
                        struct vcf_variant *variant)
{
    bcf1_t *record = source->record;
    const char *line = NULL;
    size_t n = 0;
    int rc = source->is_text ? vcf_lines_next(&source->lines, &line, &n)
                             : bcf_read(source->vcf, source->header, record);
    if (rc < 0)
        return rc;
    if (source->is_text && scan && vcf_scan_line(scan, line, n, variant))
        return 0;
    if (source->is_text &&
        vcf_parse(vcf_lines_copy(&source->lines, line, n), source->header, record) < 0)
        return -2;
    /* htslib completes the header where a record uses tags it does not define. */
    int known = BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF | BCF_ERR_TAG_INVALID;
    return record->errcode & ~known || vcf_variant_set(variant, record) < 0 ? -2 : 0;
}

int vcf_source_next(struct vcf_source *source, struct vcf_scan *scan,
                    struct vcf_variant *variant, struct vl_error *err)
{
    char why[128];
    int rc = read_variant(source, scan, variant);
    if (rc == -1)
        return 0;
    source->n_records++;
    if (rc == 0)
        return 1;
    snprintf(why, sizeof why, "malformed or truncated at record %llu",
             (unsigned long long)source->n_records);
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
    /* Closing htslib's end lets the relay run on to the end of the input without waiting.
     */
    int closed = hts_close(source->vcf);
    source->vcf = NULL;
    pthread_join(relay->thread, NULL);
    relay->running = false;
    if (relay->failed_errno || closed < 0)
        return source_error(source, "malformed or truncated", err);
    if (source->is_bgzf && memcmp(relay->tail, BGZF_EOF, BGZF_EOF_BYTES) != 0)
        return source_error(source, "truncated: no BGZF end-of-file block at its end",
                            err);
    /* Of a line that was cut within a number, nothing else tells. */
    if (source->is_plain && source->is_text && relay->tail[BGZF_EOF_BYTES - 1] != '\n')
        return source_error(source, "truncated: its last line does not end", err);
    return vl_digest_finish(relay->digest, sha256) < 0 ? vl_error_memory(err) : 0;
}

void vcf_source_free(struct vcf_source *source)
{
    if (!source)
        return;
    struct relay *relay = &source->relay;
    /* First, as closing waits for htslib's threads, which may wait for the relay. */
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
