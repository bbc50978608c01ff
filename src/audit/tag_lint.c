#include "tag_lint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alignment/header.h"
#include "findings.h"
#include "mask/query_names.h"
#include "projection/masked_header.h"
#include "record/tags.h"

/* ---- header ---- */

/* A line as text of its own, without the newline; *at moves behind it.  NULL at the
 * end. */
static char *next_line(char **at)
{
    char *line = *at, *end = line ? strchr(line, '\n') : NULL;
    if (end)
        *end = '\0';
    *at = end ? end + 1 : NULL;
    return line && *line ? line : NULL;
}

/* Our own @PG has no field but these three. */
static bool is_own_program(const char *line)
{
    static const char START[] = "@PG\tID:varlock\tPN:varlock\tVN:";
    size_t n = sizeof START - 1;
    return strncmp(line, START, n) == 0 &&
           strspn(line + n, "0123456789.") == strlen(line + n);
}

/* True if the line stands in the header that masking this header would give, or is one
 * of the two lines that masking adds. */
static bool is_masked_line(const char *line, const struct vl_names *shown)
{
    struct masked_line own;
    if (strncmp(line, "@PG", 3) == 0)
        return is_own_program(line);
    if (strncmp(line, "@CO", 3) == 0)
        return header_masked_line(line, &own) == 1 && strlen(line) < 80;
    return vl_names_find(shown, line) >= 0;
}

/* Copies the lines of a header text to `shown`, with its index. */
static int take_lines(const struct vl_buf *text, struct vl_names *shown)
{
    char *copy = strndup(text->len ? (const char *)text->data : "", text->len);
    char *at = copy;
    int rc = copy ? 0 : VL_ERR_MEMORY;
    for (char *line; rc == 0 && (line = next_line(&at));)
        rc = vl_names_add(shown, line);
    free(copy);
    return rc < 0 ? rc : vl_names_index(shown);
}

static int judge_header(struct tag_lint *lint, const struct alignment_input *in,
                        struct vl_error *err)
{
    const struct masked_line line = {.mask_model = VL_MASK_SYNTH};
    struct vl_buf masked = VL_BUF_INIT;
    struct vl_names shown = VL_NAMES_INIT, lines = VL_NAMES_INIT;
    int rc = header_mask(&in->text, &in->contigs, &line, &masked, err);
    if (rc < 0)
        rc = vl_error_prefix(err, rc, in->path);
    if (rc == 0 && (take_lines(&masked, &shown) < 0 || take_lines(&in->text, &lines) < 0))
        rc = vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < lines.n; i++)
        lint->n_odd_lines += !is_masked_line(lines.v[i], &shown);
    lint->n_lines = lines.n;
    vl_names_clear(&shown);
    vl_names_clear(&lines);
    vl_buf_clear(&masked);
    return rc;
}

/* The pseudonyms of a clean header are no secrets. */
static int find_private_names(struct tag_lint *lint, const struct alignment_input *in,
                              struct vl_error *err)
{
    if (lint->n_odd_lines == 0)
        return 0;
    sam_hdr_t *parsed = header_parse(&in->text, err);
    if (!parsed)
        return VL_ERR_DATA;
    int rc = query_names_private(parsed, &lint->private_names);
    sam_hdr_destroy(parsed);
    return rc < 0 ? vl_error_memory(err) : 0;
}

int tag_lint_open(struct tag_lint *lint, const struct alignment_input *in,
                  const char *keep, struct vl_error *err)
{
    *lint = (struct tag_lint){.policy = {.keep = keep}};
    int rc = judge_header(lint, in, err);
    if (rc == 0)
        rc = find_private_names(lint, in, err);
    if (rc == 0)
        rc = header_read_groups(&in->text, &lint->read_groups, err);
    if (rc < 0)
        tag_lint_close(lint);
    else
        lint->policy.read_groups = &lint->read_groups;
    return rc;
}

/* ---- records ---- */

/* True if the tag is one of those that masking the record would leave as it is. */
static bool is_allowed(const struct tag_lint *lint, const struct tag *tag)
{
    if ((tag_is(tag, "MD") && tag->type == 'Z') ||
        (tag_is(tag, "NM") && tag_is_integer(tag->type)))
        return true;
    struct tag_walk walk = tag_walk_over(lint->allowed.data, lint->allowed.len);
    struct tag shown;
    while (tag_walk_next(&walk, &shown))
        if (tag_is(tag, (const char *)shown.name))
            return tag->type == shown.type && tag->size == shown.size &&
                   memcmp(tag->value, shown.value, tag->size) == 0;
    return false;
}

static void note_odd_tag(struct tag_lint *lint, const struct tag *tag)
{
    const char name[4] = {(char)tag->name[0], (char)tag->name[1], ' ', '\0'};
    size_t used = strlen(lint->odd_tags);
    lint->n_odd_tags++;
    if (!strstr(lint->odd_tags, name) && used + sizeof name <= sizeof lint->odd_tags)
        memcpy(lint->odd_tags + used, name, sizeof name);
}

/* The names of Illumina's sequencers: six parts between colons or more, such as
 * machine:run:flowcell:lane:tile:x:y. */
static bool tells_run(const char *name)
{
    int n = 0;
    for (; *name; name++)
        n += *name == ':';
    return n >= 4;
}

void tag_lint_add(struct tag_lint *lint, const bam1_t *b)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    const char *name = bam_get_qname(b);
    bool failed = lint->allowed.failed;
    vl_buf_reset(&lint->allowed);
    tags_mask(b, &lint->policy, NULL, 0, &lint->allowed);
    lint->allowed.failed |= failed;
    for (; tag_walk_next(&walk, &tag); lint->n_tags++)
        if (!is_allowed(lint, &tag))
            note_odd_tag(lint, &tag);
    lint->n_odd_tags += walk.bad;
    lint->n_records++;
    lint->n_odd_names += query_name_tells(name, &lint->private_names);
    lint->n_run_names += tells_run(name);
}

int tag_lint_report(const struct tag_lint *lint, struct audit_report *report)
{
    int rc =
        lint->allowed.failed
            ? VL_ERR_MEMORY
            : findings_put_none(report, "A14.header", lint->n_odd_lines, lint->n_lines,
                                "header lines that a masked header would not have");
    if (rc == 0)
        rc = findings_put(report, "A14.tags", (double)lint->n_odd_tags, 0,
                          lint->n_odd_tags ? AUDIT_FAIL : AUDIT_PASS,
                          "of %llu tags that a masked record would not have%s%s",
                          (unsigned long long)lint->n_tags, lint->n_odd_tags ? ": " : "",
                          lint->odd_tags);
    if (rc == 0)
        rc = findings_put_none(
            report, "A14.names", lint->n_odd_names, lint->n_records,
            "read names that are archive accessions or hold a value of the header");
    return rc < 0 ? rc
                  : findings_put(report, "names", (double)lint->n_run_names, NAN,
                                 AUDIT_DECLARED,
                                 "of %llu read names that tell the sequencer's run and "
                                 "place; encrypt --names token hides them",
                                 (unsigned long long)lint->n_records);
}

void tag_lint_close(struct tag_lint *lint)
{
    vl_names_clear(&lint->read_groups);
    vl_names_clear(&lint->private_names);
    vl_buf_clear(&lint->allowed);
}
