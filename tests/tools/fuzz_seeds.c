/*
 * fuzz_seeds KEY.pem FILE.bdiff... FILE.vac DIRECTORY: writes the well-formed inputs of
 * the targets of tests/fuzz, unsealed where they are sealed, as
 * DIRECTORY/<target>/seed-<number>.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../fuzz/residual_records.h"
#include "../fuzz/scanned_line.h"
#include "container/bdiff_file.h"
#include "container/vac_file.h"
#include "residual/residual.h"
#include "varlock/base64.h"
#include "varlock/crypt4gh.h"
#include "varlock/file.h"
#include "varlock/frame.h"
#include "varlock/wire.h"
#include "window/record_array.h"
#include "window/sites.h"
#include "window/window_records.h"

enum { FILE_BYTES_MAX = 1 << 24 };

static const char *directory;

static void check(int rc, const struct vl_error *err)
{
    if (rc < 0) {
        fprintf(stderr, "fuzz_seeds: %s\n", err->message);
        exit(1);
    }
}

/* Writes one input and empties the buffer. */
static void put(const char *target, size_t number, struct vl_buf *bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/seed-%zu", directory, target, number);
    FILE *f = bytes->failed ? NULL : fopen(path, "wb");
    if (!f || fwrite(bytes->data, 1, bytes->len, f) != bytes->len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
    vl_buf_reset(bytes);
}

static void put_streams(const struct vl_buf *plain, struct vl_buf *out)
{
    struct vl_bdiff_window window = {0};
    struct vl_error err = {0};
    check(vl_bdiff_window_decode(&window, plain->data, plain->len, &err), &err);
    vl_put_u8(out, 1);
    vl_buf_add(out, window.check, VL_CHECK_BYTES);
    for (size_t i = 0; i < window.n_streams; i++) {
        const struct vl_buf *data = &window.streams[i].data;
        vl_put_u32(out, window.streams[i].id);
        vl_put_u32(out, (uint32_t)data->len);
        vl_buf_add(out, data->data, data->len);
    }
    vl_bdiff_window_clear(&window);
}

/* What sealed_file_of_input takes: the file, of which it takes the first window. */
static void put_sealed(const char *target, const struct vl_bdiff_header *header,
                       const struct vl_bdiff_index *index, const struct vl_buf *plain,
                       size_t number)
{
    struct vl_buf bytes = VL_BUF_INIT, frame = VL_BUF_INIT, part = VL_BUF_INIT;
    struct vl_error err = {0};
    check(vl_bdiff_header_encode(header, &frame, &err), &err);
    check(vl_frame_decompress(frame.data, frame.len, FILE_BYTES_MAX, &part, &err), &err);
    vl_put_u32(&bytes, (uint32_t)part.len);
    vl_buf_add(&bytes, part.data, part.len);
    vl_buf_reset(&part);
    check(vl_bdiff_index_encode(index, &part, &err), &err);
    vl_put_u32(&bytes, (uint32_t)part.len);
    vl_buf_add(&bytes, part.data, part.len);
    put_streams(plain, &bytes);
    put(target, number, &bytes);
    vl_buf_clear(&bytes);
    vl_buf_clear(&frame);
    vl_buf_clear(&part);
}

/* The file as a shard of all contigs. */
static void put_shard(const struct vl_bdiff_header *header,
                      const struct vl_bdiff_index *index, const struct vl_buf *plain,
                      size_t number)
{
    struct vl_bdiff_header shard = *header;
    shard.grants_all = false;
    shard.granted.unplaced = true;
    put_sealed("fuzz_merge", &shard, index, plain, number);
}

static void put_text(const char *target, size_t number, int kind, const char *text)
{
    struct vl_buf bytes = VL_BUF_INIT;
    if (kind >= 0)
        vl_put_u8(&bytes, (uint8_t)kind);
    vl_buf_add(&bytes, text, strlen(text));
    put(target, number, &bytes);
    vl_buf_clear(&bytes);
}

static void put_regions(void)
{
    static const char *const REGIONS[] = {"c1",       "c1:5-6",       "c1:1,000-2,000",
                                          "c2:10-20", "{c1:5-6}:1-2", "*",
                                          "c1:-100",  "c2:5"};
    size_t n = sizeof REGIONS / sizeof *REGIONS;
    for (size_t i = 0; i < n; i++)
        put_text("fuzz_region", i, 0, REGIONS[i]);
    put_text("fuzz_region", n, 1, "track x\nc1\t5\t9\n# y\nc2 3 4 name\n\nc1\t8\t20\n");
}

static void put_tickets(void)
{
    static const char *const TICKETS[] = {
        "{\"htsget\": {\"format\": \"BAM\", \"urls\": ["
        "{\"url\": \"data:application/vnd.ga4gh.bam;base64,QkFNAQ==\"}, "
        "{\"url\": \"https://h/b?sig=1\", \"headers\": {\"Authorization\": \"Bearer x\", "
        "\"Range\": \"bytes=65536-1003750\"}}, {\"url\": \"https://h/b\"}], "
        "\"md5\": \"8a6049fad4943ff4c6de5c22df97d001\"}}",
        "{\"htsget\": {\"urls\": [{\"url\": \"http://127.0.0.1/b\", "
        "\"headers\": {\"range\": \"bytes=7-\"}}]}}",
        "{\"htsget\": {\"error\": \"NotFound\", \"message\": \"no "
        "\\u00e9\\ud834\\udd1e\"}}",
        "<html>"};
    for (size_t i = 0; i < sizeof TICKETS / sizeof *TICKETS; i++)
        put_text("fuzz_ticket", i, (int)(i % 2), TICKETS[i]);
}

static void put_requests(void)
{
    static const char *const REQUESTS[] = {
        "bytes=0-5",
        "bytes=-5",
        "bytes=7-",
        "bytes=1-2,3-4",
        "/0123456789abcdef0123456789abcdef/reads/x-1",
        "/0123456789abcdef0123456789abcdef/files/x-1.bam.bai",
        "/0123456789abcdef0123456789abcdef/reads/service-info"};
    static const char *const QUESTIONS[] = {
        "GBAM\nheader", "GBAM\nbody\nc1\n5\n9", "GBAM\nbody\n*",
        "P{\"format\": \"BAM\", \"regions\": [{\"referenceName\": \"c1\", \"start\": 5, "
        "\"end\": 9}, {\"referenceName\": \"*\"}]}"};
    for (size_t i = 0; i < sizeof REQUESTS / sizeof *REQUESTS; i++)
        put_text("fuzz_request", i, -1, REQUESTS[i]);
    for (size_t i = 0; i < sizeof QUESTIONS / sizeof *QUESTIONS; i++)
        put_text("fuzz_reads_question", i, -1, QUESTIONS[i]);
}

static void put_part(struct vl_buf *token, const char *json)
{
    if (vl_base64_encode(json, strlen(json), token) < 0)
        exit(1);
    while (token->len > 0 && token->data[token->len - 1] == '=')
        token->len--;
}

/* A passport with visas, alone and as JSON, and a token of another kind. */
static void put_tokens(void)
{
    struct vl_buf token = VL_BUF_INIT, visa = VL_BUF_INIT, payload = VL_BUF_INIT;
    put_part(&visa, "{\"alg\":\"none\"}");
    vl_buf_add_byte(&visa, '.');
    put_part(&visa, "{\"iss\":\"https://dac/\",\"exp\":1700000060.5,\"ga4gh_visa_v1\":"
                    "{\"type\":\"ControlledAccessGrants\",\"value\":\"https://ega/1\"}}");
    vl_buf_addf(&visa, ".c2ln");
    vl_buf_add_byte(&visa, 0);
    vl_buf_addf(&payload,
                "{\"exp\": 1700000001, \"ga4gh_passport_v1\": [\"%s\", \"%s\"]}",
                (char *)visa.data, (char *)visa.data);
    vl_buf_add_byte(&payload, 0);
    put_part(&token, "{\"alg\":\"none\"}");
    vl_buf_add_byte(&token, '.');
    put_part(&token, (char *)payload.data);
    vl_buf_addf(&token, ".c2ln");
    vl_buf_add_byte(&token, 0);
    vl_buf_reset(&payload);
    vl_buf_addf(&payload, "{\"access_token\": \"%s\"}", (char *)token.data);
    vl_buf_add_byte(&payload, 0);
    put_text("fuzz_token", 0, -1, (char *)token.data);
    put_text("fuzz_token", 1, -1, (char *)payload.data);
    put_text("fuzz_token", 2, -1, "c2VjcmV0\n");
    vl_buf_clear(&token);
    vl_buf_clear(&visa);
    vl_buf_clear(&payload);
}

/* What stands between the first and the last line of a PEM file. */
static void put_blob(const struct vl_buf *pem, uint8_t decoder, size_t number)
{
    struct vl_buf base64 = VL_BUF_INIT, blob = VL_BUF_INIT;
    const char *at = strchr((const char *)pem->data, '\n');
    for (at = at ? at : ""; *at && *at != '-'; at++)
        if (*at != '\n')
            vl_buf_add_byte(&base64, (uint8_t)*at);
    vl_put_u8(&blob, decoder);
    uint8_t *out = vl_buf_reserve(&blob, base64.len);
    int n = out ? EVP_DecodeBlock(out, base64.data, (int)base64.len) : -1;
    if (n < 0) {
        fputs("fuzz_seeds: a key that is not PEM\n", stderr);
        exit(1);
    }
    /* EVP_DecodeBlock counts padding. */
    while (base64.len > 0 && base64.data[--base64.len] == '=')
        n--;
    blob.len += (size_t)n;
    put("fuzz_key_blob", number, &blob);
    vl_buf_clear(&base64);
    vl_buf_clear(&blob);
}

/* The keys of other kinds that lie beside the RSA key. */
static void put_other_keys(const char *rsa_path)
{
    static const struct {
        const char *name;
        int decoder; /* of fuzz_key_blob; -1: none */
    } KEYS[] = {{"c4gh-plain.sec", 0}, {"c4gh-scrypt.sec", 0}, {"c4gh-bcrypt.sec", 0},
                {"ssh.sec", 1},        {"ssh-enc.sec", 0x81},  {"ssh.pub", 2},
                {"c4gh.pub", 4},       {"x25519.pem", -1},     {"ed25519.pub.pem", -1}};
    struct vl_buf file = VL_BUF_INIT, blob = VL_BUF_INIT;
    struct vl_error err = {0};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        const char *slash = strrchr(rsa_path, '/');
        char path[512];
        snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - rsa_path) + 1 : 0,
                 rsa_path, KEYS[i].name);
        check(vl_file_slurp(path, FILE_BYTES_MAX, &file, &err), &err);
        vl_buf_add_byte(&file, 0);
        file.len--;
        if (KEYS[i].decoder == 2) {
            vl_put_u8(&blob, 2);
            vl_buf_add(&blob, file.data, file.len);
            put("fuzz_key_blob", i, &blob);
        } else if (KEYS[i].decoder >= 0) {
            put_blob(&file, (uint8_t)KEYS[i].decoder, i);
        }
        put("fuzz_key", 3 + i, &file);
    }
    vl_put_u8(&blob, 3);
    for (int i = 0; i < 32; i++) /* y of the base point: 4/5 */
        vl_put_u8(&blob, i == 0 ? 0x58 : 0x66);
    put("fuzz_key_blob", sizeof KEYS / sizeof *KEYS, &blob);
    vl_buf_clear(&file);
    vl_buf_clear(&blob);
}

