#include <stdlib.h>
#include <string.h>

#include "../../src/net/token.h"
#include "fuzz.h"
#include "scratch_file.h"

static void take_line(void *arg, const char *line)
{
    size_t *n = arg;
    *n += strlen(line);
}

/* Input: a token, and the file that holds one. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    size_t n_told = 0;
    const struct vl_hooks hooks = {.warning = take_line,
                                   .warning_arg = &n_told,
                                   .note = take_line,
                                   .note_arg = &n_told};
    struct token token;
    struct vl_error err;
    char *text = malloc(n + 1);
    if (!text)
        return 0;
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = 0;
    if (token_check(text, "a token", 1700000000, 1, &hooks, &err) < 0)
        n_told += strlen(err.message);
    if (token_read(&token, scratch_file(bytes, n), 1700000000, 1, &hooks, &err) == 0)
        token_clear(&token);
    free(text);
    return 0;
}
