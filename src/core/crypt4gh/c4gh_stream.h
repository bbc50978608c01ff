/* Crypt4GH files as streams of htslib, which hts_hopen and bgzf_hopen take. */
#ifndef VARLOCK_CORE_C4GH_STREAM_H
#define VARLOCK_CORE_C4GH_STREAM_H

#include <htslib/hfile.h>

#include "crypt4gh/c4gh_keys.h"
#include "crypt4gh/c4gh_reader.h"
#include "crypt4gh/c4gh_writer.h"
#include "varlock/error.h"

/* Opens a file, URL or "-" for reading.  If it begins as a Crypt4GH file, the stream
 * gives its plain bytes, and *reader (may be NULL) becomes what reads them, which the
 * stream owns; else the stream gives the file as it is, and *reader becomes NULL.  `keys`
 * (NULL: none) open it.  What goes wrong later goes to *failure, which must outlive the
 * stream; errno is then EIO.  VL_ERR_IO, and as c4gh_header_unlock. */
VL_MUST_CHECK
int c4gh_stream_open(hFILE **stream, struct c4gh_reader **reader, const char *path,
                     struct c4gh_keys *keys, struct vl_error *failure,
                     struct vl_error *err);

/* A stream that seals what is written and passes it on to `inner`.  To close it writes
 * the last segment and closes `inner`; `failure` as above.  It owns `inner`, and wipes
 * its secrets. */
VL_MUST_CHECK
int c4gh_stream_create(hFILE **stream, hFILE *inner, const struct c4gh_readers *readers,
                       struct vl_error *failure, struct vl_error *err);

#endif
