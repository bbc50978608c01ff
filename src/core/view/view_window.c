#include "view/view_window.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/tags.h"
#include "residual/residual_tags.h"
#include "varlock/seal.h"
#include "window/permutation.h"
#include "window/sites.h"

static const char BASES[] = "=ACMGRSVTWYHKDBN";

void view_put_clean(kstring_t *line, const char *text, size_t n, bool tabs_too)
{
    for (size_t i = 0; i < n; i++)
        kputc(iscntrl((unsigned char)text[i]) && (tabs_too || text[i] != '\t') ? '?'
                                                                               : text[i],
              line);
}

static void put_contig(struct view *v, uint32_t contig)
{
    const char *name = contig < v->contigs->n ? v->contigs->v[contig].name : "*";
    view_put_clean(&v->text->line, name, strlen(name), true);
}

static int malformed(struct vl_error *err, const char *what)
{
    return vl_error_set(err, VL_ERR_SEAL, "malformed %s", what);
}

static void put_window(struct view *v, size_t i, const struct vl_bdiff_entry *e)
{
    ksprintf(&v->text->line, "W\t%zu\t", i + 1);
    put_contig(v, e->low_contig);
    if (e->low_contig < v->contigs->n) {
        ksprintf(&v->text->line, ":%" PRId64 "-", e->low_pos0 + 1);
        if (e->high_contig != e->low_contig)
            put_contig(v, e->high_contig);
        if (e->high_contig != e->low_contig && e->high_contig < v->contigs->n)
            kputc(':', &v->text->line);
        if (e->high_contig < v->contigs->n)
            ksprintf(&v->text->line, "%" PRId64, e->high_end);
    }
    ksprintf(&v->text->line, "\t%" PRIu32, e->n_records);
    view_text_end_line(v->text);
}

/* bdiff.md §5.3 */
static int put_sites(struct view *v, struct vl_error *err)
{
    struct site site;
    int rc;
    while ((rc = window_streams_next_site(&v->streams, &site)) > 0) {
        if (site.contig >= v->contigs->n || (v->is_synth && site.change > NIBBLE_N))
            return malformed(err, "sites");
        kputs(v->is_synth ? "S\t" : "P\t", &v->text->line);
        put_contig(v, site.contig);
        ksprintf(&v->text->line, "\t%" PRId64 "\t", site.pos0 + 1);
        if (v->is_synth)
            kputc(BASES[site.change], &v->text->line);
        else
            kputs("ACGT>", &v->text->line);
        for (uint8_t base = 0; !v->is_synth && base < 4; base++) {
            uint8_t image = permutation_image(site.change, base);
            kputc("ACGT"[image], &v -> text -> line);
        }
        view_text_end_line(v->text);
    }
    return rc < 0 ? malformed(err, "sites") : 0;
}

static int put_variants(struct view *v, struct vl_error *err)
{
    struct site site;
    int rc;
    while ((rc = window_streams_next_variant(&v->streams, &site)) > 0) {
        if (site.contig >= v->contigs->n)
            return malformed(err, "variants");
        kputs("V\t", &v->text->line);
        put_contig(v, site.contig);
        ksprintf(&v->text->line, "\t%" PRId64 "\t%c\t%s", site.pos0 + 1,
                 BASES[site.change & NIBBLE_N],
                 site.change & VL_VARIANT_DIFFERS ? "some" : "all");
        view_text_end_line(v->text);
    }
    return rc < 0 ? malformed(err, "variants") : 0;
}

/* Gaps tell only of the reference, so they are checked and not shown. */
static int check_gaps(struct view *v, struct vl_error *err)
{
    struct gap_list gaps = {0};
    int rc = window_streams_get_gaps(&v->streams, &gaps);
    gap_list_clear(&gaps);
    return rc == VL_ERR_SEAL ? malformed(err, "gaps") : rc < 0 ? vl_error_memory(err) : 0;
}

static void put_cigar(struct view *v, const struct residual_item *item)
{
    if (!(item->shape & VL_SHAPE_CIGAR))
        kputc('.', &v->text->line);
    else if (item->n_cigar == 0)
        kputc('*', &v->text->line);
    for (uint32_t i = 0; (item->shape & VL_SHAPE_CIGAR) && i < item->n_cigar; i++)
        ksprintf(&v->text->line, "%u%c", bam_cigar_oplen(item->cigar[i]),
                 bam_cigar_opchr(item->cigar[i]));
}

static void put_hidden(struct view *v, const struct residual_item *item)
{
    if (!(item->shape & VL_SHAPE_HIDDEN))
        kputc('.', &v->text->line);
    for (size_t i = 0; (item->shape & VL_SHAPE_HIDDEN) && i < item->n_hidden; i++)
        kputc(BASES[item->hidden[i]], &v->text->line);
}

