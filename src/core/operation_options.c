#include "operation_options.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "varlock/restored.h"
#include "varlock/varlock.h"

/* ---- the operations ---- */

/* Optional texts that are no paths are not listed: they may be empty. */
#define FIELD(operation, kind, field)                                                    \
    {                                                                                    \
        kind, #field, offsetof(struct vl_##operation##_options, field)                   \
    }
#define TEXT(operation, field) FIELD(operation, OPTION_TEXT, field)
#define LIST(operation, field) FIELD(operation, OPTION_LIST, field)
#define OPTIONAL_TEXT(operation, field) FIELD(operation, OPTION_OPTIONAL_TEXT, field)
#define OPTIONAL_LIST(operation, field) FIELD(operation, OPTION_OPTIONAL_LIST, field)
#define THREADS(operation) FIELD(operation, OPTION_THREADS, n_threads)
#define OUTPUT(operation)                                                                \
    TEXT(operation, output.path), FIELD(operation, OPTION_FORMAT, output.format),        \
        OPTIONAL_TEXT(operation, output.reference),                                      \
        OPTIONAL_LIST(operation, output.c4gh_recipients)
#define LAYOUT(operation)                                                                \
    const struct option_layout operation##_layout = {                                    \
        "vl_" #operation, sizeof(struct vl_##operation##_options), operation##_fields,   \
        sizeof operation##_fields / sizeof operation##_fields[0]}

static const struct option_field keygen_fields[] = {
    TEXT(keygen, name),
};
LAYOUT(keygen);

static const struct option_field vcf2vac_fields[] = {
    LIST(vcf2vac, inputs),
    TEXT(vcf2vac, output),
    OPTIONAL_TEXT(vcf2vac, contigs),
    OPTIONAL_TEXT(vcf2vac, rename_contigs),
    THREADS(vcf2vac),
    OPTIONAL_LIST(vcf2vac, c4gh_keys),
};
LAYOUT(vcf2vac);

static const struct option_field encrypt_fields[] = {
    TEXT(encrypt, input),
    TEXT(encrypt, vac),
    LIST(encrypt, recipients),
    OPTIONAL_LIST(encrypt, regions),
    TEXT(encrypt, bdiff),
    OUTPUT(encrypt),
    OPTIONAL_TEXT(encrypt, signer),
    OPTIONAL_TEXT(encrypt, mask_key),
    OPTIONAL_TEXT(encrypt, vault),
    THREADS(encrypt),
    OPTIONAL_LIST(encrypt, c4gh_keys),
};
LAYOUT(encrypt);

static const struct option_field merge_fields[] = {
    LIST(merge, shards),
    TEXT(merge, key),
    LIST(merge, recipients),
    TEXT(merge, bdiff),
    TEXT(merge, output),
    OPTIONAL_TEXT(merge, signer),
    OPTIONAL_TEXT(merge, verify),
    THREADS(merge),
    OPTIONAL_LIST(merge, c4gh_keys),
    OPTIONAL_LIST(merge, c4gh_recipients),
};
LAYOUT(merge);

static const struct option_field decrypt_fields[] = {
    TEXT(decrypt, masked),
    TEXT(decrypt, bdiff),
    LIST(decrypt, keys),
    OPTIONAL_LIST(decrypt, request.regions),
    OPTIONAL_LIST(decrypt, request.beds),
    OUTPUT(decrypt),
    OPTIONAL_TEXT(decrypt, verify),
    THREADS(decrypt),
    OPTIONAL_LIST(decrypt, c4gh_keys),
};
LAYOUT(decrypt);

static const struct option_field reencrypt_fields[] = {
    TEXT(reencrypt, masked),
    TEXT(reencrypt, bdiff),
    TEXT(reencrypt, key),
    LIST(reencrypt, recipients),
    OPTIONAL_LIST(reencrypt, request.regions),
    OPTIONAL_LIST(reencrypt, request.beds),
    TEXT(reencrypt, output),
    OPTIONAL_TEXT(reencrypt, signer),
    OPTIONAL_TEXT(reencrypt, verify),
    OPTIONAL_TEXT(reencrypt, reference),
    THREADS(reencrypt),
    OPTIONAL_LIST(reencrypt, c4gh_keys),
};
LAYOUT(reencrypt);

