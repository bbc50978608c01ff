#include "mask/window_rules.h"

#include "record/record.h"
#include "window/extent.h"

enum {
    RECORDS_MIN = 4096, /* from here on a window closes at a 64 kb boundary */
    RECORDS_MAX = 32768,
    BYTES_MAX = 8 << 20, /* block_bytes of the masked records */
    BOUNDARY_SHIFT = 16,
    CONTIGS_MAX = 64 << 20, /* bases of the window's contigs under synth; above this no
                               other contig is added */
    WHOLE_MAX = 32768,
    WHOLE_BYTES_MAX = 16 << 20 /* record_bytes of whole records */
};

bool window_is_full(const struct mask_window *w, const struct next_record *next,
                    const struct vl_locus *last)
{
    const struct vl_locus *here = &next->locus;
    size_t n = w->records.shown.n;
    if (n == 0 || !next->block)
        return false;
    bool boundary = here->contig != last->contig ||
                    here->pos0 >> BOUNDARY_SHIFT != last->pos0 >> BOUNDARY_SHIFT;
    return (n >= RECORDS_MIN && boundary) || n + next->block->n_records > RECORDS_MAX ||
           w->bytes + block_bytes(next->block) > BYTES_MAX ||
           (here->contig != last->contig && w->n_persona_bases >= CONTIGS_MAX);
}

bool window_has_room(const struct mask_window *w, const bam1_t *whole)
{
    size_t n = w->records.whole.n;
    return n == 0 ||
           (n < WHOLE_MAX && w->whole_bytes + record_bytes(whole) <= WHOLE_BYTES_MAX);
}

void window_note_place(struct mask_window *w, const struct next_record *next,
                       struct last_places *last)
{
    bool first = mask_window_is_empty(w);
    struct vl_locus here =
        next->is_whole ? next->locus : locus_count(&last->loci, next->locus);
    bool first_masked = !next->is_whole && w->records.shown.n == 0;
    struct vl_locus low = {.contig = here.contig, .pos0 = next->low_pos0};
    if (first || first_masked)
        w->entry.first = here;
    if (!next->is_whole || w->records.shown.n == 0)
        w->entry.last = here;
    entry_extend(&w->entry, low, next->high_end, first);
    if (next->is_whole)
        w->whole_bytes += record_bytes(next->b);
    else
        last->masked = here;
    last->contig = here.contig;
    if (next->block)
        w->bytes += block_bytes(next->block);
}
