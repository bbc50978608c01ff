#include "residual/window_streams.h"

#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "residual/residual_tags.h"
#include "window/permutation.h"

static int malformed_templates(struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_SEAL, "the tag templates of a window are malformed");
}

/* Refuses a template that repeats the name of a tag whose value is not stored.
 * Predictions take work, so they are allowed once per name. */
static bool tells_once(const char *template)
{
    for (const char *tag = template; *tag; tag += TEMPLATE_TAG_CHARS)
        for (const char *p = template; tag[3] != 's' && p < tag; p += TEMPLATE_TAG_CHARS)
            if (memcmp(p, tag, 2) == 0)
                return false;
    return true;
}

static int index_templates(struct window_streams *s, struct vl_error *err)
{
    struct vl_cursor *text = &s->fixed[VL_STREAM_TEMPLATES];
    if (vl_left(text) == 0)
        return 0;
    if (text->end[-1] != 0)
        return malformed_templates(err);
    for (const uint8_t *p = text->at; p < text->end; p++)
        s->n_templates += *p == 0;
    if (s->n_templates > vl_bdiff_limit(VL_LIMIT_TEMPLATES, 0))
        return malformed_templates(err);
    s->templates = malloc(s->n_templates * sizeof *s->templates);
    if (!s->templates)
        return vl_error_memory(err);
    for (size_t i = 0; i < s->n_templates; i++) {
        s->templates[i] = (const char *)text->at;
        size_t n = strlen(s->templates[i]);
        if (strcmp(s->templates[i], TEMPLATE_RAW) != 0 &&
            (n % TEMPLATE_TAG_CHARS != 0 ||
             n > TEMPLATE_TAG_CHARS * vl_bdiff_limit(VL_LIMIT_TEMPLATE_TAGS, 0) ||
             !tells_once(s->templates[i])))
            return malformed_templates(err);
        text->at += n + 1;
    }
    return 0;
}

static int index_shapes(struct window_streams *s, struct vl_error *err)
{
    struct vl_cursor *shapes = &s->fixed[VL_STREAM_SHAPES];
    uint64_t most = vl_bdiff_limit(VL_LIMIT_SHAPES, 0);
    if (most > vl_left(shapes))
        most = vl_left(shapes);
    s->shapes = malloc((most + 1) * sizeof *s->shapes);
    if (!s->shapes)
        return vl_error_memory(err);
    s->shapes[0] = VL_GRADE_NONE;
    while (vl_left(shapes) > 0 && s->n_shapes < most)
        s->shapes[s->n_shapes++] = (unsigned)vl_get_varint_max(shapes, VL_SHAPE_END - 1);
    return shapes->bad || vl_left(shapes) > 0
               ? vl_error_set(err, VL_ERR_SEAL, "the shapes of a window are malformed")
               : 0;
}

/* The length of the next run.  Without another length the run goes on to the end. */
static uint64_t next_run(struct vl_cursor *runs)
{
    return vl_left(runs) > 0 ? vl_get_varint_max(runs, UINT32_MAX) : UINT64_MAX;
}

/* Counts down *n.  True if the record is the one that ends a run, after *n others. */
static bool run_ends(uint64_t *n)
{
    if (*n == 0)
        return true;
    if (*n != UINT64_MAX)
        --*n;
    return false;
}

