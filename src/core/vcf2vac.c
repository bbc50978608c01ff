#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "operation_options.h"
#include "run/operation_keys.h"
#include "run/report.h"
#include "varlock/digest.h"
#include "varlock/file.h"
#include "varlock/outfile.h"
#include "varlock/output_paths.h"
#include "varlock/vac.h"
#include "varlock/varlock.h"
#include "vcf/vcf_contigs.h"
#include "vcf/vcf_part.h"

enum { OUTPUT_MODE = 0644, NAMES_SHOWN = 3 };

/* Each thread converts one whole input at a time, in their order.  Converted parts are
 * appended to the first part in the same order. */
struct conversion {
    const struct vl_vcf2vac_options *options;
    struct vcf_lists lists;
    struct vl_outfile *output;
    struct c4gh_keys c4gh_keys; /* that open encrypted inputs */
    int n_threads;              /* threads that decompress one input */
    struct vl_buf notes;        /* warnings to give at the end, one string each */
    struct vl_digest *digest;   /* digest of the inputs' digests */
    struct vcf_part **parts; /* one per input; NULL before conversion and after appending;
                                part 0 stays */
    size_t n;                /* number of inputs */
    pthread_mutex_t mutex;   /* protects the members below */
    size_t n_started, n_appended;
    bool is_appending; /* a thread is appending parts */
    size_t failed;     /* index of the first input that failed; n: none */
    int rc;            /* error of that input */
    struct vl_error error;
    uint64_t n_lines; /* as reported every few thousand lines, for progress */
    double *share;    /* of each input: the part that has been read; negative: unknown */
    pthread_t caller; /* the only thread that may call the caller's hooks */
    size_t n_helpers; /* number of other threads at work */
    bool has_news;    /* helpers have read lines that the caller does not know of */
    pthread_cond_t news; /* signals has_news, or that a helper is done */
};

/* ---- messages to the user ---- */

