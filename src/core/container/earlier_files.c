#include "container/earlier_files.h"

#include <string.h>

#include "varlock/buf.h"
#include "varlock/fail.h"
#include "varlock/outfile_set.h"

static bool ends_as(const char *path, const char *const *endings)
{
    size_t n = strlen(path);
    for (; *endings; endings++) {
        size_t length = strlen(*endings);
        if (n > length && strcasecmp(path + n - length, *endings) == 0)
            return true;
    }
    return false;
}

/* Refuses a path where a file exists.  A broken rule of vl_outfile_check is reported
 * first, because it tells more. */
static int check_free(const char *path, unsigned rules, struct vl_error *err)
{
    int rc = vl_outfile_check(path, rules | VL_OUTFILE_REPLACES, err);
    if (rc < 0)
        return rc;
    rc = vl_outfile_check(path, rules, err);
    if (rc != VL_ERR_USAGE)
        return rc;
    return vl_error_set(
        err, VL_ERR_USAGE,
        "%s: exists already; a BDIFF is the only way back from its masked "
        "file, so neither is replaced without --force",
        path);
}

int bdiff_output_check(const char *path, bool replaces, struct vl_error *err)
{
    static const char *const alignments[] = {".bam", ".cram", ".sam", ".csi",
                                             ".bai", ".crai", NULL};
    if (ends_as(path, alignments))
        return vl_error_set(
            err, VL_ERR_USAGE,
            "%s: is named as alignments or their index, but a BDIFF would "
            "be written there",
            path);
    return check_free(path, VL_OUTFILE_NO_PIPE | (replaces ? VL_OUTFILE_REPLACES : 0),
                      err);
}

int masked_output_check(const char *path, unsigned rules, struct vl_error *err)
{
    static const char *const bdiffs[] = {".bdiff", NULL};
    if (ends_as(path, bdiffs))
        return vl_error_set(err, VL_ERR_USAGE,
                            "%s: is named as a BDIFF, but alignments would be written "
                            "there",
                            path);
    return check_free(path, rules, err);
}

static void add_before(const char *path, const char *ending, struct vl_buf *names)
{
    struct vl_buf whole = VL_BUF_INIT, name = VL_BUF_INIT;
    vl_buf_addf(&whole, "%s%s%c", path, ending, '\0');
    if (!whole.failed && vl_outfile_find_before((char *)whole.data, &name))
        vl_buf_addf(names, "%s%.*s", names->len > 0 ? " and " : "", (int)name.len,
                    (char *)name.data);
    vl_buf_clear(&whole);
    vl_buf_clear(&name);
}

int earlier_files_tell(const char *bdiff, const char *masked, int code,
                       struct vl_error *err)
{
    static const char *const endings[] = {"", ".csi", ".crai"};
    struct vl_buf names = VL_BUF_INIT;
    if (!err)
        return code;
    if (bdiff)
        add_before(bdiff, "", &names);
    for (size_t i = 0; masked && i < sizeof endings / sizeof *endings; i++)
        add_before(masked, endings[i], &names);
    if (names.len > 0 && !names.failed) {
        char message[VL_ERROR_MESSAGE_BYTES];
        memcpy(message, err->message, sizeof message);
        vl_error_set(
            err, code,
            "%s; a run that was killed left what it was about to replace as %.*s: "
            "give it back its name",
            message, (int)names.len, (char *)names.data);
    }
    vl_buf_clear(&names);
    return code;
}
