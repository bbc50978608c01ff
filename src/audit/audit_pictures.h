/* The pictures of the page, as figures with inline SVG.  A picture of what was not
 * measured is left out. */
#ifndef VARLOCK_AUDIT_PICTURES_H
#define VARLOCK_AUDIT_PICTURES_H

#include "varlock/audit.h"

void audit_pictures_put(const struct audit_report *report, struct vl_buf *out);

#endif
