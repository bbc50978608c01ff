/* What the parts of the server share. */
#ifndef VARLOCK_NET_SERVE_STATE_H
#define VARLOCK_NET_SERVE_STATE_H

#include <microhttpd.h>
#include <pthread.h>
#include <time.h>

#include "request_path.h"
#include "varlock/backend.h"
#include "varlock/buf.h"
#include "varlock/serve.h"

enum { SET_CHARS = 16, SETS_KEPT = 64, SHOWN_MAX = 2, CONNECTIONS_MAX = 64 };

/* Ranges that a POST asked for.  Its ticket names them. */
struct range_set {
    char name[SET_CHARS + 1];
    struct vl_ranges ranges;
};

/* A connection whose next request has not come as a whole. */
struct waiting {
    struct MHD_Connection *connection; /* NULL: the place is free */
    time_t since;                      /* of the monotonic clock */
};

struct serve {
    const struct serve_options *options;
    /* What is shown, and behind it, for the page, the file as it is masked. */
    struct vl_serving *shown[SHOWN_MAX];
    size_t n_shown;
    struct vl_backend *backend; /* NULL, or what is served instead */
    char token[TOKEN_CHARS + 1];
    char base[64 + TOKEN_CHARS]; /* http://127.0.0.1:PORT/TOKEN */
    char hosts[2][32];           /* what a Host header may say */
    pthread_mutex_t mutex;       /* of what follows, and the log */
    struct range_set sets[SETS_KEPT];
    size_t next_set;
    unsigned n_open; /* connections */
    bool any;        /* there was one */
    time_t idle_at;  /* when the last one closed, of the monotonic clock */
    struct waiting waiting[CONNECTIONS_MAX];
};

struct request {
    struct serve *serve;
    struct MHD_Connection *connection;
    const char *method; /* valid while it is answered */
    char *line;         /* for the log: method and path, without the token */
    struct vl_buf body;
    bool is_too_long;
    unsigned status;
    uint64_t n_bytes; /* sent of the body */
    struct timespec began;
    struct vl_error error; /* why it failed midway */
};

/* Answer with a body, which is copied; type NULL: none is told. */
enum MHD_Result serve_reply(struct request *request, unsigned status, const char *type,
                            const void *body, size_t n);
enum MHD_Result serve_refuse(struct request *request, unsigned status, const char *text);

/* Refuses a range that a file of that size has not. */
enum MHD_Result serve_refuse_range(struct request *request, int64_t size);

/* Refuses as htsget does; `error` is its name of the kind. */
enum MHD_Result serve_refuse_reads(struct request *request, unsigned status,
                                   const char *error, const char *message);

/* Answers with a response that is given away (NULL: memory ran out). */
enum MHD_Result serve_queue(struct request *request, unsigned status,
                            struct MHD_Response *response);

/* A response of `size` bytes of a stream, which it takes over; size -1: until its end. */
struct MHD_Response *serve_stream(struct request *request,
                                  struct vl_serving_stream *stream, int64_t size);

/* Name of an argument of the query to its value; NULL: it is absent. */
const char *serve_argument(const struct request *request, const char *name);

/* Whether the URL has a query. */
bool serve_has_query(const struct request *request);

bool serve_is(const struct request *request, const char *method);

/* Value of a header; NULL: it is absent. */
const char *serve_header(const struct request *request, const char *name);

/* The range that is asked for.  NULL: none, or only of a state of the file (If-Range)
 * that the server has not told of. */
const char *serve_range(const struct request *request);

/* A request for the log: method and path, without the token.  The caller frees it; NULL:
 * memory ran out. */
char *serve_line(const struct serve *serve, struct MHD_Connection *connection,
                 const char *method, const char *url);

/* Logs a request that ended. */
void serve_log(const struct request *request, bool is_whole);

/* ---- connections ---- */

/* Whether the connection waits for a request, or one has come.  A connection that waits
 * for long is dropped, so that half requests do not hold all there are. */
void serve_waits(struct serve *serve, struct MHD_Connection *connection, bool waits);
void serve_drop_waiting(struct serve *serve);

/* A connection comes or goes (MHD_OPTION_NOTIFY_CONNECTION).  One that speaks TLS is
 * dropped at once. */
void serve_count(void *serve, struct MHD_Connection *connection, void **state,
                 enum MHD_ConnectionNotificationCode code);

/* Connections that say nothing do not come in at this socket. */
void serve_defer(int listening);

/* True if the server was used, and nobody is connected any more. */
bool serve_is_over(struct serve *serve);

/* ---- the parts.  `serving` is what the path names. */
enum MHD_Result serve_ticket(struct request *request, struct vl_serving *serving);
enum MHD_Result serve_data(struct request *request, struct vl_serving *serving);
enum MHD_Result serve_service_info(struct request *request);
enum MHD_Result serve_file(struct request *request, struct vl_serving *serving);
enum MHD_Result serve_index(struct request *request, struct vl_serving *serving,
                            bool asks_for_csi);

/* A file of the backend. */
enum MHD_Result serve_stored(struct request *request, const char *name);

/* The page, and what it needs.  `name` follows the token. */
enum MHD_Result serve_page(struct request *request, const char *name);

#endif
