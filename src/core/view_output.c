#include "view_output.h"

int view_check_output(FILE *out, struct vl_error *err)
{
    return ferror(out) || fflush(out) != 0 ? vl_error_errno(err, "writing text failed")
                                           : 0;
}
