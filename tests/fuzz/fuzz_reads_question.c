#include <stdlib.h>
#include <string.h>

#include "../../src/net/reads_question.h"
#include "fuzz.h"

/* What is taken lies on the contigs, in order. */
static void check(int rc, const struct reads_question *q, const struct reads_refusal *r,
                  const struct vl_contigs *contigs)
{
    if (rc < 0 && (r->status < 400 || !r->error.message[0]))
        abort();
    for (size_t i = 0; rc == 0 && i < q->ranges.n; i++) {
        const struct vl_range *v = &q->ranges.v[i];
        if (v->contig < 0 || (size_t)v->contig >= contigs->n || v->beg < 0 ||
            v->end <= v->beg)
            abort();
    }
}

/* Input: a letter, P for a POST, and its body; or up to eight parameters of a GET, each
 * ended by a newline. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct vl_contigs contigs = VL_CONTIGS_INIT;
    struct reads_question question;
    struct reads_refusal refusal = {.status = 0};
    char *text = calloc(1, n + 1), *rest = text, *word[8] = {NULL};
    if (n == 0 || !text || vl_contigs_add(&contigs, "c1", 1000, NULL) < 0 ||
        vl_contigs_index(&contigs) < 0) {
        free(text);
        return 0;
    }
    memcpy(text, bytes + 1, n - 1);
    int rc;
    if (bytes[0] == 'P') {
        rc = reads_question_post(&question, text, n - 1, &contigs, &refusal);
    } else {
        for (int i = 0; i < 8 && rest; i++)
            word[i] = strsep(&rest, "\n");
        const struct reads_parameters given = {word[0], word[1], word[2], word[3],
                                               word[4], word[5], word[6], word[7]};
        rc = reads_question_get(&question, &given, &contigs, &refusal);
    }
    check(rc, &question, &refusal, &contigs);
    reads_question_clear(&question);
    vl_contigs_clear(&contigs);
    free(text);
    return 0;
}
