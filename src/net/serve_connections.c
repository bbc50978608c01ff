/* The connections of the server, and the patience it has with them. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "serve_state.h"

enum {
    REQUEST_SECONDS = 15, /* until a request's lines have come as a whole */
    ONCE_SECONDS = 3,     /* programs open one connection after the other */
    TLS_HANDSHAKE = 0x16  /* first byte of a record (RFC 8446, 5.1) */
};

static time_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static int socket_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
        ->connect_fd;
}

/* Its thread then finds that the client has gone. */
static void drop(struct MHD_Connection *connection)
{
    shutdown(socket_of(connection), SHUT_RDWR);
}

void serve_waits(struct serve *s, struct MHD_Connection *connection, bool waits)
{
    const struct MHD_Connection *sought = waits ? NULL : connection;
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (s->waiting[i].connection == sought) {
            s->waiting[i] = (struct waiting){waits ? connection : NULL, seconds_now()};
            break;
        }
    pthread_mutex_unlock(&s->mutex);
}

void serve_count(void *arg, struct MHD_Connection *connection, void **state,
                 enum MHD_ConnectionNotificationCode code)
{
    struct serve *s = arg;
    bool has_come = code == MHD_CONNECTION_NOTIFY_STARTED;
    uint8_t first;
    (void)state;
    pthread_mutex_lock(&s->mutex);
    s->any = true;
    s->n_open += has_come ? 1 : -1U;
    s->idle_at = seconds_now();
    pthread_mutex_unlock(&s->mutex);
    serve_waits(s, connection, has_come);
    if (has_come &&
        recv(socket_of(connection), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
        first == TLS_HANDSHAKE)
        drop(connection);
}

void serve_defer(int listening)
{
    const int seconds = REQUEST_SECONDS;
    (void)setsockopt(listening, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
}

void serve_drop_waiting(struct serve *s)
{
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (s->waiting[i].connection &&
            seconds_now() - s->waiting[i].since > REQUEST_SECONDS)
            drop(s->waiting[i].connection);
    pthread_mutex_unlock(&s->mutex);
}

bool serve_is_over(struct serve *s)
{
    pthread_mutex_lock(&s->mutex);
    bool over = s->any && s->n_open == 0 && seconds_now() - s->idle_at > ONCE_SECONDS;
    pthread_mutex_unlock(&s->mutex);
    return over;
}
