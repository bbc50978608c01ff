#include "view/view_vac.h"

#include <inttypes.h>

#include "run/report.h"
#include "run/request.h"
#include "varlock/region.h"

enum { PROGRESS_SITES = 65536 };

static void print_header(struct vl_vac_reader *vac, struct view_text *text)
{
    const struct vl_vac_meta *meta = vl_vac_meta(vac);
    kstring_t *line = &text->line;
    double n = meta->n_sites ? (double)meta->n_sites : 1;
    ksprintf(line, "format\tVAC %d\nsource_sha256\t", VL_VAC_VERSION);
    for (size_t i = 0; i < sizeof meta->source_sha256; i++)
        ksprintf(line, "%02x", meta->source_sha256[i]);
    ksprintf(line, "\nrecords\t%" PRIu64 "\nblocks\t%zu\n", meta->n_sites,
             meta->n_blocks);
    ksprintf(line, "bytes_per_record\t%.2f", (double)vl_vac_size_bytes(vac) / n);
    view_text_end_line(text);
    const struct vl_vac_block *block = meta->blocks, *end = meta->blocks + meta->n_blocks;
    for (size_t i = 0; i < meta->contigs.n; i++) {
        const struct vl_contig *contig = &meta->contigs.v[i];
        uint64_t n_records = 0;
        for (; block < end && block->contig == i; block++)
            n_records += block->n_sites;
        ksprintf(line, "contig\t%s\t", contig->name);
        if (contig->length > 0)
            ksprintf(line, "%" PRId64, contig->length);
        else
            kputc('.', line);
        ksprintf(line, "\t%s\t%" PRIu64, contig->m5[0] ? contig->m5 : ".", n_records);
        view_text_end_line(text);
    }
}

static void print_site(const char *contig, const struct vl_site *site,
                       struct view_text *text)
{
    kputs(contig, &text->line);
    kputc('\t', &text->line);
    kputll(site->pos0 + 1, &text->line);
    kputc('\t', &text->line);
    kputc("ACGT"[site->ref], &text -> line);
    for (int base = 0; base < 4; base++) {
        kputc('\t', &text->line);
        kputuw(site->count[base], &text->line);
    }
    view_text_end_line(text);
}

static int print_range(struct vl_vac_reader *vac, const struct vl_range *range,
                       const struct vl_hooks *hooks, uint64_t *n_sites,
                       struct view_text *text, struct vl_error *err)
{
    const struct vl_vac_meta *meta = vl_vac_meta(vac);
    struct vl_site site;
    int rc = vl_vac_seek(vac, (uint32_t)range->contig, range->beg, err);
    while (rc == 0 && !text->failure && (rc = vl_vac_next(vac, &site, err)) > 0) {
        if (site.pos0 >= range->end)
            return 0;
        print_site(meta->contigs.v[range->contig].name, &site, text);
        rc = ++*n_sites % PROGRESS_SITES == 0 ? hooks_progress(hooks, *n_sites, -1, err)
                                              : 0;
    }
    return rc;
}

int vac_print(struct vl_vac_reader *vac, const struct vl_view_options *options,
              struct view_text *text, struct vl_error *err)
{
    if (options->header_only) {
        print_header(vac, text);
        return 0;
    }
    struct vl_ranges ranges = VL_RANGES_INIT;
    const struct vl_contigs *contigs = &vl_vac_meta(vac)->contigs;
    uint64_t n_sites = 0;
    int rc = request_is_empty(&options->request)
                 ? vl_ranges_add_all(&ranges, contigs) < 0 ? vl_error_memory(err) : 0
                 : request_parse(&options->request, contigs, &ranges, err);
    if (rc == 0) {
        kputs("#CONTIG\tPOS\tREF\tA\tC\tG\tT", &text->line);
        view_text_end_line(text);
    }
    for (size_t i = 0; i < ranges.n && rc == 0; i++)
        rc = print_range(vac, &ranges.v[i], &options->hooks, &n_sites, text, err);
    vl_ranges_clear(&ranges);
    return rc;
}
