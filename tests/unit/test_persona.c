#include <stdio.h>
#include <unistd.h>

#include "container/vac_file.h"
#include "mask/persona.h"
#include "record_fixture.h"

Suite *persona_suite(void);

enum { N_CONTIGS = 4, LENGTH = 60000, SITES_MAX = 30000, N_SAMPLES = 2 };

static char directory[] = "/tmp/varlock-persona-XXXXXX";
static char letters[N_CONTIGS]
                   [LENGTH + 1]; /* of the FASTA: lower case, N and IUPAC too */
static const char *const NAMES[N_CONTIGS] = {"chr1", "chrM", "tiny", "empty"};
static const int64_t LENGTHS[N_CONTIGS] = {LENGTH, 5000, 1, 0};
static struct vl_site sites[N_CONTIGS][SITES_MAX];
static size_t n_sites[N_CONTIGS];
static const int32_t VAC_CONTIG[N_CONTIGS] = {1, 0, 2, -1};
static const uint8_t KEY[VL_MASK_KEY_BYTES] = "a key of 32 bytes for the tests";
static struct vl_contigs contigs;
static struct vl_names samples;
static struct vl_ranges haploid;
static struct vl_vac_reader *vac;
static struct vl_error err;

static const char *in_directory(const char *name)
{
    static char path[2][256];
    static int next;
    next = 1 - next;
    snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
    return path[next];
}

static void write_fasta(void)
{
    FILE *f = fopen(in_directory("ref.fa"), "w");
    ck_assert_ptr_nonnull(f);
    for (int c = 0; c < 3; c++) {
        fprintf(f, ">%s and a comment\n", NAMES[c]);
        for (int64_t at = 0; at < LENGTHS[c]; at += 61)
            fprintf(f, "%.61s\n", letters[c] + at);
    }
    ck_assert_int_eq(fclose(f), 0);
}

static void write_vac(void)
{
    static const int ORDER[3] = {1, 0, 2};
    struct vl_vac_block blocks[16] = {0};
    struct vl_vac_meta meta = {.blocks = blocks};
    struct vl_buf file = VL_BUF_INIT;
    vl_vac_head_encode(&file);
    for (uint32_t k = 0; k < 3; k++) {
        int c = ORDER[k];
        vl_contigs_add(&meta.contigs, NAMES[c], LENGTHS[c], NULL);
        for (size_t at = 0; at < n_sites[c]; at += VL_VAC_BLOCK_SITES) {
            size_t n = n_sites[c] - at < VL_VAC_BLOCK_SITES ? n_sites[c] - at
                                                            : VL_VAC_BLOCK_SITES;
            struct vl_vac_block *block = &blocks[meta.n_blocks++];
            *block = (struct vl_vac_block){.contig = k,
                                           .n_sites = (uint32_t)n,
                                           .first_pos0 = sites[c][at].pos0,
                                           .last_pos0 = sites[c][at + n - 1].pos0,
                                           .offset = file.len};
            ck_assert_int_eq(vl_vac_block_encode(sites[c] + at, n, &file, NULL), 0);
            block->size_bytes = (uint32_t)(file.len - block->offset);
            meta.n_sites += n;
        }
    }
    ck_assert_int_eq(vl_vac_meta_encode(&meta, file.len, &file, NULL), 0);
    FILE *f = fopen(in_directory("pop.vac"), "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(file.data, 1, file.len, f), file.len);
    ck_assert_int_eq(fclose(f), 0);
    vl_contigs_clear(&meta.contigs);
    vl_buf_clear(&file);
    vl_vac_free(vac);
    vac = NULL;
    ck_assert_msg(vl_vac_open(&vac, in_directory("pop.vac"), &err) == 0, "%s",
                  err.message);
}

static int base_at(int c, int64_t pos)
{
    const char *base = strchr("AaCcGgTt", letters[c][pos]);
    return base ? (int)(base - "AaCcGgTt") / 2 : -1;
}

static void make_sites(uint64_t *s, int c, uint32_t step)
{
    n_sites[c] = 0;
    for (int64_t pos = rnd_below(s, step); pos < LENGTHS[c];
         pos += 1 + rnd_below(s, step)) {
        struct vl_site *site = &sites[c][n_sites[c]++];
        int base = base_at(c, pos);
        *site = (struct vl_site){.pos0 = pos, .ref = (uint8_t)(base < 0 ? 0 : base)};
        for (int i = 0; i < 4 && rnd_below(s, 10); i++)
            site->count[i] = rnd_below(s, 3) ? rnd_below(s, 2000) : 0;
    }
}

static void setup(void)
{
    uint64_t s = 5;
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    for (int c = 0; c < 3; c++) {
        for (int64_t i = 0; i < LENGTHS[c]; i++)
            letters[c][i] = rnd_below(&s, 50) ? "ACGTacgt"[rnd_below(&s, 8)]
                                              : "NnRYmkSW="[rnd_below(&s, 9)];
        letters[c][LENGTHS[c]] = '\0';
        make_sites(&s, c, c ? 9 : 4);
    }
    letters[2][0] = 'G';
    sites[2][0] = (struct vl_site){.pos0 = 0, .ref = 2, .count = {0, 0, 0, 9}};
    n_sites[2] = 1;
    write_fasta();
    write_vac();
    for (int c = 0; c < N_CONTIGS; c++)
        vl_contigs_add(&contigs, NAMES[c], LENGTHS[c], NULL);
    ck_assert_int_ge(vl_names_add(&samples, "NA12878"), 0);
    ck_assert_int_ge(vl_names_add(&samples, "a"), 0);
    samples.v[1][0] = '\0'; /* records without SM */
    ck_assert_int_eq(vl_ranges_add(&haploid, &contigs, 0, 30000, 40000), 0);
    ck_assert_int_eq(vl_ranges_add(&haploid, &contigs, 1, 0, 5000), 0);
    vl_ranges_normalise(&haploid);
}

static void teardown(void)
{
    unlink(in_directory("ref.fa"));
    unlink(in_directory("ref.fa.fai"));
    unlink(in_directory("pop.vac"));
    ck_assert_int_eq(rmdir(directory), 0);
    vl_vac_free(vac);
    vac = NULL;
    vl_contigs_clear(&contigs);
    vl_names_clear(&samples);
    vl_ranges_clear(&haploid);
}

static int open_persona(struct persona **persona)
{
    static char reference[256];
    strcpy(reference, in_directory("ref.fa"));
    const struct persona_options options = {.reference = reference,
                                            .vac = vac,
                                            .vac_contig = VAC_CONTIG,
                                            .contigs = &contigs,
                                            .samples = &samples,
                                            .haploid = &haploid};
    err = (struct vl_error){0};
    return persona_open(persona, &options, KEY, &err);
}

/* Borrows a contig with all of both samples. */
static int borrow_whole(struct persona *persona, int contig, struct persona_contig **p)
{
    int rc = persona_borrow(persona, contig, p, &err);
    for (int32_t sample = 0; rc == 0 && sample < N_SAMPLES; sample++)
        rc = persona_draw(persona, *p, sample, 0, LENGTHS[contig], &err);
    return rc;
}

static size_t count_alts(const struct persona_contig *p, size_t haplotype)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_stretches; i++)
        n += p->alts[haplotype * p->n_stretches + i].n;
    return n;
}

