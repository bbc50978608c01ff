/*
 * VAC: allele counts of a population at single-nucleotide sites (formats/vac.md).
 *
 * The codecs (vl_vac_block_*, vl_vac_meta_*) turn columns into bytes and back, in memory.
 * The reader opens a VAC file and returns sites in order from any position.  It is
 * declared in container/vac_file.h of src/core, because it does I/O.  Different structs
 * may be used in different threads.
 */
#ifndef VARLOCK_VAC_H
#define VARLOCK_VAC_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/fail.h"

enum {
    VL_VAC_VERSION = 1,
    VL_VAC_BLOCK_SITES = 8192,       /* the most sites that a block holds */
    VL_VAC_BLOCK_BYTES_MAX = 1 << 20 /* the most bytes that a block takes */
};

/* The highest position, and the greatest length of a contig (vac.md §4). */
#define VL_VAC_POS_MAX (INT64_MAX / 2)

/* The alleles of the population at one position. */
struct vl_site {
    int64_t pos0;      /* 0-based position on the contig */
    uint8_t ref;       /* reference base, 0..3 for A, C, G, T */
    uint32_t count[4]; /* chromosomes that carry A, C, G, T */
};

/* Where a block lies and what it covers. */
struct vl_vac_block {
    uint32_t contig;    /* all its sites lie on this contig of the table */
    uint32_t n_sites;   /* 1 .. VL_VAC_BLOCK_SITES */
    int64_t first_pos0; /* position of its first site; last_pos0: of its last site */
    int64_t last_pos0;
    uint64_t offset;     /* where its bytes start, from the start of the file */
    uint32_t size_bytes; /* number of its bytes */
};

/* What a VAC file says about itself. */
struct vl_vac_meta {
    struct vl_contigs
        contigs; /* contigs with sites first, in the order of sites in the source */
    uint8_t source_sha256[32]; /* of the VCF/BCF file as it was given, compressed or not;
                                  of several files, of their digests (vac.md §4) */
    uint64_t n_sites;
    struct vl_vac_block *blocks; /* owned; sorted by (contig, first_pos0) */
    size_t n_blocks;
};

/* Appends one block of 1 to VL_VAC_BLOCK_SITES sites with strictly ascending positions.
 * Returns VL_ERR_USAGE where the number or the positions are not like that. */
VL_MUST_CHECK
int vl_vac_block_encode(const struct vl_site *sites, size_t n, struct vl_buf *out,
                        struct vl_error *err);

/* Decodes the sites of one block.  They must agree with the block's index entry (count,
 * first and last position).  `sites` must have room for block->n_sites.  Malformed bytes
 * are VL_ERR_DATA. */
VL_MUST_CHECK
int vl_vac_block_decode(const struct vl_vac_block *block, const uint8_t *bytes,
                        struct vl_site *sites, struct vl_error *err);

/* Appends the metadata section, which begins at `offset` of the file, and the fixed
 * trailer after it.  Returns VL_ERR_USAGE where *meta exceeds the limits of vac.md §4. */
VL_MUST_CHECK
int vl_vac_meta_encode(const struct vl_vac_meta *meta, uint64_t offset,
                       struct vl_buf *out, struct vl_error *err);

/* Decodes the metadata section; `bytes` is the section without the trailer.  Returns
 * VL_ERR_DATA where it is malformed.  The caller clears *meta. */
VL_MUST_CHECK
int vl_vac_meta_decode(struct vl_vac_meta *meta, const uint8_t *bytes, size_t n,
                       uint64_t offset, struct vl_error *err);

/* The head is the bytes that a VAC file starts with; vl_vac_head_encode appends it.  The
 * two decoders read the head and the trailer.  They return VL_ERR_DATA where the file is
 * no VAC, has an unknown version, or is cut short. */
enum { VL_VAC_HEAD_BYTES = 16, VL_VAC_TRAILER_BYTES = 32 };
void vl_vac_head_encode(struct vl_buf *out);
VL_MUST_CHECK
int vl_vac_head_decode(const uint8_t head[static VL_VAC_HEAD_BYTES],
                       struct vl_error *err);
VL_MUST_CHECK
int vl_vac_trailer_decode(const uint8_t trailer[static VL_VAC_TRAILER_BYTES],
                          uint64_t file_size, uint64_t *meta_offset, uint64_t *meta_size,
                          struct vl_error *err);

/* Frees what the struct owns; the struct is then empty. */
void vl_vac_meta_clear(struct vl_vac_meta *meta);

#endif
