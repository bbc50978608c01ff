#include "residual/residual_check.h"

#include "record/record.h"
#include "residual/prediction.h"
#include "residual/residual_join.h"
#include "window/sites.h"

static int check_one(struct residual_join *join, enum residual_kind kind,
                     const bam1_t *masked, const bam1_t *shown, int grade,
                     uint32_t ordinal, bam1_t *joined, struct vl_error *err)
{
    uint8_t found = VL_GRADE_NONE;
    uint32_t place = 0;
    int rc = residual_join_next(join, kind, masked, joined, shown, &found, &place, err);
    if (rc == 0 && found == grade && place == ordinal &&
        (grade == VL_GRADE_NONE || record_equal(joined, shown)))
        return 0;
    return vl_error_set(err, VL_ERR_DATA,
                        "record %s at position %lld could not be restored from its "
                        "residual: refusing to mask it (please report this)",
                        bam_get_qname(shown), (long long)shown->core.pos + 1);
}

int residual_check(const struct window_records *w, const struct vl_bdiff_window *streams,
                   const struct vl_names *read_groups, struct prediction *prediction,
                   struct vl_error *err)
{
    const uint32_t *ordinal = (const void *)w->ordinal.data;
    struct residual_join join;
    struct site_list sites = {0};
    struct gap_list gaps = {0};
    size_t whole = 0;
    uint32_t place = 0;
    bam1_t *joined = bam_init1();
    int more = 0, rc = residual_join_open(&join, w, &sites, &gaps, streams, read_groups,
                                          prediction, err);
    if (rc == 0 && !joined)
        rc = vl_error_memory(err);
    for (size_t i = 0; rc == 0 && i <= w->masked.n; i++) {
        while (rc == 0 &&
               (more || (more = residual_join_place(&join, &place, err)) > 0) &&
               place == i && whole < w->whole.n) {
            rc = check_one(&join, RESIDUAL_WHOLE, NULL, w->whole.v[whole], VL_GRADE_FULL,
                           w->whole_place[whole].ordinal, joined, err);
            more = 0;
            whole++;
        }
        if (rc == 0 && i < w->masked.n)
            rc = check_one(&join, RESIDUAL_MASKED, w->masked.v[i], w->shown.v[i],
                           w->grade.data[i], w->has_order ? ordinal[i] : 0, joined, err);
    }
    for (size_t i = 0; rc == 0 && i < w->loose.n; i++)
        rc = check_one(&join, RESIDUAL_LOOSE, NULL, w->loose.v[i], VL_GRADE_LOOSE, 0,
                       joined, err);
    if (rc == 0)
        rc = residual_join_end(&join, err);
    residual_join_clear(&join);
    site_list_clear(&sites);
    gap_list_clear(&gaps);
    if (joined)
        bam_destroy1(joined);
    return rc;
}
