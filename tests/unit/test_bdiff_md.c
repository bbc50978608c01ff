/* The worked examples of formats/bdiff.md §12, read out of the document. */
#include <check.h>
#include <htslib/sam.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/crypto/hpke.h"
#include "record/record.h"
#include "residual/residual.h"
#include "varlock/bdiff.h"
#include "varlock/digest.h"
#include "varlock/file.h"
#include "varlock/frame.h"
#include "varlock/seal.h"
#include "varlock/wire.h"
#include "window/record_array.h"
#include "window/window_records.h"

Suite *bdiff_md_suite(void);

static struct vl_buf document;

/* The text of the fenced block that is marked `kind`; freed by the caller. */
static char *fenced(const char *kind)
{
    char fence[32];
    snprintf(fence, sizeof fence, "\n```%s\n", kind);
    if (document.len == 0) {
        ck_assert_int_eq(vl_file_slurp("formats/bdiff.md", 1 << 20, &document, NULL), 0);
        vl_buf_add_byte(&document, 0);
    }
    const char *beg = strstr((char *)document.data, fence);
    ck_assert_msg(beg != NULL, "no block `%s` in bdiff.md", kind);
    beg += strlen(fence);
    return strndup(beg, (size_t)(strstr(beg, "```") - beg));
}

static void add_hex(struct vl_buf *out, const char *text)
{
    unsigned byte;
    int n_chars;
    for (const char *p = text; sscanf(p, "%2x%n", &byte, &n_chars) == 1; p += n_chars)
        vl_buf_add_byte(out, (uint8_t)byte);
}

static struct vl_buf hex_block(const char *kind)
{
    struct vl_buf bytes = VL_BUF_INIT;
    char *text = fenced(kind);
    add_hex(&bytes, text);
    free(text);
    return bytes;
}

static void derive(const char *name, uint8_t key[32])
{
    uint8_t secret[32], id[16];
    char label[64];
    for (int i = 0; i < 32; i++)
        secret[i] = (uint8_t)i;
    for (int i = 0; i < 16; i++)
        id[i] = (uint8_t)(0xa0 + i);
    snprintf(label, sizeof label, "varlock bdiff 1 %s", name);
    ck_assert_int_eq(vl_hkdf(secret, 32, id, 16, label, NULL, 0, key, NULL), 0);
}

START_TEST(test_keys)
{
    static const char *const NAMES[] = {"seal", "envelope", "trailer"};
    char *text = fenced("keys");
    for (int i = 0; i < 3; i++) {
        struct vl_buf expected = VL_BUF_INIT;
        uint8_t key[32];
        const char *line = strstr(text, NAMES[i]);
        ck_assert_ptr_ne(line, NULL);
        add_hex(&expected, line + strcspn(line, " "));
        derive(NAMES[i], key);
        ck_assert_uint_ge(expected.len, 32);
        ck_assert_mem_eq(expected.data, key, 32);
        vl_buf_clear(&expected);
    }
    free(text);
}
END_TEST

START_TEST(test_envelope)
{
    struct vl_buf bytes = hex_block("envelope");
    struct vl_bdiff_envelope e;
    uint8_t key[32], mac[32];
    ck_assert_uint_eq(bytes.len, 100);
    ck_assert_int_eq(vl_bdiff_envelope_decode(&e, bytes.data, bytes.len, NULL), 0);
    ck_assert_uint_eq(e.file_id[15], 0xaf);
    ck_assert_uint_eq(e.header_size, 105);
    ck_assert_uint_eq(e.n_recipients, 1);
    ck_assert_uint_eq(e.recipients[0].algorithm, VL_WRAP_RSA_OAEP_SHA256);
    ck_assert_uint_eq(e.recipients[0].hint[0], 0xb0);
    ck_assert_uint_eq(e.recipients[0].wrapped.len, 16);
    ck_assert_uint_eq(e.recipients[0].wrapped.data[15], 0xcf);
    derive("envelope", key);
    ck_assert_int_eq(vl_mac(key, bytes.data, 68, mac, NULL), 0);
    ck_assert_mem_eq(mac, bytes.data + 68, 32);
    vl_bdiff_envelope_clear(&e);
    vl_buf_clear(&bytes);
}
END_TEST

static struct vl_key *key_of(uint8_t first)
{
    uint8_t bytes[VL_X25519_BYTES];
    struct vl_key *key = NULL;
    for (int i = 0; i < VL_X25519_BYTES; i++)
        bytes[i] = (uint8_t)(first + i);
    ck_assert_int_eq(vl_key_from_x25519(&key, NULL, bytes, NULL), 0);
    return key;
}

