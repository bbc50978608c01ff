#include "mask/synth_setup.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <htslib/kstring.h>

#include "alignment/header.h"
#include "container/vac_file.h"
#include "mask/query_names.h"
#include "mask/sex_contigs.h"
#include "projection/masked_tags.h"
#include "projection/pseudonym.h"
#include "projection/quality_guard.h"
#include "record/record.h"
#include "run/bed_file.h"
#include "varlock/seal.h"
#include "varlock/wire.h"
#include "window/record_array.h"

static const char DEFAULT_HAPLOID[] = "chrM,MT";

/* ---- options ---- */

int synth_is_wanted(const struct vl_encrypt_options *o, bool *wanted,
                    struct vl_error *err)
{
    bool asks = o->quality || o->names || o->max_insert != 0 || o->max_shift != 0 ||
                o->keep_discordant || o->vault || o->haploid || o->sex || o->blur ||
                o->inserts;
    *wanted = !o->mask || strcmp(o->mask, "synth") == 0;
    if (!*wanted && strcmp(o->mask, "permute") != 0)
        return vl_error_set(err, VL_ERR_USAGE, "--mask %s: is neither permute nor synth",
                            o->mask);
    if (o->mask && *wanted && !o->output.reference)
        return vl_error_set(err, VL_ERR_USAGE, "--mask synth needs a reference (-T)");
    if (asks && (!*wanted || !o->output.reference))
        return vl_error_set(
            err, VL_ERR_USAGE,
            "--qual, --names, --max-insert, --max-shift, --keep-discordant, "
            "--blur, --inserts, --vault, --haploid and --sex belong to --mask synth, "
            "which needs "
            "a reference (-T)");
    if (!o->mask && !o->output.reference)
        return vl_error_set(
            err, VL_ERR_USAGE,
            "no masking was chosen: give -T ref.fa (--mask synth, which hides far more), "
            "or --mask permute, which needs no reference");
    return 0;
}

/* ---- samples ---- */

static int find_samples(struct synth_setup *s, sam_hdr_t *parsed, size_t n_groups)
{
    kstring_t name = KS_INITIALIZE;
    s->sample_of_group = malloc((n_groups + 1) * sizeof *s->sample_of_group);
    s->context.default_sample = vl_names_number(&s->samples, "");
    bool good = s->sample_of_group && s->context.default_sample >= 0;
    for (size_t i = 0; good && i < n_groups; i++) {
        bool known = sam_hdr_find_tag_pos(parsed, "RG", (int)i, "SM", &name) == 0;
        s->sample_of_group[i] = vl_names_number(&s->samples, known ? name.s : "");
        good = s->sample_of_group[i] >= 0;
    }
    ks_free(&name);
    s->context.sample_of_group = s->sample_of_group;
    return good ? 0 : VL_ERR_MEMORY;
}

/* ---- contigs and places ---- */

/* Skips unknown names in the default list.  Unknown names that the user gave are an
 * error. */
static int add_haploid(struct synth_setup *s, const char *given,
                       const struct vl_contigs *contigs, struct vl_error *err)
{
    const char *list = given ? given : DEFAULT_HAPLOID;
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        char *name = strndup(p, n);
        int contig = name ? vl_contigs_find(contigs, name) : -1, rc = 0;
        if (!name || (contig >= 0 && vl_ranges_add(&s->haploid, contigs, contig, 0,
                                                   contigs->v[contig].length) < 0))
            rc = vl_error_memory(err);
        else if (contig < 0 && given && strcmp(given, "none") != 0)
            rc = vl_error_set(err, VL_ERR_USAGE, "--haploid: the input has no contig %s",
                              name);
        free(name);
        if (rc < 0)
            return rc;
        p += n + (p[n] == ',');
    }
    return 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static int find_places(struct synth_setup *s, const struct vl_encrypt_options *o,
                       struct alignment_input *in, sam_hdr_t *parsed,
                       struct vl_error *err)
{
    const struct vl_contigs *contigs = &in->contigs;
    kstring_t ah = KS_INITIALIZE;
    bool has_lines = sam_hdr_count_lines(parsed, "SQ") > 0;
    s->is_vaulted = calloc(contigs->n + 1, sizeof *s->is_vaulted);
    if (!s->is_vaulted)
        return vl_error_memory(err);
    for (size_t i = 0; i < contigs->n; i++) {
        const char *name = contigs->v[i].name;
        s->is_vaulted[i] =
            strncmp(name, "HLA", 3) == 0 || ends_with(name, "_alt") ||
            (has_lines && sam_hdr_find_tag_id(parsed, "SQ", "SN", name, "AH", &ah) == 0);
        s->n_vaulted += s->is_vaulted[i];
    }
    ks_free(&ah);
    int rc = add_haploid(s, o->haploid, contigs, err);
    if (rc == 0 && o->sex)
        rc = sex_contigs_haploid(o->sex, contigs, &s->haploid, err);
    vl_ranges_normalise(&s->haploid);
    if (rc == 0 && o->vault)
        rc = bed_file_read(&s->vault, contigs, o->vault, err);
    vl_ranges_normalise(&s->vault);
    s->reorder.contigs = contigs;
    s->reorder.is_vaulted = s->is_vaulted;
    s->reorder.vault = &s->vault;
    return rc;
}

