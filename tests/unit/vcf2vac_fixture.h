/* What the tests of vcf2vac and its rooms share: a folder, texts of VCFs, and the
 * conversion. */
#ifndef VARLOCK_TESTS_VCF2VAC_FIXTURE_H
#define VARLOCK_TESTS_VCF2VAC_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/varlock.h"

#define HEAD "#CONTIG\tPOS\tREF\tA\tC\tG\tT\n"

#define CONTIGS "##contig=<ID=c1,length=100>\n##contig=<ID=c2>\n"
#define TAGS                                                                             \
    "##INFO=<ID=AC,Number=A,Type=Integer,Description=\"\">\n"                            \
    "##INFO=<ID=AN,Number=1,Type=Integer,Description=\"\">\n"
#define COLUMNS "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
#define VCF(contigs, tags, lines) "##fileformat=VCFv4.3\n" contigs tags COLUMNS lines
#define LINE(place, ref_alt, info) place "\t.\t" ref_alt "\t.\t.\t" info "\n"
#define PLAIN(lines) VCF(CONTIGS, TAGS, lines)
#define RECORD LINE("c1\t9", "A\tC", "AC=1;AN=10")
#define SPACED "c1 9 . A C . . AC=1;AN=10\n"
#define ONE_RECORD PLAIN(RECORD)
#define NO_CONTIGS VCF("", TAGS, RECORD)

static char folder[] = "/tmp/varlock-vcf2vac-XXXXXX";

static inline void make_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void remove_folder(void)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Returns "<folder>/<name>", which is valid as long as the test runs. */
static inline const char *in_folder(const char *name)
{
    static char paths[32][128];
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int i = 0;
    while (paths[i][0] && strcmp(paths[i], path) != 0)
        ck_assert_int_lt(++i, 32);
    return strcpy(paths[i], path);
}

static inline const char *write_text(const char *name, const char *text)
{
    const char *path = in_folder(name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

static inline int take_text(void *out, const char *text, size_t size_bytes)
{
    return fwrite(text, 1, size_bytes, out) == size_bytes ? 0 : errno;
}

/* Returns what `view` prints of a VAC; the caller frees it. */
static inline char *view(const char *path)
{
    const struct vl_view_options options = {.size = sizeof options, .input = path};
    struct vl_error err = {0};
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    ck_assert_msg(vl_view(&options, take_text, out, &err) == 0, "%s", err.message);
    fclose(out);
    return text;
}

static inline int convert(struct vl_vcf2vac_options options,
                          struct vl_vcf2vac_counts *counts, struct vl_error *err)
{
    if (!options.output)
        options.output = in_folder("out.vac");
    return vl_vcf2vac(&options, counts, err);
}

/* Returns options with this input; they are valid until the next call. */
static inline struct vl_vcf2vac_options of(const char *input)
{
    static const char *inputs[1];
    inputs[0] = input;
    return (struct vl_vcf2vac_options){.size = sizeof(struct vl_vcf2vac_options),
                                       .inputs = {inputs, 1}};
}

static inline void assert_converts(struct vl_vcf2vac_options options,
                                   struct vl_vcf2vac_counts *counts, const char *sites)
{
    struct vl_error err = {0};
    ck_assert_msg(convert(options, counts, &err) == 0, "%s", err.message);
    char *text = view(in_folder("out.vac"));
    ck_assert_str_eq(text, sites);
    free(text);
}

#endif
