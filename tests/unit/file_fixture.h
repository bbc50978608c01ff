/* For tests that work on files: each gets a directory of its own, and short names for
 * common steps. */
#ifndef VARLOCK_TEST_FILE_FIXTURE_H
#define VARLOCK_TEST_FILE_FIXTURE_H

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "varlock/file.h"
#include "varlock/outfile.h"

static char directory[64];

static inline void enter_directory(void)
{
    strcpy(directory, "/tmp/varlock-file.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static inline size_t count_files(const char *pattern)
{
    glob_t found;
    int rc = glob(pattern, GLOB_NOSORT, NULL, &found);
    size_t n = rc == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return n;
}

static inline void leave_directory(void)
{
    glob_t found;
    if (glob("*", GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (unlink(found.gl_pathv[i]) < 0)
                rmdir(found.gl_pathv[i]);
    globfree(&found);
    rmdir(directory);
}

static inline struct vl_outfile *open_out(const char *path, mode_t mode)
{
    struct vl_outfile *out = NULL;
    struct vl_error err = {0};
    ck_assert_msg(vl_outfile_open(&out, path, mode, VL_OUTFILE_REPLACES, &err) == 0, "%s",
                  err.message);
    return out;
}

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void assert_holds(const char *path, const char *text)
{
    struct vl_buf buf = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_msg(vl_file_slurp(path, 1000, &buf, &err) == 0, "%s", err.message);
    ck_assert_uint_eq(buf.len, strlen(text));
    ck_assert_mem_eq(buf.data, text, buf.len);
    vl_buf_clear(&buf);
}

#endif
