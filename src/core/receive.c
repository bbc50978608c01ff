#include "varlock/receive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer/answer.h"
#include "crypt4gh/c4gh_stream.h"
#include "receive_masked.h"
#include "run/operation_keys.h"
#include "varlock/base64.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"
#include "varlock/thread_check.h"

/* What somebody encrypted is not for everybody to read. */
enum { OPENED_MODE = 0600, PLAIN_MODE = 0666 };

struct vl_receiver {
    struct vl_receiver_options options;
    struct c4gh_keys keys;
    struct vl_buf public_key;
    struct asked asked;
    struct vl_bdiff_reader *bdiff; /* NULL: the answer is what is wanted */
};

static int tell_public_key(struct vl_receiver *r, struct vl_error *err)
{
    uint8_t public[VL_X25519_BYTES];
    if (r->keys.n == 0)
        return 0;
    struct c4gh_key *first = &r->keys.v[0];
    int rc = c4gh_key_unlock(&r->keys, first, err);
    if (rc == 0 && !first->key)
        rc = vl_error_set(err, VL_ERR_KEY, "%s",
                          first->refusal ? first->refusal : "is no private key");
    if (rc == 0)
        rc = vl_key_x25519_public(first->key, public, err);
    if (rc < 0)
        return rc;
    vl_buf_addf(&r->public_key, "-----BEGIN CRYPT4GH PUBLIC KEY-----\n");
    if (vl_base64_encode(public, sizeof public, &r->public_key) < 0)
        return vl_error_memory(err);
    vl_buf_addf(&r->public_key, "\n-----END CRYPT4GH PUBLIC KEY-----\n");
    return r->public_key.failed ? vl_error_memory(err) : 0;
}

/* What only alignments have is refused, rather than silently left out. */
static int check_variants(const struct vl_receiver_options *o, bool unplaced,
                          struct vl_error *err)
{
    const char *option = o->output.format        ? "-O"
                         : o->output.write_index ? "--write-index"
                         : o->bdiff              ? "--bdiff"
                         : unplaced              ? "-r '*'"
                                                 : NULL;
    return option ? vl_error_set(err, VL_ERR_USAGE,
                                 "%s: is for alignments, and these are variants", option)
                  : 0;
}

int vl_receiver_open(struct vl_receiver **receiver,
                     const struct vl_receiver_options *options, struct vl_error *err)
{
    *receiver = NULL;
    errno = 0;
    struct vl_receiver *r = calloc(1, sizeof *r);
    if (!r)
        return vl_error_memory(err);
    r->options = *options;
    int rc = options->bdiff ? receive_masked_open(&r->bdiff, &r->asked, options, err)
                            : asked_read(&r->asked, &options->request, err);
    if (rc == 0 &&
        (strcmp(options->format, "VCF") == 0 || strcmp(options->format, "BCF") == 0))
        rc = check_variants(options, r->asked.ranges.unplaced, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&r->keys, &options->c4gh_keys, &r->options.hooks,
                                      err);
    if (rc == 0)
        rc = tell_public_key(r, err);
    if (rc < 0)
        vl_receiver_free(r);
    else
        *receiver = r;
    return rc;
}

const struct vl_asked *vl_receiver_asked(const struct vl_receiver *r, size_t *n)
{
    *n = r->asked.n;
    return r->asked.v;
}

const char *vl_receiver_public_key(const struct vl_receiver *r, size_t *n)
{
    *n = r->public_key.len;
    return (const char *)r->public_key.data;
}

