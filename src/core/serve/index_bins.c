#include "serve/index_bins.h"

#include <string.h>

#include <htslib/bgzf.h>

#include "serve/index_file.h"
#include "varlock/fail.h"
#include "varlock/wire.h"

enum { BAI_MIN_SHIFT = 14, BAI_LEVELS = 5, PIECE_BYTES = 1 << 16 };

/* How positions are binned. */
struct binning {
    uint32_t min_shift, n_levels;
    bool is_csi;
};

/* ---- the bytes of the index ---- */

/* A .csi is compressed by BGZF. */
static int inflate(const char *name, struct vl_buf *bytes)
{
    BGZF *file = bgzf_open(name, "r");
    ssize_t n = file ? 1 : -1;
    while (n > 0) {
        uint8_t *room = vl_buf_reserve(bytes, PIECE_BYTES);
        n = room ? bgzf_read(file, room, PIECE_BYTES) : -1;
        bytes->len += n > 0 ? (size_t)n : 0;
    }
    if (file && bgzf_close(file) < 0)
        n = -1;
    return n < 0 ? VL_ERR_MEMORY : 0;
}

static int read_bytes(hts_idx_t *index, struct vl_buf *bytes, struct vl_error *err)
{
    struct memory_file *file;
    const int format = hts_idx_fmt(index);
    int rc = index_file_write(&file, index, format, err);
    if (rc < 0)
        return rc;
    if (format == HTS_FMT_CSI)
        rc = inflate(file->name, bytes);
    else
        vl_buf_add(bytes, file->bytes.data, file->bytes.len);
    memory_file_free(file);
    return rc < 0 || bytes->failed ? vl_error_memory(err) : 0;
}

/* ---- bins ---- */

static uint64_t first_bin(uint32_t level)
{
    return ((UINT64_C(1) << (3 * level)) - 1) / 7;
}

/* Sets the place of a bin.  False: it is none, but holds counts. */
static bool place(const struct binning *binning, uint64_t bin, struct bin_chunk *chunk)
{
    uint32_t level = binning->n_levels, shift = binning->min_shift;
    if (bin >= first_bin(level + 1))
        return false;
    for (; bin < first_bin(level); level--)
        shift += 3;
    chunk->beg = (int64_t)((bin - first_bin(level)) << shift);
    chunk->end = chunk->beg + (INT64_C(1) << shift);
    return true;
}

static void take_contig(struct index_bins *bins, const struct binning *binning,
                        uint32_t contig, struct vl_cursor *c)
{
    for (uint32_t n_bins = vl_get_u32(c); n_bins > 0 && !c->bad; n_bins--) {
        struct bin_chunk chunk = {.contig = contig};
        const bool is_bin = place(binning, vl_get_u32(c), &chunk);
        if (binning->is_csi)
            vl_get_u64(c); /* loffset */
        for (uint32_t n = vl_get_u32(c); n > 0 && !c->bad; n--) {
            chunk.first = vl_get_u64(c);
            chunk.behind = vl_get_u64(c);
            if (is_bin && chunk.first < chunk.behind)
                vl_buf_add(&bins->chunks, &chunk, sizeof chunk);
        }
    }
    if (!binning->is_csi)
        for (uint32_t n = vl_get_u32(c); n > 0 && !c->bad; n--)
            vl_get_u64(c); /* the linear index */
}

static bool take_all(struct index_bins *bins, const struct vl_buf *bytes)
{
    struct vl_cursor c = vl_cursor_over(bytes->data, bytes->len);
    struct binning binning = {BAI_MIN_SHIFT, BAI_LEVELS, false};
    const uint8_t *magic = vl_get_bytes(&c, 4);
    if (!magic || (memcmp(magic, "BAI\1", 4) != 0 && memcmp(magic, "CSI\1", 4) != 0))
        return false;
    if (magic[0] == 'C') {
        binning.min_shift = vl_get_u32(&c);
        binning.n_levels = vl_get_u32(&c);
        binning.is_csi = true;
        vl_get_bytes(&c, vl_get_u32(&c));
        if (binning.min_shift > 30 || binning.n_levels > 10)
            return false;
    }
    const uint32_t n_contigs = vl_get_u32(&c);
    for (uint32_t contig = 0; contig < n_contigs && !c.bad; contig++)
        take_contig(bins, &binning, contig, &c);
    return !c.bad;
}

int index_bins_read(struct index_bins *bins, hts_idx_t *index, const char *path,
                    struct vl_error *err)
{
    struct vl_buf bytes = VL_BUF_INIT;
    bins->chunks = VL_BUF_INIT;
    int rc = read_bytes(index, &bytes, err);
    if (rc == 0 && !take_all(bins, &bytes))
        rc = vl_error_set(err, VL_ERR_DATA, "%s: its index is unusable", path);
    if (rc == 0 && bins->chunks.failed)
        rc = vl_error_memory(err);
    vl_buf_clear(&bytes);
    if (rc < 0)
        index_bins_clear(bins);
    return rc;
}

const struct bin_chunk *index_bins_of(const struct index_bins *bins, uint32_t contig,
                                      size_t *n)
{
    const struct bin_chunk *v = (const void *)bins->chunks.data;
    size_t low = 0, high = bins->chunks.len / sizeof *v, beg;
    *n = 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (v[mid].contig < contig)
            low = mid + 1;
        else
            high = mid;
    }
    beg = low;
    while (low < bins->chunks.len / sizeof *v && v[low].contig == contig)
        low++;
    *n = low - beg;
    return v + beg;
}

void index_bins_clear(struct index_bins *bins)
{
    vl_buf_clear(&bins->chunks);
}
