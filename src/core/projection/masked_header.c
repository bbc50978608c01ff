#include "projection/masked_header.h"

#include <ctype.h>
#include <htslib/kstring.h>
#include <string.h>
#include <strings.h>

#include "alignment/header.h"
#include "varlock/varlock.h"

static const char LINE_START[] = "@CO\tvarlock:1 ";

/* Platforms of the SAM specification; another PL could say anything, so it is not shown.
 */
static bool is_platform(const char *pl)
{
    static const char *const KNOWN[] = {"CAPILLARY", "DNBSEQ",     "ELEMENT", "HELICOS",
                                        "ILLUMINA",  "IONTORRENT", "LS454",   "ONT",
                                        "PACBIO",    "SINGULAR",   "SOLID",   "ULTIMA"};
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (strcasecmp(pl, KNOWN[i]) == 0)
            return true;
    return false;
}

/* "<word><number>" for the number of `value` among the values seen so far, in header
 * order. */
static int put_pseudonym(struct vl_buf *out, const char *key, const char *word,
                         struct vl_names *seen, const char *value)
{
    int number = vl_names_number(seen, value);
    if (number < 0)
        return VL_ERR_MEMORY;
    vl_buf_addf(out, "\t%s:%s%d", key, word, number + 1);
    return 0;
}

static int put_read_groups(sam_hdr_t *parsed, struct vl_buf *out)
{
    struct vl_names samples = VL_NAMES_INIT, libraries = VL_NAMES_INIT;
    kstring_t value = KS_INITIALIZE;
    int n = sam_hdr_count_lines(parsed, "RG"), rc = 0;
    for (int i = 0; rc == 0 && i < n; i++) {
        vl_buf_addf(out, "@RG\tID:rg%d", i + 1);
        if (sam_hdr_find_tag_pos(parsed, "RG", i, "SM", &value) == 0)
            rc = put_pseudonym(out, "SM", "sample", &samples, value.s);
        if (rc == 0 && sam_hdr_find_tag_pos(parsed, "RG", i, "LB", &value) == 0)
            rc = put_pseudonym(out, "LB", "lib", &libraries, value.s);
        if (sam_hdr_find_tag_pos(parsed, "RG", i, "PL", &value) == 0 &&
            is_platform(value.s))
            vl_buf_addf(out, "\tPL:%s", value.s);
        vl_buf_add_byte(out, '\n');
    }
    ks_free(&value);
    vl_names_clear(&samples);
    vl_names_clear(&libraries);
    return rc;
}

static bool is_hex(const char *s, size_t n)
{
    return strlen(s) == n && strspn(s, "0123456789abcdefABCDEF") == n;
}

static bool is_version(const char *s)
{
    return s[0] && strspn(s, "0123456789.") == strlen(s) && strlen(s) < 8;
}

static void put_sequences(sam_hdr_t *parsed, const struct vl_contigs *contigs,
                          struct vl_buf *out)
{
    kstring_t value = KS_INITIALIZE;
    bool has_lines = sam_hdr_count_lines(parsed, "SQ") > 0;
    for (size_t i = 0; i < contigs->n; i++) {
        const struct vl_contig *c = &contigs->v[i];
        vl_buf_addf(out, "@SQ\tSN:%s\tLN:%lld", c->name, (long long)c->length);
        if (is_hex(c->m5, VL_M5_CHARS))
            vl_buf_addf(out, "\tM5:%s", c->m5);
        if (has_lines &&
            sam_hdr_find_tag_id(parsed, "SQ", "SN", c->name, "AH", &value) == 0)
            vl_buf_addf(out, "\tAH:*");
        vl_buf_add_byte(out, '\n');
    }
    ks_free(&value);
}

static void put_masked_line(const struct masked_line *line, struct vl_buf *out)
{
    vl_buf_addf(out, "%smask=%s bdiff=", LINE_START, mask_model_name(line->mask_model));
    for (int i = 0; i < VL_BDIFF_ID_BYTES; i++)
        vl_buf_addf(out, "%02x", line->bdiff_id[i]);
    vl_buf_add_byte(out, '\n');
}

int header_mask(const struct vl_buf *text, const struct vl_contigs *contigs,
                const struct masked_line *line, struct vl_buf *out, struct vl_error *err)
{
    sam_hdr_t *parsed = header_parse(text, err);
    if (!parsed)
        return VL_ERR_DATA;
    kstring_t version = KS_INITIALIZE;
    bool has_version =
        sam_hdr_find_tag_hd(parsed, "VN", &version) == 0 && is_version(version.s);
    vl_buf_addf(out, "@HD\tVN:%s\tSO:coordinate\n", has_version ? version.s : "1.6");
    put_sequences(parsed, contigs, out);
    int rc = put_read_groups(parsed, out);
    vl_buf_addf(out, "@PG\tID:varlock\tPN:varlock\tVN:%s\n", VARLOCK_VERSION);
    put_masked_line(line, out);
    ks_free(&version);
    sam_hdr_destroy(parsed);
    return rc < 0 || out->failed ? vl_error_memory(err) : 0;
}

int header_read_groups_digest(const struct vl_buf *text, uint8_t sha256[VL_SHA256_BYTES])
{
    struct vl_digest *lines = vl_digest_new();
    const char *at = (const char *)text->data, *end = at ? at + text->len : at;
    if (!lines)
        return VL_ERR_MEMORY;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline ? newline : end) - at);
        if (n >= 3 && memcmp(at, "@RG", 3) == 0) {
            vl_digest_add(lines, at, n);
            vl_digest_add(lines, "\n", 1);
        }
        at += n + (newline != NULL);
    }
    int rc = vl_digest_finish(lines, sha256);
    vl_digest_free(lines);
    return rc < 0 ? VL_ERR_MEMORY : 0;
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text after `word` if it starts with that, else NULL. */
static const char *behind(const char *text, const char *word)
{
    size_t n = strlen(word);
    return text && strncmp(text, word, n) == 0 ? text + n : NULL;
}

static bool parse_masked_line(const char *at, struct masked_line *line)
{
    at = behind(at, LINE_START);
    line->mask_model = VL_MASK_SYNTH;
    const char *model = behind(at, "mask=synth ");
    if (!model) {
        line->mask_model = VL_MASK_PERMUTE;
        model = behind(at, "mask=permute ");
    }
    at = behind(model, "bdiff=");
    for (int i = 0; at && i < VL_BDIFF_ID_BYTES; i++) {
        int high = hex_value(at[2 * i]);
        int low = high < 0 ? -1 : hex_value(at[2 * i + 1]);
        if (low < 0)
            return false;
        line->bdiff_id[i] = (uint8_t)(high << 4 | low);
    }
    return at != NULL;
}

int header_masked_line(const char *text, struct masked_line *line)
{
    while (text && !behind(text, LINE_START)) {
        text = strchr(text, '\n');
        text += text != NULL;
    }
    if (!text)
        return 0;
    return parse_masked_line(text, line) ? 1 : VL_ERR_DATA;
}

const char *mask_model_name(uint8_t mask_model)
{
    return mask_model == VL_MASK_SYNTH ? "synth" : "permute";
}
