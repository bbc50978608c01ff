#include "alignment/header.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <htslib/kstring.h>

#include "varlock/varlock.h"

/* ---- parsing ---- */

void header_repair(const void *text, size_t n, struct vl_buf *out)
{
    const char *at = text, *end = n > 0 ? at + n : at;
    bool any_nul = false;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline ? newline : end;
        const char *nul = memchr(at, '\0', (size_t)(line_end - at));
        any_nul = any_nul || nul;
        if (!any_nul || *at == '@') {
            vl_buf_add(out, at, (size_t)((nul ? nul : line_end) - at));
            vl_buf_add_byte(out, '\n');
        }
        at = line_end + (newline != NULL);
    }
}

static sam_hdr_t *parse(const void *text, size_t n)
{
    struct vl_buf repaired = VL_BUF_INIT;
    header_repair(text, n, &repaired);
    sam_hdr_t *parsed = NULL;
    if (!repaired.failed)
        parsed = sam_hdr_parse(repaired.len, repaired.len ? (char *)repaired.data : "");
    vl_buf_clear(&repaired);
    if (parsed && sam_hdr_count_lines(parsed, "RG") >= 0)
        return parsed;
    sam_hdr_destroy(parsed);
    return NULL;
}

static bool can_parse(const char *text, size_t n)
{
    sam_hdr_t *parsed = parse(text, n);
    sam_hdr_destroy(parsed);
    return parsed != NULL;
}

/* Says what is wrong with a line, as far as can be told. */
static const char *fault_of(const char *line, size_t n)
{
    static const struct {
        const char *type, *key, *fault;
    } NEEDED[] = {{"@SQ", "\tSN:", "it has no SN"},
                  {"@RG", "\tID:", "it has no ID"},
                  {"@PG", "\tID:", "it has no ID"}};
    if (n < 3 || line[0] != '@')
        return "it does not begin with @ and two letters";
    if (n > 3 && line[3] != '\t')
        return "its fields are not separated by tabs";
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++)
        if (strncmp(line, NEEDED[i].type, 3) == 0 &&
            !memmem(line, n, NEEDED[i].key, strlen(NEEDED[i].key)))
            return NEEDED[i].fault;
    return "a field is not TAG:value, or contradicts a line before";
}

int header_blame(const char *text, size_t n, struct vl_error *err)
{
    enum { SHOWN_CHARS = 60 };
    size_t good = 0, n_lines = 0, beg = 0, end = 0;
    /* Finds the longest start of the text that parses: a binary search, then line by
     * line. */
    for (size_t step = n; step > 0; step /= 2) {
        size_t at = good + step;
        while (at < n && text[at - 1] != '\n')
            at++;
        if (at < n && can_parse(text, at))
            good = at;
    }
    do {
        beg = good;
        const char *newline = memchr(text + beg, '\n', n - beg);
        end = newline ? (size_t)(newline - text) : n;
        good = end + (newline != NULL);
    } while (good < n && can_parse(text, good));
    for (size_t i = 0; i <= beg && i < n; i++)
        n_lines += i == 0 || text[i - 1] == '\n';
    char shown[SHOWN_CHARS + 1];
    snprintf(shown, sizeof shown, "%.*s",
             (int)(end - beg < SHOWN_CHARS ? end - beg : SHOWN_CHARS), text + beg);
    for (char *p = shown; *p; p++)
        *p = *p == '\t' ? ' ' : *p;
    return vl_error_set(
        err, VL_ERR_DATA, "line %zu of its header cannot be read (%s): %s%s", n_lines,
        fault_of(text + beg, end - beg), shown, end - beg > SHOWN_CHARS ? "..." : "");
}

sam_hdr_t *header_parse(const struct vl_buf *text, struct vl_error *err)
{
    sam_hdr_t *parsed = parse(text->data, text->len);
    if (!parsed)
        header_blame((const char *)text->data, text->len, err);
    return parsed;
}

/* ---- contigs ---- */

static void put_m5(sam_hdr_t *parsed, struct vl_contigs *contigs)
{
    kstring_t m5 = KS_INITIALIZE;
    bool has_lines = sam_hdr_count_lines(parsed, "SQ") > 0;
    for (size_t i = 0; has_lines && i < contigs->n; i++) {
        struct vl_contig *c = &contigs->v[i];
        if (sam_hdr_find_tag_id(parsed, "SQ", "SN", c->name, "M5", &m5) == 0)
            vl_contig_set_m5(c, m5.s);
    }
    ks_free(&m5);
}

