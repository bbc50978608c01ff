#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "varlock/ending.h"

enum { ENDING = -1 };

static atomic_int state;    /* ENDING, or the number of holds */
static atomic_int deferred; /* the first signal that a handler asked about; 0: none */

/* This function notes the signal, then looks at the state. vl_ending_release changes the
 * state, then looks for a signal.  So at least one of the two sees what the other did. */
bool vl_ending_begin(int signal_number)
{
    int none = 0, free_to_end = 0;
    atomic_compare_exchange_strong(&deferred, &none, signal_number);
    return atomic_compare_exchange_strong(&state, &free_to_end, ENDING);
}

void vl_ending_hold(void)
{
    int n = atomic_load(&state);
    do {
        while (n == ENDING) {
            pause();
            n = atomic_load(&state);
        }
    } while (!atomic_compare_exchange_strong(&state, &n, n + 1));
}

void vl_ending_release(void)
{
    if (atomic_fetch_sub(&state, 1) > 1)
        return;
    int number = atomic_load(&deferred);
    if (number)
        raise(number);
}
