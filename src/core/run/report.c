#include "run/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "varlock/fail.h"

int hooks_progress(const struct vl_hooks *hooks, uint64_t n, double share,
                   struct vl_error *err)
{
    if (!hooks->progress || hooks->progress(hooks->progress_arg, n, share) == 0)
        return 0;
    return vl_error_set(err, VL_ERR_CANCELLED, "cancelled by the caller");
}

void hooks_warn(const struct vl_hooks *hooks, const char *format, ...)
{
    char text[VL_ERROR_MESSAGE_BYTES];
    va_list args;
    if (!hooks->warning)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    hooks->warning(hooks->warning_arg, text);
}
