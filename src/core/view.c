#include <string.h>

#include "container/vac_file.h"
#include "operation_options.h"
#include "varlock/file.h"
#include "varlock/varlock.h"
#include "view/view_bdiff.h"
#include "view/view_vac.h"

enum {
    MAGIC_BYTES = 4
}; /* enough to tell the formats apart; the readers check the rest */

static int print_vac(const struct vl_view_options *options, struct view_text *text,
                     struct vl_error *err)
{
    struct vl_vac_reader *vac = NULL;
    int rc = vl_vac_open(&vac, options->input, err);
    if (rc == 0)
        rc = vac_print(vac, options, text, err);
    vl_vac_free(vac);
    return rc;
}

static int print_file(const struct vl_view_options *options, struct view_text *text,
                      struct vl_error *err)
{
    struct vl_infile *file = NULL;
    uint8_t magic[MAGIC_BYTES] = {0};
    int rc = vl_infile_open(&file, options->input, err);
    if (rc == 0 && vl_infile_size(file) >= MAGIC_BYTES)
        rc = vl_infile_read(file, 0, magic, MAGIC_BYTES, err);
    if (rc == 0) {
        if (memcmp(magic,
                   "\x89"
                   "VAC",
                   MAGIC_BYTES) == 0)
            rc = print_vac(options, text, err);
        else if (memcmp(magic,
                        "\x89"
                        "BDF",
                        MAGIC_BYTES) == 0)
            rc = bdiff_print(options, file, text, err);
        else
            rc = vl_error_set(err, VL_ERR_DATA, "%s: neither a VAC nor a BDIFF",
                              options->input);
    }
    vl_infile_free(file);
    return rc;
}

int vl_view(const struct vl_view_options *options, vl_text_fn write, void *write_arg,
            struct vl_error *err)
{
    struct vl_view_options own;
    int rc = options_take(&view_layout, options, &own, err);
    if (rc == 0 && !write)
        rc = vl_error_set(err, VL_ERR_USAGE, "vl_view: write is NULL");
    if (rc < 0)
        return rc;
    struct view_text text = {.write = write, .write_arg = write_arg};
    rc = print_file(&own, &text, err);
    int rc_text = view_text_finish(&text, rc == 0 ? err : NULL);
    return rc < 0 ? rc : rc_text;
}
