#include "mask/mask_order.h"

#include <string.h>

#include "container/vac_file.h"
#include "mask/permute_record.h"
#include "mask/persona.h"
#include "mask/synth_record.h"
#include "record/locus.h"
#include "record/record.h"
#include "window/record_array.h"
#include "window/window_records.h"

int mask_order_open_permute(struct mask_order *o, struct vl_vac_reader *vac,
                            const int32_t *vac_contig, const struct vl_contigs *contigs,
                            const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                            struct vl_error *err)
{
    memset(o, 0, sizeof *o);
    o->contigs = contigs;
    o->popped = bam_init1();
    int rc = o->popped
                 ? permute_open(&o->permute, vac, vac_contig, contigs, mask_key, err)
                 : vl_error_memory(err);
    if (rc < 0)
        mask_order_close(o);
    return rc;
}

/* Draws what the masked record shows of its haplotype. */
static int draw_for(struct mask_order *o, const struct placed *p,
                    struct persona_contig *persona, struct vl_error *err)
{
    int32_t sample = synth_sample(&o->setup->context, p->plan.group);
    return p->is_laid
               ? persona_draw(o->setup->persona, persona, sample, p->g.pos, p->g.end, err)
               : 0;
}

/* Compares the masked forms of two records with the same place, strand and name. */
static int compare_masked(void *arg, const struct placed *a, const struct placed *b)
{
    struct mask_order *o = arg;
    const struct placed *placed[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        struct persona_contig *persona = NULL;
        int32_t tid = placed[i]->b->core.tid;
        int rc = persona_borrow(o->setup->persona, tid, &persona, &o->tie_error);
        if (rc == 0) {
            rc = draw_for(o, placed[i], persona, &o->tie_error);
            if (rc == 0)
                rc = synth_record(&o->tie, placed[i]->b, &placed[i]->plan, persona, NULL,
                                  o->tied[i], &o->tie_error);
            persona_return(o->setup->persona, persona);
        }
        if (rc < 0)
            o->tie_rc = rc;
    }
    return o->tie_rc < 0 ? 0 : record_compare(o->tied[0], o->tied[1]);
}

static int put_token(void *arg, const bam1_t *b, char token[static TOKEN_BYTES])
{
    struct mask_order *o = arg;
    return synth_token(&o->tie, b, token, NULL);
}

int mask_order_open_synth(struct mask_order *o, struct synth_setup *setup,
                          struct vl_error *err)
{
    memset(o, 0, sizeof *o);
    o->setup = setup;
    o->contigs = setup->context.contigs;
    o->tied[0] = bam_init1();
    o->tied[1] = bam_init1();
    setup->reorder.compare = compare_masked;
    setup->reorder.arg = o;
    if (setup->context.names == SYNTH_NAMES_TOKEN)
        setup->reorder.token = put_token;
    int rc = o->tied[0] && o->tied[1] ? synth_open(&o->tie, &setup->context, err)
                                      : vl_error_memory(err);
    if (rc == 0)
        rc = reorder_open(&o->reorder, &setup->reorder, err);
    if (rc < 0)
        mask_order_close(o);
    return rc;
}

/* Returns the error of a comparison after the sort, which a comparison cannot stop. */
static int with_tie_error(struct mask_order *o, int rc, struct vl_error *err)
{
    if (rc < 0 || o->tie_rc == 0)
        return rc;
    if (err)
        *err = o->tie_error;
    return o->tie_rc;
}

int mask_order_advance(struct mask_order *o, const bam1_t *b, struct vl_error *err)
{
    return o->permute ? permute_advance(o->permute, b, err)
                      : with_tie_error(o, reorder_advance(o->reorder, b, err), err);
}

int mask_order_push(struct mask_order *o, bam1_t **b, int32_t read_group,
                    struct vl_error *err)
{
    return o->permute
               ? permute_push(o->permute, *b, !mask_takes_whole(*b, o->contigs), err)
               : reorder_push(o->reorder, b, read_group, err);
}

int mask_order_end(struct mask_order *o, struct vl_error *err)
{
    return o->permute ? permute_end(o->permute, err)
                      : with_tie_error(o, reorder_end(o->reorder, err), err);
}

