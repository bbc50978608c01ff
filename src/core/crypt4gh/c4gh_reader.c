#include "crypt4gh/c4gh_reader.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/source_end.h"
#include "varlock/chacha.h"
#include "varlock/crypt4gh.h"
#include "varlock/seal.h"

enum { UNKNOWN_SIZE = -1, NO_SEGMENT = -1 };

/* A segment that was opened.  Two are held: whoever looks at the end of a file comes back
 * to where he was. */
struct held {
    int64_t number; /* or NO_SEGMENT */
    size_t n;
    uint8_t plain[VL_C4GH_PLAIN_BYTES];
};

enum { N_HELD = 2 };

struct c4gh_reader {
    hFILE *source;
    char *path;
    int64_t start; /* of the first segment in the source */
    struct c4gh_header header;
    struct c4gh_edits edits;
    struct vl_chacha **keys; /* one for each data key */
    size_t n_keys, last_key; /* the one that opened the segment before */
    int64_t at;              /* next edited byte */
    int64_t next;            /* number of the segment that the source stands at */
    int64_t n_total;         /* plain bytes; INT64_MAX: the end was not seen yet */
    struct held held[N_HELD];
    unsigned last_held; /* the one that was read last */
    uint8_t sealed[VL_C4GH_SEGMENT_BYTES];
};

static int open_keys(struct c4gh_reader *r, struct vl_error *err)
{
    size_t n = c4gh_header_n_keys(&r->header);
    int rc = 0;
    r->keys = calloc(n, sizeof *r->keys);
    if (!r->keys)
        return vl_error_memory(err);
    for (; rc == 0 && r->n_keys < n; r->n_keys += rc == 0)
        rc = vl_chacha_open(&r->keys[r->n_keys], c4gh_header_key(&r->header, r->n_keys),
                            err);
    return rc;
}

int c4gh_reader_open(struct c4gh_reader **reader, hFILE *source, const char *path,
                     struct c4gh_header *header, struct vl_error *err)
{
    *reader = NULL;
    struct c4gh_reader *r = calloc(1, sizeof *r);
    if (!r)
        return vl_error_memory(err);
    r->header = *header;
    for (unsigned i = 0; i < N_HELD; i++)
        r->held[i].number = NO_SEGMENT;
    r->n_total = INT64_MAX;
    r->path = strdup(path);
    int rc = r->path && c4gh_edits_make(&r->edits, (void *)header->lengths.data,
                                        header->has_edits
                                            ? header->lengths.len / sizeof(uint64_t)
                                            : 0) == 0
                 ? 0
                 : vl_error_memory(err);
    if (rc == 0)
        rc = open_keys(r, err);
    if (rc < 0) {
        r->header = (struct c4gh_header){0};
        c4gh_reader_free(r);
        return rc;
    }
    r->source = source;
    r->start = htell(source);
    *header = (struct c4gh_header){0};
    *reader = r;
    return 0;
}

const struct c4gh_header *c4gh_reader_header(const struct c4gh_reader *r)
{
    return &r->header;
}

/* ---- segments ---- */

int c4gh_blame_truncated(const char *path, uint64_t number, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA, "%s: is truncated in segment %llu", path,
                        (unsigned long long)number + 1);
}

int c4gh_blame_segment(const char *path, uint64_t number, size_t n, struct vl_error *err)
{
    return vl_error_set(err, VL_ERR_DATA,
                        "%s: segment %llu does not open: the file is damaged%s", path,
                        (unsigned long long)number + 1,
                        n < VL_C4GH_SEGMENT_BYTES ? ", or truncated there" : "");
}

/* Opens n sealed bytes with the key that opened the segment before, or another one. */
static int open_segment(struct c4gh_reader *r, size_t n, uint8_t *plain,
                        struct vl_error *err)
{
    bool opens = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && !opens && i < r->n_keys; i++) {
        size_t key = (r->last_key + i) % r->n_keys;
        rc = vl_c4gh_segment_open(r->keys[key], r->sealed, n, plain, &opens, err);
        if (opens)
            r->last_key = key;
    }
    return rc < 0 || opens ? rc : c4gh_blame_segment(r->path, (uint64_t)r->next, n, err);
}

