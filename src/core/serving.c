#include "varlock/serving.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "alignment/bam_bytes.h"
#include "restored_reader.h"
#include "serve/filler.h"
#include "serve/tiles.h"
#include "varlock/digest.h"

enum { READERS_KEPT = 4, ID_CHARS = 100, ID_DIGEST_BYTES = 4 };

static const uint8_t END_BLOCK[28] = {31, 139, 8,  4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67,
                                      2,  0,   27, 0, 3, 0, 0, 0, 0, 0,   0, 0, 0,  0};

struct vl_serving {
    struct vl_restored *first; /* holds what the others share; reads nothing itself */
    struct vl_buf id;
    struct vl_buf header;                   /* what the BAM begins with */
    pthread_mutex_t mutex;                  /* of what follows */
    struct vl_restored *kept[READERS_KEPT]; /* open, and not in use */
    size_t n_kept;
    bool is_laid;
    struct tiles tiles;
    struct vl_buf index;
    bool is_csi;
};

struct vl_serving_stream {
    struct vl_serving *serving;
    struct vl_restored *reader; /* NULL: only the header is read */
    bool has_failed;            /* the reader cannot be used again */
    enum { HEADER, BEGIN, RECORDS, FILLER, END, OVER } next;
    struct bam_bytes bytes;
    size_t given; /* of bytes.out */
    bam1_t *b;
    bool is_file;
    size_t tile;             /* of the file, which is read */
    struct vl_range range;   /* of that tile */
    struct vl_ranges ranges; /* that range */
    int64_t left;            /* bytes of the slot */
    int64_t skip;            /* bytes still to be passed */
};

/* ---- opening ---- */

/* The name of the input without its endings. */
static void add_name(const char *path, struct vl_buf *id)
{
    static const char *const ENDINGS[] = {".c4gh", ".bam", ".cram", ".sam"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t n = strcspn(name, "?#");
    for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++) {
        size_t l = strlen(ENDINGS[i]);
        if (n > l && memcmp(name + n - l, ENDINGS[i], l) == 0)
            n -= l;
    }
    for (size_t i = 0; i < n && i < ID_CHARS; i++) {
        bool plain = isalnum((unsigned char)name[i]) || strchr("._-", name[i]);
        vl_buf_add_byte(id,
                        plain && !(i == 0 && name[i] == '.') ? (uint8_t)name[i] : '_');
    }
}

/* samtools keeps the index of a remote file under its name, so that another layout needs
 * another one. */
static int make_id(struct vl_serving *s, const char *path, struct vl_error *err)
{
    const struct vl_bdiff_reader *bdiff = restored_reader_bdiff(s->first);
    const struct alignment_input *in = restored_reader_input(s->first);
    uint8_t sha256[VL_SHA256_BYTES];
    struct vl_digest *digest = vl_digest_new();
    if (!digest)
        return vl_error_memory(err);
    vl_digest_add(digest, vl_version(), strlen(vl_version()));
    vl_digest_add(digest, in->text.data, in->text.len);
    vl_digest_add(digest, &in->size_bytes, sizeof in->size_bytes);
    if (bdiff)
        vl_digest_add(digest, vl_bdiff_reader_id(bdiff), VL_BDIFF_ID_BYTES);
    vl_digest_add(digest, s->index.data, s->index.len);
    int rc = vl_digest_finish(digest, sha256);
    vl_digest_free(digest);
    add_name(path, &s->id);
    vl_buf_add_byte(&s->id, '-');
    for (int i = 0; i < ID_DIGEST_BYTES; i++)
        vl_buf_addf(&s->id, "%02x", sha256[i]);
    vl_buf_add_byte(&s->id, 0);
    return rc < 0 || s->id.failed ? vl_error_memory(err) : 0;
}

