#include "passphrase.h"

#include "varlock/fail.h"

int passphrase_ask(struct passphrase_source *source,
                   char passphrase[static VL_PASSPHRASE_MAX], struct vl_error *err)
{
    source->needed = true;
    int n = source->ask && !source->is_peek
                ? source->ask(source->arg, source->path, passphrase, VL_PASSPHRASE_MAX)
                : -1;
    if (n < 0 || n > VL_PASSPHRASE_MAX)
        return vl_error_set(err, VL_ERR_KEY,
                            "%s: is encrypted and there is no passphrase for it "
                            "(--passphrase-file, VARLOCK_PASSPHRASE, or a terminal)",
                            source->path);
    return n;
}

int passphrase_refuse(const struct passphrase_source *source, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_KEY, "%s: wrong passphrase", source->path);
}
