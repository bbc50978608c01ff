#include "vcf/vcf_lines.h"

#include <htslib/bgzf.h>
#include <stdlib.h>
#include <string.h>

enum { FAILED = -2 };

void vcf_lines_init(struct vcf_lines *lines, htsFile *vcf)
{
    *lines = (struct vcf_lines){
        .vcf = vcf,
        .is_plain = hts_get_format(vcf)->compression == no_compression,
        .text = VL_BUF_INIT,
        .number = (uint64_t)vcf->lineno,
    };
}

/* Appends the rest of the current block, or the next block, to the text whose lines are
 * not all taken.  0, -1 at the end, FAILED. */
static int add_block(struct vcf_lines *lines)
{
    struct vl_buf *text = &lines->text;
    BGZF *bgzf = lines->vcf->fp.bgzf;
    if (lines->at > 0) {
        text->len -= lines->at;
        memmove(text->data, text->data + lines->at, text->len);
        lines->at = 0;
    }
    int rc = bgzf_peek(bgzf);
    if (rc < 0)
        return rc;
    size_t n = (size_t)(bgzf->block_length - bgzf->block_offset);
    uint8_t *end = vl_buf_grow(text, n);
    if (!end || bgzf_read(bgzf, end, n) != (ssize_t)n)
        return FAILED;
    text->len += n;
    return 0;
}

/* Replaces bgzf_getline(), which in htslib 1.16 searches the line feed byte by byte. */
static int next_of_blocks(struct vcf_lines *lines, const char **line, size_t *n)
{
    const struct vl_buf *text = &lines->text;
    const char *end = NULL;
    int rc = 0;
    for (size_t searched = 0; !end && rc == 0;) {
        size_t left = text->len - lines->at;
        if (left > searched)
            end = memchr(text->data + lines->at + searched, '\n', left - searched);
        searched = left;
        if (!end)
            rc = add_block(lines);
    }
    if (!end && (rc < -1 || text->len == lines->at))
        return rc;
    lines->is_open = !end;
    *line = (const char *)text->data + lines->at;
    *n = end ? (size_t)(end - *line) : text->len - lines->at;
    lines->at += *n + (end != NULL);
    *n -= *n > 0 && (*line)[*n - 1] == '\r';
    return 0;
}

int vcf_lines_next(struct vcf_lines *lines, const char **line, size_t *n)
{
    int rc;
    if (lines->is_plain) {
        rc = hts_getline(lines->vcf, '\n', &lines->copy);
        *line = lines->copy.s;
        *n = lines->copy.l;
    } else {
        rc = next_of_blocks(lines, line, n);
    }
    lines->number += rc >= 0;
    return rc < 0 ? rc : 0;
}

kstring_t *vcf_lines_copy(struct vcf_lines *lines, const char *line, size_t n)
{
    if (line != lines->copy.s) {
        lines->copy.l = 0;
        if (kputsn(line, n, &lines->copy) < 0)
            return NULL;
    }
    return &lines->copy;
}

void vcf_lines_clear(struct vcf_lines *lines)
{
    vl_buf_clear(&lines->text);
    free(lines->copy.s);
    memset(lines, 0, sizeof *lines);
}
