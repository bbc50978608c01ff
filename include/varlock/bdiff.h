/*
 * BDIFF codecs: the structures of formats/bdiff.md as bytes and back.  Everything here
 * works on memory and knows nothing of keys: sealing, and putting the pieces into a file,
 * is container/bdiff_file.h of src/core.  Different structs may be used in different
 * threads.
 *
 * Encoders append, and fail with VL_ERR_MEMORY where nothing else is said.  Decoders
 * return VL_ERR_SEAL with a message that says which structure is malformed: whatever they
 * read was authenticated before, or decides how it will be.
 */
#ifndef VARLOCK_BDIFF_H
#define VARLOCK_BDIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/bdiff_limits.h"
#include "varlock/buf.h"
#include "varlock/checksum.h"
#include "varlock/contig.h"
#include "varlock/fail.h"
#include "varlock/key.h"
#include "varlock/region.h"
#include "varlock/seal.h"

enum {
    VL_BDIFF_VERSION = 1,
    VL_BDIFF_ID_BYTES = VL_FILE_ID_BYTES,
    VL_BDIFF_FIXED_BYTES = 40,         /* of the envelope, before its entries */
    VL_BDIFF_MAC_BYTES = VL_MAC_BYTES, /* behind the entries */
    VL_BDIFF_TRAILER_BYTES = 56,       /* at the very end, its MAC included */
    VL_BDIFF_ENVELOPE_MAX = 1 << 20,   /* bytes, MAC included (bdiff.md §10) */
    VL_BDIFF_RECIPIENTS_MAX = 512
};

/* Section types: the first half of a section's nonce (bdiff.md §3). */
enum vl_bdiff_section {
    VL_SECTION_HEADER = 1,
    VL_SECTION_WINDOW = 2,
    VL_SECTION_INDEX = 3
};

/* ---- §2 envelope ---- */

enum { VL_WRAP_RSA_OAEP_SHA256 = 1 };

struct vl_bdiff_recipient {
    uint16_t algorithm;          /* VL_WRAP_RSA_OAEP_SHA256; others are skipped */
    uint8_t hint[VL_HINT_BYTES]; /* which key it is for; see vl_key_hint */
    struct vl_buf wrapped;       /* the file's secret under that key */
};

struct vl_bdiff_envelope {
    uint8_t file_id[VL_BDIFF_ID_BYTES];
    uint32_t header_size;                  /* bytes of the sealed header */
    struct vl_bdiff_recipient *recipients; /* owned */
    size_t n_recipients;
};

/* Appends the envelope without its MAC.  VL_ERR_USAGE without recipients, or with more
 * than VL_BDIFF_RECIPIENTS_MAX. */
VL_MUST_CHECK
int vl_bdiff_envelope_encode(const struct vl_bdiff_envelope *envelope, struct vl_buf *out,
                             struct vl_error *err);

/* Size of the whole envelope, MAC included, from its first VL_BDIFF_FIXED_BYTES. */
VL_MUST_CHECK
int vl_bdiff_envelope_size(const uint8_t fixed[static VL_BDIFF_FIXED_BYTES], size_t *size,
                           struct vl_error *err);

/* `bytes` are the whole envelope, MAC included; the MAC is not checked here.  The caller
 * clears what was decoded. */
VL_MUST_CHECK
int vl_bdiff_envelope_decode(struct vl_bdiff_envelope *envelope, const uint8_t *bytes,
                             size_t n, struct vl_error *err);
void vl_bdiff_envelope_clear(struct vl_bdiff_envelope *envelope);

/* ---- §4 header ---- */

enum vl_mask_model { VL_MASK_PERMUTE = 1, VL_MASK_SYNTH = 2 };

struct vl_bdiff_header {
    uint8_t mask_model; /* enum vl_mask_model */
    bool is_root;       /* the owner's file, or a shard of it: holds the last fields */
    bool grants_all;    /* every contig and the unplaced reads; no `granted`.  An owner's
                           file without it is a shard */
    uint8_t root_id[VL_BDIFF_ID_BYTES]; /* file id of the owner's file */
    uint8_t read_groups_sha256[32];     /* of the masked file's @RG lines */
    struct vl_contigs contigs;          /* of the masked file, in its order */
    struct vl_ranges granted;           /* normalised; filled in also where grants_all */
    uint8_t vac_sha256[32];
    uint8_t mask_key[32];
    struct vl_buf dropped_tags;  /* names that masking took away for good: "AS,XS" */
    struct vl_buf original_text; /* header text of the original, as it was */
    uint8_t run_sha256[32];      /* of a shard: what all shards of one run share */
};

