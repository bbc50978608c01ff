/* Walks along the CIGAR of a record: over its aligned bases, over those a masked record
 * hides. */
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

/* Starts a walk; a record that is unmapped (0x4), unplaced or without SEQ has no runs. */
struct run_walk run_walk_start(const bam1_t *b);

bool run_walk_next(struct run_walk *walk, struct aligned_run *run);

/* The same with the deleted stretches (D) among them, whose qpos is -1. */
bool run_walk_next_either(struct run_walk *walk, struct aligned_run *run);

/* Calls for every base of SEQ that the masked record hides (clipped, inserted, or all of
 * an unaligned record): fills [*qpos, *qpos + *len) and returns true; *op starts at 0. */
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
