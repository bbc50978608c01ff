#include "ticket.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"
#include "varlock/base64.h"
#include "varlock/fail.h"
#include "varlock/json.h"

enum { MD5_CHARS = 32 };

/* More than any file has, and far from where offsets would overflow. */
#define OFFSET_MAX (INT64_C(1) << 46)

int64_t ticket_url_size(const struct ticket_url *url)
{
    if (!url->url)
        return (int64_t)url->data.len;
    return url->has_range && url->end >= 0 ? url->end - url->beg : -1;
}

static void clear_url(struct ticket_url *url)
{
    free(url->url);
    vl_buf_clear(&url->data);
    for (size_t i = 0; i < url->n_headers; i++)
        free(url->headers[i]);
    free(url->headers);
}

void ticket_clear(struct ticket *t)
{
    for (size_t i = 0; i < t->n; i++)
        clear_url(&t->urls[i]);
    free(t->urls);
    memset(t, 0, sizeof *t);
}

/* ---- a block ---- */

/* `data:[type][;parameter]...;base64,TEXT` (RFC 2397). */
static int read_data(struct ticket_url *url, const char *text)
{
    static const char BASE64[] = ";base64";
    const char *comma = strchr(text, ',');
    size_t n = comma ? (size_t)(comma - text) : 0, n_base64 = sizeof BASE64 - 1;
    if (n < n_base64 || strncasecmp(comma - n_base64, BASE64, n_base64) != 0)
        return VL_ERR_DATA;
    return vl_base64_decode(comma + 1, strlen(comma + 1), &url->data);
}

/* `bytes=A-B` or `bytes=A-`, once. */
static bool read_range(struct ticket_url *url, const char *text)
{
    char *end;
    if (strncasecmp(text, "bytes=", 6) != 0 || !isdigit((unsigned char)text[6]))
        return false;
    errno = 0;
    url->beg = strtoll(text + 6, &end, 10);
    url->end = -1;
    if (url->beg > OFFSET_MAX || *end++ != '-')
        return false;
    if (*end) {
        if (!isdigit((unsigned char)*end))
            return false;
        int64_t last = strtoll(end, &end, 10);
        if (last < url->beg || last >= OFFSET_MAX)
            return false;
        url->end = last + 1;
    }
    url->has_range = *end == 0 && errno == 0;
    return url->has_range;
}

static bool is_token(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("!#$%&'*+-.^_`|~", name[i]))
            return false;
    return n > 0;
}

static bool is_value(const char *value)
{
    for (; *value; value++)
        if (iscntrl((unsigned char)*value) && *value != '\t')
            return false;
    return true;
}

/* Headers that frame a request, and are not a ticket's to choose. */
static bool is_framing(const char *name)
{
    static const char *const NAMES[] = {"Host", "Content-Length", "Transfer-Encoding",
                                        "Connection", "Expect"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcasecmp(name, NAMES[i]) == 0)
            return true;
    return false;
}

/* A member of `headers`. */
static int read_header(void *arg, const char *name, const struct vl_json_item *item)
{
    struct ticket_url *url = arg;
    const char *value = vl_json_text(item);
    if (!value || !is_token(name) || !is_value(value) || is_framing(name))
        return VL_ERR_DATA;
    if (strcasecmp(name, "Range") == 0)
        return !url->has_range && read_range(url, value) ? 0 : VL_ERR_DATA;
    char **v = realloc(url->headers, (url->n_headers + 1) * sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    url->headers = v;
    size_t size = strlen(name) + strlen(value) + 3;
    v[url->n_headers] = malloc(size);
    if (!v[url->n_headers])
        return VL_ERR_MEMORY;
    /* libcurl sends a header without a value where a semicolon follows the name. */
    snprintf(v[url->n_headers++], size, value[0] ? "%s: %s" : "%s;%s", name, value);
    return 0;
}

static int read_place(struct ticket_url *url, const char *text, const char *source)
{
    bool is_plain;
    if (strncasecmp(text, "data:", 5) == 0)
        return read_data(url, text + 5);
    if (!http_is_url(text, &is_plain) || !is_value(text) ||
        (strncasecmp(source, "https:", 6) == 0 && strncasecmp(text, "http:", 5) == 0))
        return VL_ERR_USAGE;
    url->url = strdup(text);
    return url->url ? 0 : VL_ERR_MEMORY;
}

static int read_url(struct ticket_url *url, const struct vl_json_item *item, size_t i,
                    const char *source, const char *shown, struct vl_error *err)
{
    const struct vl_json_item *headers = vl_json_member(item, "headers");
    const char *text = vl_json_text(vl_json_member(item, "url"));
    int rc = text ? read_place(url, text, source) : VL_ERR_DATA;
    if (rc == VL_ERR_USAGE) {
        int n_scheme = (int)strcspn(text, ":");
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: its ticket leads to a URL that is refused (%.*s), in "
                            "block %zu",
                            shown, n_scheme < 16 ? n_scheme : 16, text, i + 1);
    }
    if (rc == 0 && headers && url->url)
        rc = vl_json_each(headers, read_header, url);
    return rc == 0 ? 0
           : rc == VL_ERR_MEMORY
               ? vl_error_memory(err)
               : vl_error_set(err, VL_ERR_DATA,
                              "%s: block %zu of its ticket is malformed", shown, i + 1);
}

