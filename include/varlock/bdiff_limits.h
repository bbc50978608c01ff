/*
 * The most that a decoder of BDIFF accepts: the table of formats/bdiff.md §10, row by
 * row.  A sealed file is not a trusted file, so no decoder allocates more than these
 * limits because the file says so. tests/unit/test_bdiff_md.c compares both tables, and
 * tests/tools/hostile_bdiff.py makes a file beyond each row of the document.
 */
#ifndef VARLOCK_BDIFF_LIMITS_H
#define VARLOCK_BDIFF_LIMITS_H

#include <stdint.h>

/* Each row: NAME, the name in the document, the limit, and the limit for each byte of the
 * section's plaintext.  The greater of the two limits counts. */
#define VL_BDIFF_LIMITS(ROW)                                                             \
    ROW(RECIPIENTS, "recipients", 512, 0)                                                \
    ROW(ENVELOPE_BYTES, "envelope_bytes", 1 << 20, 0)                                    \
    ROW(ENTRIES_TRIED, "entries_tried", 4, 0)                                            \
    ROW(HEADER_CONTENT, "header_content", 1 << 22, 32)                                   \
    ROW(CONTIGS, "contigs", 1 << 18, 8)                                                  \
    ROW(CONTIG_NAME, "contig_name", 1 << 16, 0)                                          \
    ROW(CONTIG_LENGTH, "contig_length", INT64_C(1) << 60, 0)                             \
    ROW(RANGES, "ranges", 1 << 18, 8)                                                    \
    ROW(RANGE_POSITION, "range_position", INT64_C(1) << 61, 0)                           \
    ROW(DROPPED_TAGS, "dropped_tags", 1 << 16, 0)                                        \
    ROW(POSITION, "position", INT64_C(1) << 60, 0)                                       \
    ROW(WINDOW_MASKED, "window_masked", 1 << 15, 0)                                      \
    ROW(QUALITY_PLACE, "quality_place", (1 << 15) - 1, 0)                                \
    ROW(WINDOW_SEALED, "window_sealed", 1 << 30, 0)                                      \
    ROW(STREAMS, "streams", 1 << 17, 0)                                                  \
    ROW(WINDOW_CONTENT, "window_content", 1 << 20, 64)                                   \
    ROW(TEMPLATES, "templates", 1 << 16, 0)                                              \
    ROW(TEMPLATE_TAGS, "template_tags", 256, 0)                                          \
    ROW(SHAPES, "shapes", 1 << 14, 0)                                                    \
    ROW(WINDOW_WHOLE, "window_whole", 1 << 15, 0)                                        \
    ROW(WINDOW_LOOSE, "window_loose", 1 << 16, 0)                                        \
    ROW(WHOLE_BASES, "whole_bases", (1 << 30) - 1, 0)                                    \
    ROW(FLAG, "flag", (1 << 16) - 1, 0)                                                  \
    ROW(QUERY_NAME, "query_name", 254, 0)                                                \
    ROW(MASKED_BYTES, "masked_bytes", 1 << 26, 0)                                        \
    ROW(RESTORED_BYTES, "restored_bytes", 1 << 24, 0)                                    \
    ROW(RESTORED_PER_CONTENT, "restored_per_content", 4, 0)                              \
    ROW(RESTORED_PER_MASKED, "restored_per_masked", 2, 0)                                \
    ROW(DELETED_BASES, "deleted_bases", 1 << 28, 0)

/* The rows as constants: VL_LIMIT_CONTIGS and so on. */
enum vl_bdiff_limit {
#define VL_BDIFF_LIMIT_NAME(NAME, name, most, per_byte) VL_LIMIT_##NAME,
    VL_BDIFF_LIMITS(VL_BDIFF_LIMIT_NAME)
#undef VL_BDIFF_LIMIT_NAME
        VL_LIMIT_END
};

/* Returns the limit in a section whose plaintext has n_bytes (0 where the limit does not
 * depend on it). */
static inline uint64_t vl_bdiff_limit(enum vl_bdiff_limit limit, uint64_t n_bytes)
{
    static const struct {
        uint64_t most, per_byte;
    } LIMITS[] = {
#define VL_BDIFF_LIMIT_ROW(NAME, name, most, per_byte) {most, per_byte},
        VL_BDIFF_LIMITS(VL_BDIFF_LIMIT_ROW)
#undef VL_BDIFF_LIMIT_ROW
    };
    uint64_t scaled = LIMITS[limit].per_byte * n_bytes;
    return scaled > LIMITS[limit].most ? scaled : LIMITS[limit].most;
}

#endif
