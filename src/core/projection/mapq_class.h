/* The two classes in which masked records and loose reads show MAPQ. */
#ifndef VARLOCK_CORE_MAPQ_CLASS_H
#define VARLOCK_CORE_MAPQ_CLASS_H

#include <stdint.h>

enum { MAPQ_LOW = 20, MAPQ_HIGH = 60 };

static inline uint8_t mapq_class(uint8_t mapq)
{
    return mapq < MAPQ_LOW ? 0 : MAPQ_HIGH;
}

#endif
