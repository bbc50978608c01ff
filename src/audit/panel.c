#include "panel.h"

#include <stdlib.h>
#include <string.h>

#include <htslib/vcf.h>

#include "varlock/fail.h"

struct panel {
    const char *path;
    const struct vl_contigs *contigs;
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *line;
    int32_t contig; /* of the line, among `contigs` */
    bool has_line, ended;
    int32_t *genotypes; /* of htslib */
    int n_genotypes;
    int8_t *alts;
};

int panel_open(struct panel **panel, const char *path, const struct vl_contigs *contigs,
               struct vl_error *err)
{
    struct panel *p = *panel = calloc(1, sizeof *p);
    if (!p)
        return vl_error_memory(err);
    *p = (struct panel){.path = path, .contigs = contigs, .contig = -1};
    p->file = hts_open(path, "r");
    p->header = p->file ? bcf_hdr_read(p->file) : NULL;
    p->line = bcf_init();
    int rc = 0;
    if (!p->header)
        rc = p->file ? vl_error_set(err, VL_ERR_DATA, "%s: not a VCF or BCF", path)
                     : vl_error_errno(err, "%s: cannot open", path);
    else if (panel_size(p) == 0)
        rc = vl_error_set(err, VL_ERR_DATA, "%s: has no samples", path);
    if (rc == 0)
        p->alts = malloc(panel_size(p));
    if (rc == 0 && (!p->line || !p->alts))
        rc = vl_error_memory(err);
    if (rc < 0) {
        panel_free(p);
        *panel = NULL;
    }
    return rc;
}

void panel_free(struct panel *panel)
{
    if (!panel)
        return;
    if (panel->line)
        bcf_destroy(panel->line);
    if (panel->header)
        bcf_hdr_destroy(panel->header);
    if (panel->file)
        hts_close(panel->file);
    free(panel->genotypes);
    free(panel->alts);
    free(panel);
}

size_t panel_size(const struct panel *panel)
{
    return (size_t)bcf_hdr_nsamples(panel->header);
}

const char *panel_name(const struct panel *panel, size_t person)
{
    return panel->header->samples[person];
}

/* Reads the next line on a contig of the alignments. */
static int read_line(struct panel *p, struct vl_error *err)
{
    int32_t before = p->contig;
    int64_t pos_before = p->has_line ? p->line->pos : -1;
    int rc;
    p->has_line = false;
    do {
        rc = bcf_read(p->file, p->header, p->line);
        if (rc < -1 || (rc == 0 && p->line->errcode))
            return vl_error_set(err, VL_ERR_DATA, "%s: malformed or cut", p->path);
        if (rc < 0) {
            p->ended = true;
            return 0;
        }
        p->contig = vl_contigs_find(p->contigs, bcf_seqname(p->header, p->line));
    } while (p->contig < 0);
    if (p->contig < before || (p->contig == before && p->line->pos < pos_before))
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: %s:%lld is out of order: sort it as the alignments are",
                            p->path, bcf_seqname(p->header, p->line),
                            (long long)p->line->pos + 1);
    p->has_line = true;
    return 1;
}

static bool is_snv(bcf1_t *line)
{
    for (int i = 0; i < line->n_allele; i++)
        if (strlen(line->d.allele[i]) != 1)
            return false;
    return line->n_allele > 1;
}

/* Adds what the line says of each person. */
static int add_line(struct panel *p, struct vl_error *err)
{
    if (bcf_unpack(p->line, BCF_UN_STR) < 0)
        return vl_error_set(err, VL_ERR_DATA, "%s: malformed line", p->path);
    if (!is_snv(p->line))
        return 0;
    int n = bcf_get_genotypes(p->header, p->line, &p->genotypes, &p->n_genotypes);
    size_t n_people = panel_size(p);
    if (n == -4)
        return vl_error_memory(err);
    int ploidy = n > 0 ? n / (int)n_people : 0;
    for (size_t i = 0; i < n_people; i++) {
        const int32_t *g = p->genotypes + i * (size_t)ploidy;
        bool is_known = ploidy == 2 && g[1] != bcf_int32_vector_end &&
                        !bcf_gt_is_missing(g[0]) && !bcf_gt_is_missing(g[1]);
        if (!is_known || p->alts[i] < 0)
            p->alts[i] = -1;
        else
            p->alts[i] += (bcf_gt_allele(g[0]) > 0) + (bcf_gt_allele(g[1]) > 0);
        if (p->alts[i] > 2)
            p->alts[i] = -1;
    }
    return 1;
}

int panel_find(struct panel *panel, int32_t contig, int64_t pos, const int8_t **alts,
               struct vl_error *err)
{
    struct panel *p = panel;
    int rc = 1, found = 0;
    *alts = p->alts;
    memset(p->alts, 0, panel_size(p));
    if (!p->has_line && !p->ended)
        rc = read_line(p, err);
    while (rc >= 0 && p->has_line &&
           (p->contig < contig || (p->contig == contig && p->line->pos < pos)))
        rc = read_line(p, err);
    while (rc >= 0 && p->has_line && p->contig == contig && p->line->pos == pos) {
        rc = add_line(p, err);
        found |= rc > 0;
        if (rc >= 0)
            rc = read_line(p, err);
    }
    return rc < 0 ? rc : found;
}

int panel_finish(struct panel *panel, struct vl_error *err)
{
    int rc = 1;
    while (rc > 0 && !panel->ended)
        rc = read_line(panel, err);
    return rc < 0 ? rc : 0;
}
