#include "fuzz.h"
#include "run/bed_file.h"
#include "scratch_file.h"
#include "varlock/region.h"

/* Input: u8 0 and a region, or u8 1 and a BED file; contigs are c1, c2 and the odd
 * c1:5-6. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct vl_ranges ranges = VL_RANGES_INIT;
    struct vl_buf text = VL_BUF_INIT;
    struct vl_error err;
    if (n == 0 || vl_contigs_add(&contigs, "c1", 1000, NULL) < 0 ||
        vl_contigs_add(&contigs, "c2", 0, NULL) < 0 ||
        vl_contigs_add(&contigs, "c1:5-6", 50, NULL) < 0 ||
        vl_contigs_index(&contigs) < 0)
        return 0;
    vl_buf_add(&text, bytes + 1, n - 1);
    vl_buf_add_byte(&text, 0);
    int rc = bytes[0] == 0
                 ? vl_ranges_parse(&ranges, &contigs, (const char *)text.data, &err)
                 : bed_file_read(&ranges, &contigs, scratch_file(bytes + 1, n - 1), &err);
    vl_buf_reset(&text);
    if (rc == 0) {
        vl_ranges_normalise(&ranges);
        vl_ranges_format(&ranges, &contigs, 3, &text);
    }
    vl_ranges_clear(&ranges);
    vl_contigs_clear(&contigs);
    vl_buf_clear(&text);
    return 0;
}