static void put_patches(struct view *v, const struct residual_item *item)
{
    if (item->n_patches == 0)
        kputc('.', &v->text->line);
    for (size_t i = 0; i < item->n_patches; i++)
        ksprintf(&v->text->line, "%s%" PRIu32 ":%c", i ? "," : "", item->patches[i].rank,
                 BASES[item->patches[i].nibble]);
}

static void put_values(struct view *v, const uint8_t *qual, size_t n)
{
    for (size_t i = 0; i < n; i++)
        kputc(qual[i] <= 93 ? qual[i] + 33 : '?', &v->text->line);
}

static void put_qual(struct view *v, const struct residual_item *item)
{
    if (item->n_qual == 0)
        kputc('*', &v->text->line);
    put_values(v, item->qual, item->n_qual);
}

static void put_field_name(struct view *v, const char *name, size_t *n)
{
    ksprintf(&v->text->line, "%s%s", (*n)++ ? "," : "", name);
}

/* Core fields that differ from what the masked record predicts. */
static void put_fields(struct view *v, const struct residual_item *item)
{
    size_t n = 0;
    if (item->shape & VL_SHAPE_POS) {
        put_field_name(v, "POS", &n);
        ksprintf(&v->text->line, "%+" PRId64, item->pos);
    }
    if (item->shape & VL_SHAPE_PROPER)
        put_field_name(v, "FLAG^2", &n);
    if (item->shape & VL_SHAPE_FLAG) {
        put_field_name(v, "FLAG=", &n);
        ksprintf(&v->text->line, "%u", item->flag);
    }
    if (item->shape & VL_SHAPE_MAPQ) {
        put_field_name(v, "MAPQ=", &n);
        ksprintf(&v->text->line, "%u", item->mapq);
    }
    if (item->shape & VL_SHAPE_MATE) {
        put_field_name(v, "MATE", &n);
        ksprintf(&v->text->line, "%+" PRId64 "%+" PRId64 "%+" PRId64, item->mate_contig,
                 item->mate_pos, item->mate_tlen);
    }
    if (item->shape & VL_SHAPE_PAIR)
        put_field_name(v, "PAIR", &n);
    if (item->shape & VL_SHAPE_NAME) {
        put_field_name(v, "QNAME=", &n);
        view_put_clean(&v->text->line, item->name, strlen(item->name), true);
    }
    if (item->quality_place != 0) {
        put_field_name(v, "QUAL@", &n);
        ksprintf(&v->text->line, "%+" PRId64, item->quality_place);
    }
    if (item->shape & VL_SHAPE_QUAL) {
        put_field_name(v, "QUAL=", &n);
        put_qual(v, item);
    }
    if (n == 0)
        kputc('.', &v->text->line);
}

static bool put_stored(struct view *v, const char *tag)
{
    struct vl_cursor *values = window_streams_of_tag(&v->streams, tag, tag[2]);
    size_t size = values ? tag_value_size(tag[2], values->at, values->end) : 0;
    if (size == 0)
        return false;
    const uint8_t *value = vl_get_bytes(values, size);
    kstring_t text = KS_INITIALIZE;
    bool good = sam_format_aux1((const uint8_t *)tag, (uint8_t)tag[2], value,
                                value + size, &text) != NULL;
    if (good)
        view_put_clean(&v->text->line, text.s, text.l, true);
    ks_free(&text);
    return good;
}

/* One tag of a template (bdiff.md §5.6): name, type, source. */
static bool put_tag(struct view *v, const char *tag)
{
    const char *instead = tag[3] == 'k'   ? "(masked)"
                          : tag[3] == 'p' ? "(predicted)"
                          : tag[3] == 'm' ? "(read group)"
                          : tag[3] == 'q' ? "(masked QUAL)"
                                          : NULL;
    kputc('\t', &v->text->line);
    if (!instead)
        return tag[3] == 's' && put_stored(v, tag);
    view_put_clean(&v->text->line, tag, 2, true);
    kputc(':', &v->text->line);
    view_put_clean(&v->text->line, tag_is_integer(tag[2]) ? "i" : tag + 2, 1, true);
    kputc(':', &v->text->line);
    kputs(instead, &v->text->line);
    return true;
}

static bool put_tags(struct view *v, const char *tag)
{
    if (strcmp(tag, TEMPLATE_RAW) == 0) {
        struct vl_cursor *raw = &v->streams.fixed[VL_STREAM_TAGS_RAW];
        uint64_t n = vl_get_varint(raw);
        const uint8_t *bytes = vl_get_bytes(raw, n);
        kputs("\t(raw):", &v->text->line);
        for (uint64_t i = 0; bytes && i < n; i++)
            ksprintf(&v->text->line, "%02x", bytes[i]);
        return bytes;
    }
    for (; *tag; tag += TEMPLATE_TAG_CHARS)
        if (!put_tag(v, tag))
            return false;
    return true;
}

