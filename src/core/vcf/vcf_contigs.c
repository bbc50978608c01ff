#include "vcf/vcf_contigs.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/file.h"
#include "varlock/vac.h"

enum { LIST_BYTES_MAX = 1 << 26 };

/* ---- the two lists a user may give ---- */

typedef int (*line_fn)(struct vcf_contigs *contigs, char *line, const char *place,
                       struct vl_error *err);

/* Calls `take` with every line that is not empty; `place` is "path: line N". */
static int each_line(struct vcf_contigs *contigs, const char *path, line_fn take,
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
            rc = take(contigs, at, (char *)place.data, err);
        at = next;
    }
    vl_buf_clear(&text);
    vl_buf_clear(&place);
    return rc;
}

static int take_contig(struct vcf_contigs *contigs, char *line, const char *place,
                       struct vl_error *err)
{
    char *tab = strchr(line, '\t'), *end = tab;
    long long length = 0;
    errno = 0;
    if (tab && isdigit((unsigned char)tab[1]))
        length = strtoll(tab + 1, &end, 10);
    if (!tab || tab == line || end == tab || (*end && *end != '\t') || errno ||
        length == 0 || length > VL_VAC_POS_MAX)
        return vl_error_set(err, VL_ERR_DATA, "%s: not `name<TAB>length`", place);
    *tab = '\0';
    return vl_contigs_add(&contigs->table, line, length, NULL) < 0 ? vl_error_memory(err)
                                                                   : 0;
}

static int take_rename(struct vcf_contigs *contigs, char *line, const char *place,
                       struct vl_error *err)
{
    char *rest = NULL;
    const char *old_name = strtok_r(line, " \t", &rest);
    const char *new_name = strtok_r(NULL, " \t", &rest);
    if (!old_name || !new_name || strtok_r(NULL, " \t", &rest))
        return vl_error_set(err, VL_ERR_DATA, "%s: not `old new`", place);
    if (vl_names_add(&contigs->old_names, old_name) < 0 ||
        vl_names_add(&contigs->new_names, new_name) < 0)
        return vl_error_memory(err);
    return 0;
}

static const char *final_name(const struct vcf_contigs *contigs, const char *name)
{
    int i = vl_names_find(&contigs->old_names, name);
    return i < 0 ? name : contigs->new_names.v[i];
}

/* ---- the VCF's contig lines ---- */

/* The M5 of a contig line in lower case, "" where it has none that is one. */
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
        if (!line->key || !line->val) /* a gap in the numbering of a BCF */
            continue;
        if (line->val->info[0] > VL_VAC_POS_MAX)
            return vl_error_set(err, VL_ERR_DATA, "%s: contig %s: length out of range",
                                vcf_name, line->key);
        header_m5(header, line->key, m5);
        if (vl_contigs_add(out, final_name(contigs, line->key),
                           (int64_t)line->val->info[0], m5) < 0)
            return vl_error_memory(err);
    }
    return vl_contigs_check_unique(
        out, contigs->old_names.n > 0 ? "contigs after renaming" : vcf_name, err);
}

/* What the VCF says of the contigs in the user's table must agree; M5 is taken over. */
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
                       const char *vcf_name, const char *contigs_path,
                       struct vl_error *err)
{
    struct vl_contigs own = VL_CONTIGS_INIT;
    int rc = 0;
    if (!contigs_path) {
        rc = read_header(contigs, header, &contigs->table, vcf_name, err);
        if (rc == 0 && contigs->table.n == 0)
            rc = vl_error_set(
                err, VL_ERR_DATA,
                "%s: its header has no contig lines; give the contigs and their "
                "lengths with --contigs FILE (a .fai works)",
                vcf_name);
        return rc;
    }
    contigs->is_complete = true;
    rc = each_line(contigs, contigs_path, take_contig, err);
    if (rc == 0)
        rc = vl_contigs_check_unique(&contigs->table, contigs_path, err);
    if (rc == 0)
        rc = read_header(contigs, header, &own, vcf_name, err);
    if (rc == 0)
        rc = compare_with_header(contigs, &own, vcf_name, contigs_path, err);
    vl_contigs_clear(&own);
    return rc;
}

