/* Alignment files as input: BAM, CRAM or SAM.  A truncated file is noticed. */
#ifndef VARLOCK_CORE_ALIGNMENT_INPUT_H
#define VARLOCK_CORE_ALIGNMENT_INPUT_H

#include <htslib/sam.h>
#include <htslib/thread_pool.h>

#include "crypt4gh/c4gh_keys.h"
#include "varlock/buf.h"
#include "varlock/contig.h"
#include "varlock/error.h"
#include "varlock/file.h"
#include "varlock/varlock.h"

struct alignment_input {
    char *path;
    htsFile *file;
    sam_hdr_t *header;
    struct vl_buf text; /* header text, byte for byte as in a BAM or CRAM, or the lines of
                         * a SAM; a NUL follows */
    struct vl_contigs contigs; /* of the header */
    hts_idx_t *index;          /* NULL until alignment_input_need_index */
    int64_t data_start;        /* virtual offset of a BAM's first record */
    hts_itr_t *iterator;       /* reads a CRAM after a seek; NULL otherwise */
    uint64_t n_records;        /* read so far by alignment_input_next */
    int64_t size_bytes;        /* of the (plain) file; -1 where unknown (pipes) */
    struct c4gh_keys *keys;    /* the caller's, that open encrypted files; NULL: none */
    bool is_encrypted;         /* Crypt4GH: what follows is of the plain file */
    struct vl_error *failure;  /* why it could not be read on; owned */
    bool has_reference;        /* a reference was given, for CRAM */
    bool ended;                /* alignment_input_next returned 0 */
};

/* Opens the file and reads its header.  `pool` may be NULL; it must outlive the input, as
 * must `keys` (NULL: none), which open a Crypt4GH file. */
VL_MUST_CHECK
int alignment_input_open(struct alignment_input *in, const char *path,
                         const char *reference, struct c4gh_keys *keys,
                         htsThreadPool *pool, struct vl_error *err);

/* 1 and the next record, normalised.  0 at the end, and again behind it.  VL_ERR_DATA if
 * the file is cut or corrupt. */
VL_MUST_CHECK
int alignment_input_next(struct alignment_input *in, bam1_t *b, struct vl_error *err);

/* alignment_input_need_index loads the index.  VL_ERR_DATA if there is none; the message
 * names the command that makes one.  alignment_input_try_index returns whether there is
 * one. */
VL_MUST_CHECK
int alignment_input_need_index(struct alignment_input *in, struct vl_error *err);
bool alignment_input_try_index(struct alignment_input *in);

/* Loads the index from a file, which may be encrypted.  VL_ERR_DATA, VL_ERR_IO. */
VL_MUST_CHECK
int alignment_input_take_index(struct alignment_input *in, const char *path,
                               struct vl_error *err);

/* Fills in the error of a record that htslib could not read. */
int alignment_input_blame(const struct alignment_input *in, struct vl_error *err);

/* Uses the index to go to a place from which reading on returns every record of the
 * contig that overlaps [pos0, end), and every later one.  Other records may come first.
 * The number of contigs as `contig` means the unplaced reads.  Returns 1.  Returns 0 and
 * does nothing if the index has no such place: no record overlaps, or pos0 is -1 in a
 * BAM.  VL_ERR_DATA, VL_ERR_IO. */
int alignment_input_seek(struct alignment_input *in, size_t contig, int64_t pos0,
                         int64_t end, struct vl_error *err);

/* Virtual offsets between which an indexed BAM has its unplaced reads, and nothing else.
 * 1; 0, and nothing is set, if there are none.  VL_ERR_IO. */
VL_MUST_CHECK
int alignment_input_unplaced(const struct alignment_input *in, uint64_t *first,
                             uint64_t *behind, struct vl_error *err);

/* Goes to the first record of a BAM.  VL_ERR_IO. */
int alignment_input_rewind(struct alignment_input *in, struct vl_error *err);

/* Share of the input read so far, 0..1.  Negative if the input's size is unknown. */
double alignment_input_share(const struct alignment_input *in);

void alignment_input_close(struct alignment_input *in);

#endif
