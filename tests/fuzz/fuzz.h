/*
 * What each fuzz target defines: hands n bytes to one decoder, which may refuse them but
 * must stay inside its memory.  Returns 0.
 */
#ifndef VARLOCK_TESTS_FUZZ_H
#define VARLOCK_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
