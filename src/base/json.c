#include "varlock/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/fail.h"

struct vl_json {
    json_t *value;
    bool failed; /* something could not be added */
};

static struct vl_json *new_value(json_t *value)
{
    struct vl_json *json = value ? calloc(1, sizeof *json) : NULL;
    if (json)
        json->value = value;
    else
        json_decref(value);
    return json;
}

struct vl_json *vl_json_object(void)
{
    return new_value(json_object());
}

struct vl_json *vl_json_array(void)
{
    return new_value(json_array());
}

/* Takes over `value`, also where it or the object is NULL. */
static void set(struct vl_json *object, const char *name, json_t *value)
{
    if (object)
        object->failed |= json_object_set_new(object->value, name, value) < 0;
    else
        json_decref(value);
}

static json_t *text_value(const char *text)
{
    json_t *value = json_string(text);
    char *ascii = value ? NULL : strdup(text);
    if (!ascii)
        return value;
    for (char *at = ascii; *at; at++)
        if ((unsigned char)*at > 0x7f)
            *at = '?';
    value = json_string(ascii);
    free(ascii);
    return value;
}

void vl_json_set_text(struct vl_json *object, const char *name, const char *text)
{
    set(object, name, text_value(text));
}

void vl_json_set_number(struct vl_json *object, const char *name, int64_t n)
{
    set(object, name, json_integer(n));
}

void vl_json_set_real(struct vl_json *object, const char *name, double x)
{
    set(object, name, isfinite(x) ? json_real(x) : json_null());
}

void vl_json_set_bool(struct vl_json *object, const char *name, bool value)
{
    set(object, name, json_boolean(value));
}

void vl_json_set_null(struct vl_json *object, const char *name)
{
    set(object, name, json_null());
}

/* What a value was made of; NULL, and the failure noted, where it was not made. */
static json_t *take_over(struct vl_json *into, struct vl_json *value)
{
    json_t *taken = value && !value->failed ? json_incref(value->value) : NULL;
    if (into)
        into->failed |= !taken;
    vl_json_free(value);
    return taken;
}

void vl_json_set(struct vl_json *object, const char *name, struct vl_json *value)
{
    json_t *taken = take_over(object, value);
    if (taken)
        set(object, name, taken);
}

static void add(struct vl_json *array, json_t *value)
{
    if (array)
        array->failed |= json_array_append_new(array->value, value) < 0;
    else
        json_decref(value);
}

void vl_json_add(struct vl_json *array, struct vl_json *value)
{
    json_t *taken = take_over(array, value);
    if (taken)
        add(array, taken);
}

void vl_json_add_number(struct vl_json *array, int64_t n)
{
    add(array, json_integer(n));
}

void vl_json_add_text(struct vl_json *array, const char *text)
{
    add(array, text_value(text));
}

int vl_json_write(const struct vl_json *json, struct vl_buf *out)
{
    char *text = json && !json->failed ? json_dumps(json->value, JSON_INDENT(2)) : NULL;
    if (!text)
        return VL_ERR_MEMORY;
    vl_buf_add(out, text, strlen(text));
    vl_buf_add_byte(out, '\n');
    free(text);
    return out->failed ? VL_ERR_MEMORY : 0;
}

/* ---- reading ---- */

static const struct vl_json_item *item_of(const json_t *value)
{
    return (const void *)value;
}

static json_t *value_of(const struct vl_json_item *item)
{
    return (json_t *)(uintptr_t)item; /* jansson's readers take no const */
}

int vl_json_read(struct vl_json **json, const char *text, size_t n, struct vl_error *err)
{
    json_error_t why;
    json_t *value = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
    *json = value ? new_value(value) : NULL;
    if (*json)
        return 0;
    return value || json_error_code(&why) == json_error_out_of_memory
               ? vl_error_memory(err)
               : vl_error_set(err, VL_ERR_DATA, "is no JSON: %s (line %d)", why.text,
                              why.line);
}

const struct vl_json_item *vl_json_root(const struct vl_json *json)
{
    return item_of(json->value);
}

const struct vl_json_item *vl_json_member(const struct vl_json_item *item,
                                          const char *name)
{
    return item_of(json_object_get(value_of(item), name));
}

bool vl_json_is_array(const struct vl_json_item *item)
{
    return json_is_array(value_of(item));
}

size_t vl_json_count(const struct vl_json_item *item)
{
    return json_array_size(value_of(item));
}

const struct vl_json_item *vl_json_element(const struct vl_json_item *item, size_t i)
{
    return item_of(json_array_get(value_of(item), i));
}

int vl_json_each(const struct vl_json_item *item,
                 int (*fn)(void *arg, const char *name, const struct vl_json_item *value),
                 void *arg)
{
    json_t *object = value_of(item);
    int rc = json_is_object(object) ? 0 : VL_ERR_DATA;
    for (void *at = json_object_iter(object); rc == 0 && at;
         at = json_object_iter_next(object, at))
        rc = fn(arg, json_object_iter_key(at), item_of(json_object_iter_value(at)));
    return rc;
}

const char *vl_json_text(const struct vl_json_item *item)
{
    return json_string_value(value_of(item));
}

void vl_json_wipe_text(const struct vl_json_item *item)
{
    const char *text = vl_json_text(item);
    if (text)
        explicit_bzero((char *)(uintptr_t)text, strlen(text));
}

bool vl_json_integer(const struct vl_json_item *item, int64_t *n)
{
    *n = json_integer_value(value_of(item));
    return json_is_integer(value_of(item));
}

bool vl_json_number(const struct vl_json_item *item, double *n)
{
    *n = json_number_value(value_of(item));
    return json_is_number(value_of(item));
}

void vl_json_free(struct vl_json *json)
{
    if (!json)
        return;
    json_decref(json->value);
    free(json);
}
