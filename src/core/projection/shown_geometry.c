#include "projection/shown_geometry.h"

#include <string.h>

#include "projection/pseudonym.h"
#include "projection/quality.h"
#include "varlock/seal.h"

void shown_geometry_set(struct shown_geometry *g, const struct vl_bdiff_geometry *from,
                        const struct vl_contigs *contigs)
{
    *g = (struct shown_geometry){.contigs = contigs,
                                 .blur_sd = from->blur_sd,
                                 .draws_inserts = from->draws_inserts,
                                 .deals_quality = quality_mode_deals(from->quality),
                                 .libraries = (const void *)from->libraries.data,
                                 .n_libraries = from->libraries.len /
                                                sizeof(struct vl_bdiff_library)};
    g->is_told = g->n_libraries > 0 && (g->blur_sd > 0 || g->draws_inserts);
    memcpy(g->key, from->key, sizeof g->key);
}

int shown_geometry_open(struct shown_geometry *g, const struct vl_bdiff_header *header,
                        struct vl_error *err)
{
    shown_geometry_set(g, &header->geometry, &header->contigs);
    return vl_bdiff_header_has_geometry(header) && header->is_root
               ? vl_geometry_key(header->mask_key, g->key, err)
               : 0;
}

int64_t shown_geometry_median(const struct shown_geometry *g, const bam1_t *masked)
{
    const uint8_t *rg = bam_aux_get(masked, "RG");
    const char *name = rg ? bam_aux2Z(rg) : NULL;
    int group =
        name ? read_group_of_pseudonym((const uint8_t *)name, g->n_libraries - 1) : -1;
    return g->libraries[group < 0 ? g->n_libraries - 1 : (size_t)group].median;
}

void shown_geometry_close(struct shown_geometry *g)
{
    vl_wipe(g, sizeof *g);
}
