#include "window/masked_digest.h"

#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "varlock/wire.h"

struct vl_locus locus_of(const bam1_t *b, size_t n_contigs)
{
    if (b->core.tid < 0)
        return (struct vl_locus){.contig = (uint32_t)n_contigs, .pos0 = -1};
    return (struct vl_locus){.contig = (uint32_t)b->core.tid, .pos0 = b->core.pos};
}

int locus_compare(const struct vl_locus *a, const struct vl_locus *b)
{
    if (a->contig != b->contig)
        return a->contig < b->contig ? -1 : 1;
    return (a->pos0 > b->pos0) - (a->pos0 < b->pos0);
}

struct vl_locus locus_count(struct locus_counter *counter, struct vl_locus here)
{
    here.ordinal = counter->any && locus_compare(&here, &counter->last) == 0
                       ? counter->last.ordinal + 1
                       : 0;
    counter->last = here;
    counter->any = true;
    return here;
}

int64_t locus_end(const bam1_t *b)
{
    return b->core.tid < 0 ? 0 : bam_endpos(b);
}

void entry_extend(struct vl_bdiff_entry *entry, struct vl_locus beg, int64_t end,
                  bool first)
{
    struct vl_locus behind = {.contig = beg.contig, .pos0 = end};
    struct vl_locus low = {.contig = entry->low_contig, .pos0 = entry->low_pos0};
    struct vl_locus high = {.contig = entry->high_contig, .pos0 = entry->high_end};
    if (first || locus_compare(&beg, &low) < 0) {
        entry->low_contig = beg.contig;
        entry->low_pos0 = beg.pos0;
    }
    if (first || locus_compare(&behind, &high) > 0) {
        entry->high_contig = behind.contig;
        entry->high_end = behind.pos0;
    }
}

bool entry_overlaps(const struct vl_bdiff_entry *entry, const struct vl_ranges *ranges,
                    size_t n_contigs)
{
    if (ranges->unplaced && entry->high_contig == n_contigs)
        return true;
    for (uint32_t c = entry->low_contig; c <= entry->high_contig && c < n_contigs; c++) {
        int64_t beg = c == entry->low_contig ? entry->low_pos0 : 0;
        int64_t end = c == entry->high_contig ? entry->high_end : VL_POS_MAX;
        size_t i = vl_ranges_seek(ranges, (int32_t)c, beg);
        if (i == ranges->n)
            return false;
        if ((uint32_t)ranges->v[i].contig == c && ranges->v[i].beg < end)
            return true;
        /* The next range lies further on: nothing of the contigs before it is asked for.
         */
        if ((uint32_t)ranges->v[i].contig > c)
            c = (uint32_t)ranges->v[i].contig - 1;
    }
    return false;
}

int window_contigs_digest(const struct vl_contigs *contigs, uint8_t out[VL_SHA256_BYTES])
{
    struct vl_buf bytes = VL_BUF_INIT;
    vl_bdiff_contigs_encode(contigs, &bytes);
    int rc = bytes.failed ? VL_ERR_MEMORY : vl_sha256(bytes.data, bytes.len, out);
    vl_buf_clear(&bytes);
    return rc;
}

int window_masked_digest(const struct record_array *masked,
                         const uint8_t contigs_sha256[VL_SHA256_BYTES],
                         uint8_t out[VL_SHA256_BYTES])
{
    struct vl_digest *digest = vl_digest_new();
    struct vl_buf scratch = VL_BUF_INIT;
    int rc = digest ? 0 : VL_ERR_MEMORY;
    if (rc == 0) {
        vl_put_u32(&scratch, (uint32_t)masked->n);
        vl_digest_add(digest, contigs_sha256, VL_SHA256_BYTES);
        vl_digest_add(digest, scratch.data, scratch.len);
    }
    for (size_t i = 0; rc == 0 && i < masked->n; i++)
        rc = record_masked_add(masked->v[i], digest, &scratch);
    if (rc == 0)
        rc = vl_digest_finish(digest, out);
    vl_digest_free(digest);
    vl_buf_clear(&scratch);
    return rc;
}

void window_total_add(struct vl_digest *total, const struct vl_bdiff_entry *entry)
{
    uint8_t n[4];
    for (int i = 0; i < 4; i++)
        n[i] = (uint8_t)(entry->n_records >> (8 * i));
    vl_digest_add(total, n, sizeof n);
    vl_digest_add(total, entry->masked_sha256, sizeof entry->masked_sha256);
}
