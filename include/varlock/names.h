/*
 * Names and their numbers, which count from 0 in the order of adding: the read groups,
 * samples or contigs of a file.
 *
 * vl_names_index builds the index by name.  Between two calls of it the table is only
 * read, so any number of threads may look names up.
 */
#ifndef VARLOCK_NAMES_H
#define VARLOCK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"

struct vl_names {
    char **v; /* owned, as is each name */
    size_t n;
    size_t cap;
    uint32_t *by_name; /* owned; numbers in the order of the names */
    size_t n_indexed;  /* this many names, the first ones, are in by_name */
};

#define VL_NAMES_INIT ((struct vl_names){0})

/* Appends a copy of the name, which may be in the table already. vl_names_find does not
 * find it until the next vl_names_index.  Returns 0 or VL_ERR_MEMORY. */
int vl_names_add(struct vl_names *names, const char *name);

/* Puts the names that were added since the last call into the index.  The time grows with
 * their number and with log n; in addition up to 4 n bytes are moved.  Returns 0 or
 * VL_ERR_MEMORY. */
int vl_names_index(struct vl_names *names);

/* Returns the number of an indexed name, -1 where there is none.  Where a name occurs
 * several times, the result is any one of its numbers, but the same one in every table of
 * the same names. */
int vl_names_find(const struct vl_names *names, const char *name);

/* Whether the text begins with one of the indexed names.  The time grows with log n and
 * with the length of the text. */
bool vl_names_begin(const struct vl_names *names, const char *text);

/* Returns the number of the name; adds and indexes the name where it is new.  Returns
 * VL_ERR_MEMORY on failure.  All names added before must be indexed. */
int vl_names_number(struct vl_names *names, const char *name);

/* Builds the index.  Returns VL_ERR_DATA where a name occurs twice, and names the first
 * such name in the order of names.  The message is "<where>: <what> <name> is listed
 * twice". */
int vl_names_check_unique(struct vl_names *names, const char *where, const char *what,
                          struct vl_error *err);

/* Frees everything; the table is empty and usable again. */
void vl_names_clear(struct vl_names *names);

#endif
