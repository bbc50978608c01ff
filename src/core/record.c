#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "cigar.h"
#include "tags.h"

const int8_t base_of_nibble[16] = {-1, 0,  1,  -1, 2,  -1, -1, -1,
                                   3,  -1, -1, -1, -1, -1, -1, -1};
const uint8_t nibble_of_base[4] = {1, 2, 4, 8};

bool record_is_aligned(const bam1_t *b)
{
    return !(b->core.flag & BAM_FUNMAP) && b->core.tid >= 0 && b->core.pos >= 0 &&
           b->core.n_cigar > 0;
}

bool record_lengths_agree(const bam1_t *b)
{
    return b->core.n_cigar == 0 || b->core.l_qseq == 0 ||
           bam_cigar2qlen((int)b->core.n_cigar, bam_get_cigar(b)) == b->core.l_qseq;
}

struct run_walk run_walk_start(const bam1_t *b)
{
    bool any = record_is_aligned(b) && b->core.l_qseq > 0;
    return (struct run_walk){.cigar = bam_get_cigar(b),
                             .n_cigar = any ? b->core.n_cigar : 0,
                             .rpos = b->core.pos};
}

static bool next_run(struct run_walk *walk, struct aligned_run *run, bool deletions)
{
    while (walk->op < walk->n_cigar) {
        uint32_t c = walk->cigar[walk->op++];
        int type = bam_cigar_type(bam_cigar_op(c));
        int32_t len = (int32_t)bam_cigar_oplen(c);
        *run = (struct aligned_run){walk->rpos, walk->qpos, len};
        if (type & 1)
            walk->qpos += len;
        if (type & 2)
            walk->rpos += len;
        if (type == 3 && len > 0)
            return true;
        if (deletions && bam_cigar_op(c) == BAM_CDEL && len > 0) {
            run->qpos = -1;
            return true;
        }
    }
    return false;
}

bool run_walk_next(struct run_walk *walk, struct aligned_run *run)
{
    return next_run(walk, run, false);
}

bool run_walk_next_either(struct run_walk *walk, struct aligned_run *run)
{
    return next_run(walk, run, true);
}

struct hidden_walk hidden_walk_start(const bam1_t *b)
{
    return (struct hidden_walk){.cigar = bam_get_cigar(b),
                                .n_cigar = b->core.n_cigar,
                                .l_qseq = b->core.l_qseq,
                                .all = !record_is_aligned(b)};
}

bool hidden_walk_next(struct hidden_walk *walk, int32_t *qpos, int32_t *len)
{
    if (walk->l_qseq == 0)
        return false;
    if (walk->all) {
        *qpos = 0;
        *len = walk->l_qseq;
        walk->l_qseq = 0;
        return true;
    }
    while (walk->op < walk->n_cigar) {
        uint32_t c = walk->cigar[walk->op++];
        int type = bam_cigar_type(bam_cigar_op(c));
        *qpos = walk->qpos;
        *len = (int32_t)bam_cigar_oplen(c);
        if (type & 1)
            walk->qpos += *len;
        if (type == 1 && *len > 0)
            return true;
    }
    return false;
}

void record_unclipped(const bam1_t *b, int64_t *beg, int64_t *end)
{
    uint32_t n_cigar = record_is_aligned(b) ? b->core.n_cigar : 0;
    cigar_unclipped(bam_get_cigar(b), n_cigar, b->core.pos, beg, end);
}

size_t record_bytes(const bam1_t *b)
{
    return (size_t)b->l_data + sizeof b->core;
}

void record_normalise(bam1_t *b)
{
    if (b->core.l_qseq & 1)
        bam_get_seq(b)[b->core.l_qseq >> 1] &= 0xf0;
}

static int reserve_data(bam1_t *b, size_t n)
{
    if (n > INT32_MAX)
        return VL_ERR_MEMORY;
    if (n <= b->m_data)
        return 0;
    size_t m = n + n / 4 + 32;
    uint8_t *data = realloc(b->data, m);
    if (!data)
        return VL_ERR_MEMORY;
    b->data = data;
    b->m_data = (uint32_t)m;
    return 0;
}

void record_swap(bam1_t *a, bam1_t *b)
{
    bam1_t t = *a;
    *a = *b;
    *b = t;
}

