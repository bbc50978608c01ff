/*
 * How a stream of htslib is made: the part of htslib's plug-in interface that is used
 * here.  libhts exports these functions, but Debian installs no header that declares
 * them.  Source: hfile_internal.h of htslib, unchanged in these parts from 1.11 (2020) to
 * 1.22.
 */
#ifndef VARLOCK_CORE_HFILE_BACKEND_H
#define VARLOCK_CORE_HFILE_BACKEND_H

#include <htslib/hfile.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

/* Each behaves as the system call of its name: a negative result sets errno.  `read`
 * returns 0 at the end; htslib calls it again for what it did not give, and `write` for
 * what it did not take.  `flush` and `close` return 0. */
struct hFILE_backend {
    ssize_t (*read)(hFILE *stream, void *buffer, size_t n);
    ssize_t (*write)(hFILE *stream, const void *buffer, size_t n);
    off_t (*seek)(hFILE *stream, off_t offset, int whence);
    int (*flush)(hFILE *stream);
    int (*close)(hFILE *stream);
};

/* Allocates a struct of struct_size bytes that begins with an hFILE, whose `backend` the
 * caller sets.  `capacity` of its buffer in bytes; 0: htslib's choice.  NULL without
 * memory. */
hFILE *hfile_init(size_t struct_size, const char *mode, size_t capacity);

/* Frees a stream that was not opened after all.  Keeps errno. */
void hfile_destroy(hFILE *stream);

/* Streams for names that begin with a scheme and a colon.  `open` returns NULL, and sets
 * errno, where it fails.  Of two handlers of a scheme that with the higher priority
 * counts. */
struct hFILE_scheme_handler {
    hFILE *(*open)(const char *name, const char *mode);
    int (*isremote)(const char *name);
    const char *provider;
    int priority;
    hFILE *(*vopen)(const char *name, const char *mode, va_list args); /* NULL: none */
};

/* The handler must live as long as the process. */
void hfile_add_scheme_handler(const char *scheme,
                              const struct hFILE_scheme_handler *handler);

/* An `isremote` for what is on this machine. */
int hfile_always_local(const char *name);

#endif
