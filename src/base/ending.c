#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "varlock/ending.h"

enum { ENDING = -1 };

static atomic_int state;    /* ENDING, or how many hold the end off */
static atomic_int deferred; /* the first signal asked about; 0: none */

/* The signal is noted before the state is looked at, and vl_ending_release looks in the
 * other order: one of the two sees what the other did. */
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
