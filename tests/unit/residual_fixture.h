/* What the tests of the residual_*.c files share: windows made at random and from SAM
 * text. */
#ifndef RESIDUAL_FIXTURE_H
#define RESIDUAL_FIXTURE_H

#include "mask/permute_record.h"
#include "projection/masked_md.h"
#include "projection/masked_tags.h"
#include "projection/record_check.h"
#include "record/md.h"
#include "record/record.h"
#include "record_fixture.h"
#include "residual/residual.h"
#include "varlock/wire.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

static struct vl_names groups;

static inline void make_groups(void)
{
    memset(&groups, 0, sizeof groups);
    vl_names_add(&groups, "lane 1");
    vl_names_add(&groups, "lane 2");
    vl_names_index(&groups);
}

static inline void clear_groups(void)
{
    vl_names_clear(&groups);
}

/* ---- windows at random ---- */

static inline void add_random_tags(uint64_t *s, bam1_t *b)
{
    static const char *const TEXTS[] = {"", "x", "ACGT-1",
                                        "a longer text that is stored"};
    int32_t nm = (int32_t)rnd_below(s, 5);
    if (rnd_below(s, 4))
        bam_aux_append(b, "RG", 'Z', 7,
                       (const uint8_t *)(rnd_below(s, 3) ? "lane 1" : "lane 2"));
    if (rnd_below(s, 8) == 0)
        bam_aux_append(b, "RG", 'Z', 7, (const uint8_t *)"lane 9");
    /* Integers of types that htslib would not choose. */
    if (rnd_below(s, 2)) {
        uint32_t type = rnd_below(s, 6);
        bam_aux_append(b, "NM", "cCsSiI"[type], 1 << type / 2, (const uint8_t *)&nm);
    }
    if (rnd_below(s, 2)) {
        int64_t n = md_all_match(b);
        char md[24];
        int len = snprintf(md, sizeof md, "%d", (int)(n < 0 ? 5 : n));
        bam_aux_append(b, "MD", 'Z', len + 1, (const uint8_t *)md);
    }
    for (uint32_t i = rnd_below(s, 4); i > 0; i--) {
        static const char *const NAMES[] = {"CB", "MC", "XZ", "XY"};
        const char *text = TEXTS[rnd_below(s, 4)];
        bam_aux_append(b, NAMES[rnd_below(s, 4)], 'Z', (int)strlen(text) + 1,
                       (const uint8_t *)text);
    }
    int32_t values[3] = {1, -1, 70000};
    if (rnd_below(s, 3) == 0)
        bam_aux_update_array(b, "XB", "iIf"[rnd_below(s, 3)], 3, values);
}

/* Adds bytes that are no tags after those that are. */
static inline void spoil_tags(bam1_t *b)
{
    struct vl_buf aux = VL_BUF_INIT;
    vl_buf_add(&aux, bam_get_aux(b), (size_t)bam_get_l_aux(b));
    vl_buf_add(&aux, "XXZno end", 9);
    ck_assert_int_eq(record_set_aux(b, aux.data, aux.len), 0);
    vl_buf_clear(&aux);
}

static inline void random_original(uint64_t *s, bam1_t *b)
{
    uint32_t kind = rnd_below(s, 20);
    if (kind == 0)
        fixture_parse(b, "placed 69 c1 500 0 * = 500 0 ACGTN IIIII");
    else if (kind == 1)
        fixture_parse(b, "unplaced 4 * 0 0 * * 0 0 ACGTR *");
    else if (kind == 2)
        fixture_parse(b, "no_seq 0 c1 500 9 5M1D3M * 0 0 * *");
    else
        rnd_record(s, rnd_below(s, 2) ? "MM=X" : "M", (int32_t)rnd_below(s, 2),
                   rnd_below(s, 2000), b);
    add_random_tags(s, b);
    if (rnd_below(s, 15) == 0)
        spoil_tags(b);
    record_normalise(b);
}

/* Sorts the sites, adds the masked forms of the originals in `shown`, and drops the sites
 * that no record uses. */
static inline void mask_all(struct window_records *w)
{
    struct mask_scratch scratch = {0};
    struct tag_policy policy = {.read_groups = &groups};
    site_list_sort(&w->sites);
    for (size_t i = 0; i < w->shown.n; i++) {
        bool withheld;
        bam1_t *masked = record_array_add(&w->masked);
        ck_assert_int_eq(
            mask_record(w->shown.v[i], &w->sites, &policy, &scratch, masked, &withheld),
            0);
        vl_buf_add_byte(&w->grade, VL_GRADE_FULL);
    }
    site_list_drop_unused(&w->sites);
    mask_scratch_clear(&scratch);
}

