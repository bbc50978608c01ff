/*
 * The lines of a VCF text behind its header, as hts_getline() gives them: without the
 * line feed and a carriage return before it; the last one need not end.
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
    htsFile *vcf;    /* not owned */
    bool is_plain;   /* it is not compressed */
    bool is_open;    /* the last line taken did not end; known of compressed ones only */
    uint64_t number; /* in the file, from 1, of the last line taken */
    struct vl_buf text; /* of compressed ones: blocks whose lines are not all taken */
    size_t at;          /* where the next line begins in `text` */
    kstring_t copy;     /* the last line, where it is not in `text` or was asked for */
};

/* To be called when the header has been read. */
void vcf_lines_init(struct vcf_lines *lines, htsFile *vcf);

/* 0 and a line of n bytes, which stays until the next call; -1 at the end, below -1 where
 * reading fails.  Reads no further than it must: the rest may come late. */
int vcf_lines_next(struct vcf_lines *lines, const char **line, size_t *n);

/* That line as a string the caller may change, NULL without memory. */
VL_MUST_CHECK
kstring_t *vcf_lines_copy(struct vcf_lines *lines, const char *line, size_t n);

void vcf_lines_clear(struct vcf_lines *lines);

#endif
