/*
 * BDIFF codecs: they turn the structures of formats/bdiff.md into bytes and back.
 * Everything here works on memory and knows nothing of keys.  Sealing the pieces and
 * putting them into a file is done by container/bdiff_file.h of src/core.  Different
 * structs may be used in different threads.
 *
 * Encoders append, and fail with VL_ERR_MEMORY unless they say otherwise.  Decoders
 * return VL_ERR_SEAL with a message that says which structure is malformed: the bytes
 * they read were authenticated before, or decide how they will be authenticated.
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
    VL_BDIFF_FIXED_BYTES = 40,         /* of the envelope, before its recipients */
    VL_BDIFF_MAC_BYTES = VL_MAC_BYTES, /* of the envelope, after its recipients */
    VL_BDIFF_TRAILER_BYTES = 56,       /* at the end of the file, MAC included */
    VL_BDIFF_ENVELOPE_MAX = 1 << 20,   /* bytes, MAC included (bdiff.md §10) */
    VL_BDIFF_RECIPIENTS_MAX = 512
};

/* Section types: the first part of a section's nonce (bdiff.md §3). */
enum vl_bdiff_section {
    VL_SECTION_HEADER = 1,
    VL_SECTION_WINDOW = 2,
    VL_SECTION_INDEX = 3
};

/* ---- §2 envelope ---- */

/* How a secret is wrapped. */
enum { VL_WRAP_RSA_OAEP_SHA256 = 1, VL_WRAP_HPKE_X25519 = 2 };

struct vl_bdiff_recipient {
    uint16_t algorithm;          /* VL_WRAP_*; others are skipped */
    uint8_t hint[VL_HINT_BYTES]; /* tells which key it is for; see vl_key_hint */
    struct vl_buf wrapped;       /* the file's secret, encrypted with that key */
};

struct vl_bdiff_envelope {
    uint8_t file_id[VL_BDIFF_ID_BYTES];
    uint32_t header_size;                  /* bytes of the sealed header */
    struct vl_bdiff_recipient *recipients; /* owned */
    size_t n_recipients;
};

/* Appends the envelope without its MAC.  Returns VL_ERR_USAGE where it has no recipients,
 * or more than VL_BDIFF_RECIPIENTS_MAX. */
VL_MUST_CHECK
int vl_bdiff_envelope_encode(const struct vl_bdiff_envelope *envelope, struct vl_buf *out,
                             struct vl_error *err);

/* Reads the size of the whole envelope, MAC included, from its first
 * VL_BDIFF_FIXED_BYTES. */
VL_MUST_CHECK
int vl_bdiff_envelope_size(const uint8_t fixed[static VL_BDIFF_FIXED_BYTES], size_t *size,
                           struct vl_error *err);

/* Decodes the envelope; `bytes` are all of it, MAC included.  The MAC is not checked
 * here.  The caller clears what was decoded. */
VL_MUST_CHECK
int vl_bdiff_envelope_decode(struct vl_bdiff_envelope *envelope, const uint8_t *bytes,
                             size_t n, struct vl_error *err);
void vl_bdiff_envelope_clear(struct vl_bdiff_envelope *envelope);

/* ---- §4 header ---- */

enum vl_mask_model { VL_MASK_PERMUTE = 1, VL_MASK_SYNTH = 2 };

/* §4.4: the insert sizes of a read group, in bases. */
struct vl_bdiff_library {
    uint32_t median, sd;
};

enum { VL_BDIFF_BLUR_MAX = 10000 };

/* How masking moved reads, and what it shows of QUAL. */
struct vl_bdiff_geometry {
    uint8_t key[32];  /* K_geometry; stored in slices only, since it follows from the
                         masking key */
    uint32_t blur_sd; /* standard deviation of the shifts, in bases */
    uint8_t quality;  /* 0 keep, 1 shuffle, 2 oq, 3 bin4, 4 flat */
    bool draws_inserts;
    struct vl_buf libraries; /* struct vl_bdiff_library: of each read group, then of reads
                                without one */
};

