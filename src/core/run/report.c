#include "run/report.h"

#include <stdarg.h>
#include <stdio.h>

void hooks_progress(const struct vl_hooks *hooks, uint64_t n, double share)
{
    if (hooks->progress)
        hooks->progress(hooks->progress_arg, n, share);
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
