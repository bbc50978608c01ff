#include "vcf/vcf_contigs.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/file.h"
#include "varlock/vac.h"

enum { LIST_BYTES_MAX = 1 << 26, NAME_BYTES_MAX = UINT16_MAX /* vac.md §4.1 */ };

/* ---- the two lists that a user may give ---- */

typedef int (*line_fn)(struct vcf_lists *lists, char *line, const char *place,
                       struct vl_error *err);

/* Calls `take` for every line that is not empty.  `place` is "path: line N". */
static int each_line(struct vcf_lists *lists, const char *path, line_fn take,
                     struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT, place = VL_BUF_INIT;
    int rc = vl_file_slurp(path, LIST_BYTES_MAX, &text, err);
    vl_buf_add_byte(&text, '\0');
    if (rc == 0 && text.failed)
        rc = vl_error_memory(err);
    if (rc == 0 && strlen((char *)text.data) + 1 != text.len)
        rc = vl_error_set(err, VL_ERR_DATA, "%s: not a text file", path);
    char *at = (char *)text.data;
    for (uint64_t n = 1; rc == 0 && *at; n++) {
        char *end = at + strcspn(at, "\n");
        char *next = *end ? end + 1 : end;
        *end = '\0';
        if (end > at && end[-1] == '\r')
            end[-1] = '\0';
        vl_buf_reset(&place);
        vl_buf_addf(&place, "%s: line %" PRIu64, path, n);
        vl_buf_add_byte(&place, '\0');
        if (place.failed)
            rc = vl_error_memory(err);
        else if (*at)
            rc = take(lists, at, (char *)place.data, err);
        at = next;
    }
    vl_buf_clear(&text);
    vl_buf_clear(&place);
    return rc;
}

static int take_contig(struct vcf_lists *lists, char *line, const char *place,
                       struct vl_error *err)
{
    char *tab = strchr(line, '\t'), *end = tab;
    long long length = 0;
    errno = 0;
    if (tab && isdigit((unsigned char)tab[1]))
        length = strtoll(tab + 1, &end, 10);
    if (!tab || tab == line || end == tab || (*end && *end != '\t') || errno ||
        length > VL_VAC_POS_MAX)
        return vl_error_set(err, VL_ERR_DATA, "%s: not `name<TAB>length`", place);
    *tab = '\0';
    return vl_contigs_add(&lists->contigs, line, length, NULL) < 0 ? vl_error_memory(err)
                                                                   : 0;
}

static int take_rename(struct vcf_lists *lists, char *line, const char *place,
                       struct vl_error *err)
{
    char *rest = NULL;
    const char *old_name = strtok_r(line, " \t", &rest);
    const char *new_name = strtok_r(NULL, " \t", &rest);
    if (!old_name || !new_name || strtok_r(NULL, " \t", &rest))
        return vl_error_set(err, VL_ERR_DATA, "%s: not `old new`", place);
    if (vl_names_add(&lists->old_names, old_name) < 0 ||
        vl_names_add(&lists->new_names, new_name) < 0)
        return vl_error_memory(err);
    return 0;
}

static int read_lists(struct vcf_lists *lists, const char *contigs_path,
                      const char *rename_path, struct vl_error *err)
{
    int rc = 0;
    if (rename_path)
        rc = each_line(lists, rename_path, take_rename, err);
    /* These checks also build the name indexes, which threads share afterwards. */
    if (rc == 0)
        rc = vl_names_check_unique(&lists->old_names, rename_path, "contig", err);
    if (rc == 0 && contigs_path)
        rc = each_line(lists, contigs_path, take_contig, err);
    return rc < 0 ? rc : vl_contigs_check_unique(&lists->contigs, contigs_path, err);
}

int vcf_lists_read(struct vcf_lists *lists, const char *contigs_path,
                   const char *rename_path, struct vl_error *err)
{
    memset(lists, 0, sizeof *lists);
    lists->contigs_path = contigs_path;
    int rc = read_lists(lists, contigs_path, rename_path, err);
    if (rc < 0)
        vcf_lists_clear(lists);
    return rc;
}

void vcf_lists_clear(struct vcf_lists *lists)
{
    vl_contigs_clear(&lists->contigs);
    vl_names_clear(&lists->old_names);
    vl_names_clear(&lists->new_names);
    memset(lists, 0, sizeof *lists);
}

