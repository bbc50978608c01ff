#include "alignment/fasta.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>

#include <htslib/faidx.h>
#include <htslib/hts.h>

enum { CHUNK = 1 << 22 };

static int add_chunk(const faidx_t *fai, const struct vl_contig *c, int64_t from,
                     hts_md5_context *md5)
{
    hts_pos_t n = 0;
    int64_t last = from + CHUNK < c->length ? from + CHUNK - 1 : c->length - 1;
    char *seq = faidx_fetch_seq64(fai, c->name, from, last, &n);
    bool whole = seq && n == last - from + 1;
    for (hts_pos_t i = 0; whole && i < n; i++)
        seq[i] = (char)toupper((unsigned char)seq[i]);
    if (whole)
        hts_md5_update(md5, seq, (unsigned long)n);
    free(seq);
    return whole ? 0 : -1;
}

static int fill_m5(const faidx_t *fai, struct vl_contig *c, const char *path,
                   struct vl_error *err)
{
    unsigned char digest[16];
    if (!faidx_has_seq(fai, c->name) || faidx_seq_len(fai, c->name) != c->length)
        return vl_error_set(err, VL_ERR_DATA, "%s: has no contig %s of %lld bases", path,
                            c->name, (long long)c->length);
    hts_md5_context *md5 = hts_md5_init();
    if (!md5)
        return vl_error_memory(err);
    int rc = 0;
    for (int64_t at = 0; rc == 0 && at < c->length; at += CHUNK)
        rc = add_chunk(fai, c, at, md5);
    hts_md5_final(digest, md5);
    hts_md5_destroy(md5);
    if (rc < 0)
        return vl_error_set(err, VL_ERR_IO, "%s: contig %s cannot be read", path,
                            c->name);
    hts_md5_hex(c->m5, digest);
    return 0;
}

int reference_fill_m5(const char *path, struct vl_contigs *contigs, struct vl_error *err)
{
    faidx_t *fai = fai_load(path);
    if (!fai)
        return vl_error_set(err, VL_ERR_IO, "%s: cannot be read as an indexed FASTA",
                            path);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < contigs->n; i++)
        if (!contigs->v[i].m5[0])
            rc = fill_m5(fai, &contigs->v[i], path, err);
    fai_destroy(fai);
    return rc;
}
