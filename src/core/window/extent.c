#include "window/extent.h"

#include "record/locus.h"

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
        /* The next range lies on a later contig.  Contigs before it are not requested. */
        if ((uint32_t)ranges->v[i].contig > c)
            c = (uint32_t)ranges->v[i].contig - 1;
    }
    return false;
}
