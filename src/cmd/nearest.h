/* What was meant by a word that was mistyped. */
#ifndef VARLOCK_CMD_NEAREST_H
#define VARLOCK_CMD_NEAREST_H

#include <stddef.h>

/* The name that the word is likely to stand for: the only one that it begins, or the one
 * that fewest changes (a letter more, less or another, or two neighbours exchanged) lead
 * to, if these are few beside its length.  NULL where there is none. */
const char *cli_nearest(const char *word, const char *const *names, size_t n);

#endif
