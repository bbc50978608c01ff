/*
 * Prints what a reader of restored records shows, as SAM without a header:
 *     show_restored MASKED BDIFF|- KEY|- [CONTIG:BEG-END | *]...
 * Positions are 1-based.  Regions are read one after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/kstring.h>

#include "varlock/restored.h"

static struct vl_error err;
static bam1_t *b;

static int print_rest(struct vl_restored *reader)
{
    kstring_t line = KS_INITIALIZE;
    int rc;
    while ((rc = vl_restored_next(reader, b, &err)) > 0) {
        if (sam_format1(vl_restored_header(reader), b, &line) < 0)
            return -1;
        puts(line.s);
    }
    ks_free(&line);
    return rc;
}

static int print_region(struct vl_restored *reader, const char *region)
{
    int tid = -1;
    hts_pos_t beg = 0, end = 0;
    sam_hdr_t *header = sam_hdr_dup(vl_restored_header(reader));
    if (strcmp(region, "*") != 0 &&
        !sam_parse_region(header, region, &tid, &beg, &end, 0))
        return fprintf(stderr, "no region %s\n", region), -1;
    sam_hdr_destroy(header);
    int rc = vl_restored_seek(reader, tid, beg, end, &err);
    return rc < 0 ? rc : print_rest(reader);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    const char *keys[] = {argv[3]};
    struct vl_restored_options options = {.size = sizeof options, .masked = argv[1]};
    if (strcmp(argv[2], "-") != 0) {
        options.bdiff = argv[2];
        options.keys = (struct vl_list){keys, 1};
    }
    struct vl_restored *reader = NULL;
    b = bam_init1();
    int rc = vl_restored_open(&reader, &options, &err);
    if (rc == 0 && argc == 4)
        rc = print_rest(reader);
    for (int i = 4; rc == 0 && i < argc; i++)
        rc = print_region(reader, argv[i]);
    if (rc < 0)
        fprintf(stderr, "show_restored: %s\n", err.message);
    vl_restored_free(reader);
    bam_destroy1(b);
    return rc < 0;
}
