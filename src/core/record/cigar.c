#include "record/cigar.h"

#include <ctype.h>
#include <string.h>

#include <htslib/sam.h>

enum { LENGTH_MAX = (1 << 28) - 1 }; /* BAM packs a length into 28 bits */

static const char OPERATORS[] = "MIDNSHP=X";

/* sam_parse_cigar does not fit: it accepts no text behind the CIGAR, and it prints
 * errors. */
bool cigar_parse(const char *text, struct vl_buf *ops, const char **end)
{
    const char *at = text;
    while (isdigit((unsigned char)*at)) {
        uint32_t len = 0;
        for (; isdigit((unsigned char)*at); at++)
            if ((len = len * 10 + (uint32_t)(*at - '0')) > LENGTH_MAX)
                return false;
        const char *op = *at ? strchr(OPERATORS, *at) : NULL;
        if (!op)
            return false;
        uint32_t packed = bam_cigar_gen(len, (uint32_t)(op - OPERATORS));
        vl_buf_add(ops, &packed, sizeof packed);
        at++;
    }
    *end = at;
    return at > text && !ops->failed;
}

void cigar_format(const uint32_t *cigar, uint32_t n_cigar, struct vl_buf *text)
{
    for (uint32_t i = 0; i < n_cigar; i++) {
        vl_buf_add_number(text, bam_cigar_oplen(cigar[i]));
        vl_buf_add_byte(text, (uint8_t)bam_cigar_opchr(cigar[i]));
    }
}

uint32_t cigar_fold(const uint32_t *cigar, uint32_t n_cigar, uint32_t *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_cigar; i++) {
        uint32_t op = bam_cigar_op(cigar[i]), len = bam_cigar_oplen(cigar[i]);
        if (bam_cigar_type(op) == 3)
            op = BAM_CMATCH;
        if (len == 0)
            continue;
        if (n > 0 && bam_cigar_op(out[n - 1]) == op &&
            bam_cigar_oplen(out[n - 1]) + len <= LENGTH_MAX)
            out[n - 1] = bam_cigar_gen(bam_cigar_oplen(out[n - 1]) + len, op);
        else
            out[n++] = bam_cigar_gen(len, op);
    }
    return n;
}

void cigar_unclipped(const uint32_t *cigar, uint32_t n_cigar, int64_t pos, int64_t *beg,
                     int64_t *end)
{
    int64_t lead = 0, trail = 0, span = 0;
    bool aligned = false;
    for (uint32_t i = 0; i < n_cigar; i++) {
        int op = bam_cigar_op(cigar[i]);
        int64_t len = bam_cigar_oplen(cigar[i]);
        if (bam_cigar_type(op) & 2)
            span += len;
        if (op == BAM_CSOFT_CLIP || op == BAM_CHARD_CLIP)
            *(aligned ? &trail : &lead) += len;
        else if (bam_cigar_type(op) != 0)
            aligned = true;
    }
    *beg = pos - lead;
    *end = pos + (span > 0 ? span : 1) + trail;
}
