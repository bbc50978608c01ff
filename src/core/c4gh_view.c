#include <string.h>

#include "crypt4gh/c4gh_edits.h"
#include "crypt4gh/c4gh_file.h"
#include "crypt4gh/source_end.h"
#include "operation_options.h"
#include "run/operation_keys.h"
#include "varlock/crypt4gh.h"
#include "varlock/json.h"
#include "varlock/varlock.h"

enum { UNKNOWN_SIZE = -1 };

struct c4gh_look {
    const struct vl_c4gh_view_options *options;
    struct c4gh_keys keys;
    hFILE *source;
    struct c4gh_header header;
    int64_t sealed_bytes, plain_bytes, edited_bytes; /* UNKNOWN_SIZE */
};

/* ---- looking ---- */

static int find_sizes(struct c4gh_look *look, struct vl_error *err)
{
    off_t at = htell(look->source), end = source_end(look->source);
    struct c4gh_edits edits = {0};
    look->sealed_bytes = look->plain_bytes = look->edited_bytes = UNKNOWN_SIZE;
    if (end < at)
        return 0;
    look->sealed_bytes = end - at;
    look->plain_bytes = vl_c4gh_plain_size(end - at);
    if (look->plain_bytes < 0)
        return vl_error_set(err, VL_ERR_DATA, "%s: is truncated in segment %lld",
                            look->options->input,
                            (long long)((end - at) / VL_C4GH_SEGMENT_BYTES + 1));
    if (!look->header.key)
        return 0;
    if (c4gh_edits_make(&edits, (const void *)look->header.lengths.data,
                        look->header.lengths.len / sizeof(uint64_t)) < 0)
        return vl_error_memory(err);
    look->edited_bytes = c4gh_edits_size(&edits, look->plain_bytes);
    c4gh_edits_clear(&edits);
    return 0;
}

static int look_at(struct c4gh_look *look, struct vl_error *err)
{
    const struct vl_c4gh_view_options *o = look->options;
    int rc = operation_keys_read_c4gh(&look->keys, &o->keys, &o->hooks, err);
    if (rc == 0)
        rc = c4gh_file_open(&look->source, &look->header, o->input, NULL, err);
    if (rc == 0 && o->keys.n > 0)
        rc = c4gh_header_unlock(&look->header, &look->keys, NULL, o->input, err);
    return rc < 0 ? rc : find_sizes(look, err);
}

static const char *kind_of(const struct c4gh_packet *p)
{
    static const char *const KINDS[] = {"data_key", "edit_list", "unknown"};
    return p->opens ? KINDS[p->kind] : "closed";
}

/* ---- text ---- */

static void put_size(struct vl_buf *text, const char *name, int64_t n)
{
    if (n >= 0)
        vl_buf_addf(text, "%s\t%lld\n", name, (long long)n);
}

static void put_text(const struct c4gh_look *look, struct vl_buf *text)
{
    const struct c4gh_header *h = &look->header;
    const uint64_t *lengths = (const void *)h->lengths.data;
    vl_buf_addf(text, "packets\t%u\n", h->n);
    for (uint32_t i = 0; i < h->n; i++)
        vl_buf_addf(text, "packet\t%u\t%zu\t%s\n", i + 1, h->v[i].n, kind_of(&h->v[i]));
    if (h->key)
        vl_buf_addf(text, "key\t%s\n", h->key->path);
    for (size_t i = 0; i < h->lengths.len / sizeof *lengths; i++)
        vl_buf_addf(text, "%s\t%llu\n", i % 2 ? "keep" : "skip",
                    (unsigned long long)lengths[i]);
    put_size(text, "header_bytes", (int64_t)h->bytes.len);
    put_size(text, "sealed_bytes", look->sealed_bytes);
    put_size(text, "plain_bytes", look->plain_bytes);
    put_size(text, "edited_bytes", look->edited_bytes);
}

/* ---- JSON ---- */

static void set_size(struct vl_json *json, const char *name, int64_t n)
{
    if (n >= 0)
        vl_json_set_number(json, name, n);
    else
        vl_json_set_null(json, name);
}

static struct vl_json *packets_of(const struct c4gh_header *h)
{
    struct vl_json *packets = vl_json_array();
    for (uint32_t i = 0; i < h->n; i++) {
        struct vl_json *packet = vl_json_object();
        vl_json_set_number(packet, "bytes", (int64_t)h->v[i].n);
        vl_json_set_bool(packet, "opens", h->v[i].opens);
        if (h->v[i].opens)
            vl_json_set_text(packet, "kind", kind_of(&h->v[i]));
        vl_json_add(packets, packet);
    }
    return packets;
}

static struct vl_json *edits_of(const struct c4gh_header *h)
{
    const uint64_t *lengths = (const void *)h->lengths.data;
    struct vl_json *list = vl_json_array();
    for (size_t i = 0; i < h->lengths.len / sizeof *lengths; i++)
        vl_json_add_number(list, (int64_t)lengths[i]);
    return list;
}

static int put_json(const struct c4gh_look *look, struct vl_buf *text)
{
    const struct c4gh_header *h = &look->header;
    struct vl_json *json = vl_json_object();
    vl_json_set_number(json, "version", 1);
    vl_json_set(json, "packets", packets_of(h));
    if (h->key)
        vl_json_set_text(json, "key", h->key->path);
    if (h->has_edits)
        vl_json_set(json, "edit_list", edits_of(h));
    set_size(json, "header_bytes", (int64_t)h->bytes.len);
    set_size(json, "sealed_bytes", look->sealed_bytes);
    set_size(json, "plain_bytes", look->plain_bytes);
    if (h->key)
        set_size(json, "edited_bytes", look->edited_bytes);
    int rc = vl_json_write(json, text);
    vl_json_free(json);
    return rc;
}

static int show(const struct c4gh_look *look, vl_text_fn write, void *write_arg,
                struct vl_error *err)
{
    struct vl_buf text = VL_BUF_INIT;
    int rc = 0;
    if (look->options->json)
        rc = put_json(look, &text);
    else
        put_text(look, &text);
    if (rc < 0 || text.failed)
        rc = vl_error_memory(err);
    int why = rc == 0 ? write(write_arg, (const char *)text.data, text.len) : 0;
    vl_buf_clear(&text);
    return why ? vl_error_set(err, VL_ERR_IO, "cannot write: %s", strerror(why)) : rc;
}

int vl_c4gh_view(const struct vl_c4gh_view_options *options, vl_text_fn write,
                 void *write_arg, struct vl_error *err)
{
    struct vl_c4gh_view_options own;
    int rc = options_take(&c4gh_view_layout, options, &own, err);
    if (rc == 0 && !write)
        rc = vl_error_set(err, VL_ERR_USAGE, "vl_c4gh_view: write is NULL");
    if (rc < 0)
        return rc;
    struct c4gh_look look = {.options = &own};
    rc = look_at(&look, err);
    if (rc == 0)
        rc = show(&look, write, write_arg, err);
    c4gh_header_clear(&look.header);
    if (look.source)
        hclose_abruptly(look.source);
    c4gh_keys_clear(&look.keys);
    return rc;
}
