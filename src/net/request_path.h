/* What the path of a request names: /TOKEN/KIND/ID with an ending. */
#ifndef VARLOCK_NET_REQUEST_PATH_H
#define VARLOCK_NET_REQUEST_PATH_H

#include <stddef.h>

enum { TOKEN_CHARS = 32 };

enum request_kind {
    REQUEST_NOTHING,
    REQUEST_SERVICE_INFO,
    REQUEST_TICKET,
    REQUEST_DATA,
    REQUEST_BAM,
    REQUEST_BAI,
    REQUEST_CSI,
    REQUEST_PAGE /* something else under the token: `rest` */
};

struct request_path {
    enum request_kind kind;
    size_t shown;     /* number of the ID, where the kind has one */
    const char *rest; /* of a page: what follows "/TOKEN/" */
};

/* The token is compared in a time that does not tell how much of it fits. */
struct request_path request_path_read(const char *path, const char *token,
                                      const char *const *ids, size_t n_ids);

#endif
