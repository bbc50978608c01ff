#include "varlock/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "blocks.h"
#include "part_file.h"
#include "query.h"
#include "ticket.h"
#include "token.h"
#include "varlock/digest.h"
#include "varlock/fail.h"

enum {
    TICKET_BYTES_MAX = 64 << 20,
    REFUSAL_BYTES = 4096, /* of its text */
    TICKET_TIMEOUTS = 10, /* that a ticket may take in all */
    MAGIC_BYTES = 8
};
static const char C4GH_MAGIC[] = "crypt4gh";

struct fetch {
    const struct fetch_options *options;
    struct vl_receiver *receiver;
    struct vl_buf address;
    struct token token;
    struct query query;
    char **headers; /* of the question */
    size_t n_headers;
    struct vl_buf key_header;
    struct http *http;
    struct ticket ticket;
    struct part_file part;
    size_t first; /* block that is fetched first, from this byte on */
    int64_t from;
    int64_t *starts;  /* of each block in the answer; -1: not known */
    uint64_t n_total; /* bytes of the answer; 0: not known */
    struct fetch_counts counts;
    struct vl_received *files;
    size_t n_files;
};

/* ---- what is asked ---- */

static bool is_variants(const char *address)
{
    const char *found = strstr(address, "/variants/");
    return found && (size_t)(found - address) < strcspn(address, "?#");
}

static int choose_format(struct fetch *f, struct vl_error *err)
{
    static const char *const FORMATS[] = {"BAM", "CRAM", "VCF", "BCF"};
    const char *given = f->options->format;
    f->query.format = is_variants((char *)f->address.data) ? "VCF" : "BAM";
    for (size_t i = 0; given && i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcasecmp(given, FORMATS[i]) == 0) {
            f->query.format = FORMATS[i];
            return 0;
        }
    return given ? vl_error_set(err, VL_ERR_USAGE,
                                "--format %s: is none of BAM, CRAM, VCF and BCF", given)
                 : 0;
}

/* The header that tells the server to whom the answer is to be encrypted. */
static int put_key_header(struct fetch *f, struct vl_error *err)
{
    size_t n;
    const char *key = vl_receiver_public_key(f->receiver, &n);
    if (!key)
        return 0;
    int rc = query_ask_for_c4gh(&f->query, f->options->c4gh_scheme, key, n,
                                &f->key_header, err);
    if (rc == 0)
        f->headers[f->n_headers++] = (char *)f->key_header.data;
    return rc;
}

/* What others could read in the list of processes, or on the way to another host. */
static bool is_secret(const char *line)
{
    static const char *const NAMES[] = {"Authorization", "Proxy-Authorization", "Cookie"};
    size_t n = strcspn(line, ": \t");
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strlen(NAMES[i]) == n && strncasecmp(line, NAMES[i], n) == 0)
            return true;
    return false;
}

static int list_headers(struct fetch *f, struct vl_error *err)
{
    const struct vl_list *given = &f->options->headers;
    static char ACCEPT[] = "Accept: application/vnd.ga4gh.htsget.v1.3.0+json, "
                           "application/json";
    f->headers = calloc(given->n + 3, sizeof *f->headers);
    if (!f->headers)
        return vl_error_memory(err);
    f->headers[f->n_headers++] = ACCEPT;
    for (size_t i = 0; i < given->n; i++) {
        const char *line = given->v[i];
        if (!strchr(line, ':') || line[0] == ':' || strpbrk(line, "\r\n"))
            return vl_error_set(err, VL_ERR_USAGE, "--header: is no `Name: value`");
        if (is_secret(line))
            return vl_error_set(err, VL_ERR_USAGE,
                                "--header %.*s: other users can read it there; a token "
                                "goes into a file, for --token-file",
                                (int)strcspn(line, ": \t"), line);
        f->headers[f->n_headers++] = (char *)(uintptr_t)line;
    }
    return put_key_header(f, err);
}

static int prepare(struct fetch *f, struct vl_error *err)
{
    const struct fetch_options *o = f->options;
    bool is_plain;
    int rc = query_address(o->url, &f->address, err);
    vl_buf_add_byte(&f->address, 0);
    if (rc == 0 && f->address.failed)
        rc = vl_error_memory(err);
    if (rc < 0)
        return rc;
    f->query.url = (char *)f->address.data;
    f->query.header_only = o->header_only;
    if ((rc = choose_format(f, err)) < 0)
        return rc;
    const struct vl_receiver_options receive = {.source = o->url,
                                                .format = f->query.format,
                                                .request = o->request,
                                                .header_only = o->header_only,
                                                .no_filter = o->no_filter,
                                                .c4gh_keys = o->c4gh_keys,
                                                .allow_plain = o->allow_plain,
                                                .bdiff = o->bdiff,
                                                .keys = o->keys,
                                                .verify = o->verify,
                                                .output = o->output,
                                                .n_threads = o->n_threads,
                                                .hooks = o->hooks};
    rc = vl_receiver_open(&f->receiver, &receive, err);
    if (rc == 0)
        rc = list_headers(f, err);
    if (rc == 0)
        rc = token_read(&f->token, o->token_file, (int64_t)time(NULL), o->lists_visas,
                        &o->hooks, err);
    if (rc == 0 && f->token.text && http_is_url(f->query.url, &is_plain) && is_plain)
        rc = vl_error_set(err, VL_ERR_USAGE,
                          "%s: a token is not sent over http, where others can read it",
                          o->url);
    return rc;
}

