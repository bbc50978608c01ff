/* JSON values that are built and written (RFC 8259), on jansson.  One thread at a time.
 */
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
void vl_json_set_bool(struct vl_json *object, const char *name, bool value);
void vl_json_set_null(struct vl_json *object, const char *name);

/* These take over `value`. */
void vl_json_set(struct vl_json *object, const char *name, struct vl_json *value);
void vl_json_add(struct vl_json *array, struct vl_json *value);
void vl_json_add_number(struct vl_json *array, int64_t n);

/* Appends the value and a newline.  VL_ERR_MEMORY, without a message, where memory ran
 * out now or while the value was built. */
VL_MUST_CHECK
int vl_json_write(const struct vl_json *value, struct vl_buf *out);

/* Frees the value and all that it holds.  NULL is fine. */
void vl_json_free(struct vl_json *value);

#endif
