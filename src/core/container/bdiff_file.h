/*
 * BDIFF files (formats/bdiff.md): seals what the codecs of varlock/bdiff.h encode and
 * writes it to its place in the file; reads it back.
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

/* Draws the file id and the secret.  Only the recipients' private keys can recover the
 * secret. */
VL_MUST_CHECK
int vl_bdiff_writer_new(struct vl_bdiff_writer **writer, struct vl_error *err);
const uint8_t *vl_bdiff_writer_id(const struct vl_bdiff_writer *writer);

/* Creates the output (mode 0600, never a pipe) and writes the envelope and the sealed
 * header.  An existing file is replaced only if `replaces`.  recipients: public keys. */
VL_MUST_CHECK
int vl_bdiff_writer_open(struct vl_bdiff_writer *writer, const char *path, bool replaces,
                         struct vl_key *const *recipients, size_t n_recipients,
                         const struct vl_bdiff_header *header, struct vl_error *err);

/* Seals the plaintext of window number `ordinal` into *sealed (emptied first).  Sets the
 * size and the ciphertext digest of the entry.  Thread safe: changes nothing in the
 * writer. */
VL_MUST_CHECK
int vl_bdiff_writer_seal(const struct vl_bdiff_writer *writer, uint64_t ordinal,
                         const struct vl_buf *plain, struct vl_bdiff_entry *entry,
                         struct vl_buf *sealed, struct vl_error *err);

/* Seals window i of another BDIFF, unchanged, as window number `ordinal` into *sealed
 * (emptied first).  Fills in *plain (emptied first; the caller wipes it) and *entry.
 * Thread safe. */
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

/* The index that vl_bdiff_writer_finish will write.  The caller sets its totals. */
struct vl_bdiff_index *vl_bdiff_writer_index(struct vl_bdiff_writer *writer);

/* Writes index, signature (signer may be NULL) and trailer. */
VL_MUST_CHECK
int vl_bdiff_writer_finish(struct vl_bdiff_writer *writer, const struct vl_key *signer,
                           struct vl_error *err);

uint64_t vl_bdiff_writer_tell(const struct vl_bdiff_writer *writer);

/* Gives the finished file its name: alone, or through vl_outfile_set_add together with
 * other files.  The writer still owns the output. */
VL_MUST_CHECK
int vl_bdiff_writer_commit(struct vl_bdiff_writer *writer, struct vl_error *err);
struct vl_outfile *vl_bdiff_writer_file(const struct vl_bdiff_writer *writer);

/* Wipes the keys and frees.  Removes the output unless it has got its name.  NULL is
 * fine. */
void vl_bdiff_writer_free(struct vl_bdiff_writer *writer);

/* ---- reading ---- */

/* Opens a file with a recipient's private key.  Envelope and trailer are checked first,
 * then, with `verifier`, the signature, which covers ciphertext.  Nothing sealed is
 * decoded before that.  On success header and index are authentic.  VL_ERR_IO if the file
 * cannot be opened, VL_ERR_KEY if the key does not belong to a recipient, otherwise
 * VL_ERR_SEAL. */
VL_MUST_CHECK
int vl_bdiff_reader_open(struct vl_bdiff_reader **reader, const char *path,
                         const struct vl_key *key, const char *key_path,
                         const struct vl_key *verifier, const char *verifier_path,
                         struct vl_error *err);

/* What a key is to a BDIFF. */
enum bdiff_fit {
    BDIFF_NO_ENTRY,     /* the envelope has no entry with its hint */
    BDIFF_HAS_ENTRY,    /* it has one, and the key is public only */
    BDIFF_BROKEN_ENTRY, /* it has one, which does not open the envelope */
    BDIFF_OPENS
};

/* Says what the key is to the file; looks at the envelope only. */
VL_MUST_CHECK
int vl_bdiff_try_key(const char *path, const struct vl_key *key, enum bdiff_fit *fit,
                     struct vl_error *err);

/* Header and index live as long as the reader. */
const struct vl_bdiff_header *
vl_bdiff_reader_header(const struct vl_bdiff_reader *reader);
const struct vl_bdiff_index *vl_bdiff_reader_index(const struct vl_bdiff_reader *reader);
const char *vl_bdiff_reader_path(const struct vl_bdiff_reader *reader);
const uint8_t *vl_bdiff_reader_id(const struct vl_bdiff_reader *reader);
size_t vl_bdiff_reader_n_recipients(const struct vl_bdiff_reader *reader);
bool vl_bdiff_reader_is_signed(const struct vl_bdiff_reader *reader);
/* True if the file was opened with a verifier, so its signature is known to be good. */
bool vl_bdiff_reader_is_verified(const struct vl_bdiff_reader *reader);

/* Appends the plaintext of window i.  Thread safe. */
VL_MUST_CHECK
int vl_bdiff_reader_window(const struct vl_bdiff_reader *reader, size_t i,
                           struct vl_buf *plain, struct vl_error *err);

/* Prefixes a message about the content of window i with the path and the window's number.
 * Returns `code`. */
int vl_bdiff_reader_blame_window(const struct vl_bdiff_reader *reader, size_t i, int code,
                                 struct vl_error *err);

/* Wipes the keys and frees.  NULL is fine. */
void vl_bdiff_reader_free(struct vl_bdiff_reader *reader);

#endif
