#include "run/bed_file.h"

#include <errno.h>
#include <htslib/bgzf.h>
#include <htslib/hfile.h>
#include <htslib/kstring.h>
#include <stdbool.h>
#include <string.h>

static int fail(BGZF *bed, const char *path, struct vl_error *err)
{
    int reason = errno ? errno : herrno(bed->fp);
    if (reason == ENOMEM)
        return vl_error_memory(err);
    errno = reason;
    return reason ? vl_error_errno(err, "%s: reading failed", path)
                  : vl_error_set(err, VL_ERR_DATA, "%s: truncated or corrupt", path);
}

/* True if the file lacks the end-of-file block of bgzip.  A file cut between two blocks
 * would otherwise silently grant less. */
static bool is_cut(const BGZF *bed)
{
    return bed->is_compressed && !bed->is_gzip && !bed->last_block_eof;
}

/* Adds the contig that the line names. */
static int add_contig(struct vl_contigs *contigs, char *line)
{
    size_t n = strcspn(line, "\t ");
    char behind = line[n];
    line[n] = 0;
    bool is_new = n > 0 && vl_contigs_find(contigs, line) < 0;
    int rc = is_new ? vl_contigs_add(contigs, line, 0, NULL) : 0;
    line[n] = behind;
    return rc == 0 && is_new ? vl_contigs_index(contigs) : rc;
}

/* `grows`: NULL, or the contigs, to which those of the lines are added. */
static int read_lines(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                      struct vl_contigs *grows, BGZF *bed, const char *path,
                      struct vl_error *err)
{
    kstring_t line = KS_INITIALIZE;
    uint64_t n_line = 0;
    size_t n_before = ranges->n;
    int rc = 0, n = 0;
    errno = 0;
    while (rc == 0 && (n = bgzf_getline(bed, '\n', &line)) >= 0) {
        n_line++;
        if (strlen(ks_str(&line)) != line.l)
            rc = vl_error_set(err, VL_ERR_DATA, "%s:%llu: holds a NUL byte", path,
                              (unsigned long long)n_line);
        else if (grows && add_contig(grows, line.s) < 0)
            rc = vl_error_memory(err);
        else
            rc = vl_ranges_add_bed_line(ranges, contigs, line.s, path, n_line, err);
        errno = 0;
    }
    if (rc == 0 && (n < -1 || is_cut(bed)))
        rc = fail(bed, path, err);
    if (rc == 0 && ranges->n == n_before)
        rc = vl_error_set(err, VL_ERR_DATA, "%s: holds no interval", path);
    ks_free(&line);
    return rc;
}

static int read_file(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                     struct vl_contigs *grows, const char *path, struct vl_error *err)
{
    errno = 0;
    BGZF *bed = bgzf_open(path, "r");
    if (!bed)
        return errno == ENOMEM ? vl_error_memory(err) : vl_error_errno(err, "%s", path);
    int rc = read_lines(ranges, contigs, grows, bed, path, err);
    hclearerr(bed->fp);
    bgzf_close(bed);
    return rc;
}

int bed_file_read(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                  const char *path, struct vl_error *err)
{
    return read_file(ranges, contigs, NULL, path, err);
}

int bed_file_read_any(struct vl_ranges *ranges, struct vl_contigs *contigs,
                      const char *path, struct vl_error *err)
{
    return read_file(ranges, contigs, contigs, path, err);
}
