/*
 * Names and their numbers, from 0 in the order in which they were added: the read groups,
 * samples or contigs of a file.
 *
 * The index by name is built by vl_names_index.  Between two calls of it the table is
 * only read, so that any number of threads may look names up.
 */
#ifndef VARLOCK_NAMES_H
#define VARLOCK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"

struct vl_names {
    char **v; /* owned, and so is each name */
    size_t n;
    size_t cap;
    uint32_t *by_name; /* owned; numbers in the order of the names */
    size_t n_indexed;  /* the first so many names are in by_name */
};

#define VL_NAMES_INIT ((struct vl_names){0})

/* Appends a copy of the name, which may be there already.  Not found until the next
 * vl_names_index.  0 or VL_ERR_MEMORY. */
int vl_names_add(struct vl_names *names, const char *name);

/* Takes the names added since the last call into the index: time grows with their number
 * and log n, but for moving 4 n bytes.  0 or VL_ERR_MEMORY. */
int vl_names_index(struct vl_names *names);

/* Number of an indexed name; of one that stands several times, any of its numbers, the
 * same one in every table of the same names.  -1 where there is none. */
int vl_names_find(const struct vl_names *names, const char *name);

/* Whether the text begins with one of the indexed names, in a time that grows with log n
 * and the length of the text. */
bool vl_names_begin(const struct vl_names *names, const char *text);

/* Number of the name, which is added and indexed where it is new; VL_ERR_MEMORY.  The
 * names added before must be indexed. */
int vl_names_number(struct vl_names *names, const char *name);

/* Indexes; VL_ERR_DATA naming the first name, in the order of names, that stands twice.
 * The message is "<where>: <what> <name> is listed twice". */
int vl_names_check_unique(struct vl_names *names, const char *where, const char *what,
                          struct vl_error *err);

/* Frees everything; the table is empty and usable again. */
void vl_names_clear(struct vl_names *names);

#endif