static int make_header(struct vl_serving *s, struct vl_error *err)
{
    struct bam_bytes bytes = {.file = NULL};
    int rc = bam_bytes_begin(&bytes, err);
    if (rc == 0)
        rc = bam_bytes_header(&bytes, vl_restored_header(s->first), err);
    if (rc == 0)
        rc = bam_bytes_end(&bytes, err);
    if (rc == 0)
        vl_buf_add(&s->header, bytes.out.data, bytes.out.len - sizeof END_BLOCK);
    bam_bytes_clear(&bytes);
    return rc == 0 && s->header.failed ? vl_error_memory(err) : rc;
}

static int lay(struct vl_serving *s, struct vl_error *err)
{
    struct alignment_input *in = restored_reader_input(s->first);
    const int64_t header_size = (int64_t)s->header.len;
    if (hts_get_format(in->file)->format != bam)
        return vl_error_set(
            err, VL_ERR_USAGE,
            "%s: a file of which any byte can be read is made of a BAM only", in->path);
    int rc = alignment_input_need_index(in, err);
    if (rc == 0)
        rc = tiles_lay(&s->tiles, in, restored_reader_bdiff(s->first), header_size, err);
    if (rc == 0)
        rc =
            tiles_index(&s->tiles, &in->contigs, header_size, &s->index, &s->is_csi, err);
    s->is_laid = rc == 0;
    if (rc < 0) {
        tiles_clear(&s->tiles);
        vl_buf_reset(&s->index);
    }
    return rc;
}

int vl_serving_open(struct vl_serving **serving, const struct vl_serving_options *o,
                    struct vl_error *err)
{
    const struct vl_restored_options options = {.size = sizeof options,
                                                .masked = o->input,
                                                .bdiff = o->bdiff,
                                                .keys = o->keys,
                                                .verify = o->verify,
                                                .reference = o->reference,
                                                .c4gh_keys = o->c4gh_keys,
                                                .hooks = o->hooks};
    struct vl_serving *s = calloc(1, sizeof *s);
    struct vl_error unasked;
    if (!s)
        return vl_error_memory(err);
    pthread_mutex_init(&s->mutex, NULL);
    int rc = vl_restored_open(&s->first, &options, err);
    if (rc == 0 && restored_reader_input(s->first)->size_bytes < 0 && o->input_bytes > 0)
        restored_reader_input(s->first)->size_bytes = o->input_bytes;
    if (rc == 0)
        rc = make_header(s, err);
    /* Why there is no such file is said to whom asks for it. */
    if (rc == 0)
        (void)lay(s, &unasked);
    if (rc == 0)
        rc = make_id(s, o->input, err);
    if (rc < 0) {
        vl_serving_free(s);
        s = NULL;
    }
    *serving = s;
    return rc;
}

const char *vl_serving_id(const struct vl_serving *serving)
{
    return (const char *)serving->id.data;
}

const struct vl_contigs *vl_serving_contigs(const struct vl_serving *serving)
{
    return &restored_reader_input(serving->first)->contigs;
}

const struct vl_ranges *vl_serving_granted(const struct vl_serving *serving)
{
    const struct vl_bdiff_reader *bdiff = restored_reader_bdiff(serving->first);
    return bdiff ? &vl_bdiff_reader_header(bdiff)->granted : NULL;
}

void vl_serving_free(struct vl_serving *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_kept; i++)
        vl_restored_free(s->kept[i]);
    vl_restored_free(s->first);
    tiles_clear(&s->tiles);
    vl_buf_clear(&s->id);
    vl_buf_clear(&s->header);
    vl_buf_clear(&s->index);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

/* ---- the file ---- */

