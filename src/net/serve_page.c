/* The page of the server: igv.js, what it shows, and where. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http_range.h"
#include "page_files.h"
#include "serve_state.h"
#include "varlock/json.h"

enum { REGIONS_MAX = 1000 };

/* Nothing is loaded from elsewhere, and nothing is told to it. */
static const char POLICY[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self' data:; font-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static enum MHD_Result send_page_file(struct request *r, const char *type,
                                      const void *bytes, size_t n)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        n, (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, "Content-Security-Policy", POLICY);
    MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    r->n_bytes = serve_is(r, "HEAD") ? 0 : n;
    return serve_queue(r, MHD_HTTP_OK, response);
}

/* ---- files of this machine, by range ---- */

static struct MHD_Response *part_of(int fd, int64_t beg, int64_t end)
{
    struct MHD_Response *response =
        MHD_create_response_from_fd_at_offset64((uint64_t)(end - beg), fd, (uint64_t)beg);
    if (!response)
        close(fd);
    return response;
}

/* `path` is the server's, never the client's. */
static enum MHD_Result send_file(struct request *r, const char *path, const char *type)
{
    int64_t beg, end;
    char range[96];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        return serve_refuse(r, MHD_HTTP_NOT_FOUND, "no such file");
    }
    const char *asked = serve_range(r);
    enum http_range kind = http_range_read(asked, st.st_size, &beg, &end);
    if (kind == HTTP_RANGE_UNSATISFIABLE) {
        close(fd);
        return serve_refuse_range(r, st.st_size);
    }
    struct MHD_Response *response = part_of(fd, beg, end);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    snprintf(range, sizeof range, "bytes %lld-%lld/%lld", (long long)beg,
             (long long)end - 1, (long long)st.st_size);
    if (kind == HTTP_RANGE_PART)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
    r->n_bytes = (uint64_t)(end - beg);
    return serve_queue(
        r, kind == HTTP_RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, response);
}

/* ---- what the page asks for ---- */

static void set_file(struct vl_json *object, const char *name, struct vl_serving *serving)
{
    struct vl_json *file = vl_json_object();
    struct vl_buf path = VL_BUF_INIT;
    const struct vl_buf *index;
    struct vl_error unasked;
    int64_t size;
    bool is_csi = false;
    vl_json_set_text(file, "id", vl_serving_id(serving));
    vl_buf_addf(&path, "files/%s.bam", vl_serving_id(serving));
    vl_buf_add_byte(&path, 0);
    vl_json_set_text(file, "bam", path.failed ? "" : (char *)path.data);
    if (vl_serving_file(serving, &size, &index, &is_csi, &unasked) < 0)
        is_csi = false; /* asked for, it says why there is none */
    vl_buf_reset(&path);
    vl_buf_addf(&path, "files/%s.bam.%s", vl_serving_id(serving), is_csi ? "csi" : "bai");
    vl_buf_add_byte(&path, 0);
    vl_json_set_text(file, "index", path.failed ? "" : (char *)path.data);
    vl_buf_clear(&path);
    vl_json_set(object, name, file);
}

static struct vl_json *list_granted(const struct serve *s)
{
    const struct vl_contigs *contigs = vl_serving_contigs(s->shown[0]);
    const struct vl_ranges *granted = vl_serving_granted(s->shown[0]);
    struct vl_json *list = vl_json_array();
    struct vl_buf text = VL_BUF_INIT;
    for (size_t i = 0; granted && i < granted->n && i < REGIONS_MAX; i++) {
        const struct vl_ranges one = {.v = &granted->v[i], .n = 1};
        vl_buf_reset(&text);
        vl_ranges_format(&one, contigs, 0, &text);
        vl_buf_add_byte(&text, 0);
        vl_json_add_text(list, text.failed ? "" : (char *)text.data);
    }
    vl_buf_clear(&text);
    return list;
}

/* The reference and its indexes: FASTA, or FASTA that bgzip compressed. */
static const struct {
    const char *name, *ending, *member;
    bool is_of_bgzip;
} REFERENCE_FILES[] = {
    {"reference.fa", "", "fasta", false},
    {"reference.fa.fai", ".fai", "fai", false},
    {"reference.fa.gzi", ".gzi", "gzi", true},
};
enum { N_REFERENCE_FILES = sizeof REFERENCE_FILES / sizeof *REFERENCE_FILES };

