/* JSON values that are built and written, or read (RFC 8259), on jansson.  One thread at
 * a time. */
#ifndef VARLOCK_JSON_H
#define VARLOCK_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "varlock/buf.h"

struct vl_json; /* an object or array, or NULL where memory ran out on the way */

/* A new value that belongs to no other one. */
struct vl_json *vl_json_object(void);
struct vl_json *vl_json_array(void);

/* These set members of an object.  A value that is NULL makes the whole object one that
 * vl_json_write refuses.  Text that is not UTF-8 has each of its bad bytes replaced by
 * '?'. */
void vl_json_set_text(struct vl_json *object, const char *name, const char *text);
void vl_json_set_number(struct vl_json *object, const char *name, int64_t n);
void vl_json_set_real(struct vl_json *object, const char *name,
                      double x); /* null where x is not finite */
void vl_json_set_bool(struct vl_json *object, const char *name, bool value);
void vl_json_set_null(struct vl_json *object, const char *name);

/* These take over `value`. */
void vl_json_set(struct vl_json *object, const char *name, struct vl_json *value);
void vl_json_add(struct vl_json *array, struct vl_json *value);
void vl_json_add_number(struct vl_json *array, int64_t n);
void vl_json_add_text(struct vl_json *array, const char *text);

/* Appends the value and a newline.  VL_ERR_MEMORY, without a message, where memory ran
 * out now or while the value was built. */
VL_MUST_CHECK
int vl_json_write(const struct vl_json *value, struct vl_buf *out);

/* ---- reading ---- */

/* Part of a value that was read; it belongs to the value. */
struct vl_json_item;

/* Reads a value of n bytes.  VL_ERR_DATA, with what is wrong and where, for text that is
 * not JSON, objects with two members of one name, and texts with a NUL. */
VL_MUST_CHECK
int vl_json_read(struct vl_json **value, const char *text, size_t n,
                 struct vl_error *err);
const struct vl_json_item *vl_json_root(const struct vl_json *value);

/* The member of an object; NULL where there is none, or `item` is none or NULL. */
const struct vl_json_item *vl_json_member(const struct vl_json_item *item,
                                          const char *name);

bool vl_json_is_array(const struct vl_json_item *item);

/* Element i of an array, of which there are vl_json_count (0 where `item` is none or
 * NULL). */
size_t vl_json_count(const struct vl_json_item *item);
const struct vl_json_item *vl_json_element(const struct vl_json_item *item, size_t i);

/* Calls `fn` for each member of an object until it returns other than 0, which is then
 * the result.  VL_ERR_DATA, without a message, where `item` is none. */
int vl_json_each(const struct vl_json_item *item,
                 int (*fn)(void *arg, const char *name, const struct vl_json_item *value),
                 void *arg);

/* The text, which belongs to the value; NULL where `item` is none. */
const char *vl_json_text(const struct vl_json_item *item);

/* Overwrites the text with zeros, where it is a secret.  NULL is fine. */
void vl_json_wipe_text(const struct vl_json_item *item);

/* False where `item` is no whole number that fits. */
bool vl_json_integer(const struct vl_json_item *item, int64_t *n);

/* False where `item` is no number. */
bool vl_json_number(const struct vl_json_item *item, double *n);

/* Frees the value and all that it holds.  NULL is fine. */
void vl_json_free(struct vl_json *value);

#endif
