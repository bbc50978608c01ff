#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "varlock/fail.h"
#include "varlock/varlock.h"

enum {
    REDIRECTS_MAX = 10,
    CONNECT_SECONDS_MAX = 30,
    SLOWEST = 100, /* bytes a second, on average over the timeout */
    RETRY_AFTER_MAX = 86400
};

struct http {
    CURL *curl;
    struct http_options options;
    char why[CURL_ERROR_SIZE];
};

/* A request that is under way. */
struct running {
    struct http *http;
    struct http_reply *reply;
    http_take_fn take;
    void *arg;
    bool is_stopped;
};

int http_open(struct http **http, const struct http_options *options,
              struct vl_error *err)
{
    *http = calloc(1, sizeof **http);
    if (!*http)
        return vl_error_memory(err);
    (*http)->options = *options;
    (*http)->curl = curl_easy_init();
    if ((*http)->curl)
        return 0;
    http_free(*http);
    *http = NULL;
    return vl_error_memory(err);
}

void http_free(struct http *http)
{
    if (!http)
        return;
    if (http->curl)
        curl_easy_cleanup(http->curl);
    free(http);
}

/* ---- URLs ---- */

static const char *after_scheme(const char *url)
{
    const char *at = strstr(url, "://");
    return at ? at + 3 : url;
}

static bool is_loopback(const char *host, size_t n)
{
    static const char *const NAMES[] = {"localhost", "[::1]"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (n == strlen(NAMES[i]) && strncasecmp(host, NAMES[i], n) == 0)
            return true;
    return n > 4 && strncmp(host, "127.", 4) == 0 &&
           strspn(host, "0123456789.") >= n; /* no name that begins so */
}

/* The host of a URL, without user and port. */
static const char *host_of(const char *url, size_t *n)
{
    const char *host = after_scheme(url);
    size_t all = strcspn(host, "/?#");
    for (size_t i = all; i-- > 0;)
        if (host[i] == '@') {
            host += i + 1;
            all -= i + 1;
            break;
        }
    *n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    *n = *n < all ? *n : all;
    return host;
}

bool http_is_url(const char *url, bool *is_plain)
{
    size_t n;
    const char *host = host_of(url, &n);
    bool is_http = strncasecmp(url, "http://", 7) == 0;
    *is_plain = is_http && !is_loopback(host, n);
    return is_http || strncasecmp(url, "https://", 8) == 0;
}

void http_put_shown(struct vl_buf *out, const char *url)
{
    size_t n, n_scheme = (size_t)(after_scheme(url) - url);
    const char *host = host_of(url, &n);
    vl_buf_add(out, url, n_scheme);
    vl_buf_add(out, host, strcspn(host, "?#"));
    vl_buf_add_byte(out, 0);
}

/* ---- what comes ---- */

/* The text behind `name:` in a header line; NULL: it is another one. */
static const char *value_of(const char *line, size_t n, const char *name)
{
    size_t n_name = strlen(name);
    if (n <= n_name || strncasecmp(line, name, n_name) != 0 || line[n_name] != ':')
        return NULL;
    const char *at = line + n_name + 1;
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static bool read_number(const char **at, int64_t *n)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    *n = strtoll(*at, &end, 10);
    *at = end;
    return errno == 0 && *n < INT64_MAX;
}

/* `bytes A-B/TOTAL`, where TOTAL may be *; of a 416, `bytes` and an asterisk for A-B
 * (RFC 9110 §14.4). */
static void read_range(const char *at, struct http_reply *reply)
{
    int64_t last;
    if (strncasecmp(at, "bytes ", 6) != 0)
        return;
    at += 6;
    if (*at == '*') {
        at++;
    } else {
        reply->has_range = read_number(&at, &reply->beg) && *at++ == '-' &&
                           read_number(&at, &last) && last >= reply->beg;
        reply->end = reply->has_range ? last + 1 : 0;
    }
    if (*at++ != '/' || !read_number(&at, &reply->total))
        reply->total = -1;
}

/* Seconds, or a date (RFC 9110 §10.2.3). */
static void read_retry_after(const char *at, struct http_reply *reply)
{
    int64_t seconds;
    if (!read_number(&at, &seconds)) {
        time_t date = curl_getdate(at, NULL), now = time(NULL);
        if (date < 0)
            return;
        seconds = date > now ? date - now : 0;
    }
    reply->retry_after = seconds < RETRY_AFTER_MAX ? (int)seconds : RETRY_AFTER_MAX;
}

/* A weak one, which begins with W/, tells nothing of bytes. */
static void read_etag(const char *at, struct http_reply *reply)
{
    size_t n = strcspn(at, "\r\n");
    if (*at == '"' && n < sizeof reply->etag) {
        memcpy(reply->etag, at, n);
        reply->etag[n] = 0;
    }
}

static const struct http_reply NO_REPLY = {.length = -1, .total = -1, .retry_after = -1};

/* Header lines end with a newline, so that numbers end. */
static size_t read_header(char *bytes, size_t size, size_t n, void *arg)
{
    struct running *run = arg;
    struct http_reply *reply = run->reply;
    char line[256] = {0};
    const char *at;
    int64_t number;
    n *= size;
    memcpy(line, bytes, n < sizeof line - 1 ? n : sizeof line - 1);
    size_t n_line = strlen(line);
    if (strncmp(line, "HTTP/", 5) == 0) /* of a reply behind a redirect */
        *reply = NO_REPLY;
    if ((at = value_of(line, n_line, "Content-Length")) && read_number(&at, &number))
        reply->length = number;
    if ((at = value_of(line, n_line, "Content-Range")))
        read_range(at, reply);
    if ((at = value_of(line, n_line, "Retry-After")))
        read_retry_after(at, reply);
    if ((at = value_of(line, n_line, "ETag")))
        read_etag(at, reply);
    if ((at = value_of(line, n_line, "Content-Encoding")))
        reply->is_encoded = strncasecmp(at, "identity", 8) != 0;
    return n;
}

bool http_is_content(long status)
{
    return status == 200 || status == 206;
}

static size_t read_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct running *run = arg;
    n *= size;
    curl_easy_getinfo(run->http->curl, CURLINFO_RESPONSE_CODE, &run->reply->status);
    /* The text of a refusal may be compressed: then it is not understood. */
    run->reply->is_encoded =
        run->reply->is_encoded && http_is_content(run->reply->status);
    if (run->reply->is_encoded || run->take(run->arg, run->reply, bytes, n) != 0) {
        run->is_stopped = true;
        return n > 0 ? 0 : 1;
    }
    return n;
}

