#include "serve/index_file.h"

#include "varlock/fail.h"

int index_file_write(struct memory_file **file, hts_idx_t *index, int format,
                     struct vl_error *err)
{
    int rc = memory_file_open(file, err);
    if (rc < 0 || hts_idx_save_as(index, NULL, (*file)->name, format) == 0)
        return rc;
    memory_file_free(*file);
    *file = NULL;
    return vl_error_memory(err);
}