/* ---- query names ---- */

static int choose_names(struct synth_setup *s, const struct vl_encrypt_options *o,
                        sam_hdr_t *parsed, const struct record_array *head,
                        struct vl_error *err)
{
    if (o->names && strcmp(o->names, "keep") != 0 && strcmp(o->names, "token") != 0)
        return vl_error_set(err, VL_ERR_USAGE, "--names %s: is neither keep nor token",
                            o->names);
    s->context.names =
        o->names && o->names[0] == 't' ? SYNTH_NAMES_TOKEN : SYNTH_NAMES_KEEP;
    return o->names ? 0 : query_names_check(parsed, head, o->input, err);
}

/* ---- qualities ---- */

static bool holds(const char *text, const char *word)
{
    return text && strcasestr(text, word);
}

/* Programs that make QUAL a function of the bases, or of indels, usually say so in @PG.
 */
static bool names_recalibration(sam_hdr_t *parsed)
{
    static const char *const KEYS[] = {"ID", "PN", "CL", "DS"};
    static const char *const WORDS[] = {"recal", "bqsr", "recab",
                                        "calmd", "baq",  "qualcal"};
    kstring_t value = KS_INITIALIZE;
    bool found = false;
    int n = sam_hdr_count_lines(parsed, "PG");
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof KEYS / sizeof *KEYS; k++)
            if (sam_hdr_find_tag_pos(parsed, "PG", i, KEYS[k], &value) == 0)
                for (size_t w = 0; w < sizeof WORDS / sizeof *WORDS; w++)
                    found |= holds(value.s, WORDS[w]);
    ks_free(&value);
    return found;
}

static int choose_qualities(struct synth_setup *s, const struct vl_encrypt_options *o,
                            sam_hdr_t *parsed, const struct record_array *head,
                            struct vl_error *err)
{
    s->quality_was_chosen = o->quality;
    if (o->quality && !quality_mode_parse(o->quality, &s->context.quality))
        return vl_error_set(err, VL_ERR_USAGE,
                            "--qual %s: is none of shuffle, oq, bin4, flat, keep",
                            o->quality);
    if (o->quality)
        return 0;
    /* The qualities of a long read find its place when they are slid over the reference,
     * and so its indels. */
    s->is_flat_for_length = s->geometry.is_long;
    if (s->is_flat_for_length) {
        s->context.quality = QUALITY_FLAT;
        return 0;
    }
    bool all_oq = head->n > 0;
    for (size_t i = 0; all_oq && i < head->n; i++)
        all_oq = !record_is_primary(head->v[i]) || quality_has_oq(head->v[i]);
    s->context.requires_oq = all_oq;
    s->context.quality = all_oq ? QUALITY_OQ : QUALITY_SHUFFLE;
    if (!all_oq && strcmp(o->output.path, "-") == 0)
        return vl_error_set(
            err, VL_ERR_USAGE,
            "standard output is read before QUAL can be judged: give --qual");
    if (!all_oq && names_recalibration(parsed))
        return vl_error_set(
            err, VL_ERR_DATA,
            "%s: its @PG lines name a recalibration, after which QUAL tells "
            "the bases: choose --qual flat (or keep)",
            o->input);
    return 0;
}

