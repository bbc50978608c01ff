/*
 * The audit of a masked file: attacks it as somebody would who has the reference and the
 * population, and says what each attack gains beside what chance would give.
 *
 * Any tool's masked file can be audited.  The masked file is read once, in memory that
 * does not grow with it.  man varlock-audit has every metric and its formula.
 */
#ifndef VARLOCK_AUDIT_H
#define VARLOCK_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "varlock/buf.h"
#include "varlock/error.h"
#include "varlock/varlock.h"

struct audit_options {
    const char *masked;    /* BAM, CRAM or SAM, sorted by coordinate */
    const char *vac;       /* population allele counts */
    const char *reference; /* FASTA */
    const char *keep_tags; /* comma-separated tags that are shown knowingly; NULL: none */
    const char *original;  /* BAM, CRAM or SAM that was masked; NULL: not given */
    const char *bdiff;     /* owner's BDIFF, which restores the original instead; NULL */
    struct vl_list keys;   /* private keys, one of which opens it */
    const char *verify;    /* public key that it must be signed with; NULL: not checked */
    const char
        *panel; /* VCF or BCF of people that the masked file is compared with; NULL */
    int n_simulated; /* so many people are drawn from the VAC instead; needs the original
                      */
    int max_bits;    /* bound of A4; 0: 33, which tell one of all people */
    int max_insert;  /* mates that are further apart fail; 0: 10,000 */
    const char *genotypes; /* output: the genotypes that the masked file shows; NULL:
                              none */
    int n_threads;         /* additional threads */
    bool wants_digest;     /* of the masked file, which is then a file */
    struct vl_hooks hooks;
};

enum audit_verdict {
    AUDIT_PASS,
    AUDIT_FAIL,
    AUDIT_FEW,     /* too little data to tell */
    AUDIT_DECLARED /* what masking leaves on purpose: printed, not judged */
};

struct audit_finding {
    char metric[24];
    double value, chance; /* what was found, and what chance gives; NaN: not defined */
    enum audit_verdict verdict;
    char what[160]; /* one line: what was counted */
};

enum { AUDIT_BINS = 4, AUDIT_BALANCE = 20, AUDIT_LINKED = 40, AUDIT_COLUMNS = 150 };

/* What the page draws.  Only what was measured is not 0. */
struct audit_pictures {
    /* Sites by the number of alleles that are not the reference's: [original][masked],
     * and what chance would give. */
    double genotypes[3][3], by_chance[3][3];
    double bits[AUDIT_BINS];           /* A4 by frequency, borders as in the man page */
    uint64_t balance[AUDIT_BALANCE];   /* heterozygous sites by the share of one allele */
    uint64_t linked[AUDIT_LINKED];     /* people by z of A6.likelihood, from -5 to 5 */
    double own_z;                      /* that of the person; NaN: not known */
    double coverage[2][AUDIT_COLUMNS]; /* mean depth along the genome: original, masked */
};

/* What the page says of the files. */
struct audit_facts {
    char sha256[65];  /* of the masked file, in hex; "" where it was not wanted */
    char masking[16]; /* "synth" or "permute"; "" where its header does not say */
    bool has_original;
    size_t n_recipients; /* keys that open the BDIFF; 0: none was given */
    bool shows_quality;  /* QUAL has more values than one */
    bool shows_mapq;     /* MAPQ has others than 0 and 60 */
    bool shows_names;    /* as the metric `names` */
};

struct audit_report {
    struct audit_finding *v; /* owned; in the order of the man page */
    size_t n;
    size_t cap;
    struct audit_pictures pictures;
    struct audit_facts facts;
};

/* Audits.  *report starts empty, and is the caller's to clear, after a failure too.
 * VL_ERR_DATA: an input is malformed, not sorted, or does not fit the others. */
VL_MUST_CHECK
int audit_run(const struct audit_options *options, struct audit_report *report,
              struct vl_error *err);

/* "pass", "FAIL", "too few" or "declared". */
const char *audit_verdict_name(enum audit_verdict verdict);

/* FAIL where a metric fails, else AUDIT_FEW where one has too little data, else PASS. */
enum audit_verdict audit_report_verdict(const struct audit_report *report);

/* Appends the report as one table of columns separated by tabs, or as one JSON object.
 * VL_ERR_MEMORY, without a message. */
VL_MUST_CHECK
int audit_report_table(const struct audit_report *report, struct vl_buf *out);
VL_MUST_CHECK
int audit_report_json(const struct audit_report *report, struct vl_buf *out);

/* Appends the report as an HTML page that needs no other file.  `masked` names the file.
 * VL_ERR_MEMORY, without a message. */
VL_MUST_CHECK
int audit_report_page(const struct audit_report *report, const char *masked,
                      struct vl_buf *out);

void audit_report_clear(struct audit_report *report);

#endif
