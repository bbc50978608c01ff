/*
 * A contig table: the reference sequences of a file, numbered from 0 in file order.
 */
#ifndef VARLOCK_CONTIG_H
#define VARLOCK_CONTIG_H

#include <stddef.h>
#include <stdint.h>

#include "varlock/fail.h"
#include "varlock/names.h"

enum { VL_M5_CHARS = 32 };

struct vl_contig {
    const char *name; /* owned by the table; never empty */
    int64_t length;   /* bases; 0 where unknown (VCF) or truly empty */
    char
        m5[VL_M5_CHARS + 1]; /* MD5 of the sequence in lower-case hex, "" where unknown */
};

struct vl_contigs {
    struct vl_contig *v; /* owned */
    size_t n;
    size_t cap;
    struct vl_names names; /* of the contigs, with their numbers */
};

#define VL_CONTIGS_INIT ((struct vl_contigs){0})

/* Appends a contig; copies the name.  m5 may be NULL or "".  Duplicate names are accepted
 * here; vl_contigs_check_unique finds them.  Returns 0 or VL_ERR_MEMORY. */
int vl_contigs_add(struct vl_contigs *contigs, const char *name, int64_t length,
                   const char *m5);

/* Sets the contig's M5.  A text of another length than VL_M5_CHARS is ignored. */
void vl_contig_set_m5(struct vl_contig *contig, const char *m5);

/* Builds the index by name that vl_contigs_find searches (names.h).  Returns 0 or
 * VL_ERR_MEMORY. */
int vl_contigs_index(struct vl_contigs *contigs);

/* Returns the number of the contig of that name, -1 where there is none.  Thread safe. */
int vl_contigs_find(const struct vl_contigs *contigs, const char *name);

/* Builds the index.  Returns VL_ERR_DATA with the name where a name occurs twice; `where`
 * starts the message. */
int vl_contigs_check_unique(struct vl_contigs *contigs, const char *where,
                            struct vl_error *err);

/* Frees everything; the table is empty and usable again. */
void vl_contigs_clear(struct vl_contigs *contigs);

#endif