/* Seals a payload to the key that fuzz_c4gh_file has. */
static void seal(struct vl_buf *file, const struct vl_buf *payload)
{
    uint8_t secret[VL_X25519_BYTES], public[VL_X25519_BYTES];
    struct vl_error err = {0};
    struct vl_key *reader = NULL, *writer = NULL;
    for (size_t i = 0; i < sizeof secret; i++)
        secret[i] = (uint8_t)(0x40 + i);
    check(vl_key_from_x25519(&reader, NULL, secret, &err), &err);
    check(vl_key_x25519_public(reader, public, &err), &err);
    check(vl_key_generate_type(&writer, VL_KEY_X25519, &err), &err);
    check(vl_c4gh_packet_seal(writer, public, payload->data, payload->len, file, &err),
          &err);
    vl_key_free(reader);
    vl_key_free(writer);
}

/* A file of two segments, without an edit list and with one, and its payloads. */
static void put_c4gh(void)
{
    static const uint64_t LENGTHS[] = {3, 70000, 5, 60};
    static const uint8_t KEY[VL_C4GH_KEY_BYTES] = {7};
    static uint8_t plain[VL_C4GH_PLAIN_BYTES], segment[VL_C4GH_SEGMENT_BYTES];
    struct vl_error err = {0};
    for (size_t edits = 0; edits < 2; edits++) {
        struct vl_buf file = VL_BUF_INIT, payload = VL_BUF_INIT;
        struct vl_chacha *key = NULL;
        vl_c4gh_put_start(&file, 1 + (uint32_t)edits);
        vl_c4gh_put_data_key(&payload, KEY);
        seal(&file, &payload);
        if (edits == 0)
            put("fuzz_c4gh_payload", 0, &payload);
        vl_buf_reset(&payload);
        vl_c4gh_put_edit_list(&payload, LENGTHS, 4);
        if (edits == 1) {
            seal(&file, &payload);
            put("fuzz_c4gh_payload", 1, &payload);
        }
        check(vl_chacha_open(&key, KEY, &err), &err);
        for (size_t n = sizeof plain; n > 0; n = n == sizeof plain ? 5000 : 0) {
            check(vl_c4gh_segment_seal(key, plain, n, segment, &err), &err);
            vl_buf_add(&file, segment, n + VL_C4GH_OVERHEAD_BYTES);
        }
        put("fuzz_c4gh_file", edits, &file);
        vl_chacha_free(key);
        vl_buf_clear(&payload);
        vl_buf_clear(&file);
    }
}

