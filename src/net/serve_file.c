/* The file part of the server: a BAM of which any bytes can be asked for, and its index.
 */
#include <stdio.h>

#include "http_range.h"
#include "serve_state.h"

static enum MHD_Result send_part(struct request *r, struct vl_serving *serving,
                                 unsigned status, int64_t beg, int64_t end, int64_t size)
{
    struct vl_serving_stream *stream = NULL;
    char range[96];
    int rc = serve_is(r, "HEAD") || beg == size
                 ? 0
                 : vl_serving_bytes(serving, beg, &stream, &r->error);
    if (rc < 0)
        return serve_refuse(r, MHD_HTTP_INTERNAL_SERVER_ERROR, r->error.message);
    struct MHD_Response *response = serve_stream(r, stream, end - beg);
    if (status == MHD_HTTP_PARTIAL_CONTENT && response) {
        snprintf(range, sizeof range, "bytes %lld-%lld/%lld", (long long)beg,
                 (long long)end - 1, (long long)size);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
    }
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
    return serve_queue(r, status, response);
}

enum MHD_Result serve_file(struct request *r, struct vl_serving *serving)
{
    int64_t size, beg, end;
    const struct vl_buf *index;
    bool is_csi;
    if (vl_serving_file(serving, &size, &index, &is_csi, &r->error) < 0)
        return serve_refuse(r, MHD_HTTP_NOT_FOUND, r->error.message);
    const char *asked = serve_range(r);
    switch (http_range_read(asked, size, &beg, &end)) {
    case HTTP_RANGE_WHOLE:
        return send_part(r, serving, MHD_HTTP_OK, 0, size, size);
    case HTTP_RANGE_PART:
        return send_part(r, serving, MHD_HTTP_PARTIAL_CONTENT, beg, end, size);
    case HTTP_RANGE_UNSATISFIABLE:
        break;
    }
    return serve_refuse_range(r, size);
}

enum MHD_Result serve_index(struct request *r, struct vl_serving *serving,
                            bool asks_for_csi)
{
    int64_t size;
    const struct vl_buf *index;
    bool is_csi;
    if (vl_serving_file(serving, &size, &index, &is_csi, &r->error) < 0)
        return serve_refuse(r, MHD_HTTP_NOT_FOUND, r->error.message);
    if (is_csi != asks_for_csi)
        return serve_refuse(r, MHD_HTTP_NOT_FOUND, "no such index");
    return serve_reply(r, MHD_HTTP_OK, "application/octet-stream", index->data,
                       index->len);
}
