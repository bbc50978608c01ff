/*
 * The lines of a VCF text after its header, as hts_getline() returns them: without the
 * line feed and without a carriage return before it.  The last line may lack its line
 * feed.
 */
#ifndef VARLOCK_CORE_VCF_LINES_H
#define VARLOCK_CORE_VCF_LINES_H

#include <htslib/hts.h>
#include <htslib/kstring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/buf.h"
#include "varlock/error.h"

struct vcf_lines {
    htsFile *vcf;       /* not owned */
    bool is_plain;      /* the file is not compressed */
    bool is_open;       /* the last line had no line feed; for compressed files only */
    uint64_t number;    /* number of the last line taken, in the file, from 1 */
    struct vl_buf text; /* compressed files: blocks whose lines are not all taken */
    size_t at;          /* where the next line begins in `text` */
    kstring_t copy; /* the last line, if it is not in `text` or a copy was asked for */
};

/* Must be called after the header has been read. */
void vcf_lines_init(struct vcf_lines *lines, htsFile *vcf);

/* 0 and a line of n bytes, which stays valid until the next call.  -1 at the end, below
 * -1 if reading fails.  Reads no further than necessary, because the rest may arrive
 * late. */
int vcf_lines_next(struct vcf_lines *lines, const char **line, size_t *n);

/* A copy of that line as a string, which the caller may change.  NULL if memory runs
 * out. */
VL_MUST_CHECK
kstring_t *vcf_lines_copy(struct vcf_lines *lines, const char *line, size_t n);

void vcf_lines_clear(struct vcf_lines *lines);

#endif