/* Both halves. */
static void put_key(const char *path)
{
    struct vl_error err = {0};
    struct vl_buf pem = VL_BUF_INIT, public = VL_BUF_INIT;
    struct vl_key *key = NULL;
    check(vl_file_slurp(path, FILE_BYTES_MAX, &pem, &err), &err);
    put("fuzz_key", 0, &pem);
    check(vl_key_read_private(&key, path, NULL, NULL, &err), &err);
    check(vl_key_export(key, "pass", &pem, &public, &err), &err);
    put("fuzz_key", 1, &pem);
    put("fuzz_key", 2, &public);
    vl_key_free(key);
    vl_buf_clear(&pem);
    vl_buf_clear(&public);
}

/* `number` is that of the file, *n_windows counts the windows of all files. */
static void put_bdiff(const char *key_path, const char *path, size_t number,
                      size_t *n_windows)
{
    struct vl_error err = {0};
    struct vl_buf bytes = VL_BUF_INIT, file = VL_BUF_INIT;
    struct vl_key *key = NULL;
    struct vl_bdiff_reader *bdiff = NULL;
    size_t size;
    check(vl_file_slurp(path, FILE_BYTES_MAX, &file, &err), &err);
    check(vl_key_read_private(&key, key_path, NULL, NULL, &err), &err);
    check(vl_bdiff_reader_open(&bdiff, path, key, key_path, NULL, NULL, &err), &err);
    check(vl_bdiff_envelope_size(file.data, &size, &err), &err);
    vl_buf_add(&bytes, file.data, size);
    put("fuzz_envelope", number, &bytes);
    check(vl_bdiff_header_encode(vl_bdiff_reader_header(bdiff), &bytes, &err), &err);
    put("fuzz_header", number, &bytes);
    const struct vl_bdiff_index *index = vl_bdiff_reader_index(bdiff);
    check(vl_bdiff_index_encode(index, &bytes, &err), &err);
    put("fuzz_index", number, &bytes);
    for (size_t i = 0; i < index->n; i++) {
        struct vl_buf plain = VL_BUF_INIT;
        check(vl_bdiff_reader_window(bdiff, i, &plain, &err), &err);
        vl_put_u8(&bytes, (uint8_t)index->v[i].n_records);
        put_streams(&plain, &bytes);
        put("fuzz_window", (*n_windows)++, &bytes);
        vl_put_u8(&bytes, (uint8_t)index->v[i].n_records);
        vl_put_u8(&bytes, 0);
        vl_buf_add(&bytes, plain.data, plain.len);
        put("fuzz_window", (*n_windows)++, &bytes);
        if (i == 0) {
            put_sealed("fuzz_sealed", vl_bdiff_reader_header(bdiff), index, &plain,
                       number);
            put_shard(vl_bdiff_reader_header(bdiff), index, &plain, number);
        }
        vl_buf_clear(&plain);
    }
    vl_put_u64(&bytes, file.len);
    vl_buf_add(&bytes, file.data + file.len - VL_BDIFF_TRAILER_BYTES,
               VL_BDIFF_TRAILER_BYTES);
    put("fuzz_trailer", number, &bytes);
    vl_bdiff_reader_free(bdiff);
    vl_key_free(key);
    vl_buf_clear(&bytes);
    vl_buf_clear(&file);
}

