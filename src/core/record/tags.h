/* Optional fields of an alignment record (SAM specification §1.5, BAM §4.2.4). */
#ifndef VARLOCK_CORE_TAGS_H
#define VARLOCK_CORE_TAGS_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/little_endian.h"

struct tag {
    const uint8_t *name;  /* two characters, then the type, then the value */
    char type;            /* A c C s S i I f d Z H B */
    const uint8_t *value; /* as BAM stores it; Z and H include their NUL */
    size_t size;          /* bytes of the value */
};

struct tag_walk {
    const uint8_t *at, *end;
    bool bad; /* the bytes are not well-formed tags */
};

static inline struct tag_walk tag_walk_over(const uint8_t *aux, size_t n)
{
    return (struct tag_walk){.at = aux, .end = aux + n, .bad = false};
}

static inline struct tag_walk tag_walk_start(const bam1_t *b)
{
    return tag_walk_over(bam_get_aux(b), (size_t)bam_get_l_aux(b));
}

/* Size in bytes of a value of a fixed-size type; 0 for other types. */
extern const uint8_t tag_fixed_size[256];

/* Size in bytes of a value of `type` that starts at `at`.  0 if it is malformed or passes
 * `end`.  tag_value_size does what tag_variable_size does, and is faster for short texts
 * and values of a fixed size. */
size_t tag_variable_size(char type, const uint8_t *at, const uint8_t *end);
static inline size_t tag_value_size(char type, const uint8_t *at, const uint8_t *end)
{
    size_t size = tag_fixed_size[(uint8_t)type];
    if (size > 0)
        return size <= (size_t)(end - at) ? size : 0;
    /* Most texts end within eight bytes: the lowest byte that is 0 is the first one. */
    if (type == 'Z' && end - at >= 8) {
        uint64_t word = vl_load_le(at, 8);
        uint64_t zero =
            (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
        if (zero)
            return (size_t)__builtin_ctzll(zero) / 8 + 1;
    } else if (type == 'Z') {
        while (at + size < end && at[size])
            size++;
        return at + size < end ? size + 1 : 0;
    }
    return tag_variable_size(type, at, end);
}

/* The next tag.  False at the end, or if the rest is malformed (`bad` is then set). */
static inline bool tag_walk_next(struct tag_walk *walk, struct tag *tag)
{
    const uint8_t *at = walk->at;
    size_t size = 0;
    if (at == walk->end || walk->bad)
        return false;
    /* Names are printable and not blank. */
    if (walk->end - at >= 4 && (uint8_t)(at[0] - '!') <= '~' - '!' &&
        (uint8_t)(at[1] - '!') <= '~' - '!')
        size = tag_value_size((char)at[2], at + 3, walk->end);
    walk->bad = size == 0;
    if (walk->bad)
        return false;
    *tag = (struct tag){at, (char)at[2], at + 3, size};
    walk->at += 3 + size;
    return true;
}

/* The first tag with that name.  False if there is none before the first malformed
 * byte. */
bool tag_find(const bam1_t *b, const char name[static 2], struct tag *tag);

/* The text of the first tag with that name if its type is Z, else NULL. */
const char *tag_find_text(const bam1_t *b, const char name[static 2]);

static inline bool tag_is(const struct tag *tag, const char name[static 2])
{
    return memcmp(tag->name, name, 2) == 0; /* one comparison of 16 bits */
}

/* Compares two tag names. */
static inline int tag_compare_names(const uint8_t a[static 2], const uint8_t b[static 2])
{
    return a[0] != b[0] ? a[0] - b[0] : a[1] - b[1];
}

/* The tags of a record, read once. */
enum { TAG_LIST_MAX = 256 };
struct tag_list {
    size_t n;
    bool bad; /* the rest is malformed, or there are more tags than the list holds */
    struct tag v[TAG_LIST_MAX];
};
void tag_list_read(struct tag_list *list, const bam1_t *b);

/* tag_list_find: the first tag with that name, NULL if there is none.
 * tag_list_find_text: its text, NULL if there is none or its type is not Z. */
static inline const struct tag *tag_list_find(const struct tag_list *list,
                                              const char name[static 2])
{
    for (size_t i = 0; i < list->n; i++)
        if (tag_is(&list->v[i], name))
            return &list->v[i];
    return NULL;
}
static inline const char *tag_list_text(const struct tag_list *list,
                                        const char name[static 2])
{
    const struct tag *tag = tag_list_find(list, name);
    return tag && tag->type == 'Z' ? (const char *)tag->value : NULL;
}

/* True for the types c C s S i I.  tag_integer returns the value, widened. */
static inline bool tag_is_integer(char type)
{
    char low = (char)(type | 0x20);
    return low == 'c' || low == 's' || low == 'i';
}
int64_t tag_integer(const struct tag *tag);

/* Appends v as `type`.  False if it does not fit. */
bool tag_put_integer(struct vl_buf *out, char type, int64_t v);

/* Appends an integer tag in the smallest signed or unsigned type, as htslib does. */
void tag_put_nm(struct vl_buf *out, int64_t nm);
void tag_put_text(struct vl_buf *out, const char name[static 2], const char *text,
                  size_t n);

#endif