static int open_streams(struct window_streams *s, const struct vl_bdiff_window *window,
                        struct vl_error *err)
{
    s->window = window;
    for (uint32_t id = 0; id < VL_STREAM_FIXED_END; id++)
        vl_bdiff_window_read(window, id, &s->fixed[id]);
    s->common_template = vl_left(&s->fixed[VL_STREAM_TEMPLATE]) > 0
                             ? vl_get_varint(&s->fixed[VL_STREAM_TEMPLATE])
                             : 0;
    s->n_quality = vl_left(&s->fixed[VL_STREAM_N_QUALITY]) > 0
                       ? vl_get_u8(&s->fixed[VL_STREAM_N_QUALITY])
                       : -1;
    s->n_loose = vl_left(&s->fixed[VL_STREAM_LOOSE]) > 0
                     ? vl_get_varint_max(&s->fixed[VL_STREAM_LOOSE],
                                         vl_bdiff_limit(VL_LIMIT_WINDOW_LOOSE, 0))
                     : 0;
    s->n_common = next_run(&s->fixed[VL_STREAM_RUN]);
    s->n_orderly = next_run(&s->fixed[VL_STREAM_ORDER_STEP]);
    s->tags = calloc(window->n_streams + 1, sizeof *s->tags);
    if (!s->tags)
        return vl_error_memory(err);
    for (size_t i = 0; i < window->n_streams; i++)
        s->tags[i] = window->streams[i].id >= VL_STREAM_FIXED_END
                         ? vl_cursor_over(window->streams[i].data.data,
                                          window->streams[i].data.len)
                         : vl_cursor_over(NULL, 0);
    if (s->fixed[VL_STREAM_LOOSE].bad)
        return vl_error_set(err, VL_ERR_SEAL, "the number of loose reads is malformed");
    int rc = index_shapes(s, err);
    return rc < 0 ? rc : index_templates(s, err);
}

int window_streams_open(struct window_streams *s, const struct vl_bdiff_window *window,
                        struct vl_error *err)
{
    memset(s, 0, sizeof *s);
    int rc = open_streams(s, window, err);
    s->has_mates = vl_left(&s->fixed[VL_STREAM_HAS_MATE]) > 0;
    s->has_places = vl_left(&s->fixed[VL_STREAM_QUAL_PLACE]) > 0;
    if (rc < 0)
        window_streams_clear(s);
    return rc;
}

/* ---- items ---- */

static const char *next_template(struct window_streams *s, unsigned shape)
{
    uint64_t number = s->common_template;
    if (shape & VL_SHAPE_TEMPLATE)
        number = vl_get_varint(&s->fixed[VL_STREAM_TEMPLATE]);
    return s->fixed[VL_STREAM_TEMPLATE].bad || number >= s->n_templates
               ? NULL
               : s->templates[number];
}

static bool get_cigar(struct window_streams *s, struct residual_item *item)
{
    struct vl_cursor *cigar = &s->fixed[VL_STREAM_CIGAR];
    uint64_t n = vl_get_varint_max(cigar, vl_left(cigar));
    vl_buf_reset(&s->cigar);
    uint32_t *ops = (uint32_t *)(void *)vl_buf_reserve(&s->cigar, 4 * n + 1);
    if (!ops)
        return false;
    for (uint64_t i = 0; i < n; i++)
        ops[i] = (uint32_t)vl_get_varint_max(cigar, UINT32_MAX);
    item->cigar = ops;
    item->n_cigar = (uint32_t)n;
    return !cigar->bad;
}

/* Two bits a base, the first one lowest. */
static const uint8_t *unpack(struct window_streams *s, size_t n)
{
    const uint8_t *packed =
        vl_get_bytes(&s->fixed[VL_STREAM_PACKED], n / 4 + (n % 4 > 0));
    vl_buf_reset(&s->hidden);
    uint8_t *out = packed ? vl_buf_reserve(&s->hidden, n) : NULL;
    for (size_t i = 0; out && i < n; i++)
        out[i] = nibble_of_base[packed[i / 4] >> (i % 4 * 2) & 3];
    bool padded = out && n % 4 > 0 && packed[n / 4] >> (n % 4 * 2) != 0;
    return padded ? NULL : out;
}

/* bdiff.md §5.4 */
static bool get_hidden(struct window_streams *s, struct residual_item *item)
{
    uint64_t count = vl_get_varint(&s->fixed[VL_STREAM_HIDDEN_COUNT]);
    item->n_hidden = count >> 1;
    if (item->n_hidden == 0)
        return false;
    if (count & 1)
        return (item->hidden = unpack(s, item->n_hidden));
    item->hidden = vl_get_bytes(&s->fixed[VL_STREAM_HIDDEN], item->n_hidden);
    for (size_t i = 0; item->hidden && i < item->n_hidden; i++)
        if (item->hidden[i] > 15)
            return false;
    return item->hidden;
}

