/* The hooks through which an operation asks its caller for something, or tells it
 * something, while it runs. */
#ifndef VARLOCK_HOOKS_H
#define VARLOCK_HOOKS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Supplies the passphrase of a private key file.  Writes at most `cap` bytes to `out`,
 * without a NUL, and returns how many; negative where there is no passphrase. */
typedef int (*vl_passphrase_fn)(void *arg, const char *path, char *out, int cap);

/* Called every few thousand records with the work done so far: n records (or VCF lines),
 * and the share of the input that was read, 0..1, or negative where the size of the input
 * is unknown.  Returns 0 to go on; anything else ends the operation with
 * VL_ERR_CANCELLED, and no output is left.  Called from the thread that called the
 * operation. */
typedef int (*vl_progress_fn)(void *arg, uint64_t n, double share);

/* Called with one line (no newline) that the user should see, although the operation goes
 * on. */
typedef void (*vl_warning_fn)(void *arg, const char *line);

/* Takes whole lines of text, not NUL-terminated.  Returns 0, or an errno value that says
 * why it takes no more: the operation then ends with VL_ERR_IO. */
typedef int (*vl_text_fn)(void *arg, const char *text, size_t size_bytes);

struct vl_hooks {
    vl_passphrase_fn passphrase; /* NULL: encrypted private keys are refused */
    void *passphrase_arg;
    vl_progress_fn progress; /* NULL: none */
    void *progress_arg;
    vl_warning_fn warning; /* NULL: warnings are lost */
    void *warning_arg;
    vl_warning_fn note; /* a line that is worth telling, no warning; NULL: none */
    void *note_arg;
};

#ifdef __cplusplus
}
#endif

#endif
