#include "mask/synth_geometry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/kstring.h>

#include "projection/blur.h"
#include "projection/geometry.h"
#include "projection/pseudonym.h"
#include "record/query_name.h"
#include "record/record.h"

enum {
    BLUR = 100,
    MAX_INSERT = 10000,
    MAX_SHIFT_SHORT = 1000,
    MAX_SHIFT_LONG = 1000000,
    LONG_READ = 1000,    /* bases; a longer read counts as long */
    SPLICED_SHARE = 100, /* one read in so many has an intron: RNA */
    TRIMMED_SHARE = 20,  /* one read in so many has a length, at most: trimmed */
    PAIRS_MIN = 200,     /* of a library, to tell its insert sizes ... */
    PLACES_MIN = 100000, /* ... over as many bases, lest one place tells its indel */
    ROUNDED_TO = 10,
    MAPQ_MIN = 20
};

/* ---- options ---- */

/* Reads a number of digits only, at most `max`.  NULL: it is none. */
static const char *read_number(const char *text, int64_t max, int64_t *n)
{
    char *end;
    if (!isdigit((unsigned char)*text))
        return NULL;
    *n = strtoll(text, &end, 10);
    return *n <= max ? end : NULL;
}

/* *given: the median and SD were given. */
static int read_inserts(const char *text, struct insert_sizes *sizes, bool *given,
                        struct vl_error *err)
{
    int64_t median, sd;
    *given = false;
    if (!text || strcmp(text, "draw") == 0 || strcmp(text, "keep") == 0) {
        sizes->is_drawn = !text || text[0] == 'd';
        return 0;
    }
    const char *at = read_number(text, INT32_MAX, &median);
    at = at && *at == ',' ? read_number(at + 1, INT32_MAX, &sd) : NULL;
    if (!at || *at)
        return vl_error_set(err, VL_ERR_USAGE,
                            "--inserts %s: is none of draw, keep and MEDIAN,SD", text);
    *given = sizes->is_drawn = true;
    for (size_t i = 0; i < sizes->n; i++) {
        sizes->v[i].median = median;
        sizes->v[i].sd = sd;
    }
    return 0;
}

static int read_blur(const char *text, int64_t *blur, struct vl_error *err)
{
    const char *end = text ? read_number(text, BLUR_MAX, blur) : NULL;
    if (text && (!end || *end))
        return vl_error_set(err, VL_ERR_USAGE, "--blur %s: is no number from 0 to %d",
                            text, BLUR_MAX);
    return 0;
}

/* ---- the head ---- */

struct head {
    size_t n, n_spliced;
    size_t n_pairs, n_outward; /* outward: reverse-forward */
    bool is_long;
};

static bool is_rna(const struct head *head)
{
    return head->n_spliced > 0 && head->n_spliced * SPLICED_SHARE >= head->n;
}

static bool is_spliced(const bam1_t *b)
{
    bool found = false;
    for (uint32_t i = 0; i < b->core.n_cigar; i++)
        found |= bam_cigar_op(bam_get_cigar(b)[i]) == BAM_CREF_SKIP;
    return found;
}

static struct head look_at(const struct record_array *records)
{
    struct head head = {0};
    for (size_t i = 0; i < records->n; i++) {
        const bam1_t *b = records->v[i];
        if (!record_is_primary(b))
            continue;
        head.n++;
        head.is_long |= b->core.l_qseq > LONG_READ;
        head.n_spliced += is_spliced(b);
    }
    return head;
}

/* An end of a template. */
struct end {
    const char *name;
    size_t n;
    int32_t group, library, tid;
    int64_t five;
    bool is_reverse, is_certain;
};

static int compare_ends(const void *x, const void *y)
{
    const struct end *a = x, *b = y;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    int order = memcmp(a->name, b->name, a->n < b->n ? a->n : b->n);
    if (order == 0)
        order = (a->n > b->n) - (a->n < b->n);
    if (order == 0)
        order = (a->tid > b->tid) - (a->tid < b->tid);
    return order ? order : (a->five > b->five) - (a->five < b->five);
}

static void collect_ends(const struct record_array *head, const struct vl_names *groups,
                         const int32_t *library, struct vl_buf *ends)
{
    for (size_t i = 0; i < head->n; i++) {
        const bam1_t *b = head->v[i];
        const bam1_core_t *c = &b->core;
        struct end end = {.name = bam_get_qname(b),
                          .group = read_group_of(b, groups),
                          .tid = c->tid,
                          .is_reverse = bam_is_rev(b)};
        end.n = query_name_length(end.name);
        end.library = library[end.group < 0 ? groups->n : (size_t)end.group];
        end.is_certain = c->qual >= MAPQ_MIN && !(c->flag & BAM_FDUP);
        if (record_is_primary(b) && (c->flag & BAM_FPAIRED) &&
            !(c->flag & (BAM_FUNMAP | BAM_FMUNMAP)) && c->tid >= 0 &&
            geometry_five(bam_get_cigar(b), c->n_cigar, c->pos, end.is_reverse,
                          &end.five))
            vl_buf_add(ends, &end, sizeof end);
    }
    size_t n = ends->len / sizeof(struct end);
    if (n > 1 && !ends->failed)
        qsort(ends->data, n, sizeof(struct end), compare_ends);
}