/* bdiff.md §5.5 */
static bool get_patches(struct window_streams *s, struct residual_item *item)
{
    struct vl_cursor *steps = &s->fixed[VL_STREAM_PATCH_RANK];
    struct vl_cursor *bases = &s->fixed[VL_STREAM_PATCH_BASE];
    struct vl_cursor *counts = &s->fixed[VL_STREAM_PATCH_COUNT];
    uint64_t n = (item->shape & VL_SHAPE_PATCHES) >> VL_SHAPE_PATCHES_SHIFT, rank = 0;
    if (n == 3)
        n += vl_get_varint_max(counts, vl_left(bases));
    vl_buf_reset(&s->patches);
    struct patch *patches =
        (void *)vl_buf_reserve(&s->patches, (size_t)n * sizeof *patches + 1);
    for (uint64_t i = 0; patches && i < n; i++) {
        rank += vl_get_varint_max(steps, INT32_MAX);
        patches[i] = (struct patch){(uint32_t)rank, vl_get_u8(bases)};
        if (rank > INT32_MAX || patches[i].nibble > 15)
            return false;
    }
    item->patches = patches;
    item->n_patches = (size_t)n;
    return patches && !steps->bad && !bases->bad && !counts->bad;
}

static unsigned get_bit(struct window_streams *s, int stream, struct bit_reader *reader)
{
    if (reader->n == 0) {
        reader->bits = vl_get_u8(&s->fixed[stream]);
        reader->n = 8;
    }
    unsigned bit = reader->bits & 1;
    reader->bits >>= 1;
    reader->n--;
    return bit;
}

/* bdiff.md §5.9: the difference of PNEXT of a masked record. */
static int64_t get_mate_pos(struct window_streams *s)
{
    unsigned near = vl_get_u8(&s->fixed[VL_STREAM_MATE_NEAR]);
    if (near == 0)
        return vl_get_zigzag(&s->fixed[VL_STREAM_MATE_POS]);
    return 2 * ((int64_t)near - 128) + get_bit(s, VL_STREAM_MATE_LOW, &s->low);
}

static bool get_mate(struct window_streams *s, bool whole, struct residual_item *item)
{
    item->mate_contig = vl_get_zigzag(&s->fixed[VL_STREAM_MATE_CONTIG]);
    item->mate_pos =
        whole ? vl_get_zigzag(&s->fixed[VL_STREAM_MATE_POS]) : get_mate_pos(s);
    item->mate_tlen = vl_get_zigzag(&s->fixed[VL_STREAM_MATE_TLEN]);
    return !s->fixed[VL_STREAM_MATE_NEAR].bad && !s->fixed[VL_STREAM_MATE_LOW].bad &&
           !s->fixed[VL_STREAM_MATE_CONTIG].bad && !s->fixed[VL_STREAM_MATE_POS].bad &&
           !s->fixed[VL_STREAM_MATE_TLEN].bad;
}

static bool get_name(struct window_streams *s, struct residual_item *item)
{
    struct vl_cursor *names = &s->fixed[VL_STREAM_NAME];
    if (vl_left(names) == 0)
        return false;
    size_t most = vl_bdiff_limit(VL_LIMIT_QUERY_NAME, 0), left = vl_left(names);
    size_t n = strnlen((const char *)names->at, left < most + 1 ? left : most + 1);
    item->name = (const char *)names->at;
    return n <= most && vl_get_bytes(names, n + 1);
}

/* bdiff.md §5.11 */
static bool get_quality_place(struct window_streams *s, struct residual_item *item)
{
    const int64_t MOST = (int64_t)vl_bdiff_limit(VL_LIMIT_QUALITY_PLACE, 0);
    struct vl_cursor *places = &s->fixed[VL_STREAM_QUAL_PLACE];
    if ((item->shape & VL_SHAPE_GRADE) == VL_GRADE_FULL)
        item->quality_place = vl_get_zigzag(places);
    return !places->bad && item->quality_place >= -MOST && item->quality_place <= MOST;
}

