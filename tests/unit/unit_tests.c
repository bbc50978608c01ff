/* Runs the suite of every tests/unit/test_*.c; the Makefile lists them in unit_suites.h.
 */
#include <check.h>
#include <stdlib.h>

#include "varlock/varlock.h"

/* htslib 1.16 loses a block when it writes a CRAM with an index; it is not ours to free.
 */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:cram_encode_container";
}

#define SUITE(source) Suite *source##_suite(void);
#include "unit_suites.h"
#undef SUITE

static Suite *(*const suites[])(void) = {
#define SUITE(source) source##_suite,
#include "unit_suites.h"
#undef SUITE
};

int main(void)
{
    vl_silence_htslib();
    /* Check's own limit of four seconds a test is too tight on a busy machine. */
    setenv("CK_DEFAULT_TIMEOUT", "1200", 0);
    SRunner *runner = srunner_create(suites[0]());
    for (size_t i = 1; i < sizeof suites / sizeof suites[0]; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