/* Judges the qualities of the head, if the whole input's are to be judged. */
static int judge_head(const struct synth_setup *s, const struct vl_encrypt_options *o,
                      const struct record_array *head, struct vl_error *err)
{
    struct quality_guard *guard;
    if (s->quality_was_chosen || !quality_guard_judges(s->context.quality))
        return 0;
    int rc = quality_guard_open(&guard, s->context.quality, s->context.policy.read_groups,
                                o->input, err);
    for (size_t i = 0; rc == 0 && i < head->n; i++)
        rc = quality_guard_add(guard, head->v[i],
                               read_group_of(head->v[i], s->context.policy.read_groups),
                               err);
    if (rc == 0)
        rc = quality_guard_finish(guard, err);
    quality_guard_free(guard);
    return rc;
}

/* Reports both refusals together if there are two, under the code that means usage if
 * either is one.  Otherwise a user who answers the first one would meet the second one
 * next. */
static int choose_shown(struct synth_setup *s, const struct vl_encrypt_options *o,
                        sam_hdr_t *parsed, const struct record_array *head,
                        struct vl_error *err)
{
    struct vl_error names, qualities;
    int rc = choose_names(s, o, parsed, head, &names);
    int rc_qualities = choose_qualities(s, o, parsed, head, &qualities);
    if (rc < 0 && rc_qualities == 0)
        rc_qualities = judge_head(s, o, head, &qualities);
    bool no_memory = rc == VL_ERR_MEMORY || rc_qualities == VL_ERR_MEMORY;
    if (rc < 0 && rc_qualities < 0 && !no_memory) {
        size_t n = strlen(o->input);
        const char *rest = qualities.message;
        if (strncmp(rest, o->input, n) == 0 && rest[n] == ':')
            rest += n + 2;
        return vl_error_set(err, rc_qualities == VL_ERR_USAGE ? rc_qualities : rc,
                            "%s; and %s", names.message, rest);
    }
    if (err && (rc < 0 || rc_qualities < 0))
        *err = rc < 0 ? names : qualities;
    return rc < 0 ? rc : rc_qualities;
}

/* ---- all choices ---- */

static int choose_geometry(struct synth_setup *s, const struct vl_encrypt_options *o,
                           sam_hdr_t *parsed, const struct vl_names *read_groups,
                           const struct record_array *head, struct vl_error *err)
{
    int rc = synth_geometry_choose(&s->geometry, o, parsed, read_groups, head, err);
    if (rc < 0)
        return rc;
    s->reorder.max_insert = s->geometry.max_insert;
    s->reorder.max_shift = s->geometry.max_shift;
    s->reorder.blur_max = vl_draw_scale(VL_NORMAL_MAX, s->geometry.blur);
    s->reorder.inserts = &s->geometry.inserts;
    s->reorder.keep_discordant = o->keep_discordant;
    return 0;
}

/* Makes all choices, but does not open the persona. */
static int choose(struct synth_setup *s, const struct vl_encrypt_options *o,
                  struct alignment_input *in, const struct vl_names *read_groups,
                  const struct record_array *head, struct vl_error *err)
{
    sam_hdr_t *parsed = header_parse(&in->text, err);
    if (!parsed)
        return vl_error_prefix(err, VL_ERR_DATA, o->input);
    s->context.contigs = &in->contigs;
    s->context.policy = (struct tag_policy){
        .keep = o->keep_tags, .read_groups = read_groups, .computes_mc = true};
    int rc = choose_geometry(s, o, parsed, read_groups, head, err);
    if (rc == 0)
        rc = find_samples(s, parsed, read_groups->n) < 0 ? vl_error_memory(err) : 0;
    if (rc == 0)
        rc = find_places(s, o, in, parsed, err);
    if (rc == 0)
        rc = choose_shown(s, o, parsed, head, err);
    sam_hdr_destroy(parsed);
    return rc;
}

