/*
 * Alignment records for tests: from a line of SAM text, or at random from a seed.  Also
 * their CIGAR laid out base by base, as an oracle that shares no code with the code under
 * test.
 */
#ifndef TESTS_RECORD_FIXTURE_H
#define TESTS_RECORD_FIXTURE_H

#include <check.h>
#include <htslib/sam.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint64_t rnd(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline uint32_t rnd_below(uint64_t *state, uint32_t n)
{
    return (uint32_t)((rnd(state) >> 32) * n >> 32);
}

/* A header with contigs c0 and c1 of 5,000,000 bases and c2 of 1,000. */
static inline sam_hdr_t *fixture_header(void)
{
    static const char TEXT[] = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:c0\tLN:5000000\n"
                               "@SQ\tSN:c1\tLN:5000000\n@SQ\tSN:c2\tLN:1000\n";
    static sam_hdr_t *header;
    hts_set_log_level(HTS_LOG_OFF);
    if (!header)
        header = sam_hdr_parse(sizeof TEXT - 1, TEXT);
    ck_assert_ptr_nonnull(header);
    return header;
}

/* Parses a line of SAM text.  Blanks may separate its fields, because they are easier to
 * read than tabs. */
static inline void fixture_parse(bam1_t *b, const char *sam)
{
    kstring_t line = {0, 0, NULL};
    kputs(sam, &line);
    for (size_t i = 0; i < line.l; i++)
        if (line.s[i] == ' ')
            line.s[i] = '\t';
    ck_assert_msg(sam_parse1(&line, fixture_header(), b) >= 0, "%s", sam);
    free(line.s);
}

static inline bam1_t *fixture_record(const char *sam)
{
    bam1_t *b = bam_init1();
    fixture_parse(b, sam);
    return b;
}

/* Returns a record with these bytes as its tags; the caller frees it. */
static inline bam1_t *fixture_tagged(const uint8_t *aux, size_t n)
{
    bam1_t *b = fixture_record("r 0 c0 101 60 4M * 0 0 ACGT *");
    size_t front = (size_t)b->l_data;
    b->data = realloc(b->data, front + n + 1);
    b->m_data = (uint32_t)(front + n);
    memcpy(b->data + front, aux, n);
    b->l_data = (int)(front + n);
    return b;
}

/* What CIGAR and SEQ say about a record, base by base. */
struct layout {
    int64_t rpos[2000];   /* of each base of SEQ; -1: the base is not aligned */
    bool hidden[2000];    /* clipped or inserted */
    int64_t deleted[500]; /* reference positions under D */
    int n_deleted;
    int64_t span;        /* reference bases */
    int64_t lead, trail; /* clipped bases (S and H) before and after */
};

static inline void lay_out(const bam1_t *b, struct layout *l)
{
    int64_t r = b->core.pos, q = 0;
    bool begun = false;
    memset(l, 0, sizeof *l);
    memset(l->rpos, 0xff, sizeof l->rpos);
    for (uint32_t i = 0; i < b->core.n_cigar; i++)
        for (uint32_t k = bam_get_cigar(b)[i] >> 4; k > 0; k--)
            switch ("MIDNSHP=X"[bam_get_cigar(b)[i] & 15]) {
            case 'M':
            case '=':
            case 'X':
                l->rpos[q++] = r++;
                begun = true;
                break;
            case 'I':
                l->hidden[q++] = true;
                begun = true;
                break;
            case 'S':
                l->hidden[q++] = true;
                *(begun ? &l->trail : &l->lead) += 1;
                break;
            case 'H':
                *(begun ? &l->trail : &l->lead) += 1;
                break;
            case 'D':
                l->deleted[l->n_deleted++] = r++;
                begun = true;
                break;
            case 'N':
                r++;
                begun = true;
                break;
            }
    l->span = r - b->core.pos;
}

static inline int fixture_nibble(const bam1_t *b, int64_t i)
{
    return bam_seqi(bam_get_seq(b), i);
}

static inline uint32_t rnd_cigar(uint64_t *s, const char *aligned_ops, uint32_t *cigar)
{
    uint32_t n = 0, n_runs = 1 + rnd_below(s, 5);
    if (rnd_below(s, 8) == 0)
        cigar[n++] = bam_cigar_gen(1 + rnd_below(s, 9), BAM_CHARD_CLIP);
    if (rnd_below(s, 3) == 0)
        cigar[n++] = bam_cigar_gen(1 + rnd_below(s, 12), BAM_CSOFT_CLIP);
    for (uint32_t i = 0; i < n_runs; i++) {
        static const int BETWEEN[] = {BAM_CINS, BAM_CDEL, BAM_CREF_SKIP, BAM_CPAD,
                                      BAM_CINS};
        const char *op = &aligned_ops[rnd_below(s, (uint32_t)strlen(aligned_ops))];
        for (uint32_t k = rnd_below(s, 4); i > 0 && k > 0 && k < 3; k--) {
            int gap = BETWEEN[rnd_below(s, 5)];
            cigar[n++] =
                bam_cigar_gen(1 + rnd_below(s, gap == BAM_CREF_SKIP ? 300 : 5), gap);
        }
        cigar[n++] = bam_cigar_gen(1 + rnd_below(s, 40),
                                   strchr(BAM_CIGAR_STR, *op) - BAM_CIGAR_STR);
    }
    if (rnd_below(s, 3) == 0)
        cigar[n++] = bam_cigar_gen(1 + rnd_below(s, 12), BAM_CSOFT_CLIP);
    if (rnd_below(s, 8) == 0)
        cigar[n++] = bam_cigar_gen(1 + rnd_below(s, 9), BAM_CHARD_CLIP);
    return n;
}

/* Makes an aligned record without tags on contig tid at pos.  Its bases are mostly A, C,
 * G, T, with some IUPAC codes and `=`. */
static inline void rnd_record(uint64_t *s, const char *aligned_ops, int32_t tid,
                              int64_t pos, bam1_t *b)
{
    uint32_t cigar[64], n_cigar = rnd_cigar(s, aligned_ops, cigar);
    char name[32], seq[512], qual[512];
    int64_t l_seq = bam_cigar2qlen((int)n_cigar, cigar);
    for (int64_t i = 0; i < l_seq; i++) {
        seq[i] =
            rnd_below(s, 12) ? "ACGT"[rnd_below(s, 4)] : seq_nt16_str[rnd_below(s, 16)];
        qual[i] = (char)rnd_below(s, 42);
    }
    int l_name = snprintf(name, sizeof name, "r%x", rnd_below(s, 1u << 31));
    ck_assert_int_ge(bam_set1(b, (size_t)l_name, name, (uint16_t)(rnd_below(s, 2) << 4),
                              tid, pos, (uint8_t)rnd_below(s, 61), n_cigar, cigar, -1, -1,
                              0, (size_t)l_seq, seq, qual, 200),
                     0);
}

#endif
