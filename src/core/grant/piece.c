#include "grant/piece.h"

#include <string.h>

#include "projection/mapq_class.h"
#include "projection/pseudonym.h"
#include "record/nibbles.h"
#include "record/record.h"
#include "record/tags.h"
#include "record/walk.h"
#include "varlock/bdiff.h"

/* ---- where it lies ---- */

static void keep_longer(struct piece *longest, const struct piece *piece)
{
    if (piece->n_aligned > longest->n_aligned)
        *longest = *piece;
}

bool piece_find(const bam1_t *b, const struct vl_ranges *ranges, struct piece *longest)
{
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run;
    struct piece piece = {0};
    size_t of = ranges->n; /* the range that `piece` lies in */
    *longest = (struct piece){0};
    if (!record_lengths_agree(b))
        return false;
    while (run_walk_next(&walk, &run)) {
        int64_t end = run.rpos + run.len;
        for (size_t i = vl_ranges_seek(ranges, b->core.tid, run.rpos);
             i < ranges->n && ranges->v[i].contig == b->core.tid &&
             ranges->v[i].beg < end;
             i++) {
            const struct vl_range *r = &ranges->v[i];
            int64_t first = r->beg > run.rpos ? r->beg : run.rpos;
            int64_t behind = r->end < end ? r->end : end;
            if (i != of) {
                keep_longer(longest, &piece);
                piece = (struct piece){.beg = first,
                                       .from = run.qpos + (int32_t)(first - run.rpos)};
                of = i;
            }
            piece.end = behind;
            piece.to = run.qpos + (int32_t)(behind - run.rpos);
            piece.n_aligned += behind - first;
        }
    }
    keep_longer(longest, &piece);
    return longest->n_aligned > 0;
}

/* ---- what it shows ---- */

/* The operators between the first and the last base of the piece.  What stands before the
 * first or behind the last one would tell of the edge's other side. */
static void put_cigar(struct piece_maker *m, const bam1_t *b, const struct piece *piece)
{
    int64_t rpos = b->core.pos;
    vl_buf_reset(&m->cigar);
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        uint32_t op = bam_get_cigar(b)[i];
        int type = bam_cigar_type(bam_cigar_op(op));
        int64_t len = bam_cigar_oplen(op), first = rpos, behind = rpos + len;
        if (type & 2)
            rpos += len;
        if (type == 3) {
            first = piece->beg > first ? piece->beg : first;
            behind = piece->end < behind ? piece->end : behind;
            if (first >= behind)
                continue;
            op = bam_cigar_gen((uint32_t)(behind - first), bam_cigar_op(op));
        } else if (first <= piece->beg || first >= piece->end) {
            continue;
        }
        vl_buf_add(&m->cigar, &op, sizeof op);
    }
}

static void put_integer(struct vl_buf *aux, const char name[static 2], int64_t v)
{
    vl_buf_add(aux, name, 2);
    vl_buf_add_byte(aux, 'I');
    tag_put_integer(aux, 'I', v);
}

/* Cuts the reference that MD tells down to the piece `cut`, and writes MD anew.  False
 * if the record has no MD that can be read. */
static bool cut_md(struct piece_maker *m, const bam1_t *b, const struct piece *piece,
                   const bam1_t *cut, int64_t *nm)
{
    const char *text = tag_find_text(b, "MD");
    int64_t n = piece->to - piece->from, rpos = b->core.pos, n_before = 0;
    if (!text || !md_read(b, text, &m->whole))
        return false;
    vl_buf_reset(&m->cut.aligned);
    vl_buf_reset(&m->cut.deleted);
    vl_buf_reset(&m->md);
    uint8_t *aligned = vl_buf_reserve(&m->cut.aligned, (size_t)n / 2 + 1);
    if (!aligned)
        return false;
    memset(aligned, 0, (size_t)n / 2 + 1);
    nibbles_copy(aligned, 0, m->whole.aligned.data, piece->from, n);
    for (uint32_t i = 0; i < b->core.n_cigar && rpos < piece->beg; i++) {
        uint32_t op = bam_get_cigar(b)[i];
        if (bam_cigar_op(op) == BAM_CDEL)
            n_before += bam_cigar_oplen(op);
        if (bam_cigar_type(bam_cigar_op(op)) & 2)
            rpos += bam_cigar_oplen(op);
    }
    vl_buf_add(&m->cut.deleted, m->whole.deleted.data + n_before,
               m->whole.deleted.len - (size_t)n_before);
    md_write(cut, &m->cut, &m->md, nm);
    return true;
}

