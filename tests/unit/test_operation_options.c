#include <check.h>
#include <stdio.h>
#include <string.h>

#include "operation_options.h"
#include "varlock/varlock.h"

Suite *operation_options_suite(void);

/* ---- every operation, without its fields ---- */

enum { FIELDS_MAX = 6, OPTIONS_BYTES_MAX = 512 };

struct needed {
    bool is_list;
    const char *name; /* as messages call it */
    size_t offset;
};

struct operation {
    const char *name;
    size_t size_bytes;
    int (*run)(const void *options, struct vl_error *err);
    struct needed fields[FIELDS_MAX]; /* a NULL name ends them */
};

static int keygen(const void *options, struct vl_error *err)
{
    return vl_keygen(options, err);
}

static int vcf2vac(const void *options, struct vl_error *err)
{
    return vl_vcf2vac(options, NULL, err);
}

static int encrypt(const void *options, struct vl_error *err)
{
    return vl_encrypt(options, NULL, err);
}

static int merge(const void *options, struct vl_error *err)
{
    return vl_merge(options, NULL, err);
}

static int decrypt(const void *options, struct vl_error *err)
{
    return vl_decrypt(options, NULL, err);
}

static int reencrypt(const void *options, struct vl_error *err)
{
    return vl_reencrypt(options, NULL, err);
}

static int take_text(void *arg, const char *text, size_t size_bytes)
{
    (void)arg, (void)text, (void)size_bytes;
    return 0;
}

static int view(const void *options, struct vl_error *err)
{
    return vl_view(options, take_text, NULL, err);
}

#define TEXT(operation, field)                                                           \
    {                                                                                    \
        false, #field, offsetof(struct vl_##operation##_options, field)                  \
    }
#define LIST(operation, field)                                                           \
    {                                                                                    \
        true, #field, offsetof(struct vl_##operation##_options, field)                   \
    }
#define OPERATION(operation, ...)                                                        \
    {                                                                                    \
        "vl_" #operation, sizeof(struct vl_##operation##_options), operation,            \
        {                                                                                \
            __VA_ARGS__                                                                  \
        }                                                                                \
    }

static const struct operation OPERATIONS[] = {
    OPERATION(keygen, TEXT(keygen, name)),
    OPERATION(vcf2vac, LIST(vcf2vac, inputs), TEXT(vcf2vac, output)),
    OPERATION(encrypt, TEXT(encrypt, input), TEXT(encrypt, vac),
              LIST(encrypt, recipients), TEXT(encrypt, bdiff),
              TEXT(encrypt, output.path)),
    OPERATION(merge, LIST(merge, shards), TEXT(merge, key), LIST(merge, recipients),
              TEXT(merge, bdiff), TEXT(merge, output)),
    OPERATION(decrypt, TEXT(decrypt, masked), TEXT(decrypt, bdiff), LIST(decrypt, keys),
              TEXT(decrypt, output.path)),
    OPERATION(reencrypt, TEXT(reencrypt, masked), TEXT(reencrypt, bdiff),
              TEXT(reencrypt, key), LIST(reencrypt, recipients), TEXT(reencrypt, output)),
    OPERATION(view, TEXT(view, input)),
};

enum { N_OPERATIONS = sizeof OPERATIONS / sizeof OPERATIONS[0] };

/* Large enough for every options struct, and aligned as they are. */
union options {
    size_t size;
    void *alignment;
    uint8_t bytes[OPTIONS_BYTES_MAX];
};

static const char *const ABSENT[] = {"/nowhere/a", "/nowhere/b"};

/* All that is required, though none of it is there. */
static union options complete(const struct operation *operation)
{
    union options o = {.size = operation->size_bytes};
    ck_assert_uint_le(operation->size_bytes, sizeof o);
    for (const struct needed *f = operation->fields; f->name; f++)
        if (f->is_list)
            *(struct vl_list *)(void *)(o.bytes + f->offset) =
                (struct vl_list){ABSENT, 2};
        else
            *(const char **)(void *)(o.bytes + f->offset) = ABSENT[0];
    if (operation->run == encrypt)
        ((struct vl_encrypt_options *)(void *)&o)->mask = "permute";
    if (operation->run == reencrypt)
        ((struct vl_reencrypt_options *)(void *)&o)->all = true;
    return o;
}

static void assert_usage(const struct operation *operation, const void *options,
                         const char *what)
{
    char message[128];
    struct vl_error err = {0};
    snprintf(message, sizeof message, "%s: %s", operation->name, what);
    ck_assert_int_eq(operation->run(options, &err), VL_ERR_USAGE);
    ck_assert_int_eq(err.code, VL_ERR_USAGE);
    ck_assert_msg(strncmp(err.message, message, strlen(message)) == 0, "`%s`, not `%s`",
                  err.message, message);
    ck_assert_int_eq(operation->run(options, NULL), VL_ERR_USAGE);
}

