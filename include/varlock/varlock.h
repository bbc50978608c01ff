/*
 * libvarlock: the operations of the varlock program as a library.
 *
 * Each operation takes one options struct, fills a counts struct where one is given, and
 * returns 0 or a negative VL_ERR_* with a complete message in *err.  Operations do not
 * print, do not exit and install no signal handlers.  They leave no output behind that
 * looks finished unless they return 0.  Different operations may run in different
 * threads.  Paths are file names; "-" is standard input or output.  Positions are 0-based
 * and half-open here, 1-based and inclusive in region strings.
 *
 * An options struct begins with its size, and a field that is zero means the default:
 *
 *     struct vl_decrypt_options options = {.size = sizeof options, .masked = "m.bam"};
 *
 * A field has no default where its comment does not say what NULL means.  Where such a
 * field is missing, the operation returns VL_ERR_USAGE and names it.  So it does for an
 * empty path, an unknown format, and n_threads below 0 or above 1,024.
 *
 * The size lets options structs grow at their end.  A newer library takes the fields that
 * an older caller does not know as zero.  An older library refuses a larger struct
 * (VL_ERR_USAGE) where a part that it does not know is not zero.  The structs inside
 * (vl_list, vl_output, vl_request, vl_hooks), the counts and vl_error have no size: they
 * change only with the library's soname.
 */
#ifndef VARLOCK_VARLOCK_H
#define VARLOCK_VARLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "varlock/error.h"
#include "varlock/hooks.h"

/* The version of these headers. */
#define VARLOCK_VERSION "0.1.0"

/* Marks what the library exports; everything else in it is hidden. */
#define VL_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the version of the library that runs. */
VL_API const char *vl_version(void);

/* ---- what several operations share ---- */

/* htslib writes lines of its own to stderr; whether it does is one setting for the whole
 * process.  A program that prints what the operations report may call this to turn these
 * lines off.  The operations themselves do not change the setting. */
VL_API void vl_silence_htslib(void);

struct vl_list {
    const char *const *v;
    size_t n;
};

/* Where an output of alignments goes, and in which form. */
struct vl_output {
    const char *path;   /* "-" is stdout */
    const char *format; /* "bam", "cram", "sam"; NULL: by the path's ending, else BAM */
    const char *reference; /* FASTA for CRAM input and output; NULL: what htslib finds */
    bool write_index;      /* also writes <path>.csi (.crai for CRAM), and .c4gh behind
                              that where the output is encrypted */
    struct vl_list c4gh_recipients; /* public keys that the output is encrypted to, as
                                       Crypt4GH.  Empty: it is not, and its path must not
                                       end in .c4gh */
};

/* The regions that an operation is asked for. */
struct vl_request {
    struct vl_list regions; /* samtools syntax: chr1, chr1:1,000-2,000, chr1:1m-1.5m, * */
    struct vl_list beds;    /* BED files, plain, gzip or bgzip; "-" is stdin */
    bool unplaced; /* reads without a position (--unmapped); the region * adds them too */
};

/* ---- keys ---- */

struct vl_keygen_options {
    size_t size;            /* sizeof(struct vl_keygen_options) */
    const char *name;       /* writes <name>.pem (0600) and <name>.pub.pem */
    int bits;               /* of an RSA key: 2048..8192; 0: 3072 */
    const char *passphrase; /* NULL: the private key is written unencrypted */
    const char *type;       /* "rsa", "x25519" or "ed25519"; NULL: rsa */
};

/* Makes a key pair.  Refuses to overwrite existing files (VL_ERR_USAGE). */
VL_API int vl_keygen(const struct vl_keygen_options *options, struct vl_error *err);

/* ---- population allele counts ---- */

