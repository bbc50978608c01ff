#include <stdbool.h>
#include <string.h>

#include "outfile_state.h"
#include "varlock/fail.h"
#include "varlock/output_paths.h"

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* For files that do not exist yet: whether both paths mean the same name in the same
 * directory. */
static bool will_be_one_file(const char *a, const char *b)
{
    char at_a[PATH_MAX], at_b[PATH_MAX];
    struct stat sa, sb;
    return outfile_follow(a, at_a, NULL) == 0 && outfile_follow(b, at_b, NULL) == 0 &&
           strcmp(last_component(at_a), last_component(at_b)) == 0 &&
           outfile_stat_parent(at_a, &sa) == 0 && outfile_stat_parent(at_b, &sb) == 0 &&
           outfile_is_same(&sa, &sb);
}

int vl_file_check_distinct(const char *output, const char *input, struct vl_error *err)
{
    if (strcmp(output, "-") == 0 || strcmp(input, "-") == 0)
        return 0;
    struct stat so, si;
    bool same;
    if (stat(output, &so) == 0 && stat(input, &si) == 0)
        same = (S_ISREG(so.st_mode) || S_ISFIFO(so.st_mode)) && outfile_is_same(&so, &si);
    else
        same = will_be_one_file(output, input);
    if (same)
        return vl_error_set(err, VL_ERR_USAGE, "%s and %s are the same file", output,
                            input);
    return 0;
}

int vl_file_check_outputs(const char *const *outputs, size_t n_outputs,
                          const char *const *inputs, size_t n_inputs,
                          struct vl_error *err)
{
    for (size_t i = 0; i < n_outputs; i++) {
        if (!outputs[i])
            continue;
        for (size_t j = 0; j < i; j++) {
            if (!outputs[j])
                continue;
            if (strcmp(outputs[i], "-") == 0 && strcmp(outputs[j], "-") == 0)
                return vl_error_set(err, VL_ERR_USAGE,
                                    "two outputs go to standard output");
            int rc = vl_file_check_distinct(outputs[i], outputs[j], err);
            if (rc < 0)
                return rc;
        }
        for (size_t j = 0; j < n_inputs; j++) {
            int rc = inputs[j] ? vl_file_check_distinct(outputs[i], inputs[j], err) : 0;
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}
