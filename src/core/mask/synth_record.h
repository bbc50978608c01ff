/*
 * The masked form of a record under the synth masking: a slice of a synthetic haplotype
 * under the record's public geometry.  The code does not look at the record's bases, nor
 * at anything else that is not public.
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

/* What all records of a run share. */
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

/* What one thread needs.  It is reused from record to record. */
struct synth {
    const struct synth_context *context;
    struct vl_name_draw *haplotype, *token;
    struct mask_scratch scratch;
    struct geometry geometry;
    struct vl_buf seq, qual;
    char name[TOKEN_BYTES];
    uint64_t n_without_oq; /* records that show no QUAL because they lack OQ; the caller
                              resets it */
};

/* `context` must outlive *synth.  VL_ERR_MEMORY, also for a failure inside OpenSSL. */
VL_MUST_CHECK
int synth_open(struct synth *synth, const struct synth_context *context,
               struct vl_error *err);

/* The sample of a read group; the default sample for -1, no read group. */
int32_t synth_sample(const struct synth_context *context, int32_t group);

/* Builds `masked`.  VL_ERR_DATA if it should show OQ and has none.  `persona` belongs to
 * the record's contig, with what it covers drawn; it is NULL for an unplaced record.
 * Positions where the masked record differs from the reference are appended to `sites`
 * (may be NULL). */
VL_MUST_CHECK
int synth_record(struct synth *synth, const bam1_t *original,
                 const struct mask_plan *plan, const struct persona_contig *persona,
                 struct site_list *sites, bam1_t *masked, struct vl_error *err);

/* Writes the name that stands for the record's read group and name: 80 bits as 16 letters
 * and digits (RFC 4648 base32, lower case).  Needs SYNTH_NAMES_TOKEN. */
VL_MUST_CHECK
int synth_token(struct synth *synth, const bam1_t *original,
                char token[static TOKEN_BYTES], struct vl_error *err);

void synth_close(struct synth *synth);

#endif
