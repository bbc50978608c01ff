#include "view/view_vac.h"

#include <inttypes.h>

#include "run/request.h"
#include "varlock/region.h"
#include "view_output.h"

static int print_header(struct vl_vac_reader *vac, FILE *out, struct vl_error *err)
{
    const struct vl_vac_meta *meta = vl_vac_meta(vac);
    double n = meta->n_sites ? (double)meta->n_sites : 1;
    fprintf(out, "format\tVAC %d\nsource_sha256\t", VL_VAC_VERSION);
    for (size_t i = 0; i < sizeof meta->source_sha256; i++)
        fprintf(out, "%02x", meta->source_sha256[i]);
    fprintf(out, "\nrecords\t%" PRIu64 "\nblocks\t%zu\n", meta->n_sites, meta->n_blocks);
    fprintf(out, "bytes_per_record\t%.2f\n", (double)vl_vac_size_bytes(vac) / n);
    const struct vl_vac_block *block = meta->blocks, *end = meta->blocks + meta->n_blocks;
    for (size_t i = 0; i < meta->contigs.n; i++) {
        const struct vl_contig *contig = &meta->contigs.v[i];
        uint64_t n_records = 0;
        for (; block < end && block->contig == i; block++)
            n_records += block->n_sites;
        fprintf(out, "contig\t%s\t", contig->name);
        if (contig->length > 0)
            fprintf(out, "%" PRId64, contig->length);
        else
            fputc('.', out);
        fprintf(out, "\t%s\t%" PRIu64 "\n", contig->m5[0] ? contig->m5 : ".", n_records);
    }
    return view_check_output(out, err);
}

static int print_range(struct vl_vac_reader *vac, const struct vl_range *range, FILE *out,
                       struct vl_error *err)
{
    const char *name = vl_vac_meta(vac)->contigs.v[range->contig].name;
    struct vl_site site;
    int rc = vl_vac_seek(vac, (uint32_t)range->contig, range->beg, err);
    while (rc == 0 && (rc = vl_vac_next(vac, &site, err)) > 0) {
        if (site.pos0 >= range->end)
            return 0;
        fprintf(out, "%s\t%" PRId64 "\t%c", name, site.pos0 + 1, "ACGT"[site.ref]);
        fprintf(out, "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\n",
                site.count[0], site.count[1], site.count[2], site.count[3]);
        rc = ferror(out) ? view_check_output(out, err) : 0;
    }
    return rc;
}

int vac_print(struct vl_vac_reader *vac, const struct vl_request *request,
              bool header_only, FILE *out, struct vl_error *err)
{
    if (header_only)
        return print_header(vac, out, err);
    struct vl_ranges ranges = VL_RANGES_INIT;
    const struct vl_contigs *contigs = &vl_vac_meta(vac)->contigs;
    int rc = request_is_empty(request)
                 ? vl_ranges_add_all(&ranges, contigs) < 0 ? vl_error_memory(err) : 0
                 : request_parse(request, contigs, &ranges, err);
    if (rc == 0)
        fputs("#CONTIG\tPOS\tREF\tA\tC\tG\tT\n", out);
    for (size_t i = 0; i < ranges.n && rc == 0; i++)
        rc = print_range(vac, &ranges.v[i], out, err);
    vl_ranges_clear(&ranges);
    return rc < 0 ? rc : view_check_output(out, err);
}
