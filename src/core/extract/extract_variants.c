#include <errno.h>
#include <htslib/bgzf.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>
#include <stdlib.h>
#include <string.h>

#include "crypt4gh/c4gh_index.h"
#include "crypt4gh/c4gh_stream.h"
#include "extract/extract.h"
#include "varlock/contig.h"
#include "varlock/region.h"

enum { BLOCKS = 256 }; /* that a thread takes at once, as in hts_set_threads */

struct copying {
    const struct extraction *x;
    struct vl_error failure; /* of an encrypted input */
    hFILE *stream;           /* NULL once `in` or `lines` has it */
    htsFile *in;             /* a BCF; NULL: it is a VCF */
    BGZF *lines;             /* a VCF */
    bcf_hdr_t *header;       /* of a BCF */
    hts_idx_t *index;        /* of a BCF */
    tbx_t *tabix;            /* of a VCF */
    struct vl_contigs contigs;
    struct vl_ranges ranges;
    kstring_t line;
    bcf1_t *record;
};

static int cannot_write(struct vl_error *err)
{
    return vl_error_errno(err, "the extracted records cannot be written");
}

/* What went wrong in an encrypted file says more. */
static int damaged(const struct copying *c, const char *what, struct vl_error *err)
{
    if (c->failure.code == VL_OK)
        return vl_error_set(err, VL_ERR_DATA, "%s: %s", c->x->path, what);
    if (err)
        *err = c->failure;
    return c->failure.code;
}

/* ---- inputs ---- */

static int load_index(struct copying *c, struct vl_error *err)
{
    static const char *const OF_VCF[] = {"tbi", "csi", NULL}, *const OF_BCF[] = {"csi",
                                                                                 NULL};
    struct vl_buf name = VL_BUF_INIT;
    struct memory_file *memory = NULL;
    int rc = c->x->index ? c4gh_index_read(c->x->index, c->x->keys, &name, &memory, err)
                         : c4gh_index_find(c->x->path, c->in ? OF_BCF : OF_VCF,
                                           c->x->keys, &name, &memory, err);
    if (rc == 0 && name.len == 0)
        rc = vl_error_set(
            err, VL_ERR_DATA,
            "%s: has no index beside it, which regions need: bcftools index", c->x->path);
    if (rc == 0 && c->in)
        c->index = bcf_index_load3(c->x->path, (char *)name.data, 0);
    else if (rc == 0)
        c->tabix = tbx_index_load3(c->x->path, (char *)name.data, 0);
    if (rc == 0 && !c->index && !c->tabix)
        rc = vl_error_set(err, VL_ERR_DATA, "%s: its index is unusable", c->x->path);
    memory_file_free(memory);
    vl_buf_clear(&name);
    return rc;
}

static int open_input(struct copying *c, struct vl_error *err)
{
    htsFormat format = {0};
    int rc = c4gh_stream_open(&c->stream, NULL, c->x->path, c->x->keys, &c->failure, err);
    if (rc < 0)
        return rc;
    if (hts_detect_format(c->stream, &format) < 0 || format.compression != bgzf)
        return damaged(c, "regions need a VCF compressed by bgzip, or a BCF", err);
    if (format.format == bcf) {
        c->in = hts_hopen(c->stream, c->x->path, "r");
        c->record = bcf_init();
    } else {
        c->lines = bgzf_hopen(c->stream, "r");
    }
    if ((!c->in && !c->lines) || (c->in && !c->record))
        return vl_error_memory(err);
    c->stream = NULL;
    if (c->in && !(c->header = bcf_hdr_read(c->in)))
        return damaged(c, "malformed or truncated header", err);
    return load_index(c, err);
}

/* The names that regions may have.  Of a VCF they are those of its index. */
static int read_contigs(struct copying *c, struct vl_error *err)
{
    int n = 0, rc = 0;
    const char **names =
        c->in ? bcf_hdr_seqnames(c->header, &n) : tbx_seqnames(c->tabix, &n);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = vl_contigs_add(&c->contigs, names[i], 0, NULL);
    free(names);
    if (rc == 0)
        rc = vl_contigs_index(&c->contigs);
    if (rc < 0)
        return vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < c->x->regions.n; i++)
        rc = vl_ranges_parse(&c->ranges, &c->contigs, c->x->regions.v[i], err);
    if (rc == 0 && c->ranges.unplaced)
        rc = vl_error_set(err, VL_ERR_USAGE, "region *: variants have places");
    if (rc == 0)
        vl_ranges_normalise(&c->ranges);
    return rc;
}

/* ---- a VCF: its lines as they are ---- */

static int put_line(struct copying *c, BGZF *out, struct vl_error *err)
{
    if (kputc('\n', &c->line) < 0)
        return vl_error_memory(err);
    return bgzf_write(out, c->line.s, c->line.l) < 0 ? cannot_write(err) : 0;
}

static int copy_header_lines(struct copying *c, BGZF *out, struct vl_error *err)
{
    int got, rc = 0;
    while (rc == 0 && (got = bgzf_getline(c->lines, '\n', &c->line)) >= 0 &&
           c->line.l > 0 && c->line.s[0] == '#')
        rc = put_line(c, out, err);
    return rc == 0 && got < -1 ? damaged(c, "truncated or corrupt", err) : rc;
}

