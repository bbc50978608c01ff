/*
 * Sites: positions where masked records show neither the person's bases nor the
 * reference.  They are permutations of the four bases at VAC sites, or alleles of a
 * synthetic haplotype.  A site list holds those that the records of a window cover.
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
    uint8_t ref;    /* reference base 0..3; set only while masking by permutations */
    uint8_t change; /* permute: permutation, original base -> masked base; synth:
                       reference base as a nibble */
    bool used;      /* it changed a base of the window's records */
};

struct site_list {
    struct site *v; /* owned; sorted by (contig, pos0) after site_list_sort */
    size_t n, cap;
};

VL_MUST_CHECK
int site_list_add(struct site_list *list, const struct site *site);
void site_list_sort(struct site_list *list);

/* True if both lists have the same sites with the same changes. */
bool site_list_equal(const struct site_list *a, const struct site_list *b);

/* Keeps one of the sites at each position of a sorted list. */
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

/* Index of the next site, or -1 at the end.  *qpos becomes the index in SEQ of its
 * base. */
int64_t site_walk_next(struct site_walk *walk, int64_t *qpos);

/* Replaces every aligned A, C, G, T of the record at a site by its image.  Marks the site
 * used if this changed the base.  Other bases stay. */
void sites_mask(struct site_list *list, bam1_t *b);

/* Undoes sites_mask on `seq`, packed bases that lie as those of the record do.  `model`
 * (enum vl_mask_model) says whether preimages or reference bases are put in. */
void sites_restore(const struct site_list *list, int model, const bam1_t *b,
                   uint8_t *seq);

#endif
