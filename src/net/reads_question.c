#include "reads_question.h"

#include <string.h>
#include <strings.h>

#include "varlock/buf.h"
#include "varlock/fail.h"
#include "varlock/json.h"

static int refuse(struct reads_refusal *refusal, unsigned status, const char *type,
                  const char *format, const char *what)
{
    refusal->status = status;
    refusal->type = type;
    return vl_error_set(&refusal->error, VL_ERR_DATA, format, what);
}

static int refuse_input(struct reads_refusal *refusal, const char *format,
                        const char *what)
{
    return refuse(refusal, 400, "InvalidInput", format, what);
}

static int no_memory(struct reads_refusal *refusal)
{
    refusal->status = 500;
    refusal->type = "InternalError";
    vl_error_memory(&refusal->error);
    return VL_ERR_DATA;
}

/* Format and class; NULL is the default. */
static int take_kind(struct reads_question *q, const char *format, const char *class,
                     struct reads_refusal *refusal)
{
    if (format && strcasecmp(format, "BAM") != 0)
        return refuse(refusal, 400, "UnsupportedFormat", "%s is not served, BAM is",
                      format);
    if (class && strcmp(class, "header") != 0 && strcmp(class, "body") != 0)
        return refuse_input(refusal, "class %s is not header", class);
    q->header_only = class && strcmp(class, "header") == 0;
    return 0;
}

/* Adds a range; end -1: to the end of the contig. */
static int add_range(struct reads_question *q, const char *name, int64_t beg, int64_t end,
                     const struct vl_contigs *contigs, struct reads_refusal *refusal)
{
    if (strcmp(name, "*") == 0) {
        q->ranges.unplaced = true;
        return 0;
    }
    int contig = vl_contigs_find(contigs, name);
    if (contig < 0)
        return refuse(refusal, 404, "NotFound", "there is no reference %s", name);
    end = end < 0 ? VL_POS_MAX : end;
    if (beg < end && vl_ranges_add(&q->ranges, contigs, contig, beg, end) < 0)
        return no_memory(refusal);
    return 0;
}

/* A whole number of decimal digits. */
static bool read_number(const char *text, int64_t *n)
{
    size_t n_digits = strspn(text, "0123456789");
    if (n_digits == 0 || n_digits > 18 || text[n_digits])
        return false;
    *n = 0;
    for (; *text; text++)
        *n = 10 * *n + (*text - '0');
    return true;
}

/* Length of the item of a comma-separated list that begins here. */
static size_t item_length(const char *list)
{
    return strcspn(list, ",");
}

static const char *next_item(const char *list)
{
    list += item_length(list);
    return *list ? list + 1 : list;
}

/* Whether two comma-separated lists (NULL: absent) have an item in common. */
static bool have_common(const char *some, const char *others)
{
    for (const char *a = some ? some : ""; *a; a = next_item(a))
        for (const char *b = others ? others : ""; *b; b = next_item(b))
            if (item_length(a) == item_length(b) && item_length(a) > 0 &&
                memcmp(a, b, item_length(a)) == 0)
                return true;
    return false;
}

/* What is chosen of records (htsget lets a server send all of them). */
static int check_choice(const struct reads_question *q, bool has_range,
                        const char *fields, const char *tags, const char *notags,
                        struct reads_refusal *refusal)
{
    if (q->header_only && (has_range || fields || tags || notags))
        return refuse_input(refusal, "class=header goes with format only%s", "");
    if (have_common(tags, notags))
        return refuse_input(refusal, "tags and notags have a tag in common%s", "");
    return 0;
}

int reads_question_get(struct reads_question *q, const struct reads_parameters *p,
                       const struct vl_contigs *contigs, struct reads_refusal *refusal)
{
    int64_t beg = 0, end = -1;
    memset(q, 0, sizeof *q);
    int rc = take_kind(q, p->format, p->class, refusal);
    if (rc == 0)
        rc = check_choice(q, p->reference_name || p->start || p->end, p->fields, p->tags,
                          p->notags, refusal);
    if (rc < 0)
        return rc;
    if ((p->start && !read_number(p->start, &beg)) ||
        (p->end && !read_number(p->end, &end)))
        return refuse_input(refusal, "start and end are whole numbers%s", "");
    q->is_of_all = !p->reference_name;
    if (q->is_of_all || strcmp(p->reference_name, "*") == 0) {
        if (p->start || p->end)
            return refuse_input(refusal, "start and end need a reference%s", "");
    }
    if (end >= 0 && beg > end)
        return refuse(refusal, 400, "InvalidRange", "start is behind end%s", "");
    return q->is_of_all ? 0 : add_range(q, p->reference_name, beg, end, contigs, refusal);
}

/* ---- POST ---- */

