/* Query names as they are compared within a template: without the /1 or /2 that some
 * programs append. */
#ifndef VARLOCK_CORE_QUERY_NAME_H
#define VARLOCK_CORE_QUERY_NAME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "varlock/checksum.h"

/* Length without one trailing /1 or /2. */
static inline size_t query_name_length(const char *name)
{
    size_t n = strlen(name);
    return n >= 2 && name[n - 2] == '/' && (name[n - 1] == '1' || name[n - 1] == '2')
               ? n - 2
               : n;
}

/* Hash for tables of names that live within one run. */
static inline uint32_t query_name_hash(const char *name, size_t n)
{
    return (uint32_t)vl_checksum(name, n);
}

#endif
