#include "fuzz.h"
#include "sealed_file.h"

static void decrypt(const struct sealed_files *f, const char *region, bool whole)
{
    const char *keys[] = {f->key};
    struct vl_decrypt_options o = {.size = sizeof o,
                                   .masked = f->masked,
                                   .bdiff = f->bdiff,
                                   .keys = {keys, 1},
                                   .whole = whole,
                                   .output = {.path = f->output}};
    struct vl_error err;
    if (region)
        o.request.regions = (struct vl_list){&region, 1};
    if (vl_decrypt(&o, NULL, &err) == 0)
        unlink(f->output);
}

static void reencrypt(const struct sealed_files *f, const char *region)
{
    const char *recipients[] = {f->public};
    struct vl_reencrypt_options o = {.size = sizeof o,
                                     .masked = f->masked,
                                     .bdiff = f->bdiff,
                                     .key = f->key,
                                     .recipients = {recipients, 1},
                                     .all = region == NULL,
                                     .output = f->slice};
    struct vl_error err;
    if (region)
        o.request.regions = (struct vl_list){&region, 1};
    if (vl_reencrypt(&o, NULL, &err) == 0)
        unlink(f->slice);
}

static int write_nothing(void *arg, const char *text, size_t size_bytes)
{
    (void)arg;
    (void)text;
    (void)size_bytes;
    return 0;
}

static void view(const struct sealed_files *f, bool header_only)
{
    const char *keys[] = {f->key};
    struct vl_view_options o = {.size = sizeof o,
                                .input = f->bdiff,
                                .keys = {keys, 1},
                                .header_only = header_only};
    struct vl_error err;
    if (vl_view(&o, write_nothing, NULL, &err) < 0)
        return;
}

/* Input: as sealed_file_of_input says.  Every operation on what anyone may have sealed.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct sealed_files *f = sealed_files();
    sealed_file_of_input(bytes, n);
    decrypt(f, NULL, false);
    decrypt(f, "z:601-1600", false);
    decrypt(f, NULL, true);
    reencrypt(f, NULL);
    reencrypt(f, "z:601-1600");
    view(f, false);
    view(f, true);
    return 0;
}
