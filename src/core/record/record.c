#include "record/record.h"

#include <stdlib.h>
#include <string.h>

#include "record/cigar.h"
#include "record/tags.h"
#include "varlock/wire.h"

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

/* bdiff.md §6.4 */
static uint8_t *put_le(uint8_t *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * i));
    return at + n;
}

static void put_core(const bam1_t *b, struct vl_buf *out)
{
    enum { CORE_BYTES = 43 };
    const bam1_core_t *c = &b->core;
    uint8_t *at = vl_buf_reserve(out, CORE_BYTES);
    if (!at)
        return;
    at = put_le(at, (uint32_t)c->tid, 4);
    at = put_le(at, (uint64_t)c->pos, 8);
    at = put_le(at, c->flag, 2);
    at = put_le(at, c->qual, 1);
    at = put_le(at, (uint32_t)c->mtid, 4);
    at = put_le(at, (uint64_t)c->mpos, 8);
    at = put_le(at, (uint64_t)c->isize, 8);
    at = put_le(at, c->n_cigar, 4);
    put_le(at, (uint32_t)c->l_qseq, 4);
    out->len += CORE_BYTES;
    vl_put_string(out, bam_get_qname(b));
}

/* Fixed fields and name, then CIGAR, SEQ and QUAL, which lie together in memory. */
static void put_front(const bam1_t *b, struct vl_buf *out)
{
    const uint8_t *from = (const uint8_t *)bam_get_cigar(b);
    put_core(b, out);
    vl_buf_add(out, from, (size_t)(bam_get_aux(b) - from));
}

/* The tags, the read group by its pseudonym. */
static void put_tags_as_shared(const bam1_t *b, struct vl_contigs *read_groups,
                               struct vl_buf *out)
{
    const uint8_t *from = bam_get_aux(b), *end = from + bam_get_l_aux(b);
    struct tag rg;
    if (read_groups && read_groups->n > 0 && tag_find(b, "RG", &rg)) {
        vl_buf_add(out, from, (size_t)(rg.name - from));
        from = tag_put_read_group(&rg, read_groups, out) ? rg.value + rg.size : rg.name;
    }
    vl_buf_add(out, from, (size_t)(end - from));
}

int record_check_add(const bam1_t *b, struct vl_contigs *read_groups,
                     struct vl_checksum *sum, struct vl_buf *scratch)
{
    vl_buf_reset(scratch);
    put_front(b, scratch);
    size_t at = scratch->len;
    vl_put_u32(scratch, 0);
    put_tags_as_shared(b, read_groups, scratch);
    if (scratch->failed)
        return VL_ERR_MEMORY;
    put_le(scratch->data + at, scratch->len - at - 4, 4);
    vl_checksum_add(sum, scratch->data, scratch->len);
    return 0;
}

int record_masked_add(const bam1_t *b, struct vl_digest *digest, struct vl_buf *scratch)
{
    vl_buf_reset(scratch);
    put_front(b, scratch);
    int rc = tags_put_canonical(bam_get_aux(b), (size_t)bam_get_l_aux(b), scratch);
    if (rc < 0 || scratch->failed)
        return VL_ERR_MEMORY;
    vl_digest_add(digest, scratch->data, scratch->len);
    return 0;
}

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int record_compare(const bam1_t *a, const bam1_t *b)
{
    const bam1_core_t *x = &a->core, *y = &b->core;
    const int64_t fields[][2] = {
        {x->tid, y->tid},     {x->pos, y->pos},         {x->flag, y->flag},
        {x->qual, y->qual},   {x->mtid, y->mtid},       {x->mpos, y->mpos},
        {x->isize, y->isize}, {x->n_cigar, y->n_cigar}, {x->l_qseq, y->l_qseq}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i][0] != fields[i][1])
            return sign(fields[i][0], fields[i][1]);
    int order = strcmp(bam_get_qname(a), bam_get_qname(b));
    const uint8_t *p = (const uint8_t *)bam_get_cigar(a);
    const uint8_t *q = (const uint8_t *)bam_get_cigar(b);
    size_t n = (size_t)(a->data + a->l_data - p), m = (size_t)(b->data + b->l_data - q);
    if (order == 0)
        order = memcmp(p, q, n < m ? n : m);
    return order ? order : sign((int64_t)n, (int64_t)m);
}

bool record_equal(const bam1_t *a, const bam1_t *b)
{
    return record_compare(a, b) == 0;
}
