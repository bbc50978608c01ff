#include "serve/tiles.h"

#include <stdlib.h>
#include <string.h>

#include "alignment/bam_indexer.h"
#include "serve/index_bins.h"
#include "serve/index_file.h"
#include "varlock/fail.h"

enum {
    STEP = 1 << 14,         /* bases; the smallest bin of a .bai */
    TARGET_BYTES = 1 << 19, /* a tile ends once it has so many in the input */
    MOVED_BASES = 1 << 15,  /* an original begins no further from its masked record */
    /* A slot holds this many times what the input has there, and what the BDIFF has,
     * compressed better than a BAM; and this many bytes more. */
    PER_INPUT_BYTE = 2,
    PER_BDIFF_BYTE = 4,
    SPARE_BYTES = 1 << 16,
    SPARE_UNCHANGED = 1 << 10, /* where nothing is restored: blocks' ends, and filler */
    BGZF_BLOCK = 1 << 16
};

#define SIZE_MAX_BYTES (INT64_C(1) << 47) /* a virtual offset has 48 bits for it */

/* ---- tiles of a contig ---- */

static const struct vl_bdiff_entry *entries(const struct vl_bdiff_reader *bdiff,
                                            size_t *n)
{
    const struct vl_bdiff_index *index = bdiff ? vl_bdiff_reader_index(bdiff) : NULL;
    *n = index ? index->n : 0;
    return index ? index->v : NULL;
}

static int64_t bytes_between(uint64_t first, uint64_t behind)
{
    return (int64_t)(behind >> 16) - (int64_t)(first >> 16);
}

/* At most.  Of a single block it is known how much of it the records fill. */
static int64_t input_bytes(const struct tile *t)
{
    const int64_t before_last = bytes_between(t->first, t->behind);
    if (t->behind == 0)
        return 0;
    return before_last == 0 ? (int64_t)(t->behind - t->first) : before_last + BGZF_BLOCK;
}

static int add_tile(struct tiles *tiles, const struct tile *tile, struct vl_error *err)
{
    struct tile *v = vl_array_grow(tiles->v, tiles->n, &tiles->cap, sizeof *v);
    if (!v)
        return vl_error_memory(err);
    tiles->v = v;
    v[tiles->n] = *tile;
    if (v[tiles->n].first >= v[tiles->n].behind)
        v[tiles->n].behind = 0;
    tiles->n++;
    return 0;
}

/* Between which virtual offsets the first record lies that begins at a step's begin or
 * later. */
struct border {
    uint64_t low, high;
};

/* What lies in a bin begins before the steps behind it, and not before those up to it.
 * The file is sorted, so a border is behind all bins before it, and before all behind it.
 * *n becomes the number of steps; the borders are one more. */
static struct border *find_borders(const struct bin_chunk *v, size_t n_chunks,
                                   int64_t length, size_t *n)
{
    *n = length > STEP ? (size_t)((length + STEP - 1) / STEP) : 1;
    struct border *border = malloc((*n + 1) * sizeof *border);
    struct border whole = {.low = n_chunks > 0 ? UINT64_MAX : 0};
    for (size_t i = 0; i < n_chunks; i++) {
        whole.low = v[i].first < whole.low ? v[i].first : whole.low;
        whole.high = v[i].behind > whole.high ? v[i].behind : whole.high;
    }
    for (size_t k = 0; border && k <= *n; k++)
        border[k] = whole;
    for (size_t i = 0; border && i < n_chunks; i++) {
        size_t from = (size_t)((v[i].end + STEP - 1) / STEP),
               to = (size_t)(v[i].beg / STEP);
        if (from < *n && v[i].behind > border[from].low)
            border[from].low = v[i].behind;
        if (to < *n && v[i].first < border[to].high)
            border[to].high = v[i].first;
    }
    for (size_t k = 1; border && k < *n; k++)
        if (border[k].low < border[k - 1].low)
            border[k].low = border[k - 1].low;
    for (size_t k = *n; border && k-- > 0;)
        if (border[k].high > border[k + 1].high)
            border[k].high = border[k + 1].high;
    return border;
}

