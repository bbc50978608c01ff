/* Alignment files as output: a file appears whole or not at all. */
#ifndef VARLOCK_CORE_ALIGNMENT_OUTPUT_H
#define VARLOCK_CORE_ALIGNMENT_OUTPUT_H

#include <htslib/sam.h>
#include <htslib/thread_pool.h>
#include <stdbool.h>

#include "alignment/alignment_input.h"
#include "crypt4gh/c4gh_writer.h"
#include "varlock/error.h"
#include "varlock/outfile.h"
#include "varlock/varlock.h"

struct alignment_output;

/* Opens the output (see struct vl_output; rules and permissions, less the umask, as in
 * vl_outfile_open) and writes the header, made by header_from_raw.  In SAM and CRAM its
 * text is repaired first.  The caller still owns the header, which must outlive the
 * handle.  `own` (NULL: none) is the X25519 form of a pair of the caller that opens an
 * encrypted output too. */
VL_MUST_CHECK
int alignment_output_open(struct alignment_output **out, const struct vl_output *options,
                          mode_t mode, unsigned rules, sam_hdr_t *header,
                          const struct vl_key *own, htsThreadPool *pool,
                          struct vl_error *err);

/* The keys that the output is encrypted to; n is 0 where it is not. */
const struct c4gh_readers *alignment_output_readers(const struct alignment_output *out);

VL_MUST_CHECK
int alignment_output_write(struct alignment_output *out, const bam1_t *b,
                           struct vl_error *err);

/* Copies the blocks of a BAM from one virtual offset to another (-1: its end), unchanged.
 * A block that begins before the first offset or ends behind the second is not copied
 * whole: the part between the offsets is compressed anew.  Both files are BAM and have no
 * threads. */
VL_MUST_CHECK
int alignment_output_append(struct alignment_output *out,
                            const struct alignment_input *in, int64_t from, int64_t to,
                            struct vl_error *err);

/* Bytes written so far, in whole blocks.  Only valid right after
 * alignment_output_append. */
int64_t alignment_output_tell(const struct alignment_output *out);

/* Writes what is buffered, the end block and the index.  The files keep their temporary
 * names. */
VL_MUST_CHECK
int alignment_output_finish(struct alignment_output *out, struct vl_error *err);

/* Path at which a finished output can be read until it is committed. */
const char *alignment_output_temporary(const struct alignment_output *out);

/* Finishes the output.  Then renames `before` (NULLs are skipped), its index and the
 * output itself to their final names, in this order and together.  A stream has no name;
 * its last bytes, with its end block, are written at that point instead. */
VL_MUST_CHECK
int alignment_output_commit(struct alignment_output *out,
                            struct vl_outfile *const *before, size_t n_before,
                            struct vl_error *err);

/* Without a commit this removes everything, and a stream does not get its last bytes.
 * NULL is fine. */
void alignment_output_free(struct alignment_output *out);

/* Refuses an output or an index that masked_output_check refuses, and a `bdiff` (may be
 * NULL) that bdiff_output_check refuses. */
VL_MUST_CHECK
int alignment_output_check_targets(const struct vl_output *options, unsigned rules,
                                   const char *bdiff, struct vl_error *err);

/* VL_ERR_USAGE if the output, its index or `other_output` (may be NULL) is the same file
 * as an input or as another of the three; or if its name says that it is encrypted, and
 * it has no recipients.  more_inputs may be NULL. */
VL_MUST_CHECK
int alignment_output_check_paths(const struct vl_output *options,
                                 const char *other_output, const char *const *inputs,
                                 size_t n_inputs, const struct vl_list *more_inputs,
                                 struct vl_error *err);

/* True if an output with these options is BAM, and if it is CRAM. */
bool alignment_output_is_bam(const struct vl_output *options);
bool alignment_output_is_cram(const struct vl_output *options);

/* True if it is encrypted. */
bool alignment_output_is_encrypted(const struct vl_output *options);

#endif
