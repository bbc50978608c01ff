/*
 * What the reads of a file show at the sites of a VAC, by htslib's pileup: the fragments
 * over each site, and the genotype.  Primary reads that are no duplicates and passed
 * their quality checks count, where MAPQ is 20 or more.  Two mates over a place count
 * once, and not at all where they disagree.
 */
#ifndef VARLOCK_AUDIT_SITE_CALLS_H
#define VARLOCK_AUDIT_SITE_CALLS_H

#include <htslib/sam.h>

#include "container/vac_file.h"
#include "fragments.h"
#include "genotype.h"
#include "strangers.h"
#include "varlock/contig.h"
#include "varlock/error.h"

enum { SITE_DEPTH_MIN = 8, SITE_GQ_MIN = 20, SITE_MAPQ_MIN = 20 };

/* Gives the records in the order of their coordinates: 1 and a record, 0 at the end, or
 * negative. */
typedef int (*next_record_fn)(void *arg, bam1_t *b, struct vl_error *err);

struct site_call {
    int32_t contig; /* of the file */
    struct vl_site site;
    struct genotype genotype;
    struct pile pile;
    bool is_sure; /* the depth is SITE_DEPTH_MIN and GQ is SITE_GQ_MIN, or more */
    const struct fragments *fragments; /* until the next call */
};

struct site_calls;

/* `path` of the file is for messages.  vac_contig: for each contig its number in the VAC,
 * or -1.  `strangers` (NULL: not wanted) gets what lies off the sites.  All
 * arguments must outlive the calls. */
VL_MUST_CHECK
int site_calls_open(struct site_calls **calls, const char *path,
                    const struct vl_contigs *contigs, const char *vac,
                    const int32_t *vac_contig, next_record_fn next, void *arg,
                    struct strangers *strangers, struct vl_error *err);

/* 1 and the next site that a fragment covers; 0 at the end, when all records were
 * read. */
VL_MUST_CHECK
int site_calls_next(struct site_calls *calls, struct site_call *call,
                    struct vl_error *err);

void site_calls_free(struct site_calls *calls);

#endif
