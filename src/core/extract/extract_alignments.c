#include <errno.h>
#include <htslib/cram.h>
#include <htslib/sam.h>

#include "alignment/alignment_input.h"
#include "alignment/header.h"
#include "extract/extract.h"
#include "varlock/region.h"

struct copying {
    const struct extraction *x;
    struct alignment_input in;
    struct vl_ranges ranges;
    sam_hdr_t *header; /* that is written; NULL: in.header */
    htsFile *out;
    bam1_t *record;
};

static bool is_cram(const struct copying *c)
{
    return hts_get_format(c->in.file)->format == cram;
}

static int cannot_write(struct vl_error *err)
{
    return vl_error_errno(err, "the extracted records cannot be written");
}

static int open_input(struct copying *c, struct vl_error *err)
{
    const struct extraction *x = c->x;
    int rc = alignment_input_open(&c->in, x->path, x->reference, x->keys, NULL, err);
    if (rc == 0)
        rc = x->index ? alignment_input_take_index(&c->in, x->index, err)
                      : alignment_input_need_index(&c->in, err);
    for (size_t i = 0; rc == 0 && i < x->regions.n; i++)
        rc = vl_ranges_parse(&c->ranges, &c->in.contigs, x->regions.v[i], err);
    if (rc == 0)
        vl_ranges_normalise(&c->ranges);
    return rc;
}

/* Takes over the stream, and makes it NULL.  The header text of a BAM is written as it
 * is. */
static int open_output(struct copying *c, hFILE **stream, struct vl_error *err)
{
    errno = 0;
    c->out = hts_hopen(*stream, c->x->path, is_cram(c) ? "wc" : "wb5");
    if (!c->out)
        return vl_error_memory(err);
    *stream = NULL;
    if (!is_cram(c))
        c->header = header_from_raw(c->in.text.data, c->in.text.len, &c->in.contigs);
    c->record = bam_init1();
    if ((!is_cram(c) && !c->header) || !c->record)
        return vl_error_memory(err);
    if (is_cram(c) && c->x->reference &&
        hts_set_fai_filename(c->out, c->x->reference) < 0)
        return vl_error_set(err, VL_ERR_IO, "%s: cannot use it as the reference of %s",
                            c->x->reference, c->x->path);
    int rc = extract_check_threads(c->x, err);
    if (rc < 0)
        return rc;
    if (c->x->n_threads > 0 && hts_set_threads(c->out, c->x->n_threads) < 0)
        return vl_error_memory(err);
    return sam_hdr_write(c->out, c->header ? c->header : c->in.header) < 0
               ? cannot_write(err)
               : 0;
}

/* Copies the records of a range, but for those that reach into it from the range before,
 * which ends at `before` on the same contig. */
static int copy_range(struct copying *c, int tid, int64_t beg, int64_t end,
                      int64_t before, struct vl_error *err)
{
    const sam_hdr_t *header = c->header ? c->header : c->in.header;
    hts_itr_t *it = sam_itr_queryi(c->in.index, tid, beg, end);
    int got = -2, rc = 0;
    if (!it)
        return vl_error_set(err, VL_ERR_DATA, "%s: its index is unusable", c->x->path);
    while (rc == 0 && (got = sam_itr_next(c->in.file, it, c->record)) >= 0)
        if (tid < 0 || c->record->core.pos >= before)
            rc = sam_write1(c->out, header, c->record) < 0 ? cannot_write(err) : 0;
    if (rc == 0 && got < -1)
        rc = alignment_input_blame(&c->in, err);
    hts_itr_destroy(it);
    return rc;
}

static int copy_all(struct copying *c, struct vl_error *err)
{
    const struct vl_range *v = c->ranges.v;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->ranges.n; i++) {
        bool follows = i > 0 && v[i - 1].contig == v[i].contig;
        rc = copy_range(c, v[i].contig, v[i].beg,
                        v[i].end < HTS_POS_MAX ? v[i].end : HTS_POS_MAX,
                        follows ? v[i - 1].end : -1, err);
    }
    return rc == 0 && c->ranges.unplaced ? copy_range(c, HTS_IDX_NOCOOR, 0, 0, -1, err)
                                         : rc;
}

int extract_alignments(const struct extraction *x, hFILE *out, struct vl_error *err)
{
    struct copying c = {.x = x};
    int rc = open_input(&c, err);
    if (rc == 0)
        rc = open_output(&c, &out, err);
    if (rc == 0)
        rc = copy_all(&c, err);
    if (rc < 0)
        extract_silence(x);
    if (out)
        hclose_abruptly(out);
    errno = 0;
    if (c.out && hts_close(c.out) < 0 && rc == 0)
        rc = cannot_write(err);
    bam_destroy1(c.record);
    sam_hdr_destroy(c.header);
    vl_ranges_clear(&c.ranges);
    alignment_input_close(&c.in);
    return rc;
}
