/* Chooses how the synth masking moves reads, from the options and the head of the
 * input. */
#ifndef VARLOCK_CORE_SYNTH_GEOMETRY_H
#define VARLOCK_CORE_SYNTH_GEOMETRY_H

#include <htslib/sam.h>
#include <stdbool.h>

#include "projection/insert_sizes.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/varlock.h"
#include "window/record_array.h"

struct synth_geometry {
    int64_t blur;                /* standard deviation of the shifts */
    struct insert_sizes inserts; /* owned */
    int64_t max_insert;          /* -1: none */
    int64_t max_shift;
    bool is_long;    /* reads are long: one of the head has more than 1,000 bases */
    bool shows_ends; /* spliced reads, for which nothing is moved unless asked for */
};

/* VL_ERR_USAGE, or VL_ERR_DATA if the input does not suit what was asked for. */
VL_MUST_CHECK
int synth_geometry_choose(struct synth_geometry *geometry,
                          const struct vl_encrypt_options *options, sam_hdr_t *parsed,
                          const struct vl_names *read_groups,
                          const struct record_array *head, struct vl_error *err);
void synth_geometry_clear(struct synth_geometry *geometry);

#endif
