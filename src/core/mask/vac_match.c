#include "mask/vac_match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "run/report.h"

struct match {
    const struct vl_encrypt_options *options;
    const struct vl_contigs *contigs;
    struct vl_vac_reader *vac;
    int32_t *vac_contig;
};

/* Checks one contig of the input against the VAC's contig of the same name. */
static int match_contig(const struct match *m, size_t i, int32_t in_vac,
                        struct vl_error *err)
{
    const struct vl_contig *bam = &m->contigs->v[i];
    const struct vl_contig *vac = &vl_vac_meta(m->vac)->contigs.v[in_vac];
    if (vac->length > 0 && vac->length != bam->length)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: contig %s has %lld bases, in %s %lld: another assembly",
                            m->options->vac, bam->name, (long long)vac->length,
                            m->options->input, (long long)bam->length);
    if (vac->m5[0] && bam->m5[0] && strcasecmp(vac->m5, bam->m5) != 0)
        return vl_error_set(err, VL_ERR_DATA, "%s: contig %s has another M5 than in %s",
                            m->options->vac, bam->name, m->options->input);
    m->vac_contig[i] = in_vac;
    return 0;
}

static void warn_uncovered(const struct match *m, size_t n_missing, bool is_synth)
{
    struct vl_buf names = VL_BUF_INIT;
    size_t shown = 0;
    for (size_t i = 0; i < m->contigs->n && shown < 5; i++)
        if (m->vac_contig[i] < 0)
            vl_buf_addf(&names, "%s%s", shown++ ? ", " : "", m->contigs->v[i].name);
    vl_buf_add_byte(&names, 0);
    if (!names.failed)
        hooks_warn(&m->options->hooks,
                   "the VAC has no sites on %zu of %zu contigs: their bases %s (%s%s)",
                   n_missing, m->contigs->n,
                   is_synth ? "are the reference's" : "stay as they are",
                   (char *)names.data, n_missing > shown ? ", ..." : "");
    vl_buf_clear(&names);
}

static int match_all(const struct match *m, bool is_synth, struct vl_error *err)
{
    const struct vl_encrypt_options *options = m->options;
    const struct vl_contigs *contigs = m->contigs;
    size_t n = contigs->n, n_missing = 0, n_unknown = 0;
    /* Contigs without sites come last in a VAC (vac.md §4.1). */
    const struct vl_vac_meta *meta = vl_vac_meta(m->vac);
    int64_t n_with_sites =
        meta->n_blocks > 0 ? (int64_t)meta->blocks[meta->n_blocks - 1].contig + 1 : 0;
    for (size_t i = 0; i < n; i++) {
        int found = vl_contigs_find(&meta->contigs, contigs->v[i].name);
        m->vac_contig[i] = -1;
        int rc = found < 0 ? 0 : match_contig(m, i, found, err);
        if (rc < 0)
            return rc;
        n_unknown += found < 0;
        if (found >= n_with_sites)
            m->vac_contig[i] = -1;
        n_missing += m->vac_contig[i] < 0;
    }
    if (n > 0 && n_unknown == n)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s and %s have no contig in common that has sites (%s "
                            "there, %s here); vcf2vac "
                            "--rename-contigs maps names",
                            options->vac, options->input,
                            meta->contigs.n ? meta->contigs.v[0].name : "none",
                            contigs->v[0].name);
    if (n > 0 && n_missing == n && !is_synth)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: has no site on any contig of %s (such as %s): --mask "
                            "permute would mask nothing; vcf2vac --rename-contigs maps "
                            "names",
                            options->vac, options->input, contigs->v[0].name);
    if (n_missing > 0)
        warn_uncovered(m, n_missing, is_synth);
    return 0;
}

int vac_match(const struct vl_encrypt_options *options, bool is_synth,
              const struct vl_contigs *contigs, struct vl_vac_reader *vac,
              int32_t **vac_contig, struct vl_error *err)
{
    *vac_contig = NULL;
    const struct match m = {options, contigs, vac,
                            malloc((contigs->n + 1) * sizeof *m.vac_contig)};
    int rc = m.vac_contig ? match_all(&m, is_synth, err) : vl_error_memory(err);
    if (rc < 0)
        free(m.vac_contig);
    else
        *vac_contig = m.vac_contig;
    return rc;
}
