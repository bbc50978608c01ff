#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "varlock/region.h"

int vl_ranges_add(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                  int32_t contig, int64_t beg, int64_t end)
{
    struct vl_range *v = vl_array_grow(ranges->v, ranges->n, &ranges->cap, sizeof *v);
    if (!v)
        return VL_ERR_MEMORY;
    ranges->v = v;
    int64_t length = contigs->v[contig].length;
    if (length > 0 && end >= length)
        end = VL_POS_MAX;
    ranges->v[ranges->n++] = (struct vl_range){contig, beg, end};
    return 0;
}

int vl_ranges_add_all(struct vl_ranges *ranges, const struct vl_contigs *contigs)
{
    for (size_t i = 0; i < contigs->n; i++)
        if (vl_ranges_add(ranges, contigs, (int32_t)i, 0, VL_POS_MAX) < 0)
            return VL_ERR_MEMORY;
    ranges->unplaced = true;
    return 0;
}

/* ---- reading what people write ---- */

/* Multiplies *value by ten to the power of `shift`.  Returns false where the result is no
 * whole number, or too large. */
static bool scale(int64_t *value, int shift)
{
    for (; shift > 0 && *value != 0; shift--) {
        if (*value > INT64_MAX / 10)
            return false;
        *value *= 10;
    }
    for (; shift < 0 && *value % 10 == 0 && *value != 0; shift++)
        *value /= 10;
    return shift >= 0 || *value == 0;
}

/* Reads digits with commas, and after a point more digits, whose number goes to
 * *n_decimals.  Returns the text after them; NULL where there is no digit or the number
 * is too large. */
static const char *parse_digits(const char *text, int64_t *value, int *n_decimals)
{
    bool digits = false, point = false;
    *value = 0;
    *n_decimals = 0;
    for (;; text++) {
        if (*text == '.' && !point && digits) {
            point = true;
            continue;
        }
        if (*text == ',' && digits && !point)
            continue;
        if (*text < '0' || *text > '9')
            return digits ? text : NULL;
        if (*value > (INT64_MAX - 9) / 10)
            return NULL;
        *value = 10 * *value + (*text - '0');
        digits = true;
        *n_decimals += point;
    }
}

/* Reads a 1-based position as htslib's hts_parse_decimal does: `1,000`, `1k`, `1.5m`,
 * `2e6`, `1g`.  Returns the text after it; NULL where the number is not whole or too
 * large. */
static const char *parse_position(const char *text, int64_t *position)
{
    int shift, exponent = 0;
    text = parse_digits(text, position, &shift);
    if (!text)
        return NULL;
    shift = -shift;
    if (*text == 'e' || *text == 'E') {
        bool minus = text[1] == '-';
        text += 1 + (text[1] == '-' || text[1] == '+');
        if (*text < '0' || *text > '9')
            return NULL;
        for (; *text >= '0' && *text <= '9'; text++)
            exponent = exponent < 100 ? 10 * exponent + (*text - '0') : exponent;
        shift += minus ? -exponent : exponent;
    }
    static const char SUFFIXES[] = "kmgKMG";
    const char *suffix = *text ? strchr(SUFFIXES, *text) : NULL;
    if (suffix) {
        shift += 3 * ((int)((suffix - SUFFIXES) % 3) + 1);
        text++;
    }
    return scale(position, shift) ? text : NULL;
}

/* Reads `1,000`, `1,000-`, `1,000-2,000` or `-2,000`. */
static bool parse_interval(const char *text, int64_t *beg, int64_t *end)
{
    int64_t first = 1;
    *end = VL_POS_MAX;
    if (*text != '-') {
        text = parse_position(text, &first);
        if (!text || first < 1)
            return false;
    } else if (text[1] == '\0') {
        return false;
    }
    if (*text == '-') {
        text++;
        if (*text != '\0') {
            text = parse_position(text, end);
            if (!text)
                return false;
        }
    }
    *beg = first - 1;
    return *text == '\0' && *beg < *end;
}

/* Returns the number of the contig whose name is the first n characters of text, -1 where
 * there is none, or VL_ERR_MEMORY. */
static int find_prefix(const struct vl_contigs *contigs, const char *text, size_t n)
{
    char *name = strndup(text, n);
    if (!name)
        return VL_ERR_MEMORY;
    int contig = vl_contigs_find(contigs, name);
    free(name);
    return contig;
}

/* A region, split into a contig and the text of an interval (NULL: the whole contig). */
struct reading {
    int contig;
    const char *interval;
};

/* Reads `{name}` and `{name}:interval`, which samtools has for names that contain
 * colons. */