START_TEST(test_nothing_is_given)
{
    const struct operation *operation = &OPERATIONS[_i];
    union options o = {0};
    char what[64];
    assert_usage(operation, NULL, "options is NULL");
    assert_usage(operation, &o, "options.size is 0;");
    o.size = operation->size_bytes;
    bool named = false;
    for (const struct needed *f = operation->fields; f->name && !named; f++) {
        struct vl_error err = {0};
        snprintf(what, sizeof what, "%s: options.%s is missing", operation->name,
                 f->name);
        ck_assert_int_eq(operation->run(&o, &err), VL_ERR_USAGE);
        named = strcmp(err.message, what) == 0;
    }
    ck_assert(named);
}
END_TEST

START_TEST(test_one_field_is_missing)
{
    const struct operation *operation = &OPERATIONS[_i];
    char what[64];
    for (const struct needed *f = operation->fields; f->name; f++) {
        union options o = complete(operation);
        snprintf(what, sizeof what, "options.%s is missing", f->name);
        memset(o.bytes + f->offset, 0,
               f->is_list ? sizeof(struct vl_list) : sizeof(const char *));
        assert_usage(operation, &o, what);
        const char *const second_is_null[] = {ABSENT[0], NULL};
        const char *const second_is_empty[] = {ABSENT[0], ""};
        if (!f->is_list) {
            *(const char **)(void *)(o.bytes + f->offset) = "";
            snprintf(what, sizeof what, "options.%s is empty", f->name);
            assert_usage(operation, &o, what);
            continue;
        }
        struct vl_list *list = (struct vl_list *)(void *)(o.bytes + f->offset);
        *list = (struct vl_list){NULL, 2};
        snprintf(what, sizeof what, "options.%s.v is missing, although n is 2", f->name);
        assert_usage(operation, &o, what);
        *list = (struct vl_list){second_is_null, 2};
        snprintf(what, sizeof what, "options.%s.v[1] is missing", f->name);
        assert_usage(operation, &o, what);
        *list = (struct vl_list){second_is_empty, 2};
        snprintf(what, sizeof what, "options.%s.v[1] is empty", f->name);
        assert_usage(operation, &o, what);
    }
}
END_TEST

/* Nothing is missing: it is the files that are not there. */
START_TEST(test_complete_options_are_taken)
{
    const struct operation *operation = &OPERATIONS[_i];
    union options o = complete(operation);
    struct vl_error err = {0};
    ck_assert_int_eq(operation->run(&o, &err), VL_ERR_IO);
    o.size = sizeof o;
    ck_assert_int_eq(operation->run(&o, &err), VL_ERR_IO);
}
END_TEST