/* Reads n bytes at `offset` of the file.  Fewer come at its end only. */
static ssize_t read_at(const struct vl_received *file, int64_t offset, void *bytes,
                       size_t n)
{
    int64_t left = file->end - file->beg - offset;
    size_t most = (int64_t)n < left ? n : left > 0 ? (size_t)left : 0, got = 0;
    while (got < most) {
        ssize_t more = pread(file->fd, (uint8_t *)bytes + got, most - got,
                             file->beg + offset + (int64_t)got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return more < 0 ? -1 : (ssize_t)got;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

static int add_to_md5(hts_md5_context *md5, const struct vl_received *file)
{
    uint8_t bytes[1 << 16];
    ssize_t n;
    for (int64_t at = 0; (n = read_at(file, at, bytes, sizeof bytes)) > 0; at += n)
        hts_md5_update(md5, bytes, (size_t)n);
    return n < 0 ? -1 : 0;
}

static int check_md5(const struct vl_receiver *r, const struct vl_received *files,
                     size_t n, const char *md5, struct vl_error *err)
{
    unsigned char digest[16];
    char found[33];
    int rc = 0;
    hts_md5_context *context = hts_md5_init();
    if (!context)
        return vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (add_to_md5(context, &files[i]) < 0)
            rc = vl_error_errno(err, "what came of %s cannot be read", r->options.source);
    hts_md5_final(digest, context);
    hts_md5_hex(found, digest);
    hts_md5_destroy(context);
    return rc < 0 || strcmp(found, md5) == 0
               ? rc
               : vl_error_set(err, VL_ERR_DATA,
                              "%s: the answer's MD5 is %s, not %s as its ticket says",
                              r->options.source, found, md5);
}

static int lend(struct answer *a, const struct vl_received *files, size_t n,
                struct vl_error *err)
{
    int rc = 0;
    a->files = calloc(n + 1, sizeof(struct memory_file *));
    if (!a->files)
        return vl_error_memory(err);
    for (; rc == 0 && a->n < n; a->n += rc == 0)
        rc = memory_file_part(&a->files[a->n], files[a->n].fd, files[a->n].beg,
                              files[a->n].end, err);
    return rc;
}

static bool is_encrypted(const struct vl_received *file)
{
    uint8_t start[VL_C4GH_MAGIC_BYTES];
    ssize_t n = read_at(file, 0, start, sizeof start);
    return n > 0 && vl_c4gh_is_start(start, (size_t)n);
}

/* Where encryption was asked for, a plain answer comes from a server that does not know
 * of it, or from somebody else. */
static int check_encryption(const struct vl_receiver *r, const struct vl_received *files,
                            size_t n, struct vl_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (r->keys.n > 0 && !r->options.allow_plain && !is_encrypted(&files[i]))
            return vl_error_set(err, VL_ERR_DATA,
                                "%s: the server sent plain data, although an encrypted "
                                "answer was asked for: --allow-plain takes it",
                                r->options.source);
    return 0;
}

static int find_format(struct answer *a, enum htsExactFormat *found, struct vl_error *err)
{
    struct vl_error failure;
    htsFormat format = {0};
    hFILE *stream;
    int rc = c4gh_stream_open(&stream, NULL, a->files[0]->name, a->keys, &failure, err);
    if (rc < 0)
        return rc;
    if (hts_detect_format(stream, &format) < 0)
        format.format = unknown_format;
    hclose_abruptly(stream);
    *found = format.format;
    if (failure.code == VL_OK)
        return 0;
    if (err)
        *err = failure;
    return failure.code;
}

/* The name that messages give a file is what htslib opens, which tells a user nothing. */
static int name_source(const struct answer *a, int rc, struct vl_error *err)
{
    for (size_t i = 0; rc < 0 && err && i < a->n; i++) {
        size_t n = strlen(a->files[i]->name);
        struct vl_error said = *err;
        if (strncmp(said.message, a->files[i]->name, n) == 0 && said.message[n] == ':')
            return vl_error_set(err, rc, "%s%s", a->options->source, said.message + n);
    }
    return rc;
}

static int take(struct answer *a, int mode, struct vl_error *err)
{
    enum htsExactFormat format = unknown_format;
    int rc = find_format(a, &format, err);
    if (rc < 0)
        return rc;
    bool is_variants = format == vcf || format == bcf;
    if (!is_variants && format != bam && format != cram && format != sam)
        return vl_error_set(err, VL_ERR_DATA, "%s: sent no BAM, CRAM, VCF or BCF",
                            a->options->source);
    if (is_variants) {
        rc = check_variants(a->options, a->asked->ranges.unplaced, err);
        return rc < 0 ? rc : answer_variants(a, mode, err);
    }
    return a->options->header_only ? answer_header(a, mode, err)
                                   : answer_alignments(a, mode, err);
}

static int restore(struct vl_receiver *r, struct answer *a, struct vl_error *err)
{
    return a->n == 1
               ? receive_masked(&r->options, r->bdiff, a->files[0]->name, &a->counts, err)
               : vl_error_set(err, VL_ERR_DATA,
                              "%s: answers several regions one by one, which cannot be "
                              "restored: ask for one at a time",
                              r->options.source);
}

int vl_receiver_take(struct vl_receiver *r, const struct vl_received *files, size_t n,
                     const char *md5, struct vl_receiver_counts *counts,
                     struct vl_error *err)
{
    struct answer a = {.options = &r->options, .asked = &r->asked, .keys = &r->keys};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (files[i].beg == files[i].end)
            rc = vl_error_set(err, VL_ERR_DATA, "%s: sent nothing", r->options.source);
    if (rc == 0)
        rc = check_encryption(r, files, n, err);
    if (rc == 0 && md5[0])
        rc = check_md5(r, files, n, md5, err);
    if (rc == 0)
        rc = lend(&a, files, n, err);
    int mode = PLAIN_MODE;
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (is_encrypted(&files[i]))
            mode = OPENED_MODE;
    if (rc == 0)
        rc = name_source(&a, r->bdiff ? restore(r, &a, err) : take(&a, mode, err), err);
    for (size_t i = 0; i < a.n; i++)
        memory_file_free(a.files[i]);
    free(a.files);
    if (rc == 0 && counts)
        *counts = a.counts;
    return rc;
}

void vl_receiver_free(struct vl_receiver *r)
{
    if (!r)
        return;
    c4gh_keys_clear(&r->keys);
    vl_buf_clear(&r->public_key);
    asked_clear(&r->asked);
    vl_bdiff_reader_free(r->bdiff);
    free(r);
}