/* Where nothing is there are tiles, too: a restored read may begin there. */
static int lay_contig(struct tiles *tiles, const struct bin_chunk *chunks,
                      size_t n_chunks, uint32_t contig, int64_t length,
                      struct vl_error *err)
{
    size_t n, from = 0;
    struct border *border = find_borders(chunks, n_chunks, length, &n);
    int rc = border ? 0 : vl_error_memory(err);
    for (size_t k = 1; rc == 0 && k <= n; k++) {
        if (k < n && bytes_between(border[from].low, border[k].low) < TARGET_BYTES)
            continue;
        const int64_t end = k < n ? (int64_t)k * STEP : VL_POS_MAX;
        const struct tile tile = {.contig = contig,
                                  .beg = (int64_t)from * STEP,
                                  .end = end,
                                  .reach = end,
                                  .first = border[from].low,
                                  .behind = border[k].high};
        rc = add_tile(tiles, &tile, err);
        from = k;
    }
    free(border);
    return rc;
}

static int lay_unplaced(struct tiles *tiles, const struct alignment_input *in,
                        struct vl_error *err)
{
    struct tile tile = {.contig = (uint32_t)in->contigs.n, .end = VL_POS_MAX};
    int rc = alignment_input_unplaced(in, &tile.first, &tile.behind, err);
    return rc < 0 ? rc : add_tile(tiles, &tile, err);
}

/* ---- how far records reach ---- */

static void reach_at_least(struct tile *t, int64_t end)
{
    t->reach = t->reach < end ? end : t->reach;
}

/* Tiles t to n - 1 of a contig: what is in a bin ends in it. */
static void reach_bin_ends(struct tile *t, size_t n, const struct bin_chunk *chunk)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t[mid].end <= chunk->beg)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < n && t[low].beg < chunk->end; low++)
        if (t[low].first < chunk->behind && chunk->first < t[low].behind)
            reach_at_least(&t[low], chunk->end);
}

