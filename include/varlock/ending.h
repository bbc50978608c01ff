/*
 * Ends of the process by signal, and steps that a signal must not interrupt half-way.  A
 * signal handler asks here whether the process may end now.  It may not while some thread
 * holds the end off; the signal is then raised again when the last holder lets go.
 */
#ifndef VARLOCK_ENDING_H
#define VARLOCK_ENDING_H

#include <stdbool.h>

/* For a signal handler.  Returns true where the caller must clean up and end the process;
 * nobody else is then told to.  Returns false where the handler must return: somebody
 * holds the end off, or another thread is ending the process.  Async-signal-safe. */
bool vl_ending_begin(int signal_number);

/* Holds the end off until there were as many releases as holds.  Does not return where
 * the process is ending already.  Thread safe. */
void vl_ending_hold(void);

/* Ends one hold.  The last release raises the first signal that came meanwhile. */
void vl_ending_release(void);

#endif