/* The allele by draw.h and the cumulated counts; the reference's where it has none. */
static int allele(struct vl_draw *draw, int c, const struct vl_site *site,
                  uint8_t haplotype)
{
    bool one = (c == 0 && site->pos0 >= 30000 && site->pos0 < 40000) || c == 1;
    uint64_t u, total = 0, sum = 0;
    int base = base_at(c, site->pos0);
    ck_assert_int_eq(
        vl_draw_haplotype(draw, one ? 0 : haplotype, &site->pos0, 1, &u, NULL), 0);
    for (int i = 0; i < 4; i++)
        total += site->count[i];
    uint64_t at = (uint64_t)((unsigned __int128)u * total >> 64);
    for (int i = 0; base >= 0 && total > 0 && i < 4; i++) {
        sum += site->count[i];
        if (at < sum)
            return i;
    }
    return base;
}

static void expect_contig(const struct persona_contig *p, int c)
{
    ck_assert_int_eq(p->contig, c);
    ck_assert_int_eq(p->length, LENGTHS[c]);
    ck_assert_uint_eq(p->n_haplotypes, 2 * N_SAMPLES);
    for (int64_t i = 0; i < LENGTHS[c]; i++) {
        char letter = letters[c][i];
        ck_assert_int_eq(seq_nt16_str[bam_seqi(p->seq, i)],
                         letter == '=' ? 'N' : letter & ~0x20);
    }
    for (size_t list = 0; list < 2 * N_SAMPLES; list++) {
        struct vl_draw *draw = NULL;
        size_t total = 0;
        const struct alt_list *alts = NULL;
        ck_assert_int_eq(vl_draw_open_sample(&draw, KEY, samples.v[list / 2], NULL), 0);
        ck_assert_int_eq(vl_draw_set_contig(draw, NAMES[c], NULL), 0);
        for (size_t i = 0; i < n_sites[c]; i++) {
            int want = allele(draw, c, &sites[c][i], list % 2);
            int64_t pos0 = sites[c][i].pos0;
            if (want == base_at(c, pos0))
                continue;
            alts = persona_alts(p, list, pos0);
            const struct alt *alt = alt_list_seek(alts, pos0);
            ck_assert_ptr_ne(alt, alts->v + alts->n);
            ck_assert_int_eq(alt->pos0, pos0);
            ck_assert_uint_eq(alt->nibble, 1 << want);
            total++;
        }
        ck_assert_uint_eq(count_alts(p, list), total);
        vl_draw_free(draw);
    }
}