START_TEST(test_x25519)
{
    static const char LABEL[] = "varlock bdiff 1 x25519";
    struct vl_buf bytes = hex_block("x25519"), info = VL_BUF_INIT, wrapped = VL_BUF_INIT;
    uint8_t secret[VL_SECRET_BYTES], id[VL_FILE_ID_BYTES], opened[VL_SECRET_BYTES];
    uint8_t hint[VL_HINT_BYTES], public[VL_X25519_BYTES];
    struct vl_key *recipient = key_of(0x40), *ephemeral = key_of(0x60);
    for (int i = 0; i < VL_SECRET_BYTES; i++)
        secret[i] = (uint8_t)i;
    for (int i = 0; i < VL_FILE_ID_BYTES; i++)
        id[i] = (uint8_t)(0xa0 + i);
    ck_assert_uint_eq(bytes.len, 88);
    ck_assert_int_eq(vl_key_hint(recipient, id, hint, NULL), 0);
    ck_assert_mem_eq(hint, bytes.data, sizeof hint);
    vl_buf_add(&info, LABEL, strlen(LABEL));
    vl_buf_add(&info, id, sizeof id);
    ck_assert_int_eq(vl_key_x25519_public(recipient, public, NULL), 0);
    ck_assert_int_eq(hpke_seal(ephemeral, public, (struct hpke_text){info.data, info.len},
                               (struct hpke_text){NULL, 0},
                               (struct hpke_text){secret, sizeof secret}, &wrapped, NULL),
                     0);
    ck_assert_uint_eq(wrapped.len, 80);
    ck_assert_mem_eq(wrapped.data, bytes.data + 8, 80);
    ck_assert_int_eq(vl_key_unwrap(recipient, id, bytes.data + 8, 80, opened, NULL), 0);
    ck_assert_mem_eq(opened, secret, sizeof secret);
    vl_key_free(recipient);
    vl_key_free(ephemeral);
    vl_buf_clear(&bytes);
    vl_buf_clear(&info);
    vl_buf_clear(&wrapped);
}
END_TEST

START_TEST(test_header)
{
    struct vl_buf bytes = hex_block("header"), content = hex_block("header-content");
    struct vl_buf unpacked = VL_BUF_INIT, granted = VL_BUF_INIT;
    struct vl_bdiff_header h;
    ck_assert_uint_eq(bytes.len, 105 - VL_SEAL_TAG_BYTES);
    ck_assert_int_eq(vl_frame_decompress(bytes.data, bytes.len, 1000, &unpacked, NULL),
                     0);
    ck_assert_uint_eq(unpacked.len, content.len);
    ck_assert_mem_eq(unpacked.data, content.data, content.len);
    ck_assert_int_eq(vl_bdiff_header_decode(&h, bytes.data, bytes.len, NULL), 0);
    ck_assert(!h.is_root && !h.grants_all);
    ck_assert_uint_eq(h.root_id[0], 0xe0);
    ck_assert_uint_eq(h.contigs.n, 2);
    ck_assert_str_eq(h.contigs.v[0].name, "chr1");
    ck_assert_int_eq(h.contigs.v[0].length, 1000);
    ck_assert_int_eq(h.contigs.v[1].length, 500);
    vl_ranges_format(&h.granted, &h.contigs, 0, &granted);
    vl_buf_add_byte(&granted, 0);
    ck_assert_str_eq((char *)granted.data, "chr1:101-200 chr2 *");
    vl_bdiff_header_clear(&h);
    vl_buf_clear(&bytes);
    vl_buf_clear(&content);
    vl_buf_clear(&unpacked);
    vl_buf_clear(&granted);
}
END_TEST

/* ---- windows ---- */

static const struct {
    const char *name;
    int model;
    bool has_order;
    size_t n_streams;
    size_t n_sites;
} WINDOWS[] = {{"permute", VL_MASK_PERMUTE, false, 7, 1},
               {"synth", VL_MASK_SYNTH, true, 25, 1}};
enum { N_WINDOWS = sizeof WINDOWS / sizeof *WINDOWS };

/* The block `<name of the window>-<part>`. */
static char *fenced_part(int window, const char *part)
{
    char kind[32];
    snprintf(kind, sizeof kind, "%s-%s", WINDOWS[window].name, part);
    return fenced(kind);
}

