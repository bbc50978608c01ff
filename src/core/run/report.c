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

__attribute__((format(printf, 3, 0))) static void tell(vl_warning_fn hook, void *arg,
                                                       const char *format, va_list args)
{
    char text[VL_ERROR_MESSAGE_BYTES];
    if (!hook)
        return;
    vsnprintf(text, sizeof text, format, args);
    hook(arg, text);
}

void hooks_warn(const struct vl_hooks *hooks, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(hooks->warning, hooks->warning_arg, format, args);
    va_end(args);
}

void hooks_note(const struct vl_hooks *hooks, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(hooks->note, hooks->note_arg, format, args);
    va_end(args);
}