struct vl_vcf2vac_options {
    size_t size;           /* sizeof(struct vl_vcf2vac_options) */
    struct vl_list inputs; /* VCF, VCF.gz or BCF; "-" is stdin.  Several inputs are read
                              as if the lines of each followed those of the one before */
    const char *output;    /* VAC */
    const char *ac_tag;    /* INFO tag of the ALT counts; NULL: AC */
    const char *an_tag;    /* INFO tag of the total; NULL: AN */
    const char *contigs;   /* lines `name<TAB>length...` (a .fai will do) that replace the
                              VCF's contig lines; NULL: the VCF's */
    const char
        *rename_contigs; /* lines `old<blank>new` (bcftools --rename-chrs); NULL: none */
    int n_threads; /* additional threads, which share the inputs and decompress them */
    struct vl_list c4gh_keys; /* private keys that open encrypted inputs */
    struct vl_hooks hooks;
};

struct vl_vcf2vac_counts {
    uint64_t n_lines;     /* VCF records read, including malformed ones */
    uint64_t n_sites;     /* positions written */
    uint64_t n_joined;    /* lines that were joined to another line of their position */
    uint64_t n_not_snv;   /* lines without an A, C, G, T -> A, C, G, T substitution */
    uint64_t n_no_counts; /* SNV lines without AC and AN (or genotypes), or with AN = 0 */
    uint64_t n_duplicate; /* lines that repeat an ALT of their position; the first such
                             line counts */
    uint64_t n_misfit; /* SNV lines whose counts contradict their alleles: too many or too
                          few values, negative values, genotypes of other alleles */
    uint64_t n_malformed;  /* lines that are not records */
    uint64_t n_blank;      /* empty lines, which n_lines does not count */
    uint64_t n_over_total; /* positions whose ALT counts exceed the total: REF gets 0 */
};

/* Makes a VAC.  Also returns VL_ERR_DATA where no position has counts. */
VL_API int vl_vcf2vac(const struct vl_vcf2vac_options *options,
                      struct vl_vcf2vac_counts *counts, struct vl_error *err);

/* ---- masking ---- */

struct vl_encrypt_options {
    size_t size;               /* sizeof(struct vl_encrypt_options) */
    const char *input;         /* BAM, CRAM or SAM, sorted by coordinate */
    const char *vac;           /* population allele counts */
    struct vl_list recipients; /* public keys that open the BDIFF, at least one */
    const char *signer;        /* private key that signs the BDIFF; NULL: unsigned */
    const char *mask;          /* "permute" or "synth"; NULL: synth, which needs
                                  output.reference */
    const char *mask_key;      /* file of 32 bytes; NULL: the system draws a key */
    const char *like;          /* owner's BDIFF of an earlier run, whose masking key is
                                  taken instead; NULL: none */
    const char *key;           /* private key that opens `like` */
    const char *verify; /* public key that `like` must be signed with; NULL: with signer,
                           the signer's own key */
    bool unverified;    /* take `like` though nobody verified it; not with verify */
    const char *keep_tags;  /* comma-separated tags also shown as they are; NULL: none */
    const char *drop_tags;  /* comma-separated tags removed for good; NULL: none */
    struct vl_list regions; /* for a shard: whole contigs, `*` for unplaced reads; needs
                               an index and mask_key.  Empty: the whole input */
    /* The fields from here to keep_discordant are for the synth masking only. */
    const char *quality; /* "shuffle", "oq", "bin4", "flat", "keep"; NULL: flat for long
                            reads, else oq where every record has OQ, else shuffle;
                            refused where what is dealt tells the bases */
    const char *names;   /* "keep" or "token"; NULL: keep where that is safe */
    const char *haploid; /* comma-separated contigs; NULL: "chrM,MT" */
    const char *sex;     /* "female" or "male", for X and Y; NULL: two copies of each */
    const char *vault; /* BED: places whose templates leave the masked file; NULL: none */
    int max_insert;    /* greatest template length; 0: 10,000; -1: none */
    int max_shift;    /* bases of the longest read that is shown; 0: 1,000, for long reads
                         1,000,000 */
    const char *blur; /* standard deviation of how far 5' ends move, a number of bases;
                         NULL: 100; where reads are spliced 0, and max_insert is -1 */
    const char *inserts;     /* "draw", "keep" or "MEDIAN,SD"; NULL: draw; where reads are
                                spliced keep */
    bool keep_discordant;    /* keeps templates that show rearrangements */
    const char *bdiff;       /* output */
    struct vl_output output; /* masked alignments */
    bool force;              /* replaces a BDIFF, masked file or index that exists */
    int n_threads;           /* additional compression threads */
    struct vl_list c4gh_keys; /* private keys that open an encrypted input */
    struct vl_hooks hooks;
};