START_TEST(test_alleles)
{
    struct persona *persona;
    struct persona_contig *p;
    ck_assert_msg(open_persona(&persona) == 0, "%s", err.message);
    for (int c = 0; c < 3; c++) {
        ck_assert_msg(borrow_whole(persona, c, &p) == 0, "%s", err.message);
        expect_contig(p, c);
        if (c == 0) {
            ck_assert_uint_gt(count_alts(p, 0), 5000);
            ck_assert_uint_ne(count_alts(p, 0), count_alts(p, 1));
            ck_assert_uint_ne(count_alts(p, 0), count_alts(p, 2));
        }
        persona_return(persona, p);
    }
    ck_assert_uint_eq(persona_n_mismatches(persona), 0);
    persona_free(persona);
    persona_free(NULL);
}
END_TEST

/* Haplotype 1 of a haploid stretch is haplotype 0. */
START_TEST(test_haploid)
{
    struct persona *persona;
    struct persona_contig *p;
    ck_assert_int_eq(open_persona(&persona), 0);
    ck_assert_int_eq(borrow_whole(persona, 1, &p), 0);
    ck_assert_uint_gt(count_alts(p, 0), 100);
    for (size_t i = 0; i < p->n_stretches; i++) {
        const struct alt_list *a = &p->alts[i], *b = &p->alts[p->n_stretches + i];
        ck_assert_uint_eq(a->n, b->n);
        for (size_t k = 0; k < a->n; k++) {
            ck_assert_int_eq(a->v[k].pos0, b->v[k].pos0);
            ck_assert_uint_eq(a->v[k].nibble, b->v[k].nibble);
        }
    }
    persona_return(persona, p);
    persona_free(persona);
}
END_TEST

START_TEST(test_seek)
{
    struct persona *persona;
    struct persona_contig *p;
    ck_assert_int_eq(open_persona(&persona), 0);
    ck_assert_int_eq(borrow_whole(persona, 0, &p), 0);
    for (size_t i = 0; i < 4 * p->n_stretches; i++) {
        const struct alt_list *list = &p->alts[i];
        int64_t beg = (int64_t)(i % p->n_stretches) << p->shift;
        size_t at = 0;
        for (int64_t pos = beg; pos <= beg + (1 << p->shift); pos++) {
            while (at < list->n && list->v[at].pos0 < pos)
                at++;
            ck_assert_ptr_eq(alt_list_seek(list, pos), list->v + at);
        }
    }
    persona_return(persona, p);
    persona_free(persona);
}
END_TEST

/* What no record needs is not drawn.  What is needed later is drawn alike, also on a
 * contig that is not the last one borrowed, and moves nothing. */
START_TEST(test_draws_when_needed)
{
    struct persona *persona;
    struct persona_contig *p, *other;
    ck_assert_int_eq(open_persona(&persona), 0);
    ck_assert_int_eq(persona_borrow(persona, 0, &p, &err), 0);
    ck_assert_uint_gt(p->n_stretches, 4);
    int64_t step = (int64_t)1 << p->shift;
    ck_assert_int_eq(persona_draw(persona, p, 1, 2 * step - 1, 2 * step + 1, &err), 0);
    for (size_t k = 0; k < 2 * N_SAMPLES; k++)
        for (size_t i = 0; i < p->n_stretches; i++) {
            const struct alt_list *list = &p->alts[k * p->n_stretches + i];
            ck_assert(list->is_drawn == (k >= 2 && (i == 1 || i == 2)));
            ck_assert(list->is_drawn == (list->n > 0));
        }
    ck_assert_int_eq(persona_borrow(persona, 1, &other, &err), 0);
    const struct alt *kept = persona_alts(p, 2, step)->v;
    ck_assert_int_eq(persona_draw(persona, other, 1, 0, LENGTHS[1], &err), 0);
    ck_assert_int_eq(persona_draw(persona, p, 0, 0, LENGTHS[0], &err), 0);
    ck_assert_int_eq(persona_draw(persona, p, 1, 0, LENGTHS[0], &err), 0);
    ck_assert_int_eq(persona_draw(persona, other, 0, 0, LENGTHS[1], &err), 0);
    ck_assert_ptr_eq(persona_alts(p, 2, step)->v, kept);
    expect_contig(p, 0);
    expect_contig(other, 1);
    ck_assert_uint_eq(persona_n_mismatches(persona), 0);
    persona_return(persona, other);
    persona_return(persona, p);
    persona_free(persona);
}
END_TEST

