#include "tags.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cigar.h"
#include "varlock/wire.h"

struct tag_walk tag_walk_over(const uint8_t *aux, size_t n)
{
    return (struct tag_walk){.at = aux, .end = aux + n, .bad = false};
}

struct tag_walk tag_walk_start(const bam1_t *b)
{
    return tag_walk_over(bam_get_aux(b), (size_t)bam_get_l_aux(b));
}

static size_t fixed_size(char type)
{
    switch (type) {
    case 'A':
    case 'c':
    case 'C':
        return 1;
    case 's':
    case 'S':
        return 2;
    case 'i':
    case 'I':
    case 'f':
        return 4;
    case 'd':
        return 8;
    default:
        return 0;
    }
}

size_t tag_value_size(char type, const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at), size = fixed_size(type);
    if (size > 0)
        return size <= left ? size : 0;
    if (type == 'Z' || type == 'H') {
        const uint8_t *nul = memchr(at, 0, left);
        return nul ? (size_t)(nul - at) + 1 : 0;
    }
    if (type != 'B' || left < 5 || at[0] == 'A' || at[0] == 'd')
        return 0;
    struct vl_cursor c = vl_cursor_over(at + 1, 4);
    uint64_t bytes = (uint64_t)vl_get_u32(&c) * fixed_size((char)at[0]);
    if (fixed_size((char)at[0]) == 0 || bytes > left - 5)
        return 0;
    return 5 + (size_t)bytes;
}

bool tag_walk_next(struct tag_walk *walk, struct tag *tag)
{
    if (walk->at == walk->end || walk->bad)
        return false;
    size_t size = 0;
    if (walk->end - walk->at >= 4 && isgraph(walk->at[0]) && isgraph(walk->at[1]))
        size = tag_value_size((char)walk->at[2], walk->at + 3, walk->end);
    if (size == 0) {
        walk->bad = true;
        return false;
    }
    *tag = (struct tag){walk->at, (char)walk->at[2], walk->at + 3, size};
    walk->at += 3 + size;
    return true;
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

bool tag_is_integer(char type)
{
    return type && strchr("cCsSiI", type);
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
    size_t size = fixed_size(type);
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

int tags_put_canonical(const uint8_t *aux, size_t n, struct vl_buf *out)
{
    struct vl_buf list = VL_BUF_INIT;
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
    if (tag->type != 'Z')
        return false;
    for (size_t i = 0; i + 1 < tag->size; i++)
        if (!strchr("ABCGTN0123456789+_/-", tag->value[i]))
            return false;
    return true;
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

int tag_policy_check_keep(const char *keep, struct vl_error *err)
{
    for (const char *p = keep; p && *p; p += 2 + (p[2] == ',')) {
        bool good = isalpha((unsigned char)p[0]) && isalnum((unsigned char)p[1]) &&
                    (p[2] == '\0' || (p[2] == ',' && p[3]));
        if (!good)
            return vl_error_set(err, VL_ERR_USAGE,
                                "\"%s\" is not a list of tags such as CB,UB", keep);
        if (strncmp(p, "MD", 2) == 0 || strncmp(p, "NM", 2) == 0 ||
            strncmp(p, "MC", 2) == 0 || strncmp(p, "RG", 2) == 0)
            return vl_error_set(err, VL_ERR_USAGE,
                                "%.2s is computed anew and cannot be kept as it is", p);
    }
    return 0;
}

/* MC in the form the mate's masked CIGAR has; left out where it is not a CIGAR. */
static void put_mate_cigar(const struct tag *tag, struct vl_buf *out)
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

bool tag_put_read_group(const struct tag *tag, struct vl_contigs *groups,
                        struct vl_buf *out)
{
    int number =
        tag->type == 'Z' ? vl_contigs_find(groups, (const char *)tag->value) : -1;
    if (number < 0)
        return false;
    vl_buf_add(out, "RGZ", 3);
    vl_buf_addf(out, "rg%d", number + 1);
    vl_buf_add_byte(out, 0);
    return true;
}

static void put_masked(const bam1_t *b, const struct tag *tag,
                       const struct tag_policy *policy, struct vl_buf *out)
{
    if (tag_is(tag, "MC"))
        put_mate_cigar(tag, out);
    else if (tag_is(tag, "RG"))
        tag_put_read_group(tag, policy->read_groups, out);
    else if (is_kept_barcode(b, tag) || is_listed(policy->keep, tag))
        vl_buf_add(out, tag->name, 3 + tag->size);
}

void tags_mask(const bam1_t *original, const struct tag_policy *policy,
               struct vl_buf *out)
{
    struct vl_buf list = VL_BUF_INIT;
    bool good = sort_tags(bam_get_aux(original), (size_t)bam_get_l_aux(original), &list);
    const struct tag *tags = (const void *)list.data;
    for (size_t i = 0; good && i < list.len / sizeof *tags; i++)
        if (i == 0 || compare_names(tags[i - 1].name, tags[i].name) != 0)
            put_masked(original, &tags[i], policy, out);
    out->failed |= list.failed;
    vl_buf_clear(&list);
}

int read_group_of_pseudonym(const uint8_t *value, size_t n_groups)
{
    if (value[0] != 'r' || value[1] != 'g' || !isdigit(value[2]) || value[2] == '0')
        return -1;
    char *end;
    unsigned long number = strtoul((const char *)value + 2, &end, 10);
    return *end == '\0' && number <= n_groups ? (int)number - 1 : -1;
}