/* Appends a contig table as the header and every digest of masked records hold it. */
void vl_bdiff_contigs_encode(const struct vl_contigs *contigs, struct vl_buf *out);

/* The header section's plaintext, which holds the masking key: the caller wipes `out`. */
VL_MUST_CHECK
int vl_bdiff_header_encode(const struct vl_bdiff_header *header, struct vl_buf *out,
                           struct vl_error *err);
VL_MUST_CHECK
int vl_bdiff_header_decode(struct vl_bdiff_header *header, const uint8_t *bytes, size_t n,
                           struct vl_error *err);
void vl_bdiff_header_clear(struct vl_bdiff_header *header); /* wipes the masking key */

/* ---- §5 windows ---- */

/* Streams of fixed meaning; a tag's values are in a stream of their own,
 * vl_stream_of_tag. */
enum vl_stream_id {
    VL_STREAM_SHAPE = 1, /* varint a record not of the common shape: which one */
    VL_STREAM_RUN = 2,   /* varint: records of the common shape before each of them */
    VL_STREAM_SITE_CONTIG = 3, /* varint a site: contig minus the one before */
    VL_STREAM_SITE_POS = 4,    /* varint: position, minus the one before on its contig */
    VL_STREAM_SITE_CHANGE = 5, /* u8: permutation 1..23, or reference base as a nibble */
    VL_STREAM_VARIANT_CONTIG = 6, /* the same of the person's variants */
    VL_STREAM_VARIANT_POS = 7,
    VL_STREAM_VARIANT_BASE = 8,  /* u8: nibble, 16 more where reads differ */
    VL_STREAM_VARIANT_FLAG = 9,  /* u8 a base on a variant where reads differ: 0, 1 */
    VL_STREAM_CIGAR = 10,        /* varint count, varints length << 4 | operator */
    VL_STREAM_HIDDEN_COUNT = 11, /* varint: bases that nothing predicts << 1 | packed */
    VL_STREAM_HIDDEN = 12,       /* u8 a base: nibble */
    VL_STREAM_PATCH_COUNT = 13,  /* varint: bases unlike their prediction, beyond three */
    VL_STREAM_PATCH_RANK =
        14, /* varint: rank of the base's quality, minus the patch before */
    VL_STREAM_PATCH_BASE = 15, /* u8: nibble */
    VL_STREAM_TEMPLATES = 16,  /* NUL-terminated tag templates */
    VL_STREAM_TEMPLATE =
        17, /* varint: the common template, then those of other records */
    VL_STREAM_TAGS_RAW = 18, /* varint length, bytes: tags that cannot be parsed */
    VL_STREAM_WHOLE_PLACE =
        19, /* varint a whole record: masked ones since the last one */
    VL_STREAM_WHOLE_CONTIG = 20, /* zigzag: minus the one before */
    VL_STREAM_WHOLE_POS = 21,    /* zigzag: minus the one before on its contig */
    VL_STREAM_WHOLE_FLAG = 22,   /* varint */
    VL_STREAM_WHOLE_LENGTH = 23, /* varint: bases of SEQ */
    VL_STREAM_POS = 24,          /* zigzag: POS minus its prediction */
    VL_STREAM_MAPQ = 25,         /* u8 */
    VL_STREAM_MATE_CONTIG = 26,  /* zigzag: each minus its prediction */
    VL_STREAM_MATE_POS = 27,
    VL_STREAM_MATE_TLEN = 28,
    VL_STREAM_NAME = 29,       /* NUL-terminated */
    VL_STREAM_QUAL = 30,       /* varint length, bytes */
    VL_STREAM_ORDER_STEP = 31, /* varint: records since the last one whose ordinal ... */
    VL_STREAM_ORDER = 32,  /* ... is not as expected; zigzag: ordinal minus expectation */
    VL_STREAM_PACKED = 33, /* the same bases as _HIDDEN, two bits each: A, C, G, T */
    VL_STREAM_SHAPES = 34, /* varint: the shapes, the common one first */
    VL_STREAM_N_QUALITY = 35, /* u8, once: bases of this quality are predicted as N */
    VL_STREAM_FIXED_END = 36
};
enum { VL_VARIANT_DIFFERS = 16 };

/* Stream of the values of tag `name` with SAM type `type` (cCsSiIfdAZHB). */
uint32_t vl_stream_of_tag(const char name[static 2], char type);

