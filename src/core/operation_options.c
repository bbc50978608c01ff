#include "operation_options.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "varlock/varlock.h"

/* ---- the operations ---- */

/* Optional texts are not listed.  Optional lists are, because their elements are
 * checked. */
#define FIELD(operation, kind, field)                                                    \
    {                                                                                    \
        kind, #field, offsetof(struct vl_##operation##_options, field)                   \
    }
#define TEXT(operation, field) FIELD(operation, OPTION_TEXT, field)
#define LIST(operation, field) FIELD(operation, OPTION_LIST, field)
#define OPTIONAL_LIST(operation, field) FIELD(operation, OPTION_OPTIONAL_LIST, field)
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
};
LAYOUT(vcf2vac);

static const struct option_field encrypt_fields[] = {
    TEXT(encrypt, input),      TEXT(encrypt, vac),
    LIST(encrypt, recipients), OPTIONAL_LIST(encrypt, regions),
    TEXT(encrypt, bdiff),      TEXT(encrypt, output.path),
};
LAYOUT(encrypt);

static const struct option_field merge_fields[] = {
    LIST(merge, shards), TEXT(merge, key),    LIST(merge, recipients),
    TEXT(merge, bdiff),  TEXT(merge, output),
};
LAYOUT(merge);

static const struct option_field decrypt_fields[] = {
    TEXT(decrypt, masked),
    TEXT(decrypt, bdiff),
    TEXT(decrypt, key),
    OPTIONAL_LIST(decrypt, request.regions),
    OPTIONAL_LIST(decrypt, request.beds),
    TEXT(decrypt, output.path),
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
};
LAYOUT(reencrypt);

static const struct option_field view_fields[] = {
    TEXT(view, input),
    OPTIONAL_LIST(view, request.regions),
    OPTIONAL_LIST(view, request.beds),
};
LAYOUT(view);

/* ---- the caller's options ---- */

/* Larger than any options struct will be.  A larger `size` was not initialised. */
enum { SIZE_MAX_BYTES = 4096 };

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
        bool is_list = f->kind != OPTION_TEXT;
        size_t end = f->offset + (is_list ? sizeof(struct vl_list) : sizeof(char *));
        if (f->kind != OPTION_OPTIONAL_LIST && end > least)
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
        if (!list->v[i])
            return vl_error_set(err, VL_ERR_USAGE, "%s: options.%s.v[%zu] is missing",
                                layout->operation, f->name, i);
    return list->v ? 0
                   : vl_error_set(err, VL_ERR_USAGE,
                                  "%s: options.%s.v is missing, although n is %zu",
                                  layout->operation, f->name, list->n);
}

int options_take(const struct option_layout *layout, const void *given, void *own,
                 struct vl_error *err)
{
    errno = 0; /* see fail.h */
    if (!given)
        return vl_error_set(err, VL_ERR_USAGE, "%s: options is NULL", layout->operation);
    int rc = copy(layout, given, own, err);
    for (size_t i = 0; rc == 0 && i < layout->n_fields; i++) {
        const struct option_field *f = &layout->fields[i];
        const void *field = (const uint8_t *)own + f->offset;
        if (f->kind != OPTION_TEXT)
            rc = check_list(layout, f, field, err);
        else if (!*(const char *const *)field)
            rc = missing(layout, f->name, err);
    }
    return rc;
}
