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

static int read_lines(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                      BGZF *bed, const char *path, struct vl_error *err)
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

int bed_file_read(struct vl_ranges *ranges, const struct vl_contigs *contigs,
                  const char *path, struct vl_error *err)
{
    errno = 0;
    BGZF *bed = bgzf_open(path, "r");
    if (!bed)
        return errno == ENOMEM ? vl_error_memory(err) : vl_error_errno(err, "%s", path);
    int rc = read_lines(ranges, contigs, bed, path, err);
    hclearerr(bed->fp);
    bgzf_close(bed);
    return rc;
}
