/* Walks along the CIGAR of a record: over its aligned bases, or over the bases that a
 * masked record hides. */
#ifndef VARLOCK_CORE_WALK_H
#define VARLOCK_CORE_WALK_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

/* A stretch of aligned bases (M, = or X). */
struct aligned_run {
    int64_t rpos; /* reference position of its first base */
    int32_t qpos; /* index of its first base in SEQ */
    int32_t len;  /* bases */
};

/* Walks the aligned runs of a record. */
struct run_walk {
    const uint32_t *cigar;
    uint32_t n_cigar;
    uint32_t op; /* next operator */
    int64_t rpos;
    int32_t qpos;
};

/* Starts a walk.  A record that is unmapped (0x4), unplaced or without SEQ has no
 * runs. */
struct run_walk run_walk_start(const bam1_t *b);

bool run_walk_next(struct run_walk *walk, struct aligned_run *run);

/* The next aligned run or deleted stretch (D).  A deleted stretch has qpos -1. */
bool run_walk_next_either(struct run_walk *walk, struct aligned_run *run);

/* Walks the bases of SEQ that the masked record hides: clipped and inserted bases, or all
 * bases of an unaligned record.  Each call fills in [*qpos, *qpos + *len) and returns
 * true. */
struct hidden_walk {
    const uint32_t *cigar;
    uint32_t n_cigar;
    uint32_t op;
    int32_t qpos;
    int32_t l_qseq;
    bool all;
};

struct hidden_walk hidden_walk_start(const bam1_t *b);

bool hidden_walk_next(struct hidden_walk *walk, int32_t *qpos, int32_t *len);

#endif