/* The insert size of a pair. */
struct pair {
    int32_t library, tid;
    int64_t five, insert;
};

static int compare_pairs(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->library != b->library)
        return a->library < b->library ? -1 : 1;
    return (a->insert > b->insert) - (a->insert < b->insert);
}

/* Finds pairs among the sorted ends, and counts how they lie. */
static void find_pairs(const struct vl_buf *ends, int64_t max_insert, struct head *head,
                       struct vl_buf *pairs)
{
    const struct end *v = (const void *)ends->data;
    for (size_t i = 0; i + 1 < ends->len / sizeof *v; i++) {
        const struct end *a = &v[i], *b = a + 1;
        if (a->group != b->group || a->n != b->n || memcmp(a->name, b->name, a->n) != 0)
            continue;
        struct pair pair = {a->library, a->tid, a->five, b->five - a->five + 1};
        bool facing = a->tid == b->tid && !a->is_reverse && b->is_reverse;
        head->n_pairs++;
        head->n_outward +=
            a->tid == b->tid && a->five < b->five && a->is_reverse && !b->is_reverse;
        if (facing && a->is_certain && b->is_certain && pair.insert <= max_insert)
            vl_buf_add(pairs, &pair, sizeof pair);
        i++;
    }
    size_t n = pairs->len / sizeof(struct pair);
    if (n > 1 && !pairs->failed)
        qsort(pairs->data, n, sizeof(struct pair), compare_pairs);
}

static int64_t rounded(int64_t n)
{
    return (n + ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO;
}

/* Half the distance of the quantiles one SD from the middle: stray pairs do not count. */
static void measure(const struct pair *v, size_t n, struct insert_library *library)
{
    int64_t low = v[0].five, high = low;
    bool several = false;
    for (size_t i = 0; i < n; i++) {
        low = v[i].five < low ? v[i].five : low;
        high = v[i].five > high ? v[i].five : high;
        several |= v[i].tid != v[0].tid;
    }
    if (n < PAIRS_MIN || (!several && high - low < PLACES_MIN))
        return;
    library->median = rounded(v[n / 2].insert);
    library->sd = rounded((v[n * 84 / 100].insert - v[n * 16 / 100].insert) / 2);
}

static void measure_all(const struct vl_buf *pairs, const int32_t *library,
                        struct insert_sizes *sizes)
{
    const struct pair *v = (const void *)pairs->data;
    size_t n = pairs->len / sizeof *v;
    for (size_t i = 0, next; i < n; i = next) {
        struct insert_library measured = sizes->v[sizes->n - 1];
        for (next = i; next < n && v[next].library == v[i].library; next++)
            ;
        measure(&v[i], next - i, &measured);
        for (size_t g = 0; g < sizes->n; g++)
            if (library[g] == v[i].library) {
                sizes->v[g].median = measured.median;
                sizes->v[g].sd = measured.sd;
            }
    }
}

/* ---- trimmed lengths ---- */

struct length {
    int32_t group, bases;
};

static int compare_lengths(const void *x, const void *y)
{
    const struct length *a = x, *b = y;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->bases > b->bases) - (a->bases < b->bases);
}

/* Notes the lengths of one group's reads that few of them have, but for the longest. */
static void note_trimmed(const struct length *v, size_t n, struct insert_library *library)
{
    library->longest = v[n - 1].bases;
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i; next < n && v[next].bases == v[i].bases; next++)
            ;
        if (v[i].bases < library->longest && (next - i) * TRIMMED_SHARE < n)
            vl_buf_add(&library->trimmed, &v[i].bases, sizeof v[i].bases);
    }
}

static int find_trimmed(const struct record_array *head, const struct vl_names *groups,
                        struct insert_sizes *sizes)
{
    struct vl_buf lengths = VL_BUF_INIT;
    for (size_t i = 0; i < head->n; i++) {
        struct length length = {read_group_of(head->v[i], groups),
                                head->v[i]->core.l_qseq};
        if (record_is_primary(head->v[i]) && length.bases > 0)
            vl_buf_add(&lengths, &length, sizeof length);
    }
    struct length *v = (void *)lengths.data;
    size_t n = lengths.len / sizeof *v;
    int rc = lengths.failed ? VL_ERR_MEMORY : 0;
    if (n > 1)
        qsort(v, n, sizeof *v, compare_lengths);
    for (size_t i = 0, next; rc == 0 && i < n; i = next) {
        struct insert_library *library = insert_sizes_of(sizes, v[i].group);
        for (next = i; next < n && v[next].group == v[i].group; next++)
            ;
        note_trimmed(&v[i], next - i, library);
        rc = library->trimmed.failed ? VL_ERR_MEMORY : 0;
    }
    vl_buf_clear(&lengths);
    return rc;
}