struct vl_bdiff_header {
    uint8_t mask_model; /* enum vl_mask_model */
    bool is_root;       /* the owner's file, or a shard of it: has the last fields */
    bool grants_all;    /* grants every contig and the unplaced reads, so `granted` is not
                           stored.  An owner's file without it is a shard */
    uint8_t root_id[VL_BDIFF_ID_BYTES]; /* file id of the owner's file */
    uint8_t read_groups_sha256[32];     /* of the masked file's @RG lines */
    struct vl_contigs contigs;          /* of the masked file, in its order */
    struct vl_ranges granted;           /* normalised; filled in where grants_all, too */
    uint8_t vac_sha256[32];
    uint8_t mask_key[32];
    struct vl_buf dropped_tags; /* names of tags that masking removed for good: "AS,XS" */
    struct vl_buf original_text;       /* the original's header text, unchanged */
    uint8_t run_sha256[32];            /* of a shard: the same in all shards of one run */
    struct vl_bdiff_geometry geometry; /* see vl_bdiff_header_has_geometry */
};

/* True if the file tells its geometry: under synth the owner's file, shards, and slices
 * of everything. */
static inline bool vl_bdiff_header_has_geometry(const struct vl_bdiff_header *header)
{
    return header->mask_model == VL_MASK_SYNTH && (header->is_root || header->grants_all);
}

/* Appends a contig table, in the form that the header and every digest of masked records
 * use. */
void vl_bdiff_contigs_encode(const struct vl_contigs *contigs, struct vl_buf *out);

/* Appends the plaintext of the header section.  It holds the masking key, so the caller
 * wipes `out`. */
VL_MUST_CHECK
int vl_bdiff_header_encode(const struct vl_bdiff_header *header, struct vl_buf *out,
                           struct vl_error *err);
VL_MUST_CHECK
int vl_bdiff_header_decode(struct vl_bdiff_header *header, const uint8_t *bytes, size_t n,
                           struct vl_error *err);
void vl_bdiff_header_clear(struct vl_bdiff_header *header); /* wipes the keys */

/* ---- §5 windows ---- */

/* Streams of fixed meaning.  Each tag has a stream of its own for its values;
 * vl_stream_of_tag gives its id.  "Minus the last" is the difference to the entry
 * before. */
