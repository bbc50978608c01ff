#include "mask/sex_contigs.h"

#include <stdbool.h>
#include <string.h>

/* Pseudoautosomal regions, 1-based and inclusive.  Sources: Genome Reference Consortium
 * for GRCh37 and GRCh38, Rhie et al. 2023 for T2T-CHM13. */
static const struct assembly {
    const char *name;
    bool is_x;
    int64_t length;
    int64_t par[2][2];
} ASSEMBLIES[] = {
    {"GRCh37", true, 155270560, {{60001, 2699520}, {154931044, 155260560}}},
    {"GRCh37", false, 59373566, {{10001, 2649520}, {59034050, 59363566}}},
    {"GRCh38", true, 156040895, {{10001, 2781479}, {155701383, 156030895}}},
    {"GRCh38", false, 57227415, {{10001, 2781479}, {56887903, 57217415}}},
    {"T2T-CHM13", true, 154259566, {{1, 2394410}, {153925835, 154259566}}},
    {"T2T-CHM13", false, 62460029, {{1, 2458320}, {62122810, 62460029}}},
};

static int add_outside(const struct assembly *a, const struct vl_contigs *contigs,
                       int contig, struct vl_ranges *haploid)
{
    const int64_t gaps[3][2] = {{0, a->par[0][0] - 1},
                                {a->par[0][1], a->par[1][0] - 1},
                                {a->par[1][1], a->length}};
    for (int i = 0; i < 3; i++)
        if (gaps[i][0] < gaps[i][1] &&
            vl_ranges_add(haploid, contigs, contig, gaps[i][0], gaps[i][1]) < 0)
            return VL_ERR_MEMORY;
    return 0;
}

static int add_contig(const struct vl_contigs *contigs, const char *name, bool is_x,
                      struct vl_ranges *haploid, struct vl_error *err)
{
    int contig = vl_contigs_find(contigs, name);
    if (contig < 0)
        return 0;
    for (size_t i = 0; i < sizeof ASSEMBLIES / sizeof *ASSEMBLIES; i++)
        if (ASSEMBLIES[i].is_x == is_x &&
            ASSEMBLIES[i].length == contigs->v[contig].length)
            return add_outside(&ASSEMBLIES[i], contigs, contig, haploid) < 0
                       ? vl_error_memory(err)
                       : 0;
    return vl_error_set(
        err, VL_ERR_DATA,
        "--sex: contig %s has %lld bases, a length of neither GRCh37, GRCh38 "
        "nor T2T-CHM13; use --haploid",
        name, (long long)contigs->v[contig].length);
}

int sex_contigs_haploid(const char *sex, const struct vl_contigs *contigs,
                        struct vl_ranges *haploid, struct vl_error *err)
{
    bool male = strcmp(sex, "male") == 0;
    bool any =
        vl_contigs_find(contigs, "X") >= 0 || vl_contigs_find(contigs, "chrX") >= 0 ||
        vl_contigs_find(contigs, "Y") >= 0 || vl_contigs_find(contigs, "chrY") >= 0;
    int rc = 0;
    if (!male && strcmp(sex, "female") != 0)
        return vl_error_set(err, VL_ERR_USAGE, "--sex %s: is neither female nor male",
                            sex);
    if (!any)
        return vl_error_set(err, VL_ERR_USAGE,
                            "--sex: the input has no contig X, chrX, Y or chrY");
    if (male)
        rc = add_contig(contigs, "X", true, haploid, err);
    if (rc == 0 && male)
        rc = add_contig(contigs, "chrX", true, haploid, err);
    if (rc == 0)
        rc = add_contig(contigs, "Y", false, haploid, err);
    return rc < 0 ? rc : add_contig(contigs, "chrY", false, haploid, err);
}
