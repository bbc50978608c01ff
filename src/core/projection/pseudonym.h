/* The names that read groups have in masked files: rg1, rg2, ... in header order. */
#ifndef VARLOCK_CORE_PSEUDONYM_H
#define VARLOCK_CORE_PSEUDONYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/tags.h"
#include "varlock/buf.h"
#include "varlock/contig.h"

/* Appends an RG tag in its masked form, "rg<N>" by the number of its group.  If the tag
 * names no known group, returns false and appends nothing. */
bool tag_put_read_group(const struct tag *tag, const struct vl_names *groups,
                        struct vl_buf *out);

/* Appends the pseudonym of the read group of that number (0-based) with its NUL. */
void read_group_put_pseudonym(int number, struct vl_buf *out);

/* Number (0-based) of the read group in a masked "rg<N>".  -1 if it is not one of
 * n_groups. */
int read_group_of_pseudonym(const uint8_t *value, size_t n_groups);

/* Number (0-based) of the read group that the original record names in its first RG.  -1
 * if it names none of `groups`. */
int read_group_of(const bam1_t *b, const struct vl_names *groups);

#endif