static int final_name(const struct vcf_contigs *contigs, const char *name,
                      const char **renamed, struct vl_error *err)
{
    int i = vl_names_find(&contigs->lists->old_names, name);
    *renamed = i < 0 ? name : contigs->lists->new_names.v[i];
    if (**renamed && strlen(*renamed) <= NAME_BYTES_MAX)
        return 0;
    return vl_error_set(err, VL_ERR_DATA,
                        "the name of a contig has %zu bytes, not 1 to %d",
                        strlen(*renamed), NAME_BYTES_MAX);
}

/* ---- the VCF's contig lines ---- */

/* The M5 of a contig line in lower case, or "" if the line has no valid M5. */
static void header_m5(const bcf_hdr_t *header, const char *name,
                      char m5[static VL_M5_CHARS + 1])
{
    m5[0] = '\0';
    bcf_hrec_t *line = bcf_hdr_get_hrec(header, BCF_HL_CTG, "ID", name, NULL);
    int key = line ? bcf_hrec_find_key(line, "md5") : -1;
    if (line && key < 0)
        key = bcf_hrec_find_key(line, "M5");
    const char *value = key < 0 ? "" : line->vals[key];
    size_t quote = *value == '"';
    size_t n = strspn(value + quote, "0123456789abcdefABCDEF");
    if (n != VL_M5_CHARS || (value[quote + n] && value[quote + n] != '"'))
        return;
    for (size_t i = 0; i < n; i++)
        m5[i] = (char)tolower((unsigned char)value[quote + i]);
    m5[n] = '\0';
}

static int read_header(const struct vcf_contigs *contigs, const bcf_hdr_t *header,
                       struct vl_contigs *out, const char *vcf_name, struct vl_error *err)
{
    char m5[VL_M5_CHARS + 1];
    for (int i = 0; i < header->n[BCF_DT_CTG]; i++) {
        const bcf_idpair_t *line = &header->id[BCF_DT_CTG][i];
        const char *name = NULL;
        if (!line->key || !line->val) /* the numbering of a BCF has a gap here */
            continue;
        if (line->val->info[0] > VL_VAC_POS_MAX)
            return vl_error_set(err, VL_ERR_DATA, "%s: contig %s: length out of range",
                                vcf_name, line->key);
        header_m5(header, line->key, m5);
        int rc = final_name(contigs, line->key, &name, err);
        if (rc < 0)
            return vl_error_prefix(err, rc, vcf_name);
        if (vl_contigs_add(out, name, (int64_t)line->val->info[0], m5) < 0)
            return vl_error_memory(err);
    }
    return vl_contigs_check_unique(
        out, contigs->lists->old_names.n > 0 ? "contigs after renaming" : vcf_name, err);
}

/* Checks that the VCF's contig lines agree with the user's table, and adopts their M5. */
static int compare_with_header(struct vcf_contigs *contigs,
                               const struct vl_contigs *header, const char *vcf_name,
                               const char *path, struct vl_error *err)
{
    for (size_t i = 0; i < contigs->table.n; i++) {
        struct vl_contig *contig = &contigs->table.v[i];
        int k = vl_contigs_find(header, contig->name);
        if (k < 0)
            continue;
        int64_t length = header->v[k].length;
        if (length > 0 && length != contig->length)
            return vl_error_set(err, VL_ERR_DATA,
                                "%s: contig %s has %" PRId64 " bases, but %" PRId64
                                " in %s",
                                vcf_name, contig->name, length, contig->length, path);
        memcpy(contig->m5, header->v[k].m5, sizeof contig->m5);
    }
    return 0;
}

static int read_tables(struct vcf_contigs *contigs, const bcf_hdr_t *header,
                       const char *vcf_name, struct vl_error *err)
{
    const struct vcf_lists *lists = contigs->lists;
    struct vl_contigs own = VL_CONTIGS_INIT;
    int rc = 0;
    if (!lists->contigs_path) {
        rc = read_header(contigs, header, &contigs->table, vcf_name, err);
        if (rc == 0 && contigs->table.n == 0)
            rc = vl_error_set(
                err, VL_ERR_DATA,
                "%s: its header has no contig lines; give the contigs and their "
                "lengths with --contigs FILE (a .fai works)",
                vcf_name);
        return rc;
    }
    for (size_t i = 0; i < lists->contigs.n && rc == 0; i++)
        rc = vl_contigs_add(&contigs->table, lists->contigs.v[i].name,
                            lists->contigs.v[i].length, NULL);
    if (rc < 0 || vl_contigs_index(&contigs->table) < 0)
        return vl_error_memory(err);
    rc = read_header(contigs, header, &own, vcf_name, err);
    if (rc == 0)
        rc = compare_with_header(contigs, &own, vcf_name, lists->contigs_path, err);
    vl_contigs_clear(&own);
    return rc;
}

