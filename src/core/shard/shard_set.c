#include "shard/shard_set.h"

#include <stdlib.h>
#include <string.h>

#include <htslib/bgzf.h>

#include "alignment/alignment_input.h"
#include "alignment/header.h"
#include "shard/shard.h"
#include "varlock/buf.h"

enum { SHOWN_IN_MESSAGE = 12 };

/* ---- one shard ---- */

static int check_kind(const struct shard_file *f, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(f->bdiff);
    if (header->is_root && !header->grants_all)
        return 0;
    return vl_error_set(err, VL_ERR_DATA, "%s: is not a shard but %s", f->bdiff_path,
                        header->is_root ? "the BDIFF of a whole file" : "a slice");
}

/* Refuses a file whose blocks cannot be copied: a BAM in BGZF that can be read again is
 * needed. */
static int check_blocks(const struct alignment_input *in, struct vl_error *err)
{
    const htsFormat *format = hts_get_format(in->file);
    if (format->format == bam && format->compression == bgzf && in->size_bytes >= 0)
        return 0;
    return vl_error_set(err, VL_ERR_DATA, "%s: shards are joined as BAM files only",
                        in->path);
}

static int open_shard(struct shard_file *f, const char *bam_path, const char *bdiff_path,
                      const struct vl_key *key, const char *key_path,
                      const struct verifier *verifier, struct c4gh_keys *c4gh_keys,
                      struct vl_error *err)
{
    f->bdiff_path = bdiff_path;
    int rc = vl_bdiff_reader_open(&f->bdiff, bdiff_path, key, key_path, verifier->key,
                                  verifier->path, err);
    if (rc == 0)
        rc = check_kind(f, err);
    if (rc == 0)
        rc = masked_open(&f->masked, bam_path, NULL, c4gh_keys, NULL, f->bdiff, err);
    return rc < 0 ? rc : check_blocks(&f->masked.in, err);
}

static bool same_bytes(const struct vl_buf *a, const struct vl_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Checks that two shards agree in everything that is the same throughout a run. */
static int check_same_run(const struct shard_file *one, const struct shard_file *other,
                          struct vl_error *err)
{
    const struct vl_bdiff_header *a = vl_bdiff_reader_header(one->bdiff);
    const struct vl_bdiff_header *b = vl_bdiff_reader_header(other->bdiff);
    const char *what =
        !same_bytes(&a->original_text, &b->original_text) ||
                header_check_contigs("", &a->contigs, &b->contigs, NULL) < 0
            ? "the header of the original"
        : a->mask_model != b->mask_model                                  ? "masking"
        : memcmp(a->vac_sha256, b->vac_sha256, sizeof a->vac_sha256) != 0 ? "VAC"
        : vl_compare_secret(a->mask_key, b->mask_key, sizeof a->mask_key) != 0
            ? "masking key"
        : !same_bytes(&a->dropped_tags, &b->dropped_tags) ? "--drop-tags"
        : memcmp(a->run_sha256, b->run_sha256, sizeof a->run_sha256) != 0
            ? "options, version of varlock or original"
            : NULL;
    if (!what)
        return 0;
    return vl_error_set(err, VL_ERR_DATA,
                        "%s and %s are not shards of one run: they differ in %s",
                        one->bdiff_path, other->bdiff_path, what);
}

/* ---- runs ---- */

static struct shard_run *add_run(struct shard_set *set)
{
    struct shard_run *v =
        vl_array_grow(set->runs, set->n_runs, &set->cap_runs, sizeof *v);
    if (!v)
        return NULL;
    set->runs = v;
    memset(&v[set->n_runs], 0, sizeof *v);
    return &v[set->n_runs++];
}

static int find_runs(struct shard_set *set, struct shard_file *f, struct vl_error *err)
{
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(f->bdiff);
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(f->bdiff);
    size_t n = header->contigs.n, entry = 0;
    for (size_t c = 0; c <= n; c++) {
        if (!shard_covers(&header->granted, c, n))
            continue;
        struct shard_run *run = add_run(set);
        if (!run)
            return vl_error_memory(err);
        run->shard = f;
        run->first = c;
        run->first_entry = entry;
        while (c <= n && shard_covers(&header->granted, c, n))
            c++;
        run->end = c;
        while (entry < index->n && index->v[entry].last.contig < c)
            entry++;
        run->end_entry = entry;
    }
    return entry == index->n
               ? 0
               : vl_error_set(
                     err, VL_ERR_SEAL,
                     "%s: window %zu lies on a contig that the shard does not cover",
                     f->bdiff_path, entry + 1);
}

/* Finds where the runs of one shard begin and end in its BAM.  This reads the BAM only if
 * there are several runs. */
static int find_offsets(struct shard_run *runs, size_t n, struct vl_error *err)
{
    struct alignment_input *in = n > 0 ? &runs[0].shard->masked.in : NULL;
    bam1_t *b = bam_init1();
    int rc = b ? 0 : vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct vl_bdiff_index *index = vl_bdiff_reader_index(runs[i].shard->bdiff);
        uint64_t n_records = 0;
        for (size_t e = runs[i].first_entry; e < runs[i].end_entry; e++)
            n_records += index->v[e].n_records;
        runs[i].from = bgzf_tell(in->file->fp.bgzf);
        runs[i].to = -1;
        if (i + 1 == n)
            break;
        int more = 1;
        while (more > 0 && n_records-- > 0)
            more = alignment_input_next(in, b, err);
        rc = more < 0 ? more : 0;
        runs[i].to = bgzf_tell(in->file->fp.bgzf);
    }
    bam_destroy1(b);
    return rc;
}

