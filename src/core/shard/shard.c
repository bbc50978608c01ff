#include "shard/shard.h"

#include <string.h>

#include "record/canonical.h"
#include "record/locus.h"
#include "varlock/varlock.h"
#include "varlock/wire.h"
#include "window/record_array.h"

bool shard_covers(const struct vl_ranges *ranges, size_t contig, size_t n_contigs)
{
    return contig == n_contigs
               ? ranges->unplaced
               : vl_ranges_contain(ranges, (int32_t)contig, 0, VL_POS_MAX);
}

bool shard_is_interrupted(const struct shard *s, uint32_t from, uint32_t to)
{
    for (uint32_t c = from + 1; s->in && c < to; c++)
        if (!shard_covers(&s->ranges, c, s->in->contigs.n))
            return true;
    return false;
}

static int open_shard(struct shard *s, const struct vl_list *regions,
                      struct alignment_input *in, struct vl_error *err)
{
    s->in = in;
    /* A CRAM index does not tell how many records there are.  Nobody would notice if some
     * were left out. */
    if (hts_get_format(in->file)->format == cram)
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s: shards are made of an indexed BAM, not of CRAM; make one "
            "with: samtools view -b",
            in->path);
    for (size_t i = 0; i < regions->n; i++) {
        size_t n = s->ranges.n;
        int rc = vl_ranges_parse(&s->ranges, &in->contigs, regions->v[i], err);
        if (rc < 0)
            return rc;
        const struct vl_range *r = &s->ranges.v[n];
        if (s->ranges.n > n && (r->beg > 0 || r->end != VL_POS_MAX))
            return vl_error_set(err, VL_ERR_USAGE,
                                "region %s: a shard is made of whole contigs",
                                regions->v[i]);
    }
    vl_ranges_normalise(&s->ranges);
    return alignment_input_need_index(in, err);
}

int shard_open(struct shard *s, const struct vl_list *regions, struct alignment_input *in,
               struct vl_error *err)
{
    memset(s, 0, sizeof *s);
    int rc = open_shard(s, regions, in, err);
    if (rc < 0)
        shard_close(s);
    return rc;
}

/* ---- what the shards of one run share ---- */

static void put_counts(const struct shard *s, struct vl_buf *out)
{
    for (size_t i = 0; i < s->in->contigs.n; i++) {
        uint64_t mapped = 0, unmapped = 0;
        hts_idx_get_stat(s->in->index, (int)i, &mapped, &unmapped);
        vl_put_u64(out, mapped);
        vl_put_u64(out, unmapped);
    }
    vl_put_u64(out, hts_idx_get_n_no_coor(s->in->index));
}

int shard_describe(struct shard *s, const struct vl_buf *choices,
                   const struct record_array *head, struct vl_error *err)
{
    struct vl_digest *digest = vl_digest_new();
    struct vl_buf bytes = VL_BUF_INIT;
    int rc = digest ? 0 : VL_ERR_MEMORY;
    vl_put_string(&bytes, VARLOCK_VERSION);
    vl_buf_add(&bytes, choices->data, choices->len);
    put_counts(s, &bytes);
    if (rc == 0 && bytes.failed)
        rc = VL_ERR_MEMORY;
    if (rc == 0)
        vl_digest_add(digest, bytes.data, bytes.len);
    for (size_t i = 0; rc == 0 && i < head->n; i++)
        rc = record_masked_add(head->v[i], digest, &bytes);
    if (rc == 0)
        rc = vl_digest_finish(digest, s->run_sha256);
    vl_digest_free(digest);
    vl_buf_clear(&bytes);
    return rc < 0 ? vl_error_memory(err) : 0;
}

/* ---- reading ---- */

/* Number of contigs in the shard, and one more for the unplaced reads, which come
 * last. */
static size_t n_covered(const struct shard *s)
{
    return s->ranges.n + s->ranges.unplaced;
}

static size_t covered(const struct shard *s, size_t i)
{
    return i < s->ranges.n ? (size_t)s->ranges.v[i].contig : s->in->contigs.n;
}

/* Compares the record count with the index.  An index that is older than its file would
 * silently lose records. */
static int check_count(const struct shard *s, size_t contig, struct vl_error *err)
{
    uint64_t mapped = 0, unmapped = 0;
    if (contig < s->in->contigs.n)
        hts_idx_get_stat(s->in->index, (int)contig, &mapped, &unmapped);
    else
        unmapped = hts_idx_get_n_no_coor(s->in->index);
    if (mapped + unmapped == s->n_read)
        return 0;
    return vl_error_set(
        err, VL_ERR_DATA,
        "%s: its index counts %llu records on %s, %llu were found: make it again with: "
        "samtools index %s",
        s->in->path, (unsigned long long)(mapped + unmapped),
        contig < s->in->contigs.n ? s->in->contigs.v[contig].name : "*",
        (unsigned long long)s->n_read, s->in->path);
}

int shard_next(struct shard *s, bam1_t *b, struct vl_error *err)
{
    size_t here = 0;    /* contig of `b`; above all others at the end of the input */
    bool ahead = false; /* `b` is on a contig behind the one that was just read */
    for (; s->next < n_covered(s); s->next++, s->n_read = 0) {
        const size_t contig = covered(s, s->next);
        int rc = 1;
        if (!s->is_there && !(ahead && here >= contig)) {
            rc = alignment_input_seek(s->in, contig, 0, HTS_POS_MAX, err);
            ahead = false;
        }
        s->is_there = rc > 0;
        while (rc > 0 && !ahead) {
            rc = alignment_input_next(s->in, b, err);
            here = rc > 0 ? locus_of(b, s->in->contigs.n).contig : SIZE_MAX;
            ahead = here >= contig;
        }
        if (rc < 0)
            return rc;
        if (s->is_there && here == contig) {
            s->n_read++;
            return 1;
        }
        rc = check_count(s, contig, err);
        if (rc < 0)
            return rc;
        s->is_there = false;
    }
    return 0;
}

void shard_close(struct shard *s)
{
    vl_ranges_clear(&s->ranges);
    memset(s, 0, sizeof *s);
}
