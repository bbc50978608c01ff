#include "restore/masked_file.h"

#include <string.h>

#include "alignment/header.h"
#include "container/earlier_files.h"
#include "projection/masked_header.h"
#include "record/record.h"
#include "window/extent.h"
#include "window/masked_digest.h"

static const struct vl_bdiff_index *index_of(const struct masked_file *m)
{
    static const struct vl_bdiff_index none;
    return m->bdiff ? vl_bdiff_reader_index(m->bdiff) : &none;
}

static int check_header(struct masked_file *m, struct vl_error *err)
{
    uint8_t read_groups[VL_SHA256_BYTES];
    struct masked_line line;
    const struct vl_bdiff_header *header = vl_bdiff_reader_header(m->bdiff);
    int found = header_masked_line((const char *)m->in.text.data, &line);
    if (found == 0)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: is not a masked file (no @CO varlock line)", m->in.path);
    if (found < 0)
        return vl_error_set(err, VL_ERR_DATA,
                            "%s: its @CO varlock line is of another form: masked by "
                            "another version, or altered",
                            m->in.path);
    if (memcmp(line.bdiff_id, header->root_id, sizeof line.bdiff_id) != 0) {
        vl_error_set(err, VL_ERR_SEAL,
                     "%s: was not masked together with this BDIFF (its header names "
                     "another one)",
                     m->in.path);
        return earlier_files_tell(vl_bdiff_reader_path(m->bdiff), m->in.path, VL_ERR_SEAL,
                                  err);
    }
    if (line.mask_model != header->mask_model)
        return vl_error_set(err, VL_ERR_SEAL,
                            "%s: its header says mask=%s, but the masking was %s",
                            m->in.path, mask_model_name(line.mask_model),
                            mask_model_name(header->mask_model));
    int rc = header_check_contigs(m->in.path, &m->in.contigs, &header->contigs, err);
    if (rc == 0 && header_read_groups_digest(&m->in.text, read_groups) < 0)
        rc = vl_error_memory(err);
    if (rc == 0 &&
        memcmp(read_groups, header->read_groups_sha256, sizeof read_groups) != 0)
        rc = vl_error_set(err, VL_ERR_SEAL,
                          "%s: its @RG lines are not those that it was masked with: they "
                          "were changed, reordered, added or dropped",
                          m->in.path);
    return rc;
}

static int open_file(struct masked_file *m, const char *path, const char *reference,
                     struct c4gh_keys *keys, htsThreadPool *pool, struct vl_error *err)
{
    m->ahead = bam_init1();
    int rc = m->ahead ? alignment_input_open(&m->in, path, reference, keys, pool, err)
                      : vl_error_memory(err);
    if (rc == VL_ERR_IO && m->bdiff)
        earlier_files_tell(vl_bdiff_reader_path(m->bdiff), path, rc, err);
    if (rc == 0 && m->bdiff)
        rc = check_header(m, err);
    if (rc < 0)
        return rc;
    m->n_contigs = m->in.contigs.n;
    return window_contigs_digest(&m->in.contigs, m->contigs_sha256) < 0
               ? vl_error_memory(err)
               : 0;
}

int masked_open(struct masked_file *m, const char *path, const char *reference,
                struct c4gh_keys *keys, htsThreadPool *pool,
                struct vl_bdiff_reader *bdiff, struct vl_error *err)
{
    memset(m, 0, sizeof *m);
    m->bdiff = bdiff;
    int rc = open_file(m, path, reference, keys, pool, err);
    if (rc == 0 && bdiff)
        rc = shown_geometry_open(&m->geometry, vl_bdiff_reader_header(bdiff), err);
    if (rc < 0)
        masked_close(m);
    return rc;
}

int masked_select(struct masked_file *m, const struct vl_ranges *wanted, bool seeks,
                  struct vl_error *err)
{
    m->wanted = wanted;
    m->seeks = seeks;
    m->scan.is_open = false;
    return seeks ? alignment_input_need_index(&m->in, err) : 0;
}

void masked_restart(struct masked_file *m)
{
    m->next = 0;
    m->has_ahead = false;
}

/* Reads the next record into `ahead` if that is empty.  0 at the end. */
static int peek(struct masked_file *m, struct vl_error *err)
{
    if (m->has_ahead)
        return 1;
    int rc = alignment_input_next(&m->in, m->ahead, err);
    if (rc <= 0)
        return rc;
    m->ahead_locus = locus_count(&m->counter, locus_of(m->ahead, m->n_contigs));
    m->has_ahead = true;
    return 1;
}

