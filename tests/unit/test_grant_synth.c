/* What a slice shows where masked and original geometry differ. */
#include "grant/grant.h"
#include "record_fixture.h"
#include "window/record_array.h"
#include "window/window_records.h"

Suite *grant_synth_suite(void);

/* Mates are found by the names and places of the originals; the masked file may have
 * tokens in another order, and other places.  A template leaves that names another place,
 * or whose records do not say which end they are. */
#define A10 "AAAAAAAAAA"

START_TEST(test_mates_by_their_original_places)
{
    static const char *const SAM[4][2] = {
        {"b 99 c0 1101 60 10M = 1201 110 " A10 " *",
         "r 97 c0 1103 50 2S8M = 1204 107 CCGGGGGGGG *"},
        {"c 99 c0 1151 60 10M = 1251 110 " A10 " *",
         "q 97 c0 1153 50 2S8M = 1254 107 CCGGGGGGGG *"},
        {"b 147 c0 1201 60 10M = 1101 -110 " A10 " *",
         "r 145 c0 1204 50 3S7M = 1103 -107 CCCGGGGGGG * SA:Z:c1,5,+,10M,60,0;"},
        {"c 147 c0 1251 60 10M = 1151 -110 " A10 " *",
         "q 145 c0 1254 50 3S7M = 1153 -107 CCCGGGGGGG *"}};
    enum { WHOLE, HAS_SA, HAS_NO_ENDS, N_KINDS };
    for (int kind = 0; kind < N_KINDS; kind++) {
        struct window_records w = {.model = VL_MASK_SYNTH};
        struct vl_contigs contigs = VL_CONTIGS_INIT;
        struct vl_ranges ranges = VL_RANGES_INIT;
        vl_contigs_add(&contigs, "c0", 5000000, NULL);
        vl_contigs_add(&contigs, "c1", 5000000, NULL);
        vl_contigs_index(&contigs);
        ck_assert_int_eq(vl_ranges_parse(&ranges, &contigs, "c0:1001-2000", NULL), 0);
        vl_ranges_normalise(&ranges);
        for (int i = 0; i < 4; i++) {
            fixture_parse(record_array_add(&w.masked), SAM[i][0]);
            fixture_parse(record_array_add(&w.shown), SAM[i][1]);
            vl_buf_add_byte(&w.grade, VL_GRADE_FULL);
        }
        for (int i = 0; i < 4 && kind == HAS_NO_ENDS; i += 2)
            w.shown.v[i]->core.flag &= (uint16_t) ~(BAM_FREAD1 | BAM_FREAD2);
        if (kind != HAS_SA)
            ck_assert_int_eq(bam_aux_del(w.shown.v[2], bam_aux_get(w.shown.v[2], "SA")),
                             0);
        struct grant grant = {.ranges = &ranges, .contigs = &contigs};
        ck_assert_int_eq(grant_start(&grant, &w), 0);
        for (size_t i = 0; i < 4; i++)
            ck_assert_int_eq(grant_restores(&grant, i), kind == WHOLE || i % 2);
        grant_clear(&grant);
        window_records_clear(&w);
        vl_ranges_clear(&ranges);
        vl_contigs_clear(&contigs);
    }
}
END_TEST

Suite *grant_synth_suite(void)
{
    Suite *suite = suite_create("grant_synth");
    TCase *tcase = tcase_create("synth");
    tcase_add_test(tcase, test_mates_by_their_original_places);
    suite_add_tcase(suite, tcase);
    return suite;
}