static int take_region(struct reads_question *q, const struct vl_json_item *region,
                       const struct vl_contigs *contigs, struct reads_refusal *refusal)
{
    const struct vl_json_item *start = vl_json_member(region, "start"),
                              *end = vl_json_member(region, "end");
    const char *name = vl_json_text(vl_json_member(region, "referenceName"));
    int64_t from = 0, to = -1;
    if (!name)
        return refuse_input(refusal, "a region has no referenceName%s", "");
    if ((start && (!vl_json_integer(start, &from) || from < 0)) ||
        (end && (!vl_json_integer(end, &to) || to < 0)))
        return refuse_input(refusal, "start and end are whole numbers%s", "");
    if (strcmp(name, "*") == 0 && (start || end))
        return refuse_input(refusal, "start and end need a reference%s", "");
    if (to >= 0 && from >= to)
        return refuse(refusal, 400, "InvalidRange",
                      "a region's start is not before its "
                      "end%s",
                      "");
    return add_range(q, name, from, to, contigs, refusal);
}

/* Text of a member, NULL where it is absent. */
static int take_text(const struct vl_json_item *root, const char *name, const char **text,
                     struct reads_refusal *refusal)
{
    const struct vl_json_item *item = vl_json_member(root, name);
    *text = vl_json_text(item);
    return item && !*text ? refuse_input(refusal, "%s is no text", name) : 0;
}

/* A list of texts as a comma-separated one; it stays empty where the member is absent. */
static int take_list(const struct vl_json_item *root, const char *name,
                     struct vl_buf *list, struct reads_refusal *refusal)
{
    const struct vl_json_item *items = vl_json_member(root, name);
    if (items && !vl_json_is_array(items))
        return refuse_input(refusal, "%s is no list of texts", name);
    for (size_t i = 0; i < vl_json_count(items); i++) {
        const char *text = vl_json_text(vl_json_element(items, i));
        if (!text)
            return refuse_input(refusal, "%s is no list of texts", name);
        vl_buf_addf(list, "%s,", text);
    }
    if (items)
        vl_buf_add_byte(list, 0);
    return list->failed ? no_memory(refusal) : 0;
}

static int take_choice(struct reads_question *q, const struct vl_json_item *root,
                       struct reads_refusal *refusal)
{
    static const char *const NAMES[] = {"fields", "tags", "notags"};
    struct vl_buf lists[3] = {VL_BUF_INIT, VL_BUF_INIT, VL_BUF_INIT};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 3; i++)
        rc = take_list(root, NAMES[i], &lists[i], refusal);
    if (rc == 0)
        rc = check_choice(q, vl_json_member(root, "regions"), (const char *)lists[0].data,
                          (const char *)lists[1].data, (const char *)lists[2].data,
                          refusal);
    for (size_t i = 0; i < 3; i++)
        vl_buf_clear(&lists[i]);
    return rc;
}

static int pass_member(void *arg, const char *name, const struct vl_json_item *value)
{
    (void)arg, (void)name, (void)value;
    return 0;
}

static int take_body(struct reads_question *q, const struct vl_json_item *root,
                     const struct vl_contigs *contigs, struct reads_refusal *refusal)
{
    const struct vl_json_item *regions = vl_json_member(root, "regions");
    const char *format = NULL, *class = NULL;
    if (vl_json_each(root, pass_member, NULL) < 0)
        return refuse_input(refusal, "the body is no object%s", "");
    if (regions && vl_json_count(regions) == 0)
        return refuse_input(refusal, "regions is no list of regions%s", "");
    int rc = take_text(root, "format", &format, refusal);
    if (rc == 0)
        rc = take_text(root, "class", &class, refusal);
    if (rc == 0)
        rc = take_kind(q, format, class, refusal);
    if (rc == 0)
        rc = take_choice(q, root, refusal);
    q->is_of_all = !regions;
    for (size_t i = 0; rc == 0 && i < vl_json_count(regions); i++)
        rc = take_region(q, vl_json_element(regions, i), contigs, refusal);
    vl_ranges_normalise(&q->ranges);
    return rc;
}

int reads_question_post(struct reads_question *q, const char *body, size_t n,
                        const struct vl_contigs *contigs, struct reads_refusal *refusal)
{
    struct vl_json *json = NULL;
    struct vl_error why = {0};
    memset(q, 0, sizeof *q);
    if (n == 0)
        return refuse_input(refusal, "the body is empty%s", "");
    if (vl_json_read(&json, body, n, &why) < 0)
        return refuse_input(refusal, "the body: %s", why.message);
    int rc = take_body(q, vl_json_root(json), contigs, refusal);
    vl_json_free(json);
    return rc;
}

void reads_question_clear(struct reads_question *q)
{
    vl_ranges_clear(&q->ranges);
}
