#include "fragments.h"

#include <stdlib.h>

#include "record/nibbles.h"

static int compare_names(const void *a, const void *b)
{
    const struct fragment *x = a, *y = b;
    return x->name < y->name ? -1 : x->name > y->name;
}

static void join_mate(struct fragment *first, const struct fragment *second)
{
    uint8_t quality = first->quality, other = second->quality;
    first->quality = quality > other ? quality : other;
    first->lower = quality > other ? other : quality;
    if (first->base != second->base)
        first->base = -1;
}

static void join_mates(struct fragments *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        if (n > 0 && f->v[n - 1].name == f->v[i].name)
            join_mate(&f->v[n - 1], &f->v[i]);
        else
            f->v[n++] = f->v[i];
    f->n = n;
}

int fragments_take(struct fragments *fragments, const bam_pileup1_t *reads, int n_reads)
{
    if ((size_t)n_reads > fragments->cap) {
        size_t cap = 2 * (size_t)n_reads;
        struct fragment *more = realloc(fragments->v, cap * sizeof *more);
        if (!more)
            return VL_ERR_MEMORY;
        fragments->v = more;
        fragments->cap = cap;
    }
    fragments->n = 0;
    for (int i = 0; i < n_reads; i++) {
        const bam_pileup1_t *p = &reads[i];
        if (p->is_del || p->is_refskip)
            continue;
        int base = base_of_nibble[bam_seqi(bam_get_seq(p->b), p->qpos)];
        uint8_t quality = bam_get_qual(p->b)[p->qpos];
        if (quality == 0xff)
            quality = GENOTYPE_QUALITY_NONE;
        if (quality > p->b->core.qual)
            quality = p->b->core.qual;
        if (base >= 0 && quality >= GENOTYPE_QUALITY_MIN)
            fragments->v[fragments->n++] =
                (struct fragment){(uint64_t)p->cd.i, (int8_t)base, quality, 0};
    }
    qsort(fragments->v, fragments->n, sizeof *fragments->v, compare_names);
    join_mates(fragments);
    return 0;
}

void fragments_pile(const struct fragments *fragments, struct pile *pile)
{
    *pile = (struct pile){0};
    for (size_t i = 0; i < fragments->n; i++)
        if (fragments->v[i].base >= 0)
            pile_add(pile, fragments->v[i].base, fragments->v[i].quality);
}

void fragments_clear(struct fragments *fragments)
{
    free(fragments->v);
    *fragments = (struct fragments){0};
}
