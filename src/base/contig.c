#include "varlock/contig.h"

#include <stdlib.h>
#include <string.h>

#include "varlock/buf.h"

int vl_contigs_add(struct vl_contigs *contigs, const char *name, int64_t length,
                   const char *m5)
{
    struct vl_contig *v = vl_array_grow(contigs->v, contigs->n, &contigs->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    contigs->v = v;
    if (vl_names_add(&contigs->names, name) < 0)
        return VL_ERR_MEMORY;
    struct vl_contig *c = &contigs->v[contigs->n];
    *c = (struct vl_contig){.name = contigs->names.v[contigs->n], .length = length};
    if (m5)
        vl_contig_set_m5(c, m5);
    contigs->n++;
    return 0;
}

void vl_contig_set_m5(struct vl_contig *contig, const char *m5)
{
    if (strlen(m5) == VL_M5_CHARS)
        memcpy(contig->m5, m5, VL_M5_CHARS);
}

int vl_contigs_index(struct vl_contigs *contigs)
{
    return vl_names_index(&contigs->names);
}

int vl_contigs_find(const struct vl_contigs *contigs, const char *name)
{
    return vl_names_find(&contigs->names, name);
}

int vl_contigs_check_unique(struct vl_contigs *contigs, const char *where,
                            struct vl_error *err)
{
    return vl_names_check_unique(&contigs->names, where, "contig", err);
}

void vl_contigs_clear(struct vl_contigs *contigs)
{
    vl_names_clear(&contigs->names);
    free(contigs->v);
    *contigs = VL_CONTIGS_INIT;
}
