/*
 * Loaded with LD_PRELOAD, lets allocations fail: with MEMORY_FAIL=N the Nth one of the
 * process, counted from 1, returns NULL (once).  MEMORY_COUNT names a file that gets
 * their number at exit.  Meant for one thread: with more, which one is the Nth is chance.
 * A crash inside htslib, which does not look at all of its allocations, ends the process
 * with status 86.  If the allocation that fails is one of htslib's, a line on standard
 * error says so, because htslib does not always hand on why it failed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, under names that nothing interposes. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static atomic_long n_calls;
static long failing; /* which one fails; 0: none */

enum { STATUS_IN_HTSLIB = 86 };

static bool is_in_htslib(void *code)
{
    Dl_info where;
    return dladdr(code, &where) && where.dli_fname && strstr(where.dli_fname, "libhts");
}

/* The frames are this one, the kernel's trampoline, and where it happened. */
static void tell_whose(int number)
{
    void *frames[3];
    if (backtrace(frames, 3) == 3 && is_in_htslib(frames[2]))
        _exit(STATUS_IN_HTSLIB);
    signal(number, SIG_DFL);
}

__attribute__((constructor)) static void start(void)
{
    void *loads[1];
    backtrace(loads, 1); /* what it needs is loaded now, not in the handler */
    signal(SIGSEGV, tell_whose);
    const char *text = getenv("MEMORY_FAIL");
    failing = text ? atol(text) : 0;
    atomic_store(&n_calls, 0);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("MEMORY_COUNT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (fd < 0)
        return;
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", atomic_load(&n_calls));
    if (write(fd, text, (size_t)n) != n)
        _exit(99);
    close(fd);
}

static bool fails(void *caller)
{
    static const char MARK[] = "memory_shim: of htslib\n";
    if (atomic_fetch_add(&n_calls, 1) + 1 != failing)
        return false;
    if (is_in_htslib(caller) && write(2, MARK, sizeof MARK - 1) < 0)
        _exit(99);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, n);
}

int posix_memalign(void **p, size_t alignment, size_t n)
{
    if (fails(__builtin_return_address(0)))
        return ENOMEM;
    *p = __libc_memalign(alignment, n);
    return *p ? 0 : ENOMEM;
}