/* How much of a record a window shows: the lowest bits of its shape. */
enum vl_grade {
    VL_GRADE_NONE = 0,   /* stays as masked */
    VL_GRADE_EDGE = 1,   /* crosses the edge of the grant: bases inside only */
    VL_GRADE_INSIDE = 2, /* all but what tells of places outside */
    VL_GRADE_FULL = 3    /* the original record */
};
/* The bits of a shape: which fields of the record are stored (bdiff.md §5.2). */
enum {
    VL_SHAPE_GRADE = 3,
    VL_SHAPE_PATCHES = 3 << 2, /* how many, or 3: three and VL_STREAM_PATCH_COUNT */
    VL_SHAPE_PATCHES_SHIFT = 2,
    VL_SHAPE_TEMPLATE = 1 << 4, /* not the common one */
    VL_SHAPE_CIGAR = 1 << 5,
    VL_SHAPE_HIDDEN = 1 << 6,
    VL_SHAPE_MAPQ = 1 << 7,
    VL_SHAPE_MATE = 1 << 8,
    VL_SHAPE_PAIR = 1 << 9,    /* CIGAR and mate fields are what the mate before says */
    VL_SHAPE_PROPER = 1 << 10, /* flag 0x2 is not as in the masked record */
    VL_SHAPE_POS = 1 << 11,
    VL_SHAPE_QUAL = 1 << 12,
    VL_SHAPE_NAME = 1 << 13,
    VL_SHAPE_END = 1 << 14
};
/* What a record may have at grade EDGE and at INSIDE, and what every whole record has. */
enum {
    VL_SHAPE_AT_EDGE = VL_SHAPE_GRADE | VL_SHAPE_PATCHES | VL_SHAPE_TEMPLATE,
    VL_SHAPE_AT_INSIDE =
        (VL_SHAPE_END - 1) & ~(VL_SHAPE_MATE | VL_SHAPE_PROPER | VL_SHAPE_PAIR),
    VL_SHAPE_OF_WHOLE =
        VL_SHAPE_GRADE | VL_SHAPE_CIGAR | VL_SHAPE_MAPQ | VL_SHAPE_MATE | VL_SHAPE_NAME
};

struct vl_stream {
    uint32_t id;
    struct vl_buf data;
    /* After vl_bdiff_window_open: the stream as it was packed, and the size of its
     * content; `data` is empty until it is unpacked.  NULL: `data` is all there is. */
    const uint8_t *frame;
    size_t frame_bytes, content_bytes;
};

enum { VL_CHECK_BYTES = VL_CHECKSUM_BYTES };

struct vl_bdiff_window {
    uint8_t check[VL_CHECK_BYTES]; /* of the records as the window shows them */
    struct vl_stream *streams;     /* owned; sorted by id once encoded or decoded */
    size_t n_streams;
    size_t cap_streams;
    bool is_sorted;        /* they are, so they are found by bisection ... */
    uint32_t *slots;       /* ... else by a hash table of their numbers + 1; owned */
    size_t n_slots;        /* a power of two, or 0 */
    uint64_t packed_bytes; /* of the plaintext it was decoded from; 0: of none, and limits
                              that depend on it do not apply */
};

/* The stream's buffer for writing, created empty where the window lacks it; NULL without
 * memory.  Pointers to other streams of the window become invalid. */
VL_MUST_CHECK
struct vl_buf *vl_bdiff_window_stream(struct vl_bdiff_window *window, uint32_t id);

/* Number of the stream among the window's; SIZE_MAX where the window lacks it. */
size_t vl_bdiff_window_find(const struct vl_bdiff_window *window, uint32_t id);

/* The stream's bytes for reading; an empty cursor where the window lacks it. */
struct vl_cursor;
void vl_bdiff_window_read(const struct vl_bdiff_window *window, uint32_t id,
                          struct vl_cursor *cursor);

/* Bytes of content of all streams of a window that is written. */
enum { VL_BDIFF_WINDOW_MAX = 1 << 30 };

/* Sorts the streams and appends them; empty ones are left out.  Streams that compress so
 * well that a reader would not take them (VL_LIMIT_WINDOW_CONTENT) are stored as they
 * are. VL_ERR_DATA where they pass VL_BDIFF_WINDOW_MAX. */
VL_MUST_CHECK
int vl_bdiff_window_encode(struct vl_bdiff_window *window, struct vl_buf *out,
                           struct vl_error *err);
