/* The contigs of an input and those of a VAC. */
#ifndef VARLOCK_CORE_VAC_MATCH_H
#define VARLOCK_CORE_VAC_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "container/vac_file.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

/* Sets *vac_contig to a new array (the caller frees it): the number in the VAC of each
 * contig, -1 where it has none; warns of those.  VL_ERR_DATA where a
 * contig has another length or M5 there, none is in both, or, under permute, none has a
 * site. */
VL_MUST_CHECK
int vac_match(const struct vl_encrypt_options *options, bool is_synth,
              const struct vl_contigs *contigs, struct vl_vac_reader *vac,
              int32_t **vac_contig, struct vl_error *err);

#endif
