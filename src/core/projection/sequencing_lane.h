/* The lane of a sequencer that a query name tells. */
#ifndef VARLOCK_CORE_SEQUENCING_LANE_H
#define VARLOCK_CORE_SEQUENCING_LANE_H

#include <stddef.h>

/* A flow cell and its lane, as a piece of a query name. */
struct sequencing_lane {
    const char *text;   /* "<flow cell>:<lane>"; not terminated */
    size_t n;           /* its characters */
    size_t n_flow_cell; /* those before the colon */
};

/*
 * Finds the lane in a name of Illumina's form: "instrument:run:flow cell:lane:tile:x:y",
 * with or without more fields after it (Casava 1.8 and later), or "flow
 * cell:lane:tile:x:y" (before it).  Lane, tile and the x and y of the longer form are
 * numbers, the lane one of at most two digits.  n is 0 for any other name.
 */
struct sequencing_lane sequencing_lane_of(const char *name);

#endif