int vcf_contigs_init(struct vcf_contigs *contigs, const struct vcf_lists *lists,
                     const bcf_hdr_t *header, const char *vcf_name, struct vl_error *err)
{
    memset(contigs, 0, sizeof *contigs);
    contigs->lists = lists;
    int rc = read_tables(contigs, header, vcf_name, err);
    if (rc == 0) {
        contigs->order = malloc((contigs->table.n + 1) * sizeof *contigs->order);
        contigs->used = calloc(contigs->table.n + 1, sizeof *contigs->used);
        if (!contigs->order || !contigs->used)
            rc = vl_error_memory(err);
    }
    if (rc < 0)
        vcf_contigs_clear(contigs);
    return rc;
}

/* ---- use ---- */

static size_t n_contigs(const struct vcf_contigs *contigs)
{
    return contigs->table.n + contigs->more.n;
}

static struct vl_contig *contig_at(const struct vcf_contigs *contigs, size_t i)
{
    size_t n = contigs->table.n;
    return i < n ? &contigs->table.v[i] : &contigs->more.v[i - n];
}

/* Like vl_contigs_find(), but searches both tables. */
static int find(const struct vcf_contigs *contigs, const char *name)
{
    int i = vl_contigs_find(&contigs->table, name);
    if (i >= 0)
        return i;
    i = vl_contigs_find(&contigs->more, name);
    return i < 0 ? i : (int)contigs->table.n + i;
}

/* Makes room for n more contigs. */
static int reserve(struct vcf_contigs *contigs, size_t n)
{
    size_t before = n_contigs(contigs);
    uint32_t *order = realloc(contigs->order, (before + n + 1) * sizeof *order);
    if (order)
        contigs->order = order;
    bool *used = order ? realloc(contigs->used, (before + n + 1) * sizeof *used) : NULL;
    if (!used)
        return VL_ERR_MEMORY;
    memset(used + before, 0, (n + 1) * sizeof *used);
    contigs->used = used;
    return 0;
}

static const char *find_listed(const struct vcf_contigs *contigs, const char *name)
{
    int i = vl_contigs_find(&contigs->table, name);
    return i < 0 ? NULL : contigs->table.v[i].name;
}

/* Finds the same contig in the list under the other naming custom, with or without `chr`
 * before the name.  *twin is NULL if there is none. */
static int find_twin(const struct vcf_contigs *contigs, const char *name,
                     const char **twin)
{
    static const char *const MITOCHONDRIAL[] = {"chrM", "MT", "M", "chrMT"};
    bool has_chr = strncmp(name, "chr", 3) == 0;
    const char *bare = has_chr ? name + 3 : name;
    *twin = NULL;
    if (strcmp(bare, "M") == 0 || strcmp(bare, "MT") == 0) {
        for (int i = 0; i < 4 && !*twin; i++)
            *twin = find_listed(contigs, MITOCHONDRIAL[i]);
        return 0;
    }
    if (has_chr) {
        *twin = find_listed(contigs, bare);
        return 0;
    }
    char *with_chr = malloc(strlen(bare) + sizeof "chr");
    if (!with_chr)
        return VL_ERR_MEMORY;
    strcpy(with_chr, "chr");
    strcpy(with_chr + 3, bare);
    *twin = find_listed(contigs, with_chr);
    free(with_chr);
    return 0;
}

/* Adds a contig that has no contig line.  The VCF specification asks for these lines but
 * does not require one for every contig.  Returns the number of the new contig. */
static int add_unlisted(struct vcf_contigs *contigs, const char *name,
                        struct vl_error *err)
{
    const char *twin = NULL;
    if (find_twin(contigs, name, &twin) < 0)
        return vl_error_memory(err);
    const char *path = contigs->lists->contigs_path;
    if (twin)
        return vl_error_set(err, VL_ERR_DATA,
                            "contig %s is not listed in %s, but %s is; --rename-contigs "
                            "FILE with a line `%s %s` makes them one",
                            name, path ? path : "the header", twin, name, twin);
    if (path)
        return vl_error_set(err, VL_ERR_DATA, "contig %s is not listed in %s", name,
                            path);
    if (reserve(contigs, 1) < 0 || vl_contigs_add(&contigs->more, name, 0, NULL) < 0 ||
        vl_contigs_index(&contigs->more) < 0)
        return vl_error_memory(err);
    return (int)n_contigs(contigs) - 1;
}