static const struct option_field view_fields[] = {
    TEXT(view, input),
    OPTIONAL_LIST(view, keys),
    OPTIONAL_LIST(view, request.regions),
    OPTIONAL_LIST(view, request.beds),
};
LAYOUT(view);

static const struct option_field restored_fields[] = {
    TEXT(restored, masked),
    OPTIONAL_TEXT(restored, bdiff),
    OPTIONAL_LIST(restored, keys),
    OPTIONAL_TEXT(restored, verify),
    OPTIONAL_TEXT(restored, reference),
    THREADS(restored),
    OPTIONAL_LIST(restored, c4gh_keys),
};
LAYOUT(restored);

static const struct option_field c4gh_keygen_fields[] = {
    TEXT(c4gh_keygen, name),
};
LAYOUT(c4gh_keygen);

static const struct option_field c4gh_encrypt_fields[] = {
    TEXT(c4gh_encrypt, input),           LIST(c4gh_encrypt, recipients),
    OPTIONAL_TEXT(c4gh_encrypt, sender), OPTIONAL_TEXT(c4gh_encrypt, header),
    TEXT(c4gh_encrypt, output),          THREADS(c4gh_encrypt),
};
LAYOUT(c4gh_encrypt);

static const struct option_field c4gh_decrypt_fields[] = {
    TEXT(c4gh_decrypt, input),           LIST(c4gh_decrypt, keys),
    OPTIONAL_TEXT(c4gh_decrypt, sender), OPTIONAL_TEXT(c4gh_decrypt, header),
    OPTIONAL_TEXT(c4gh_decrypt, range),  OPTIONAL_LIST(c4gh_decrypt, regions),
    OPTIONAL_TEXT(c4gh_decrypt, index),  OPTIONAL_TEXT(c4gh_decrypt, reference),
    TEXT(c4gh_decrypt, output),          THREADS(c4gh_decrypt),
};
LAYOUT(c4gh_decrypt);

static const struct option_field c4gh_reencrypt_fields[] = {
    TEXT(c4gh_reencrypt, input),
    LIST(c4gh_reencrypt, keys),
    LIST(c4gh_reencrypt, recipients),
    TEXT(c4gh_reencrypt, output),
};
LAYOUT(c4gh_reencrypt);

static const struct option_field c4gh_slice_fields[] = {
    TEXT(c4gh_slice, input),
    LIST(c4gh_slice, keys),
    LIST(c4gh_slice, recipients),
    OPTIONAL_LIST(c4gh_slice, ranges),
    OPTIONAL_LIST(c4gh_slice, regions),
    OPTIONAL_TEXT(c4gh_slice, index),
    OPTIONAL_TEXT(c4gh_slice, reference),
    TEXT(c4gh_slice, output),
    THREADS(c4gh_slice),
};
LAYOUT(c4gh_slice);

static const struct option_field c4gh_view_fields[] = {
    TEXT(c4gh_view, input),
    OPTIONAL_LIST(c4gh_view, keys),
};
LAYOUT(c4gh_view);

/* ---- the caller's options ---- */

/* Larger than any options struct will be.  A larger `size` was not initialised. */
enum { SIZE_MAX_BYTES = 4096 };

/* As many as the program's -@ takes. */
enum { THREADS_MAX = 1024 };

static int missing(const struct option_layout *layout, const char *field,
                   struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_USAGE, "%s: options.%s is missing", layout->operation,
                        field);
}

/* True if a struct of this size includes all required fields and does not end inside a
 * pointer. */
static bool is_possible(const struct option_layout *layout, size_t size)
{
    size_t least = sizeof size;
    for (size_t i = 0; i < layout->n_fields; i++) {
        const struct option_field *f = &layout->fields[i];
        size_t end = 0;
        if (f->kind == OPTION_TEXT)
            end = f->offset + sizeof(char *);
        else if (f->kind == OPTION_LIST)
            end = f->offset + sizeof(struct vl_list);
        if (end > least)
            least = end;
    }
    return size >= least && size <= SIZE_MAX_BYTES && size % alignof(void *) == 0;
}