static void put_vac(const char *path)
{
    struct vl_error err = {0};
    struct vl_buf bytes = VL_BUF_INIT, file = VL_BUF_INIT;
    struct vl_vac_reader *vac = NULL;
    uint64_t offset, size;
    check(vl_file_slurp(path, FILE_BYTES_MAX, &file, &err), &err);
    check(vl_vac_open(&vac, path, &err), &err);
    check(vl_vac_trailer_decode(file.data + file.len - VL_VAC_TRAILER_BYTES, file.len,
                                &offset, &size, &err),
          &err);
    vl_put_u64(&bytes, offset);
    vl_buf_add(&bytes, file.data + offset, size);
    put("fuzz_vac_meta", 0, &bytes);
    const struct vl_vac_meta *meta = vl_vac_meta(vac);
    for (size_t i = 0; i < meta->n_blocks; i++) {
        const struct vl_vac_block *block = &meta->blocks[i];
        vl_put_u32(&bytes, block->n_sites);
        vl_put_u64(&bytes, (uint64_t)block->first_pos0);
        vl_put_u64(&bytes, (uint64_t)block->last_pos0);
        vl_buf_add(&bytes, file.data + block->offset, block->size_bytes);
        put("fuzz_vac_block", i, &bytes);
    }
    vl_vac_free(vac);
    vl_buf_clear(&bytes);
    vl_buf_clear(&file);
}

