#include "restore_window.h"

#include "varlock/seal.h"

int restore_window_open(struct restore_window *w)
{
    vl_buf_reset(&w->plain);
    w->rc = masked_check_window(w->file, w->number, &w->records.masked, &w->error);
    if (w->rc == 0)
        w->rc = vl_bdiff_reader_window(w->file->bdiff, w->number, &w->plain, &w->error);
    if (w->rc == 0)
        w->rc = residual_decode(&w->records, w->plain.data, w->plain.len, w->read_groups,
                                &w->error);
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
