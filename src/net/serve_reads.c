/* The htsget part of the server: tickets, and the reads that they lead to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reads_question.h"
#include "serve_state.h"
#include "varlock/json.h"
#include "varlock/seal.h"

/* What IGV desktop and others look for. */
static const char TYPE[] = "application/vnd.ga4gh.htsget.v1.3.0+json; charset=utf-8";

static enum MHD_Result send_json(struct request *r, unsigned status, const char *type,
                                 struct vl_json *json)
{
    struct vl_buf text = VL_BUF_INIT;
    int rc = vl_json_write(json, &text);
    vl_json_free(json);
    enum MHD_Result result =
        rc < 0 ? MHD_NO : serve_reply(r, status, type, text.data, text.len);
    vl_buf_clear(&text);
    return result;
}

/* ---- refusals ---- */

enum MHD_Result serve_refuse_reads(struct request *r, unsigned status, const char *error,
                                   const char *message)
{
    struct vl_json *root = vl_json_object(), *inner = vl_json_object();
    vl_json_set_text(inner, "error", error);
    vl_json_set_text(inner, "message", message);
    vl_json_set(root, "htsget", inner);
    return send_json(r, status, TYPE, root);
}

/* ---- sets of ranges ---- */

/* Keeps the ranges under a name; the oldest ones are forgotten. */
static int keep_set(struct serve *s, struct vl_ranges *ranges, char *name)
{
    uint8_t random[SET_CHARS / 2];
    int rc = vl_random(random, sizeof random, NULL);
    pthread_mutex_lock(&s->mutex);
    struct range_set *set = &s->sets[s->next_set++ % SETS_KEPT];
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(set->name + 2 * i, 3, "%02x", random[i]);
    memcpy(name, set->name, sizeof set->name);
    vl_ranges_clear(&set->ranges);
    set->ranges = *ranges;
    *ranges = VL_RANGES_INIT;
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

static int copy_ranges(const struct vl_ranges *from, struct vl_ranges *to)
{
    *to = (struct vl_ranges){.n = from->n, .cap = from->n, .unplaced = from->unplaced};
    if (from->n == 0)
        return 0;
    to->v = malloc(from->n * sizeof *to->v);
    if (!to->v)
        return VL_ERR_MEMORY;
    memcpy(to->v, from->v, from->n * sizeof *to->v);
    return 0;
}

/* VL_ERR_DATA: there is no such set, or no more. */
static int find_set(struct serve *s, const char *name, struct vl_ranges *ranges)
{
    int rc = VL_ERR_DATA;
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; rc == VL_ERR_DATA && i < SETS_KEPT; i++)
        if (*name && strcmp(s->sets[i].name, name) == 0)
            rc = copy_ranges(&s->sets[i].ranges, ranges);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

/* ---- tickets ---- */

static bool is_empty(const struct reads_question *q)
{
    return q->ranges.n == 0 && !q->ranges.unplaced;
}

/* One range stands in the URL, several are kept here. */
static int put_url(struct request *r, struct vl_serving *serving,
                   struct reads_question *q, struct vl_buf *url)
{
    char name[SET_CHARS + 1];
    int rc = 0;
    vl_buf_addf(url, "%s/data/%s", r->serve->base, vl_serving_id(serving));
    if (q->header_only || (!q->is_of_all && is_empty(q))) {
        vl_buf_addf(url, "?class=header");
    } else if (!q->is_of_all && q->ranges.n + q->ranges.unplaced > 1) {
        rc = keep_set(r->serve, &q->ranges, name);
        vl_buf_addf(url, "?set=%s", name);
    } else if (!q->is_of_all && q->ranges.unplaced) {
        vl_buf_addf(url, "?r=*");
    } else if (!q->is_of_all) {
        vl_buf_addf(url, "?r=%d:%lld-%lld", q->ranges.v->contig,
                    (long long)q->ranges.v->beg, (long long)q->ranges.v->end);
    }
    vl_buf_add_byte(url, 0);
    return rc < 0 || url->failed ? VL_ERR_MEMORY : 0;
}

static enum MHD_Result send_ticket(struct request *r, struct vl_serving *serving,
                                   struct reads_question *q)
{
    struct vl_buf url = VL_BUF_INIT;
    struct vl_json *root = vl_json_object(), *inner = vl_json_object(),
                   *urls = vl_json_array(), *one = vl_json_object();
    int rc = put_url(r, serving, q, &url);
    vl_json_set_text(one, "url", rc < 0 ? "" : (const char *)url.data);
    vl_json_set(one, "headers", vl_json_object()); /* htsjdk 4.3 fails without */
    vl_json_add(urls, one);
    vl_json_set_text(inner, "format", "BAM");
    vl_json_set(inner, "urls", urls);
    vl_json_set(root, "htsget", inner);
    vl_buf_clear(&url);
    if (rc == 0)
        return send_json(r, MHD_HTTP_OK, TYPE, root);
    vl_json_free(root);
    return MHD_NO;
}

static int read_question(const struct request *r, const struct vl_contigs *contigs,
                         struct reads_question *q, struct reads_refusal *refusal)
{
    const struct reads_parameters p = {.format = serve_argument(r, "format"),
                                       .class = serve_argument(r, "class"),
                                       .reference_name =
                                           serve_argument(r, "referenceName"),
                                       .start = serve_argument(r, "start"),
                                       .end = serve_argument(r, "end"),
                                       .fields = serve_argument(r, "fields"),
                                       .tags = serve_argument(r, "tags"),
                                       .notags = serve_argument(r, "notags")};
    return serve_is(r, "POST") ? reads_question_post(q, (const char *)r->body.data,
                                                     r->body.len, contigs, refusal)
                               : reads_question_get(q, &p, contigs, refusal);
}

enum MHD_Result serve_ticket(struct request *r, struct vl_serving *serving)
{
    struct reads_question q;
    struct reads_refusal refusal = {.status = 0};
    if (r->is_too_long)
        return serve_refuse_reads(r, MHD_HTTP_CONTENT_TOO_LARGE, "PayloadTooLarge",
                                  "the body is too long");
    if (serve_is(r, "POST") && serve_has_query(r))
        return serve_refuse_reads(r, MHD_HTTP_BAD_REQUEST, "InvalidInput",
                                  "a POST has its parameters in the body");
    int rc = read_question(r, vl_serving_contigs(serving), &q, &refusal);
    if (rc == 0 && !q.is_of_all && !is_empty(&q) &&
        (rc = vl_serving_check_regions(serving, &refusal.error)) < 0) {
        refusal.status = MHD_HTTP_BAD_REQUEST;
        refusal.type = "InvalidInput";
    }
    enum MHD_Result result = rc < 0 ? serve_refuse_reads(r, refusal.status, refusal.type,
                                                         refusal.error.message)
                                    : send_ticket(r, serving, &q);
    reads_question_clear(&q);
    return result;
}

/* ---- data ---- */

/* Reads what put_url wrote.  VL_ERR_DATA: it is something else. */
static int read_range(const char *text, const struct vl_contigs *contigs,
                      struct vl_ranges *ranges)
{
    long long beg, end;
    int contig, n = 0;
    if (strcmp(text, "*") == 0) {
        ranges->unplaced = true;
        return 0;
    }
    if (sscanf(text, "%9d:%19lld-%19lld%n", &contig, &beg, &end, &n) != 3 || text[n] ||
        contig < 0 || (size_t)contig >= contigs->n || beg < 0 || end <= beg)
        return VL_ERR_DATA;
    return vl_ranges_add(ranges, contigs, contig, beg, end);
}

enum MHD_Result serve_data(struct request *r, struct vl_serving *serving)
{
    const char *range = serve_argument(r, "r"), *set = serve_argument(r, "set");
    const bool header_only = serve_argument(r, "class") != NULL;
    struct vl_ranges ranges = VL_RANGES_INIT;
    struct vl_serving_stream *stream = NULL;
    int rc = range ? read_range(range, vl_serving_contigs(serving), &ranges)
             : set ? find_set(r->serve, set, &ranges)
                   : 0;
    if (rc == VL_ERR_DATA)
        return serve_refuse(r, MHD_HTTP_NOT_FOUND,
                            "no such reads, or the ticket is too old");
    if (rc == 0 && !serve_is(r, "HEAD"))
        rc = vl_serving_reads(serving, range || set ? &ranges : NULL, header_only,
                              &stream, &r->error);
    vl_ranges_clear(&ranges);
    return rc < 0 ? serve_refuse(r, MHD_HTTP_INTERNAL_SERVER_ERROR, r->error.message)
                  : serve_queue(r, MHD_HTTP_OK, serve_stream(r, stream, -1));
}

enum MHD_Result serve_service_info(struct request *r)
{
    struct vl_json *root = vl_json_object(), *type = vl_json_object(),
                   *htsget = vl_json_object(), *formats = vl_json_array(),
                   *organization = vl_json_object();
    vl_json_set_text(root, "id", "local.varlock.serve");
    vl_json_set_text(root, "name", "varlock serve");
    vl_json_set_text(root, "version", vl_version());
    vl_json_set_text(type, "group", "org.ga4gh");
    vl_json_set_text(type, "artifact", "htsget");
    vl_json_set_text(type, "version", "1.3.0");
    vl_json_set(root, "type", type);
    vl_json_set_text(organization, "name", "this machine");
    vl_json_set_text(organization, "url", r->serve->base);
    vl_json_set(root, "organization", organization);
    vl_json_set_text(htsget, "datatype", "reads");
    vl_json_add_text(formats, "BAM");
    vl_json_set(htsget, "formats", formats);
    vl_json_set_bool(htsget, "fieldsParameterEffective", false);
    vl_json_set_bool(htsget, "tagsParametersEffective", false);
    vl_json_set(root, "htsget", htsget);
    return send_json(r, MHD_HTTP_OK, "application/json", root);
}
