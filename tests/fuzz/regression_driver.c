/*
 * Runs a fuzz target over the files given, each in memory of exactly its size.  Prints
 * each name before its run, so that the last line names the file of a crash, and at the
 * end how many there were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "varlock/file.h"

enum { INPUT_BYTES_MAX = 1 << 24 };

static int run(const char *path)
{
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_error err = {0};
    int rc = vl_file_slurp(path, INPUT_BYTES_MAX, &bytes, &err);
    uint8_t *exact = rc == 0 ? malloc(bytes.len + !bytes.len) : NULL;
    if (rc == 0 && !exact)
        rc = vl_error_memory(&err);
    if (rc < 0) {
        fprintf(stderr, "%s\n", err.message);
    } else {
        if (bytes.len > 0)
            memcpy(exact, bytes.data, bytes.len);
        printf("%s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(exact, bytes.len);
    }
    free(exact);
    vl_buf_clear(&bytes);
    return rc;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (run(argv[i]) < 0)
            return 2;
    printf("%d inputs\n", argc - 1);
    return 0;
}
