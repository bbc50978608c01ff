#include "vcf/vcf_scan.h"

#include <stdlib.h>
#include <string.h>

/* Columns of VCF 4.3, §1.6.1, after CHROM and POS.  FORMAT and the samples follow. */
enum { ID = 2, REF, ALT, QUAL, FILTER, INFO, N_COLUMNS };

/* The most digits that always fit htslib's types: 63 bits for POS, 32 bits for counts. */
enum { POS_DIGITS = 18, COUNT_DIGITS = 9 };

enum { NAME_CHARS_MAX = 127, INFO_ENTRIES_MAX = UINT16_MAX - 1 };

struct span {
    const char *at, *end; /* `at` NULL: nothing is left, not even an empty piece */
};

static inline size_t length(struct span s)
{
    return (size_t)(s.end - s.at);
}

static inline bool is_text(struct span s, const char *text, size_t n)
{
    return length(s) == n && memcmp(s.at, text, n) == 0;
}

/* The first separator, or NULL.  Half of the pieces of a line are a single byte, so these
 * are found without memchr. */
static inline const char *find(struct span s, char separator)
{
    if (s.at < s.end && *s.at != separator) {
        if (s.end - s.at == 1)
            return NULL;
        if (s.at[1] == separator)
            return s.at + 1;
    }
    return memchr(s.at, separator, length(s));
}

/* Takes the piece of `rest` before the separator, or all of `rest`.  `rest` then starts
 * after the separator. */
static inline struct span take(struct span *rest, char separator)
{
    const char *found = find(*rest, separator);
    struct span piece = {rest->at, found ? found : rest->end};
    rest->at = found ? found + 1 : NULL;
    return piece;
}

/* Reads 1 to n_digits digits.  `rest` then starts after them. */
static inline bool take_digits(struct span *rest, ptrdiff_t n_digits, int64_t *number)
{
    const char *at = rest->at;
    const char *end = rest->end - at > n_digits ? at + n_digits : rest->end;
    int64_t n = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (*at - '0');
    bool any = at > rest->at;
    rest->at = at;
    *number = n;
    return any;
}

/* True if the next byte is `byte`.  `rest` then starts after the next byte. */
static inline bool take_byte(struct span *rest, char byte)
{
    return rest->at < rest->end && *rest->at++ == byte;
}

/* The number of a name in one of the header's dictionaries.  Negative if it is not
 * there. */
static int find_name(const bcf_hdr_t *header, int dictionary, struct span s)
{
    char name[NAME_CHARS_MAX + 1];
    if (length(s) > NAME_CHARS_MAX)
        return -1;
    memcpy(name, s.at, length(s));
    name[length(s)] = '\0';
    return bcf_hdr_id2int(header, dictionary, name);
}

/* Lines of a contig are consecutive, so its name is looked up only once. */
static bool read_contig(struct vcf_scan *scan, struct span *rest, int32_t *rid)
{
    struct vcf_scan_tag *last = &scan->contig;
    size_t n = last->length;
    if (last->id >= 0 && length(*rest) > n && rest->at[n] == '\t' &&
        memcmp(rest->at, last->name, n) == 0) {
        rest->at += n + 1;
    } else {
        struct span name = take(rest, '\t');
        int id = find_name(scan->header, BCF_DT_CTG, name);
        if (id < 0 || !rest->at)
            return false;
        *last = (struct vcf_scan_tag){id, length(name),
                                      bcf_hdr_int2id(scan->header, BCF_DT_CTG, id)};
    }
    *rid = last->id;
    return true;
}

static bool read_position(struct span *rest, int64_t *pos0)
{
    int64_t pos;
    if (!take_digits(rest, POS_DIGITS, &pos) || !take_byte(rest, '\t'))
        return false;
    *pos0 = pos - 1;
    return true;
}

static void read_alleles(struct span ref, struct span alts, struct vcf_variant *v)
{
    v->ref = vcf_base(ref.at, length(ref));
    while (v->ref >= 0 && alts.at) {
        struct span alt = take(&alts, ',');
        vcf_add_alt(v, vcf_base(alt.at, length(alt)));
    }
}

/* False if the header lacks one of the filters: htslib would add it, and refuses some
 * names. */
static bool knows_filters(const bcf_hdr_t *header, struct span s)
{
    if (is_text(s, "PASS", 4) || is_text(s, ".", 1))
        return true;
    while (s.at) {
        if (find_name(header, BCF_DT_ID, take(&s, ';')) < 0)
            return false;
    }
    return true;
}

/* ---- INFO ---- */

/* Returns the number of an INFO entry's tag, negative if the header lacks it.  *value
 * becomes the text after `=`.  Most lines have their tags in the same order, so the tag
 * that last followed tag number `last` is tried first. */
static int read_key(struct vcf_scan *scan, int last, struct span entry,
                    struct span *value)
{
    struct vcf_scan_tag unlisted = {.id = -1};
    struct vcf_scan_tag *tag =
        last + 1 < scan->n_next ? &scan->next[last + 1] : &unlisted;
    size_t n = tag->length;
    if (tag->id < 0 || length(entry) < n || memcmp(entry.at, tag->name, n) != 0 ||
        (length(entry) > n && entry.at[n] != '=')) {
        struct span rest = entry, key = take(&rest, '=');
        int id = find_name(scan->header, BCF_DT_ID, key);
        if (!bcf_hdr_idinfo_exists(scan->header, BCF_HL_INFO, id))
            return -1;
        n = length(key);
        *tag = (struct vcf_scan_tag){id, n, bcf_hdr_int2id(scan->header, BCF_DT_ID, id)};
    }
    *value = (struct span){length(entry) > n ? entry.at + n + 1 : NULL, entry.end};
    return tag->id;
}

