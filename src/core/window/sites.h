/*
 * Positions where masked records show something else than the person's bases or the
 * reference: permutations of the four bases at VAC sites, alleles of a synthetic
 * haplotype; and the lists of them that a window's records cover.
 */
#ifndef VARLOCK_CORE_SITES_H
#define VARLOCK_CORE_SITES_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/walk.h"
#include "varlock/error.h"

struct site {
    int64_t pos0;
    uint32_t contig;
    uint8_t ref;    /* reference base 0..3; only set while masking by permutations */
    uint8_t change; /* permutation: original base -> masked base; or, under the synth
                       masking, the reference base as a nibble */
    bool used;      /* it changed a base of the window's records */
};

struct site_list {
    struct site *v; /* owned; sorted by (contig, pos0) after site_list_sort */
    size_t n, cap;
};

VL_MUST_CHECK
int site_list_add(struct site_list *list, const struct site *site);
void site_list_sort(struct site_list *list);

/* The same sites with the same changes. */
bool site_list_equal(const struct site_list *a, const struct site_list *b);

/* Leaves one of each run of sites at the same position of a sorted list. */
void site_list_drop_repeated(struct site_list *list);

/* Index of the first site of `contig` at or after pos0. */
size_t site_list_seek(const struct site_list *list, uint32_t contig, int64_t pos0);

/* Removes the sites that are not used. */
void site_list_drop_unused(struct site_list *list);

void site_list_clear(struct site_list *list);

/* Walks the sites under the aligned bases of a record, in order. */
struct site_walk {
    const struct site_list *list;
    struct run_walk runs;
    struct aligned_run run;
    uint32_t contig;
    size_t next;
};
struct site_walk site_walk_start(const struct site_list *list, const bam1_t *b);

/* The number of the next site, and in *qpos which base stands on it; -1 at the end. */
int64_t site_walk_next(struct site_walk *walk, int64_t *qpos);

/* Replaces every aligned A, C, G, T of the record that stands on a site by its image, and
 * marks the site used where that changed the base; other bases stay. */
void sites_mask(struct site_list *list, bam1_t *b);

/* The reverse on `seq`, packed bases that lie as those of the record do: preimages, or
 * (enum vl_mask_model) the reference bases. */
void sites_restore(const struct site_list *list, int model, const bam1_t *b,
                   uint8_t *seq);

#endif