/* Position of the line, 0-based. */
static int64_t line_pos(const kstring_t *line)
{
    const char *tab = line->s ? strchr(line->s, '\t') : NULL;
    return tab ? strtoll(tab + 1, NULL, 10) - 1 : -1;
}

/* Copies the records of a range, but for those that reach into it from the range before,
 * which ends at `before` on the same contig. */
static int copy_lines(struct copying *c, BGZF *out, const struct vl_range *range,
                      int64_t before, struct vl_error *err)
{
    hts_itr_t *it = tbx_itr_queryi(c->tabix, range->contig, range->beg,
                                   range->end < HTS_POS_MAX ? range->end : HTS_POS_MAX);
    int got = -2, rc = 0;
    if (!it)
        return damaged(c, "its index is unusable", err);
    while (rc == 0 && (got = tbx_bgzf_itr_next(c->lines, c->tabix, it, &c->line)) >= 0)
        if (line_pos(&c->line) >= before)
            rc = put_line(c, out, err);
    hts_itr_destroy(it);
    return rc == 0 && got < -1 ? damaged(c, "truncated or corrupt", err) : rc;
}

static int64_t end_before(const struct copying *c, size_t i)
{
    const struct vl_range *v = c->ranges.v;
    return i > 0 && v[i - 1].contig == v[i].contig ? v[i - 1].end : -1;
}

static int copy_vcf(struct copying *c, hFILE *stream, struct vl_error *err)
{
    BGZF *out = bgzf_hopen(stream, "w5");
    if (!out) {
        extract_silence(c->x);
        hclose_abruptly(stream);
        return vl_error_memory(err);
    }
    int rc = extract_check_threads(c->x, err);
    if (rc == 0 && c->x->n_threads > 0 && bgzf_mt(out, c->x->n_threads, BLOCKS) < 0)
        rc = vl_error_memory(err);
    if (rc == 0)
        rc = copy_header_lines(c, out, err);
    for (size_t i = 0; rc == 0 && i < c->ranges.n; i++)
        rc = copy_lines(c, out, &c->ranges.v[i], end_before(c, i), err);
    if (rc < 0)
        extract_silence(c->x);
    errno = 0;
    return bgzf_close(out) < 0 && rc == 0 ? cannot_write(err) : rc;
}

/* ---- a BCF ---- */

static int copy_records(struct copying *c, htsFile *out, const struct vl_range *range,
                        int64_t before, struct vl_error *err)
{
    hts_itr_t *it = bcf_itr_queryi(c->index, range->contig, range->beg,
                                   range->end < HTS_POS_MAX ? range->end : HTS_POS_MAX);
    int got = -2, rc = 0;
    if (!it)
        return damaged(c, "its index is unusable", err);
    while (rc == 0 && (got = bcf_itr_next(c->in, it, c->record)) >= 0)
        if (c->record->pos >= before)
            rc = bcf_write(out, c->header, c->record) < 0 ? cannot_write(err) : 0;
    hts_itr_destroy(it);
    return rc == 0 && got < -1 ? damaged(c, "truncated or corrupt", err) : rc;
}

static int copy_bcf(struct copying *c, hFILE *stream, struct vl_error *err)
{
    htsFile *out = hts_hopen(stream, c->x->path, "wb5");
    if (!out) {
        extract_silence(c->x);
        hclose_abruptly(stream);
        return vl_error_memory(err);
    }
    int rc = extract_check_threads(c->x, err);
    if (rc == 0 && c->x->n_threads > 0 && hts_set_threads(out, c->x->n_threads) < 0)
        rc = vl_error_memory(err);
    if (rc == 0 && bcf_hdr_write(out, c->header) < 0)
        rc = cannot_write(err);
    for (size_t i = 0; rc == 0 && i < c->ranges.n; i++)
        rc = copy_records(c, out, &c->ranges.v[i], end_before(c, i), err);
    if (rc < 0)
        extract_silence(c->x);
    errno = 0;
    return hts_close(out) < 0 && rc == 0 ? cannot_write(err) : rc;
}

static void clear(struct copying *c)
{
    if (c->stream)
        hclose_abruptly(c->stream);
    bcf_destroy(c->record);
    if (c->header)
        bcf_hdr_destroy(c->header);
    if (c->index)
        hts_idx_destroy(c->index);
    if (c->tabix)
        tbx_destroy(c->tabix);
    if (c->in)
        hts_close(c->in);
    if (c->lines)
        bgzf_close(c->lines);
    ks_free(&c->line);
    vl_ranges_clear(&c->ranges);
    vl_contigs_clear(&c->contigs);
}

int extract_variants(const struct extraction *x, hFILE *out, struct vl_error *err)
{
    struct copying c = {.x = x};
    int rc = open_input(&c, err);
    if (rc == 0)
        rc = read_contigs(&c, err);
    if (rc < 0) {
        extract_silence(x);
        hclose_abruptly(out);
    } else {
        rc = c.in ? copy_bcf(&c, out, err) : copy_vcf(&c, out, err);
    }
    clear(&c);
    return rc;
}
