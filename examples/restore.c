/*
 * Restores a region of a masked file with libvarlock:
 *
 *     cc -o restore restore.c $(pkg-config --cflags --libs varlock)
 *     ./restore masked.bam researcher.bdiff researcher.pem chr7:1,000-2,000 restored.bam
 */
#include <stdio.h>
#include <varlock/varlock.h>

static int show_progress(void *arg, uint64_t n, double share)
{
    (void)share;
    fprintf(arg, "\r%llu reads", (unsigned long long)n);
    return 0; /* anything else cancels */
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return fprintf(stderr, "usage: restore MASKED BDIFF KEY REGION OUTPUT\n"), 2;
    const char *keys[] = {argv[3]}, *regions[] = {argv[4]};
    struct vl_decrypt_options options = {
        .size = sizeof options,
        .masked = argv[1],
        .bdiff = argv[2],
        .keys = {keys, 1},
        .request = {.regions = {regions, 1}},
        .output = {.path = argv[5], .write_index = true},
        .hooks = {.progress = show_progress, .progress_arg = stderr},
    };
    struct vl_decrypt_counts counts;
    struct vl_error err = {0};
    if (vl_decrypt(&options, &counts, &err) < 0)
        return fprintf(stderr, "\nrestore: %s\n", err.message), 1;
    fprintf(stderr, "\r%llu records restored by libvarlock %s\n",
            (unsigned long long)counts.n_restored, vl_version());
    return 0;
}