static int compare_with_ordinal(const struct vl_locus *a, const struct vl_locus *b)
{
    int order = locus_compare(a, b);
    return order ? order : (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

/* Forgets what was read, before the file is read from another place. */
static void leave(struct masked_file *m)
{
    m->counter.any = false;
    m->has_ahead = false;
}

/* Goes to the first record that can be the one at that place.  If the index does not tell
 * where that is, reading starts at the beginning of the file. */
static int seek(struct masked_file *m, const struct vl_locus *to, struct vl_error *err)
{
    leave(m);
    int64_t pos0 = to->pos0;
    /* htslib would search forever far behind the end of a contig.  Reading starts at the
     * contig's last base instead. */
    if (to->contig < m->n_contigs && pos0 >= m->in.contigs.v[to->contig].length)
        pos0 = m->in.contigs.v[to->contig].length > 0
                   ? m->in.contigs.v[to->contig].length - 1
                   : 0;
    /* Where possible the query asks for a single position, because a query to the
     * contig's end walks all its bins. */
    int rc = alignment_input_seek(&m->in, to->contig, pos0,
                                  pos0 > 0 ? pos0 + 1 : HTS_POS_MAX, err);
    return rc == 0 ? alignment_input_rewind(&m->in, err) : rc < 0 ? rc : 0;
}

static int missing(const struct masked_file *m, size_t i, struct vl_error *err)
{
    const struct vl_locus *at = &index_of(m)->v[i].first;
    return vl_error_set(
        err, VL_ERR_SEAL,
        "%s: records near %s:%lld (window %zu) are missing or were added", m->in.path,
        at->contig < m->n_contigs ? m->in.contigs.v[at->contig].name : "*",
        (long long)at->pos0 + 1, i + 1);
}

/* 0 if the record that was read is passed, MASKED_OUTSIDE if it is to be handed out. */
static int pass_outside(struct masked_file *m, struct vl_error *err)
{
    m->has_ahead = false;
    if (m->seeks || m->leaps)
        return 0;
    if (m->scan.is_open && compare_with_ordinal(&m->ahead_locus, &m->scan.from) < 0)
        return 0;
    if (index_of(m)->is_root)
        return vl_error_set(err, VL_ERR_SEAL,
                            "%s: record %s was not there when the file was masked",
                            m->in.path, bam_get_qname(m->ahead));
    return MASKED_OUTSIDE;
}

/* Reads up to the window: MASKED_WINDOW once it is there, or a record before it. */
static int go_to_window(struct masked_file *m, size_t i, struct vl_error *err)
{
    const struct vl_bdiff_entry *entry = &index_of(m)->v[i];
    bool there =
        m->has_ahead && compare_with_ordinal(&m->ahead_locus, &entry->first) == 0;
    /* Whole records alone may stand anywhere among the windows. */
    if (entry->n_records == 0)
        return MASKED_WINDOW;
    int rc = m->seeks && !there ? seek(m, &entry->first, err) : 0;
    if (rc < 0)
        return rc;
    while ((rc = peek(m, err)) > 0) {
        int order = compare_with_ordinal(&m->ahead_locus, &entry->first);
        if (order == 0)
            return MASKED_WINDOW;
        if (order > 0)
            return missing(m, i, err);
        rc = pass_outside(m, err);
        if (rc != 0)
            return rc;
    }
    return rc < 0 ? rc : missing(m, i, err);
}

/* The next record outside windows before `limit` (NULL: before the end of the file). */
static int pass_rest(struct masked_file *m, const struct vl_locus *limit,
                     struct vl_error *err)
{
    int rc;
    while (!m->seeks && (rc = peek(m, err)) != 0) {
        if (rc > 0 && limit && locus_compare(&m->ahead_locus, limit) >= 0)
            return MASKED_END;
        if (rc > 0)
            rc = pass_outside(m, err);
        if (rc != 0)
            return rc;
    }
    return MASKED_END;
}

static int read_window(struct masked_file *m, size_t i, struct record_array *records,
                       struct vl_error *err)
{
    uint32_t n_records = index_of(m)->v[i].n_records;
    uint64_t n_bytes = 0;
    int rc = go_to_window(m, i, err);
    for (uint32_t n = 0; rc == MASKED_WINDOW && n < n_records; n++) {
        bam1_t *b = record_array_add(records);
        rc = b ? peek(m, err) : vl_error_memory(err);
        if (rc == 0 || (rc > 0 && n_bytes > vl_bdiff_limit(VL_LIMIT_MASKED_BYTES, 0)))
            rc = missing(m, i, err);
        n_bytes += (uint64_t)m->ahead->l_data;
        if (rc < 0)
            break;
        record_swap(b, m->ahead);
        m->has_ahead = false;
        rc = MASKED_WINDOW;
    }
    return rc;
}
/* ---- a range ---- */

/* Finds where the records that overlap the range begin: at the first of them that the
 * index leads to, or at the window that it is in. */
static int find_scan(struct masked_file *m, const struct vl_locus *beg, int64_t end,
                     struct vl_error *err)
{
    const struct vl_bdiff_index *index = index_of(m);
    leave(m);
    int rc = alignment_input_seek(&m->in, beg->contig, beg->pos0, end, err);
    if (rc > 0)
        rc = peek(m, err);
    if (rc <= 0 || locus_compare(&m->ahead_locus, &m->scan.to) >= 0)
        return rc < 0 ? rc : 0;
    m->scan.from = m->ahead_locus;
    m->scan.from.ordinal = 0;
    for (size_t i = 0; i < index->n; i++) {
        const struct vl_bdiff_entry *e = &index->v[i];
        if (e->n_records == 0 || compare_with_ordinal(&e->last, &m->scan.from) < 0)
            continue;
        if (compare_with_ordinal(&e->first, &m->scan.from) < 0)
            m->scan.from = e->first;
        break;
    }
    m->scan.is_open = true;
    return 0;
}

int masked_select_ranges(struct masked_file *m, const struct vl_ranges *ranges,
                         struct vl_error *err)
{
    struct vl_locus beg = {.contig = (uint32_t)m->n_contigs, .pos0 = -1};
    int64_t end = HTS_POS_MAX;
    m->scan = (struct masked_scan){.to = {.contig = UINT32_MAX}};
    if (ranges->n > 0) {
        beg = (struct vl_locus){.contig = (uint32_t)ranges->v[0].contig,
                                .pos0 = ranges->v[0].beg};
        if (ranges->v[ranges->n - 1].end < end)
            end = ranges->v[ranges->n - 1].end;
        m->scan.to = (struct vl_locus){.contig = beg.contig, .pos0 = end};
    }
    int rc = masked_select(m, ranges, true, err);
    masked_restart(m);
    return rc < 0 || index_of(m)->is_root ? rc : find_scan(m, &beg, end, err);
}

void masked_select_nothing(struct masked_file *m)
{
    m->next = index_of(m)->n;
    m->seeks = true;
    m->scan.is_open = false;
}

static bool is_behind_scan_start(const struct masked_file *m,
                                 const struct vl_bdiff_entry *e)
{
    return m->scan.is_open && e->n_records > 0 &&
           compare_with_ordinal(&e->last, &m->scan.from) >= 0;
}

static bool is_in_scan(const struct masked_file *m, const struct vl_bdiff_entry *e)
{
    return is_behind_scan_start(m, e) && locus_compare(&e->first, &m->scan.to) < 0;
}

/* Reads on in the scan, in front of window i or to the scan's end. */
static int go_on_in_scan(struct masked_file *m, size_t i, struct vl_error *err)
{
    const struct vl_bdiff_index *index = index_of(m);
    int rc = m->scan.is_started ? 0 : seek(m, &m->scan.from, err);
    if (rc < 0)
        return rc;
    m->scan.is_started = true;
    m->seeks = false;
    if (i < index->n && is_in_scan(m, &index->v[i]))
        return MASKED_END;
    rc = pass_rest(m, &m->scan.to, err);
    if (rc == MASKED_END) {
        m->scan.is_open = false;
        m->seeks = true;
        m->has_ahead = false;
    }
    return rc;
}

/* ---- what comes next ---- */

static bool is_selected(const struct masked_file *m, const struct vl_bdiff_entry *e)
{
    return !m->wanted || entry_overlaps(e, m->wanted, m->n_contigs) || is_in_scan(m, e);
}

int masked_next(struct masked_file *m, size_t *i, struct record_array *records,
                const bam1_t **outside, struct vl_error *err)
{
    const struct vl_bdiff_index *index = index_of(m);
    int rc = MASKED_END;
    *outside = m->ahead;
    while (m->next < index->n && !is_selected(m, &index->v[m->next]))
        m->next++;
    if (m->scan.is_open &&
        (m->next == index->n || is_behind_scan_start(m, &index->v[m->next])))
        rc = go_on_in_scan(m, m->next, err);
    if (rc != MASKED_END)
        return rc;
    if (m->next == index->n)
        return pass_rest(m, NULL, err);
    rc = read_window(m, m->next, records, err);
    if (rc == MASKED_WINDOW)
        *i = m->next++;
    return rc;
}

int masked_next_window(struct masked_file *m, size_t *i, struct record_array *records,
                       struct vl_error *err)
{
    const bam1_t *outside;
    int rc;
    do
        rc = masked_next(m, i, records, &outside, err);
    while (rc == MASKED_OUTSIDE);
    return rc;
}

int masked_read_window(struct masked_file *m, size_t i, struct record_array *records,
                       struct vl_error *err)
{
    m->leaps = true;
    return read_window(m, i, records, err);
}

int masked_check_window(const struct masked_file *m, size_t i,
                        const struct record_array *records, struct vl_error *err)
{
    const struct vl_bdiff_entry *entry = &index_of(m)->v[i];
    uint8_t digest[VL_SHA256_BYTES];
    if (window_masked_digest(records, m->contigs_sha256, digest) < 0)
        return vl_error_memory(err);
    if (memcmp(digest, entry->masked_sha256, sizeof digest) == 0)
        return 0;
    uint32_t from = entry->first.contig, to = entry->last.contig;
    return vl_error_set(
        err, VL_ERR_SEAL,
        "%s: the records from %s:%lld to %s:%lld (window %zu) are not those that "
        "were masked",
        m->in.path, from < m->n_contigs ? m->in.contigs.v[from].name : "*",
        (long long)entry->first.pos0 + 1,
        to < m->n_contigs ? m->in.contigs.v[to].name : "*",
        (long long)entry->last.pos0 + 1, i + 1);
}

void masked_close(struct masked_file *m)
{
    if (m->ahead)
        bam_destroy1(m->ahead);
    alignment_input_close(&m->in);
    shown_geometry_close(&m->geometry);
    memset(m, 0, sizeof *m);
}