enum vl_stream_id {
    VL_STREAM_SHAPE = 1, /* varint a record that has not the common shape: its shape */
    VL_STREAM_RUN = 2,   /* varint: records of the common shape before such a record */
    VL_STREAM_SITE_CONTIG = 3, /* varint a site: contig, minus the last */
    VL_STREAM_SITE_POS = 4,    /* varint a site: position, minus the last on its contig */
    VL_STREAM_SITE_CHANGE = 5, /* u8: permutation 1..23, or reference base as a nibble */
    VL_STREAM_VARIANT_CONTIG = 6, /* varint a variant of the person: as of a site */
    VL_STREAM_VARIANT_POS = 7,
    VL_STREAM_VARIANT_BASE = 8, /* u8 a variant: nibble, 16 more where reads differ */
    VL_STREAM_VARIANT_FLAG = 9, /* u8 a base on a variant where reads differ: 0 or 1 */
    VL_STREAM_CIGAR = 10, /* varint: how many, then varints length << 4 | operator */
    VL_STREAM_HIDDEN_COUNT = 11, /* varint: n of unpredicted bases << 1 | packed */
    VL_STREAM_HIDDEN = 12,       /* u8 an unpredicted base: nibble */
    VL_STREAM_PATCH_COUNT = 13,  /* varint: patches of the record, beyond three */
    VL_STREAM_PATCH_RANK = 14,   /* varint a patch: rank of its quality, minus the last */
    VL_STREAM_PATCH_BASE = 15,   /* u8 a patch: nibble */
    VL_STREAM_TEMPLATES = 16,    /* NUL-terminated tag templates */
    VL_STREAM_TEMPLATE = 17,     /* varint: number of the common one, then of others */
    VL_STREAM_TAGS_RAW = 18,     /* varint length, bytes: tags that cannot be parsed */
    VL_STREAM_WHOLE_PLACE = 19,  /* varint a whole record: masked ones since the last */
    VL_STREAM_WHOLE_CONTIG = 20, /* zigzag: contig, minus the last */
    VL_STREAM_WHOLE_POS = 21,    /* zigzag: POS, minus the last on its contig */
    VL_STREAM_WHOLE_FLAG = 22,   /* varint */
    VL_STREAM_WHOLE_LENGTH = 23, /* varint: bases of SEQ */
    VL_STREAM_POS = 24,          /* zigzag: POS, minus its prediction */
    VL_STREAM_MAPQ = 25,         /* u8 */
    VL_STREAM_MATE_CONTIG = 26,  /* zigzag: mate's contig, minus its prediction */
    VL_STREAM_MATE_POS = 27,
    VL_STREAM_MATE_TLEN = 28,
    VL_STREAM_NAME = 29,       /* NUL-terminated */
    VL_STREAM_QUAL = 30,       /* varint length, bytes */
    VL_STREAM_ORDER_STEP = 31, /* varint: records in order before one out of order */
    VL_STREAM_ORDER = 32,      /* zigzag: its ordinal, minus the expected ordinal */
    VL_STREAM_PACKED = 33,     /* packed unpredicted bases, two bits each: A, C, G, T */
    VL_STREAM_SHAPES = 34,     /* varint a shape, the common one first */
    VL_STREAM_N_QUALITY = 35,  /* u8, once: bases of this quality are predicted as N */
    VL_STREAM_FLAG = 36,       /* varint: FLAG of the original */
    VL_STREAM_GAP_CONTIG = 37, /* varint a gap: contig, minus the last */
    VL_STREAM_GAP_POS = 38,    /* varint: its beginning, minus the last end there */
    VL_STREAM_GAP_LENGTH = 39, /* varint: bases, minus 1 */
    VL_STREAM_GAP_BASES = 40,  /* reference bases of all gaps, two bits each */
    VL_STREAM_LOOSE = 41,      /* varint, once: number of loose reads */
    VL_STREAM_QUAL_PLACE = 42, /* zigzag: whose QUAL is its own, minus its number */
    VL_STREAM_QUAL_TAIL = 43,  /* u8 a quality that the masked records lack */
    VL_STREAM_PLACE_RANK =
        44, /* varint: which of the places that move onto the shown one */
    VL_STREAM_MATE_NEAR = 45, /* u8: half of PNEXT's difference, plus 128; 0: in 27 */
    VL_STREAM_MATE_LOW = 46,  /* lowest bits of these differences, eight a byte */
    VL_STREAM_HAS_MATE = 47,  /* bits, eight a byte: mate fields of masked records */
    VL_STREAM_FIXED_END = 48
};
enum { VL_VARIANT_DIFFERS = 16 };

/* Returns the stream of the values of tag `name` with SAM type `type` (cCsSiIfdAZHB). */
uint32_t vl_stream_of_tag(const char name[static 2], char type);

/* What a window says of a record; it is stored in the lowest bits of the record's shape.
 */
enum vl_grade {
    VL_GRADE_NONE = 0,  /* nothing: the record stays as it is masked */
    VL_GRADE_LOOSE = 1, /* a loose read: a piece of a read, without a masked record */
    VL_GRADE_FULL = 3   /* the original record */
};
/* The bits of a shape: which fields of the record are stored (bdiff.md §5.2). */
enum {
    VL_SHAPE_GRADE = 3,
    VL_SHAPE_PATCHES = 3 << 2, /* how many; 3: three plus VL_STREAM_PATCH_COUNT */
    VL_SHAPE_PATCHES_SHIFT = 2,
    VL_SHAPE_TEMPLATE = 1 << 4, /* its template is not the common one */
    VL_SHAPE_CIGAR = 1 << 5,
    VL_SHAPE_HIDDEN = 1 << 6,
    VL_SHAPE_MAPQ = 1 << 7,
    VL_SHAPE_MATE = 1 << 8,    /* of a masked record in VL_STREAM_HAS_MATE instead */
    VL_SHAPE_PAIR = 1 << 9,    /* the mate before it gives CIGAR and mate fields */
    VL_SHAPE_PROPER = 1 << 10, /* flag 0x2 differs from the masked record's */
    VL_SHAPE_POS = 1 << 11,
    VL_SHAPE_QUAL = 1 << 12,
    VL_SHAPE_NAME = 1 << 13,
    VL_SHAPE_FLAG = 1 << 14, /* not with PROPER */
    VL_SHAPE_END = 1 << 15
};
/* The bits that every whole record has, those that every loose read has, and those that a
 * loose read may have beside them. */
