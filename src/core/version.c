#include "varlock/varlock.h"

const char *vl_version(void)
{
    return VARLOCK_VERSION;
}
