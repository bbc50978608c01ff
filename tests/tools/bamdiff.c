/*
 * bamdiff [-n] [-T REF] A B: do two alignment files hold the same?  The
 * header text byte for byte as htslib hands it out before parsing it (-n: not compared)
 * and the contig table, then every record: core fields except bin, QNAME, CIGAR, SEQ,
 * QUAL, tag bytes.  Prints the first difference and exits 1; 2 where a file cannot be
 * read; prints how many records were equal and exits 0 otherwise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <htslib/sam.h>

struct side {
    const char *path;
    htsFile *file;
    sam_hdr_t *header;
    bam1_t *b;
};

static void open_side(struct side *s, const char *path, const char *reference)
{
    s->path = path;
    s->file = sam_open(path, "r");
    if (s->file && reference && hts_set_fai_filename(s->file, reference) < 0)
        fprintf(stderr, "bamdiff: %s: cannot be used as the reference\n", reference);
    s->header = s->file ? sam_hdr_read(s->file) : NULL;
    s->b = bam_init1();
    if (!s->header || !s->b) {
        fprintf(stderr, "bamdiff: %s: cannot be read\n", path);
        exit(2);
    }
}

static int next(struct side *s)
{
    int rc = sam_read1(s->file, s->header, s->b);
    if (rc < -1) {
        fprintf(stderr, "bamdiff: %s: truncated or corrupt\n", s->path);
        exit(2);
    }
    return rc >= 0;
}

static void close_side(struct side *s)
{
    bam_destroy1(s->b);
    sam_hdr_destroy(s->header);
    hts_close(s->file);
}

/* Read before anything makes htslib parse, and so rewrite, the text. */
static const char *header_difference(const struct side *a, const struct side *b)
{
    static char where[80];
    size_t n = sam_hdr_length(a->header), m = sam_hdr_length(b->header);
    const char *p = sam_hdr_str(a->header), *q = sam_hdr_str(b->header);
    for (size_t i = 0; i < n && i < m; i++)
        if (p[i] != q[i]) {
            snprintf(where, sizeof where, "header text differs at byte %zu", i);
            return where;
        }
    if (n != m) {
        snprintf(where, sizeof where, "header text has %zu and %zu bytes", n, m);
        return where;
    }
    return NULL;
}

static const char *contig_difference(const struct side *a, const struct side *b)
{
    if (sam_hdr_nref(a->header) != sam_hdr_nref(b->header))
        return "number of contigs";
    for (int i = 0; i < sam_hdr_nref(a->header); i++)
        if (strcmp(sam_hdr_tid2name(a->header, i), sam_hdr_tid2name(b->header, i)) != 0 ||
            sam_hdr_tid2len(a->header, i) != sam_hdr_tid2len(b->header, i))
            return "contig table";
    return NULL;
}

static int same(const void *p, size_t n, const void *q, size_t m)
{
    return n == m && (n == 0 || memcmp(p, q, n) == 0);
}

/* The half byte behind an odd SEQ means nothing. */
static int same_seq(const bam1_t *a, const bam1_t *b)
{
    if (a->core.l_qseq != b->core.l_qseq)
        return 0;
    for (int i = 0; i < a->core.l_qseq; i++)
        if (bam_seqi(bam_get_seq(a), i) != bam_seqi(bam_get_seq(b), i))
            return 0;
    return 1;
}

static const char *record_difference(const bam1_t *a, const bam1_t *b)
{
    const bam1_core_t *x = &a->core, *y = &b->core;
    if (strcmp(bam_get_qname(a), bam_get_qname(b)) != 0)
        return "QNAME";
    if (x->flag != y->flag)
        return "FLAG";
    if (x->tid != y->tid || x->pos != y->pos)
        return "position";
    if (x->qual != y->qual)
        return "MAPQ";
    if (!same(bam_get_cigar(a), 4 * (size_t)x->n_cigar, bam_get_cigar(b),
              4 * (size_t)y->n_cigar))
        return "CIGAR";
    if (x->mtid != y->mtid || x->mpos != y->mpos || x->isize != y->isize)
        return "RNEXT, PNEXT or TLEN";
    if (!same_seq(a, b))
        return "SEQ";
    if (!same(bam_get_qual(a), (size_t)x->l_qseq, bam_get_qual(b), (size_t)y->l_qseq))
        return "QUAL";
    if (!same(bam_get_aux(a), (size_t)bam_get_l_aux(a), bam_get_aux(b),
              (size_t)bam_get_l_aux(b)))
        return "tags";
    return NULL;
}

static int compare(struct side *a, struct side *b, int with_header)
{
    const char *what = with_header ? header_difference(a, b) : NULL;
    if (!what)
        what = contig_difference(a, b);
    if (what) {
        printf("%s and %s: %s\n", a->path, b->path, what);
        return 1;
    }
    for (unsigned long n = 1;; n++) {
        int more_a = next(a), more_b = next(b);
        if (!more_a && !more_b) {
            printf("%lu records equal\n", n - 1);
            return 0;
        }
        if (more_a != more_b) {
            printf("%s ends after record %lu, %s does not\n", more_a ? b->path : a->path,
                   n - 1, more_a ? a->path : b->path);
            return 1;
        }
        what = record_difference(a->b, b->b);
        if (what) {
            printf("%s and %s: record %lu (%s): %s\n", a->path, b->path, n,
                   bam_get_qname(a->b), what);
            return 1;
        }
    }
}

int main(int argc, char **argv)
{
    int c, with_header = 1;
    const char *reference = NULL;
    while ((c = getopt(argc, argv, "nT:")) != -1)
        if (c == 'n')
            with_header = 0;
        else if (c == 'T')
            reference = optarg;
    if (argc - optind != 2) {
        fprintf(stderr, "usage: bamdiff [-n] [-T REF] A B\n");
        return 2;
    }
    struct side a, b;
    open_side(&a, argv[optind], reference);
    open_side(&b, argv[optind + 1], reference);
    int rc = compare(&a, &b, with_header);
    close_side(&a);
    close_side(&b);
    return rc;
}
