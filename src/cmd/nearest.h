/* Finds the name that a mistyped word was meant to be. */
#ifndef VARLOCK_CMD_NEAREST_H
#define VARLOCK_CMD_NEAREST_H

#include <stddef.h>

/* Returns the name that the word likely stands for.  Where exactly one name begins with
 * the word, it is that name.  Else it is the name that the fewest changes lead to, if
 * they are few for the length of the word; a change adds, removes or replaces a letter,
 * or exchanges two neighbours.  NULL where there is none. */
const char *cli_nearest(const char *word, const char *const *names, size_t n);

#endif