static bool get_qual(struct window_streams *s, struct residual_item *item)
{
    struct vl_cursor *quals = &s->fixed[VL_STREAM_QUAL];
    item->n_qual = vl_get_varint_max(quals, vl_left(quals));
    item->qual = vl_get_bytes(quals, item->n_qual);
    return item->qual && !quals->bad;
}

/* bdiff.md §5.7 */
static bool get_whole(struct window_streams *s, struct residual_item *item)
{
    uint64_t flag = vl_get_varint_max(&s->fixed[VL_STREAM_WHOLE_FLAG],
                                      vl_bdiff_limit(VL_LIMIT_FLAG, 0));
    item->contig_step = vl_get_zigzag(&s->fixed[VL_STREAM_WHOLE_CONTIG]);
    item->pos_step = vl_get_zigzag(&s->fixed[VL_STREAM_WHOLE_POS]);
    item->flag = (uint16_t)flag;
    item->l_seq = (int32_t)vl_get_varint_max(&s->fixed[VL_STREAM_WHOLE_LENGTH],
                                             vl_bdiff_limit(VL_LIMIT_WHOLE_BASES, 0));
    /* A loose read has no flags that tell of other alignments. */
    if ((item->shape & VL_SHAPE_GRADE) == VL_GRADE_LOOSE && (flag & ~VL_FLAGS_OF_LOOSE))
        return false;
    /* QUAL stands beside SEQ, if only to say that it is missing. */
    if ((item->l_seq > 0) != !!(item->shape & VL_SHAPE_QUAL))
        return false;
    return !s->fixed[VL_STREAM_WHOLE_FLAG].bad && !s->fixed[VL_STREAM_WHOLE_CONTIG].bad &&
           !s->fixed[VL_STREAM_WHOLE_POS].bad && !s->fixed[VL_STREAM_WHOLE_LENGTH].bad;
}

static bool shape_is_good(unsigned shape, enum residual_kind kind)
{
    if (kind == RESIDUAL_LOOSE)
        return (shape & ~VL_SHAPE_ALSO_LOOSE) == VL_SHAPE_OF_LOOSE;
    if (kind == RESIDUAL_WHOLE)
        return (shape & VL_SHAPE_OF_WHOLE) == VL_SHAPE_OF_WHOLE &&
               !(shape &
                 (VL_SHAPE_PROPER | VL_SHAPE_POS | VL_SHAPE_PAIR | VL_SHAPE_FLAG));
    if ((shape & VL_SHAPE_GRADE) != VL_GRADE_FULL)
        return shape == VL_GRADE_NONE;
    return !(shape & VL_SHAPE_MATE) &&
           (!(shape & VL_SHAPE_PAIR) || !(shape & VL_SHAPE_CIGAR)) &&
           (!(shape & VL_SHAPE_FLAG) || !(shape & VL_SHAPE_PROPER));
}

static unsigned next_shape(struct window_streams *s)
{
    if (!run_ends(&s->n_common))
        return s->shapes[0];
    s->n_common = next_run(&s->fixed[VL_STREAM_RUN]);
    uint64_t number = vl_get_varint_max(&s->fixed[VL_STREAM_SHAPE], s->n_shapes);
    s->fixed[VL_STREAM_SHAPE].bad |= number >= s->n_shapes;
    return s->shapes[number < s->n_shapes ? number : 0];
}

static int64_t next_order(struct window_streams *s)
{
    if (!run_ends(&s->n_orderly))
        return 0;
    s->n_orderly = next_run(&s->fixed[VL_STREAM_ORDER_STEP]);
    return vl_get_zigzag(&s->fixed[VL_STREAM_ORDER]);
}

