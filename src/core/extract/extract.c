#include "extract/extract.h"

#include <fcntl.h>
#include <htslib/hts.h>
#include <unistd.h>

#include "crypt4gh/c4gh_stream.h"
#include "varlock/thread_check.h"

static int find_format(const struct extraction *x, enum htsExactFormat *found,
                       struct vl_error *err)
{
    struct vl_error failure;
    htsFormat format = {0};
    hFILE *stream;
    int rc = c4gh_stream_open(&stream, NULL, x->path, x->keys, &failure, err);
    if (rc < 0)
        return rc;
    if (hts_detect_format(stream, &format) < 0)
        format.format = unknown_format;
    hclose_abruptly(stream);
    *found = format.format;
    if (failure.code == VL_OK)
        return 0;
    if (err)
        *err = failure;
    return failure.code;
}

int extract_check_threads(const struct extraction *x, struct vl_error *err)
{
    return x->n_threads > 0 ? vl_thread_check(x->n_threads + 1, err) : 0;
}

void extract_silence(const struct extraction *x)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0)
        return;
    dup2(null, x->fd);
    close(null);
}

int extract(const struct extraction *x, hFILE *out, struct vl_error *err)
{
    enum htsExactFormat format;
    int rc = find_format(x, &format, err);
    if (rc == 0 && (format == bam || format == cram || format == sam))
        return extract_alignments(x, out, err);
    if (rc == 0 && (format == vcf || format == bcf))
        return extract_variants(x, out, err);
    hclose_abruptly(out);
    return rc < 0
               ? rc
               : vl_error_set(err, VL_ERR_DATA,
                              "%s: regions need a BAM, CRAM, VCF or BCF file", x->path);
}