/* What the encoder makes of the records of fuzz_residual. */
static void put_residual(int model, bool has_order, bool deals, size_t number)
{
    struct window_records w = {
        .model = model, .has_order = has_order, .stores_places = !has_order};
    struct vl_bdiff_window streams = {0};
    struct vl_names groups = {0};
    struct vl_buf bytes = VL_BUF_INIT;
    struct vl_error err = {0};
    sam_hdr_t *header = sam_hdr_parse(strlen(RESIDUAL_HEADER), RESIDUAL_HEADER);
    struct site site = {.pos0 = 23, .change = 2}; /* both a permutation and C */
    int rc = residual_records_masked(&w, header);
    for (uint32_t i = 0; rc == 0 && i < N_RESIDUAL_RECORDS; i++) {
        const char *original = RESIDUAL_RECORDS[i].original;
        bam1_t *b = record_array_add(&w.shown);
        rc = original ? residual_record_parse(original, header, b) : 0;
        vl_buf_add_byte(&w.grade, original ? VL_GRADE_FULL : VL_GRADE_NONE);
        if (has_order)
            vl_buf_add(&w.ordinal, &i, sizeof i);
    }
    for (int i = 0; rc == 0 && i < N_WHOLE_RECORDS; i++)
        rc = residual_record_parse(
            WHOLE_RECORDS[i].original, header,
            window_records_add_whole(&w, WHOLE_RECORDS[i].place, 0));
    vl_names_add(&groups, "lane");
    if (deals) {
        vl_buf_add(&w.quality_place, QUALITY_PLACES, sizeof QUALITY_PLACES);
        vl_buf_add_byte(&w.quality_tail, 40);
    }
    if (rc < 0 || site_list_add(&w.sites, &site) < 0)
        check(vl_error_memory(&err), &err);
    check(residual_encode(&w, &groups, NULL, &bytes, &err), &err);
    check(vl_bdiff_window_decode(&streams, bytes.data, bytes.len, &err), &err);
    vl_buf_reset(&bytes);
    vl_put_u8(&bytes,
              (uint8_t)(model | (has_order ? 16 : 0) | (has_order && deals ? 32 : 0)));
    for (size_t i = 0; i < streams.n_streams; i++) {
        const struct vl_buf *data = &streams.streams[i].data;
        vl_put_u32(&bytes, streams.streams[i].id);
        vl_put_u32(&bytes, (uint32_t)data->len);
        vl_buf_add(&bytes, data->data, data->len);
    }
    put("fuzz_residual", number, &bytes);
    vl_bdiff_window_clear(&streams);
    window_records_clear(&w);
    vl_names_clear(&groups);
    vl_buf_clear(&bytes);
    sam_hdr_destroy(header);
}

static void put_lines(bool has_samples, size_t number)
{
    struct vl_buf bytes = VL_BUF_INIT;
    vl_put_u8(&bytes, has_samples);
    for (int i = 0; i < N_SCANNED_LINES; i++)
        vl_buf_addf(&bytes, "%s\n", SCANNED_LINES[i].line);
    put("fuzz_vcf_scan", number, &bytes);
    vl_buf_clear(&bytes);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: fuzz_seeds KEY.pem FILE.bdiff... FILE.vac DIRECTORY\n", stderr);
        return 2;
    }
    size_t n_windows = 0;
    directory = argv[argc - 1];
    for (int i = 2; i < argc - 2; i++)
        put_bdiff(argv[1], argv[i], (size_t)i - 2, &n_windows);
    put_vac(argv[argc - 2]);
    put_residual(VL_MASK_PERMUTE, false, false, 0);
    put_residual(VL_MASK_SYNTH, true, false, 1);
    put_residual(VL_MASK_SYNTH, false, false, 2);
    put_residual(VL_MASK_SYNTH, true, true, 3);
    put_residual(VL_MASK_SYNTH, false, true, 4);
    put_lines(false, 0);
    put_lines(true, 1);
    put_regions();
    put_tickets();
    put_requests();
    put_tokens();
    put_key(argv[1]);
    put_c4gh();
    put_other_keys(argv[1]);
    return 0;
}
