#include "residual/residual_bases.h"

#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/walk.h"
#include "residual/prediction.h"
#include "residual/quality_rank.h"
#include "varlock/bdiff.h"
#include "varlock/fail.h"
#include "varlock/wire.h"

enum {
    READS_MIN = 3,   /* fewer mismatches at a position are errors */
    SHARE_MIN = 5,   /* so are those of less than a fifth of the reads */
    SHARE_OF_ALL = 7 /* where at most a seventh of the reads differ, all are expected to
                        have it */
};

size_t residual_next_quality(const uint8_t *qual, size_t from, size_t n, int quality)
{
    const uint8_t *at = memchr(qual + from, quality, n - from);
    return at ? (size_t)(at - qual) : n;
}

/* Counts N of the quality that the first N has, and notes whether the record has that
 * quality.  Counting starts with the first N. */
static void watch_n(struct residual_bases *bases, const bam1_t *b,
                    const struct mismatch *m, size_t n, struct noted_record *noted)
{
    const uint8_t *qual = bam_get_qual(b);
    size_t l_qseq = (size_t)b->core.l_qseq, n_of_quality = 0;
    for (size_t i = 0; i < n; i++)
        if (m[i].nibble == NIBBLE_N) {
            if (!bases->any_n)
                bases->n_quality = qual[m[i].qpos];
            bases->any_n = true;
            bases->n_seen += qual[m[i].qpos] == bases->n_quality;
        }
    noted->is_watched = bases->any_n;
    if (!bases->any_n)
        return;
    /* Not by memchr: it may be the most common quality of all. */
    for (size_t i = 0; i < l_qseq; i++)
        n_of_quality += qual[i] == bases->n_quality;
    bases->n_of_quality += n_of_quality;
    noted->has_n_quality = n_of_quality > 0;
}

void residual_bases_note(struct residual_bases *bases,
                         const struct prediction *prediction, const bam1_t *b,
                         bool uses_variants, struct noted_record *noted)
{
    const uint8_t *seq = bam_get_seq(b), *predicted = prediction->reference.aligned.data;
    int64_t n = b->core.l_qseq;
    struct run_walk walk = run_walk_start(b);
    struct aligned_run run = {0};
    noted->b = b;
    noted->first = bases->mismatches.len / sizeof(struct mismatch);
    noted->uses_variants = uses_variants;
    for (int64_t at = 0; (at = nibbles_mismatch(seq, predicted, at, n, false)) < n;
         at++) {
        struct mismatch m = {.rpos = -1,
                             .contig = b->core.tid,
                             .qpos = (uint32_t)at,
                             .nibble = (uint8_t)seq_nibble(seq, at)};
        while (uses_variants && at >= run.qpos + run.len && run_walk_next(&walk, &run))
            ;
        if (uses_variants)
            m.rpos = run.rpos + (at - run.qpos);
        vl_buf_add(&bases->mismatches, &m, sizeof m);
    }
    noted->n = bases->mismatches.len / sizeof(struct mismatch) - noted->first;
    if (!uses_variants || bases->mismatches.failed)
        return;
    noted->contig = b->core.tid;
    noted->pos0 = b->core.pos;
    noted->end = b->core.pos + bam_cigar2rlen((int)b->core.n_cigar, bam_get_cigar(b));
    watch_n(bases, b,
            (const struct mismatch *)(const void *)bases->mismatches.data + noted->first,
            noted->n, noted);
}

/* ---- variants ---- */

static int compare_mismatches(const void *a, const void *b)
{
    const struct mismatch *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->rpos != y->rpos)
        return x->rpos < y->rpos ? -1 : 1;
    return x->nibble - y->nibble;
}

static bool same_place(const struct mismatch *a, const struct mismatch *b)
{
    return a->contig == b->contig && a->rpos == b->rpos;
}