static bool put_record(struct view *v, uint32_t i)
{
    struct residual_item item;
    if (window_streams_next_item(&v->streams, RESIDUAL_MASKED, &item) < 0)
        return false;
    if (item.shape == VL_GRADE_NONE)
        return true;
    ksprintf(&v->text->line, "R\t%" PRIu32 "\t", i + 1);
    put_cigar(v, &item);
    kputc('\t', &v->text->line);
    put_hidden(v, &item);
    kputc('\t', &v->text->line);
    put_patches(v, &item);
    kputc('\t', &v->text->line);
    put_fields(v, &item);
    if (!put_tags(v, item.tags))
        return false;
    view_text_end_line(v->text);
    return true;
}

/* Adds numbers from a BDIFF.  They may be anything, so the sum must not overflow as
 * signed. */
static int64_t add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void put_place(struct view *v, int64_t contig, int64_t pos0)
{
    kputc('\t', &v->text->line);
    put_contig(v, contig < 0 ? UINT32_MAX : (uint32_t)contig);
    ksprintf(&v->text->line, "\t%" PRId64, add(pos0, 1));
}

/* Prints SEQ if all of it is stored.  Otherwise prints the stored part, as for other
 * records. */
static void put_whole_seq(struct view *v, const struct residual_item *item)
{
    size_t n_hidden = item->shape & VL_SHAPE_HIDDEN ? item->n_hidden : 0;
    if (item->l_seq == 0)
        kputc('*', &v->text->line);
    if (n_hidden < (size_t)item->l_seq)
        ksprintf(&v->text->line, "(%" PRId32 " predicted)%s",
                 item->l_seq - (int32_t)n_hidden, n_hidden > 0 ? ";" : "");
    if (n_hidden > 0)
        put_hidden(v, item);
    if (item->n_patches > 0) {
        kputc(';', &v->text->line);
        put_patches(v, item);
    }
}

/* Takes the place of a whole record or a loose read.  False if it is on no contig. */
static bool take_place(struct view *v, const struct residual_item *item)
{
    int64_t contig = add(v->whole_contig, item->contig_step);
    v->whole_pos0 = add(item->pos_step, item->contig_step == 0 ? v->whole_pos0 : 0);
    v->whole_contig = contig;
    return contig >= -1 && contig < (int64_t)v->contigs->n;
}

/* bdiff.md §5.7 */
static bool put_whole(struct view *v, uint32_t place)
{
    struct residual_item item;
    if (window_streams_next_item(&v->streams, RESIDUAL_WHOLE, &item) < 0 ||
        !take_place(v, &item))
        return false;
    int64_t contig = v->whole_contig, pos0 = v->whole_pos0;
    int64_t n_contigs = (int64_t)v->contigs->n, mate = add(contig, item.mate_contig);
    if (mate < -1 || mate >= n_contigs)
        return false;
    ksprintf(&v->text->line, "H\t%" PRIu32 "\t", place);
    view_put_clean(&v->text->line, item.name, strlen(item.name), true);
    ksprintf(&v->text->line, "\t%u", item.flag);
    put_place(v, contig, pos0);
    ksprintf(&v->text->line, "\t%u\t", item.mapq);
    put_cigar(v, &item);
    put_place(v, mate, add(pos0, item.mate_pos));
    ksprintf(&v->text->line, "\t%" PRId64 "\t", item.mate_tlen);
    put_whole_seq(v, &item);
    kputc('\t', &v->text->line);
    if (item.shape & VL_SHAPE_QUAL)
        put_qual(v, &item);
    else
        kputc('*', &v->text->line);
    if (!put_tags(v, item.tags))
        return false;
    view_text_end_line(v->text);
    return true;
}

/* bdiff.md §5.10 */
static bool put_loose(struct view *v)
{
    struct residual_item item;
    if (window_streams_next_item(&v->streams, RESIDUAL_LOOSE, &item) < 0 ||
        !take_place(v, &item) || v->whole_contig < 0 || v->whole_pos0 < 0)
        return false;
    ksprintf(&v->text->line, "L\t%u", item.flag);
    put_place(v, v->whole_contig, v->whole_pos0);
    ksprintf(&v->text->line, "\t%u\t", item.mapq);
    put_cigar(v, &item);
    kputc('\t', &v->text->line);
    put_whole_seq(v, &item);
    kputc('\t', &v->text->line);
    put_qual(v, &item);
    if (!put_tags(v, item.tags))
        return false;
    view_text_end_line(v->text);
    return true;
}