/* First tile that ends behind that place. */
static size_t seek_tile(const struct tiles *tiles, uint32_t contig, int64_t pos0)
{
    size_t low = 0, high = tiles->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct tile *t = &tiles->v[mid];
        if (t->contig < contig || (t->contig == contig && t->end <= pos0))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Where the last record that a window restores may begin: by masked places, from which
 * the originals lie not far off.  Whole records may stand up to the next masked one. */
static int64_t last_begin(const struct vl_bdiff_entry *e,
                          const struct vl_bdiff_entry *end)
{
    const struct vl_bdiff_entry *next = e + 1;
    while (next < end && next->n_records == 0)
        next++;
    const bool is_last = next == end || next->first.contig != e->last.contig;
    const int64_t place = is_last ? VL_POS_MAX : next->first.pos0;
    const int64_t moved = e->last.pos0 + MOVED_BASES;
    const int64_t last = place > moved ? place : moved;
    return last < e->high_end || e->last.contig != e->high_contig ? last : e->high_end;
}

/* What a window restores takes room in the tiles in which it may begin, and lies within
 * its extents. */
static void add_window(struct tiles *tiles, const struct vl_bdiff_entry *e,
                       const struct vl_bdiff_entry *end)
{
    const int64_t last = last_begin(e, end);
    for (size_t i = seek_tile(tiles, e->low_contig, e->low_pos0); i < tiles->n; i++) {
        struct tile *t = &tiles->v[i];
        if (t->contig > e->high_contig ||
            (t->contig == e->last.contig && t->beg > 0 && t->beg >= last) ||
            (t->contig > e->last.contig && t->contig == e->high_contig && t->beg > 0 &&
             t->beg >= e->high_end))
            break;
        t->size += (int64_t)e->size_bytes * PER_BDIFF_BYTE;
        reach_at_least(t, t->contig == e->high_contig ? e->high_end : VL_POS_MAX);
    }
}

static int lay_all(struct tiles *tiles, const struct alignment_input *in,
                   struct vl_error *err)
{
    struct index_bins bins;
    int rc = index_bins_read(&bins, in->index, in->path, err);
    for (size_t c = 0; rc == 0 && c < in->contigs.n; c++) {
        size_t n_chunks, before = tiles->n;
        const struct bin_chunk *v = index_bins_of(&bins, (uint32_t)c, &n_chunks);
        rc = lay_contig(tiles, v, n_chunks, (uint32_t)c, in->contigs.v[c].length, err);
        for (size_t i = 0; rc == 0 && i < n_chunks; i++)
            reach_bin_ends(tiles->v + before, tiles->n - before, &v[i]);
    }
    index_bins_clear(&bins);
    return rc == 0 ? lay_unplaced(tiles, in, err) : rc;
}

int tiles_lay(struct tiles *tiles, const struct alignment_input *in,
              const struct vl_bdiff_reader *bdiff, int64_t header_size,
              struct vl_error *err)
{
    size_t n_entries;
    const struct vl_bdiff_entry *entry = entries(bdiff, &n_entries);
    memset(tiles, 0, sizeof *tiles);
    int rc = lay_all(tiles, in, err);
    for (size_t i = 0; rc == 0 && i < n_entries; i++)
        add_window(tiles, &entry[i], entry + n_entries);
    tiles->size = header_size;
    for (size_t i = 0; i < tiles->n; i++) {
        struct tile *t = &tiles->v[i];
        const bool is_restored = t->size > 0;
        t->size += input_bytes(t) * PER_INPUT_BYTE;
        if (t->size > 0)
            t->size += is_restored ? SPARE_BYTES : SPARE_UNCHANGED;
        t->offset = tiles->size;
        tiles->size += t->size;
    }
    return rc == 0 && tiles->size > SIZE_MAX_BYTES
               ? vl_error_set(err, VL_ERR_DATA, "%s: is too large for an index", in->path)
               : rc;
}

size_t tiles_find(const struct tiles *tiles, int64_t offset)
{
    size_t low = 0, high = tiles->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (tiles->v[mid].offset + tiles->v[mid].size <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void tiles_clear(struct tiles *tiles)
{
    free(tiles->v);
    memset(tiles, 0, sizeof *tiles);
}

/* ---- the index ---- */

/* A tile stands in the index as one record from its begin to its reach would. */
static int push(hts_idx_t *index, const struct tile *t, const struct vl_contigs *contigs)
{
    const uint64_t behind = (uint64_t)(t->offset + t->size) << 16;
    if (t->contig == contigs->n)
        return hts_idx_push(index, -1, -1, -1, behind, 0);
    int64_t length = contigs->v[t->contig].length;
    int64_t end = t->reach < length ? t->reach : length;
    return hts_idx_push(index, (int)t->contig, t->beg, end > t->beg ? end : t->beg + 1,
                        behind, 1);
}

static int save(hts_idx_t *index, int format, struct vl_buf *bytes, struct vl_error *err)
{
    struct memory_file *file;
    int rc = index_file_write(&file, index, format, err);
    if (rc < 0)
        return rc;
    vl_buf_add(bytes, file->bytes.data, file->bytes.len);
    memory_file_free(file);
    return bytes->failed ? vl_error_memory(err) : 0;
}

int tiles_index(const struct tiles *tiles, const struct vl_contigs *contigs,
                int64_t header_size, struct vl_buf *bytes, bool *is_csi,
                struct vl_error *err)
{
    const int n_levels = bam_indexer_levels(contigs);
    *is_csi = n_levels > BAM_INDEXER_BAI_LEVELS;
    const int format = *is_csi ? HTS_FMT_CSI : HTS_FMT_BAI;
    hts_idx_t *index =
        hts_idx_init((int)contigs->n, format, (uint64_t)header_size << 16,
                     BAM_INDEXER_MIN_SHIFT, *is_csi ? n_levels : BAM_INDEXER_BAI_LEVELS);
    int rc = index ? 0 : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < tiles->n; i++)
        if (tiles->v[i].size > 0 && push(index, &tiles->v[i], contigs) < 0)
            rc = vl_error_set(err, VL_ERR_USAGE, "%s cannot be indexed",
                              tiles->v[i].contig < contigs->n
                                  ? contigs->v[tiles->v[i].contig].name
                                  : "*");
    if (rc == 0 && hts_idx_finish(index, (uint64_t)tiles->size << 16) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = save(index, format, bytes, err);
    if (index)
        hts_idx_destroy(index);
    return rc;
}
