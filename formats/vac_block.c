#include <string.h>

#include "varlock/frame.h"
#include "varlock/vac.h"
#include "varlock/wire.h"

/* The columns of a block: positions, bases, totals, counts (vac.md §3). */
enum { N_COLUMNS = 4, COL_POSITIONS = 0, COL_BASES = 1, COL_TOTALS = 2, COL_COUNTS = 3 };

/* Most of the frame is literals.  The matches that higher levels find among them cost
 * more than they save: on 1000 Genomes sites level 1 gives the smallest columns of levels
 * 1 to 9. */
enum { LEVEL = 1 };

/* The most bytes that one site takes in each column. */
static const size_t SITE_BYTES_MAX[N_COLUMNS] = {9, 1, 6, 15};

static int bad_block(struct vl_error *err, const char *why)
{
    return vl_error_set(err, VL_ERR_DATA, "malformed VAC block: %s", why);
}

static void put_site(struct vl_buf column[N_COLUMNS], const struct vl_site *site,
                     int64_t previous_pos0, uint64_t *total)
{
    uint64_t sum = 0;
    uint8_t bases = site->ref;
    for (unsigned b = 0; b < 4; b++) {
        sum += site->count[b];
        if (b != site->ref && site->count[b] > 0) {
            bases |= (uint8_t)(4u << b);
            vl_put_varint(&column[COL_COUNTS], site->count[b]);
        }
    }
    vl_put_varint(&column[COL_POSITIONS], (uint64_t)(site->pos0 - previous_pos0));
    vl_put_u8(&column[COL_BASES], bases);
    vl_put_zigzag(&column[COL_TOTALS], (int64_t)(sum - *total));
    *total = sum;
}

static int put_columns(struct vl_buf column[N_COLUMNS], struct vl_buf *frames,
                       struct vl_buf *out, struct vl_error *err)
{
    struct vl_buf sizes = VL_BUF_INIT;
    int rc = 0;
    for (int i = 0; i < N_COLUMNS && rc == 0; i++) {
        size_t before = frames->len;
        rc = column[i].failed
                 ? vl_error_memory(err)
                 : vl_frame_compress(column[i].data, column[i].len, LEVEL, frames, err);
        vl_put_varint(&sizes, frames->len - before);
    }
    if (rc == 0) {
        vl_buf_add(out, sizes.data, sizes.len);
        vl_buf_add(out, frames->data, frames->len);
        if (sizes.failed || out->failed)
            rc = vl_error_memory(err);
    }
    vl_buf_clear(&sizes);
    return rc;
}

int vl_vac_block_encode(const struct vl_site *sites, size_t n, struct vl_buf *out,
                        struct vl_error *err)
{
    if (n == 0 || n > VL_VAC_BLOCK_SITES)
        return vl_error_set(err, VL_ERR_USAGE, "a VAC block of %zu sites", n);
    struct vl_buf column[N_COLUMNS] = {VL_BUF_INIT}, frames = VL_BUF_INIT;
    uint64_t total = 0;
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        int64_t previous = i > 0 ? sites[i - 1].pos0 : 0;
        if (sites[i].pos0 < 0 || sites[i].pos0 > VL_VAC_POS_MAX || sites[i].ref > 3 ||
            (i > 0 && sites[i].pos0 <= previous))
            rc = vl_error_set(err, VL_ERR_USAGE, "VAC sites out of order or range");
        else
            put_site(column, &sites[i], previous, &total);
    }
    if (rc == 0)
        rc = put_columns(column, &frames, out, err);
    for (int i = 0; i < N_COLUMNS; i++)
        vl_buf_clear(&column[i]);
    vl_buf_clear(&frames);
    return rc;
}

static int get_columns(const struct vl_vac_block *block, const uint8_t *bytes,
                       struct vl_buf column[N_COLUMNS], struct vl_error *err)
{
    struct vl_cursor c = vl_cursor_over(bytes, block->size_bytes);
    size_t size[N_COLUMNS];
    for (int i = 0; i < N_COLUMNS; i++)
        size[i] = (size_t)vl_get_varint_max(&c, block->size_bytes);
    for (int i = 0; i < N_COLUMNS; i++) {
        const uint8_t *frame = vl_get_bytes(&c, size[i]);
        if (c.bad)
            return bad_block(err, "a column reaches beyond its end");
        size_t max_bytes = SITE_BYTES_MAX[i] * block->n_sites;
        int rc = vl_frame_decompress(frame, size[i], max_bytes, &column[i], err);
        if (rc < 0)
            return rc;
    }
    if (vl_left(&c) > 0)
        return bad_block(err, "bytes behind the last column");
    return 0;
}

/* Reads the allele counts of one site.  *total is the total of the site before, and
 * becomes that of this site. */
static bool get_counts(struct vl_cursor column[N_COLUMNS], struct vl_site *site,
                       uint64_t *total)
{
    uint8_t bases = vl_get_u8(&column[COL_BASES]);
    site->ref = bases & 3;
    if (bases >> 6 || bases & (4u << site->ref))
        return false;
    uint64_t sum = 0;
    for (unsigned b = 0; b < 4; b++) {
        site->count[b] = 0;
        if (bases & (4u << b)) {
            site->count[b] = (uint32_t)vl_get_varint_max(&column[COL_COUNTS], UINT32_MAX);
            if (site->count[b] == 0)
                return false;
        }
        sum += site->count[b];
    }
    /* The sum is unsigned, because the difference may be any number and a signed sum
     * could overflow. */
    *total += (uint64_t)vl_get_zigzag(&column[COL_TOTALS]);
    if (*total < sum || *total - sum > UINT32_MAX)
        return false;
    site->count[site->ref] = (uint32_t)(*total - sum);
    return true;
}

static int get_sites(const struct vl_vac_block *block, struct vl_cursor column[N_COLUMNS],
                     struct vl_site *sites, struct vl_error *err)
{
    uint64_t pos = 0, total = 0;
    for (uint32_t i = 0; i < block->n_sites; i++) {
        uint64_t step = vl_get_varint_max(&column[COL_POSITIONS], VL_VAC_POS_MAX - pos);
        if (i > 0 && step == 0)
            return bad_block(err, "positions do not ascend");
        pos += step;
        sites[i].pos0 = (int64_t)pos;
        if (!get_counts(column, &sites[i], &total))
            return bad_block(err, "counts out of range");
    }
    for (int i = 0; i < N_COLUMNS; i++)
        if (column[i].bad || vl_left(&column[i]) > 0)
            return bad_block(err, "a column of another length than its sites need");
    if (sites[0].pos0 != block->first_pos0 ||
        sites[block->n_sites - 1].pos0 != block->last_pos0)
        return bad_block(err, "positions differ from the index");
    return 0;
}

int vl_vac_block_decode(const struct vl_vac_block *block, const uint8_t *bytes,
                        struct vl_site *sites, struct vl_error *err)
{
    if (block->n_sites == 0 || block->n_sites > VL_VAC_BLOCK_SITES)
        return bad_block(err, "number of sites out of range");
    struct vl_buf column[N_COLUMNS] = {VL_BUF_INIT};
    struct vl_cursor cursor[N_COLUMNS];
    int rc = get_columns(block, bytes, column, err);
    if (rc == 0) {
        for (int i = 0; i < N_COLUMNS; i++)
            cursor[i] = vl_cursor_over(column[i].data, column[i].len);
        rc = get_sites(block, cursor, sites, err);
    }
    for (int i = 0; i < N_COLUMNS; i++)
        vl_buf_clear(&column[i]);
    return rc;
}
