#include <check.h>
#include <string.h>

#include "projection/sequencing_lane.h"

Suite *sequencing_lane_suite(void);

static const struct {
    const char *name, *lane; /* NULL: none */
} NAMES[] = {
    {"A00321:58:HJ7FJDSXX:2:1101:1000:2000", "HJ7FJDSXX:2"},
    {"A00321:58:HJ7FJDSXX:12:1101:1000:2000:ACGT+TTGA", "HJ7FJDSXX:12"},
    {"M1:1:000000000-A1B2C:1:1101:1000:2000_ACGT", "000000000-A1B2C:1"},
    {"20FUKAAXX100202:6:27:4968:125377", "20FUKAAXX100202:6"},
    {"HWUSI-EAS1:7:1:-3:1#0/1", "HWUSI-EAS1:7"},
    {"A00321:58:HJ7FJDSXX:123:1101:1000:2000", NULL}, /* no lane has three digits */
    {"A00321:58:HJ7FJDSXX:x:1101:1000:2000", NULL},
    {"A00321:58:HJ7FJDSXX::1101:1000:2000", NULL},
    {"A00321:58::2:1101:1000:2000", NULL},
    {"A00321:58:HJ7FJDSXX:2:t:1000:2000", NULL},
    {"A00321:58:HJ7FJDSXX:2:1101:x:2000", NULL},
    {"A00321:58:HJ7FJDSXX:2:1101:1000:", NULL},
    {"A00321:58:HJ7FJDSXX:2:1101:1000", NULL}, /* six fields */
    {"20FUKAAXX100202:6:27:4968", NULL},
    {":6:27:4968:125377", NULL},
    {"V300023456L1C001R0010000001", NULL},
    {"SRR1234567.1", NULL},
    {"", NULL},
};

START_TEST(test_lane)
{
    const char *want = NAMES[_i].lane;
    struct sequencing_lane lane = sequencing_lane_of(NAMES[_i].name);
    ck_assert_uint_eq(lane.n, want ? strlen(want) : 0);
    if (!want)
        return;
    ck_assert_mem_eq(lane.text, want, lane.n);
    ck_assert_uint_eq(lane.n_flow_cell, strcspn(want, ":"));
}
END_TEST

Suite *sequencing_lane_suite(void)
{
    Suite *suite = suite_create("sequencing_lane");
    TCase *tcase = tcase_create("sequencing_lane");
    tcase_add_loop_test(tcase, test_lane, 0, sizeof NAMES / sizeof *NAMES);
    suite_add_tcase(suite, tcase);
    return suite;
}