static int open_geometry(struct synth_setup *s,
                         const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                         struct vl_error *err)
{
    uint8_t key[VL_MASK_KEY_BYTES];
    int rc = vl_geometry_key(mask_key, key, err);
    if (rc == 0 && s->geometry.blur > 0)
        rc = blur_open(&s->reorder.blur, s->context.contigs, s->geometry.blur, key, err);
    if (rc == 0)
        rc = vl_name_draw_open(&s->reorder.insert_draw, key, VL_NAME_INSERT, err);
    vl_wipe(key, sizeof key);
    return rc;
}

int synth_setup_open(struct synth_setup *s, const struct vl_encrypt_options *o,
                     struct alignment_input *in, const struct vl_names *read_groups,
                     struct vl_vac_reader *vac, const int32_t *vac_contig,
                     const uint8_t mask_key[static VL_MASK_KEY_BYTES],
                     const struct record_array *head, struct vl_error *err)
{
    memset(s, 0, sizeof *s);
    memcpy(s->context.mask_key, mask_key, sizeof s->context.mask_key);
    int rc = choose(s, o, in, read_groups, head, err);
    const struct persona_options persona = {.reference = o->output.reference,
                                            .vac = vac,
                                            .vac_contig = vac_contig,
                                            .contigs = &in->contigs,
                                            .samples = &s->samples,
                                            .haploid = &s->haploid};
    if (rc == 0)
        rc = persona_open(&s->persona, &persona, mask_key, err);
    if (rc == 0)
        rc = open_geometry(s, mask_key, err);
    if (rc < 0)
        synth_setup_close(s);
    return rc;
}

static void put_ranges(const struct vl_ranges *ranges, struct vl_buf *out)
{
    vl_put_varint(out, ranges->n);
    for (size_t i = 0; i < ranges->n; i++) {
        vl_put_varint(out, (uint64_t)ranges->v[i].contig);
        vl_put_zigzag(out, ranges->v[i].beg);
        vl_put_zigzag(out, ranges->v[i].end);
    }
}

void synth_setup_put(const struct synth_setup *s, struct vl_buf *out)
{
    vl_put_u8(out, s->context.quality);
    vl_put_u8(out, s->context.names);
    vl_put_u8(out, s->reorder.keep_discordant);
    vl_put_zigzag(out, s->reorder.max_insert);
    vl_put_zigzag(out, s->reorder.max_shift);
    vl_put_varint(out, (uint64_t)s->geometry.blur);
    vl_put_u8(out, s->geometry.inserts.is_drawn);
    for (size_t i = 0; i < s->geometry.inserts.n; i++) {
        const struct insert_library *library = &s->geometry.inserts.v[i];
        vl_put_varint(out, (uint64_t)library->median);
        vl_put_varint(out, (uint64_t)library->sd);
        vl_put_varint(out, (uint64_t)library->longest);
        vl_put_varint(out, library->trimmed.len);
        vl_buf_add(out, library->trimmed.data, library->trimmed.len);
    }
    put_ranges(&s->haploid, out);
    put_ranges(&s->vault, out);
}

int synth_setup_tell(const struct synth_setup *s, struct vl_bdiff_geometry *geometry)
{
    geometry->blur_sd = (uint32_t)s->geometry.blur;
    geometry->quality = (uint8_t)s->context.quality;
    geometry->draws_inserts = s->geometry.inserts.is_drawn;
    for (size_t i = 0; i < s->geometry.inserts.n; i++) {
        const struct insert_library *from = &s->geometry.inserts.v[i];
        struct vl_bdiff_library library = {(uint32_t)from->median, (uint32_t)from->sd};
        vl_buf_add(&geometry->libraries, &library, sizeof library);
    }
    return geometry->libraries.failed ||
                   vl_geometry_key(s->context.mask_key, geometry->key, NULL) < 0
               ? VL_ERR_MEMORY
               : 0;
}

void synth_setup_close(struct synth_setup *s)
{
    persona_free(s->persona);
    blur_free(s->reorder.blur);
    vl_name_draw_free(s->reorder.insert_draw);
    synth_geometry_clear(&s->geometry);
    vl_names_clear(&s->samples);
    free(s->sample_of_group);
    free(s->is_vaulted);
    vl_ranges_clear(&s->haploid);
    vl_ranges_clear(&s->vault);
    vl_wipe(s, sizeof *s);
}