static struct vl_buf window_bytes(int window)
{
    struct vl_buf bytes = VL_BUF_INIT;
    char *text = fenced_part(window, "window");
    add_hex(&bytes, text);
    free(text);
    return bytes;
}

START_TEST(test_window)
{
    struct vl_buf bytes = window_bytes(_i);
    struct vl_bdiff_window w = {0};
    char *streams = fenced_part(_i, "streams"), *line = streams;
    ck_assert_int_eq(vl_bdiff_window_decode(&w, bytes.data, bytes.len, NULL), 0);
    ck_assert_mem_eq(w.check, bytes.data, sizeof w.check);
    ck_assert_uint_eq(w.n_streams, WINDOWS[_i].n_streams);
    for (size_t i = 0; i < w.n_streams; i++) {
        struct vl_buf expected = VL_BUF_INIT;
        char *end;
        ck_assert_uint_eq(strtoul(line, &end, 16), w.streams[i].id);
        line = strchr(line, '\n');
        ck_assert_ptr_ne(line, NULL);
        *line++ = '\0';
        add_hex(&expected, end);
        ck_assert_uint_eq(expected.len, w.streams[i].data.len);
        ck_assert_mem_eq(expected.data, w.streams[i].data.data, expected.len);
        vl_buf_clear(&expected);
    }
    ck_assert_str_eq(line, "");
    free(streams);
    vl_bdiff_window_clear(&w);
    vl_buf_clear(&bytes);
}
END_TEST

/* The SAM lines of a block, with blanks for tabs. */
static struct record_array records_of(int window, const char *part)
{
    static const char HEADER[] = "@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n";
    struct record_array records = {0};
    sam_hdr_t *header = sam_hdr_parse(strlen(HEADER), HEADER);
    char *text = fenced_part(window, part);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        kstring_t s = KS_INITIALIZE;
        for (const char *p = line; *p; p++)
            kputc(*p == ' ' ? '\t' : *p, &s);
        bam1_t *b = record_array_add(&records);
        ck_assert_int_ge(sam_parse1(&s, header, b), 0);
        record_normalise(b);
        ks_free(&s);
    }
    free(text);
    sam_hdr_destroy(header);
    return records;
}

START_TEST(test_window_restored)
{
    struct vl_buf bytes = window_bytes(_i);
    struct vl_error err = {0};
    struct window_records w = {.model = WINDOWS[_i].model,
                               .has_order = WINDOWS[_i].has_order,
                               .masked = records_of(_i, "masked")};
    struct record_array expected = records_of(_i, "restored");
    size_t whole = 0, at = 0;
    ck_assert_msg(residual_decode(&w, bytes.data, bytes.len, NULL, &err) == 0, "%s",
                  err.message);
    for (size_t i = 0; i <= w.masked.n; i++) {
        for (; whole < w.whole.n && w.whole_place[whole].place == i; whole++)
            ck_assert(record_equal(w.whole.v[whole], expected.v[at++]));
        if (i < w.masked.n)
            ck_assert(record_equal(w.shown.v[i], expected.v[at++]));
    }
    ck_assert_uint_eq(at, expected.n);
    ck_assert_uint_eq(w.sites.n, WINDOWS[_i].n_sites);
    window_records_clear(&w);
    record_array_clear(&expected);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_index)
{
    struct vl_buf bytes = hex_block("index"), windows = VL_BUF_INIT;
    struct vl_bdiff_index x;
    uint8_t total[32];
    ck_assert_uint_eq(bytes.len, 150);
    ck_assert_int_eq(vl_bdiff_index_decode(&x, bytes.data, bytes.len, 205, 2, NULL), 0);
    ck_assert(x.is_root);
    ck_assert_uint_eq(x.n_masked, 300);
    ck_assert_uint_eq(x.n_whole, 2);
    ck_assert_uint_eq(x.n_sites, 1);
    ck_assert_uint_eq(x.n, 1);
    const struct vl_bdiff_entry *e = &x.v[0];
    ck_assert(e->first.contig == 0 && e->first.pos0 == 100 && e->first.ordinal == 0);
    ck_assert(e->last.contig == 1 && e->last.pos0 == 14 && e->last.ordinal == 3);
    ck_assert(e->low_contig == 0 && e->low_pos0 == 100);
    ck_assert(e->high_contig == 1 && e->high_end == 90);
    ck_assert(e->n_records == 300 && e->size_bytes == 1000 && e->offset == 205);
    vl_put_u32(&windows, e->n_records);
    vl_buf_add(&windows, e->masked_sha256, 32);
    ck_assert_int_eq(vl_sha256(windows.data, windows.len, total), 0);
    ck_assert_mem_eq(x.masked_sha256, total, 32);
    vl_bdiff_index_clear(&x);
    vl_buf_clear(&bytes);
    vl_buf_clear(&windows);
}
END_TEST