START_TEST(test_optional_lists_have_no_null)
{
    const char *const null[] = {NULL};
    const struct vl_list bad = {null, 1};
    struct vl_error err = {0};
    union options e = complete(&OPERATIONS[2]), d = complete(&OPERATIONS[4]);
    union options r = complete(&OPERATIONS[5]), v = complete(&OPERATIONS[6]);
    ((struct vl_encrypt_options *)(void *)&e)->regions = bad;
    ck_assert_int_eq(encrypt(&e, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "vl_encrypt: options.regions.v[0] is missing");
    ((struct vl_decrypt_options *)(void *)&d)->request.regions = bad;
    ck_assert_int_eq(decrypt(&d, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "vl_decrypt: options.request.regions.v[0] is missing");
    ((struct vl_decrypt_options *)(void *)&d)->request = (struct vl_request){.beds = bad};
    ck_assert_int_eq(decrypt(&d, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "vl_decrypt: options.request.beds.v[0] is missing");
    ((struct vl_reencrypt_options *)(void *)&r)->request.regions = bad;
    ck_assert_int_eq(reencrypt(&r, NULL), VL_ERR_USAGE);
    ((struct vl_view_options *)(void *)&v)->request.regions = bad;
    ck_assert_int_eq(view(&v, NULL), VL_ERR_USAGE);
    ((struct vl_view_options *)(void *)&v)->request.regions.n = 0;
    ck_assert_int_eq(vl_view((void *)&v, NULL, NULL, &err), VL_ERR_USAGE);
    ck_assert_str_eq(err.message, "vl_view: write is NULL");
}
END_TEST

/* Each of the values, in turn, in otherwise complete options. */
START_TEST(test_values_out_of_range)
{
    union options e = complete(&OPERATIONS[2]), d = complete(&OPERATIONS[4]);
    struct vl_encrypt_options *encrypting = (void *)&e;
    struct vl_decrypt_options *decrypting = (void *)&d;
    const struct {
        int n_threads;
        const char *what;
    } BAD[] = {{-1, "options.n_threads is -1, not 0 to 1024"},
               {1025, "options.n_threads is 1025, not 0 to 1024"}};
    for (size_t i = 0; i < 2; i++) {
        encrypting->n_threads = decrypting->n_threads = BAD[i].n_threads;
        assert_usage(&OPERATIONS[2], &e, BAD[i].what);
        assert_usage(&OPERATIONS[4], &d, BAD[i].what);
    }
    encrypting->n_threads = decrypting->n_threads = 0;
    encrypting->output.format = decrypting->output.format = "bcf";
    assert_usage(&OPERATIONS[2], &e,
                 "options.output.format is bcf, not bam, cram or sam");
    assert_usage(&OPERATIONS[4], &d,
                 "options.output.format is bcf, not bam, cram or sam");
    encrypting->output.format = "";
    assert_usage(&OPERATIONS[2], &e, "options.output.format is empty, not");
    encrypting->output.format = "CRAM";
    ck_assert_int_eq(encrypt(encrypting, NULL), VL_ERR_IO);
    encrypting->signer = "";
    assert_usage(&OPERATIONS[2], &e, "options.signer is empty");
    encrypting->signer = NULL;
    encrypting->keep_tags = ""; /* no path */
    ck_assert_int_eq(encrypt(encrypting, NULL), VL_ERR_IO);
}
END_TEST

START_TEST(test_impossible_sizes)
{
    const struct operation *operation = &OPERATIONS[_i];
    size_t reach = 0; /* the required fields end before it */
    for (const struct needed *f = operation->fields; f->name; f++) {
        size_t end = f->offset + (f->is_list ? sizeof(struct vl_list) : sizeof(char *));
        reach = end > reach ? end : reach;
    }
    const size_t impossible[] = {1,
                                 sizeof(size_t),
                                 reach - sizeof(void *),
                                 operation->size_bytes - 1,
                                 operation->size_bytes + 4,
                                 (size_t)1 << 40,
                                 SIZE_MAX};
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        union options o = complete(operation);
        o.size = impossible[i];
        assert_usage(operation, &o, "options.size is ");
    }
    union options o = complete(operation);
    o.size = reach;
    ck_assert_int_eq(operation->run(&o, NULL), VL_ERR_IO);
    o.size = operation->size_bytes + 8;
    ck_assert_int_eq(operation->run(&o, NULL), VL_ERR_IO);
    o.bytes[o.size - 1] = 1;
    assert_usage(operation, &o, "options.size is ");
}
END_TEST

/* ---- the mechanism ---- */

struct older_options {
    size_t size;
    const char *path;
    int n;
    int m;
};

struct newer_options {
    size_t size;
    const char *path;
    int n;
    int m;
    const char *added;
};

static const struct option_field PATH[] = {
    {OPTION_TEXT, "path", offsetof(struct newer_options, path)}};
static const struct option_layout NEWER = {"newer", sizeof(struct newer_options), PATH,
                                           1};
static const struct option_layout OLDER = {"older", sizeof(struct older_options), PATH,
                                           1};

START_TEST(test_older_caller)
{
    const struct older_options given = {sizeof given, "a", 7, 8};
    struct newer_options own;
    memset(&own, 0xff, sizeof own);
    ck_assert_int_eq(options_take(&NEWER, &given, &own, NULL), 0);
    ck_assert_uint_eq(own.size, sizeof own);
    ck_assert_str_eq(own.path, "a");
    ck_assert_int_eq(own.n, 7);
    ck_assert_int_eq(own.m, 8);
    ck_assert_ptr_null(own.added);
}
END_TEST

START_TEST(test_newer_caller)
{
    struct newer_options given = {sizeof given, "a", 7, 8, NULL};
    struct older_options own;
    struct vl_error err = {0};
    memset(&own, 0xff, sizeof own);
    ck_assert_int_eq(options_take(&OLDER, &given, &own, NULL), 0);
    ck_assert_uint_eq(own.size, sizeof own);
    ck_assert_int_eq(own.m, 8);
    given.added = "b";
    ck_assert_int_eq(options_take(&OLDER, &given, &own, &err), VL_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "options.size is 32"));
}
END_TEST

Suite *operation_options_suite(void)
{
    Suite *suite = suite_create("operation_options");
    TCase *tcase = tcase_create("operation_options");
    tcase_add_loop_test(tcase, test_nothing_is_given, 0, N_OPERATIONS);
    tcase_add_loop_test(tcase, test_one_field_is_missing, 0, N_OPERATIONS);
    tcase_add_loop_test(tcase, test_complete_options_are_taken, 0, N_OPERATIONS);
    tcase_add_test(tcase, test_optional_lists_have_no_null);
    tcase_add_test(tcase, test_values_out_of_range);
    tcase_add_loop_test(tcase, test_impossible_sizes, 0, N_OPERATIONS);
    tcase_add_test(tcase, test_older_caller);
    tcase_add_test(tcase, test_newer_caller);
    suite_add_tcase(suite, tcase);
    return suite;
}