static int compare_runs(const void *a, const void *b)
{
    const struct shard_run *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

static int refuse_overlap(const struct shard_run *a, const struct shard_run *b,
                          const struct vl_contigs *contigs, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA, "%s and %s overlap: both cover %s",
                        a->shard->bdiff_path, b->shard->bdiff_path,
                        b->first < contigs->n ? contigs->v[b->first].name : "*");
}

static int refuse_gaps(const struct shard_set *set, struct vl_error *err)
{
    const struct vl_contigs *contigs = &vl_bdiff_reader_header(set->v[0].bdiff)->contigs;
    struct vl_ranges missing = VL_RANGES_INIT;
    struct vl_buf text = VL_BUF_INIT;
    bool failed = false;
    size_t c = 0;
    for (size_t i = 0; i <= set->n_runs; i++) {
        size_t next = i < set->n_runs ? set->runs[i].first : contigs->n + 1;
        for (; c < next && c < contigs->n; c++)
            failed |= vl_ranges_add(&missing, contigs, (int32_t)c, 0, VL_POS_MAX) < 0;
        missing.unplaced |= c < next;
        c = i < set->n_runs ? set->runs[i].end : c;
    }
    vl_ranges_format(&missing, contigs, SHOWN_IN_MESSAGE, &text);
    vl_buf_add_byte(&text, 0);
    int rc = failed || text.failed
                 ? vl_error_memory(err)
                 : vl_error_set(err, VL_ERR_DATA, "no shard given covers: %s",
                                (char *)text.data);
    vl_ranges_clear(&missing);
    vl_buf_clear(&text);
    return rc;
}

/* Checks that every contig, and the unplaced reads, are in exactly one run. */
static int check_cover(struct shard_set *set, struct vl_error *err)
{
    const struct vl_contigs *contigs = &vl_bdiff_reader_header(set->v[0].bdiff)->contigs;
    size_t covered = 0;
    if (set->n_runs > 0)
        qsort(set->runs, set->n_runs, sizeof *set->runs, compare_runs);
    for (size_t i = 0; i < set->n_runs; i++) {
        const struct shard_run *run = &set->runs[i];
        if (i > 0 && run->first < run[-1].end)
            return refuse_overlap(&run[-1], run, contigs, err);
        covered += run->end - run->first;
    }
    return covered == contigs->n + 1 ? 0 : refuse_gaps(set, err);
}

/* ---- the set ---- */

static int open_shards(struct shard_set *set, const struct vl_list *paths,
                       const struct vl_key *key, const char *key_path,
                       const struct verifier *verifier, struct c4gh_keys *c4gh_keys,
                       struct vl_error *err)
{
    if (paths->n == 0 || paths->n % 2 != 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "shards come in pairs: a masked BAM, then its BDIFF");
    set->v = calloc(paths->n / 2, sizeof *set->v);
    if (!set->v)
        return vl_error_memory(err);
    while (set->n < paths->n / 2) {
        struct shard_file *f = &set->v[set->n++];
        const char *const *pair = &paths->v[2 * (set->n - 1)];
        size_t n_runs = set->n_runs;
        int rc = open_shard(f, pair[0], pair[1], key, key_path, verifier, c4gh_keys, err);
        if (rc == 0)
            rc = check_same_run(&set->v[0], f, err);
        if (rc == 0)
            rc = find_runs(set, f, err);
        if (rc == 0)
            rc = find_offsets(set->runs + n_runs, set->n_runs - n_runs, err);
        if (rc < 0)
            return rc;
    }
    return check_cover(set, err);
}

int shard_set_open(struct shard_set *set, const struct vl_list *paths,
                   const struct vl_key *key, const char *key_path,
                   const struct verifier *verifier, struct c4gh_keys *c4gh_keys,
                   struct vl_error *err)
{
    memset(set, 0, sizeof *set);
    int rc = open_shards(set, paths, key, key_path, verifier, c4gh_keys, err);
    if (rc < 0)
        shard_set_close(set);
    return rc;
}

void shard_set_close(struct shard_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        masked_close(&set->v[i].masked);
        vl_bdiff_reader_free(set->v[i].bdiff);
    }
    free(set->v);
    free(set->runs);
    memset(set, 0, sizeof *set);
}
