#include "alignment/fasta.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <htslib/hts.h>

enum { PIECE_BASES = 1 << 22 };

int reference_open(faidx_t **fai, const char *path, struct vl_error *err)
{
    *fai = fai_load(path);
    return *fai ? 0
                : vl_error_set(err, VL_ERR_IO, "%s: cannot be read as an indexed FASTA",
                               path);
}

static void add_in_upper_case(hts_md5_context *md5, char *bases, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        bases[i] = (char)toupper((unsigned char)bases[i]);
    hts_md5_update(md5, bases, (unsigned long)n);
}

static int read_pieces(const faidx_t *fai, const char *path, const struct vl_contig *c,
                       bases_fn take, void *arg, hts_md5_context *md5,
                       struct vl_error *err)
{
    for (int64_t at = 0; at < c->length; at += PIECE_BASES) {
        hts_pos_t n = 0, wanted = c->length - at;
        if (wanted > PIECE_BASES)
            wanted = PIECE_BASES;
        char *bases = faidx_fetch_seq64(fai, c->name, at, at + wanted - 1, &n);
        bool whole = bases && n == wanted;
        if (whole && take)
            take(arg, at, bases, n);
        if (whole && md5)
            add_in_upper_case(md5, bases, n);
        free(bases);
        if (!whole)
            return vl_error_set(err, VL_ERR_IO, "%s: contig %s cannot be read", path,
                                c->name);
    }
    return 0;
}

int reference_read(const faidx_t *fai, const char *path, const struct vl_contig *contig,
                   bases_fn take, void *arg, char m5[VL_M5_CHARS + 1],
                   struct vl_error *err)
{
    unsigned char digest[16];
    if (!m5)
        return read_pieces(fai, path, contig, take, arg, NULL, err);
    hts_md5_context *md5 = hts_md5_init();
    if (!md5)
        return vl_error_memory(err);
    int rc = read_pieces(fai, path, contig, take, arg, md5, err);
    hts_md5_final(digest, md5);
    hts_md5_hex(m5, digest);
    hts_md5_destroy(md5);
    return rc;
}

static int fill_m5(const faidx_t *fai, struct vl_contig *c, const char *path,
                   struct vl_error *err)
{
    char m5[VL_M5_CHARS + 1];
    /* samtools faidx leaves out what has no bases. */
    bool has = c->length == 0 ||
               (faidx_has_seq(fai, c->name) && faidx_seq_len(fai, c->name) == c->length);
    if (!has)
        return vl_error_set(err, VL_ERR_DATA, "%s: has no contig %s of %lld bases", path,
                            c->name, (long long)c->length);
    int rc = reference_read(fai, path, c, NULL, NULL, m5, err);
    if (rc == 0)
        memcpy(c->m5, m5, sizeof m5);
    return rc;
}

int reference_fill_m5(const char *path, struct vl_contigs *contigs, struct vl_error *err)
{
    faidx_t *fai;
    int rc = reference_open(&fai, path, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < contigs->n; i++)
        if (!contigs->v[i].m5[0])
            rc = fill_m5(fai, &contigs->v[i], path, err);
    fai_destroy(fai);
    return rc;
}
