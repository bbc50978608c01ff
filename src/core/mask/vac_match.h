/* Matches the contigs of an input with those of a VAC. */
#ifndef VARLOCK_CORE_VAC_MATCH_H
#define VARLOCK_CORE_VAC_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "container/vac_file.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

/* Sets *vac_contig to a new array, which the caller frees: for each contig its number in
 * the VAC, -1 if the VAC has no sites on it.  Warns of contigs without sites.
 * VL_ERR_DATA if a contig has another length or M5 in the VAC, if no contig is in both,
 * or, under permute, if no contig has a site. */
VL_MUST_CHECK
int vac_match(const struct vl_encrypt_options *options, bool is_synth,
              const struct vl_contigs *contigs, struct vl_vac_reader *vac,
              int32_t **vac_contig, struct vl_error *err);

#endif
