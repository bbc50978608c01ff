/*
 * Lines for vcf_scan_line(), and the comparison with htslib that it must stand: what is
 * read of a line is what vcf_parse() and vcf_counts_read() make of it.
 */
#ifndef VARLOCK_TESTS_SCANNED_LINE_H
#define VARLOCK_TESTS_SCANNED_LINE_H

#include <htslib/kstring.h>
#include <stdlib.h>
#include <string.h>

#include "vcf/vcf_counts.h"
#include "vcf/vcf_scan.h"
#include "vcf/vcf_variant.h"

/* Samples s1 and s2 follow where they are wanted. */
#define SCANNED_HEADER                                                                   \
    "##fileformat=VCFv4.3\n"                                                             \
    "##FILTER=<ID=q10,Description=\"\">\n"                                               \
    "##contig=<ID=c1,length=1000>\n##contig=<ID=c10>\n"                                  \
    "##INFO=<ID=AC,Number=A,Type=Integer,Description=\"\">\n"                            \
    "##INFO=<ID=AN,Number=1,Type=Integer,Description=\"\">\n"                            \
    "##INFO=<ID=AC_nfe,Number=A,Type=Integer,Description=\"\">\n"                        \
    "##INFO=<ID=BAC,Number=A,Type=Integer,Description=\"\">\n"                           \
    "##INFO=<ID=NOTE,Number=.,Type=String,Description=\"\">\n"                           \
    "##INFO=<ID=DB,Number=0,Type=Flag,Description=\"\">\n"                               \
    "##INFO=<ID=AF,Number=A,Type=Float,Description=\"\">\n"                              \
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"\">\n"                           \
    "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"\">\n"                          \
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
#define SCANNED_SAMPLES "\tFORMAT\ts1\ts2"

/* `scanned`: the line is read without htslib. */
static const struct {
    const char *line;
    bool scanned;
} SCANNED_LINES[] = {
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10", true},
    {"c10\t9\trs1\ta\tt,G\t9.5\tPASS\tDB;AN=10;AF=.1,.2;AC=1,2", true},
    {"c1\t9\t.\tA\tC,<X>,*,CT,c\t.\tq10;PASS\tAC=1,2,3,4,5;AN=999999999", true},
    {"c1\t0\t.\tA\tC\t.\t.\tAC_nfe=7;BAC=8;AC=1;AN=10;", true},
    {"c1\t9\t.\tA\tC\t.\t.\tNOTE=AC=5,AN=6;AC=1;AN=0;AC=2;AN=3;DB=x;NOTE", true},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|1\t1", true},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=007;AN=10\tGT\t./.\t12/13", true},
    {"c1\t9\t.\tAC\tA\t.\t.\tAC=.;NOTE=", true},
    {"c1\t9\t.\tA\t.\t.\t.\tDB", true},
    {"c1\t9\t.\tA\t\t\tPASS\tAN=1", true},
    {"c1\t999999999999999999\t.\tA\tC\t.\t.\tAC=1;AN=10", true},
    {"c1\t9999999999999999999\t.\tA\tC\t.\t.\tAC=1;AN=10", false},
    {"c1\t9x\t.\tA\tC\t.\t.\tAC=1;AN=10", false},
    {"c1\t+9\t.\tA\tC\t.\t.\tAC=1;AN=10", false},
    {"c1\t\t.\tA\tC\t.\t.\tAC=1;AN=10", false},
    {"c2\t9\t.\tA\tC\t.\t.\tAC=1;AN=10", false},
    {"c\t9\t.\tA\tC\t.\t.\tAC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\tq20\tAC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\tPASS;\tAC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t\tAC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10;NEW=1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;=2;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tDP=2;AC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=.;AC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=-1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1.5;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1,2;AN=10", false},
    {"c1\t9\t.\tA\tC,G\t.\t.\tAC=1;AN=10", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10,11", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=4294967296", false},
    {"c1\t9\t.\tA\tC\t.\t.\t.", false},
    {"c1\t9\t.\tA\tC\t.\t.", false},
    {"c1\t9", false},
    {"c1", false},
    {"", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|1\t1\t1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|x\t1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|\t1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|1|1\t1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT\t0|123456\t1", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tGT:DP\t0|1:5\t1:5", false},
    {"c1\t9\t.\tA\tC\t.\t.\tAC=1;AN=10\tDP\t5\t5", false},
};
enum { N_SCANNED_LINES = sizeof SCANNED_LINES / sizeof *SCANNED_LINES };

struct line_comparison {
    bcf_hdr_t *header;
    struct vcf_scan scan;
    struct vcf_counts counts;
    bcf1_t *record;
};

static inline int line_comparison_init(struct line_comparison *c, bool has_samples)
{
    const char *samples = has_samples ? SCANNED_SAMPLES : "";
    kstring_t text = KS_INITIALIZE;
    ksprintf(&text, "%s%s\n", SCANNED_HEADER, samples);
    memset(c, 0, sizeof *c);
    c->header = bcf_hdr_init("r");
    c->record = bcf_init();
    int rc = c->header && c->record ? bcf_hdr_parse(c->header, text.s) : -1;
    free(text.s);
    if (rc == 0)
        rc = vcf_counts_init(&c->counts, c->header, "lines", NULL, NULL, NULL);
    return rc < 0 ? rc : vcf_scan_init(&c->scan, c->header, "AC", "AN", NULL);
}

static inline void line_comparison_clear(struct line_comparison *c)
{
    vcf_scan_clear(&c->scan);
    vcf_counts_clear(&c->counts);
    if (c->record)
        bcf_destroy(c->record);
    bcf_hdr_destroy(c->header);
}

static inline bool same_variant(struct line_comparison *c, const struct vcf_variant *got)
{
    struct vcf_variant want;
    if (c->record->errcode || vcf_variant_set(&want, c->record) < 0 ||
        want.rid != got->rid || want.pos0 != got->pos0 || want.ref != got->ref ||
        want.alts != got->alts || want.repeats != got->repeats)
        return false;
    if (!vcf_is_snv(&want))
        return true;
    int rc = vcf_counts_read(&c->counts, c->header, &want, NULL);
    if (rc != VCF_COUNTS_SET)
        return rc == VCF_COUNTS_NONE && got->an == 0;
    return want.an == got->an && want.ac_sum == got->ac_sum &&
           memcmp(want.alt_count, got->alt_count, sizeof want.alt_count) == 0;
}

/* 1: the line was scanned, as htslib reads it; 0: it was left to htslib; -1: both differ,
 * or htslib had to add to the header, or there is no memory. */
static inline int line_compare(struct line_comparison *c, const char *line, size_t n)
{
    struct vcf_variant got;
    kstring_t copy = KS_INITIALIZE;
    int n_ids = c->header->n[BCF_DT_ID], n_contigs = c->header->n[BCF_DT_CTG];
    /* Of its own size, so that AddressSanitizer sees what is read beyond it. */
    char *exact = malloc(n + (n == 0));
    if (!exact || kputsn(line, n, &copy) < 0)
        return -1;
    memcpy(exact, line, n);
    int rc = vcf_scan_line(&c->scan, exact, n, &got);
    if (rc && (vcf_parse(&copy, c->header, c->record) < 0 || !same_variant(c, &got) ||
               c->header->n[BCF_DT_ID] != n_ids || c->header->n[BCF_DT_CTG] != n_contigs))
        rc = -1;
    free(exact);
    free(copy.s);
    return rc;
}

#endif