START_TEST(test_trailer)
{
    struct vl_buf bytes = hex_block("trailer"), envelope = hex_block("envelope");
    struct vl_buf covered = VL_BUF_INIT;
    struct vl_bdiff_trailer t;
    uint8_t key[32], mac[32];
    ck_assert_uint_eq(bytes.len, VL_BDIFF_TRAILER_BYTES);
    ck_assert_int_eq(vl_bdiff_trailer_decode(&t, bytes.data, 1205 + 166 + 56, NULL), 0);
    ck_assert_uint_eq(t.index_offset, 1205);
    ck_assert_uint_eq(t.index_size, 166);
    ck_assert_uint_eq(t.signature_size, 0);
    vl_buf_add(&covered, envelope.data + 68, 32);
    vl_buf_add(&covered, bytes.data, 24);
    derive("trailer", key);
    ck_assert_int_eq(vl_mac(key, covered.data, covered.len, mac, NULL), 0);
    ck_assert_mem_eq(mac, t.mac, 32);
    vl_buf_clear(&bytes);
    vl_buf_clear(&envelope);
    vl_buf_clear(&covered);
}
END_TEST

static void forget_document(void)
{
    vl_buf_clear(&document);
}

/* "2^22", "2^30 - 1", "512" or nothing. */
static uint64_t number_of(const char *cell)
{
    uint64_t base = 0, power = 0, less = 0;
    sscanf(cell, "%" SCNu64, &base);
    if (sscanf(cell, " 2^%" SCNu64 " - %" SCNu64, &power, &less) > 0)
        base = UINT64_C(1) << power;
    return base - less;
}

/* Every limit of §10, and no other, has its number there. */
START_TEST(test_limits)
{
    static const struct {
        const char *name;
        uint64_t most, per_byte;
    } ROWS[] = {
#define ROW(NAME, name, most, per_byte) {name, most, per_byte},
        VL_BDIFF_LIMITS(ROW)
#undef ROW
    };
    size_t n_rows = 0;
    free(fenced("keys")); /* reads the document */
    const char *at = strstr((char *)document.data, "\n| limit | of what |");
    ck_assert_ptr_ne(at, NULL);
    for (; (at = strchr(at + 1, '\n')) && at[1] == '|';) {
        char name[64], most[64], per_byte[64];
        if (sscanf(at, "\n| `%63[^`]` |%*[^|]|%63[^|]|%63[^|]|", name, most, per_byte) !=
            3)
            continue;
        ck_assert_uint_lt(n_rows, sizeof ROWS / sizeof *ROWS);
        ck_assert_str_eq(name, ROWS[n_rows].name);
        ck_assert_msg(number_of(most) == ROWS[n_rows].most &&
                          number_of(per_byte) == ROWS[n_rows].per_byte,
                      "%s is not what the document says", name);
        n_rows++;
    }
    ck_assert_uint_eq(n_rows, sizeof ROWS / sizeof *ROWS);
    ck_assert_uint_eq(vl_bdiff_limit(VL_LIMIT_RECIPIENTS, 0), VL_BDIFF_RECIPIENTS_MAX);
    ck_assert_uint_eq(vl_bdiff_limit(VL_LIMIT_ENVELOPE_BYTES, 0), VL_BDIFF_ENVELOPE_MAX);
    ck_assert_uint_eq(vl_bdiff_limit(VL_LIMIT_CONTIGS, 1 << 20), 8 << 20);
}
END_TEST

Suite *bdiff_md_suite(void)
{
    Suite *suite = suite_create("bdiff_md");
    TCase *tc = tcase_create("bdiff_md");
    tcase_add_checked_fixture(tc, NULL, forget_document);
    tcase_add_test(tc, test_keys);
    tcase_add_test(tc, test_envelope);
    tcase_add_test(tc, test_x25519);
    tcase_add_test(tc, test_header);
    tcase_add_test(tc, test_limits);
    tcase_add_loop_test(tc, test_window, 0, N_WINDOWS);
    tcase_add_loop_test(tc, test_window_restored, 0, N_WINDOWS);
    tcase_add_test(tc, test_index);
    tcase_add_test(tc, test_trailer);
    suite_add_tcase(suite, tc);
    return suite;
}
