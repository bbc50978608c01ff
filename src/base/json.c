#include "varlock/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

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

void vl_json_free(struct vl_json *json)
{
    if (!json)
        return;
    json_decref(json->value);
    free(json);
}
