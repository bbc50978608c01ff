/* The regions that a server is asked for, before anybody knows its file's contigs. */
#ifndef VARLOCK_CORE_ASKED_H
#define VARLOCK_CORE_ASKED_H

#include "varlock/contig.h"
#include "varlock/receive.h"
#include "varlock/region.h"

struct asked {
    struct vl_contigs contigs; /* those that the request names, of unknown length */
    struct vl_ranges ranges;   /* of these contigs, normalised */
    struct vl_asked *v;        /* owned: the same; those of one contig in order */
    size_t n;                  /* 0: everything */
};

/* Reads what the request names.  `chr1:1-2` is the contig chr1, and {chr1:1-2} a contig
 * of that name. */
VL_MUST_CHECK
int asked_read(struct asked *asked, const struct vl_request *request,
               struct vl_error *err);

/* Range i of what was asked for, as a set of ranges of a file's contigs.  VL_ERR_USAGE:
 * the file, `source` in the message, has no such contig. */
VL_MUST_CHECK
int asked_range(const struct asked *asked, size_t i, const struct vl_contigs *contigs,
                const char *source, struct vl_ranges *ranges, struct vl_error *err);

/* Adds a stretch of a contig; asked_finish ends the list.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int asked_add(struct asked *asked, const struct vl_contigs *contigs, int32_t contig,
              int64_t beg, int64_t end);
VL_MUST_CHECK
int asked_finish(struct asked *asked);

void asked_clear(struct asked *asked);

#endif
