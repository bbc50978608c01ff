#include "run/request.h"

#include <string.h>

#include "run/bed_file.h"
#include "varlock/output_paths.h"

enum { SHOWN_IN_MESSAGE = 12 };

bool request_is_empty(const struct vl_request *request)
{
    return request->regions.n == 0 && request->beds.n == 0 && !request->unplaced;
}

int request_parse(const struct vl_request *request, const struct vl_contigs *contigs,
                  struct vl_ranges *ranges, struct vl_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < request->regions.n; i++)
        rc = vl_ranges_parse(ranges, contigs, request->regions.v[i], err);
    for (size_t i = 0; rc == 0 && i < request->beds.n; i++)
        rc = bed_file_read(ranges, contigs, request->beds.v[i], err);
    ranges->unplaced |= request->unplaced;
    vl_ranges_normalise(ranges);
    return rc;
}

int request_check_inputs(const struct vl_request *request, const char *input,
                         const char *const *outputs, size_t n_outputs,
                         struct vl_error *err)
{
    bool taken = strcmp(input, "-") == 0;
    for (size_t i = 0; i < request->beds.n; i++) {
        bool is_stdin = strcmp(request->beds.v[i], "-") == 0;
        if (is_stdin && taken)
            return vl_error_set(err, VL_ERR_USAGE, "two inputs come from standard input");
        taken |= is_stdin;
    }
    return vl_file_check_outputs(outputs, n_outputs, request->beds.v, request->beds.n,
                                 err);
}

static int refuse(const struct vl_bdiff_header *header, const char *path,
                  const struct vl_range *outside, struct vl_error *err)
{
    struct vl_ranges one = VL_RANGES_INIT;
    struct vl_buf asked = VL_BUF_INIT, granted = VL_BUF_INIT;
    one.unplaced = outside->contig < 0;
    bool added = one.unplaced || vl_ranges_add(&one, &header->contigs, outside->contig,
                                               outside->beg, outside->end) == 0;
    vl_ranges_format(&one, &header->contigs, 0, &asked);
    vl_ranges_format(&header->granted, &header->contigs, SHOWN_IN_MESSAGE, &granted);
    vl_buf_add_byte(&asked, 0);
    vl_buf_add_byte(&granted, 0);
    int rc = !added || asked.failed || granted.failed
                 ? vl_error_memory(err)
                 : vl_error_set(err, VL_ERR_GRANT, "%s: does not grant %s; it grants: %s",
                                path, (char *)asked.data, (char *)granted.data);
    vl_ranges_clear(&one);
    vl_buf_clear(&asked);
    vl_buf_clear(&granted);
    return rc;
}

int request_resolve(const struct vl_request *request,
                    const struct vl_bdiff_header *header, const char *bdiff_path,
                    struct vl_ranges *ranges, struct vl_error *err)
{
    const struct vl_ranges *granted = &header->granted;
    struct vl_range outside;
    int rc = 0;
    if (request_is_empty(request)) {
        for (size_t i = 0; rc == 0 && i < granted->n; i++)
            rc = vl_ranges_add(ranges, &header->contigs, granted->v[i].contig,
                               granted->v[i].beg, granted->v[i].end);
        ranges->unplaced = granted->unplaced;
        vl_ranges_normalise(ranges);
        return rc < 0 ? vl_error_memory(err) : 0;
    }
    rc = request_parse(request, &header->contigs, ranges, err);
    if (rc == 0 && !vl_ranges_contain_all(granted, ranges, &outside))
        rc = refuse(header, bdiff_path, &outside, err);
    return rc;
}
