/* What the tests of key.c and key_file.c share: the keys of testdata/keys, a scratch
 * directory, and the openssl program as an independent oracle. */
#ifndef KEY_FIXTURE_H
#define KEY_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "varlock/key.h"

static char scratch[64];
static const uint8_t file_id[VL_FILE_ID_BYTES] = "abcdefghijklmno";
static const uint8_t secret[VL_SECRET_BYTES] = "0123456789abcdefghijklmnopqrstuv";

static inline const char *key_path(const char *name)
{
    static char path[4096];
    const char *testdata = getenv("VARLOCK_TESTDATA");
    snprintf(path, sizeof path, "%s/keys/%s", testdata ? testdata : "testdata", name);
    return path;
}

static inline const char *scratch_path(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    return path;
}

static inline void write_scratch(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

/* Runs openssl in the scratch directory, with $K set to the directory of the test keys.
 * Returns its exit code. */
__attribute__((format(printf, 1, 2))) static inline int openssl(const char *format, ...)
{
    char arguments[4096], command[16384], *keys = realpath(key_path("."), NULL);
    va_list args;
    ck_assert_ptr_nonnull(keys);
    va_start(args, format);
    vsnprintf(arguments, sizeof arguments, format, args);
    va_end(args);
    snprintf(command, sizeof command, "cd '%s' && K='%s' && { openssl %s; } >>log 2>&1",
             scratch, keys, arguments);
    free(keys);
    return system(command);
}

static inline void make_scratch(void)
{
    strcpy(scratch, "/tmp/varlock-key-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
}

static inline void remove_scratch(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -r '%s'", scratch);
    ck_assert_int_eq(system(command), 0);
}

static inline int say_passphrase(void *arg, const char *path, char *out, int cap)
{
    int n = (int)strlen(arg);
    ck_assert_ptr_nonnull(path);
    ck_assert_int_le(n, cap);
    memcpy(out, arg, (size_t)n);
    return n;
}

static inline struct vl_key *read_private(const char *path, char *passphrase)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    int rc = vl_key_read_private(&key, path, passphrase ? say_passphrase : NULL,
                                 passphrase, &err);
    ck_assert_msg(rc == 0, "%s", err.message);
    return key;
}

static inline struct vl_key *read_public(const char *path)
{
    struct vl_key *key = NULL;
    struct vl_error err = {0};
    int rc = vl_key_read_public(&key, path, &err);
    ck_assert_msg(rc == 0, "%s", err.message);
    return key;
}

static inline void expect_same_key(const struct vl_key *a, const struct vl_key *b)
{
    uint8_t id[VL_FILE_ID_BYTES] = {1, 2, 3}, hint_a[VL_HINT_BYTES],
            hint_b[VL_HINT_BYTES];
    ck_assert_int_eq(vl_key_hint(a, id, hint_a, NULL), 0);
    ck_assert_int_eq(vl_key_hint(b, id, hint_b, NULL), 0);
    ck_assert_mem_eq(hint_a, hint_b, VL_HINT_BYTES);
}

#endif
