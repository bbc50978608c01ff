#include "request_path.h"

#include <string.h>

#include "varlock/seal.h"

static const struct {
    const char *folder, *ending;
    enum request_kind kind;
} FORMS[] = {
    {"reads/", "", REQUEST_TICKET},  {"data/", "", REQUEST_DATA},
    {"files/", ".bam", REQUEST_BAM}, {"files/", ".bam.bai", REQUEST_BAI},
    {"files/", ".bai", REQUEST_BAI}, {"files/", ".bam.csi", REQUEST_CSI},
    {"files/", ".csi", REQUEST_CSI},
};

/* What follows "/TOKEN/"; NULL: the token is another. */
static const char *behind_token(const char *path, const char *token)
{
    size_t n = strnlen(path, TOKEN_CHARS + 2);
    return n == TOKEN_CHARS + 2 && path[0] == '/' && path[TOKEN_CHARS + 1] == '/' &&
                   vl_compare_secret(path + 1, token, TOKEN_CHARS) == 0
               ? path + TOKEN_CHARS + 2
               : NULL;
}

static int has_form(const char *rest, size_t form, const char *id)
{
    size_t n_folder = strlen(FORMS[form].folder), n_id = strlen(id);
    return strncmp(rest, FORMS[form].folder, n_folder) == 0 &&
           strncmp(rest + n_folder, id, n_id) == 0 &&
           strcmp(rest + n_folder + n_id, FORMS[form].ending) == 0;
}

struct request_path request_path_read(const char *path, const char *token,
                                      const char *const *ids, size_t n_ids)
{
    const char *rest = behind_token(path, token);
    if (!rest)
        return (struct request_path){.kind = REQUEST_NOTHING};
    if (strcmp(rest, "reads/service-info") == 0)
        return (struct request_path){.kind = REQUEST_SERVICE_INFO};
    for (size_t form = 0; form < sizeof FORMS / sizeof *FORMS; form++)
        for (size_t i = 0; i < n_ids; i++)
            if (has_form(rest, form, ids[i]))
                return (struct request_path){.kind = FORMS[form].kind, .shown = i};
    return (struct request_path){.kind = REQUEST_PAGE, .rest = rest};
}
