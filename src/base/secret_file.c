#include <sys/stat.h>

#include "varlock/secret_file.h"

unsigned vl_secret_file_exposure(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        !(st.st_mode & (S_IRGRP | S_IROTH)))
        return 0;
    return st.st_mode & 07777;
}