static int enter(struct vcf_contigs *contigs, int i, struct vl_error *err)
{
    const char *name = contig_at(contigs, (size_t)i)->name;
    size_t n = contigs->n_used;
    if (n > 0 && contigs->order[n - 1] == (uint32_t)i)
        return vl_error_set(err, VL_ERR_DATA, "two contigs are called %s after renaming",
                            name);
    if (contigs->used[i])
        return vl_error_set(
            err, VL_ERR_DATA,
            "not sorted: contig %s had its records before another contig's", name);
    contigs->used[i] = true;
    contigs->order[contigs->n_used++] = (uint32_t)i;
    return 0;
}

int vcf_contigs_enter(struct vcf_contigs *contigs, const char *name, struct vl_error *err)
{
    const char *renamed = NULL;
    int rc = final_name(contigs, name, &renamed, err);
    if (rc < 0)
        return rc;
    int i = find(contigs, renamed);
    if (i < 0)
        i = add_unlisted(contigs, renamed, err);
    return i < 0 ? i : enter(contigs, i, err);
}

const struct vl_contig *vcf_contigs_used(const struct vcf_contigs *contigs, size_t n)
{
    return contig_at(contigs, contigs->order[n]);
}

/* ---- several VCFs ---- */

static int agree(struct vl_contig *a, const struct vl_contig *b, struct vl_error *err)
{
    if (a->length > 0 && b->length > 0 && a->length != b->length)
        return vl_error_set(err, VL_ERR_DATA,
                            "contig %s has %" PRId64 " bases, but %" PRId64
                            " in a VCF before",
                            b->name, b->length, a->length);
    if (*a->m5 && *b->m5 && strcmp(a->m5, b->m5) != 0)
        return vl_error_set(err, VL_ERR_DATA,
                            "contig %s has the MD5 %s, but %s in a VCF before", b->name,
                            b->m5, a->m5);
    if (a->length == 0)
        a->length = b->length;
    if (!*a->m5)
        memcpy(a->m5, b->m5, sizeof a->m5);
    return 0;
}

int vcf_contigs_merge(struct vcf_contigs *contigs, const struct vcf_contigs *other,
                      struct vl_error *err)
{
    size_t n = n_contigs(other);
    if (reserve(contigs, n) < 0)
        return vl_error_memory(err);
    for (size_t i = 0; i < n; i++) {
        const struct vl_contig *c = contig_at(other, i);
        int k = find(contigs, c->name);
        if (k < 0 && vl_contigs_add(&contigs->more, c->name, c->length, c->m5) < 0)
            return vl_error_memory(err);
        int rc = k < 0 ? 0 : agree(contig_at(contigs, (size_t)k), c, err);
        if (rc < 0)
            return rc;
    }
    return vl_contigs_index(&contigs->more) < 0 ? vl_error_memory(err) : 0;
}

int vcf_contigs_enter_other(struct vcf_contigs *contigs, const struct vcf_contigs *other,
                            size_t n, struct vl_error *err)
{
    return enter(contigs, find(contigs, vcf_contigs_used(other, n)->name), err);
}

int vcf_contigs_export(const struct vcf_contigs *contigs, struct vl_contigs *out,
                       struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < contigs->n_used && rc == 0; i++) {
        const struct vl_contig *c = vcf_contigs_used(contigs, i);
        rc = vl_contigs_add(out, c->name, c->length, c->m5);
    }
    for (size_t i = 0; i < n_contigs(contigs) && rc == 0; i++) {
        const struct vl_contig *c = contig_at(contigs, i);
        if (!contigs->used[i])
            rc = vl_contigs_add(out, c->name, c->length, c->m5);
    }
    return rc < 0 ? vl_error_memory(err) : 0;
}

void vcf_contigs_clear(struct vcf_contigs *contigs)
{
    vl_contigs_clear(&contigs->table);
    vl_contigs_clear(&contigs->more);
    free(contigs->order);
    free(contigs->used);
    memset(contigs, 0, sizeof *contigs);
}
