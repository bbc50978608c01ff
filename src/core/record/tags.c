#include "record/tags.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "record/cigar.h"
#include "varlock/wire.h"

enum { TAGS_LISTED_MAX = 100, TAGS_SHOWN_MAX = TAGS_LISTED_MAX + 16 };

const uint8_t tag_fixed_size[256] = {
    ['A'] = 1, ['c'] = 1, ['C'] = 1, ['s'] = 2, ['S'] = 2,
    ['i'] = 4, ['I'] = 4, ['f'] = 4, ['d'] = 8};

size_t tag_variable_size(char type, const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    if (type == 'Z' || type == 'H') {
        const uint8_t *nul = memchr(at, 0, left);
        return nul ? (size_t)(nul - at) + 1 : 0;
    }
    if (type != 'B' || left < 5 || at[0] == 'A' || at[0] == 'd')
        return 0;
    struct vl_cursor c = vl_cursor_over(at + 1, 4);
    uint64_t bytes = (uint64_t)vl_get_u32(&c) * tag_fixed_size[at[0]];
    if (tag_fixed_size[at[0]] == 0 || bytes > left - 5)
        return 0;
    return 5 + (size_t)bytes;
}

void tag_list_read(struct tag_list *list, const bam1_t *b)
{
    struct tag_walk walk = tag_walk_start(b);
    list->n = 0;
    while (list->n < TAG_LIST_MAX && tag_walk_next(&walk, &list->v[list->n]))
        list->n++;
    list->bad = walk.bad || walk.at < walk.end;
}

bool tag_find(const bam1_t *b, const char name[2], struct tag *tag)
{
    struct tag_walk walk = tag_walk_start(b);
    while (tag_walk_next(&walk, tag))
        if (tag_is(tag, name))
            return true;
    return false;
}

const char *tag_find_text(const bam1_t *b, const char name[2])
{
    struct tag tag;
    return tag_find(b, name, &tag) && tag.type == 'Z' ? (const char *)tag.value : NULL;
}

int64_t tag_integer(const struct tag *tag)
{
    uint64_t v = 0;
    for (size_t i = 0; i < tag->size; i++)
        v |= (uint64_t)tag->value[i] << (8 * i);
    unsigned unused = 64 - 8 * (unsigned)tag->size;
    bool is_signed = islower((unsigned char)tag->type);
    return is_signed ? (int64_t)(v << unused) >> unused : (int64_t)v;
}

bool tag_put_integer(struct vl_buf *out, char type, int64_t v)
{
    size_t size = tag_fixed_size[(uint8_t)type];
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
    struct tag back = {.type = type, .value = bytes, .size = size};
    vl_buf_add(out, bytes, size);
    return tag_integer(&back) == v;
}

void tag_put_nm(struct vl_buf *out, int64_t nm)
{
    char type = nm <= UINT8_MAX ? 'C' : nm <= UINT16_MAX ? 'S' : 'I';
    vl_buf_add(out, "NM", 2);
    vl_buf_add_byte(out, (uint8_t)type);
    tag_put_integer(out, type, nm);
}

void tag_put_text(struct vl_buf *out, const char name[2], const char *text, size_t n)
{
    vl_buf_add(out, name, 2);
    vl_buf_add_byte(out, 'Z');
    vl_buf_add(out, text, n);
    vl_buf_add_byte(out, 0);
}

static int compare_names(const uint8_t *a, const uint8_t *b)
{
    return a[0] != b[0] ? a[0] - b[0] : a[1] - b[1];
}

static void put_canonical(const struct tag *tag, struct vl_buf *out)
{
    vl_buf_add(out, tag->name, 2);
    if (tag_is_integer(tag->type)) {
        vl_put_u8(out, 'i');
        vl_put_u64(out, (uint64_t)tag_integer(tag));
        return;
    }
    vl_put_u8(out, (uint8_t)tag->type);
    vl_buf_add(out, tag->value, tag->size);
}

static int compare_tags(const void *a, const void *b)
{
    const struct tag *x = a, *y = b;
    int order = compare_names(x->name, y->name);
    return order ? order : (x->name > y->name) - (x->name < y->name);
}

/* All tags but MD and NM by name, those of one name in their order, as an array of struct
 * tag. False where the tags are malformed; the array then holds those before. */
