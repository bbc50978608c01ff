/* What a caller of the library may be asked for, and told, while an operation goes on. */
#ifndef VARLOCK_HOOKS_H
#define VARLOCK_HOOKS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Supplies the passphrase of a private key file: writes at most `cap` bytes without a NUL
 * to `out` and returns how many, negative when there is none to be had. */
typedef int (*vl_passphrase_fn)(void *arg, const char *path, char *out, int cap);

/* Called every few thousand records with the work done so far: n records (or VCF lines)
 * and the share of the input read, 0..1, or negative where the input's size is unknown.
 * Returns 0; anything else ends the operation with VL_ERR_CANCELLED, and no output is
 * left.  Comes from the thread that called the operation. */
typedef int (*vl_progress_fn)(void *arg, uint64_t n, double share);

/* Called with one line (no newline) that the user should see although the work goes on.
 */
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
};

#ifdef __cplusplus
}
#endif

#endif