int vl_serving_file(struct vl_serving *s, int64_t *size, const struct vl_buf **index,
                    bool *is_csi, struct vl_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = s->is_laid ? 0 : lay(s, err);
    *size = s->tiles.size + (int64_t)sizeof END_BLOCK;
    *index = &s->index;
    *is_csi = s->is_csi;
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

int vl_serving_check_regions(struct vl_serving *s, struct vl_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = alignment_input_need_index(restored_reader_input(s->first), err);
    pthread_mutex_unlock(&s->mutex);
    return rc;
}

/* ---- streams ---- */

static int take_reader(struct vl_serving *s, struct vl_restored **reader,
                       struct vl_error *err)
{
    pthread_mutex_lock(&s->mutex);
    *reader = s->n_kept > 0 ? s->kept[--s->n_kept] : NULL;
    pthread_mutex_unlock(&s->mutex);
    return *reader ? 0 : restored_reader_again(reader, s->first, err);
}

static void give_back(struct vl_serving *s, struct vl_restored *reader, bool has_failed)
{
    pthread_mutex_lock(&s->mutex);
    if (reader && !has_failed && s->n_kept < READERS_KEPT) {
        s->kept[s->n_kept++] = reader;
        reader = NULL;
    }
    pthread_mutex_unlock(&s->mutex);
    vl_restored_free(reader);
}

static int open_stream(struct vl_serving *s, struct vl_serving_stream **stream,
                       struct vl_error *err)
{
    struct vl_serving_stream *t = calloc(1, sizeof *t);
    *stream = t;
    if (!t || !(t->b = bam_init1())) {
        free(t);
        *stream = NULL;
        return vl_error_memory(err);
    }
    t->serving = s;
    return 0;
}

/* A stream without ranges reads from the file's start, which needs no index, with a
 * reader of its own. */
int vl_serving_reads(struct vl_serving *s, const struct vl_ranges *ranges,
                     bool header_only, struct vl_serving_stream **stream,
                     struct vl_error *err)
{
    int rc = open_stream(s, stream, err);
    if (rc < 0 || header_only)
        return rc;
    struct vl_serving_stream *t = *stream;
    if (ranges) {
        t->ranges = (struct vl_ranges){.n = ranges->n, .unplaced = ranges->unplaced};
        t->ranges.v = malloc((ranges->n + 1) * sizeof *ranges->v);
        rc = t->ranges.v ? take_reader(s, &t->reader, err) : vl_error_memory(err);
        if (rc == 0 && ranges->n > 0)
            memcpy(t->ranges.v, ranges->v, ranges->n * sizeof *ranges->v);
        if (rc == 0)
            rc = restored_reader_select(t->reader, &t->ranges, err);
    } else {
        rc = restored_reader_again(&t->reader, s->first, err);
        t->has_failed = true;
    }
    if (rc < 0) {
        t->has_failed = true;
        vl_serving_stream_free(t);
        *stream = NULL;
    }
    return rc;
}

int vl_serving_bytes(struct vl_serving *s, int64_t from,
                     struct vl_serving_stream **stream, struct vl_error *err)
{
    int64_t size;
    const struct vl_buf *index;
    bool is_csi;
    int rc = vl_serving_file(s, &size, &index, &is_csi, err);
    if (rc == 0)
        rc = open_stream(s, stream, err);
    if (rc < 0)
        return rc;
    struct vl_serving_stream *t = *stream;
    t->is_file = true;
    t->skip = from;
    if (from >= (int64_t)s->header.len) {
        t->next = BEGIN;
        t->tile = tiles_find(&s->tiles, from);
        t->skip =
            from - (t->tile < s->tiles.n ? s->tiles.v[t->tile].offset : s->tiles.size);
    }
    rc = take_reader(s, &t->reader, err);
    if (rc < 0) {
        vl_serving_stream_free(t);
        *stream = NULL;
    }
    return rc;
}

/* Begins what follows the header: the records, or the next tile that has any. */
static int begin(struct vl_serving_stream *t, struct vl_error *err)
{
    const struct tiles *tiles = &t->serving->tiles;
    t->next = RECORDS;
    if (!t->is_file)
        return 0;
    while (t->tile < tiles->n && tiles->v[t->tile].size == 0)
        t->tile++;
    if (t->tile == tiles->n) {
        t->next = END;
        return 0;
    }
    const struct tile *tile = &tiles->v[t->tile];
    bool unplaced = tile->contig == vl_serving_contigs(t->serving)->n;
    t->left = tile->size;
    t->range = (struct vl_range){(int32_t)tile->contig, tile->beg, tile->end};
    t->ranges = (struct vl_ranges){.v = &t->range, .n = !unplaced, .unplaced = unplaced};
    int rc = restored_reader_select(t->reader, &t->ranges, err);
    return rc < 0 ? rc : bam_bytes_begin(&t->bytes, err);
}

/* Whether the record belongs to the tile, and not to one before it. */
static bool is_of_tile(const struct vl_serving_stream *t)
{
    return !t->is_file || t->ranges.n == 0 || t->range.beg == 0 ||
           t->b->core.pos >= t->range.beg;
}

static int add_records(struct vl_serving_stream *t, struct vl_error *err)
{
    int rc = 0;
    while (rc == 0 && t->bytes.out.len == 0) {
        int more = vl_restored_next(t->reader, t->b, err);
        if (more <= 0) {
            t->next = t->is_file ? FILLER : OVER;
            return more < 0 ? more : bam_bytes_end(&t->bytes, err);
        }
        rc = is_of_tile(t) ? bam_bytes_record(&t->bytes, t->b, err) : 0;
    }
    return rc;
}

/* Counts what was made for the slot. */
static int fill_slot(struct vl_serving_stream *t, struct vl_error *err)
{
    const struct tile *tile = &t->serving->tiles.v[t->tile];
    t->left -= (int64_t)t->bytes.out.len;
    if (t->left < FILLER_MIN_BYTES)
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s: what is restored of %s from %lld on does not fit into "
            "its slot of the file: ask for its reads",
            vl_serving_id(t->serving),
            t->ranges.n > 0 ? vl_serving_contigs(t->serving)->v[tile->contig].name : "*",
            (long long)tile->beg + 1);
    return 0;
}

