#include "record/modifications.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "record/nibbles.h"
#include "record/tags.h"
#include "varlock/little_endian.h"

/* Each kind walks over the bases anew; a hostile MM could name millions. */
enum { KINDS_MAX = 64 };

/* MM and ML as they are read, in the direction of the sequencer. */
struct reading {
    const bam1_t *b;
    const char *at;    /* in the text of MM */
    const uint8_t *ml; /* next probability; NULL: no ML */
    uint32_t n_ml;     /* probabilities left */
    int32_t from, to;  /* bases that are kept, counted as the sequencer read them */
    struct modifications *out;
};

/* The i-th base that the sequencer read.  SEQ of a reverse read is its complement. */
static int read_base(const bam1_t *b, int32_t i)
{
    static const uint8_t COMPLEMENT[16] = {0, 8, 4, 12, 2, 10, 6, 14,
                                           1, 9, 5, 13, 3, 11, 7, 15};
    const uint8_t *seq = bam_get_seq(b);
    return bam_is_rev(b) ? COMPLEMENT[seq_nibble(seq, b->core.l_qseq - 1 - i)]
                         : seq_nibble(seq, i);
}

/* Reads `C+m?` or `N-76792.` up to the first comma or semicolon.  *n_codes becomes the
 * number of probabilities for each base. */
static bool read_kind(struct reading *r, int *nibble, uint32_t *n_codes)
{
    const char *start = r->at;
    if (!*start || !strchr("ACGTUN", *start) || (start[1] != '+' && start[1] != '-'))
        return false;
    *nibble = seq_nt16_table[(uint8_t)*start];
    r->at = start + 2;
    size_t n = strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    *n_codes = n > 0 ? (uint32_t)n : 1;
    if (n == 0)
        n = strspn(r->at, "0123456789");
    r->at += n;
    r->at += *r->at == '?' || *r->at == '.';
    vl_buf_add(&r->out->mm, start, (size_t)(r->at - start));
    return n > 0;
}

static bool read_skip(struct reading *r, uint64_t *skip)
{
    char *end;
    if (*r->at != ',' || !isdigit((unsigned char)r->at[1]))
        return false;
    *skip = strtoull(r->at + 1, &end, 10);
    r->at = end;
    return true;
}

static bool take_probabilities(struct reading *r, uint32_t n, bool keep)
{
    if (!r->ml)
        return true;
    if (n > r->n_ml)
        return false;
    if (keep)
        vl_buf_add(&r->out->ml, r->ml, n);
    r->ml += n;
    r->n_ml -= n;
    return true;
}

/* Reads one kind of modification up to its semicolon. */
static bool cut_kind(struct reading *r)
{
    int nibble;
    uint32_t n_codes;
    uint64_t skip, kept_skip = 0;
    if (!read_kind(r, &nibble, &n_codes))
        return false;
    for (int32_t i = 0; *r->at == ','; i++) {
        if (!read_skip(r, &skip))
            return false;
        for (;; i++) {
            bool inside = i >= r->from && i < r->to;
            if (i >= r->b->core.l_qseq)
                return false;
            if (nibble != NIBBLE_N && read_base(r->b, i) != nibble)
                continue;
            if (skip == 0)
                break;
            skip--;
            kept_skip += inside;
        }
        bool inside = i >= r->from && i < r->to;
        if (inside) {
            vl_buf_addf(&r->out->mm, ",%llu", (unsigned long long)kept_skip);
            kept_skip = 0;
        }
        if (!take_probabilities(r, n_codes, inside))
            return false;
    }
    vl_buf_add_byte(&r->out->mm, ';');
    return *r->at++ == ';';
}

/* Finds ML.  False if it is there in another form than B:C. */
static bool find_ml(struct reading *r)
{
    struct tag tag;
    if (!tag_find(r->b, "ML", &tag))
        return true;
    if (tag.type != 'B' || tag.value[0] != 'C')
        return false;
    r->n_ml = (uint32_t)vl_load_le(tag.value + 1, 4);
    r->ml = tag.value + 5;
    return true;
}

bool modifications_cut(const bam1_t *b, int32_t from, int32_t to,
                       struct modifications *out)
{
    struct tag mn;
    int32_t n = b->core.l_qseq;
    bool reverse = bam_is_rev(b);
    struct reading r = {.b = b,
                        .at = tag_find_text(b, "MM"),
                        .from = reverse ? n - to : from,
                        .to = reverse ? n - from : to,
                        .out = out};
    vl_buf_reset(&out->mm);
    vl_buf_reset(&out->ml);
    if (!r.at || !find_ml(&r) ||
        (tag_find(b, "MN", &mn) && (!tag_is_integer(mn.type) || tag_integer(&mn) != n)))
        return false;
    out->has_ml = r.ml;
    for (int n_kinds = 0; *r.at; n_kinds++)
        if (n_kinds == KINDS_MAX || !cut_kind(&r))
            return false;
    vl_buf_add_byte(&out->mm, 0);
    return r.n_ml == 0;
}

void modifications_clear(struct modifications *m)
{
    vl_buf_clear(&m->mm);
    vl_buf_clear(&m->ml);
}