static int copy(const struct option_layout *layout, const void *given, void *own,
                struct vl_error *err)
{
    const uint8_t *bytes = given;
    size_t size, own_size = layout->size_bytes;
    memcpy(&size, given, sizeof size);
    if (!is_possible(layout, size))
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: options.size is %zu; it must be the sizeof of the "
                            "options struct",
                            layout->operation, size);
    for (size_t i = own_size; i < size; i++)
        if (bytes[i] != 0)
            return vl_error_set(err, VL_ERR_USAGE,
                                "%s: options.size is %zu, and byte %zu is set: this "
                                "library (%s) is older than its caller and knows %zu",
                                layout->operation, size, i, VARLOCK_VERSION, own_size);
    memset(own, 0, own_size);
    memcpy(own, given, size < own_size ? size : own_size);
    memcpy(own, &own_size, sizeof own_size);
    return 0;
}

static int check_list(const struct option_layout *layout, const struct option_field *f,
                      const struct vl_list *list, struct vl_error *err)
{
    if (list->n == 0)
        return f->kind == OPTION_LIST ? missing(layout, f->name, err) : 0;
    for (size_t i = 0; list->v && i < list->n; i++)
        if (!list->v[i] || !list->v[i][0])
            return vl_error_set(err, VL_ERR_USAGE, "%s: options.%s.v[%zu] is %s",
                                layout->operation, f->name, i,
                                list->v[i] ? "empty" : "missing");
    return list->v ? 0
                   : vl_error_set(err, VL_ERR_USAGE,
                                  "%s: options.%s.v is missing, although n is %zu",
                                  layout->operation, f->name, list->n);
}

static int check_text(const struct option_layout *layout, const struct option_field *f,
                      const char *text, struct vl_error *err)
{
    if (!text)
        return f->kind == OPTION_TEXT ? missing(layout, f->name, err) : 0;
    return text[0] ? 0
                   : vl_error_set(err, VL_ERR_USAGE, "%s: options.%s is empty",
                                  layout->operation, f->name);
}

static int check_format(const struct option_layout *layout, const struct option_field *f,
                        const char *format, struct vl_error *err)
{
    if (!format || strcasecmp(format, "bam") == 0 || strcasecmp(format, "cram") == 0 ||
        strcasecmp(format, "sam") == 0)
        return 0;
    return vl_error_set(err, VL_ERR_USAGE, "%s: options.%s is %s, not bam, cram or sam",
                        layout->operation, f->name, format[0] ? format : "empty");
}

static int check_threads(const struct option_layout *layout, const struct option_field *f,
                         int n, struct vl_error *err)
{
    if (n >= 0 && n <= THREADS_MAX)
        return 0;
    return vl_error_set(err, VL_ERR_USAGE, "%s: options.%s is %d, not 0 to %d",
                        layout->operation, f->name, n, THREADS_MAX);
}

static int check_field(const struct option_layout *layout, const struct option_field *f,
                       const void *own, struct vl_error *err)
{
    const void *field = (const uint8_t *)own + f->offset;
    switch (f->kind) {
    case OPTION_TEXT:
    case OPTION_OPTIONAL_TEXT:
        return check_text(layout, f, *(const char *const *)field, err);
    case OPTION_LIST:
    case OPTION_OPTIONAL_LIST:
        return check_list(layout, f, field, err);
    case OPTION_FORMAT:
        return check_format(layout, f, *(const char *const *)field, err);
    case OPTION_THREADS:
        return check_threads(layout, f, *(const int *)field, err);
    }
    return 0;
}

int options_take(const struct option_layout *layout, const void *given, void *own,
                 struct vl_error *err)
{
    errno = 0; /* see fail.h */
    if (!given)
        return vl_error_set(err, VL_ERR_USAGE, "%s: options is NULL", layout->operation);
    int rc = copy(layout, given, own, err);
    for (size_t i = 0; rc == 0 && i < layout->n_fields; i++)
        rc = check_field(layout, &layout->fields[i], own, err);
    return rc;
}
