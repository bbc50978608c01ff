/* The tags of a window's records as templates and columns of values (bdiff.md §5.6). */
#ifndef VARLOCK_CORE_RESIDUAL_TAGS_H
#define VARLOCK_CORE_RESIDUAL_TAGS_H

#include <htslib/khash.h>
#include <htslib/sam.h>

#include "record/tags.h"
#include "residual/prediction.h"
#include "varlock/bdiff.h"
#include "varlock/contig.h"
#include "varlock/error.h"

KHASH_DECLARE(template, kh_cstr_t, uint32_t)

struct tag_encoder {
    const struct vl_names
        *read_groups; /* original @RG IDs in header order; NULL: pseudonyms */
    struct vl_bdiff_window window; /* the streams of values */
    khash_t(template) * templates; /* text -> number; keys owned */
    struct vl_buf text;            /* template of the record at hand */
    struct vl_buf scratch;
    const char *last_text; /* template of the record before, a key of templates */
    uint32_t last_number;
    const uint8_t *qual; /* in: the masked record's own qualities */
    bool failed;
    struct tag_list own, masked; /* of the record read last */
};

/* Reads the tags of a record and its masked form, which is NULL for a whole record. */
void tag_encoder_read(struct tag_encoder *tags, const bam1_t *masked,
                      const bam1_t *shown);

/* Stores the values of the record read last.  *number becomes the number of its template.
 * `mate` is the mate that tells the record's CIGAR (VL_SHAPE_PAIR), or NULL.  `raw`
 * receives tags that cannot be parsed.  The prediction is about this record.
 * VL_ERR_MEMORY. */
VL_MUST_CHECK
int tag_encoder_put(struct tag_encoder *tags, struct prediction *prediction,
                    const bam1_t *masked, const bam1_t *shown, const bam1_t *mate,
                    struct vl_buf *raw, uint32_t *number);

uint32_t tag_encoder_n_templates(const struct tag_encoder *tags);

/* Writes the templates in the order of their numbers.  VL_ERR_MEMORY if anything has
 * failed before. */
VL_MUST_CHECK
int tag_encoder_end(struct tag_encoder *tags, struct vl_buf *templates);
void tag_encoder_clear(struct tag_encoder *tags);

/* One tag of a template (bdiff.md §5.6). */
struct template_tag {
    char name[2];
    char type;
    char source; /* 's' stored, 'k' as in the masked record, 'p' predicted, 'm' read group
                    map, 'q' the masked record's own qualities */
};

enum { TEMPLATE_TAG_CHARS = 4, TEMPLATE_TAGS_MAX = TAG_LIST_MAX };

/* The template of tags that are stored as one run of bytes.  They are malformed, or more
 * than a template can list. */
#define TEMPLATE_RAW "*"

#endif