/* Finds at most one candidate for each position: the base that most reads have. */
static int find_candidates(struct residual_bases *bases, struct vl_buf *counts)
{
    const struct mismatch *all = (const void *)bases->mismatches.data;
    size_t n = bases->mismatches.len / sizeof *all;
    vl_buf_reset(&bases->sorted);
    for (size_t i = 0; i < n; i++)
        if (all[i].rpos >= 0)
            vl_buf_add(&bases->sorted, &all[i], sizeof *all);
    struct mismatch *v = (void *)bases->sorted.data;
    n = bases->sorted.len / sizeof *v;
    if (bases->sorted.failed)
        return VL_ERR_MEMORY;
    if (n > 1)
        qsort(v, n, sizeof *v, compare_mismatches);
    for (size_t i = 0, next; i < n; i = next) {
        uint32_t best = 0;
        uint8_t nibble = 0;
        for (next = i; next < n && same_place(&v[i], &v[next]);) {
            size_t from = next;
            while (next < n && compare_mismatches(&v[from], &v[next]) == 0)
                next++;
            if (next - from > best) {
                best = (uint32_t)(next - from);
                nibble = v[from].nibble;
            }
        }
        struct site site = {
            .contig = (uint32_t)v[i].contig, .pos0 = v[i].rpos, .change = nibble};
        if (best < READS_MIN || nibble == NIBBLE_EQUAL)
            continue;
        vl_buf_add(counts, &best, sizeof best);
        if (site_list_add(&bases->variants, &site) < 0)
            return VL_ERR_MEMORY;
    }
    return counts->failed ? VL_ERR_MEMORY : 0;
}

/* False if no variant lies between the ends of the record. */
static bool may_cover(const struct site_list *variants, const struct noted_record *r)
{
    size_t at = r->uses_variants ? site_list_seek(variants, (uint32_t)r->contig, r->pos0)
                                 : variants->n;
    return at < variants->n && variants->v[at].contig == (uint32_t)r->contig &&
           variants->v[at].pos0 < r->end;
}

static int find_variants(struct residual_bases *bases, const struct noted_record *records,
                         size_t n)
{
    struct vl_buf counts = VL_BUF_INIT, over = VL_BUF_INIT;
    struct site_list *list = &bases->variants;
    int rc = find_candidates(bases, &counts);
    uint32_t *covered = rc == 0 ? (void *)vl_buf_reserve(&over, list->n * 4 + 4) : NULL;
    if (!covered)
        rc = VL_ERR_MEMORY;
    else
        memset(covered, 0, list->n * 4 + 4);
    for (size_t i = 0; rc == 0 && list->n > 0 && i < n; i++) {
        if (!may_cover(list, &records[i]))
            continue;
        struct site_walk walk = site_walk_start(list, records[i].b);
        int64_t site, qpos;
        while ((site = site_walk_next(&walk, &qpos)) >= 0)
            covered[site]++;
    }
    size_t kept = 0;
    const uint32_t *count = (const void *)counts.data;
    for (size_t i = 0; rc == 0 && i < list->n; i++) {
        if (count[i] * SHARE_MIN < covered[i])
            continue;
        list->v[kept] = list->v[i];
        if ((covered[i] - count[i]) * SHARE_OF_ALL > covered[i])
            list->v[kept].change |= VL_VARIANT_DIFFERS;
        kept++;
    }
    if (rc == 0)
        list->n = kept;
    vl_buf_clear(&counts);
    vl_buf_clear(&over);
    return rc;
}

int residual_bases_find(struct residual_bases *bases, const struct noted_record *records,
                        size_t n)
{
    /* The quality is only used if nine of ten bases that have it are N. */
    if (!bases->any_n || bases->n_seen < READS_MIN ||
        bases->n_seen * 10 < bases->n_of_quality * 9)
        bases->n_quality = -1;
    return find_variants(bases, records, n);
}

/* ---- patches ---- */

static void mark(struct residual_bases *bases, int64_t qpos, uint64_t *n)
{
    bases->marks.data[qpos] = 1;
    ++*n;
}

/* Marks bases for a record where one quality predicts N: of the bases with that quality,
 * those that are not N.  Returns the new number of marks, n before. */
static uint64_t expect_n(struct residual_bases *bases, const struct noted_record *r,
                         uint64_t n)
{
    const uint8_t *qual = bam_get_qual(r->b);
    size_t l_qseq = (size_t)r->b->core.l_qseq, at = 0;
    if (!r->uses_variants || bases->n_quality < 0)
        return n;
    while ((at = residual_next_quality(qual, at, l_qseq, bases->n_quality)) < l_qseq) {
        uint8_t differs = seq_nibble(bam_get_seq(r->b), (int64_t)at) != NIBBLE_N;
        n = n + differs - bases->marks.data[at];
        bases->marks.data[at++] = differs;
    }
    return n;
}

