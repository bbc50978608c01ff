#include "projection/sequencing_lane.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { FIELDS_OLD = 5, FIELDS_NEW = 7, LANE_DIGITS = 2 };

static bool is_number(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)at[i]))
            return false;
    return n > 0;
}

struct sequencing_lane sequencing_lane_of(const char *name)
{
    const char *field[FIELDS_NEW];
    size_t length[FIELDS_NEW];
    struct sequencing_lane lane = {0};
    unsigned n = 0;
    for (const char *at = name; n < FIELDS_NEW;) {
        field[n] = at;
        length[n] = strcspn(at, ":");
        at += length[n++];
        if (!*at++)
            break;
    }
    if (n != FIELDS_OLD && n != FIELDS_NEW)
        return lane;
    unsigned cell = n == FIELDS_NEW ? 2 : 0;
    bool good = length[cell] > 0 && length[cell + 1] <= LANE_DIGITS;
    for (unsigned i = cell + 1; i < cell + 3; i++)
        good = good && is_number(field[i], length[i]);
    if (n == FIELDS_NEW)
        good =
            good && is_number(field[5], length[5]) && isdigit((unsigned char)field[6][0]);
    if (good)
        lane = (struct sequencing_lane){field[cell], length[cell] + 1 + length[cell + 1],
                                        length[cell]};
    return lane;
}