/* Reads the segment that the source stands at.  *n becomes its plain bytes; 0 at the end
 * of the file, or in an empty last segment. */
static int next_segment(struct c4gh_reader *r, uint8_t *plain, size_t *n,
                        struct vl_error *err)
{
    ssize_t got = hread(r->source, r->sealed, sizeof r->sealed);
    *n = 0;
    if (got < 0)
        return vl_error_errno(err, "%s: cannot read", r->path);
    if (got == 0) {
        r->n_total = r->next * VL_C4GH_PLAIN_BYTES;
        return 0;
    }
    if (got < VL_C4GH_OVERHEAD_BYTES)
        return c4gh_blame_truncated(r->path, (uint64_t)r->next, err);
    int rc = open_segment(r, (size_t)got, plain, err);
    if (rc < 0)
        return rc;
    *n = (size_t)got - VL_C4GH_OVERHEAD_BYTES;
    if (got < VL_C4GH_SEGMENT_BYTES)
        r->n_total = r->next * VL_C4GH_PLAIN_BYTES + (int64_t)*n;
    r->next++;
    return 0;
}

/* Reads up to `number` without opening anything: the source cannot seek. */
static int skip_to_segment(struct c4gh_reader *r, int64_t number, struct vl_error *err)
{
    while (r->next < number) {
        ssize_t got = hread(r->source, r->sealed, sizeof r->sealed);
        if (got < 0)
            return vl_error_errno(err, "%s: cannot read", r->path);
        if (got == 0) {
            r->n_total = r->next * VL_C4GH_PLAIN_BYTES;
            return 0;
        }
        r->next++;
    }
    return 0;
}

/* Some streams refuse to go behind their end. */
static bool is_behind_end(struct c4gh_reader *r, off_t offset)
{
    off_t end = source_end(r->source);
    if (end < 0 || offset <= end)
        return false;
    r->next = (end - r->start) / VL_C4GH_SEGMENT_BYTES + 1;
    r->n_total = r->next * VL_C4GH_PLAIN_BYTES; /* at most */
    return true;
}

/* Afterwards the source stands at the segment, or n_total says that there is none. */
static int go_to_segment(struct c4gh_reader *r, int64_t number, struct vl_error *err)
{
    if (number == r->next)
        return 0;
    if (number > (INT64_MAX - r->start) / VL_C4GH_SEGMENT_BYTES)
        return vl_error_set(err, VL_ERR_DATA, "%s: has no byte so far behind", r->path);
    off_t offset = (off_t)(r->start + number * VL_C4GH_SEGMENT_BYTES);
    if (hseek(r->source, offset, SEEK_SET) >= 0) {
        r->next = number;
        return 0;
    }
    int why = errno;
    hclearerr(r->source);
    if (number > r->next && why == ESPIPE)
        return skip_to_segment(r, number, err);
    if (why == EINVAL && is_behind_end(r, offset))
        return 0;
    errno = why;
    return vl_error_errno(err, "%s: cannot seek", r->path);
}

/* ---- bytes ---- */

/* Where an edited byte lies. */
struct place {
    int64_t segment, in_range; /* in_range: bytes that are kept from there on */
    size_t in_segment;         /* bytes of the segment before it */
};

/* False behind the end of the edit list. */
static bool find_place(const struct c4gh_reader *r, struct place *place)
{
    const struct c4gh_range *range = c4gh_edits_find(&r->edits, r->at);
    if (!range)
        return false;
    int64_t plain = range->plain + (r->at - range->edited);
    place->segment = plain / VL_C4GH_PLAIN_BYTES;
    place->in_segment = (size_t)(plain % VL_C4GH_PLAIN_BYTES);
    place->in_range = range->n - (r->at - range->edited);
    return true;
}

static bool is_end(const struct c4gh_reader *r, const struct place *place)
{
    return place->segment * VL_C4GH_PLAIN_BYTES + (int64_t)place->in_segment >=
           r->n_total;
}