/* Borrowed contigs stay while others load. */
START_TEST(test_several_at_once)
{
    struct persona *persona;
    struct persona_contig *p[6];
    static const int WHICH[6] = {0, 1, 0, 0, 2, 1};
    ck_assert_int_eq(open_persona(&persona), 0);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(borrow_whole(persona, WHICH[i], &p[i]), 0);
    ck_assert_ptr_eq(p[2], p[3]);
    for (int i = 0; i < 6; i++)
        expect_contig(p[i], WHICH[i]);
    for (int i = 5; i >= 0; i--)
        persona_return(persona, p[i]);
    persona_free(persona);
}
END_TEST

START_TEST(test_other_lengths_are_refused)
{
    struct persona *persona;
    contigs.v[1].length++;
    ck_assert_int_eq(open_persona(&persona), VL_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "contig chrM has 5000 bases, not 5001"));
    persona_free(persona);
    contigs.v[1].length--;
    contigs.names.v[1][0] = 'C';
    ck_assert_int_eq(open_persona(&persona), VL_ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "has no contig ChrM"));
    persona_free(persona);
    contigs.names.v[1][0] = 'c';
    ck_assert_int_eq(unlink(in_directory("ref.fa")), 0);
    unlink(in_directory("ref.fa.fai"));
    ck_assert_int_eq(open_persona(&persona), VL_ERR_IO);
    persona_free(persona);
}
END_TEST

/* M5 is over the letters in upper case: that of "G". */
START_TEST(test_m5)
{
    static const char *const M5[] = {"dfcf28d0734569a6a693bc8194de62bf",
                                     "DFCF28D0734569A6A693BC8194DE62BF",
                                     "dfcf28d0734569a6a693bc8194de62be"};
    for (int i = 0; i < 6; i++) {
        struct persona *persona;
        struct persona_contig *p;
        letters[2][0] = "Gg"[i % 2];
        write_fasta();
        unlink(in_directory("ref.fa.fai"));
        strcpy(contigs.v[2].m5, M5[i / 2]);
        ck_assert_int_eq(open_persona(&persona), 0);
        int rc = borrow_whole(persona, 2, &p);
        ck_assert_int_eq(rc, i < 4 ? 0 : VL_ERR_DATA);
        if (rc == 0)
            persona_return(persona, p);
        else
            ck_assert_ptr_nonnull(strstr(err.message, "contig tiny has another M5"));
        persona_free(persona);
    }
}
END_TEST

/* One site in a hundred may have another reference base in the VAC; sites on N and IUPAC
 * have none. */
START_TEST(test_other_reference_bases)
{
    n_sites[0] -= n_sites[0] % 100;
    size_t allowed = n_sites[0] / 100;
    for (size_t extra = 0; extra < 2; extra++) {
        struct persona *persona;
        struct persona_contig *p = NULL;
        size_t n = 0;
        for (size_t i = 0; i < n_sites[0] && n < allowed + extra; i++)
            if (base_at(0, sites[0][i].pos0) >= 0) {
                sites[0][i].ref = (uint8_t)(base_at(0, sites[0][i].pos0) ^ 1);
                n++;
            }
        ck_assert_uint_eq(n, allowed + extra);
        write_vac();
        ck_assert_int_eq(open_persona(&persona), 0);
        int rc = borrow_whole(persona, 0, &p);
        ck_assert_int_eq(rc, extra ? VL_ERR_DATA : 0);
        ck_assert_uint_eq(persona_n_mismatches(persona), n);
        if (rc == 0) {
            expect_contig(p, 0);
            persona_return(persona, p);
        } else {
            ck_assert_ptr_nonnull(strstr(err.message, "of contig chr1 ("));
            ck_assert_ptr_nonnull(strstr(err.message, ", ...): another assembly"));
        }
        persona_free(persona);
    }
}
END_TEST

Suite *persona_suite(void)
{
    Suite *suite = suite_create("persona");
    TCase *tcase = tcase_create("persona");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_alleles);
    tcase_add_test(tcase, test_haploid);
    tcase_add_test(tcase, test_seek);
    tcase_add_test(tcase, test_draws_when_needed);
    tcase_add_test(tcase, test_several_at_once);
    tcase_add_test(tcase, test_other_lengths_are_refused);
    tcase_add_test(tcase, test_m5);
    tcase_add_test(tcase, test_other_reference_bases);
    suite_add_tcase(suite, tcase);
    return suite;
}
