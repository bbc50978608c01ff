/* Query names as templates go by them: without the /1 or /2 that some programs append. */
#ifndef VARLOCK_CORE_QUERY_NAME_H
#define VARLOCK_CORE_QUERY_NAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Length without one trailing /1 or /2. */
static inline size_t query_name_length(const char *name)
{
    size_t n = strlen(name);
    return n >= 2 && name[n - 2] == '/' && (name[n - 1] == '1' || name[n - 1] == '2')
               ? n - 2
               : n;
}

/* FNV-1a (Fowler, Noll, Vo), for tables of names inside one run. */
static inline uint32_t query_name_hash(const char *name, size_t n)
{
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)name[i]) * UINT32_C(16777619);
    return h;
}

#endif