struct vl_encrypt_counts {
    uint64_t n_records;      /* read from the input */
    uint64_t n_masked;       /* written to the masked output */
    uint64_t n_whole;        /* kept whole in the BDIFF; under synth, by reason: */
    uint64_t n_second;       /* secondary or supplementary */
    uint64_t n_vaulted;      /* their geometry tells too much */
    uint64_t n_long;         /* had more than max_shift bases */
    uint64_t n_odd;          /* no aligned base, lengths that disagree, or a lost place */
    uint64_t n_mate_unknown; /* masked without their mate, which is not near by */
    uint64_t
        n_sites_listed;  /* places where haplotype and reference differ, in all windows */
    bool is_synth;       /* the masking was synth; false: permute */
    uint64_t n_unmapped; /* of the masked ones: shown without bases */
    uint64_t
        n_sites_covered; /* VAC sites with at least one A, C, G, T aligned over them */
    uint64_t n_permutations; /* sites where the permutation changed a base */
    uint64_t n_md_withheld; /* records whose MD contradicts the VAC or their own bases, so
                               it is withheld */
    uint64_t n_windows;
    uint64_t bdiff_bytes;
};

VL_API int vl_encrypt(const struct vl_encrypt_options *options,
                      struct vl_encrypt_counts *counts, struct vl_error *err);

/* ---- joining shards ---- */

struct vl_merge_options {
    size_t size;           /* sizeof(struct vl_merge_options) */
    struct vl_list shards; /* pairs of a masked BAM and its BDIFF, made by runs of encrypt
                              that differ in `regions` only; the pairs in any order */
    const char *key;       /* private key that opens the BDIFFs */
    struct vl_list recipients; /* public keys that open the joined BDIFF, at least one */
    const char *signer;        /* NULL: unsigned */
    const char *verify; /* public key that the BDIFFs must be signed with; NULL: with
                           signer, the signer's own key */
    bool unverified;    /* signer signs on what nobody verified; not with verify */
    const char *bdiff;  /* output */
    const char *output; /* BAM, which must be a file; <output>.csi is its index */
    bool force;         /* replaces files that exist */
    int n_threads;
    struct vl_list c4gh_keys;       /* private keys that open encrypted shards */
    struct vl_list c4gh_recipients; /* as in vl_output, of `output` */
    struct vl_hooks hooks;
};

struct vl_merge_counts {
    uint64_t n_shards;
    uint64_t n_masked; /* records in the masked output */
    uint64_t n_whole;  /* records kept whole in the BDIFF */
    uint64_t n_windows;
    uint64_t bdiff_bytes;
};

/* Joins shards.  Returns VL_ERR_DATA where they are not of one run, overlap, or leave out
 * a contig. */
VL_API int vl_merge(const struct vl_merge_options *options,
                    struct vl_merge_counts *counts, struct vl_error *err);

/* ---- restoring ---- */

struct vl_decrypt_options {
    size_t size;        /* sizeof(struct vl_decrypt_options) */
    const char *masked; /* masked BAM, CRAM or SAM */
    const char *bdiff;
    struct vl_list keys; /* private keys, of which one is a recipient's; several are
                            tried: first those that can be matched without a passphrase */
    const char *verify;  /* public key the BDIFF must be signed with; NULL: not checked */
    struct vl_request request; /* empty: everything the BDIFF grants */
    bool whole; /* also writes the records outside the request, which stay masked */
    struct vl_output output;
    int n_threads;
    struct vl_list c4gh_keys; /* private keys that open an encrypted masked file */
    struct vl_hooks hooks;
};