/* ---- tickets ---- */

struct reply_text {
    struct vl_buf text;
    bool is_long; /* a ticket is too long, or a refusal goes on */
};

static int take_text(void *arg, const struct http_reply *reply, const void *bytes,
                     size_t n)
{
    struct reply_text *t = arg;
    size_t most = http_is_content(reply->status) ? TICKET_BYTES_MAX : REFUSAL_BYTES;
    t->is_long = t->text.len + n > most;
    if (!t->is_long)
        vl_buf_add(&t->text, bytes, n);
    return t->is_long || t->text.failed ? -1 : 0;
}

static void sleep_for(double seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

static void note(const struct fetch *f, const char *line)
{
    const struct vl_hooks *hooks = &f->options->hooks;
    if (hooks->note)
        hooks->note(hooks->note_arg, line);
}

/* Asks until there is a reply that is worth looking at. */
static int ask(struct fetch *f, const char *url, const char *body, struct reply_text *t,
               long *status, struct vl_error *err)
{
    const struct http_ask question = {.url = url,
                                      .max_seconds =
                                          TICKET_TIMEOUTS * f->options->timeout,
                                      .headers = f->headers,
                                      .n_headers = f->n_headers,
                                      .bearer = f->token.text,
                                      .body = body};
    for (int n = 1;; n++) {
        struct http_reply reply;
        struct vl_error why = {0};
        char line[VL_ERROR_MESSAGE_BYTES + 64];
        vl_buf_reset(&t->text);
        enum http_outcome outcome =
            http_run(f->http, &question, &reply, take_text, t, &why);
        *status = reply.status;
        if (outcome == HTTP_STOPPED && t->is_long && !http_is_content(reply.status))
            outcome = HTTP_DONE;
        if (outcome == HTTP_STOPPED)
            return t->is_long ? vl_error_set(err, VL_ERR_DATA,
                                             "%s: its ticket has more than %d MiB",
                                             f->options->url, TICKET_BYTES_MAX >> 20)
                              : vl_error_memory(err);
        if (outcome == HTTP_DONE && !blocks_may_retry(reply.status))
            return 0;
        if (outcome == HTTP_DONE)
            ticket_blame(reply.status, (char *)t->text.data, t->text.len, url, &why);
        if (outcome == HTTP_FAILED || n > f->options->n_retries)
            return vl_error_set(err, why.code, "%s", why.message);
        double delay = blocks_delay(n, reply.retry_after);
        snprintf(line, sizeof line, "%s; trying again in %.2g s", why.message, delay);
        note(f, line);
        sleep_for(delay);
    }
}

/* True if the refusal of a POST says that it may be asked for without one.  htsget has
 * POST since its version 1.2, and older servers refuse it in many ways. */
static bool refuses_post(long status, const struct vl_buf *text)
{
    static const char RANGE[] = "InvalidRange";
    bool is_range =
        text->len > 0 && memmem(text->data, text->len, RANGE, sizeof RANGE - 1) != NULL;
    return status == 404 || status == 405 || status == 501 || status == 415 ||
           (status == 400 && !is_range);
}

/* Adds the ticket for one region, or with `body` for all of them.  1: the server does not
 * take a body. */
static int ask_for(struct fetch *f, const struct vl_asked *region, const char *body,
                   struct vl_error *err)
{
    struct vl_buf url = VL_BUF_INIT;
    struct reply_text t = {0};
    long status = 0;
    int rc = 0;
    if (body)
        vl_buf_add(&url, f->address.data, f->address.len);
    else
        rc = query_put_url(&f->query, region, &url, err);
    if (rc == 0 && url.failed)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = ask(f, (char *)url.data, body, &t, &status, err);
    const char *text = (char *)t.text.data, *where = (char *)url.data;
    if (rc == 0 && body && refuses_post(status, &t.text))
        rc = 1;
    else if (rc == 0 && status != 200)
        rc = ticket_blame(status, text, t.text.len, where, err);
    else if (rc == 0)
        rc = ticket_add(&f->ticket, text ? text : "", t.text.len, where, err);
    vl_buf_clear(&url);
    vl_buf_clear(&t.text);
    return rc;
}

static int ask_for_all(struct fetch *f, struct vl_error *err)
{
    struct vl_buf body = VL_BUF_INIT;
    size_t n;
    const struct vl_asked *asked = vl_receiver_asked(f->receiver, &n);
    int rc = 1;
    if (f->options->header_only || n < 2)
        return ask_for(f, n > 0 && !f->options->header_only ? asked : NULL, NULL, err);
    rc = query_put_body(&f->query, asked, n, &body, err);
    if (rc == 0)
        rc = ask_for(f, NULL, (char *)body.data, err);
    vl_buf_clear(&body);
    if (rc != 1)
        return rc;
    rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = ask_for(f, &asked[i], NULL, err);
    return rc;
}

/* ---- what is there already ---- */

/* Appends the question: what is asked for, and for whom. */
static int put_question(const struct fetch *f, struct vl_buf *text, struct vl_error *err)
{
    size_t n;
    const struct vl_asked *asked = vl_receiver_asked(f->receiver, &n);
    vl_buf_addf(text, "%s %s %d\n", f->query.url, f->query.format, f->query.header_only);
    vl_buf_add(text, f->key_header.data, f->key_header.len);
    return query_put_body(&f->query, asked, n, text, err);
}

/* What names the answer, whenever it is asked for: neither what signs a URL nor what
 * encrypts a header anew each time. */
static int identify(const struct fetch *f, uint8_t identity[static VL_SHA256_BYTES],
                    struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    int rc = put_question(f, &text, err);
    for (size_t i = 0; i < f->ticket.n; i++) {
        const struct ticket_url *url = &f->ticket.urls[i];
        int n = url->url ? (int)strcspn(url->url, "?#") : 0;
        vl_buf_addf(&text, "%.*s %lld %lld %zu %d\n", n, url->url ? url->url : "",
                    (long long)url->beg, (long long)url->end, url->data.len,
                    url->starts_file);
    }
    if (rc == 0 && (text.failed || vl_sha256(text.data, text.len, identity) < 0))
        rc = vl_error_memory(err);
    vl_buf_clear(&text);
    return rc;
}

/* Finds the block and byte that follow what is there, and cuts off what cannot be told to
 * be of one block. */
static int find_place(struct fetch *f, size_t *first, int64_t *from, struct vl_error *err)
{
    int64_t left = f->part.size;
    size_t i = 0;
    for (; i < f->ticket.n; i++) {
        int64_t size = ticket_url_size(&f->ticket.urls[i]);
        f->starts[i] = f->part.size - left;
        bool is_last = i + 1 == f->ticket.n;
        if (size < 0 && !is_last)
            left = 0;
        if (size < 0 || left < size)
            break;
        left -= size;
    }
    *first = i;
    *from = i < f->ticket.n ? left : 0;
    int64_t kept = (i < f->ticket.n ? f->starts[i] : f->part.size - left) + *from;
    f->counts.n_resumed = (uint64_t)kept;
    return kept < f->part.size ? part_file_cut(&f->part, kept, err) : 0;
}

static void find_total(struct fetch *f)
{
    f->n_total = 0;
    for (size_t i = 0; i < f->ticket.n; i++) {
        int64_t size = ticket_url_size(&f->ticket.urls[i]);
        if (size < 0) {
            f->n_total = 0;
            return;
        }
        f->n_total += (uint64_t)size;
    }
}

/* ---- the blocks ---- */

/* A blocks_began_fn.  The mark in the part tells the block's validator to a later run. */
static int begin_block(void *arg, size_t url, const char *etag, struct vl_error *err)
{
    static const uint8_t NONE[PART_MARK_BYTES];
    struct fetch *f = arg;
    uint8_t sha256[VL_SHA256_BYTES] = {0};
    struct vl_buf shown = VL_BUF_INIT;
    bool goes_on = url == f->first && f->from > 0;
    if (!f->ticket.urls[url].url)
        return 0;
    if (etag[0] && vl_sha256(etag, strlen(etag), sha256) < 0)
        return vl_error_memory(err);
    int rc = 0;
    if (goes_on && etag[0] && memcmp(f->part.mark, NONE, sizeof NONE) != 0 &&
        memcmp(f->part.mark, sha256, sizeof NONE) != 0) {
        http_put_shown(&shown, f->ticket.urls[url].url);
        rc = vl_error_set(err, VL_ERR_DATA,
                          "%s: was changed at the server since a part of it was fetched: "
                          "fetch it again",
                          shown.failed ? "a block" : (char *)shown.data);
        vl_buf_clear(&shown);
    }
    return rc < 0 || (goes_on && !etag[0]) ? rc
                                           : part_file_set_mark(&f->part, sha256, err);
}

/* A blocks_sink_fn. */
static int keep(void *arg, size_t url, const void *bytes, size_t n, struct vl_error *err)
{
    struct fetch *f = arg;
    const struct fetch_options *o = f->options;
    if (f->starts[url] < 0)
        f->starts[url] = f->part.size;
    int rc = n > 0 ? part_file_add(&f->part, bytes, n, err) : 0;
    double share = f->n_total > 0 ? (double)f->part.size / (double)f->n_total : -1;
    if (rc == 0 && o->progress &&
        o->progress(o->progress_arg, (uint64_t)f->part.size, f->counts.n_resumed,
                    share) != 0)
        rc = vl_error_set(err, VL_ERR_CANCELLED, "cancelled");
    return rc;
}

static void note_retry(void *arg, const char *line)
{
    note(arg, line);
}

static int fetch_blocks(struct fetch *f, const struct http_options *http,
                        struct vl_error *err)
{
    const struct blocks_options options = {.http = *http,
                                           .n_connections = f->options->n_connections,
                                           .n_retries = f->options->n_retries,
                                           .began = begin_block,
                                           .note = note_retry,
                                           .note_arg = f};
    uint8_t identity[VL_SHA256_BYTES];
    f->starts = malloc((f->ticket.n + 1) * sizeof *f->starts);
    int rc = f->starts ? identify(f, identity, err) : vl_error_memory(err);
    for (size_t i = 0; f->starts && i < f->ticket.n; i++)
        f->starts[i] = -1;
    if (rc == 0)
        rc = part_file_open(&f->part, f->options->output.path, identity, err);
    if (rc == 0)
        rc = find_place(f, &f->first, &f->from, err);
    find_total(f);
    if (rc == 0)
        rc = blocks_fetch(&f->ticket, f->first, f->from, &options, keep, f, err);
    /* What does not fit to a part that was there would not fit the next time either. */
    if (rc == VL_ERR_DATA && f->counts.n_resumed > 0)
        part_file_remove(&f->part);
    f->counts.n_bytes = (uint64_t)(f->part.fd >= 0 ? f->part.size : 0);
    return rc;
}

/* ---- the answer ---- */

static bool begins_file(const struct fetch *f, size_t i)
{
    char start[MAGIC_BYTES];
    int64_t at = f->starts[i];
    return f->ticket.urls[i].starts_file ||
           (at >= 0 && part_file_peek(&f->part, at, start, sizeof start) &&
            memcmp(start, C4GH_MAGIC, sizeof start) == 0);
}

/* A file for each ticket.  A POST for several regions is also answered by several
 * Crypt4GH files in a row (htsget-rs), which begin with a block each. */
static int split(struct fetch *f, struct vl_error *err)
{
    f->files = calloc(f->ticket.n + 1, sizeof *f->files);
    if (!f->files)
        return vl_error_memory(err);
    for (size_t i = 0; i < f->ticket.n; i++) {
        if (!begins_file(f, i))
            continue;
        int64_t at = PART_HEAD_BYTES + f->starts[i];
        if (f->n_files > 0)
            f->files[f->n_files - 1].end = at;
        f->files[f->n_files++] =
            (struct vl_received){f->part.fd, at, PART_HEAD_BYTES + f->part.size};
    }
    return 0;
}

/* An answer that is no good is not gone on with; what a full disk or another key may mend
 * stays. */
static int take_answer(struct fetch *f, struct vl_error *err)
{
    int rc = split(f, err);
    if (rc == 0)
        rc = vl_receiver_take(f->receiver, f->files, f->n_files, f->ticket.md5,
                              &f->counts.records, err);
    if (rc == 0 || rc == VL_ERR_DATA || rc == VL_ERR_USAGE)
        part_file_remove(&f->part);
    return rc;
}

/* ---- all of it ---- */

static int run(struct fetch *f, struct vl_error *err)
{
    const struct http_options http = {f->options->ca_file, f->options->timeout, NULL};
    int rc = prepare(f, err);
    if (rc == 0)
        rc = http_open(&f->http, &http, err);
    if (rc == 0)
        rc = ask_for_all(f, err);
    if (rc == 0)
        rc = fetch_blocks(f, &http, err);
    return rc < 0 ? rc : take_answer(f, err);
}

int fetch_run(const struct fetch_options *options, struct fetch_counts *counts,
              struct vl_error *err)
{
    struct fetch f = {.options = options, .part.fd = -1};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return vl_error_memory(err);
    int rc = run(&f, err);
    *counts = f.counts;
    free(f.files);
    free(f.starts);
    part_file_close(&f.part);
    ticket_clear(&f.ticket);
    http_free(f.http);
    token_clear(&f.token);
    free(f.headers);
    vl_buf_clear(&f.key_header);
    vl_buf_clear(&f.address);
    vl_receiver_free(f.receiver);
    curl_global_cleanup();
    return rc;
}