static int read_braced(const struct vl_contigs *contigs, const char *text,
                       struct reading *reading, struct vl_error *err)
{
    const char *brace = strrchr(text, '}');
    if (!brace || (brace[1] != '\0' && brace[1] != ':'))
        return vl_error_set(err, VL_ERR_USAGE, "region %s: malformed", text);
    reading->contig = find_prefix(contigs, text + 1, (size_t)(brace - text - 1));
    reading->interval = brace[1] ? brace + 2 : NULL;
    return 0;
}

static int read_plain(const struct vl_contigs *contigs, const char *text,
                      struct reading *reading, struct vl_error *err)
{
    const char *colon = strrchr(text, ':');
    int whole = vl_contigs_find(contigs, text);
    int before = colon ? find_prefix(contigs, text, (size_t)(colon - text)) : -1;
    if (before == VL_ERR_MEMORY)
        return vl_error_memory(err);
    if (whole >= 0 && before >= 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "region %s: ambiguous, write {%s} or {%.*s}:%s", text, text,
                            (int)(colon - text), text, colon + 1);
    reading->contig = whole >= 0 ? whole : before;
    reading->interval = whole >= 0 || !colon ? NULL : colon + 1;
    return 0;
}

static int read_region(const struct vl_contigs *contigs, const char *text,
                       struct reading *reading, struct vl_error *err)
{
    *reading = (struct reading){-1, NULL};
    int rc = text[0] == '{' ? read_braced(contigs, text, reading, err)
                            : read_plain(contigs, text, reading, err);
    if (rc == 0 && reading->contig == VL_ERR_MEMORY)
        rc = vl_error_memory(err);
    return rc;
}

bool vl_region_is_position(const struct vl_contigs *contigs, const char *text)
{
    struct reading reading;
    int64_t position;
    if (read_region(contigs, text, &reading, NULL) < 0 || reading.contig < 0 ||
        !reading.interval)
        return false;
    const char *rest = parse_position(reading.interval, &position);
    return rest && *rest == '\0';
}

int vl_ranges_parse(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                    const char *text, struct vl_error *err)
{
    if (strcmp(text, "*") == 0) {
        ranges->unplaced = true;
        return 0;
    }
    struct reading reading;
    int rc = read_region(contigs, text, &reading, err);
    if (rc < 0)
        return rc;
    if (reading.contig < 0)
        return vl_error_set(err, VL_ERR_USAGE, "region %s: unknown contig", text);
    int64_t beg = 0, end = VL_POS_MAX;
    if (reading.interval && !parse_interval(reading.interval, &beg, &end))
        return vl_error_set(
            err, VL_ERR_USAGE,
            "region %s: malformed or empty interval (positions count from 1)", text);
    const struct vl_contig *contig = &contigs->v[reading.contig];
    if (contig->length > 0 && beg >= contig->length)
        return vl_error_set(err, VL_ERR_USAGE, "region %s: %s ends at %" PRId64, text,
                            contig->name, contig->length);
    if (vl_ranges_add(ranges, contigs, reading.contig, beg, end) < 0)
        return vl_error_memory(err);
    return 0;
}

/* ---- BED ---- */

static bool first_word_is(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && (line[n] == '\0' || strchr("\t ", line[n]));
}

static bool is_bed_heading(const char *line)
{
    return line[strspn(line, "\t ")] == '\0' || line[0] == '#' ||
           first_word_is(line, "track") || first_word_is(line, "browser");
}

static bool parse_bed_number(const char *text, int64_t *number)
{
    char *rest;
    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoll(text, &rest, 10);
    return errno == 0 && *rest == '\0';
}

static int add_bed_line(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                        char *line, const char *path, uint64_t n_line,
                        struct vl_error *err)
{
    char *rest;
    const char *name = strtok_r(line, "\t ", &rest);
    int64_t beg, end;
    bool numbers = parse_bed_number(strtok_r(NULL, "\t ", &rest), &beg) &&
                   parse_bed_number(strtok_r(NULL, "\t ", &rest), &end);
    if (!numbers)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s:%" PRIu64 ": not a BED line (contig, begin, end)", path,
                            n_line);
    if (beg >= end)
        return vl_error_set(err, VL_ERR_DATA, "%s:%" PRIu64 ": empty interval", path,
                            n_line);
    int contig = vl_contigs_find(contigs, name);
    if (contig < 0)
        return vl_error_set(err, VL_ERR_DATA, "%s:%" PRIu64 ": unknown contig %s", path,
                            n_line, name);
    int64_t length = contigs->v[contig].length;
    if (length > 0 && beg >= length)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s:%" PRIu64 ": begins behind the end of %s (%" PRId64 ")",
                            path, n_line, name, length);
    if (vl_ranges_add(ranges, contigs, contig, beg, end) < 0)
        return vl_error_memory(err);
    return 0;
}