static int read_all(struct vcf_contigs *contigs, const bcf_hdr_t *header,
                    const char *vcf_name, const char *contigs_path,
                    const char *rename_path, struct vl_error *err)
{
    int rc = 0;
    if (rename_path) {
        rc = each_line(contigs, rename_path, take_rename, err);
        if (rc == 0)
            rc = vl_names_check_unique(&contigs->old_names, rename_path, "contig", err);
    }
    if (rc == 0)
        rc = read_tables(contigs, header, vcf_name, contigs_path, err);
    if (rc < 0)
        return rc;
    contigs->order = malloc((contigs->table.n + 1) * sizeof *contigs->order);
    contigs->used = calloc(contigs->table.n + 1, sizeof *contigs->used);
    return contigs->order && contigs->used ? 0 : vl_error_memory(err);
}

int vcf_contigs_init(struct vcf_contigs *contigs, const bcf_hdr_t *header,
                     const char *vcf_name, const char *contigs_path,
                     const char *rename_path, struct vl_error *err)
{
    memset(contigs, 0, sizeof *contigs);
    int rc = read_all(contigs, header, vcf_name, contigs_path, rename_path, err);
    if (rc < 0)
        vcf_contigs_clear(contigs);
    return rc;
}

/* ---- use ---- */

/* The VCF specification asks for contig lines but does not demand one for every contig.
 */
static int add_unlisted(struct vcf_contigs *contigs, const char *name)
{
    size_t n = contigs->table.n;
    uint32_t *order = realloc(contigs->order, (n + 1) * sizeof *order);
    if (order)
        contigs->order = order;
    bool *used = order ? realloc(contigs->used, (n + 1) * sizeof *used) : NULL;
    if (!used)
        return VL_ERR_MEMORY;
    contigs->used = used;
    used[n] = false;
    contigs->n_unlisted++;
    if (vl_contigs_add(&contigs->table, name, 0, NULL) < 0 ||
        vl_contigs_index(&contigs->table) < 0)
        return VL_ERR_MEMORY;
    return (int)n;
}

int vcf_contigs_enter(struct vcf_contigs *contigs, const char *name,
                      const struct vl_contig **contig, struct vl_error *err)
{
    const char *renamed = final_name(contigs, name);
    int i = vl_contigs_find(&contigs->table, renamed);
    if (i < 0 && contigs->is_complete)
        return vl_error_set(err, VL_ERR_DATA,
                            "contig %s is not listed in the --contigs file", renamed);
    if (i < 0 && (i = add_unlisted(contigs, renamed)) < 0)
        return vl_error_memory(err);
    if (contigs->used[i])
        return vl_error_set(
            err, VL_ERR_DATA,
            "not sorted: contig %s had its records before another contig's", renamed);
    contigs->used[i] = true;
    contigs->order[contigs->n_used++] = (uint32_t)i;
    *contig = &contigs->table.v[i];
    return 0;
}

int vcf_contigs_export(const struct vcf_contigs *contigs, struct vl_contigs *out,
                       struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; i < contigs->n_used && rc == 0; i++) {
        const struct vl_contig *c = &contigs->table.v[contigs->order[i]];
        rc = vl_contigs_add(out, c->name, c->length, c->m5);
    }
    for (size_t i = 0; i < contigs->table.n && rc == 0; i++) {
        const struct vl_contig *c = &contigs->table.v[i];
        if (!contigs->used[i])
            rc = vl_contigs_add(out, c->name, c->length, c->m5);
    }
    return rc < 0 ? vl_error_memory(err) : 0;
}

void vcf_contigs_clear(struct vcf_contigs *contigs)
{
    vl_contigs_clear(&contigs->table);
    vl_names_clear(&contigs->old_names);
    vl_names_clear(&contigs->new_names);
    free(contigs->order);
    free(contigs->used);
    memset(contigs, 0, sizeof *contigs);
}