enum {
    VL_SHAPE_OF_WHOLE =
        VL_GRADE_FULL | VL_SHAPE_CIGAR | VL_SHAPE_MAPQ | VL_SHAPE_MATE | VL_SHAPE_NAME,
    VL_SHAPE_OF_LOOSE = VL_GRADE_LOOSE | VL_SHAPE_CIGAR | VL_SHAPE_MAPQ | VL_SHAPE_QUAL,
    VL_SHAPE_ALSO_LOOSE = VL_SHAPE_PATCHES | VL_SHAPE_TEMPLATE | VL_SHAPE_HIDDEN
};

/* The flags that a loose read may have: reverse strand, failed checks, duplicate. */
enum { VL_FLAGS_OF_LOOSE = 0x10 | 0x200 | 0x400 };

struct vl_stream {
    uint32_t id;
    struct vl_buf data;
    /* The stream as it was packed, and the size of its content.  vl_bdiff_window_open
     * sets these; `data` is then empty until the stream is unpacked.  NULL: the stream is
     * in `data` only. */
    const uint8_t *frame;
    size_t frame_bytes, content_bytes;
};

enum { VL_CHECK_BYTES = VL_CHECKSUM_BYTES };

struct vl_bdiff_window {
    uint8_t check[VL_CHECK_BYTES]; /* checksum of the records as the window shows them */
    struct vl_stream *streams;     /* owned; sorted by id once encoded or decoded */
    size_t n_streams;
    size_t cap_streams;
    bool is_sorted;        /* the streams are sorted, and found by bisection */
    uint32_t *slots;       /* else a hash table of their numbers + 1; owned */
    size_t n_slots;        /* a power of two, or 0 */
    uint64_t packed_bytes; /* bytes of the plaintext it was decoded from; 0: it was not
                              decoded, and limits that depend on this do not apply */
};

/* Returns the stream's buffer for writing; creates it empty where the window lacks it.
 * NULL without memory.  Pointers to other streams of the window become invalid. */
VL_MUST_CHECK
struct vl_buf *vl_bdiff_window_stream(struct vl_bdiff_window *window, uint32_t id);

/* Returns the number of the stream among the window's streams; SIZE_MAX where the window
 * lacks it. */
size_t vl_bdiff_window_find(const struct vl_bdiff_window *window, uint32_t id);

/* Sets *cursor to the stream's bytes, for reading; to no bytes where the window lacks the
 * stream. */
struct vl_cursor;
void vl_bdiff_window_read(const struct vl_bdiff_window *window, uint32_t id,
                          struct vl_cursor *cursor);

/* The most bytes of content that all streams of a written window have together. */
enum { VL_BDIFF_WINDOW_MAX = 1 << 30 };

/* Sorts the streams and appends them; empty streams are left out.  Where the streams
 * compress so well that a reader would refuse them (VL_LIMIT_WINDOW_CONTENT), they are
 * stored uncompressed.  Returns VL_ERR_DATA where their content exceeds
 * VL_BDIFF_WINDOW_MAX. */
VL_MUST_CHECK
int vl_bdiff_window_encode(struct vl_bdiff_window *window, struct vl_buf *out,
                           struct vl_error *err);
VL_MUST_CHECK
int vl_bdiff_window_decode(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                           struct vl_error *err);

/* Opens a window to change a few of many streams.  Reads the table and leaves the streams
 * packed in `bytes`, which must outlive the window.  vl_bdiff_window_encode writes the
 * streams that vl_bdiff_window_stream was not asked for as they were. */
VL_MUST_CHECK
int vl_bdiff_window_open(struct vl_bdiff_window *window, const uint8_t *bytes, size_t n,
                         struct vl_error *err);

/* Unpacks a stream for reading.  Does nothing where the window lacks it, or it is not
 * packed. */