/* Reads one count for each ALT. */
static bool read_ac(struct span counts, struct span alts, struct vcf_variant *v)
{
    int64_t count;
    do {
        struct span alt = take(&alts, ',');
        if (!take_digits(&counts, COUNT_DIGITS, &count))
            return false;
        vcf_add_count(v, vcf_base(alt.at, length(alt)), count);
    } while (alts.at && take_byte(&counts, ','));
    return !alts.at && counts.at == counts.end;
}

static bool read_an(struct span count, struct vcf_variant *v)
{
    return take_digits(&count, COUNT_DIGITS, &v->an) && count.at == count.end;
}

/* If a tag appears twice, the first one counts, as in htslib. */
static bool read_info(struct vcf_scan *scan, struct span info, struct span alts,
                      struct vcf_variant *v)
{
    bool has_ac = !vcf_is_snv(v), has_an = has_ac;
    struct span value;
    int id = -1;
    for (int n = 0; info.at && info.at < info.end; n++) {
        id = read_key(scan, id, take(&info, ';'), &value);
        if (id < 0 || n == INFO_ENTRIES_MAX)
            return false;
        if (id == scan->ac_id && !has_ac) {
            has_ac = true;
            if (!value.at || !read_ac(value, alts, v))
                return false;
        }
        if (id == scan->an_id && !has_an) {
            has_an = true;
            if (!value.at || !read_an(value, v))
                return false;
        }
    }
    return has_ac && has_an;
}

/* ---- samples ---- */

/* Skips an allele's number or `.` at *at.  Five digits are far below any limit of
 * htslib. */
static bool skip_allele(const char **at, const char *end)
{
    const char *beg = *at;
    if (beg < end && *beg == '.') {
        (*at)++;
        return true;
    }
    while (*at < end && *at - beg < 5 && (unsigned char)**at - (unsigned)'0' <= 9)
        (*at)++;
    return *at > beg;
}

/* Checks that every sample of the header has a genotype of one or two alleles and no
 * other field.  The genotypes are not used, because INFO has the counts, but they must be
 * complete. */
static bool has_genotypes(const bcf_hdr_t *header, struct span rest)
{
    struct span format = take(&rest, '\t');
    int gt = is_text(format, "GT", 2) ? bcf_hdr_id2int(header, BCF_DT_ID, "GT") : -1;
    if (!rest.at || !bcf_hdr_idinfo_exists(header, BCF_HL_FMT, gt) ||
        bcf_hdr_id2type(header, BCF_HL_FMT, gt) != BCF_HT_STR)
        return false;
    const char *at = rest.at, *end = rest.end;
    for (int i = bcf_hdr_nsamples(header); i > 0; i--) {
        if (!skip_allele(&at, end))
            return false;
        if (at < end && (*at == '|' || *at == '/')) {
            at++;
            if (!skip_allele(&at, end))
                return false;
        }
        if (i > 1 ? at == end || *at++ != '\t' : at < end)
            return false;
    }
    return true;
}

/* ---- the line ---- */

bool vcf_scan_line(struct vcf_scan *scan, const char *line, size_t n,
                   struct vcf_variant *variant)
{
    struct span rest = {line, line + n}, column[N_COLUMNS];
    *variant = (struct vcf_variant){0};
    if (n == 0 || memchr(line, '\0', n) || !read_contig(scan, &rest, &variant->rid) ||
        !read_position(&rest, &variant->pos0))
        return false;
    for (int i = ID; i < N_COLUMNS; i++) {
        if (!rest.at)
            return false;
        column[i] = take(&rest, '\t');
    }
    read_alleles(column[REF], column[ALT], variant);
    return knows_filters(scan->header, column[FILTER]) &&
           read_info(scan, column[INFO], column[ALT], variant) &&
           (!rest.at || bcf_hdr_nsamples(scan->header) == 0 ||
            has_genotypes(scan->header, rest));
}

int vcf_scan_init(struct vcf_scan *scan, const bcf_hdr_t *header, const char *ac_tag,
                  const char *an_tag, struct vl_error *err)
{
    int n = header->n[BCF_DT_ID] + 1;
    *scan = (struct vcf_scan){
        .header = header,
        .ac_id = bcf_hdr_id2int(header, BCF_DT_ID, ac_tag),
        .an_id = bcf_hdr_id2int(header, BCF_DT_ID, an_tag),
        .contig = {.id = -1},
        .next = malloc((size_t)n * sizeof *scan->next),
        .n_next = n,
    };
    if (!scan->next) {
        vcf_scan_clear(scan);
        return vl_error_memory(err);
    }
    for (int i = 0; i < n; i++)
        scan->next[i] = (struct vcf_scan_tag){.id = -1};
    return 0;
}

void vcf_scan_clear(struct vcf_scan *scan)
{
    free(scan->next);
    memset(scan, 0, sizeof *scan);
}
