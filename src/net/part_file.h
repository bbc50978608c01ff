/*
 * `<output>.part`: what came so far of an answer.  It stays behind when a run breaks off,
 * so that the next one for the same answer goes on where that one ended.
 *
 * It begins with 64 bytes: "varlock part 1\n" and a NUL, the SHA-256 of what is fetched,
 * and a mark of the block
 * that is at the end.  The answer follows as it came, so what is encrypted stays so.
 */
#ifndef VARLOCK_NET_PART_FILE_H
#define VARLOCK_NET_PART_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/digest.h"
#include "varlock/error.h"

enum { PART_HEAD_BYTES = 64, PART_MARK_BYTES = 16 }; /* before the answer, and of it */

struct part_file {
    char *path; /* NULL: it has no name, and is gone with the process */
    int fd;
    int64_t size;                  /* bytes of the answer that are there */
    uint8_t mark[PART_MARK_BYTES]; /* that an earlier run set; zeros: none did */
};

/* Opens it, locked against other runs.  If it is not of the answer `identity` it begins
 * anew.  `output` "-": a file without a name, in TMPDIR.  VL_ERR_IO: another run holds
 * it, or it cannot be written. */
VL_MUST_CHECK
int part_file_open(struct part_file *part, const char *output,
                   const uint8_t identity[static VL_SHA256_BYTES], struct vl_error *err);

/* Keeps the first n bytes of the answer. */
VL_MUST_CHECK
int part_file_cut(struct part_file *part, int64_t n, struct vl_error *err);
VL_MUST_CHECK
int part_file_add(struct part_file *part, const void *bytes, size_t n,
                  struct vl_error *err);

/* Sets the mark. */
VL_MUST_CHECK
int part_file_set_mark(struct part_file *part, const uint8_t mark[static PART_MARK_BYTES],
                       struct vl_error *err);

/* Reads n bytes at `offset` of the answer.  False unless they are there. */
bool part_file_peek(const struct part_file *part, int64_t offset, void *bytes, size_t n);

/* Removes its name. */
void part_file_remove(struct part_file *part);

/* Closes it; the name stays. */
void part_file_close(struct part_file *part);

#endif
