#include "token.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "varlock/base64.h"
#include "varlock/fail.h"
#include "varlock/file.h"
#include "varlock/json.h"
#include "varlock/seal.h"
#include "varlock/secret_file.h"

enum { TOKEN_BYTES_MAX = 1 << 20, VISAS_MAX = 200, SHOWN_MAX = 128 };

static void tell(vl_warning_fn fn, void *arg, const char *line)
{
    if (fn)
        fn(arg, line);
}

/* ---- JSON Web Tokens ---- */

/* The payload of a token of three parts; *payload is NULL if it is none. */
static int read_payload(const char *text, struct vl_json **payload)
{
    const char *first = strchr(text, '.'),
               *second = first ? strchr(first + 1, '.') : NULL;
    struct vl_buf plain = VL_BUF_INIT;
    struct vl_error unasked;
    *payload = NULL;
    if (!second || strchr(second + 1, '.'))
        return 0;
    int rc = vl_base64_decode(first + 1, (size_t)(second - first - 1), &plain);
    if (rc == 0)
        rc = vl_json_read(payload, (char *)plain.data, plain.len, &unasked);
    vl_buf_wipe(&plain);
    return rc == VL_ERR_MEMORY ? rc : 0;
}

/* The first whole second that is not before `exp`, which may have a fraction (RFC 7519
 * §2).  False: it is not told. */
static bool read_expiry(const struct vl_json_item *root, int64_t *expiry)
{
    const struct vl_json_item *exp = vl_json_member(root, "exp");
    const double most = 1e18; /* fits, and is beyond any date */
    double seconds;
    if (vl_json_integer(exp, expiry))
        return true;
    if (!vl_json_number(exp, &seconds))
        return false;
    *expiry = (int64_t)ceil(fmax(fmin(seconds, most), -most));
    return true;
}

static void put_date(int64_t seconds, char date[static 32])
{
    time_t t = (time_t)seconds;
    struct tm utc;
    if (!gmtime_r(&t, &utc) || !strftime(date, 32, "%Y-%m-%d %H:%M:%S UTC", &utc))
        snprintf(date, 32, "an unknown date");
}

static const char *shown(const struct vl_json_item *object, const char *name)
{
    const char *text = vl_json_text(vl_json_member(object, name));
    return text ? text : "?";
}

/* Tells what a visa says, without what proves it. */
static int tell_visa(const char *text, int64_t now, const struct vl_hooks *hooks)
{
    struct vl_json *payload;
    char line[VL_ERROR_MESSAGE_BYTES], date[32] = "";
    int64_t expiry;
    int rc = read_payload(text, &payload);
    if (rc < 0 || !payload)
        return rc;
    const struct vl_json_item *root = vl_json_root(payload);
    const struct vl_json_item *visa = vl_json_member(root, "ga4gh_visa_v1");
    bool known = read_expiry(root, &expiry);
    if (known)
        put_date(expiry, date);
    snprintf(line, sizeof line, "visa %.*s: %.*s, by %.*s%s%s%s", SHOWN_MAX,
             shown(visa, "type"), SHOWN_MAX, shown(visa, "value"), SHOWN_MAX,
             shown(root, "iss"), known ? ", until " : "", date,
             known && expiry <= now ? " (expired)" : "");
    tell(hooks->note, hooks->note_arg, line);
    vl_json_free(payload);
    return 0;
}

static int tell_visas(const struct vl_json_item *passport, int64_t now,
                      const struct vl_hooks *hooks)
{
    const struct vl_json_item *visas = vl_json_member(passport, "ga4gh_passport_v1");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < vl_json_count(visas) && i < VISAS_MAX; i++) {
        const char *text = vl_json_text(vl_json_element(visas, i));
        rc = text ? tell_visa(text, now, hooks) : 0;
    }
    return rc;
}

int token_check(const char *text, const char *path, int64_t now, int lists_visas,
                const struct vl_hooks *hooks, struct vl_error *err)
{
    struct vl_json *payload = NULL;
    char date[32];
    int64_t expiry;
    int rc = text[0] ? 0 : vl_error_set(err, VL_ERR_DATA, "%s: holds no token", path);
    for (const char *at = text; rc == 0 && *at; at++)
        if (!isgraph((unsigned char)*at))
            rc = vl_error_set(err, VL_ERR_DATA,
                              "%s: is no token: it holds blanks or control characters",
                              path);
    if (rc == 0 && read_payload(text, &payload) < 0)
        rc = vl_error_memory(err);
    if (rc < 0 || !payload)
        return rc;
    const struct vl_json_item *root = vl_json_root(payload);
    if (read_expiry(root, &expiry) && expiry <= now) {
        put_date(expiry, date);
        rc = vl_error_set(err, VL_ERR_KEY,
                          "%s: the token expired at %s, and was not sent", path, date);
    }
    if (rc == 0 && lists_visas && tell_visas(root, now, hooks) < 0)
        rc = vl_error_memory(err);
    vl_json_free(payload);
    return rc;
}

/* ---- files ---- */

static char *copy_text(const char *text, size_t n)
{
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    while (n > 0 && isspace((unsigned char)*text)) {
        text++;
        n--;
    }
    return strndup(text, n);
}

/* `{"access_token": "..."}`, as HTS_AUTH_LOCATION may hold, or the token itself. */
static int take_text(struct token *token, const struct vl_buf *content, const char *path,
                     struct vl_error *err)
{
    const char *text = (const char *)content->data;
    struct vl_json *json = NULL;
    struct vl_error unasked;
    size_t blanks = 0;
    if (content->len > 0 && memchr(text, 0, content->len))
        return vl_error_set(err, VL_ERR_DATA, "%s: is no token: it holds a NUL", path);
    while (blanks < content->len && isspace((unsigned char)text[blanks]))
        blanks++;
    if (blanks < content->len && text[blanks] == '{') {
        int rc = vl_json_read(&json, text, content->len, &unasked);
        const struct vl_json_item *item =
            rc == 0 ? vl_json_member(vl_json_root(json), "access_token") : NULL;
        const char *inside = vl_json_text(item);
        token->text = inside ? strdup(inside) : NULL;
        vl_json_wipe_text(item);
        vl_json_free(json);
        if (!inside)
            return vl_error_set(err, VL_ERR_DATA, "%s: its JSON has no access_token",
                                path);
    } else {
        token->text = copy_text(content->len > 0 ? text : "", content->len);
    }
    return token->text ? 0 : vl_error_memory(err);
}

int token_read(struct token *token, const char *path, int64_t now, int lists_visas,
               const struct vl_hooks *hooks, struct vl_error *err)
{
    struct vl_buf content = VL_BUF_INIT;
    char line[VL_ERROR_MESSAGE_BYTES];
    token->text = NULL;
    if (!path)
        path = getenv("HTS_AUTH_LOCATION");
    if (!path || !*path)
        return 0;
    unsigned mode = vl_secret_file_exposure(path);
    snprintf(line, sizeof line, "%s: a token that others can read (mode %04o): chmod 600",
             path, mode);
    if (mode != 0)
        tell(hooks->warning, hooks->warning_arg, line);
    int rc = vl_file_slurp(path, TOKEN_BYTES_MAX, &content, err);
    if (rc == 0)
        rc = take_text(token, &content, path, err);
    if (rc == 0)
        rc = token_check(token->text, path, now, lists_visas, hooks, err);
    vl_buf_wipe(&content);
    if (rc < 0)
        token_clear(token);
    return rc;
}

void token_clear(struct token *token)
{
    if (token->text)
        vl_wipe(token->text, strlen(token->text));
    free(token->text);
    token->text = NULL;
}
