#include <string.h>

#include "md.h"
#include "record.h"
#include "residual.h"
#include "tags.h"
#include "varlock/wire.h"
#include "window_streams.h"

struct decoder {
    struct window_streams streams;
    struct vl_contigs *read_groups;
    struct vl_buf ops; /* CIGAR of the record at hand */
    struct vl_buf aux; /* its tags */
};

static int malformed(struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_SEAL, "a window does not fit its masked records");
}

static int get_sites(struct window_streams *streams, struct site_list *sites,
                     struct vl_error *err)
{
    struct site site;
    int rc;
    while ((rc = window_streams_next_site(streams, &site)) > 0)
        if (site_list_add(sites, &site) < 0)
            return vl_error_memory(err);
    return rc < 0 ? malformed(err) : 0;
}

static int get_whole(struct window_streams *streams, struct window_records *w,
                     struct vl_error *err)
{
    uint32_t place;
    int rc;
    while ((rc = window_streams_next_place(streams, w->masked.n, &place)) > 0) {
        bam1_t *b = window_records_add_whole(w, place);
        if (!b)
            return vl_error_memory(err);
        rc = record_get(&streams->fixed[VL_STREAM_WHOLE], b, err);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? malformed(err) : 0;
}

static bool get_cigar(struct decoder *d, bam1_t *b)
{
    struct vl_cursor *cigar = &d->streams.fixed[VL_STREAM_CIGAR];
    uint64_t n = vl_get_varint_max(cigar, vl_left(cigar));
    vl_buf_reset(&d->ops);
    uint32_t *ops = (uint32_t *)(void *)vl_buf_reserve(&d->ops, 4 * n + 1);
    if (!ops)
        return false;
    for (uint64_t i = 0; i < n; i++)
        ops[i] = (uint32_t)vl_get_varint_max(cigar, UINT32_MAX);
    if (cigar->bad)
        return false;
    bam1_t *copy = bam_dup1(b);
    int rc = copy ? record_assemble(b, &copy->core, bam_get_qname(copy), ops, (uint32_t)n,
                                    bam_get_seq(copy), bam_get_qual(copy), NULL, 0)
                  : VL_ERR_MEMORY;
    bam_destroy1(copy);
    return rc == 0;
}

/* bdiff.md §5.4 */
static bool get_hidden(struct decoder *d, const bam1_t *masked, uint8_t *seq)
{
    struct vl_cursor *counts = &d->streams.fixed[VL_STREAM_HIDDEN_COUNT];
    struct vl_cursor *hidden = &d->streams.fixed[VL_STREAM_HIDDEN];
    struct hidden_walk walk = hidden_walk_start(masked);
    uint64_t left = vl_get_varint(counts);
    int32_t qpos, len;
    while (hidden_walk_next(&walk, &qpos, &len)) {
        const uint8_t *bases = vl_get_bytes(hidden, (size_t)len);
        if (!bases || (uint64_t)len > left)
            return false;
        for (int32_t i = 0; i < len; i++) {
            if (bases[i] > 15)
                return false;
            seq_set_nibble(seq, qpos + i, bases[i]);
        }
        left -= (uint64_t)len;
    }
    return left == 0 && !counts->bad;
}

/* bdiff.md §5.5 */
static bool get_patches(struct decoder *d, bam1_t *b)
{
    struct vl_cursor *patches = &d->streams.fixed[VL_STREAM_PATCH];
    uint64_t n = vl_get_varint_max(patches, (uint64_t)b->core.l_qseq);
    uint64_t at = 0;
    for (uint64_t i = 0; i < n && !patches->bad; i++) {
        at += vl_get_varint_max(patches, INT32_MAX);
        unsigned nibble = vl_get_u8(patches);
        if (at >= (uint64_t)b->core.l_qseq || nibble > 15)
            return false;
        seq_set_nibble(bam_get_seq(b), (int32_t)at, (int)nibble);
    }
    return !patches->bad && n > 0;
}

static bool put_stored(struct decoder *d, const struct template_tag *t)
{
    struct vl_cursor *values = window_streams_of_tag(&d->streams, t->name, t->type);
    size_t size = values ? tag_value_size(t->type, values->at, values->end) : 0;
    if (size == 0)
        return false;
    vl_buf_add(&d->aux, vl_get_bytes(values, size), size);
    return true;
}

static bool put_kept(struct decoder *d, const struct template_tag *t,
                     const bam1_t *masked)
{
    struct tag twin;
    if (!tag_find(masked, t->name, &twin))
        return false;
    if (t->source == 'm') {
        int number = d->read_groups && twin.type == 'Z' && t->type == 'Z'
                         ? read_group_of_pseudonym(twin.value, d->read_groups->n)
                         : -1;
        if (number < 0)
            return false;
        const char *id = d->read_groups->v[number].name;
        vl_buf_add(&d->aux, id, strlen(id) + 1);
        return true;
    }
    if (tag_is_integer(t->type) && tag_is_integer(twin.type))
        return tag_put_integer(&d->aux, t->type, tag_integer(&twin));
    vl_buf_add(&d->aux, twin.value, twin.size);
    return t->type == twin.type;
}

/* MD is known from the CIGAR; NM needs MD, which may stand behind it: a zero holds its
 * place. */
static bool put_predicted(struct decoder *d, const struct template_tag *t,
                          const bam1_t *b)
{
    if (memcmp(t->name, "MD", 2) == 0 && t->type == 'Z') {
        int64_t n = md_all_match(b);
        vl_buf_addf(&d->aux, "%lld", (long long)n);
        vl_buf_add_byte(&d->aux, 0);
        return n >= 0;
    }
    return memcmp(t->name, "NM", 2) == 0 && tag_is_integer(t->type) &&
           tag_put_integer(&d->aux, t->type, 0);
}

static bool fill_in_nm(struct decoder *d, const bam1_t *b)
{
    const char *md = tag_find_text(b, "MD");
    struct tag nm;
    if (!md || !tag_find(b, "NM", &nm))
        return false;
    vl_buf_reset(&d->aux);
    bool fits = tag_put_integer(&d->aux, nm.type, md_edit_distance(b, md));
    memcpy(bam_get_aux(b) + (nm.value - bam_get_aux(b)), d->aux.data, nm.size);
    return fits;
}

/* bdiff.md §5.6 */
static bool get_tags(struct decoder *d, const bam1_t *masked, bam1_t *b)
{
    const char *text = window_streams_template(&d->streams);
    bool nm_predicted = false;
    vl_buf_reset(&d->aux);
    if (!text)
        return false;
    if (strcmp(text, TEMPLATE_RAW) == 0) {
        struct vl_cursor *raw = &d->streams.fixed[VL_STREAM_TAGS_RAW];
        size_t n = vl_get_varint(raw);
        const uint8_t *bytes = vl_get_bytes(raw, n);
        return bytes && record_set_aux(b, bytes, n) == 0;
    }
    for (; *text; text += TEMPLATE_TAG_CHARS) {
        struct template_tag t = {{text[0], text[1]}, text[2], text[3]};
        vl_buf_add(&d->aux, text, 3);
        bool good = t.source == 's'                      ? put_stored(d, &t)
                    : t.source == 'p'                    ? put_predicted(d, &t, b)
                    : t.source == 'k' || t.source == 'm' ? put_kept(d, &t, masked)
                                                         : false;
        if (!good)
            return false;
        nm_predicted |= t.source == 'p' && t.name[0] == 'N';
    }
    if (d->aux.failed || record_set_aux(b, d->aux.data, d->aux.len) < 0)
        return false;
    return !nm_predicted || fill_in_nm(d, b);
}

static int get_record(struct decoder *d, const struct site_list *sites,
                      const bam1_t *masked, bam1_t *shown, uint8_t *grade,
                      struct vl_error *err)
{
    struct vl_cursor *shapes = &d->streams.fixed[VL_STREAM_SHAPE];
    unsigned shape = vl_get_u8(shapes);
    if (shapes->bad || shape > (VL_SHAPE_GRADE | VL_SHAPE_CIGAR | VL_SHAPE_PATCH))
        return malformed(err);
    *grade = shape & VL_SHAPE_GRADE;
    if (*grade == VL_GRADE_NONE)
        return shape == VL_GRADE_NONE ? 0 : malformed(err);
    if (!record_lengths_agree(masked))
        return malformed(err);
    if (!bam_copy1(shown, masked))
        return vl_error_memory(err);
    sites_restore(sites, shown);
    if ((shape & VL_SHAPE_CIGAR) && !get_cigar(d, shown))
        return malformed(err);
    if (*grade >= VL_GRADE_INSIDE && !get_hidden(d, masked, bam_get_seq(shown)))
        return malformed(err);
    if ((shape & VL_SHAPE_PATCH) && !get_patches(d, shown))
        return malformed(err);
    return get_tags(d, masked, shown) ? 0 : malformed(err);
}

struct checksum {
    struct vl_digest *digest;
    struct vl_buf scratch;
};

static int add_to_checksum(void *arg, const bam1_t *b, const bam1_t *masked, int grade)
{
    struct checksum *sum = arg;
    (void)masked;
    return grade == VL_GRADE_NONE ? 0 : record_check_add(b, sum->digest, &sum->scratch);
}

/* bdiff.md §5.2 */
static int checksum_of(const struct window_records *w, uint8_t check[VL_CHECK_BYTES],
                       struct vl_error *err)
{
    struct checksum sum = {.digest = vl_digest_new()};
    uint8_t full[VL_SHA256_BYTES];
    int rc = sum.digest ? window_records_visit(w, add_to_checksum, &sum) : VL_ERR_MEMORY;
    if (rc == 0)
        rc = vl_digest_finish(sum.digest, full);
    if (rc == 0)
        memcpy(check, full, VL_CHECK_BYTES);
    vl_digest_free(sum.digest);
    vl_buf_clear(&sum.scratch);
    return rc < 0 ? vl_error_memory(err) : 0;
}

int residual_join(struct window_records *w, const struct vl_bdiff_window *window,
                  struct vl_contigs *read_groups, uint8_t check[VL_CHECK_BYTES],
                  struct vl_error *err)
{
    struct decoder d = {.read_groups = read_groups};
    int rc = window_streams_open(&d.streams, window, err);
    if (rc == 0)
        rc = get_sites(&d.streams, &w->sites, err);
    if (rc == 0)
        rc = get_whole(&d.streams, w, err);
    for (size_t i = 0; rc == 0 && i < w->masked.n; i++) {
        uint8_t grade = VL_GRADE_NONE;
        bam1_t *shown = record_array_add(&w->shown);
        rc = shown ? get_record(&d, &w->sites, w->masked.v[i], shown, &grade, err)
                   : vl_error_memory(err);
        vl_buf_add_byte(&w->grade, grade);
    }
    if (rc == 0 && w->grade.failed)
        rc = vl_error_memory(err);
    if (rc == 0 && !window_streams_are_used_up(&d.streams))
        rc = malformed(err);
    if (rc == 0)
        rc = checksum_of(w, check, err);
    window_streams_clear(&d.streams);
    vl_buf_clear(&d.ops);
    vl_buf_clear(&d.aux);
    return rc;
}

int residual_decode(struct window_records *w, const uint8_t *plain, size_t n,
                    struct vl_contigs *read_groups, struct vl_error *err)
{
    struct vl_bdiff_window window = {0};
    uint8_t check[VL_CHECK_BYTES];
    int rc = vl_bdiff_window_decode(&window, plain, n, err);
    if (rc == 0)
        rc = residual_join(w, &window, read_groups, check, err);
    if (rc == 0 && memcmp(check, window.check, sizeof check) != 0)
        rc = vl_error_set(err, VL_ERR_SEAL,
                          "a window restores other records than were masked");
    vl_bdiff_window_clear(&window);
    return rc;
}