static int look_at_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct running *run = arg;
    (void)a, (void)b, (void)c, (void)d;
    return run->http->options.stop && *run->http->options.stop;
}

/* ---- what is asked ---- */

static struct curl_slist *add_header(struct curl_slist *list, const char *line,
                                     bool *good)
{
    struct curl_slist *longer = curl_slist_append(list, line);
    *good = *good && longer;
    return longer ? longer : list;
}

static struct curl_slist *list_headers(const struct http_ask *ask, bool *good)
{
    struct curl_slist *list = NULL;
    *good = true;
    for (size_t i = 0; i < ask->n_headers; i++)
        list = add_header(list, ask->headers[i], good);
    if (ask->body)
        list = add_header(list, "Content-Type: application/json", good);
    return list;
}

static void set_security(const struct http *http, const struct http_ask *ask)
{
    CURL *curl = http->curl;
    size_t n;
    const char *host = host_of(ask->url, &n);
    bool is_https = strncasecmp(ask->url, "https:", 6) == 0;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR,
                     is_https ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (http->options.ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, http->options.ca_file);
    if (ask->bearer) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, ask->bearer);
    }
    if (is_loopback(host, n)) /* whatever proxy the environment names */
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
}

static void set_limits(const struct http *http, const struct http_ask *ask,
                       struct running *run)
{
    CURL *curl = http->curl;
    long timeout = http->options.timeout;
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                     timeout < CONNECT_SECONDS_MAX ? timeout : CONNECT_SECONDS_MAX);
    curl_easy_setopt(curl, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ask->max_seconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOWEST);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, timeout);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, run);
}

static void set_request(const struct http *http, const struct http_ask *ask,
                        struct running *run)
{
    CURL *curl = http->curl;
    char range[64];
    curl_easy_setopt(curl, CURLOPT_URL, ask->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "varlock/" VARLOCK_VERSION);
    if (ask->has_range) {
        if (ask->end < 0)
            snprintf(range, sizeof range, "%lld-", (long long)ask->beg);
        else
            snprintf(range, sizeof range, "%lld-%lld", (long long)ask->beg,
                     (long long)ask->end - 1);
        curl_easy_setopt(curl, CURLOPT_RANGE, range); /* copied */
    }
    if (ask->body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, run);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, read_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, run);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->why);
}

/* ---- all of it ---- */

static bool may_get_better(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

static enum http_outcome judge(const struct running *run, CURLcode code, const char *url,
                               struct vl_error *err)
{
    struct vl_buf shown = VL_BUF_INIT;
    const char *why = run->http->why[0] ? run->http->why : curl_easy_strerror(code);
    if (code == CURLE_OK)
        return HTTP_DONE;
    http_put_shown(&shown, url);
    const char *where = shown.failed ? "a server" : (const char *)shown.data;
    enum http_outcome outcome = may_get_better(code) ? HTTP_AGAIN : HTTP_FAILED;
    if (run->reply->is_encoded)
        vl_error_set(err, VL_ERR_DATA,
                     "%s: sent a compressed body (Content-Encoding), which was not asked "
                     "for",
                     where);
    else if (run->is_stopped || code == CURLE_ABORTED_BY_CALLBACK)
        outcome = HTTP_STOPPED;
    else if (code == CURLE_OUT_OF_MEMORY)
        vl_error_memory(err);
    else
        vl_error_set(err, VL_ERR_IO, "%s: %s", where, why);
    vl_buf_clear(&shown);
    return run->reply->is_encoded ? HTTP_FAILED : outcome;
}

enum http_outcome http_run(struct http *http, const struct http_ask *ask,
                           struct http_reply *reply, http_take_fn take, void *arg,
                           struct vl_error *err)
{
    struct running run = {http, reply, take, arg, false};
    bool good;
    *reply = NO_REPLY;
    http->why[0] = 0;
    struct curl_slist *headers = list_headers(ask, &good);
    curl_easy_reset(http->curl); /* the connection stays */
    set_security(http, ask);
    set_limits(http, ask, &run);
    set_request(http, ask, &run);
    if (good && headers)
        good = curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    CURLcode code = good ? curl_easy_perform(http->curl) : CURLE_OUT_OF_MEMORY;
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_slist_free_all(headers);
    return judge(&run, code, ask->url, err);
}
