#include "mask/query_names.h"

#include <ctype.h>
#include <string.h>

#include <htslib/kstring.h>

#include "varlock/fail.h"
#include "varlock/names.h"

enum { TELLING_CHARS = 4 /* shorter header values may occur in a query name */ };

/* Accessions of the sequence read archives: SRR, ERR or DRR, and digits. */
static bool is_accession(const char *name)
{
    return strchr("SED", name[0]) && name[0] && name[1] == 'R' && name[2] == 'R' &&
           isdigit((unsigned char)name[3]);
}

int query_names_private(sam_hdr_t *parsed, struct vl_names *values)
{
    static const char *const FIELDS[] = {"ID", "SM", "LB", "PU", "DS", "CN"};
    kstring_t value = KS_INITIALIZE;
    int n = sam_hdr_count_lines(parsed, "RG"), rc = 0;
    for (int i = 0; rc == 0 && i < n; i++)
        for (size_t k = 0; rc == 0 && k < sizeof FIELDS / sizeof *FIELDS; k++)
            if (sam_hdr_find_tag_pos(parsed, "RG", i, FIELDS[k], &value) == 0 &&
                value.l >= TELLING_CHARS)
                rc = vl_names_add(values, value.s);
    ks_free(&value);
    return rc < 0 ? rc : vl_names_index(values);
}

static bool holds_one(const char *name, const struct vl_names *values)
{
    for (; *name; name++)
        if (vl_names_begin(values, name))
            return true;
    return false;
}

bool query_name_tells(const char *name, const struct vl_names *values)
{
    return is_accession(name) || holds_one(name, values);
}

int query_names_check(sam_hdr_t *parsed, const struct record_array *head,
                      const char *path, struct vl_error *err)
{
    struct vl_names values = VL_NAMES_INIT;
    int rc = query_names_private(parsed, &values) < 0 ? vl_error_memory(err) : 0;
    for (size_t i = 0; rc == 0 && i < head->n; i++) {
        const char *name = bam_get_qname(head->v[i]);
        bool telling = holds_one(name, &values);
        if (telling || is_accession(name))
            rc = vl_error_set(
                err, VL_ERR_DATA,
                "%s: query names such as %s %s: choose --names keep or token", path, name,
                telling ? "hold a private value of the header's @RG lines"
                        : "are archive accessions");
    }
    vl_names_clear(&values);
    return rc;
}