/* Marks the bases that differ from their prediction after the variants are applied. */
static uint64_t mark_patches(struct residual_bases *bases, const struct noted_record *r,
                             struct vl_buf *flags)
{
    const struct mismatch *m =
        (const struct mismatch *)(const void *)bases->mismatches.data;
    size_t at = r->first, end = r->first + r->n;
    struct site_walk walk = site_walk_start(&bases->variants, r->b);
    int64_t site, qpos;
    uint64_t n = 0;
    while (r->uses_variants && (site = site_walk_next(&walk, &qpos)) >= 0) {
        uint8_t change = bases->variants.v[site].change, alt = change & NIBBLE_N;
        bool has_alt = seq_nibble(bam_get_seq(r->b), qpos) == alt;
        for (; at < end && m[at].qpos < qpos; at++)
            mark(bases, m[at].qpos, &n);
        bool is_mismatch = at < end && m[at].qpos == qpos;
        if (change & VL_VARIANT_DIFFERS) {
            vl_put_u8(flags, has_alt);
            if (is_mismatch && !has_alt)
                mark(bases, qpos, &n);
        } else if (!has_alt) {
            mark(bases, qpos, &n);
        }
        at += is_mismatch;
    }
    for (; at < end; at++)
        mark(bases, m[at].qpos, &n);
    return expect_n(bases, r, n);
}

/* True if the record has the quality of N.  Records before the first N were not watched
 * for it. */
static bool has_n_quality(const struct residual_bases *bases,
                          const struct noted_record *r)
{
    size_t l_qseq = (size_t)r->b->core.l_qseq;
    if (bases->n_quality < 0 || !r->uses_variants || r->is_watched)
        return bases->n_quality >= 0 && r->has_n_quality;
    return residual_next_quality(bam_get_qual(r->b), 0, l_qseq, bases->n_quality) <
           l_qseq;
}

/* Writes rank and index of the n marked bases, by rank, to `pairs`, which has room for
 * two numbers per base. */
static void rank_patches(const bam1_t *b, const uint8_t *marks, uint64_t n,
                         uint32_t *pairs)
{
    const uint8_t *qual = bam_get_qual(b);
    size_t l_qseq = (size_t)b->core.l_qseq, found = 0;
    if (n > QUALITY_RANKS_FEW) {
        uint32_t *order = pairs + 2 * l_qseq;
        quality_order(qual, l_qseq, order);
        for (size_t rank = 0; found < n; rank++)
            if (marks[order[rank]]) {
                uint32_t index = order[rank];
                pairs[2 * found] = (uint32_t)rank;
                pairs[2 * found++ + 1] = index;
            }
        return;
    }
    for (size_t at = 0; found < n; at++) {
        const uint8_t *next = memchr(marks + at, 1, l_qseq - at);
        at = (size_t)(next - marks);
        uint32_t rank = (uint32_t)quality_rank(qual, l_qseq, at);
        size_t to = found++;
        for (; to > 0 && pairs[2 * (to - 1)] > rank; to--)
            memcpy(&pairs[2 * to], &pairs[2 * (to - 1)], 2 * sizeof *pairs);
        pairs[2 * to] = rank;
        pairs[2 * to + 1] = (uint32_t)at;
    }
}

uint64_t residual_bases_put(struct residual_bases *bases, const struct noted_record *r,
                            struct vl_buf *flags, struct vl_buf *steps,
                            struct vl_buf *values)
{
    size_t l_qseq = (size_t)r->b->core.l_qseq;
    if (r->n == 0 && !may_cover(&bases->variants, r) && !has_n_quality(bases, r))
        return 0;
    vl_buf_reset(&bases->marks);
    vl_buf_reset(&bases->order);
    uint8_t *marks = vl_buf_reserve(&bases->marks, l_qseq + 1);
    uint32_t *order = (void *)vl_buf_reserve(&bases->order, 12 * l_qseq + 4);
    if (!marks || !order) {
        steps->failed = true;
        return 0;
    }
    memset(marks, 0, l_qseq);
    uint64_t n = mark_patches(bases, r, flags);
    if (n == 0)
        return 0;
    uint32_t before = 0;
    rank_patches(r->b, marks, n, order);
    for (uint64_t i = 0; i < n; i++) {
        vl_put_varint(steps, order[2 * i] - before);
        vl_put_u8(values, (uint8_t)seq_nibble(bam_get_seq(r->b), order[2 * i + 1]));
        before = order[2 * i];
    }
    return n;
}

void residual_bases_clear(struct residual_bases *bases)
{
    vl_buf_clear(&bases->mismatches);
    vl_buf_clear(&bases->sorted);
    vl_buf_clear(&bases->order);
    vl_buf_clear(&bases->marks);
    site_list_clear(&bases->variants);
}
