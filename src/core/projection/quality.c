#include "projection/quality.h"

#include <string.h>

#include "record/tags.h"

enum { OFFSET = 33 };

static const char *const NAMES[] = {"keep", "shuffle", "oq", "bin4", "flat"};

bool quality_mode_parse(const char *text, enum quality_mode *mode)
{
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(text, NAMES[i]) == 0) {
            *mode = (enum quality_mode)i;
            return true;
        }
    return false;
}

bool quality_has_oq(const bam1_t *b)
{
    const char *oq = tag_find_text(b, "OQ");
    if (!oq || strlen(oq) != (size_t)b->core.l_qseq)
        return false;
    for (int32_t i = 0; i < b->core.l_qseq; i++)
        if (oq[i] < OFFSET || oq[i] > OFFSET + QUALITY_MAX)
            return false;
    return true;
}

static bool are_valid(const uint8_t *qual, size_t n)
{
    uint8_t highest = 0;
    for (size_t i = 0; i < n; i++)
        highest = qual[i] > highest ? qual[i] : highest;
    return highest <= QUALITY_MAX;
}

/* The four values of Illumina's two-colour instruments. */
static uint8_t bin(uint8_t q)
{
    return q < 3 ? 2 : q < 18 ? 12 : q < 30 ? 23 : 37;
}

void quality_mask(const bam1_t *b, enum quality_mode mode, uint8_t *out)
{
    const uint8_t *qual = bam_get_qual(b);
    size_t n = (size_t)b->core.l_qseq;
    if (n == 0)
        return;
    if (mode == QUALITY_KEEP) {
        memcpy(out, qual, n);
    } else if (mode == QUALITY_SHUFFLE && are_valid(qual, n)) {
        memcpy(out, qual, n);
    } else if (mode == QUALITY_SHUFFLE || qual[0] == QUALITY_MISSING) {
        memset(out, QUALITY_MISSING, n);
    } else if (mode == QUALITY_FLAT) {
        memset(out, QUALITY_FLAT_VALUE, n);
    } else if (mode == QUALITY_BIN4) {
        for (size_t i = 0; i < n; i++)
            out[i] = bin(qual[i]);
    } else if (quality_has_oq(b)) {
        const char *oq = tag_find_text(b, "OQ");
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(oq[i] - OFFSET);
    } else {
        memset(out, QUALITY_MISSING, n);
    }
}
