/* Everything that an encrypt run holds open: the inputs, the choices made from the header
 * and the first records, the outputs, and the windows that records pass through. */
#ifndef VARLOCK_CORE_ENCRYPTION_H
#define VARLOCK_CORE_ENCRYPTION_H

#include <htslib/sam.h>
#include <htslib/thread_pool.h>

#include "alignment/alignment_input.h"
#include "alignment/alignment_output.h"
#include "container/bdiff_file.h"
#include "container/vac_file.h"
#include "mask/mask_order.h"
#include "mask/mask_window.h"
#include "mask/synth_setup.h"
#include "mask/window_rules.h"
#include "projection/quality_guard.h"
#include "projection/shown_geometry.h"
#include "record/locus.h"
#include "run/job_queue.h"
#include "run/operation_keys.h"
#include "shard/shard.h"
#include "varlock/varlock.h"
#include "window/record_array.h"

struct encryption {
    const struct vl_encrypt_options *options;
    struct vl_encrypt_counts counts;
    htsThreadPool pool;
    struct c4gh_keys c4gh_keys;
    struct alignment_input in;
    struct shard shard; /* without an input: the whole input is masked */
    struct vl_vac_reader *vac;
    int32_t *vac_contig; /* number in the VAC for each contig of the input, -1: none */
    struct vl_names read_groups;
    struct recipients recipients;
    struct vl_key *signer;
    uint8_t mask_key[VL_MASK_KEY_BYTES];
    struct vl_bdiff_writer *bdiff;
    struct vl_buf masked_text; /* header text of the masked file */
    sam_hdr_t *masked_header;
    struct alignment_output *out;
    bool is_synth;
    struct synth_setup synth;
    struct vl_bdiff_geometry told; /* of the header; owned */
    struct shown_geometry geometry;
    struct mask_order order;
    struct record_array head; /* records that are read before any is masked */
    uint64_t n_pushed, n_popped;
    uint64_t n_sites_listed; /* in all windows */
    uint64_t n_without_oq;
    struct quality_guard *guard; /* NULL: the qualities need no judgement */
    struct mask_context context;
    struct job_queue queue;
    struct mask_window *windows; /* one per slot of the queue */
    struct mask_window beside;   /* whole records that the window has no room for */
    uint64_t n_opened;           /* windows for masked records so far */
    struct last_places last;
    struct vl_digest *masked_total, *original_total;
};

/* Opens everything, up to the header of the masked file, which is written.  *e is zero
 * but for `options`.  After a failure too, encryption_close must be called. */
VL_MUST_CHECK
int encryption_open(struct encryption *e, struct vl_error *err);

/* Gives back the haplotypes that a window has borrowed. */
void encryption_return_personas(struct encryption *e, struct mask_window *w);

/* Frees everything.  Outputs that were not committed are removed. */
void encryption_close(struct encryption *e);

#endif