static inline struct window_records random_window(uint64_t *s, uint32_t n_records,
                                                  uint32_t n_whole)
{
    struct window_records w = {.model = VL_MASK_PERMUTE};
    uint32_t place = 0;
    for (uint32_t contig = 0; contig < 2; contig++)
        for (int64_t pos = rnd_below(s, 3); pos < 2500; pos += 1 + rnd_below(s, 6))
            ck_assert_int_eq(
                site_list_add(&w.sites,
                              &(struct site){.contig = contig,
                                             .pos0 = pos,
                                             .ref = (uint8_t)rnd_below(s, 4),
                                             .change = (uint8_t)rnd_below(s, 24)}),
                0);
    for (uint32_t i = 0; i < n_records; i++)
        random_original(s, record_array_add(&w.shown));
    mask_all(&w);
    for (uint32_t i = 0; i < n_whole; i++) {
        place += rnd_below(s, 2) ? 0 : rnd_below(s, n_records + 1 - place);
        bam1_t *b = window_records_add_whole(&w, place, 0);
        random_original(s, b);
        b->core.flag |= BAM_FSUPPLEMENTARY;
    }
    return w;
}

/* Turns an owner's window into that of a slice: some records stay masked, some show other
 * tags, and some are there as loose reads. */
static inline void make_slice(uint64_t *s, struct window_records *w)
{
    for (size_t i = 0; i < w->masked.n; i++) {
        bam1_t *shown = w->shown.v[i];
        w->grade.data[i] = rnd_below(s, 3) ? VL_GRADE_FULL : VL_GRADE_NONE;
        if (rnd_below(s, 3) == 0)
            ck_assert_int_eq(record_set_aux(shown, (const uint8_t *)"ASC\x07", 4), 0);
        if (w->grade.data[i] == VL_GRADE_FULL || shown->core.l_qseq == 0 ||
            shown->core.tid < 0 || shown->core.pos < 0)
            continue;
        bam1_t *loose = record_array_add(&w->loose);
        ck_assert_ptr_nonnull(bam_copy1(loose, shown));
        ck_assert_int_eq(bam_set_qname(loose, "*"), 0);
        loose->core.flag &= VL_FLAGS_OF_LOOSE;
        loose->core.mtid = -1;
        loose->core.mpos = -1;
        loose->core.isize = 0;
    }
}

static inline struct vl_buf encoded(struct window_records *w,
                                    const struct vl_names *read_groups)
{
    struct vl_buf plain = VL_BUF_INIT;
    struct vl_error err = {0};
    ck_assert_msg(residual_encode(w, read_groups, NULL, &plain, &err) == 0, "%s",
                  err.message);
    return plain;
}

/* Returns a window that has the masked records of w and nothing else yet. */
static inline struct window_records masked_only(const struct window_records *w)
{
    struct window_records copy = {
        .model = w->model, .has_order = w->has_order, .geometry = w->geometry};
    for (size_t i = 0; i < w->masked.n; i++)
        ck_assert_ptr_nonnull(bam_copy1(record_array_add(&copy.masked), w->masked.v[i]));
    return copy;
}

/* Compares all fields except bin, and all bytes. */
static inline bool same_record(const bam1_t *a, const bam1_t *b)
{
    bam1_core_t x = a->core, y = b->core;
    x.bin = y.bin = 0;
    return x.tid == y.tid && x.pos == y.pos && x.flag == y.flag && x.qual == y.qual &&
           x.l_qname == y.l_qname && x.l_extranul == y.l_extranul &&
           x.n_cigar == y.n_cigar && x.l_qseq == y.l_qseq && x.mtid == y.mtid &&
           x.mpos == y.mpos && x.isize == y.isize && a->l_data == b->l_data &&
           memcmp(a->data, b->data, (size_t)a->l_data) == 0;
}

static inline bool same_window(const struct window_records *a,
                               const struct window_records *b)
{
    bool same = a->masked.n == b->masked.n && a->shown.n == b->shown.n &&
                a->whole.n == b->whole.n && a->grade.len == b->grade.len &&
                a->ordinal.len == b->ordinal.len &&
                (a->ordinal.len == 0 ||
                 memcmp(a->ordinal.data, b->ordinal.data, a->ordinal.len) == 0);
    for (size_t i = 0; same && i < a->masked.n; i++)
        same = a->grade.data[i] == b->grade.data[i] &&
               (a->grade.data[i] == VL_GRADE_NONE ||
                same_record(a->shown.v[i], b->shown.v[i]));
    same = same && a->loose.n == b->loose.n;
    for (size_t i = 0; same && i < a->loose.n; i++)
        same = same_record(a->loose.v[i], b->loose.v[i]);
    for (size_t i = 0; same && i < a->whole.n; i++)
        same = a->whole_place[i].place == b->whole_place[i].place &&
               a->whole_place[i].ordinal == b->whole_place[i].ordinal &&
               same_record(a->whole.v[i], b->whole.v[i]);
    return same;
}

