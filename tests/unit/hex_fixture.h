/* Bytes of published vectors. */
#ifndef HEX_FIXTURE_H
#define HEX_FIXTURE_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Returns how many bytes. */
static inline size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (uint8_t)byte;
    }
    return n;
}

static inline void expect_hex(const uint8_t *bytes, size_t n, const char *hex)
{
    char shown[2 * 128 + 1] = "";
    ck_assert_uint_le(n, 128);
    for (size_t i = 0; i < n; i++)
        snprintf(shown + 2 * i, 3, "%02x", bytes[i]);
    ck_assert_str_eq(shown, hex);
}

#endif
