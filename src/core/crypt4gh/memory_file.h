/*
 * Files in memory, and parts of open files, under names that htslib opens: for what
 * htslib reads and writes by name only, such as an index, and what must not be on a disk.
 */
#ifndef VARLOCK_CORE_MEMORY_FILE_H
#define VARLOCK_CORE_MEMORY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"

enum { MEMORY_FILE_NAME_BYTES = 48 };

/* Belongs to its maker; the name is valid, and found from any thread, while it lives. */
struct memory_file {
    char name[MEMORY_FILE_NAME_BYTES];
    struct vl_buf bytes; /* content; what htslib writes replaces it when it closes */
    int fd;              /* it is a part of this file of the caller's, and only read; -1:
                            it is in memory */
    int64_t beg, end;    /* of the part */
    struct memory_file *next;
};

/* Makes a file without content.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int memory_file_open(struct memory_file **file, struct vl_error *err);

/* Makes a file of a part of another one, which outlives it.  VL_ERR_MEMORY. */
VL_MUST_CHECK
int memory_file_part(struct memory_file **file, int fd, int64_t beg, int64_t end,
                     struct vl_error *err);

/* True of the name of any such file, present or not. */
bool memory_file_is_name(const char *path);

/* Wipes and frees.  No stream may be open on it.  NULL is fine. */
void memory_file_free(struct memory_file *file);

#endif
