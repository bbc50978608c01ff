/*
 * What the synth masking of a file needs to know before its first record: options checked
 * and resolved against header, reference and the first records.
 */
#ifndef VARLOCK_CORE_SYNTH_SETUP_H
#define VARLOCK_CORE_SYNTH_SETUP_H

#include "alignment/alignment_input.h"
#include "container/vac_file.h"
#include "mask/persona.h"
#include "mask/synth_order.h"
#include "mask/synth_record.h"
#include "projection/quality.h"
#include "varlock/error.h"
#include "varlock/varlock.h"
#include "window/record_array.h"

/* Primary records that are looked at before any is masked, or fewer when they have many
 * bases; and at most how many records that may take. */
enum {
    SYNTH_HEAD_PRIMARY = 10000,
    SYNTH_HEAD_BASES = 1 << 26,
    SYNTH_HEAD_RECORDS = 200000
};

struct synth_setup {
    struct synth_context context;
    struct reorder_options reorder; /* but for `compare` */
    struct persona *persona;
    bool quality_was_chosen;
    /* what these point to */
    struct vl_names samples;
    int32_t *sample_of_group;
    struct vl_ranges haploid, vault;
    bool *is_vaulted;
};

/* Whether the options ask for the synth masking: --mask says so, or a reference is given
 * without it; VL_ERR_USAGE where neither is there, or they contradict each other. */
VL_MUST_CHECK
int synth_is_wanted(const struct vl_encrypt_options *options, bool *wanted,
                    struct vl_error *err);

/* Prepares from header and first records (`head`, in the input's order).  vac_contig as
 * in persona.h; all arguments must outlive *setup.  VL_ERR_USAGE, VL_ERR_DATA, VL_ERR_IO.
 */
VL_MUST_CHECK
int synth_setup_open(struct synth_setup *setup, const struct vl_encrypt_options *options,
                     struct alignment_input *in, const struct vl_names *read_groups,
                     struct vl_vac_reader *vac, const int32_t *vac_contig,
                     const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                     const struct record_array *head, struct vl_error *err);

/* Appends all choices that decide what masked records show, but for key, VAC and
 * reference. */
void synth_setup_put(const struct synth_setup *setup, struct vl_buf *out);

void synth_setup_close(struct synth_setup *setup);

#endif