static inline int decode(const struct window_records *w, const struct vl_buf *plain,
                         const struct vl_names *read_groups, struct window_records *back)
{
    struct vl_error err = {0};
    *back = masked_only(w);
    int rc = residual_decode(back, plain->data, plain->len, read_groups, &err);
    ck_assert(rc == 0 || err.message[0]);
    return rc;
}

/* Encodes a window of these streams and decodes it again; returns what the decoder
 * says. */
/* The names that go with the window: those of loose reads are pseudonyms already. */
static inline const struct vl_names *names_for(const struct window_records *w)
{
    return w->loose.n > 0 ? NULL : &groups;
}

static inline int decode_streams(const struct window_records *w,
                                 struct vl_bdiff_window *window,
                                 struct window_records *back, struct vl_error *err)
{
    struct vl_buf plain = VL_BUF_INIT;
    struct vl_error own = {0};
    ck_assert_int_eq(vl_bdiff_window_encode(window, &plain, NULL), 0);
    *back = masked_only(w);
    int rc = residual_decode(back, plain.data, plain.len, names_for(w), &own);
    ck_assert(rc == 0 || (rc == VL_ERR_SEAL && own.message[0]));
    vl_buf_clear(&plain);
    if (err)
        *err = own;
    return rc;
}

/* ---- whole records, column by column ---- */

static inline void add_stream(struct vl_bdiff_window *window, uint32_t id, int64_t v,
                              bool zigzag)
{
    struct vl_buf *out = vl_bdiff_window_stream(window, id);
    ck_assert_ptr_nonnull(out);
    if (zigzag)
        vl_put_zigzag(out, v);
    else
        vl_put_varint(out, (uint64_t)v);
}

static inline int64_t step(int64_t to, int64_t from)
{
    return (int64_t)((uint64_t)to - (uint64_t)from);
}

/* Adds the streams of one whole record, whatever its places are.  It has the name "r" and
 * no CIGAR, SEQ or tags. */
static inline void put_whole(struct vl_bdiff_window *window, const bam1_core_t *c)
{
    add_stream(window, VL_STREAM_SHAPES, VL_GRADE_FULL | VL_SHAPE_OF_WHOLE, false);
    add_stream(window, VL_STREAM_TEMPLATES, 0, false);
    add_stream(window, VL_STREAM_TEMPLATE, 0, false);
    add_stream(window, VL_STREAM_WHOLE_PLACE, 0, false);
    add_stream(window, VL_STREAM_WHOLE_CONTIG, (int64_t)c->tid + 1, true);
    add_stream(window, VL_STREAM_WHOLE_POS, c->pos, true);
    add_stream(window, VL_STREAM_WHOLE_FLAG, c->flag, false);
    add_stream(window, VL_STREAM_WHOLE_LENGTH, 0, false);
    add_stream(window, VL_STREAM_CIGAR, 0, false);
    vl_buf_add_byte(vl_bdiff_window_stream(window, VL_STREAM_MAPQ), c->qual);
    add_stream(window, VL_STREAM_MATE_CONTIG, (int64_t)c->mtid - c->tid, true);
    add_stream(window, VL_STREAM_MATE_POS, step(c->mpos, c->pos), true);
    add_stream(window, VL_STREAM_MATE_TLEN, c->isize, true);
    vl_buf_add(vl_bdiff_window_stream(window, VL_STREAM_NAME), "r", 2);
}

/* Sets the window's check to the checksum of one record. */
static inline void put_check(struct vl_bdiff_window *window, const bam1_t *b)
{
    struct vl_checksum *sum = vl_checksum_new();
    struct vl_buf scratch = VL_BUF_INIT;
    ck_assert_int_eq(record_check_add(b, NULL, sum, &scratch), 0);
    vl_checksum_finish(sum, window->check);
    vl_checksum_free(sum);
    vl_buf_clear(&scratch);
}

/* Returns a window of originals from SAM text, masked with the complement at every site
 * given. */
static inline struct window_records window_of(const char *const *sam, size_t n,
                                              const int64_t *sites, size_t n_sites)
{
    struct window_records w = {.model = VL_MASK_PERMUTE};
    for (size_t i = 0; i < n_sites; i++)
        ck_assert_int_eq(
            site_list_add(&w.sites, &(struct site){.pos0 = sites[i], .change = 23}), 0);
    for (size_t i = 0; i < n; i++)
        fixture_parse(record_array_add(&w.shown), sam[i]);
    mask_all(&w);
    return w;
}

#endif