static void put_modifications(struct piece_maker *m, const struct piece *piece)
{
    const struct modifications *found = &m->modifications;
    if (found->has_ml) {
        uint32_t n = (uint32_t)found->ml.len;
        const uint8_t head[] = {'M',
                                'L',
                                'B',
                                'C',
                                (uint8_t)n,
                                (uint8_t)(n >> 8),
                                (uint8_t)(n >> 16),
                                (uint8_t)(n >> 24)};
        vl_buf_add(&m->aux, head, sizeof head);
        vl_buf_add(&m->aux, found->ml.data, n);
    }
    vl_buf_add(&m->aux, "MMZ", 3);
    vl_buf_add(&m->aux, found->mm.data, found->mm.len);
    put_integer(&m->aux, "MN", piece->to - piece->from);
}

/* A read group that no @RG line of the masked file has is not shown. */
static void put_group(struct piece_maker *m, const bam1_t *b,
                      const struct vl_names *read_groups)
{
    struct tag rg;
    if (!tag_find(b, "RG", &rg) || rg.type != 'Z')
        return;
    if (read_groups)
        tag_put_read_group(&rg, read_groups, &m->aux);
    else if (read_group_of_pseudonym(rg.value, INT32_MAX) >= 0)
        vl_buf_add(&m->aux, rg.name, 3 + rg.size);
}

static int put_tags(struct piece_maker *m, const bam1_t *b, const struct piece *piece,
                    const struct vl_names *read_groups, bam1_t *out)
{
    struct tag tag;
    int64_t nm = 0;
    vl_buf_reset(&m->aux);
    bool has_md = cut_md(m, b, piece, out, &nm);
    if (has_md)
        tag_put_text(&m->aux, "MD", (const char *)m->md.data, m->md.len);
    if (modifications_cut(b, piece->from, piece->to, &m->modifications))
        put_modifications(m, piece);
    if (has_md && tag_find(b, "NM", &tag))
        put_integer(&m->aux, "NM", nm);
    put_group(m, b, read_groups);
    bool failed = m->aux.failed || m->md.failed || m->whole.aligned.failed ||
                  m->whole.deleted.failed || m->cut.aligned.failed ||
                  m->cut.deleted.failed || m->modifications.mm.failed ||
                  m->modifications.ml.failed;
    return failed ? VL_ERR_MEMORY : record_set_aux(out, m->aux.data, m->aux.len);
}

int piece_make(struct piece_maker *m, const bam1_t *b, const struct piece *piece,
               const struct vl_names *read_groups, bam1_t *out)
{
    int32_t n = piece->to - piece->from;
    bam1_core_t core = {.tid = b->core.tid,
                        .pos = piece->beg,
                        .qual = mapq_class(b->core.qual),
                        .flag = b->core.flag & VL_FLAGS_OF_LOOSE,
                        .l_qseq = n,
                        .mtid = -1,
                        .mpos = -1};
    vl_buf_reset(&m->seq);
    uint8_t *seq = vl_buf_reserve(&m->seq, (size_t)n / 2 + 1);
    put_cigar(m, b, piece);
    if (!seq || m->cigar.failed)
        return VL_ERR_MEMORY;
    memset(seq, 0, (size_t)n / 2 + 1);
    nibbles_copy(seq, 0, bam_get_seq(b), piece->from, n);
    if (record_assemble(out, &core, "*", (const void *)m->cigar.data,
                        (uint32_t)(m->cigar.len / 4), seq, bam_get_qual(b) + piece->from,
                        NULL, 0) < 0)
        return VL_ERR_MEMORY;
    return put_tags(m, b, piece, read_groups, out);
}

void piece_maker_clear(struct piece_maker *m)
{
    vl_buf_clear(&m->cigar);
    vl_buf_clear(&m->seq);
    vl_buf_clear(&m->md);
    vl_buf_clear(&m->aux);
    md_reference_clear(&m->whole);
    md_reference_clear(&m->cut);
    modifications_clear(&m->modifications);
}