static bool sort_tags(const uint8_t *aux, size_t n, struct vl_buf *list)
{
    struct tag_walk walk = tag_walk_over(aux, n);
    struct tag tag;
    while (tag_walk_next(&walk, &tag))
        if (!tag_is(&tag, "MD") && !tag_is(&tag, "NM"))
            vl_buf_add(list, &tag, sizeof tag);
    if (list->len > sizeof tag)
        qsort(list->data, list->len / sizeof tag, sizeof tag, compare_tags);
    return !walk.bad;
}

/* Appends the tags where they stand sorted already and none is an integer: as they are.
 * False, and `out` as it was, where not. */
static bool put_sorted(const uint8_t *aux, size_t n, struct vl_buf *out)
{
    static const uint8_t NOTHING[2] = {0, 0};
    size_t before = out->len, n_tags = 0;
    const uint8_t *last = NOTHING;
    struct tag_walk walk = tag_walk_over(aux, n);
    struct tag tag;
    vl_put_u32(out, 0);
    while (tag_walk_next(&walk, &tag)) {
        if (tag_is(&tag, "MD") || tag_is(&tag, "NM"))
            continue;
        if (tag_is_integer(tag.type) || compare_names(tag.name, last) < 0) {
            out->len = before;
            return false;
        }
        vl_buf_add(out, tag.name, 3 + tag.size);
        last = tag.name;
        n_tags++;
    }
    for (int i = 0; !out->failed && i < 4; i++)
        out->data[before + (size_t)i] = (uint8_t)(n_tags >> (8 * i));
    return true;
}

int tags_put_canonical(const uint8_t *aux, size_t n, struct vl_buf *out)
{
    struct vl_buf list = VL_BUF_INIT;
    if (put_sorted(aux, n, out))
        return out->failed ? VL_ERR_MEMORY : 0;
    sort_tags(aux, n, &list);
    size_t n_tags = list.len / sizeof(struct tag);
    const struct tag *tags = (const void *)list.data;
    vl_put_u32(out, (uint32_t)n_tags);
    for (size_t i = 0; i < n_tags; i++)
        put_canonical(&tags[i], out);
    bool failed = list.failed || out->failed;
    vl_buf_clear(&list);
    return failed ? VL_ERR_MEMORY : 0;
}

/* ---- what a masked record shows ---- */

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
    return tag->type == 'Z' && strspn(text, "ABCGTN0123456789+_/-") == tag->size - 1;
}

static bool is_kept_barcode(const bam1_t *b, const struct tag *tag)
{
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++) {
        if (!tag_is(tag, KEPT[i].name))
            continue;
        struct tag barcode;
        if (!KEPT[i].of[0])
            return is_barcode(tag);
        return tag->type == 'Z' && tag_find(b, KEPT[i].of, &barcode) &&
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

/* MC in the form the mate's masked CIGAR has under the permute masking; left out where it
 * is not a CIGAR. */
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

void read_group_put_pseudonym(int number, struct vl_buf *out)
{
    vl_buf_add(out, "rg", 2);
    vl_buf_add_number(out, (uint64_t)number + 1);
    vl_buf_add_byte(out, 0);
}

bool tag_put_read_group(const struct tag *tag, struct vl_contigs *groups,
                        struct vl_buf *out)
{
    int number =
        tag->type == 'Z' ? vl_contigs_find(groups, (const char *)tag->value) : -1;
    if (number < 0)
        return false;
    vl_buf_add(out, "RGZ", 3);
    read_group_put_pseudonym(number, out);
    return true;
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

/* The first tag of each name that may be shown, sorted by name; none where the record's
 * tags are malformed. */
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
        while (at > 0 && compare_names(tag.name, found[at - 1].name) < 0)
            at--;
        if ((at > 0 && compare_names(tag.name, found[at - 1].name) == 0) ||
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
            (i == n || compare_names(found[i].name, (const uint8_t *)"MC") > 0)) {
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

int read_group_of_pseudonym(const uint8_t *value, size_t n_groups)
{
    if (value[0] != 'r' || value[1] != 'g' || !isdigit(value[2]) || value[2] == '0')
        return -1;
    char *end;
    unsigned long number = strtoul((const char *)value + 2, &end, 10);
    return *end == '\0' && number <= n_groups ? (int)number - 1 : -1;
}
