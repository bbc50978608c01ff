#include "query.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http.h"
#include "varlock/base64.h"
#include "varlock/fail.h"
#include "varlock/json.h"

static int refuse(const char *url, const char *why, struct vl_error *err)
{
    struct vl_buf shown = VL_BUF_INIT;
    http_put_shown(&shown, url);
    int rc = shown.failed
                 ? vl_error_memory(err)
                 : vl_error_set(err, VL_ERR_USAGE, "%s: %s", (char *)shown.data, why);
    vl_buf_clear(&shown);
    return rc;
}

int query_address(const char *url, struct vl_buf *out, struct vl_error *err)
{
    static const char HTSGET[] = "htsget://";
    size_t n = sizeof HTSGET - 1, start = out->len;
    bool is_htsget = strncasecmp(url, HTSGET, n) == 0, is_plain;
    if (is_htsget) {
        vl_buf_addf(out, "http://%s", url + n);
        vl_buf_add_byte(out, 0);
        if (!out->failed && http_is_url((char *)out->data + start, &is_plain) &&
            is_plain) {
            out->len = start;
            vl_buf_addf(out, "https://%s", url + n);
        } else {
            out->len -= !out->failed;
        }
    } else {
        vl_buf_add(out, url, strlen(url));
    }
    vl_buf_add_byte(out, 0);
    if (out->failed)
        return vl_error_memory(err);
    const char *address = (char *)out->data + start, *host = strstr(address, "://");
    if (!http_is_url(address, &is_plain) || !host[3])
        return refuse(url, "is no http, https or htsget URL", err);
    size_t n_host = strcspn(host + 3, "/?#");
    if (memchr(host + 3, '@', n_host))
        return vl_error_set(err, VL_ERR_USAGE,
                            "the URL holds a user name, which others can read here: use "
                            "--token-file");
    if (strchr(address, '#'))
        return refuse(url, "an htsget URL has no `#`", err);
    out->len--;
    return 0;
}

int query_ask_for_c4gh(struct query *q, const char *scheme, const char *pem, size_t n,
                       struct vl_buf *header, struct vl_error *err)
{
    bool is_legacy = scheme && strcmp(scheme, "legacy") == 0;
    int rc = 0;
    if (scheme && !is_legacy && strcmp(scheme, "htsget-rs") != 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "--c4gh-scheme %s: is neither htsget-rs nor legacy", scheme);
    q->wants_c4gh = !is_legacy;
    if (is_legacy) { /* the line between the first and the last holds it in base64 */
        const char *key = strchr(pem, '\n') + 1;
        vl_buf_addf(header, "client-public-key: %.*s", (int)strcspn(key, "\n"), key);
    } else {
        vl_buf_addf(header, "Htsget-Context-Public-Key: ");
        rc = vl_base64_encode(pem, n, header);
    }
    vl_buf_add_byte(header, 0);
    return rc < 0 || header->failed ? vl_error_memory(err) : 0;
}

/* What is not unreserved in RFC 3986 is escaped. */
static void put_escaped(struct vl_buf *out, const char *text)
{
    for (; *text; text++)
        if (isalnum((unsigned char)*text) || strchr("-._~", *text))
            vl_buf_add_byte(out, (uint8_t)*text);
        else
            vl_buf_addf(out, "%%%02X", (unsigned char)*text);
}

int query_put_url(const struct query *q, const struct vl_asked *region,
                  struct vl_buf *out, struct vl_error *err)
{
    vl_buf_addf(out, "%s%cformat=%s", q->url, strchr(q->url, '?') ? '&' : '?', q->format);
    if (q->header_only)
        vl_buf_addf(out, "&class=header");
    if (q->wants_c4gh)
        vl_buf_addf(out, "&encryptionScheme=C4GH");
    if (region) {
        vl_buf_addf(out, "&referenceName=");
        if (strcmp(region->contig, "*") == 0)
            vl_buf_add_byte(out, '*');
        else
            put_escaped(out, region->contig);
    }
    if (region && (region->beg > 0 || region->end >= 0))
        vl_buf_addf(out, "&start=%lld", (long long)region->beg);
    if (region && region->end >= 0)
        vl_buf_addf(out, "&end=%lld", (long long)region->end);
    vl_buf_add_byte(out, 0);
    return out->failed ? vl_error_memory(err) : 0;
}

int query_put_body(const struct query *q, const struct vl_asked *regions, size_t n,
                   struct vl_buf *out, struct vl_error *err)
{
    struct vl_json *body = vl_json_object(), *list = vl_json_array();
    vl_json_set_text(body, "format", q->format);
    if (q->wants_c4gh)
        vl_json_set_text(body, "encryptionScheme", "C4GH");
    for (size_t i = 0; i < n; i++) {
        struct vl_json *one = vl_json_object();
        vl_json_set_text(one, "referenceName", regions[i].contig);
        if (regions[i].beg > 0 || regions[i].end >= 0)
            vl_json_set_number(one, "start", regions[i].beg);
        if (regions[i].end >= 0)
            vl_json_set_number(one, "end", regions[i].end);
        vl_json_add(list, one);
    }
    vl_json_set(body, "regions", list);
    int rc = vl_json_write(body, out);
    vl_buf_add_byte(out, 0);
    vl_json_free(body);
    return rc < 0 || out->failed ? vl_error_memory(err) : 0;
}
