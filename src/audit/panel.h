/* The genotypes of a panel of people at ascending sites: a VCF or BCF that is read along.
 */
#ifndef VARLOCK_AUDIT_PANEL_H
#define VARLOCK_AUDIT_PANEL_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/contig.h"
#include "varlock/error.h"

struct panel;

/* Opens a VCF or BCF, plain or compressed, whose lines are in the order of `contigs`,
 * which must outlive it.  VL_ERR_DATA if it has no samples. */
VL_MUST_CHECK
int panel_open(struct panel **panel, const char *path, const struct vl_contigs *contigs,
               struct vl_error *err);

size_t panel_size(const struct panel *panel);
const char *panel_name(const struct panel *panel, size_t person);

/* 1, and for each person the number of alleles that are not the reference's, -1 if it is
 * not known, from all lines of the place whose alleles are single bases; 0 if there is no
 * such line.  Places ascend. */
VL_MUST_CHECK
int panel_find(struct panel *panel, int32_t contig, int64_t pos, const int8_t **alts,
               struct vl_error *err);

/* Reads the rest.  VL_ERR_DATA if it is out of order. */
VL_MUST_CHECK
int panel_finish(struct panel *panel, struct vl_error *err);

void panel_free(struct panel *panel);

#endif
