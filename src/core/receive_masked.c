#include "receive_masked.h"

#include <string.h>

#include "decryption.h"
#include "run/bdiff_keys.h"
#include "run/operation_keys.h"
#include "run/request.h"
#include "window/extent.h"

/* The masked records of a window lie from its first to its last one. */
static int ask_for_window(struct asked *asked, const struct vl_bdiff_entry *entry,
                          const struct vl_contigs *contigs)
{
    int rc = 0;
    if (entry->n_records == 0)
        return 0;
    for (uint32_t c = entry->first.contig; rc == 0 && c <= entry->last.contig; c++) {
        if (c >= contigs->n) {
            asked->ranges.unplaced = true;
            break;
        }
        int64_t beg = c == entry->first.contig ? entry->first.pos0 : 0;
        int64_t end = c == entry->last.contig ? entry->last.pos0 + 1 : VL_POS_MAX;
        rc = asked_add(asked, contigs, (int32_t)c, beg < 0 ? 0 : beg, end);
    }
    return rc;
}

static int ask_for_windows(struct asked *asked, const struct vl_bdiff_reader *bdiff,
                           const struct vl_ranges *wanted, struct vl_error *err)
{
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(bdiff);
    const struct vl_contigs *contigs = &vl_bdiff_reader_header(bdiff)->contigs;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < index->n; i++)
        if (entry_overlaps(&index->v[i], wanted, contigs->n))
            rc = ask_for_window(asked, &index->v[i], contigs);
    if (rc == 0)
        rc = asked_finish(asked);
    return rc < 0 ? vl_error_memory(err) : 0;
}

int receive_masked_open(struct vl_bdiff_reader **bdiff, struct asked *asked,
                        const struct vl_receiver_options *o, struct vl_error *err)
{
    struct vl_key *verifier = NULL;
    struct vl_ranges wanted = VL_RANGES_INIT;
    memset(asked, 0, sizeof *asked);
    *bdiff = NULL;
    int rc = o->verify ? operation_key_read_verifier(o->verify, &verifier, err) : 0;
    if (rc == 0)
        rc = bdiff_open_with_keys(bdiff, o->bdiff, &o->keys, &o->hooks, verifier,
                                  o->verify, err);
    vl_key_free(verifier);
    bool is_whole = rc == 0 && vl_bdiff_reader_header(*bdiff)->is_root &&
                    request_is_empty(&o->request);
    if (rc == 0 && !is_whole)
        rc = request_resolve(&o->request, vl_bdiff_reader_header(*bdiff), o->bdiff,
                             &wanted, err);
    if (rc == 0 && !is_whole)
        rc = ask_for_windows(asked, *bdiff, &wanted, err);
    vl_ranges_clear(&wanted);
    return rc;
}

int receive_masked(const struct vl_receiver_options *o, struct vl_bdiff_reader *bdiff,
                   const char *masked, struct vl_receiver_counts *counts,
                   struct vl_error *err)
{
    struct vl_decrypt_counts restored = {0};
    const struct vl_decrypt_options options = {.size = sizeof options,
                                               .masked = masked,
                                               .bdiff = o->bdiff,
                                               .keys = o->keys,
                                               .request = o->request,
                                               .output = o->output,
                                               .n_threads = o->n_threads,
                                               .c4gh_keys = o->c4gh_keys,
                                               .hooks = o->hooks};
    int rc = decryption_run(&options, bdiff, &restored, err);
    counts->n_written = restored.n_records;
    return rc;
}
