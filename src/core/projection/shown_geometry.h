/* How masking moved the reads of a file, as its BDIFF's header tells (bdiff.md §4.4).
 * Never changes once it is open, so threads may share it. */
#ifndef VARLOCK_CORE_SHOWN_GEOMETRY_H
#define VARLOCK_CORE_SHOWN_GEOMETRY_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>

#include "varlock/bdiff.h"
#include "varlock/contig.h"
#include "varlock/draw.h"
#include "varlock/error.h"

struct shown_geometry {
    bool is_told; /* the header tells it, and it moves reads */
    const struct vl_contigs *contigs;
    int64_t blur_sd;
    bool draws_inserts;
    bool deals_quality; /* whose string a record shows follows from the key */
    const struct vl_bdiff_library *libraries; /* n of them, at least one */
    size_t n_libraries;
    uint8_t key[VL_MASK_KEY_BYTES];
};

/* Takes the geometry, key included, and the contigs; both must outlive *geometry. */
void shown_geometry_set(struct shown_geometry *geometry,
                        const struct vl_bdiff_geometry *from,
                        const struct vl_contigs *contigs);

/* Takes the geometry from the header, which must outlive *geometry.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int shown_geometry_open(struct shown_geometry *geometry,
                        const struct vl_bdiff_header *header, struct vl_error *err);

/* The geometry that windows are coded with.  NULL if it is not told. */
static inline const struct shown_geometry *
shown_geometry_used(const struct shown_geometry *geometry)
{
    return geometry->is_told ? geometry : NULL;
}

/* Median of the insert sizes of the masked record's library. */
int64_t shown_geometry_median(const struct shown_geometry *geometry,
                              const bam1_t *masked);

/* Wipes the key.  Zeroed memory is fine. */
void shown_geometry_close(struct shown_geometry *geometry);

#endif
