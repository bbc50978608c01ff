/*
 * Counts the reads over each base of a region, as the holder of a slice sees them, with
 * libvarlock and htslib.  No restored read is written anywhere:
 *
 *     cc -o depth depth.c $(pkg-config --cflags --libs varlock htslib)
 *     ./depth masked.bam researcher.bdiff researcher.pem chr7:1,000-2,000
 */
#include <stdio.h>
#include <stdlib.h>
#include <varlock/restored.h>

static void count(const bam1_t *b, hts_pos_t beg, hts_pos_t end, unsigned *depth)
{
    const uint32_t *cigar = bam_get_cigar(b);
    hts_pos_t at = b->core.pos;
    if (b->core.flag & (BAM_FUNMAP | BAM_FSECONDARY | BAM_FQCFAIL | BAM_FDUP))
        return;
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        int op = bam_cigar_op(cigar[i]), n = (int)bam_cigar_oplen(cigar[i]);
        for (int j = 0; j < n && bam_cigar_type(op) == 3; j++)
            if (at + j >= beg && at + j < end)
                depth[at + j - beg]++;
        at += bam_cigar_type(op) & 2 ? n : 0;
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return fprintf(stderr, "usage: depth MASKED BDIFF KEY REGION\n"), 2;
    const char *keys[] = {argv[3]};
    struct vl_restored_options options = {
        .size = sizeof options, .masked = argv[1], .bdiff = argv[2], .keys = {keys, 1}};
    struct vl_restored *reader = NULL;
    struct vl_error err = {0};
    bam1_t *b = bam_init1();
    unsigned *depth = NULL;
    hts_pos_t beg = 0, end = 0;
    int tid = 0, rc = vl_restored_open(&reader, &options, &err);
    sam_hdr_t *header = rc == 0 ? sam_hdr_dup(vl_restored_header(reader)) : NULL;
    if (header && !sam_parse_region(header, argv[4], &tid, &beg, &end, 0))
        return fprintf(stderr, "depth: no region %s\n", argv[4]), 1;
    if (header && end > sam_hdr_tid2len(header, tid))
        end = sam_hdr_tid2len(header, tid);
    if (header)
        depth = calloc((size_t)(end - beg), sizeof *depth);
    if (depth)
        rc = vl_restored_seek(reader, tid, beg, end, &err);
    while (rc == 0 && depth && (rc = vl_restored_next(reader, b, &err)) > 0) {
        count(b, beg, end, depth);
        rc = 0;
    }
    for (hts_pos_t i = 0; rc == 0 && depth && i < end - beg; i++)
        if (depth[i] > 0)
            printf("%s\t%lld\t%u\n", sam_hdr_tid2name(header, tid),
                   (long long)(beg + i + 1), depth[i]);
    if (rc < 0)
        fprintf(stderr, "depth: %s\n", err.message);
    free(depth);
    bam_destroy1(b);
    sam_hdr_destroy(header);
    vl_restored_free(reader);
    return rc < 0;
}