VL_MUST_CHECK
int vl_bdiff_window_unpack(struct vl_bdiff_window *window, uint32_t id,
                           struct vl_error *err);

/* Returns the bytes of a stream's content, packed or not; 0 where the window lacks it. */
size_t vl_bdiff_window_content_bytes(const struct vl_bdiff_window *window, uint32_t id);

/* _reset empties the streams and keeps their memory; _clear frees it. */
void vl_bdiff_window_reset(struct vl_bdiff_window *window);
void vl_bdiff_window_clear(struct vl_bdiff_window *window);

/* ---- §6 index ---- */

/* A place in the order of a coordinate-sorted file. */
struct vl_locus {
    uint32_t contig; /* number of the contig; for unplaced reads, the number of contigs */
    int64_t pos0;    /* -1 for unplaced reads, and for POS 0 in SAM */
    uint64_t ordinal; /* number, from 0, among the masked records of that contig and
                         position */
};

struct vl_bdiff_entry {
    uint32_t n_records;    /* masked records in the window */
    struct vl_locus first; /* place of its first masked record; of its first whole record
                              where it has no masked one */
    struct vl_locus last;  /* place of its last record of that kind */
    uint32_t low_contig;   /* what the window shows begins here */
    int64_t low_pos0;
    uint32_t high_contig; /* and ends here; high_end is exclusive */
    int64_t high_end;
    uint64_t offset;     /* of its ciphertext in the file; not stored, because windows are
                            contiguous */
    uint32_t size_bytes; /* of its ciphertext */
    uint8_t sealed_sha256[32]; /* of its ciphertext */
    uint8_t masked_sha256[32]; /* of its masked records in canonical form */
};

struct vl_bdiff_index {
    uint64_t n_masked;           /* records in the masked file */
    uint64_t n_whole;            /* whole records in this BDIFF */
    uint64_t n_sites;            /* sites that this BDIFF lists */
    uint8_t masked_sha256[32];   /* of all masked records of the masked file */
    bool is_root;                /* the owner's file: has original_sha256 */
    uint8_t original_sha256[32]; /* over the checks of all windows */
    struct vl_bdiff_entry *v;    /* owned; in file order */
    size_t n;
    size_t cap;
};

/* Appends a copy of the entry.  Returns 0, or VL_ERR_MEMORY without a message. */
VL_MUST_CHECK
int vl_bdiff_index_add(struct vl_bdiff_index *index, const struct vl_bdiff_entry *entry);
VL_MUST_CHECK
int vl_bdiff_index_encode(const struct vl_bdiff_index *index, struct vl_buf *out,
                          struct vl_error *err);
/* Decodes the index and fills in the offsets of the entries; `offset` is that of the
 * first window.  Places are checked against the number of contigs, so that code that
 * walks over accepted places cannot loop for ever or overflow. */
VL_MUST_CHECK
int vl_bdiff_index_decode(struct vl_bdiff_index *index, const uint8_t *bytes, size_t n,
                          uint64_t offset, size_t n_contigs, struct vl_error *err);
void vl_bdiff_index_clear(struct vl_bdiff_index *index);

/* Appends the bytes that bind a window's ciphertext to its place (associated data,
 * §3). */
void vl_bdiff_range_encode(const struct vl_bdiff_entry *entry, struct vl_buf *out);

/* ---- §7 trailer ---- */

struct vl_bdiff_trailer {
    uint64_t index_offset;
    uint32_t index_size;     /* bytes of the index's ciphertext */
    uint32_t signature_size; /* in bytes; 0: unsigned */
    uint8_t mac[VL_BDIFF_MAC_BYTES];
};

/* Appends the trailer without its MAC. */
void vl_bdiff_trailer_encode(const struct vl_bdiff_trailer *trailer, struct vl_buf *out);

/* Decodes the trailer.  Also returns VL_ERR_SEAL where its offsets and sizes do not fit a
 * file of that size.  The MAC is not checked here. */
VL_MUST_CHECK
int vl_bdiff_trailer_decode(struct vl_bdiff_trailer *trailer,
                            const uint8_t bytes[static VL_BDIFF_TRAILER_BYTES],
                            uint64_t file_size, struct vl_error *err);

#endif