void record_trim(bam1_t *b)
{
    enum { USUAL = 1 << 16 };
    if (b->m_data <= USUAL)
        return;
    free(b->data);
    b->data = NULL;
    b->m_data = 0;
    b->l_data = 0;
}

int record_assemble(bam1_t *out, const bam1_core_t *core, const char *qname,
                    const uint32_t *cigar, uint32_t n_cigar, const uint8_t *seq,
                    const uint8_t *qual, const uint8_t *aux, size_t l_aux)
{
    size_t l_name = strlen(qname) + 1;
    size_t pad = (4 - l_name % 4) % 4;
    size_t l_qseq = (size_t)core->l_qseq, l_seq = (l_qseq + 1) / 2;
    size_t n = l_name + pad + 4 * (size_t)n_cigar + l_seq + l_qseq + l_aux;
    if (reserve_data(out, n) < 0)
        return VL_ERR_MEMORY;
    uint8_t *p = out->data;
    out->core = *core;
    out->core.l_qname = (uint16_t)(l_name + pad);
    out->core.l_extranul = (uint8_t)pad;
    out->core.n_cigar = n_cigar;
    out->l_data = (int)n;
    memcpy(p, qname, l_name);
    memset(p + l_name, 0, pad);
    p += l_name + pad;
    if (n_cigar > 0)
        memcpy(p, cigar, 4 * (size_t)n_cigar);
    p += 4 * (size_t)n_cigar;
    if (l_qseq > 0) {
        memcpy(p, seq, l_seq);
        memcpy(p + l_seq, qual, l_qseq);
    }
    if (l_aux > 0)
        memcpy(p + l_seq + l_qseq, aux, l_aux);
    out->core.bin = (uint16_t)hts_reg2bin(core->pos, bam_endpos(out), 14, 5);
    return 0;
}

int record_set_aux(bam1_t *b, const uint8_t *aux, size_t l_aux)
{
    size_t before = (size_t)(bam_get_aux(b) - b->data);
    if (reserve_data(b, before + l_aux) < 0)
        return VL_ERR_MEMORY;
    if (l_aux > 0)
        memcpy(b->data + before, aux, l_aux);
    b->l_data = (int)(before + l_aux);
    return 0;
}

/* bdiff.md §5.7 */
void record_put(const bam1_t *b, struct vl_buf *out)
{
    const bam1_core_t *c = &b->core;
    vl_put_zigzag(out, c->tid);
    vl_put_zigzag(out, c->pos);
    vl_put_u16(out, c->flag);
    vl_put_u8(out, c->qual);
    vl_put_string(out, bam_get_qname(b));
    vl_put_varint(out, c->n_cigar);
    for (uint32_t i = 0; i < c->n_cigar; i++)
        vl_put_varint(out, bam_get_cigar(b)[i]);
    vl_put_varint(out, (uint64_t)c->l_qseq);
    vl_buf_add(out, bam_get_seq(b), ((size_t)c->l_qseq + 1) / 2);
    vl_buf_add(out, bam_get_qual(b), (size_t)c->l_qseq);
    vl_put_zigzag(out, c->mtid);
    vl_put_zigzag(out, c->mpos);
    vl_put_zigzag(out, c->isize);
    vl_put_varint(out, (uint64_t)bam_get_l_aux(b));
    vl_buf_add(out, bam_get_aux(b), (size_t)bam_get_l_aux(b));
}

static int32_t get_contig(struct vl_cursor *c)
{
    int64_t v = vl_get_zigzag(c);
    if (v < -1 || v > INT32_MAX)
        c->bad = true;
    return (int32_t)v;
}

/* Far from where adding lengths could overflow. */
#define POSITION_MAX (INT64_C(1) << 60)

static int64_t get_position(struct vl_cursor *c, int64_t min)
{
    int64_t v = vl_get_zigzag(c);
    if (v < min || v > POSITION_MAX)
        c->bad = true;
    return v;
}