/* ---- all of it ---- */

/* A pair that reads over an intron has a fragment that its span does not tell, and reads
 * must stay within their exons. */
static void choose_for_rna(struct synth_geometry *g, const struct vl_encrypt_options *o)
{
    g->shows_ends = !o->blur && !o->inserts;
    if (!o->blur)
        g->blur = 0;
    if (!o->inserts)
        g->inserts.is_drawn = false;
    if (!o->max_insert && !g->inserts.is_drawn)
        g->max_insert = -1;
}

/* Sets library[i] for each read group, and for reads without one. */
static int number_libraries(sam_hdr_t *parsed, size_t n_groups, int32_t *library)
{
    struct vl_names names = VL_NAMES_INIT;
    kstring_t value = KS_INITIALIZE;
    int rc = 0;
    library[n_groups] = -1;
    for (size_t i = 0; rc == 0 && i < n_groups; i++) {
        bool known = sam_hdr_find_tag_pos(parsed, "RG", (int)i, "LB", &value) == 0;
        int number = known ? vl_names_number(&names, value.s) : 0;
        rc = number < 0 ? number : 0;
        /* A group without a library is one by itself. */
        library[i] = known ? number : (int32_t)(n_groups + i);
    }
    ks_free(&value);
    vl_names_clear(&names);
    return rc;
}

static int study(struct synth_geometry *g, sam_hdr_t *parsed,
                 const struct vl_names *groups, const struct record_array *records,
                 bool given, struct head *head)
{
    struct vl_buf ends = VL_BUF_INIT, pairs = VL_BUF_INIT;
    int32_t *library = malloc((groups->n + 1) * sizeof *library);
    int rc = library ? number_libraries(parsed, groups->n, library) : VL_ERR_MEMORY;
    *head = look_at(records);
    if (rc == 0) {
        collect_ends(records, groups, library, &ends);
        find_pairs(&ends, g->inserts.max, head, &pairs);
        rc = ends.failed || pairs.failed ? VL_ERR_MEMORY : 0;
    }
    if (rc == 0 && !given)
        measure_all(&pairs, library, &g->inserts);
    if (rc == 0)
        rc = find_trimmed(records, groups, &g->inserts);
    vl_buf_clear(&ends);
    vl_buf_clear(&pairs);
    free(library);
    return rc;
}

static int check_input(const struct synth_geometry *g, const struct vl_encrypt_options *o,
                       const struct head *head, struct vl_error *err)
{
    if (is_rna(head) && g->inserts.is_drawn)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: has spliced reads, whose insert sizes cannot be drawn: "
                            "choose --inserts keep",
                            o->input);
    if (head->n_outward * 2 > head->n_pairs && !o->keep_discordant)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: most pairs are reverse-forward, as of a mate-pair "
                            "library, and would leave the masked file: "
                            "--keep-discordant shows them",
                            o->input);
    return 0;
}

int synth_geometry_choose(struct synth_geometry *g, const struct vl_encrypt_options *o,
                          sam_hdr_t *parsed, const struct vl_names *read_groups,
                          const struct record_array *records, struct vl_error *err)
{
    struct head head;
    bool given;
    *g = (struct synth_geometry){.blur = BLUR};
    if (insert_sizes_init(&g->inserts, read_groups->n) < 0)
        return vl_error_memory(err);
    g->max_insert = o->max_insert ? o->max_insert : MAX_INSERT;
    g->inserts.max = g->max_insert < 0 ? MAX_INSERT : g->max_insert;
    int rc = read_blur(o->blur, &g->blur, err);
    if (rc == 0)
        rc = read_inserts(o->inserts, &g->inserts, &given, err);
    if (rc == 0 && study(g, parsed, read_groups, records, given, &head) < 0)
        rc = vl_error_memory(err);
    if (rc == 0 && is_rna(&head))
        choose_for_rna(g, o);
    if (rc == 0)
        rc = check_input(g, o, &head, err);
    g->is_long = rc == 0 && head.is_long;
    if (rc == 0)
        g->max_shift = o->max_shift   ? o->max_shift
                       : head.is_long ? MAX_SHIFT_LONG
                                      : MAX_SHIFT_SHORT;
    if (rc < 0)
        synth_geometry_clear(g);
    return rc;
}

void synth_geometry_clear(struct synth_geometry *g)
{
    insert_sizes_clear(&g->inserts);
}
