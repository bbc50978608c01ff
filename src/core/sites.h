/*
 * Permutations of the four bases at VAC sites, and the lists of sites that a window's
 * records cover.
 */
#ifndef VARLOCK_CORE_SITES_H
#define VARLOCK_CORE_SITES_H

#include <htslib/sam.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { N_PERMUTATIONS = 24 };

/* Image of base 0..3 (A, C, G, T) under permutation `id`: the lexicographic rank of the
 * four images, 0 (identity) to 23; and the reverse. */
uint8_t permutation_image(uint8_t id, uint8_t base);
uint8_t permutation_preimage(uint8_t id, uint8_t base);
uint8_t permutation_rank(const uint8_t image[4]);

struct site {
    uint32_t contig;
    int64_t pos0;
    uint8_t ref;  /* reference base 0..3; only set while masking */
    uint8_t perm; /* permutation: original base -> masked base */
    bool used;    /* it changed a base of the window's records */
};

struct site_list {
    struct site *v; /* owned; sorted by (contig, pos0) after site_list_sort */
    size_t n, cap;
};

int site_list_add(struct site_list *list, const struct site *site);
void site_list_sort(struct site_list *list);

/* Index of the first site of `contig` at or after pos0. */
size_t site_list_seek(const struct site_list *list, uint32_t contig, int64_t pos0);

/* Removes the sites that are not used. */
void site_list_drop_unused(struct site_list *list);

void site_list_clear(struct site_list *list);

/* Replaces every aligned A, C, G, T of the record that stands on a site by its image, and
 * marks the site used where that changed the base; other bases stay. */
void sites_mask(struct site_list *list, bam1_t *b);

/* The reverse: preimages. */
void sites_restore(const struct site_list *list, bam1_t *b);

#endif
