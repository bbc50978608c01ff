/*
 * The masked form of a record under the synth masking: a slice of a synthetic haplotype
 * under the record's public geometry.  Neither the record's bases nor anything else that
 * is not public is looked at.
 */
#ifndef VARLOCK_CORE_SYNTH_RECORD_H
#define VARLOCK_CORE_SYNTH_RECORD_H

#include <htslib/sam.h>

#include "mask/persona.h"
#include "mask/synth_order.h"
#include "projection/geometry.h"
#include "projection/masked_md.h"
#include "projection/masked_tags.h"
#include "projection/quality.h"
#include "varlock/error.h"
#include "window/sites.h"

enum synth_names { SYNTH_NAMES_KEEP, SYNTH_NAMES_TOKEN };

/* The same for all records of a run. */
struct synth_context {
    const struct vl_contigs *contigs;
    const int32_t *sample_of_group; /* of each read group */
    int32_t default_sample;         /* of records without one */
    struct tag_policy policy;
    enum quality_mode quality;
    bool requires_oq; /* a record without OQ is an error */
    enum synth_names names;
    uint8_t mask_key[VL_MASK_KEY_BYTES];
};

/* What one thread needs; reused from record to record. */
struct synth {
    const struct synth_context *context;
    struct vl_name_draw *haplotype, *token;
    struct mask_scratch scratch;
    struct geometry geometry;
    struct vl_buf seq, qual;
    char name[32];
    uint64_t n_without_oq; /* records that show no QUAL for want of OQ; the caller's to
                              reset */
};

/* `context` must outlive *synth.  VL_ERR_MEMORY, also for a failure inside OpenSSL. */
VL_MUST_CHECK
int synth_open(struct synth *synth, const struct synth_context *context,
               struct vl_error *err);

/* Builds `masked` (VL_ERR_DATA where it lacks the OQ it should show); `persona` is that
 * of the record's contig, NULL for an unplaced one. Positions where the masked record
 * shows another base than the reference are appended to `sites` (may be NULL). */
VL_MUST_CHECK
int synth_record(struct synth *synth, const bam1_t *original,
                 const struct mask_plan *plan, const struct persona_contig *persona,
                 struct site_list *sites, bam1_t *masked, struct vl_error *err);

void synth_close(struct synth *synth);

#endif