static void note(struct conversion *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct conversion *c, const char *format, ...)
{
    char text[VL_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vl_buf_add(&c->notes, text, strlen(text) + 1);
}

static void give_notes(struct conversion *c)
{
    size_t at = 0;
    while (!c->notes.failed && at < c->notes.len) {
        const char *text = (const char *)c->notes.data + at;
        hooks_warn(&c->options->hooks, "%s", text);
        at += strlen(text) + 1;
    }
}

static void note_part(struct conversion *c, const struct vcf_part *part)
{
    const struct vcf_skipped *skipped = &part->skipped;
    if (skipped->n_malformed > 0)
        note(c, "%s: %" PRIu64 " malformed line%s skipped; the first: %s", part->name,
             skipped->n_malformed, skipped->n_malformed == 1 ? "" : "s", skipped->first);
    if (part->counts.n_misfit > 0)
        note(c, "%s: %" PRIu64 " line%s skipped whose counts do not fit; the first: %s",
             part->name, part->counts.n_misfit, part->counts.n_misfit == 1 ? "" : "s",
             part->misfit);
    if (part->is_open)
        note(c,
             "%s: its last line has no newline at its end: it was read, but the file may "
             "be truncated",
             part->name);
    if (c->n > 1 && part->sites.n_sites + part->sites.n_pending == 0 &&
        part->position.n_lines == 0)
        note(c, "%s: no sites from its %" PRIu64 " lines", part->name,
             part->counts.n_lines);
}

/* Notes contigs with records whose length is unknown. */
static void note_lengths(struct conversion *c)
{
    const struct vcf_contigs *contigs = &c->parts[0]->contigs;
    const char *list = c->options->contigs;
    struct vl_buf names = VL_BUF_INIT;
    size_t n = 0;
    for (size_t i = 0; i < contigs->n_used; i++) {
        const struct vl_contig *contig = vcf_contigs_used(contigs, i);
        if (contig->length == 0 && ++n <= NAMES_SHOWN)
            vl_buf_addf(&names, "%s%.200s", n > 1 ? ", " : "", contig->name);
    }
    if (n > 0)
        note(c,
             "%s%s: no length for %zu contig%s with records (%.*s%s): without it another "
             "assembly cannot be told; --contigs ref.fa.fai gives it",
             list ? list : c->parts[0]->name,
             list       ? ""
             : c->n > 1 ? " and the other headers"
                        : " (its header)",
             n, n == 1 ? "" : "s", (int)names.len, (const char *)names.data,
             n > NAMES_SHOWN ? ", ..." : "");
    vl_buf_clear(&names);
}

static void add_reason(struct vl_buf *text, uint64_t n, const char *what)
{
    if (n > 0)
        vl_buf_addf(text, "%s%" PRIu64 " %s", text->len > 0 ? ", " : ": ", n, what);
}

static int no_sites(const struct conversion *c, struct vl_error *err)
{
    const struct vcf_part *part = c->parts[0];
    const struct vl_vcf2vac_counts *n = &part->counts;
    struct vl_buf why = VL_BUF_INIT;
    add_reason(&why, n->n_not_snv, "not SNV");
    add_reason(&why, n->n_no_counts, "without counts");
    add_reason(&why, n->n_misfit, "with counts that do not fit");
    add_reason(&why, n->n_malformed, "malformed");
    const char *first = n->n_malformed > 0 ? part->skipped.first : part->misfit;
    if (*first)
        vl_buf_addf(&why, "; the first: %s", first);
    int rc = vl_error_set(err, VL_ERR_DATA, "%s%s: no sites from %" PRIu64 " lines%.*s",
                          part->name, c->n > 1 ? " and the others" : "", n->n_lines,
                          (int)why.len, (const char *)why.data);
    vl_buf_clear(&why);
    return rc;
}

/* ---- parts ---- */

struct pulse {
    struct conversion *c;
    size_t i;
};

/* Called with the mutex held. */
static void note_failure(struct conversion *c, size_t i, int rc,
                         const struct vl_error *error)
{
    if (rc == 0 || i >= c->failed)
        return;
    c->failed = i;
    c->rc = rc;
    c->error = *error;
}

/* Called in the caller's thread with the mutex held.  Releases it during the call of the
 * hook. */
static void tell_progress(struct conversion *c)
{
    struct vl_error err = {0};
    double sum = 0;
    for (size_t i = 0; i < c->n_started; i++)
        sum = sum < 0 || c->share[i] < 0 ? -1 : sum + c->share[i];
    uint64_t n_lines = c->n_lines;
    c->has_news = false;
    pthread_mutex_unlock(&c->mutex);
    int rc = hooks_progress(&c->options->hooks, n_lines, sum / (double)c->n, &err);
    pthread_mutex_lock(&c->mutex);
    /* This counts as a failure of the first input, so that all inputs stop. */
    note_failure(c, 0, rc, &err);
}

static bool pulse(void *arg, uint64_t n_lines, double share)
{
    const struct pulse *p = arg;
    struct conversion *c = p->c;
    pthread_mutex_lock(&c->mutex);
    c->n_lines += n_lines;
    c->share[p->i] = share;
    if (pthread_equal(pthread_self(), c->caller)) {
        tell_progress(c);
    } else {
        c->has_news = true;
        pthread_cond_signal(&c->news);
    }
    bool go_on = p->i < c->failed;
    pthread_mutex_unlock(&c->mutex);
    return go_on;
}

static int convert(struct conversion *c, size_t i, struct vcf_part **part,
                   struct vl_error *err)
{
    const struct vl_vcf2vac_options *o = c->options;
    struct pulse arg = {c, i};
    struct vcf_part_options options = {
        .input = o->inputs.v[i],
        .ac_tag = o->ac_tag,
        .an_tag = o->an_tag,
        .lists = &c->lists,
        .output = i == 0 ? c->output : NULL,
        .keys = &c->c4gh_keys,
        .n_threads = c->n_threads,
        .pulse = pulse,
        .pulse_arg = &arg,
    };
    return vcf_part_convert(part, &options, err);
}

static int append(struct conversion *c, size_t i, struct vl_error *err)
{
    struct vcf_part *part = c->parts[i];
    note_part(c, part);
    vl_digest_add(c->digest, part->sha256, sizeof part->sha256);
    if (i == 0)
        return 0;
    int rc = vcf_part_append(c->parts[0], part, err);
    vcf_part_free(part);
    c->parts[i] = NULL;
    return rc;
}

/* Appends the converted parts that are next.  Called with the mutex held; releases it
 * meanwhile. */
static void append_ready(struct conversion *c)
{
    if (c->is_appending)
        return;
    c->is_appending = true;
    while (c->n_appended < c->failed && c->parts[c->n_appended]) {
        struct vl_error err = {0};
        size_t i = c->n_appended;
        pthread_mutex_unlock(&c->mutex);
        int rc = append(c, i, &err);
        pthread_mutex_lock(&c->mutex);
        note_failure(c, i, rc, &err);
        c->n_appended++;
    }
    c->is_appending = false;
}

/* Converts inputs until none is left.  Called with the mutex held; releases it
 * meanwhile. */
static void work(struct conversion *c)
{
    while (c->n_started < c->failed) {
        struct vl_error err = {0};
        struct vcf_part *part = NULL;
        size_t i = c->n_started++;
        pthread_mutex_unlock(&c->mutex);
        int rc = convert(c, i, &part, &err);
        pthread_mutex_lock(&c->mutex);
        c->parts[i] = part;
        note_failure(c, i, rc, &err);
        append_ready(c);
    }
}

static void *help(void *arg)
{
    struct conversion *c = arg;
    pthread_mutex_lock(&c->mutex);
    work(c);
    c->n_helpers--;
    pthread_cond_signal(&c->news);
    pthread_mutex_unlock(&c->mutex);
    return NULL;
}

/* Waits for the helpers and reports their progress.  Called with the mutex held; releases
 * it meanwhile. */
static void wait_for_helpers(struct conversion *c)
{
    while (c->n_helpers > 0 || c->has_news)
        if (c->has_news)
            tell_progress(c);
        else
            pthread_cond_wait(&c->news, &c->mutex);
}

/* One thread works on each input.  Further threads help with decompression. */
static int convert_all(struct conversion *c, struct vl_error *err)
{
    size_t n_wanted = (size_t)c->options->n_threads, n_more = c->n - 1;
    if (n_more > n_wanted)
        n_more = n_wanted;
    c->n_threads = (int)((n_wanted - n_more) / (n_more + 1));
    pthread_t *threads = malloc((n_more + 1) * sizeof *threads);
    if (!threads)
        return vl_error_memory(err);
    size_t n = 0;
    pthread_mutex_lock(&c->mutex);
    while (n < n_more && pthread_create(&threads[n], NULL, help, c) == 0)
        n++;
    c->n_helpers = n; /* fewer than wanted if the system gives no more threads */
    work(c);
    wait_for_helpers(c);
    pthread_mutex_unlock(&c->mutex);
    while (n > 0)
        pthread_join(threads[--n], NULL);
    free(threads);
    if (c->failed == c->n)
        return 0;
    return vl_error_set(err, c->rc, "%s", c->error.message);
}

/* ---- inputs ---- */

struct identity {
    dev_t device;
    ino_t inode;
    size_t i;
};

static int compare_identities(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

static int refuse_same(const char *a, const char *b, struct vl_error *err)
{
    if (strcmp(a, "-") == 0 && strcmp(b, "-") == 0)
        return vl_error_set(err, VL_ERR_USAGE,
                            "standard input (-) is given twice, but can be read once");
    return vl_error_set(err, VL_ERR_USAGE, "%s and %s are the same file", a, b);
}

/* Refuses an input that is given twice, also under another name. */
static int check_distinct(const struct vl_list *inputs, struct vl_error *err)
{
    struct identity *seen = malloc((inputs->n + 1) * sizeof *seen);
    size_t n = 0;
    int rc = seen ? 0 : vl_error_memory(err);
    for (size_t i = 0; i < inputs->n && rc == 0; i++) {
        struct stat st;
        int found = strcmp(inputs->v[i], "-") == 0 ? fstat(STDIN_FILENO, &st)
                                                   : stat(inputs->v[i], &st);
        if (found == 0)
            seen[n++] = (struct identity){st.st_dev, st.st_ino, i};
    }
    if (rc == 0)
        qsort(seen, n, sizeof *seen, compare_identities);
    for (size_t i = 1; i < n && rc == 0; i++)
        if (compare_identities(&seen[i - 1], &seen[i]) == 0)
            rc = refuse_same(inputs->v[seen[i - 1].i], inputs->v[seen[i].i], err);
    free(seen);
    return rc;
}

/* Refuses an output that is also one of the files that are read. */
static int check_output(const struct vl_vcf2vac_options *o, struct vl_error *err)
{
    size_t n = o->inputs.n;
    const char **inputs = malloc((n + 2) * sizeof *inputs);
    if (!inputs)
        return vl_error_memory(err);
    memcpy(inputs, o->inputs.v, n * sizeof *inputs);
    inputs[n] = o->contigs;
    inputs[n + 1] = o->rename_contigs;
    int rc = vl_file_check_outputs(&o->output, 1, inputs, n + 2, err);
    free(inputs);
    return rc;
}

static int open_all(struct conversion *c, struct vl_error *err)
{
    const struct vl_vcf2vac_options *o = c->options;
    int rc = check_output(o, err);
    if (rc == 0)
        rc = vl_outfile_check(o->output, VL_OUTFILE_REPLACES, err);
    if (rc == 0)
        rc = check_distinct(&o->inputs, err);
    if (rc == 0)
        rc = operation_keys_read_c4gh(&c->c4gh_keys, &o->c4gh_keys, &o->hooks, err);
    if (rc == 0)
        rc = vcf_lists_read(&c->lists, o->contigs, o->rename_contigs, err);
    if (rc < 0)
        return rc;
    c->parts = calloc(c->n, sizeof *c->parts);
    c->share = calloc(c->n, sizeof *c->share);
    c->digest = vl_digest_new();
    if (!c->parts || !c->share || !c->digest)
        return vl_error_memory(err);
    return vl_outfile_open(&c->output, o->output, OUTPUT_MODE, VL_OUTFILE_REPLACES, err);
}

/* ---- the VAC ---- */

static int write_head(struct conversion *c, struct vl_error *err)
{
    struct vl_buf head = VL_BUF_INIT;
    vl_vac_head_encode(&head);
    int rc = head.failed ? vl_error_memory(err)
                         : vl_outfile_write(c->output, head.data, head.len, err);
    vl_buf_clear(&head);
    return rc;
}

/* Digest of the source: of a single input, or of the digests of several inputs (vac.md
 * §4). */
static int source_digest(const struct conversion *c,
                         uint8_t sha256[static VL_SHA256_BYTES], struct vl_error *err)
{
    if (c->n > 1)
        return vl_digest_finish(c->digest, sha256) < 0 ? vl_error_memory(err) : 0;
    memcpy(sha256, c->parts[0]->sha256, VL_SHA256_BYTES);
    return 0;
}

static int write_meta(struct conversion *c, struct vl_error *err)
{
    struct vcf_part *part = c->parts[0];
    struct vl_vac_meta meta = {0};
    struct vl_buf bytes = VL_BUF_INIT;
    int rc = vcf_contigs_export(&part->contigs, &meta.contigs, err);
    if (rc == 0)
        rc = source_digest(c, meta.source_sha256, err);
    meta.n_sites = part->sites.n_sites;
    meta.blocks = part->sites.blocks;
    meta.n_blocks = part->sites.n_blocks;
    if (rc == 0)
        rc = vl_vac_meta_encode(&meta, vl_outfile_tell(c->output), &bytes, err);
    if (rc == 0)
        rc = vl_outfile_write(c->output, bytes.data, bytes.len, err);
    vl_buf_clear(&bytes);
    vl_contigs_clear(&meta.contigs);
    return rc;
}

static int finish(struct conversion *c, struct vl_error *err)
{
    int rc = vcf_part_finish(c->parts[0], err);
    if (rc == 0 && c->parts[0]->sites.n_sites == 0)
        rc = no_sites(c, err);
    if (rc == 0)
        rc = write_meta(c, err);
    if (rc == 0)
        rc = vl_outfile_commit(c->output, err);
    if (rc < 0)
        return rc;
    note_lengths(c);
    give_notes(c);
    return 0;
}

int vl_vcf2vac(const struct vl_vcf2vac_options *options, struct vl_vcf2vac_counts *counts,
               struct vl_error *err)
{
    struct vl_vcf2vac_options own;
    int rc = options_take(&vcf2vac_layout, options, &own, err);
    if (rc < 0)
        return rc;
    struct conversion c = {.options = &own,
                           .n = own.inputs.n,
                           .failed = own.inputs.n,
                           .mutex = PTHREAD_MUTEX_INITIALIZER,
                           .caller = pthread_self(),
                           .news = PTHREAD_COND_INITIALIZER};
    rc = open_all(&c, err);
    if (rc == 0)
        rc = write_head(&c, err);
    if (rc == 0)
        rc = convert_all(&c, err);
    if (rc == 0)
        rc = finish(&c, err);
    if (rc == 0 && counts)
        *counts = c.parts[0]->counts;
    for (size_t i = 0; c.parts && i < c.n; i++)
        vcf_part_free(c.parts[i]);
    free(c.parts);
    free(c.share);
    vl_digest_free(c.digest);
    vl_outfile_free(c.output);
    vcf_lists_clear(&c.lists);
    c4gh_keys_clear(&c.c4gh_keys);
    vl_buf_clear(&c.notes);
    return rc;
}
