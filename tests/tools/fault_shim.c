/*
 * For LD_PRELOAD: counts the calls by which a program changes files, and lets one of them
 * fail, end the process, or wait.  Counted are write (not to stderr), fsync, close (of
 * what can be written to), rename, renameat2, link and unlink.
 *
 *   FAULT_LOG=FILE   a line for every call: its name and what it is about
 *   FAULT_AT=N       the N-th call, from 1, is the one
 *   FAULT_KIND=...   eio, enospc, exdev: it fails so; short: a write takes half;
 *                    kill, int, term, hup: the signal comes before the call;
 *                    wait: it waits until FAULT_GATE, a FIFO, was opened and closed by a
 * writer FAULT_STICKS=1   every later call of the same name fails too FAULT_NO_LINKS=1
 * link says EPERM, as on a file system without hard links FAULT_NO_RENAMEAT2=1 renameat2
 * says EINVAL, as on a file system without it
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int n_calls;
static int at, log_fd = -1;
static const char *kind = "eio", *gate;
static bool sticks, no_links, no_renameat2;
static _Atomic(const char *) failing; /* name of the call that fails from now on */

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void read_environment(void)
{
    const char *number = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
    at = number ? atoi(number) : 0;
    kind = getenv("FAULT_KIND") ? getenv("FAULT_KIND") : kind;
    gate = getenv("FAULT_GATE");
    sticks = getenv("FAULT_STICKS") != NULL;
    no_links = getenv("FAULT_NO_LINKS") != NULL;
    no_renameat2 = getenv("FAULT_NO_RENAMEAT2") != NULL;
    if (log)
        log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void wait_at_gate(void)
{
    char c;
    int fd = open(gate, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && read(fd, &c, 1) > 0)
        continue;
    REAL(close)(fd);
}

static int signal_of_kind(void)
{
    static const struct {
        const char *kind;
        int number;
    } signals[] = {
        {"kill", SIGKILL}, {"int", SIGINT}, {"term", SIGTERM}, {"hup", SIGHUP}};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (strcmp(kind, signals[i].kind) == 0)
            return signals[i].number;
    return 0;
}

/* Counts the call; whether it is to fail, errno says how. */
static bool fails(const char *name, const char *what)
{
    int saved = errno, number = atomic_fetch_add(&n_calls, 1) + 1;
    if (log_fd >= 0)
        dprintf(log_fd, "%s %s\n", name, what);
    const char *stuck = atomic_load(&failing);
    bool hit = at > 0 && (number == at || (stuck && strcmp(stuck, name) == 0));
    errno = saved;
    if (!hit)
        return false;
    if (sticks)
        atomic_store(&failing, name);
    if (signal_of_kind()) {
        kill(getpid(), signal_of_kind());
        return false;
    }
    if (strcmp(kind, "wait") == 0) {
        wait_at_gate();
        return false;
    }
    errno = strcmp(kind, "enospc") == 0  ? ENOSPC
            : strcmp(kind, "exdev") == 0 ? EXDEV
                                         : EIO;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (fd == STDERR_FILENO || fd == log_fd || !fails("write", ""))
        return REAL(write)(fd, bytes, n);
    if (strcmp(kind, "short") == 0 && n > 1)
        return REAL(write)(fd, bytes, n / 2);
    return -1;
}

int fsync(int fd)
{
    return fails("fsync", "") ? -1 : REAL(fsync)(fd);
}

int close(int fd)
{
    int saved = errno, flags = fcntl(fd, F_GETFL);
    errno = saved;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fd == log_fd ||
        !fails("close", ""))
        return REAL(close)(fd);
    saved = errno;
    REAL(close)(fd);
    errno = saved;
    return -1;
}

int rename(const char *from, const char *to)
{
    return fails("rename", to) ? -1 : REAL(rename)(from, to);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (no_renameat2) {
        errno = EINVAL;
        return -1;
    }
    return fails("renameat2", to) ? -1 : REAL(renameat2)(from_fd, from, to_fd, to, flags);
}

int link(const char *from, const char *to)
{
    if (no_links) {
        errno = EPERM;
        return -1;
    }
    return fails("link", to) ? -1 : REAL(link)(from, to);
}

int unlink(const char *path)
{
    return fails("unlink", path) ? -1 : REAL(unlink)(path);
}
