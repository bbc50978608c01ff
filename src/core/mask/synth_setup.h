/*
 * What the synth masking must know before its first record.  The options are checked and
 * resolved against the header, the reference and the first records.
 */
#ifndef VARLOCK_CORE_SYNTH_SETUP_H
#define VARLOCK_CORE_SYNTH_SETUP_H

#include "alignment/alignment_input.h"
#include "container/vac_file.h"
#include "mask/persona.h"
#include "mask/synth_geometry.h"
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "projection/quality.h"
#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/varlock.h"
#include "window/record_array.h"

/* Number of primary records that are read before any record is masked.  Fewer are read if
 * they have many bases, or if that would take too many records. */
enum {
    SYNTH_HEAD_PRIMARY = 10000,
    SYNTH_HEAD_BASES =
        1 << 23, /* 10,000 reads of 800 bases; long ones show themselves sooner */
    SYNTH_HEAD_RECORDS = 200000
};

struct synth_setup {
    struct synth_context context;
    struct reorder_options reorder; /* without `compare` */
    struct synth_geometry geometry;
    struct persona *persona;
    bool quality_was_chosen;
    bool is_flat_for_length; /* long reads show no QUAL, since nobody asked for it */
    /* The members above point to these. */
    struct vl_names samples;
    int32_t *sample_of_group;
    struct vl_ranges haploid, vault;
    bool *is_vaulted;
    size_t n_vaulted; /* contigs with HLA types and alternate loci */
};

/* Sets *wanted if the options ask for the synth masking: --mask says so, or it is absent
 * and a reference is given.  VL_ERR_USAGE if both are absent, or if the options
 * contradict each other. */
VL_MUST_CHECK
int synth_is_wanted(const struct vl_encrypt_options *options, bool *wanted,
                    struct vl_error *err);

/* Prepares the masking from the header and the first records (`head`, in the input's
 * order).  vac_contig is as in persona.h.  All arguments must outlive *setup.
 * VL_ERR_USAGE, VL_ERR_DATA, VL_ERR_IO. */
VL_MUST_CHECK
int synth_setup_open(struct synth_setup *setup, const struct vl_encrypt_options *options,
                     struct alignment_input *in, const struct vl_names *read_groups,
                     struct vl_vac_reader *vac, const int32_t *vac_contig,
                     const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                     const struct record_array *head, struct vl_error *err);

/* Appends all choices that decide what masked records show, without the key, the VAC and
 * the reference. */
void synth_setup_put(const struct synth_setup *setup, struct vl_buf *out);

/* Fills in the geometry of the BDIFF's header.  The caller frees the libraries.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int synth_setup_tell(const struct synth_setup *setup, struct vl_bdiff_geometry *geometry);

void synth_setup_close(struct synth_setup *setup);

#endif
