/* The question for an answer, as htsget 1.3 has it. */
#ifndef VARLOCK_NET_QUERY_H
#define VARLOCK_NET_QUERY_H

#include <stdbool.h>

#include "varlock/buf.h"
#include "varlock/error.h"
#include "varlock/receive.h"

struct query {
    const char *url;    /* of the reads or variants, http or https */
    const char *format; /* BAM, CRAM, VCF, BCF */
    bool header_only;
    bool wants_c4gh; /* by today's protocol of htsget-rs */
};

/* Appends the address, without a NUL, that an htsget URL stands for: https, and http
 * on this machine.  Other URLs are taken as they are.  VL_ERR_USAGE: it is none of http,
 * https, htsget, or holds a password. */
VL_MUST_CHECK
int query_address(const char *url, struct vl_buf *out, struct vl_error *err);

/* Asks for an answer that is encrypted to a public key, the Crypt4GH PEM file of n bytes:
 * appends the header line `Name: value`, and a NUL.  Schemes are "htsget-rs" (NULL),
 * which takes the base64 of the whole file, and "legacy", which takes that of the key
 * alone. VL_ERR_USAGE: another one. */
VL_MUST_CHECK
int query_ask_for_c4gh(struct query *query, const char *scheme, const char *pem, size_t n,
                       struct vl_buf *header, struct vl_error *err);

/* Appends the URL of a GET for one region (NULL: everything), and a NUL. */
VL_MUST_CHECK
int query_put_url(const struct query *query, const struct vl_asked *region,
                  struct vl_buf *out, struct vl_error *err);

/* Appends the JSON of a POST for n regions, and a NUL. */
VL_MUST_CHECK
int query_put_body(const struct query *query, const struct vl_asked *regions, size_t n,
                   struct vl_buf *out, struct vl_error *err);

#endif
