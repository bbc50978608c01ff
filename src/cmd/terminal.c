#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "varlock/ending.h"
#include "varlock/outfile.h"

/* ---- ends by signal ---- */

/* The terminal whose echo is off (-1: none), and the state to restore. */
static volatile sig_atomic_t silent_tty = -1;
static struct termios echoing;

/* The handler is not SA_RESETHAND: a second signal would then end the process while this
 * function cleans up, or while outputs get their names. */
static void end_by_signal(int number)
{
    if (!vl_ending_begin(number))
        return;
    if (silent_tty >= 0)
        tcsetattr(silent_tty, TCSANOW, &echoing);
    vl_outfile_unlink_all();
    signal(number, SIG_DFL);
    raise(number); /* the signal is blocked until this returns */
}

static void catch_ending_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU};
    struct sigaction action = {.sa_handler = end_by_signal};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction before;
        /* An ignored signal stays ignored: nohup and background jobs of scripts ignore
         * signals on purpose. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

void cli_prepare_process(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef __SANITIZE_ADDRESS__ /* the sanitizer's leak check must attach to the process */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    catch_ending_signals();
    signal(SIGXFSZ, SIG_IGN); /* beyond a limit on file sizes a write fails instead */
}

/* ---- passphrases ---- */

/* Returns the length of the line; -1 at the end of input or where the line is longer than
 * cap. */
static int read_line(int fd, char *out, int cap)
{
    int n = 0;
    char c;
    for (;;) {
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (c == '\n')
            return n <= cap ? n : -1;
        if (n < cap)
            out[n] = c;
        if (n <= cap)
            n++;
    }
    return -1;
}

int cli_ask_secret(const char *prompt, char *out, int cap)
{
    int n = -1, tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return -1;
    if (tcgetattr(tty, &echoing) == 0) {
        struct termios silent = echoing;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        silent_tty = tty;
        if (tcsetattr(tty, TCSAFLUSH, &silent) == 0 && dprintf(tty, "%s", prompt) >= 0)
            n = read_line(tty, out, cap);
        tcsetattr(tty, TCSANOW, &echoing);
        silent_tty = -1;
        dprintf(tty, "\n");
    }
    close(tty);
    if (n < 0)
        explicit_bzero(out, (size_t)cap);
    return n;
}

/* ---- progress ---- */

enum { UPDATES_PER_SECOND = 10 };

/* The state is static: there is one stderr, so there is one progress line. */
static struct {
    double started; /* in seconds of the monotonic clock; 0: not yet */
    double shown;
    bool visible;
} line;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int cli_progress(void *arg, uint64_t n, double share)
{
    const struct cli *cli = arg;
    double now = seconds_now();
    if (line.started == 0)
        line.started = now;
    if (now - line.shown < 1.0 / UPDATES_PER_SECOND)
        return 0;
    line.shown = now;
    line.visible = true;
    fprintf(stderr, "\rvarlock %s: %" PRIu64 " %s", cli->command->name, n, cli->unit);
    /* A guess of the time left from the first thousandth would jump about. */
    if (share > 0.001 && share <= 1) {
        double left = (now - line.started) * (1 - share) / share;
        fprintf(stderr, ", %d%%, %d:%02d left", (int)(100 * share), (int)left / 60,
                (int)left % 60);
    }
    fputs("\033[K", stderr);
    return 0;
}

void cli_progress_clear(void)
{
    if (line.visible)
        fputs("\r\033[K", stderr);
    line.visible = false;
}
