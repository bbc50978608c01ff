#include "mates.h"

#include <htslib/khash.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "record/cigar.h"
#include "record/record.h"
#include "record/tags.h"
#include "template_name.h"
#include "varlock/fail.h"

/* What is compared of a record. */
struct mate {
    bam1_core_t core;
    int64_t end;
    uint64_t cigar; /* checksum of its text */
    uint64_t mc;    /* checksum of MC's text; 0: it has none */
};

KHASH_MAP_INIT_INT64(mates, struct mate)

struct mates {
    khash_t(mates) * waiting;
    uint64_t n_pairs, n_off;
    uint64_t n_alone; /* whose mate does not stand where they say */
    struct vl_buf text;
    size_t sweep_at; /* as many as wait when those that wait in vain are removed */
};

enum { SWEEP_MIN = 8192 };

int mates_open(struct mates **mates, struct vl_error *err)
{
    *mates = calloc(1, sizeof **mates);
    if (*mates)
        (*mates)->waiting = kh_init(mates);
    if (!*mates || !(*mates)->waiting) {
        mates_free(*mates);
        *mates = NULL;
        return vl_error_memory(err);
    }
    (*mates)->sweep_at = SWEEP_MIN;
    return 0;
}

void mates_free(struct mates *mates)
{
    if (!mates)
        return;
    if (mates->waiting)
        kh_destroy(mates, mates->waiting);
    vl_buf_clear(&mates->text);
    free(mates);
}

static struct mate mate_of(struct mates *mates, const bam1_t *b)
{
    const char *mc = tag_find_text(b, "MC");
    vl_buf_reset(&mates->text);
    cigar_format(bam_get_cigar(b), b->core.n_cigar, &mates->text);
    return (struct mate){.core = b->core,
                         .end = bam_endpos(b),
                         .cigar = vl_checksum(mates->text.data, mates->text.len),
                         .mc = mc ? vl_checksum(mc, strlen(mc)) : 0};
}

/* TLEN is from 5' end to 5' end, as samtools fixmate has it, or from the leftmost to the
 * rightmost base, as the SAM specification; 0 means that it is not known. */
static bool tlen_fits(const struct mate *a, const struct mate *b)
{
    bool a_reverse = a->core.flag & BAM_FREVERSE, b_reverse = b->core.flag & BAM_FREVERSE;
    int64_t five =
        (b_reverse ? b->end : b->core.pos) - (a_reverse ? a->end : a->core.pos);
    int64_t beg = a->core.pos < b->core.pos ? a->core.pos : b->core.pos;
    int64_t end = a->end > b->end ? a->end : b->end;
    int64_t tlen = llabs(a->core.isize), off = llabs(tlen - llabs(five));
    if (a->core.isize == 0 || tlen == end - beg || off == 0)
        return true;
    /* Programs that count both ends; only where mates do not face is that another
     * number. */
    const struct mate *reverse = a_reverse ? a : b;
    const struct mate *forward = a_reverse ? b : a;
    bool faces = a_reverse != b_reverse && forward->core.pos < reverse->end;
    return !faces && off <= 2;
}

/* True if what `a` says of its mate is so of `b`. */
static bool tells_truth(const struct mate *a, const struct mate *b)
{
    bool is_placed = !(b->core.flag & BAM_FUNMAP);
    bool are_mapped = is_placed && !(a->core.flag & BAM_FUNMAP);
    return a->core.mtid == b->core.tid && a->core.mpos == b->core.pos &&
           !(a->core.flag & BAM_FMUNMAP) == is_placed &&
           !(a->core.flag & BAM_FMREVERSE) == !(b->core.flag & BAM_FREVERSE) &&
           a->core.isize == -b->core.isize && (!are_mapped || tlen_fits(a, b)) &&
           (a->mc == 0 || !is_placed || a->mc == b->cigar);
}

/* Removes those whose mates should have come before this place. */
static void sweep(struct mates *mates, int32_t contig, int64_t pos)
{
    for (khint_t k = kh_begin(mates->waiting); k != kh_end(mates->waiting); k++) {
        if (!kh_exist(mates->waiting, k))
            continue;
        const bam1_core_t *core = &kh_value(mates->waiting, k).core;
        if (core->tid != contig || core->mpos < pos) {
            mates->n_alone++;
            kh_del(mates, mates->waiting, k);
        }
    }
    mates->sweep_at = 2 * (size_t)kh_size(mates->waiting) + SWEEP_MIN;
}

int mates_add(struct mates *mates, const bam1_t *b, struct vl_error *err)
{
    const bam1_core_t *core = &b->core;
    int64_t ahead = core->mpos - core->pos;
    int is_new;
    if (!record_is_primary(b) || !(core->flag & BAM_FPAIRED) || core->tid < 0 ||
        core->tid != core->mtid)
        return 0;
    uint64_t name = template_hash(b);
    khint_t k = kh_get(mates, mates->waiting, name);
    if (k != kh_end(mates->waiting)) {
        struct mate first = kh_value(mates->waiting, k), second = mate_of(mates, b);
        mates->n_pairs++;
        mates->n_off += !tells_truth(&first, &second) || !tells_truth(&second, &first);
        kh_del(mates, mates->waiting, k);
    } else if (ahead >= 0 && ahead <= MATES_FAR_MAX) {
        if (kh_size(mates->waiting) >= mates->sweep_at)
            sweep(mates, core->tid, core->pos);
        k = kh_put(mates, mates->waiting, name, &is_new);
        if (is_new < 0)
            return vl_error_memory(err);
        kh_value(mates->waiting, k) = mate_of(mates, b);
    } else {
        mates->n_alone += ahead < 0;
    }
    return mates->text.failed ? vl_error_memory(err) : 0;
}

int mates_report(const struct mates *mates, struct audit_report *report)
{
    return findings_put(
        report, "A10", (double)mates->n_off, 0, mates->n_off ? AUDIT_FAIL : AUDIT_PASS,
        "of %llu pairs have PNEXT, TLEN, MC or flags that do not fit; %llu "
        "reads whose mate is not there",
        (unsigned long long)mates->n_pairs,
        (unsigned long long)(mates->n_alone + kh_size(mates->waiting)));
}