bool mask_order_peek(struct mask_order *o, struct next_record *next)
{
    const struct placed *p = o->permute ? NULL : reorder_peek(o->reorder);
    const bam1_t *b = o->permute ? permute_peek(o->permute) : p ? p->b : NULL;
    if (!b)
        return false;
    next->b = b;
    next->is_whole = p ? p->whole != WHOLE_NOT : mask_takes_whole(b, o->contigs);
    next->block = p && !next->is_whole ? reorder_block(o->reorder) : NULL;
    if (!p && !next->is_whole) {
        o->single = (struct block){0};
        block_add(&o->single, b->core.tid, b->core.pos, b->core.l_qseq);
        next->block = &o->single;
    }
    next->locus = locus_of(b, o->contigs->n);
    next->low_pos0 = next->locus.pos0;
    next->high_end = p ? p->end : locus_end(b);
    if (!p)
        return true;
    if (b->core.tid >= 0)
        next->locus.pos0 = p->goes_to;
    if (next->is_whole)
        return true;
    if (p->plan.pos0 < next->low_pos0)
        next->low_pos0 = p->plan.pos0;
    int64_t masked_end = p->is_laid ? p->g.end : p->plan.pos0 + 1;
    if (b->core.tid >= 0 && masked_end > next->high_end)
        next->high_end = masked_end;
    return true;
}

static int add_persona(struct mask_order *o, const struct placed *p,
                       struct mask_window *w, struct vl_error *err)
{
    int32_t contig = p->b->core.tid;
    int rc = 0;
    if (contig < 0)
        return 0;
    if (w->n_personas == 0 || w->personas[w->n_personas - 1]->contig != contig) {
        struct persona_contig **v =
            vl_array_grow(w->personas, w->n_personas, &w->cap_personas, sizeof *v);
        if (!v)
            return vl_error_memory(err);
        w->personas = v;
        rc = persona_borrow(o->setup->persona, contig, &v[w->n_personas], err);
        if (rc == 0)
            w->n_persona_bases += v[w->n_personas++]->length;
    }
    return rc < 0 ? rc : draw_for(o, p, w->personas[w->n_personas - 1], err);
}

static int pop_placed(struct mask_order *o, struct mask_window *w, struct vl_error *err)
{
    struct placed *p = reorder_peek(o->reorder);
    struct window_records *r = &w->records;
    const bam1_t *to;
    int rc = 0;
    if (p->whole != WHOLE_NOT) {
        bam1_t *whole =
            window_records_add_whole(r, (uint32_t)r->shown.n, p->plan.ordinal);
        to = whole ? bam_copy1(whole, p->b) : NULL;
    } else {
        struct mask_plan *plans =
            vl_array_grow(w->plans, w->n_plans, &w->cap_plans, sizeof *plans);
        if (!plans)
            return vl_error_memory(err);
        w->plans = plans;
        rc = add_persona(o, p, w, err);
        if (rc < 0)
            return rc;
        w->plans[w->n_plans++] = p->plan;
        vl_buf_add(&r->ordinal, &p->plan.ordinal, sizeof p->plan.ordinal);
        memset(&p->plan, 0, sizeof p->plan);
        to = record_array_copy(&r->shown, p->b);
    }
    if (!to || r->ordinal.failed)
        return vl_error_memory(err);
    reorder_pop(o->reorder);
    return 0;
}

static int pop_held(struct mask_order *o, uint64_t window, struct mask_window *w,
                    struct vl_error *err)
{
    struct window_records *r = &w->records;
    const bam1_t *next = permute_peek(o->permute);
    bool is_whole = mask_takes_whole(next, o->contigs);
    uint32_t ordinal =
        (uint32_t)locus_count(&o->loci, locus_of(next, o->contigs->n)).ordinal;
    bam1_t *b =
        is_whole ? window_records_add_whole(r, (uint32_t)r->shown.n, ordinal) : o->popped;
    if (!is_whole)
        vl_buf_add(&r->ordinal, &ordinal, sizeof ordinal);
    int rc = b ? permute_pop(o->permute, b, window, &r->sites, err) : VL_ERR_MEMORY;
    if (rc > 0 && ((!is_whole && !record_array_copy(&r->shown, b)) || r->ordinal.failed))
        rc = VL_ERR_MEMORY;
    return rc == VL_ERR_MEMORY ? vl_error_memory(err) : rc < 0 ? rc : 0;
}

int mask_order_pop(struct mask_order *o, uint64_t window, struct mask_window *w,
                   struct vl_error *err)
{
    return o->permute ? pop_held(o, window, w, err) : pop_placed(o, w, err);
}

void mask_order_close(struct mask_order *o)
{
    permute_free(o->permute);
    reorder_free(o->reorder);
    synth_close(&o->tie);
    bam_destroy1(o->popped);
    for (int i = 0; i < 2; i++)
        if (o->tied[i])
            bam_destroy1(o->tied[i]);
    memset(o, 0, sizeof *o);
}
