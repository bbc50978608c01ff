#include "restore_window.h"

#include "varlock/seal.h"

/* Whole records come from whoever sealed the BDIFF: their contigs must exist. */
static int check_whole(struct restore_window *w)
{
    for (size_t i = 0; i < w->records.whole.n; i++) {
        const bam1_core_t *c = &w->records.whole.v[i]->core;
        if ((c->tid >= 0 && (size_t)c->tid >= w->file->n_contigs) ||
            (c->mtid >= 0 && (size_t)c->mtid >= w->file->n_contigs))
            return vl_error_set(&w->error, VL_ERR_SEAL,
                                "a whole record is on no contig of the file");
    }
    return 0;
}

int restore_window_open(struct restore_window *w)
{
    vl_buf_reset(&w->plain);
    const struct vl_bdiff_reader *bdiff = w->file->bdiff;
    w->rc = masked_check_window(w->file, w->number, &w->records.masked, &w->error);
    if (w->rc == 0)
        w->rc = vl_bdiff_reader_window(bdiff, w->number, &w->plain, &w->error);
    if (w->rc < 0)
        return w->rc;
    w->rc = residual_decode(&w->records, w->plain.data, w->plain.len, w->read_groups,
                            &w->error);
    if (w->rc == 0)
        w->rc = check_whole(w);
    if (w->rc < 0)
        vl_bdiff_reader_blame_window(bdiff, w->number, w->rc, &w->error);
    return w->rc;
}

void *restore_window_run(void *window)
{
    restore_window_open(window);
    return window;
}

void restore_window_reset(struct restore_window *w)
{
    window_records_reset(&w->records);
    w->rc = 0;
}

void restore_window_clear(struct restore_window *w)
{
    window_records_clear(&w->records);
    vl_buf_wipe(&w->plain);
}
