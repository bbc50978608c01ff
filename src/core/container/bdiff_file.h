/*
 * BDIFF files: the codecs of varlock/bdiff.h sealed and put in their places
 * (formats/bdiff.md).
 */
#ifndef VARLOCK_CORE_BDIFF_FILE_H
#define VARLOCK_CORE_BDIFF_FILE_H

#include "varlock/bdiff.h"
#include "varlock/error.h"
#include "varlock/key.h"
#include "varlock/outfile.h"

/* ---- writing ---- */

struct vl_bdiff_writer;
struct vl_bdiff_reader;

/* Draws the file id and the secret, which nobody but the recipients' keys will bring
 * back. */
VL_MUST_CHECK
int vl_bdiff_writer_new(struct vl_bdiff_writer **writer, struct vl_error *err);
const uint8_t *vl_bdiff_writer_id(const struct vl_bdiff_writer *writer);

/* Creates the output (0600, never a pipe; what stands there is replaced if `replaces`)
 * and writes envelope and sealed header.  recipients: public keys. */
VL_MUST_CHECK
int vl_bdiff_writer_open(struct vl_bdiff_writer *writer, const char *path, bool replaces,
                         struct vl_key *const *recipients, size_t n_recipients,
                         const struct vl_bdiff_header *header, struct vl_error *err);

/* Seals the plaintext of window number `ordinal` into *sealed (emptied first) and sets
 * the entry's size and digest of the ciphertext.  Thread safe: changes nothing in the
 * writer. */
VL_MUST_CHECK
int vl_bdiff_writer_seal(const struct vl_bdiff_writer *writer, uint64_t ordinal,
                         const struct vl_buf *plain, struct vl_bdiff_entry *entry,
                         struct vl_buf *sealed, struct vl_error *err);

/* The same of window i of another BDIFF, as it is there: fills in *plain (emptied first;
 * the caller wipes it) and *entry.  Thread safe as well. */
VL_MUST_CHECK
int vl_bdiff_writer_reseal(const struct vl_bdiff_writer *writer, uint64_t ordinal,
                           const struct vl_bdiff_reader *from, size_t i,
                           struct vl_buf *plain, struct vl_bdiff_entry *entry,
                           struct vl_buf *sealed, struct vl_error *err);

/* Appends sealed windows in the order of their ordinals. */
VL_MUST_CHECK
int vl_bdiff_writer_add(struct vl_bdiff_writer *writer,
                        const struct vl_bdiff_entry *entry, const struct vl_buf *sealed,
                        struct vl_error *err);

/* The index that finish will write; the caller sets its totals. */
struct vl_bdiff_index *vl_bdiff_writer_index(struct vl_bdiff_writer *writer);

/* Writes index, signature (signer may be NULL) and trailer. */
VL_MUST_CHECK
int vl_bdiff_writer_finish(struct vl_bdiff_writer *writer, const struct vl_key *signer,
                           struct vl_error *err);

uint64_t vl_bdiff_writer_tell(const struct vl_bdiff_writer *writer);

/* Gives the finished file its name: alone, or through vl_outfile_set_add with others.
 * The output stays the writer's. */
VL_MUST_CHECK
int vl_bdiff_writer_commit(struct vl_bdiff_writer *writer, struct vl_error *err);
struct vl_outfile *vl_bdiff_writer_file(const struct vl_bdiff_writer *writer);

/* Wipes; removes the output unless it got its name.  NULL is fine. */
void vl_bdiff_writer_free(struct vl_bdiff_writer *writer);

/* ---- reading ---- */

/* Opens with a recipient's private key.  Envelope and trailer are checked first, then
 * with `verifier` the signature, over ciphertext; nothing sealed is decoded before that.
 * On success header and index are authentic.  VL_ERR_IO where the file cannot be opened,
 * VL_ERR_KEY where the key is no recipient's, else VL_ERR_SEAL. */
VL_MUST_CHECK
int vl_bdiff_reader_open(struct vl_bdiff_reader **reader, const char *path,
                         const struct vl_key *key, const char *key_path,
                         const struct vl_key *verifier, const char *verifier_path,
                         struct vl_error *err);

/* They live as long as the reader. */
const struct vl_bdiff_header *
vl_bdiff_reader_header(const struct vl_bdiff_reader *reader);
const struct vl_bdiff_index *vl_bdiff_reader_index(const struct vl_bdiff_reader *reader);
const char *vl_bdiff_reader_path(const struct vl_bdiff_reader *reader);
const uint8_t *vl_bdiff_reader_id(const struct vl_bdiff_reader *reader);
size_t vl_bdiff_reader_n_recipients(const struct vl_bdiff_reader *reader);
bool vl_bdiff_reader_is_signed(const struct vl_bdiff_reader *reader);
/* It was opened with a verifier, so its signature is known to be good. */
bool vl_bdiff_reader_is_verified(const struct vl_bdiff_reader *reader);

/* Plaintext of window i, appended.  Thread safe. */
VL_MUST_CHECK
int vl_bdiff_reader_window(const struct vl_bdiff_reader *reader, size_t i,
                           struct vl_buf *plain, struct vl_error *err);

/* Puts path and number of the window before a message about its content; returns `code`.
 */
int vl_bdiff_reader_blame_window(const struct vl_bdiff_reader *reader, size_t i, int code,
                                 struct vl_error *err);

/* Wipes.  NULL is fine. */
void vl_bdiff_reader_free(struct vl_bdiff_reader *reader);

#endif
