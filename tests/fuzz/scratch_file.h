/* The input as a file, for what reads files only; its path. */
#ifndef VARLOCK_TESTS_SCRATCH_FILE_H
#define VARLOCK_TESTS_SCRATCH_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline const char *scratch_file(const uint8_t *bytes, size_t n)
{
    static char path[32];
    if (!path[0]) {
        strcpy(path, "/tmp/varlock-fuzz-XXXXXX");
        int fd = mkstemp(path);
        if (fd < 0 || close(fd) < 0)
            abort();
    }
    FILE *out = fopen(path, "wb");
    if (!out || (n > 0 && fwrite(bytes, 1, n, out) != n) || fclose(out) != 0)
        abort();
    return path;
}

#endif