/* The held segment of that number; NULL: it is not held. */
static const struct held *find_held(struct c4gh_reader *r, int64_t number)
{
    for (unsigned i = 0; i < N_HELD; i++)
        if (r->held[i].number == number) {
            r->last_held = i;
            return &r->held[i];
        }
    return NULL;
}

/* Reads the segment that the source stands at in place of the one not used for longer. */
static int hold_next(struct c4gh_reader *r, struct vl_error *err)
{
    int64_t number = r->next;
    r->last_held = (r->last_held + 1) % N_HELD;
    struct held *held = &r->held[r->last_held];
    held->number = NO_SEGMENT;
    int rc = next_segment(r, held->plain, &held->n, err);
    if (rc == 0)
        held->number = number;
    return rc;
}

/* Copies bytes of a segment. */
static size_t copy(const struct held *held, const struct place *place, void *out,
                   size_t n)
{
    size_t there = held->n > place->in_segment ? held->n - place->in_segment : 0;
    n = n < there ? n : there;
    n = (int64_t)n < place->in_range ? n : (size_t)place->in_range;
    memcpy(out, held->plain + place->in_segment, n);
    return n;
}

/* Reads some bytes at the place: a whole segment right into `out`, where there is room.
 * *got becomes 0 at the end. */
static int read_some(struct c4gh_reader *r, const struct place *place, void *out,
                     size_t n, size_t *got, struct vl_error *err)
{
    bool is_whole = place->in_segment == 0 && n >= VL_C4GH_PLAIN_BYTES &&
                    place->in_range >= VL_C4GH_PLAIN_BYTES;
    const struct held *held = find_held(r, place->segment);
    *got = 0;
    if (!held) {
        int rc = go_to_segment(r, place->segment, err);
        if (rc < 0 || is_end(r, place))
            return rc;
        if (is_whole)
            return next_segment(r, out, got, err);
        rc = hold_next(r, err);
        if (rc < 0)
            return rc;
        held = &r->held[r->last_held];
    }
    *got = copy(held, place, out, n);
    return 0;
}

int c4gh_reader_read(struct c4gh_reader *r, void *out, size_t n, size_t *got,
                     struct vl_error *err)
{
    struct place place;
    *got = 0;
    while (*got < n && find_place(r, &place) && !is_end(r, &place)) {
        size_t some = 0;
        int rc = read_some(r, &place, (uint8_t *)out + *got, n - *got, &some, err);
        if (rc < 0)
            return rc;
        if (some == 0)
            break;
        *got += some;
        r->at += (int64_t)some;
    }
    return 0;
}

int c4gh_reader_seek(struct c4gh_reader *r, int64_t offset, struct vl_error *err)
{
    if (offset < 0)
        return vl_error_set(err, VL_ERR_IO, "%s: has no byte before the first", r->path);
    r->at = offset;
    return 0;
}

int64_t c4gh_reader_tell(const struct c4gh_reader *r)
{
    return r->at;
}

int c4gh_reader_size(struct c4gh_reader *r, int64_t *size, struct vl_error *err)
{
    off_t end = source_end(r->source);
    *size = UNKNOWN_SIZE;
    if (end < r->start) {
        errno = 0;
        return 0;
    }
    off_t at = (off_t)(r->start + r->next * VL_C4GH_SEGMENT_BYTES);
    if (hseek(r->source, at < end ? at : end, SEEK_SET) < 0)
        return vl_error_errno(err, "%s: cannot seek", r->path);
    int64_t n_plain = vl_c4gh_plain_size(end - r->start);
    if (n_plain < 0)
        return c4gh_blame_truncated(
            r->path, (uint64_t)(end - r->start) / VL_C4GH_SEGMENT_BYTES, err);
    *size = c4gh_edits_size(&r->edits, n_plain);
    return 0;
}

void c4gh_reader_free(struct c4gh_reader *r)
{
    if (!r)
        return;
    for (size_t i = 0; r->keys && i < r->n_keys; i++)
        vl_chacha_free(r->keys[i]);
    free(r->keys);
    if (r->source)
        hclose_abruptly(r->source);
    c4gh_header_clear(&r->header);
    c4gh_edits_clear(&r->edits);
    free(r->path);
    vl_wipe(r->held, sizeof r->held);
    free(r);
}
