#include "projection/masked_tags.h"

#include <ctype.h>
#include <string.h>

#include "projection/pseudonym.h"
#include "record/cigar.h"
#include "record/tags.h"

enum {
    TAGS_LISTED_MAX = 100,
    TAGS_SHOWN_MAX = TAGS_LISTED_MAX + 16,
    BARCODE_MAX = 64 /* characters; longer ones could hold a sequence */
};

/* Barcodes and molecular identifiers; `of` names the barcode whose qualities the tag
 * holds. */
static const struct kept {
    char name[3];
    char of[3];
} KEPT[] = {{"BX", ""},   {"CB", ""}, {"CR", ""}, {"CY", "CR"}, {"MI", ""},
            {"QX", "RX"}, {"RX", ""}, {"UB", ""}, {"UR", ""},   {"UY", "UR"}};

static bool is_barcode(const struct tag *tag)
{
    const char *text = (const char *)tag->value;
    return tag->type == 'Z' && tag->size - 1 <= BARCODE_MAX &&
           strspn(text, "ABCGTN0123456789+_/-") == tag->size - 1;
}

static bool is_quality_text(const struct tag *tag)
{
    bool good = tag->type == 'Z';
    for (size_t i = 0; good && i + 1 < tag->size; i++)
        good = tag->value[i] >= '!' && tag->value[i] <= '~';
    return good;
}

static bool is_kept_barcode(const bam1_t *b, const struct tag *tag)
{
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++) {
        if (!tag_is(tag, KEPT[i].name))
            continue;
        struct tag barcode;
        if (!KEPT[i].of[0])
            return is_barcode(tag);
        return is_quality_text(tag) && tag_find(b, KEPT[i].of, &barcode) &&
               is_barcode(&barcode) && barcode.size == tag->size;
    }
    return false;
}

static bool is_listed(const char *keep, const struct tag *tag)
{
    for (const char *p = keep; p && *p; p += 2 + (p[2] == ','))
        if (tag_is(tag, p))
            return true;
    return false;
}

int tag_list_check(const char *list, struct vl_error *err)
{
    size_t n = 0;
    for (const char *p = list; p && *p; p += 2 + (p[2] == ','), n++) {
        bool good = isalpha((unsigned char)p[0]) && isalnum((unsigned char)p[1]) &&
                    (p[2] == '\0' || (p[2] == ',' && p[3]));
        if (!good)
            return vl_error_set(err, VL_ERR_USAGE,
                                "\"%s\" is not a list of tags such as CB,UB", list);
    }
    return n <= TAGS_LISTED_MAX
               ? 0
               : vl_error_set(err, VL_ERR_USAGE, "more than %d tags are listed",
                              TAGS_LISTED_MAX);
}

int tag_policy_check_keep(const char *keep, struct vl_error *err)
{
    int rc = tag_list_check(keep, err);
    if (rc < 0)
        return rc;
    for (const char *p = keep; p && *p; p += 2 + (p[2] == ',')) {
        if (strncmp(p, "MD", 2) == 0 || strncmp(p, "NM", 2) == 0 ||
            strncmp(p, "MC", 2) == 0 || strncmp(p, "RG", 2) == 0)
            return vl_error_set(err, VL_ERR_USAGE,
                                "%.2s is computed anew and cannot be kept as it is", p);
    }
    return 0;
}

/* Puts MC into the form of the mate's masked CIGAR under the permute masking.  MC is left
 * out if it is not a CIGAR. */
static void put_folded_mc(const struct tag *tag, struct vl_buf *out)
{
    const char *text = (const char *)tag->value, *end = text;
    struct vl_buf ops = VL_BUF_INIT;
    bool none = tag->type == 'Z' && strcmp(text, "*") == 0;
    if (none || (tag->type == 'Z' && cigar_parse(text, &ops, &end) && *end == '\0')) {
        uint32_t *cigar = (void *)ops.data;
        vl_buf_add(out, "MCZ", 3);
        cigar_format(cigar, cigar_fold(cigar, (uint32_t)(ops.len / 4), cigar), out);
        vl_buf_add(out, none ? "*" : "", none ? 2 : 1);
    }
    out->failed |= ops.failed;
    vl_buf_clear(&ops);
}

static void put_masked(const bam1_t *b, const struct tag *tag,
                       const struct tag_policy *policy, struct vl_buf *out)
{
    if (tag_is(tag, "MC"))
        put_folded_mc(tag, out);
    else if (tag_is(tag, "RG"))
        tag_put_read_group(tag, policy->read_groups, out);
    else if (is_kept_barcode(b, tag) || is_listed(policy->keep, tag))
        vl_buf_add(out, tag->name, 3 + tag->size);
}

static bool is_candidate(const struct tag_policy *policy, const struct tag *tag)
{
    switch (tag->name[0]) {
    case 'R':
    case 'B':
    case 'C':
    case 'M':
    case 'Q':
    case 'U':
        if (tag_is(tag, "RG") || (tag_is(tag, "MC") && !policy->computes_mc))
            return true;
        for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
            if (tag_is(tag, KEPT[i].name))
                return true;
    }
    return is_listed(policy->keep, tag);
}

/* Finds the first tag of each name that may be shown, sorted by name.  Finds none if the
 * record's tags are malformed. */
static size_t find_candidates(const bam1_t *b, const struct tag_policy *policy,
                              struct tag found[TAGS_SHOWN_MAX])
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    size_t n = 0;
    while (tag_walk_next(&walk, &tag)) {
        if (!is_candidate(policy, &tag))
            continue;
        size_t at = n;
        while (at > 0 && tag_compare_names(tag.name, found[at - 1].name) < 0)
            at--;
        if ((at > 0 && tag_compare_names(tag.name, found[at - 1].name) == 0) ||
            n == TAGS_SHOWN_MAX)
            continue;
        memmove(&found[at + 1], &found[at], (n - at) * sizeof *found);
        found[at] = tag;
        n++;
    }
    return walk.bad ? 0 : n;
}

void tags_mask(const bam1_t *original, const struct tag_policy *policy,
               const uint32_t *mate, uint32_t n_mate, struct vl_buf *out)
{
    struct tag found[TAGS_SHOWN_MAX];
    size_t n = find_candidates(original, policy, found);
    bool mc_due = n_mate > 0;
    for (size_t i = 0; i <= n; i++) {
        if (mc_due &&
            (i == n || tag_compare_names(found[i].name, (const uint8_t *)"MC") > 0)) {
            vl_buf_add(out, "MCZ", 3);
            cigar_format(mate, n_mate, out);
            vl_buf_add_byte(out, 0);
            mc_due = false;
        }
        if (i < n)
            put_masked(original, &found[i], policy, out);
    }
}

void tags_drop(bam1_t *b, const char *drop)
{
    struct tag_walk walk = tag_walk_start(b);
    struct tag tag;
    uint8_t *to = bam_get_aux(b);
    while (tag_walk_next(&walk, &tag)) {
        size_t size = 3 + tag.size;
        if (is_listed(drop, &tag))
            continue;
        memmove(to, tag.name, size);
        to += size;
    }
    memmove(to, walk.at, (size_t)(walk.end - walk.at));
    b->l_data = (int)(to + (walk.end - walk.at) - b->data);
}
