#include "nearest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance of two words of at most WORD_MAX characters. */
static int distance(const char *a, const char *b)
{
    int d[WORD_MAX + 1][WORD_MAX + 1];
    int n_a = (int)strlen(a), n_b = (int)strlen(b);
    for (int i = 0; i <= n_a; i++)
        d[i][0] = i;
    for (int j = 0; j <= n_b; j++)
        d[0][j] = j;
    for (int i = 1; i <= n_a; i++)
        for (int j = 1; j <= n_b; j++) {
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                            d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n_a][n_b];
}

static const char *begun(const char *word, const char *const *names, size_t n)
{
    const char *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(names[i], word, strlen(word)) != 0)
            continue;
        if (found)
            return NULL;
        found = names[i];
    }
    return found;
}

const char *cli_nearest(const char *word, const char *const *names, size_t n)
{
    size_t length = strlen(word);
    if (length < 2 || length > WORD_MAX)
        return NULL;
    const char *nearest = begun(word, names, n);
    int fewest = (int)(length + 2) / 3 + 1;
    for (size_t i = 0; !nearest && i < n; i++)
        if (strlen(names[i]) <= WORD_MAX)
            fewest = least(fewest, distance(word, names[i]));
    for (size_t i = 0; !nearest && i < n; i++)
        if (strlen(names[i]) <= WORD_MAX && distance(word, names[i]) == fewest &&
            fewest <= (int)(length + 2) / 3)
            nearest = names[i];
    return nearest;
}
