#include "fuzz.h"
#include "sealed_file.h"

/* Input: as sealed_file_of_input says.  One shard, which may cover all contigs. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct sealed_files *f = sealed_files();
    const char *recipients[] = {f->public}, *shards[] = {f->masked, f->bdiff};
    struct vl_merge_options o = {.size = sizeof o,
                                 .shards = {shards, 2},
                                 .key = f->key,
                                 .recipients = {recipients, 1},
                                 .bdiff = f->slice,
                                 .output = f->output};
    struct vl_error err;
    sealed_file_of_input(bytes, n);
    if (vl_merge(&o, NULL, &err) == 0) {
        unlink(f->output_index);
        unlink(f->output);
        unlink(f->slice);
    }
    return 0;
}