int header_find_m5(const struct vl_buf *text, struct vl_contigs *contigs,
                   struct vl_error *err)
{
    errno = 0;
    sam_hdr_t *parsed = parse(text->data, text->len);
    if (!parsed)
        return errno == ENOMEM ? vl_error_memory(err) : 0;
    put_m5(parsed, contigs);
    sam_hdr_destroy(parsed);
    return 0;
}

int header_contigs(sam_hdr_t *header, const char *path, struct vl_contigs *contigs,
                   struct vl_error *err)
{
    for (int i = 0; i < sam_hdr_nref(header); i++)
        if (vl_contigs_add(contigs, sam_hdr_tid2name(header, i),
                           sam_hdr_tid2len(header, i), NULL) < 0)
            return vl_error_memory(err);
    put_m5(header, contigs);
    return vl_contigs_check_unique(contigs, path, err);
}

/* ---- read groups ---- */

static int collect_read_groups(sam_hdr_t *parsed, struct vl_names *read_groups,
                               struct vl_error *err)
{
    int n = sam_hdr_count_lines(parsed, "RG");
    for (int i = 0; i < n; i++) {
        const char *id = sam_hdr_line_name(parsed, "RG", i);
        if (!id || vl_names_add(read_groups, id) < 0)
            return vl_error_memory(err);
    }
    return vl_names_index(read_groups) < 0 ? vl_error_memory(err) : 0;
}

int header_read_groups(const struct vl_buf *text, struct vl_names *read_groups,
                       struct vl_error *err)
{
    sam_hdr_t *parsed = header_parse(text, err);
    if (!parsed)
        return VL_ERR_DATA;
    int rc = collect_read_groups(parsed, read_groups, err);
    sam_hdr_destroy(parsed);
    return rc;
}

/* ---- writing ---- */

static bool fill_targets(sam_hdr_t *h, const struct vl_contigs *contigs)
{
    h->target_name = calloc(contigs->n + 1, sizeof *h->target_name);
    h->target_len = calloc(contigs->n + 1, sizeof *h->target_len);
    if (!h->target_name || !h->target_len)
        return false;
    for (size_t i = 0; i < contigs->n; i++) {
        int64_t length = contigs->v[i].length;
        h->target_len[i] = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
        h->target_name[i] = strdup(contigs->v[i].name);
        if (!h->target_name[i])
            return false;
        h->n_targets = (int32_t)i + 1;
    }
    return true;
}

sam_hdr_t *header_from_raw(const void *text, size_t n, const struct vl_contigs *contigs)
{
    sam_hdr_t *h = sam_hdr_init();
    if (!h)
        return NULL;
    h->text = malloc(n + 1);
    if (!h->text || !fill_targets(h, contigs)) {
        sam_hdr_destroy(h);
        return NULL;
    }
    if (n > 0)
        memcpy(h->text, text, n);
    h->text[n] = '\0';
    h->l_text = n;
    return h;
}

int header_repair_raw(sam_hdr_t *header)
{
    struct vl_buf repaired = VL_BUF_INIT;
    header_repair(header->text, header->l_text, &repaired);
    size_t n = repaired.len;
    vl_buf_add_byte(&repaired, 0);
    if (repaired.failed) {
        vl_buf_clear(&repaired);
        return VL_ERR_MEMORY;
    }
    free(header->text);
    header->text = (char *)repaired.data;
    header->l_text = n;
    return 0;
}

int header_check_contigs(const char *path, const struct vl_contigs *found,
                         const struct vl_contigs *sealed, struct vl_error *err)
{
    if (found->n != sealed->n)
        return vl_error_set(err, VL_ERR_SEAL,
                            "%s: has %zu contigs, the BDIFF was made with %zu", path,
                            found->n, sealed->n);
    for (size_t i = 0; i < found->n; i++) {
        const struct vl_contig *a = &found->v[i], *b = &sealed->v[i];
        if (strcmp(a->name, b->name) != 0 || a->length != b->length)
            return vl_error_set(
                err, VL_ERR_SEAL,
                "%s: contig %zu is %s (%lld bases), the BDIFF was made with %s "
                "(%lld)",
                path, i + 1, a->name, (long long)a->length, b->name,
                (long long)b->length);
    }
    return 0;
}
