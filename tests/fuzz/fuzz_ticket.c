#include <stdlib.h>
#include <string.h>

#include "../../src/net/ticket.h"
#include "fuzz.h"

static const char *const SOURCES[] = {"https://h/reads/x", "http://127.0.0.1:80/reads/x"};

/* What is taken is what may be asked for. */
static void check(const struct ticket *ticket)
{
    for (size_t i = 0; i < ticket->n; i++) {
        const struct ticket_url *url = &ticket->urls[i];
        if (url->has_range && (url->beg < 0 || (url->end >= 0 && url->end <= url->beg)))
            abort();
        for (size_t k = 0; k < url->n_headers; k++)
            if (strpbrk(url->headers[k], "\r\n"))
                abort();
        if (ticket_url_size(url) < -1)
            abort();
    }
}

/* Input: u8, whose lowest bit tells that the ticket came by http, and what a server
 * sent. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ticket ticket = {0};
    struct vl_error err;
    if (n == 0)
        return 0;
    const char *text = (const char *)bytes + 1, *source = SOURCES[bytes[0] & 1];
    for (int i = 0; i < 2; i++)
        if (ticket_add(&ticket, text, n - 1, source, &err) == 0)
            check(&ticket);
    ticket_blame(400 + bytes[0], text, n - 1, source, &err);
    ticket_clear(&ticket);
    return 0;
}
