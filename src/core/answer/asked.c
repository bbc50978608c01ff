#include "answer/asked.h"

#include <stdlib.h>
#include <string.h>

#include "run/bed_file.h"

/* Adds the contig that a region of n characters may name. */
static int add_contig(struct asked *a, const char *name, size_t n)
{
    char *copy = strndup(name, n);
    int rc = copy ? 0 : VL_ERR_MEMORY;
    if (rc == 0 && n > 0 && vl_contigs_find(&a->contigs, copy) < 0)
        rc = vl_contigs_add(&a->contigs, copy, 0, NULL);
    free(copy);
    return rc == 0 ? vl_contigs_index(&a->contigs) : rc;
}

/* The part before the last colon is the contig, unless no interval stands behind it. */
static int read_region(struct asked *a, const char *text, struct vl_error *err)
{
    const char *colon = strrchr(text, ':'), *brace = strrchr(text, '}');
    size_t n = strlen(text);
    if (text[0] == '{' && brace) {
        text++;
        n = (size_t)(brace - text);
        return add_contig(a, text, n) < 0
                   ? vl_error_memory(err)
                   : vl_ranges_parse(&a->ranges, &a->contigs, text - 1, err);
    }
    if (strcmp(text, "*") == 0)
        return vl_ranges_parse(&a->ranges, &a->contigs, text, err);
    bool has_interval = colon && colon > text &&
                        strspn(colon + 1, "0123456789,-.kKmMgGeE") == strlen(colon + 1);
    if (has_interval)
        n = (size_t)(colon - text);
    return add_contig(a, text, n) < 0
               ? vl_error_memory(err)
               : vl_ranges_parse(&a->ranges, &a->contigs, text, err);
}

int asked_add(struct asked *a, const struct vl_contigs *contigs, int32_t contig,
              int64_t beg, int64_t end)
{
    const char *name = contigs->v[contig].name;
    if (add_contig(a, name, strlen(name)) < 0)
        return VL_ERR_MEMORY;
    return vl_ranges_add(&a->ranges, &a->contigs, vl_contigs_find(&a->contigs, name), beg,
                         end);
}

int asked_finish(struct asked *a)
{
    vl_ranges_normalise(&a->ranges);
    a->v = calloc(a->ranges.n + 1, sizeof *a->v);
    if (!a->v)
        return VL_ERR_MEMORY;
    for (; a->n < a->ranges.n; a->n++) {
        const struct vl_range *range = &a->ranges.v[a->n];
        a->v[a->n] = (struct vl_asked){a->contigs.v[range->contig].name, range->beg,
                                       range->end == VL_POS_MAX ? -1 : range->end};
    }
    if (a->ranges.unplaced)
        a->v[a->n++] = (struct vl_asked){"*", 0, -1};
    return 0;
}

int asked_read(struct asked *a, const struct vl_request *request, struct vl_error *err)
{
    int rc = 0;
    memset(a, 0, sizeof *a);
    for (size_t i = 0; rc == 0 && i < request->regions.n; i++)
        rc = read_region(a, request->regions.v[i], err);
    for (size_t i = 0; rc == 0 && i < request->beds.n; i++)
        rc = bed_file_read_any(&a->ranges, &a->contigs, request->beds.v[i], err);
    a->ranges.unplaced |= request->unplaced;
    if (rc == 0 && asked_finish(a) < 0)
        rc = vl_error_memory(err);
    if (rc < 0)
        asked_clear(a);
    return rc;
}

int asked_range(const struct asked *a, size_t i, const struct vl_contigs *contigs,
                const char *source, struct vl_ranges *ranges, struct vl_error *err)
{
    if (i >= a->ranges.n) {
        ranges->unplaced = true;
        return 0;
    }
    const struct vl_range *range = &a->ranges.v[i];
    int contig = vl_contigs_find(contigs, a->v[i].contig);
    if (contig < 0)
        return vl_error_set(err, VL_ERR_USAGE, "%s: has no contig %s", source,
                            a->v[i].contig);
    return vl_ranges_add(ranges, contigs, contig, range->beg, range->end) < 0
               ? vl_error_memory(err)
               : 0;
}

void asked_clear(struct asked *a)
{
    free(a->v);
    vl_ranges_clear(&a->ranges);
    vl_contigs_clear(&a->contigs);
    memset(a, 0, sizeof *a);
}
