/* A template is told apart by its read group and its name. */
#ifndef VARLOCK_AUDIT_TEMPLATE_NAME_H
#define VARLOCK_AUDIT_TEMPLATE_NAME_H

#include <htslib/sam.h>
#include <stdint.h>
#include <string.h>

#include "record/query_name.h"
#include "record/tags.h"
#include "varlock/checksum.h"

/* A hash of both. */
static inline uint64_t template_hash(const bam1_t *b)
{
    const char *name = bam_get_qname(b), *group = tag_find_text(b, "RG");
    uint64_t hash = vl_checksum(name, query_name_length(name));
    return group ? hash ^ vl_checksum(group, strlen(group)) * 2 : hash;
}

#endif