/* ---- tickets ---- */

static int add_urls(struct ticket *t, const struct vl_json_item *urls, const char *source,
                    const char *shown, struct vl_error *err)
{
    size_t n = vl_json_count(urls);
    if (n == 0)
        return vl_error_set(err, VL_ERR_DATA, "%s: sent a ticket without blocks", shown);
    for (size_t i = 0; i < n; i++) {
        struct ticket_url *v = vl_array_grow(t->urls, t->n, &t->cap, sizeof *v);
        if (!v)
            return vl_error_memory(err);
        t->urls = v;
        v[t->n] = (struct ticket_url){.end = -1, .starts_file = i == 0};
        int rc = read_url(&v[t->n++], vl_json_element(urls, i), i, source, shown, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The MD5 of one ticket alone can be checked. */
static void take_md5(struct ticket *t, const char *md5, bool is_first)
{
    t->md5[0] = 0;
    for (size_t i = 0; is_first && md5 && strlen(md5) == MD5_CHARS && i < MD5_CHARS;
         i++) {
        t->md5[i] = (char)tolower((unsigned char)md5[i]);
        t->md5[i + 1] = 0;
    }
}

static int add_ticket(struct ticket *t, const struct vl_json *json, const char *source,
                      const char *shown, struct vl_error *err)
{
    const struct vl_json_item *htsget = vl_json_member(vl_json_root(json), "htsget");
    bool is_first = t->n == 0;
    const char *type = vl_json_text(vl_json_member(htsget, "error"));
    const char *message = vl_json_text(vl_json_member(htsget, "message"));
    if (type)
        return vl_error_set(err, VL_ERR_DATA, "%s: refused, with status 200: %s%s%s",
                            shown, type, message ? ": " : "", message ? message : "");
    if (!htsget)
        return vl_error_set(err, VL_ERR_DATA, "%s: sent no htsget ticket", shown);
    int rc = add_urls(t, vl_json_member(htsget, "urls"), source, shown, err);
    if (rc == 0)
        take_md5(t, vl_json_text(vl_json_member(htsget, "md5")), is_first);
    return rc;
}

int ticket_add(struct ticket *t, const char *text, size_t n, const char *source,
               struct vl_error *err)
{
    struct vl_buf shown = VL_BUF_INIT;
    struct vl_json *json = NULL;
    struct vl_error why;
    http_put_shown(&shown, source);
    int rc = shown.failed ? vl_error_memory(err) : 0;
    if (rc == 0)
        rc = vl_json_read(&json, text, n, &why);
    if (rc == VL_ERR_DATA)
        rc = vl_error_set(err, rc, "%s: sent no htsget ticket (its answer %s)",
                          (char *)shown.data, why.message);
    else if (rc < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = add_ticket(t, json, source, (char *)shown.data, err);
    vl_json_free(json);
    vl_buf_clear(&shown);
    return rc;
}

/* ---- errors ---- */

static int code_of(long status)
{
    switch (status) {
    case 401:
    case 403:
        return VL_ERR_GRANT;
    case 400:
        return VL_ERR_USAGE;
    default:
        return VL_ERR_IO;
    }
}

int ticket_blame(long status, const char *text, size_t n, const char *source,
                 struct vl_error *err)
{
    struct vl_buf shown = VL_BUF_INIT;
    struct vl_json *json = NULL;
    struct vl_error unasked;
    const struct vl_json_item *htsget = NULL;
    http_put_shown(&shown, source);
    if (n > 0 && vl_json_read(&json, text, n, &unasked) == 0)
        htsget = vl_json_member(vl_json_root(json), "htsget");
    const char *type = vl_json_text(vl_json_member(htsget, "error"));
    const char *message = vl_json_text(vl_json_member(htsget, "message"));
    int rc = vl_error_set(err, code_of(status), "%s: refused: status %ld%s%s%s%s",
                          shown.failed ? "a server" : (char *)shown.data, status,
                          type ? ", " : "", type ? type : "", message ? ": " : "",
                          message ? message : "");
    vl_json_free(json);
    vl_buf_clear(&shown);
    return rc;
}