struct vl_decrypt_counts {
    uint64_t n_records;  /* written */
    uint64_t n_restored; /* of these: as in the original */
    uint64_t n_loose;    /* of these: pieces of reads that reach outside the grant */
    uint64_t n_masked;   /* of these: still masked (option `whole`) */
    uint64_t n_windows;  /* read and verified */
};

VL_API int vl_decrypt(const struct vl_decrypt_options *options,
                      struct vl_decrypt_counts *counts, struct vl_error *err);

/* ---- granting ---- */

struct vl_reencrypt_options {
    size_t size; /* sizeof(struct vl_reencrypt_options) */
    const char *masked;
    const char *bdiff;         /* the owner's BDIFF, or a slice */
    const char *key;           /* private key that opens it */
    struct vl_list recipients; /* public keys that will open the slice, at least one */
    const char *signer;        /* NULL: unsigned */
    const char *verify; /* as in decrypt; NULL: with signer, the signer's own key */
    bool unverified;    /* signer signs on what nobody verified; not with verify */
    struct vl_request request; /* what is granted; `chr1:1,000` alone is refused, because
                                  samtools takes it for everything from there on */
    bool all;                  /* instead of a request: everything that `bdiff` grants */
    const char *reference;     /* FASTA for CRAM input; NULL: what htslib finds */
    const char *output;        /* BDIFF */
    bool force;                /* replaces a BDIFF that exists */
    int n_threads;
    struct vl_list c4gh_keys; /* private keys that open an encrypted masked file */
    struct vl_hooks hooks;
};

struct vl_reencrypt_counts {
    uint64_t n_windows;  /* written */
    uint64_t n_restored; /* masked records that are restored */
    uint64_t n_whole;    /* records granted that are not in the masked file */
    uint64_t n_loose;    /* reads of which a piece is granted, because their template
                            reaches outside */
    uint64_t
        n_withheld; /* other records inside the ranges that are not in the masked file
                     */
    uint64_t bdiff_bytes;
    char granted[VL_ERROR_MESSAGE_BYTES]; /* one line: what was granted to which keys, and
                                             who signed; long lists are cut */
};

VL_API int vl_reencrypt(const struct vl_reencrypt_options *options,
                        struct vl_reencrypt_counts *counts, struct vl_error *err);

/* ---- looking ---- */

struct vl_view_options {
    size_t size;               /* sizeof(struct vl_view_options) */
    const char *input;         /* VAC or BDIFF, told apart by their first bytes */
    struct vl_list keys;       /* private keys, as in decrypt; needed for a BDIFF's sealed
                                  parts */
    struct vl_request request; /* empty: everything */
    bool header_only;          /* shows the header as text instead of the records */
    struct vl_hooks hooks;
};

/* Passes text to `write`, in whole lines that each end with a newline.  Lines that come
 * before an error are passed too. */
VL_API int vl_view(const struct vl_view_options *options, vl_text_fn write,
                   void *write_arg, struct vl_error *err);

/* ---- Crypt4GH ---- */

/* Ranges of bytes are texts "A-B": from byte A, counted from 0, up to B, which is
 * excluded; "A-" to the end.  Keys may be Crypt4GH, X25519 and Ed25519 keys. */

struct vl_c4gh_keygen_options {
    size_t size;            /* sizeof(struct vl_c4gh_keygen_options) */
    const char *name;       /* writes <name>.sec (0600) and <name>.pub */
    const char *passphrase; /* NULL: the private key is written unencrypted */
    const char *comment;    /* stands in the private key file; NULL: none */
};

/* Makes a Crypt4GH key pair.  Refuses to overwrite existing files (VL_ERR_USAGE). */
VL_API int vl_c4gh_keygen(const struct vl_c4gh_keygen_options *options,
                          struct vl_error *err);

