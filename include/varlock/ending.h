/*
 * Ends by signal, and the steps that must not be cut in two by one.  A handler asks
 * whether the process may end now; while somebody holds the end off it may not, and the
 * signal comes again when the last holder lets go.
 */
#ifndef VARLOCK_ENDING_H
#define VARLOCK_ENDING_H

#include <stdbool.h>

/* For a signal handler: true where the caller is to clean up and end the process, for
 * which nobody else is then asked again; false where it must return: the end is held off,
 * or another thread is ending the process.  Async-signal-safe. */
bool vl_ending_begin(int signal_number);

/* Holds the end off until as many releases follow.  Where the process is ending already,
 * the call does not return.  Thread safe. */
void vl_ending_hold(void);

/* The last release raises the first signal that came meanwhile. */
void vl_ending_release(void);

#endif
