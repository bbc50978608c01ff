/* A few records, as masked and as they were, which fuzz_residual restores from streams
 * that it makes up, and fuzz_seeds from those that the encoder makes. */
#ifndef VARLOCK_TESTS_RESIDUAL_RECORDS_H
#define VARLOCK_TESTS_RESIDUAL_RECORDS_H

#include <htslib/sam.h>
#include <string.h>

#include "record/record.h"
#include "window/record_array.h"
#include "window/window_records.h"

/* SAM with blanks for tabs; the original is NULL for a record that stays masked. */
static const struct {
    const char *masked, *original;
} RESIDUAL_RECORDS[] = {
    {"a 99 c1 20 60 10M = 31 21 ACGTTACGTA IIIIIII#II MC:Z:10M RG:Z:rg1 NM:i:1 MD:Z:4C5",
     "a 97 c1 20 60 10M = 33 21 ACGTCACATA IIIIIII#II NM:i:1 MD:Z:7G2 MC:Z:2S8M AS:i:5 "
     "RG:Z:lane"},
    {"b 0 c1 22 0 10M * 0 0 GTTACGTATT FFFFFFFFFF RG:Z:rg1 NM:i:0 MD:Z:10",
     "b 0 c1 23 7 1S2M1D3M1I2M1S * 0 0 NTCCGTGANT 5!F#FFFFFF MD:Z:1A0^C5 XZ:Z:text "
     "XB:B:s,1,-2 OQ:Z:''''''''''"},
    {"c 16 c1 24 60 6M5N4M * 0 0 TACGTAGGCA FFFFFFFFFF", NULL},
    {"t 4 c1 25 0 * = 25 0 NNNN FFFF", "name 4 c1 24 3 * = 24 0 ACGT !!!! XX:A:y"},
    {"d 0 c1 26 60 5M * 0 0 * *", "d 0 c1 26 60 2M1D3M * 0 0 * * NM:i:1"},
    {"a 147 c1 31 60 10M = 20 -21 TTAGGCATAC IIIIIIIIII MC:Z:10M NM:i:0 MD:Z:10",
     "a 147 c1 33 60 2S8M = 20 -21 GGAGGCATAC IIIIIIIIII NM:i:0 MD:Z:8 MC:Z:10M AS:i:8"},
    {"u 4 * 0 0 * * 0 0 NNNNN IIIII", "u 4 * 0 0 * * 0 0 ACGTA IIIII RG:Z:lane"},
};
/* These are whole, behind as many masked ones. */
static const struct {
    uint32_t place;
    const char *original;
} WHOLE_RECORDS[] = {
    {1, "w 2048 c1 24 37 4H6M c2 5 9 CACGTA IIIIII NM:i:0 MD:Z:6 SA:Z:c1,20,+,10M,60,0;"},
    {7, "x 256 * 0 0 * * 0 0 * *"},
};
enum {
    N_RESIDUAL_RECORDS = sizeof RESIDUAL_RECORDS / sizeof *RESIDUAL_RECORDS,
    N_WHOLE_RECORDS = sizeof WHOLE_RECORDS / sizeof *WHOLE_RECORDS
};

/* Where their qualities are shown, if these are dealt.  One value of the last is cut off.
 */
static const uint32_t QUALITY_PLACES[] = {1, 0, 2, 6, 4, 5, 3};

static const char RESIDUAL_HEADER[] = "@SQ\tSN:c1\tLN:1000\n@SQ\tSN:c2\tLN:50\n";

/* 0, or -1 where the text is no record. */
static inline int residual_record_parse(const char *text, sam_hdr_t *header, bam1_t *b)
{
    kstring_t s = KS_INITIALIZE;
    for (const char *p = text; *p; p++)
        kputc(*p == ' ' ? '\t' : *p, &s);
    int rc = header && b ? sam_parse1(&s, header, b) : -1;
    ks_free(&s);
    if (rc >= 0)
        record_normalise(b);
    return rc < 0 ? -1 : 0;
}

/* Appends the masked forms to an empty window.  0, or -1. */
static inline int residual_records_masked(struct window_records *w, sam_hdr_t *header)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < N_RESIDUAL_RECORDS; i++)
        rc = residual_record_parse(RESIDUAL_RECORDS[i].masked, header,
                                   record_array_add(&w->masked));
    return rc;
}

#endif