int vl_ranges_add_bed_line(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                           char *line, const char *path, uint64_t n_line,
                           struct vl_error *err)
{
    size_t n = strlen(line);
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
        line[--n] = '\0';
    return is_bed_heading(line) ? 0
                                : add_bed_line(ranges, contigs, line, path, n_line, err);
}

/* ---- sets ---- */

static int compare_ranges(const void *a, const void *b)
{
    const struct vl_range *x = a, *y = b;
    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    return (x->beg > y->beg) - (x->beg < y->beg);
}

void vl_ranges_normalise(struct vl_ranges *ranges)
{
    if (ranges->n == 0)
        return;
    qsort(ranges->v, ranges->n, sizeof *ranges->v, compare_ranges);
    size_t last = 0;
    for (size_t i = 1; i < ranges->n; i++) {
        struct vl_range *joined = &ranges->v[last];
        const struct vl_range *next = &ranges->v[i];
        if (next->contig != joined->contig || next->beg > joined->end)
            ranges->v[++last] = *next;
        else if (next->end > joined->end)
            joined->end = next->end;
    }
    ranges->n = last + 1;
}

size_t vl_ranges_seek(const struct vl_ranges *ranges, int32_t contig, int64_t pos)
{
    size_t low = 0, high = ranges->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct vl_range *range = &ranges->v[mid];
        if (range->contig < contig || (range->contig == contig && range->end <= pos))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The only range of the set that can contain `pos`: the first one on the contig that ends
 * after it.  NULL where there is none. */
static const struct vl_range *range_behind(const struct vl_ranges *ranges, int32_t contig,
                                           int64_t pos)
{
    size_t i = vl_ranges_seek(ranges, contig, pos);
    return i < ranges->n && ranges->v[i].contig == contig ? &ranges->v[i] : NULL;
}

static int64_t last_position(int64_t beg, int64_t end)
{
    return end > beg ? end - 1 : beg;
}

bool vl_ranges_overlap(const struct vl_ranges *ranges, int32_t contig, int64_t beg,
                       int64_t end)
{
    const struct vl_range *range = range_behind(ranges, contig, beg);
    return range && (range->beg == 0 || range->beg <= last_position(beg, end));
}

bool vl_ranges_contain(const struct vl_ranges *ranges, int32_t contig, int64_t beg,
                       int64_t end)
{
    const struct vl_range *range = range_behind(ranges, contig, beg);
    return range && (range->beg == 0 || range->beg <= beg) &&
           last_position(beg, end) < range->end;
}

bool vl_ranges_contain_all(const struct vl_ranges *outer, const struct vl_ranges *inner,
                           struct vl_range *outside)
{
    for (size_t i = 0; i < inner->n; i++) {
        const struct vl_range *range = &inner->v[i];
        if (vl_ranges_contain(outer, range->contig, range->beg, range->end))
            continue;
        if (outside)
            *outside = *range;
        return false;
    }
    if (inner->unplaced && !outer->unplaced) {
        if (outside)
            *outside = (struct vl_range){-1, 0, 0};
        return false;
    }
    return true;
}

/* ---- writing ---- */

static void format_range(const struct vl_range *range, const struct vl_contig *contig,
                         struct vl_buf *out)
{
    vl_buf_addf(out, "%s", contig->name);
    if (range->beg == 0 && range->end == VL_POS_MAX)
        return;
    vl_buf_addf(out, ":%" PRId64 "-", range->beg + 1);
    if (range->end != VL_POS_MAX)
        vl_buf_addf(out, "%" PRId64, range->end);
    else if (contig->length > 0)
        vl_buf_addf(out, "%" PRId64, contig->length);
}

void vl_ranges_format(const struct vl_ranges *ranges, const struct vl_contigs *contigs,
                      size_t max_shown, struct vl_buf *out)
{
    for (size_t i = 0; i < ranges->n; i++) {
        if (max_shown && i == max_shown) {
            vl_buf_addf(out, " ...");
            return;
        }
        if (i > 0)
            vl_buf_addf(out, " ");
        format_range(&ranges->v[i], &contigs->v[ranges->v[i].contig], out);
    }
    if (ranges->unplaced)
        vl_buf_addf(out, ranges->n ? " *" : "*");
}

void vl_ranges_clear(struct vl_ranges *ranges)
{
    free(ranges->v);
    *ranges = VL_RANGES_INIT;
}
