/* The files that a server sent, and what becomes of their records. */
#ifndef VARLOCK_CORE_ANSWER_H
#define VARLOCK_CORE_ANSWER_H

#include <htslib/sam.h>

#include "alignment/alignment_output.h"
#include "answer/asked.h"
#include "crypt4gh/c4gh_keys.h"
#include "crypt4gh/memory_file.h"
#include "varlock/receive.h"

struct answer {
    const struct vl_receiver_options *options;
    const struct asked *asked;
    struct c4gh_keys *keys;
    struct memory_file **files; /* n of them, at least one */
    size_t n;
    struct vl_receiver_counts counts;
};

/* True if records are looked at one by one, and those that were not asked for are left
 * out. */
static inline bool answer_is_filtered(const struct answer *answer)
{
    return answer->n > 1 || (answer->asked->n > 0 && !answer->options->no_filter);
}

/* What goes with the message about a file that ends too early. */
int answer_blame_cut(const struct answer *answer, int rc, struct vl_error *err);

/* VL_ERR_DATA unless the file, which is text, compressed or not, ends with a whole line:
 * nothing else tells that a text was cut. */
VL_MUST_CHECK
int answer_check_last_line(const struct answer *answer, const struct memory_file *file,
                           struct vl_error *err);

/* Writes file 0 as it is, once decrypted. */
VL_MUST_CHECK
int answer_copy(const struct answer *answer, int mode, struct vl_error *err);

/* Opens the output of alignments.  VL_ERR_USAGE if it is CRAM without -T.  Takes UR away
 * from the header of a CRAM, for htslib would read what is named there. */
VL_MUST_CHECK
int answer_open_output(const struct answer *answer, sam_hdr_t *header, int mode,
                       htsThreadPool *pool, struct alignment_output **output,
                       struct vl_error *err);

/* Writes the header of file 0, a BAM or CRAM, with an end block: an answer of the header
 * alone has none. */
VL_MUST_CHECK
int answer_header(struct answer *answer, int mode, struct vl_error *err);

/* Check the files and write the output, of a BAM or CRAM, and of a VCF or BCF, or its
 * header. */
VL_MUST_CHECK
int answer_alignments(struct answer *answer, int mode, struct vl_error *err);
VL_MUST_CHECK
int answer_variants(struct answer *answer, int mode, struct vl_error *err);

#endif
