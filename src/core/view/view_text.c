#include "view/view_text.h"

#include <errno.h>
#include <string.h>

enum { HANDED_OVER_BYTES = 65536 };

static void hand_over(struct view_text *text)
{
    if (text->failure == 0 && text->n_complete > 0)
        text->failure = text->write(text->write_arg, text->line.s, text->n_complete);
    text->n_complete = text->line.l = 0;
}

void view_text_end_line(struct view_text *text)
{
    kputc('\n', &text->line);
    /* Printers do not check for errors when they append, so the line may be
     * incomplete. */
    if (errno == ENOMEM && text->failure == 0)
        text->failure = ENOMEM;
    text->n_complete = text->line.l;
    if (text->n_complete >= HANDED_OVER_BYTES)
        hand_over(text);
}

int view_text_finish(struct view_text *text, struct vl_error *err)
{
    hand_over(text);
    ks_free(&text->line);
    if (text->failure == ENOMEM)
        return vl_error_memory(err);
    return text->failure == 0 ? 0
                              : vl_error_set(err, VL_ERR_IO, "writing text failed: %s",
                                             strerror(text->failure));
}