/* Makes more bytes.  They may be none. */
static int make(struct vl_serving_stream *t, struct vl_error *err)
{
    const struct vl_buf *header = &t->serving->header;
    int rc = 0;
    switch (t->next) {
    case HEADER:
        vl_buf_add(&t->bytes.out, header->data, header->len);
        t->next = t->reader ? BEGIN : END;
        if (t->reader && !t->is_file)
            rc = bam_bytes_begin(&t->bytes, err);
        return rc;
    case BEGIN:
        return begin(t, err);
    case RECORDS:
        rc = add_records(t, err);
        return rc == 0 && t->is_file ? fill_slot(t, err) : rc;
    case FILLER:
        if (t->left > 0)
            t->left -= (int64_t)filler_next(&t->bytes.out, t->left);
        else
            t->next = BEGIN, t->tile++;
        return 0;
    case END:
        vl_buf_add(&t->bytes.out, END_BLOCK, sizeof END_BLOCK);
        t->next = OVER;
        return 0;
    case OVER:
        return 0;
    }
    return 0;
}

int64_t vl_serving_read(struct vl_serving_stream *t, void *bytes, size_t n,
                        struct vl_error *err)
{
    struct vl_buf *out = &t->bytes.out;
    while (t->given == out->len && t->next != OVER) {
        vl_buf_reset(out);
        t->given = 0;
        int rc = make(t, err);
        if (rc == 0 && out->failed)
            rc = vl_error_memory(err);
        if (rc < 0) {
            t->has_failed = true;
            return rc;
        }
        int64_t passed = t->skip < (int64_t)out->len ? t->skip : (int64_t)out->len;
        t->skip -= passed;
        t->given = (size_t)passed;
    }
    size_t left = out->len - t->given;
    n = n < left ? n : left;
    if (n > 0)
        memcpy(bytes, out->data + t->given, n);
    t->given += n;
    return (int64_t)n;
}

void vl_serving_stream_free(struct vl_serving_stream *t)
{
    if (!t)
        return;
    give_back(t->serving, t->reader, t->has_failed);
    bam_bytes_clear(&t->bytes);
    bam_destroy1(t->b);
    if (!t->is_file)
        free(t->ranges.v);
    free(t);
}
