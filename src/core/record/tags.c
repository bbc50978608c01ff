#include "record/tags.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/little_endian.h"
#include "varlock/wire.h"

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

bool tag_find(const bam1_t *b, const char name[static 2], struct tag *tag)
{
    struct tag_walk walk = tag_walk_start(b);
    while (tag_walk_next(&walk, tag))
        if (tag_is(tag, name))
            return true;
    return false;
}

const char *tag_find_text(const bam1_t *b, const char name[static 2])
{
    struct tag tag;
    return tag_find(b, name, &tag) && tag.type == 'Z' ? (const char *)tag.value : NULL;
}

int64_t tag_integer(const struct tag *tag)
{
    uint64_t v = vl_load_le(tag->value, tag->size);
    unsigned unused = 64 - 8 * (unsigned)tag->size;
    bool is_signed = islower((unsigned char)tag->type);
    return is_signed ? (int64_t)(v << unused) >> unused : (int64_t)v;
}

bool tag_put_integer(struct vl_buf *out, char type, int64_t v)
{
    size_t size = tag_fixed_size[(uint8_t)type];
    uint8_t bytes[8];
    vl_store_le(bytes, (uint64_t)v, size);
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

void tag_put_text(struct vl_buf *out, const char name[static 2], const char *text,
                  size_t n)
{
    vl_buf_add(out, name, 2);
    vl_buf_add_byte(out, 'Z');
    vl_buf_add(out, text, n);
    vl_buf_add_byte(out, 0);
}