static bool get_item(struct window_streams *s, enum residual_kind kind,
                     struct residual_item *item)
{
    unsigned shape = next_shape(s);
    *item = (struct residual_item){.shape = shape, .order = next_order(s)};
    if (s->fixed[VL_STREAM_SHAPE].bad || s->fixed[VL_STREAM_RUN].bad ||
        s->fixed[VL_STREAM_ORDER].bad || s->fixed[VL_STREAM_ORDER_STEP].bad ||
        !shape_is_good(shape, kind) || (kind != RESIDUAL_MASKED && !get_whole(s, item)))
        return false;
    if (shape == VL_GRADE_NONE)
        return true;
    if (s->has_mates && kind == RESIDUAL_MASKED && !(shape & VL_SHAPE_PAIR) &&
        get_bit(s, VL_STREAM_HAS_MATE, &s->mates))
        item->shape = shape |= VL_SHAPE_MATE;
    if (s->has_places && kind == RESIDUAL_MASKED && !get_quality_place(s, item))
        return false;
    if (shape & VL_SHAPE_MAPQ)
        item->mapq = vl_get_u8(&s->fixed[VL_STREAM_MAPQ]);
    if (shape & VL_SHAPE_FLAG)
        item->flag = (uint16_t)vl_get_varint_max(&s->fixed[VL_STREAM_FLAG],
                                                 vl_bdiff_limit(VL_LIMIT_FLAG, 0));
    if (shape & VL_SHAPE_POS)
        item->pos = vl_get_zigzag(&s->fixed[VL_STREAM_POS]);
    item->tags = next_template(s, shape);
    return (!(shape & VL_SHAPE_CIGAR) || get_cigar(s, item)) &&
           (!(shape & VL_SHAPE_HIDDEN) || get_hidden(s, item)) &&
           (!(shape & VL_SHAPE_PATCHES) || get_patches(s, item)) &&
           (!(shape & VL_SHAPE_MATE) || get_mate(s, kind != RESIDUAL_MASKED, item)) &&
           (!(shape & VL_SHAPE_NAME) || get_name(s, item)) &&
           (!(shape & VL_SHAPE_QUAL) || get_qual(s, item)) && item->tags &&
           !s->fixed[VL_STREAM_MAPQ].bad && !s->fixed[VL_STREAM_POS].bad &&
           !s->fixed[VL_STREAM_FLAG].bad && !s->fixed[VL_STREAM_HAS_MATE].bad;
}

int window_streams_next_item(struct window_streams *s, enum residual_kind kind,
                             struct residual_item *item)
{
    return get_item(s, kind, item) ? 0 : VL_ERR_SEAL;
}

struct vl_cursor *window_streams_of_tag(struct window_streams *s,
                                        const char name[static 2], char type)
{
    size_t number = vl_bdiff_window_find(s->window, vl_stream_of_tag(name, type));
    return number == SIZE_MAX ? NULL : &s->tags[number];
}

/* Reads the next place of a list from the streams `first` (contig), `first` + 1
 * (position) and `first` + 2 (value). */
static int next_listed(struct window_streams *s, uint32_t first, uint8_t max,
                       struct site *site)
{
    struct vl_cursor *contigs = &s->fixed[first];
    struct vl_cursor *positions = &s->fixed[first + 1];
    struct vl_cursor *values = &s->fixed[first + 2];
    if (vl_left(values) == 0) {
        s->site = (struct site){0};
        s->has_site = false;
        return 0;
    }
    const struct site before = s->site;
    uint64_t step = vl_get_varint_max(contigs, INT32_MAX);
    const uint64_t MOST = vl_bdiff_limit(VL_LIMIT_POSITION, 0);
    uint64_t distance = vl_get_varint_max(positions, MOST);
    bool twice = s->has_site && step == 0 && distance == 0;
    int64_t pos0 = (step == 0 ? before.pos0 : 0) + (int64_t)distance;
    uint8_t change = vl_get_u8(values);
    if (contigs->bad || positions->bad || twice || before.contig + step > INT32_MAX ||
        (uint64_t)pos0 > MOST || change == 0 || change > max)
        return VL_ERR_SEAL;
    s->site = (struct site){.contig = before.contig + (uint32_t)step,
                            .pos0 = pos0,
                            .change = change,
                            .used = true};
    s->has_site = true;
    *site = s->site;
    return 1;
}

int window_streams_next_site(struct window_streams *s, struct site *site)
{
    return next_listed(s, VL_STREAM_SITE_CONTIG, N_PERMUTATIONS - 1, site);
}

int window_streams_next_variant(struct window_streams *s, struct site *site)
{
    return next_listed(s, VL_STREAM_VARIANT_CONTIG, 2 * VL_VARIANT_DIFFERS - 1, site);
}