int record_get(struct vl_cursor *c, bam1_t *b, struct vl_error *err)
{
    bam1_core_t core = {0};
    core.tid = get_contig(c);
    core.pos = get_position(c, -1);
    core.flag = vl_get_u16(c);
    core.qual = vl_get_u8(c);
    char *qname = vl_get_string(c, 254);
    uint32_t n_cigar = (uint32_t)vl_get_varint_max(c, vl_left(c));
    uint32_t *cigar = malloc(4 * (size_t)n_cigar + 1);
    for (uint32_t i = 0; cigar && i < n_cigar; i++)
        cigar[i] = (uint32_t)vl_get_varint_max(c, UINT32_MAX);
    core.l_qseq = (int32_t)vl_get_varint_max(c, INT32_MAX / 2);
    const uint8_t *seq = vl_get_bytes(c, ((size_t)core.l_qseq + 1) / 2);
    const uint8_t *qual = vl_get_bytes(c, (size_t)core.l_qseq);
    core.mtid = get_contig(c);
    core.mpos = get_position(c, -POSITION_MAX);
    core.isize = get_position(c, -POSITION_MAX);
    size_t l_aux = vl_get_varint(c);
    const uint8_t *aux = vl_get_bytes(c, l_aux);
    int rc;
    if (!cigar)
        rc = vl_error_memory(err);
    else if (c->bad || !qname)
        rc = vl_error_set(err, VL_ERR_SEAL, "a whole record is malformed");
    else
        rc = record_assemble(b, &core, qname, cigar, n_cigar, seq, qual, aux, l_aux);
    free(qname);
    free(cigar);
    return rc;
}

/* bdiff.md §6.4 */
static void put_core(const bam1_t *b, struct vl_buf *out)
{
    const bam1_core_t *c = &b->core;
    vl_put_u32(out, (uint32_t)c->tid);
    vl_put_u64(out, (uint64_t)c->pos);
    vl_put_u16(out, c->flag);
    vl_put_u8(out, c->qual);
    vl_put_u32(out, (uint32_t)c->mtid);
    vl_put_u64(out, (uint64_t)c->mpos);
    vl_put_u64(out, (uint64_t)c->isize);
    vl_put_u32(out, c->n_cigar);
    vl_put_u32(out, (uint32_t)c->l_qseq);
    vl_put_string(out, bam_get_qname(b));
}

/* Fixed fields and name, then CIGAR, SEQ and QUAL, which lie together in memory. */
static void add_front(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch)
{
    vl_buf_reset(scratch);
    put_core(b, scratch);
    vl_digest_add(digest, scratch->data, scratch->len);
    const uint8_t *from = (const uint8_t *)bam_get_cigar(b);
    vl_digest_add(digest, from, (size_t)(bam_get_aux(b) - from));
}

int record_check_add(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch)
{
    add_front(b, digest, scratch);
    uint8_t l_aux[4];
    for (int i = 0; i < 4; i++)
        l_aux[i] = (uint8_t)((uint32_t)bam_get_l_aux(b) >> (8 * i));
    vl_digest_add(digest, l_aux, sizeof l_aux);
    vl_digest_add(digest, bam_get_aux(b), (size_t)bam_get_l_aux(b));
    return scratch->failed ? VL_ERR_MEMORY : 0;
}

int record_masked_add(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch)
{
    add_front(b, digest, scratch);
    if (scratch->failed)
        return VL_ERR_MEMORY;
    vl_buf_reset(scratch);
    int rc = tags_put_canonical(bam_get_aux(b), (size_t)bam_get_l_aux(b), scratch);
    vl_digest_add(digest, scratch->data, scratch->len);
    return rc;
}

bool record_equal(const bam1_t *a, const bam1_t *b)
{
    const bam1_core_t *x = &a->core, *y = &b->core;
    if (x->tid != y->tid || x->pos != y->pos || x->flag != y->flag ||
        x->qual != y->qual || x->mtid != y->mtid || x->mpos != y->mpos ||
        x->isize != y->isize || x->n_cigar != y->n_cigar || x->l_qseq != y->l_qseq)
        return false;
    if (strcmp(bam_get_qname(a), bam_get_qname(b)) != 0)
        return false;
    const uint8_t *p = (const uint8_t *)bam_get_cigar(a);
    const uint8_t *q = (const uint8_t *)bam_get_cigar(b);
    size_t n = (size_t)(a->data + a->l_data - p);
    return n == (size_t)(b->data + b->l_data - q) && memcmp(p, q, n) == 0;
}