static bool is_of_bgzip(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending && (strcmp(ending, ".gz") == 0 || strcmp(ending, ".bgz") == 0);
}

/* Path of a file of the reference; false: it has none such. */
static bool reference_path(const struct serve *s, size_t file, char *path, size_t max)
{
    const char *reference = s->options->shown.reference;
    if (!reference || (REFERENCE_FILES[file].is_of_bgzip && !is_of_bgzip(reference)))
        return false;
    int n = snprintf(path, max, "%s%s", reference, REFERENCE_FILES[file].ending);
    return n > 0 && (size_t)n < max && access(path, R_OK) == 0;
}

/* igv.js shows the bases only where it has all the files. */
static void set_reference(struct vl_json *root, const struct serve *s)
{
    const char *reference = s->options->shown.reference;
    const size_t n = reference && is_of_bgzip(reference) ? 3 : 2;
    char path[4096];
    size_t found = 0;
    while (found < n && reference_path(s, found, path, sizeof path))
        found++;
    for (size_t i = 0; found == n && i < n; i++)
        vl_json_set_text(root, REFERENCE_FILES[i].member, REFERENCE_FILES[i].name);
}

static enum MHD_Result send_session(struct request *r)
{
    const struct serve *s = r->serve;
    const struct vl_contigs *contigs = vl_serving_contigs(s->shown[0]);
    struct vl_json *root = vl_json_object();
    struct vl_buf text = VL_BUF_INIT;
    set_file(root, "shown", s->shown[0]);
    if (s->n_shown > 1)
        set_file(root, "masked", s->shown[1]);
    set_reference(root, s);
    vl_json_set_text(root, "first", contigs->n > 0 ? contigs->v[0].name : "");
    vl_json_set(root, "granted", list_granted(s));
    int rc = vl_json_write(root, &text);
    vl_json_free(root);
    enum MHD_Result result =
        rc < 0 ? MHD_NO
               : serve_reply(r, MHD_HTTP_OK, "application/json", text.data, text.len);
    vl_buf_clear(&text);
    return result;
}

static enum MHD_Result send_sizes(struct request *r)
{
    const struct vl_contigs *contigs = vl_serving_contigs(r->serve->shown[0]);
    struct vl_buf text = VL_BUF_INIT;
    for (size_t i = 0; i < contigs->n; i++)
        vl_buf_addf(&text, "%s\t%lld\n", contigs->v[i].name,
                    (long long)contigs->v[i].length);
    enum MHD_Result result =
        text.failed ? MHD_NO
                    : serve_reply(r, MHD_HTTP_OK, "text/plain", text.data, text.len);
    vl_buf_clear(&text);
    return result;
}

enum MHD_Result serve_page(struct request *r, const char *name)
{
    const struct serve_options *o = r->serve->options;
    char path[4096];
    if (!o->igv)
        return serve_refuse(r, MHD_HTTP_NOT_FOUND, "nothing is here");
    if (strcmp(name, "") == 0)
        return send_page_file(r, "text/html; charset=utf-8", page_index_html,
                              page_index_html_bytes);
    if (strcmp(name, "page.css") == 0)
        return send_page_file(r, "text/css", page_page_css, page_page_css_bytes);
    if (strcmp(name, "page.js") == 0)
        return send_page_file(r, "text/javascript", page_page_js, page_page_js_bytes);
    if (strcmp(name, "igv.js") == 0)
        return send_file(r, o->igv, "text/javascript");
    if (strcmp(name, "session.json") == 0)
        return send_session(r);
    if (strcmp(name, "chrom.sizes") == 0)
        return send_sizes(r);
    for (size_t i = 0; i < N_REFERENCE_FILES; i++)
        if (strcmp(name, REFERENCE_FILES[i].name) == 0 &&
            reference_path(r->serve, i, path, sizeof path))
            return send_file(r, path, "application/octet-stream");
    return serve_refuse(r, MHD_HTTP_NOT_FOUND, "nothing is here");
}