/* Reads the place of the gap behind `before`.  False at the end and if it is malformed.
 */
static bool next_gap(struct window_streams *s, const struct gap *before, struct gap *gap)
{
    const uint64_t MOST = vl_bdiff_limit(VL_LIMIT_POSITION, 0);
    struct vl_cursor *contigs = &s->fixed[VL_STREAM_GAP_CONTIG];
    struct vl_cursor *positions = &s->fixed[VL_STREAM_GAP_POS];
    struct vl_cursor *lengths = &s->fixed[VL_STREAM_GAP_LENGTH];
    if (vl_left(contigs) == 0)
        return false;
    uint64_t step = vl_get_varint_max(contigs, INT32_MAX);
    uint64_t from = vl_get_varint_max(positions, MOST);
    uint64_t n = vl_get_varint_max(lengths, MOST) + 1;
    bool good = !contigs->bad && !positions->bad && !lengths->bad &&
                (uint64_t)before->contig + step <= INT32_MAX;
    gap->contig = before->contig + (int32_t)step;
    gap->beg = (int64_t)from + (step == 0 ? before->end : 0);
    gap->end = gap->beg + (int64_t)n;
    contigs->bad |= !good || (uint64_t)gap->end > MOST;
    return !contigs->bad;
}

int window_streams_get_gaps(struct window_streams *s, struct gap_list *gaps)
{
    struct vl_cursor *bases = &s->fixed[VL_STREAM_GAP_BASES];
    uint64_t n_most = 4 * (uint64_t)vl_left(bases), n = 0;
    struct gap gap = {0}, before;
    while (before = gap, next_gap(s, &before, &gap)) {
        n += (uint64_t)(gap.end - gap.beg);
        if (n > n_most)
            return VL_ERR_SEAL;
        vl_buf_add(&gaps->gaps, &gap, sizeof gap);
    }
    if (s->fixed[VL_STREAM_GAP_CONTIG].bad || (n + 3) / 4 != vl_left(bases))
        return VL_ERR_SEAL;
    size_t n_bytes = n / 2 + 1;
    uint8_t *out = vl_buf_reserve(&gaps->bases, n_bytes);
    if (!out || gaps->gaps.failed)
        return VL_ERR_MEMORY;
    memset(out, 0, n_bytes);
    gaps->bases.len += n_bytes;
    gaps->n_bases = (int64_t)n;
    for (uint64_t i = 0; i < n;) {
        unsigned byte = vl_get_u8(bases);
        for (int k = 0; k < 4; k++, byte >>= 2)
            if (i < n)
                seq_set_nibble(out, (int64_t)i++, nibble_of_base[byte & 3]);
        if (byte != 0)
            return VL_ERR_SEAL;
    }
    return 0;
}

int window_streams_next_place(struct window_streams *s, size_t n_masked, uint32_t *place)
{
    struct vl_cursor *places = &s->fixed[VL_STREAM_WHOLE_PLACE];
    if (vl_left(places) == 0)
        return 0;
    s->place += vl_get_varint_max(places, n_masked);
    *place = (uint32_t)s->place;
    return places->bad || s->place > n_masked ||
                   ++s->n_whole > vl_bdiff_limit(VL_LIMIT_WINDOW_WHOLE, 0)
               ? VL_ERR_SEAL
               : 1;
}

bool window_streams_are_used_up(const struct window_streams *s)
{
    size_t left = s->low.bits + s->mates.bits; /* unused bits are 0 */
    for (size_t id = 0; id < VL_STREAM_FIXED_END; id++)
        left += vl_left(&s->fixed[id]);
    for (size_t i = 0; i < s->window->n_streams; i++)
        left += vl_left(&s->tags[i]);
    return left == 0 && s->n_common == UINT64_MAX && s->n_orderly == UINT64_MAX;
}

void window_streams_clear(struct window_streams *s)
{
    free(s->tags);
    free(s->templates);
    free(s->shapes);
    vl_buf_clear(&s->hidden);
    vl_buf_clear(&s->cigar);
    vl_buf_clear(&s->patches);
    memset(s, 0, sizeof *s);
}