struct vl_c4gh_encrypt_options {
    size_t size;               /* sizeof(struct vl_c4gh_encrypt_options) */
    const char *input;         /* any file; "-" is stdin */
    struct vl_list recipients; /* public keys, at least one */
    const char *sender; /* private key that seals the packets; NULL: one drawn for it */
    const char *header; /* writes the header here, and the rest only to `output`; NULL:
                           both to `output` */
    const char *output; /* "-" is stdout */
    int n_threads;      /* additional threads */
    struct vl_hooks hooks;
};

VL_API int vl_c4gh_encrypt(const struct vl_c4gh_encrypt_options *options,
                           struct vl_error *err);

struct vl_c4gh_decrypt_options {
    size_t size;            /* sizeof(struct vl_c4gh_decrypt_options) */
    const char *input;      /* Crypt4GH; "-" is stdin */
    struct vl_list keys;    /* private keys, of which one is a recipient's */
    const char *sender;     /* public key that must have sealed the packets; NULL: any */
    const char *header;     /* the header, if it is a file of its own; NULL: it is not */
    const char *range;      /* bytes after the edit list; NULL: all */
    struct vl_list regions; /* of a BAM, CRAM, VCF or BCF, in samtools' syntax: only the
                               header and the records that overlap them; not with range,
                               header and sender */
    const char *index;      /* of that file; NULL: it is looked for beside it */
    const char *reference;  /* FASTA for CRAM; NULL: what htslib finds */
    const char *output;
    int n_threads; /* additional threads, unless there is an edit list or range */
    struct vl_hooks hooks;
};

VL_API int vl_c4gh_decrypt(const struct vl_c4gh_decrypt_options *options,
                           struct vl_error *err);

struct vl_c4gh_reencrypt_options {
    size_t size;               /* sizeof(struct vl_c4gh_reencrypt_options) */
    const char *input;         /* Crypt4GH; "-" is stdin */
    struct vl_list keys;       /* private keys, of which one is a recipient's */
    struct vl_list recipients; /* public keys that are added */
    bool trim; /* leaves out the packets of others, which cannot be opened */
    const char *output;
    struct vl_hooks hooks;
};

/* Writes a new header, with all data keys and the edit list sealed to the recipients, and
 * copies the segments. */
VL_API int vl_c4gh_reencrypt(const struct vl_c4gh_reencrypt_options *options,
                             struct vl_error *err);

struct vl_c4gh_slice_options {
    size_t size;                   /* sizeof(struct vl_c4gh_slice_options) */
    const char *input;             /* Crypt4GH, a file or URL */
    struct vl_list keys;           /* private keys, of which one is a recipient's */
    struct vl_list recipients;     /* public keys that open the slice, at least one */
    struct vl_list ranges;         /* bytes after the edit list, ascending; or: */
    struct vl_list regions;        /* as in decrypt; not with header_only */
    const char *index, *reference; /* as in decrypt */
    bool header_only; /* an edit list over the same segments: no access control, since the
                         slice holds the data keys of the whole file */
    const char *output;
    int n_threads; /* additional threads, which compress what regions hold */
    struct vl_hooks hooks;
};

/* Writes the ranges, encrypted anew under a key of their own. */
VL_API int vl_c4gh_slice(const struct vl_c4gh_slice_options *options,
                         struct vl_error *err);

struct vl_c4gh_view_options {
    size_t size;         /* sizeof(struct vl_c4gh_view_options) */
    const char *input;   /* Crypt4GH; "-" is stdin */
    struct vl_list keys; /* private keys; empty: nothing is opened */
    bool json;           /* one JSON object instead of lines */
    struct vl_hooks hooks;
};

/* Passes text to `write`, in whole lines: the packets, which of them open, the edit list,
 * and the size of what is encrypted. */
VL_API int vl_c4gh_view(const struct vl_c4gh_view_options *options, vl_text_fn write,
                        void *write_arg, struct vl_error *err);

#ifdef __cplusplus
}
#endif

#endif
