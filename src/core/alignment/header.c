#include "alignment/header.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <htslib/kstring.h>

#include "varlock/varlock.h"

int header_contigs(sam_hdr_t *header, const char *path, struct vl_contigs *contigs,
                   struct vl_error *err)
{
    kstring_t m5 = KS_INITIALIZE;
    bool has_lines = sam_hdr_count_lines(header, "SQ") > 0;
    int rc = 0;
    for (int i = 0; rc == 0 && i < sam_hdr_nref(header); i++) {
        const char *name = sam_hdr_tid2name(header, i);
        bool known =
            has_lines && sam_hdr_find_tag_id(header, "SQ", "SN", name, "M5", &m5) == 0;
        if (vl_contigs_add(contigs, name, sam_hdr_tid2len(header, i),
                           known ? m5.s : NULL) < 0)
            rc = vl_error_memory(err);
    }
    ks_free(&m5);
    return rc < 0 ? rc : vl_contigs_check_unique(contigs, path, err);
}

sam_hdr_t *header_parse(const struct vl_buf *text, struct vl_error *err)
{
    sam_hdr_t *parsed =
        sam_hdr_parse(text->len, text->len ? (const char *)text->data : "");
    if (!parsed || sam_hdr_count_lines(parsed, "RG") < 0) {
        sam_hdr_destroy(parsed);
        vl_error_set(
            err, VL_ERR_DATA,
            "its header is not valid SAM: htslib cannot parse it (see samtools view -H)");
        return NULL;
    }
    return parsed;
}

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