VL_MUST_CHECK
int vl_bdiff_window_decode(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                           struct vl_error *err);

/* For changing few of many streams: takes in the table and leaves the streams packed in
 * `bytes`, which must outlive the window; vl_bdiff_window_encode writes those that were
 * not asked for by vl_bdiff_window_stream as they were. */
VL_MUST_CHECK
int vl_bdiff_window_open(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                         struct vl_error *err);

/* Unpacks a stream for reading, where the window has it and it is still packed. */
VL_MUST_CHECK
int vl_bdiff_window_unpack(struct vl_bdiff_window *window, uint32_t id,
                           struct vl_error *err);

/* Bytes of a stream's content, packed or not; 0 where the window lacks it. */
size_t vl_bdiff_window_content_bytes(const struct vl_bdiff_window *window, uint32_t id);

/* Empties the streams and keeps their memory / frees it. */
void vl_bdiff_window_reset(struct vl_bdiff_window *window);
void vl_bdiff_window_clear(struct vl_bdiff_window *window);

/* ---- §6 index ---- */

/* A place in the order of a coordinate-sorted file. */
struct vl_locus {
    uint32_t contig;  /* number; the number of contigs for unplaced reads */
    int64_t pos0;     /* -1 for unplaced reads, and for POS 0 in SAM */
    uint64_t ordinal; /* among the masked records of that contig and position */
};

struct vl_bdiff_entry {
    uint32_t n_records; /* masked records in the window */
    struct vl_locus
        first; /* of its first and last masked record; where it has none, of its */
    struct vl_locus last; /* first and last whole record */
    uint32_t low_contig;  /* what the window shows reaches from here ... */
    int64_t low_pos0;
    uint32_t high_contig; /* ... to here (exclusive position on the last contig) */
    int64_t high_end;
    uint64_t offset; /* of its ciphertext in the file; not stored, they are contiguous */
    uint32_t size_bytes;       /* of its ciphertext */
    uint8_t sealed_sha256[32]; /* of its ciphertext */
    uint8_t masked_sha256[32]; /* of its masked records, canonical form */
};

struct vl_bdiff_index {
    uint64_t n_masked;           /* records in the masked file */
    uint64_t n_whole;            /* whole records in this BDIFF */
    uint64_t n_sites;            /* that this BDIFF lists */
    uint8_t masked_sha256[32];   /* of all masked records of the masked file */
    bool is_root;                /* original_sha256 is there */
    uint8_t original_sha256[32]; /* over the checks of all windows */
    struct vl_bdiff_entry *v;    /* owned; in file order */
    size_t n;
    size_t cap;
};

/* Appends a copy of the entry.  VL_ERR_MEMORY, without a message. */
VL_MUST_CHECK
int vl_bdiff_index_add(struct vl_bdiff_index *index, const struct vl_bdiff_entry *entry);
VL_MUST_CHECK
int vl_bdiff_index_encode(const struct vl_bdiff_index *index, struct vl_buf *out,
                          struct vl_error *err);
/* `offset` is that of the first window; fills in the entries' offsets.  Places are
 * checked against the number of contigs: nothing can loop or overflow over those that are
 * let through. */
VL_MUST_CHECK
int vl_bdiff_index_decode(struct vl_bdiff_index *index, const uint8_t *bytes, size_t n,
                          uint64_t offset, size_t n_contigs, struct vl_error *err);
void vl_bdiff_index_clear(struct vl_bdiff_index *index);

/* The bytes that bind a window's ciphertext to its place (associated data, §3), appended.
 */
void vl_bdiff_range_encode(const struct vl_bdiff_entry *entry, struct vl_buf *out);

/* ---- §7 trailer ---- */

struct vl_bdiff_trailer {
    uint64_t index_offset;
    uint32_t index_size;     /* ciphertext */
    uint32_t signature_size; /* 0: unsigned */
    uint8_t mac[VL_BDIFF_MAC_BYTES];
};

/* Appends the trailer without its MAC. */
void vl_bdiff_trailer_encode(const struct vl_bdiff_trailer *trailer, struct vl_buf *out);

/* VL_ERR_SEAL also where its offsets and sizes do not fit a file of that size; the MAC is
 * not checked here. */
VL_MUST_CHECK
int vl_bdiff_trailer_decode(struct vl_bdiff_trailer *trailer,
                            const uint8_t bytes[static VL_BDIFF_TRAILER_BYTES],
                            uint64_t file_size, struct vl_error *err);

#endif