static int put_records(struct view *v, uint32_t n_records, struct vl_error *err)
{
    uint32_t place = 0;
    int more = window_streams_next_place(&v->streams, n_records, &place);
    v->whole_contig = -1;
    v->whole_pos0 = 0;
    for (uint32_t i = 0; i <= n_records; i++) {
        for (; more > 0 && place == i;
             more = window_streams_next_place(&v->streams, n_records, &place))
            if (!put_whole(v, place))
                return malformed(err, "whole record");
        if (i < n_records && !put_record(v, i))
            return vl_error_set(err, VL_ERR_SEAL, "malformed record %" PRIu32, i + 1);
    }
    if (v->streams.n_loose > 0 && vl_bdiff_reader_header(v->bdiff)->is_root)
        return malformed(err, "owner's file: it has loose reads");
    for (uint64_t i = 0; i < v->streams.n_loose; i++)
        if (!put_loose(v))
            return malformed(err, "loose read");
    return more < 0 ? malformed(err, "places of whole records") : 0;
}

/* Prints the ranks of places apart from the records: only the masked records show which
 * of them have one. */
static int put_ranks(struct view *v, struct vl_error *err)
{
    struct vl_cursor *ranks = &v->streams.fixed[VL_STREAM_PLACE_RANK];
    if (vl_left(ranks) == 0)
        return 0;
    kputc('M', &v->text->line);
    while (vl_left(ranks) > 0 && !ranks->bad)
        ksprintf(&v->text->line, "\t%" PRIu64, vl_get_varint(ranks));
    if (ranks->bad)
        return malformed(err, "ranks of places");
    view_text_end_line(v->text);
    return 0;
}

/* Prints the flags apart from the records: only the masked records show which bases they
 * belong to. */
static int put_flags(struct view *v, struct vl_error *err)
{
    struct vl_cursor *flags = &v->streams.fixed[VL_STREAM_VARIANT_FLAG];
    size_t n = vl_left(flags);
    if (n == 0)
        return 0;
    kputs("F\t", &v->text->line);
    for (size_t i = 0; i < n; i++) {
        unsigned flag = vl_get_u8(flags);
        if (flag > 1)
            return malformed(err, "flags of variants");
        kputc("01"[flag], &v -> text -> line);
    }
    view_text_end_line(v->text);
    return 0;
}

/* Only the masked records show to whose qualities the tails belong. */
static void put_quality_tails(struct view *v)
{
    struct vl_cursor *tails = &v->streams.fixed[VL_STREAM_QUAL_TAIL];
    size_t n = vl_left(tails);
    if (n == 0)
        return;
    kputs("Q\t", &v->text->line);
    put_values(v, vl_get_bytes(tails, n), n);
    view_text_end_line(v->text);
}

static int put_streams(struct view *v, uint32_t n_records, struct vl_error *err)
{
    int rc = window_streams_open(&v->streams, &v->window, err);
    if (rc == 0)
        rc = put_sites(v, err);
    if (rc == 0)
        rc = put_variants(v, err);
    if (rc == 0)
        rc = check_gaps(v, err);
    if (rc == 0 && v->streams.n_quality >= 0) {
        ksprintf(&v->text->line, "N\t%d", v->streams.n_quality);
        view_text_end_line(v->text);
    }
    if (rc == 0)
        rc = put_records(v, n_records, err);
    if (rc == 0)
        rc = put_flags(v, err);
    if (rc == 0)
        rc = put_ranks(v, err);
    if (rc == 0)
        put_quality_tails(v);
    if (rc == 0 && !window_streams_are_used_up(&v->streams))
        rc = vl_error_set(err, VL_ERR_SEAL, "bytes left behind its records");
    window_streams_clear(&v->streams);
    return rc;
}

static int write_nothing(void *arg, const char *text, size_t n)
{
    (void)arg;
    (void)text;
    (void)n;
    return 0;
}

int view_window(struct view *v, size_t i, struct vl_error *err)
{
    struct view_text *text = v->text, rehearsal = {.write = write_nothing};
    const struct vl_bdiff_entry *entry = &vl_bdiff_reader_index(v->bdiff)->v[i];
    struct vl_buf plain = VL_BUF_INIT;
    int rc = vl_bdiff_reader_window(v->bdiff, i, &plain, err);
    if (rc == 0) {
        rc = vl_bdiff_window_decode(&v->window, plain.data, plain.len, err);
        /* The first pass prints to nothing, so a window that turns out malformed at its
         * end shows nothing. */
        v->text = &rehearsal;
        for (int pass = 0; rc == 0 && pass < 2; pass++) {
            put_window(v, i, entry);
            rc = put_streams(v, entry->n_records, err);
            v->text = text;
        }
        v->text = text;
        if (rc < 0)
            vl_bdiff_reader_blame_window(v->bdiff, i, rc, err);
    }
    view_text_finish(&rehearsal, NULL);
    vl_bdiff_window_clear(&v->window);
    vl_buf_wipe(&plain);
    return rc;
}
