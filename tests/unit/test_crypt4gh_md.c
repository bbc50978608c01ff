/* The worked example of formats/crypt4gh.md §7, read out of the document, and the codec.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "c4gh_fixture.h"
#include "hex_fixture.h"
#include "varlock/file.h"

Suite *crypt4gh_md_suite(void);

enum { READER = 0x40, WRITER = 0x60 };

static struct vl_buf example(void)
{
    struct vl_buf document = VL_BUF_INIT, bytes = VL_BUF_INIT;
    unsigned byte;
    int n;
    ck_assert_int_eq(vl_file_slurp("formats/crypt4gh.md", 1 << 20, &document, NULL), 0);
    vl_buf_add_byte(&document, 0);
    const char *at = strstr((char *)document.data, "\n```crypt4gh\n");
    ck_assert_ptr_nonnull(at);
    for (at += strlen("\n```crypt4gh\n"); sscanf(at, "%2x%n", &byte, &n) == 1; at += n)
        vl_buf_add_byte(&bytes, (uint8_t)byte);
    vl_buf_clear(&document);
    return bytes;
}

START_TEST(test_example)
{
    struct vl_buf bytes = example(), payload = VL_BUF_INIT, lengths = VL_BUF_INIT;
    struct vl_key *reader = c4gh_fixture_key(READER), *writer = c4gh_fixture_key(WRITER);
    uint8_t public[VL_X25519_BYTES], plain[64];
    struct vl_chacha *key;
    enum vl_c4gh_kind kind;
    uint32_t n, size;
    bool opens;
    ck_assert_int_eq(vl_key_x25519_public(writer, public, NULL), 0);
    ck_assert_int_eq(vl_c4gh_start_decode(bytes.data, &n, NULL), 0);
    ck_assert_uint_eq(n, 2);
    const uint8_t *at = bytes.data + VL_C4GH_START_BYTES;
    ck_assert_int_eq(vl_c4gh_length_decode(at, &size, NULL), 0);
    ck_assert_int_eq(
        vl_c4gh_packet_open(reader, public, at, size, &payload, &opens, NULL), 0);
    ck_assert(opens);
    ck_assert_int_eq(vl_c4gh_payload_kind(payload.data, payload.len, &kind, NULL), 0);
    ck_assert_int_eq(kind, VL_C4GH_DATA_KEY);
    expect_hex(vl_c4gh_data_key(payload.data), VL_C4GH_KEY_BYTES,
               "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    ck_assert_int_eq(vl_chacha_open(&key, vl_c4gh_data_key(payload.data), NULL), 0);
    at += size;
    vl_buf_reset(&payload);
    ck_assert_int_eq(vl_c4gh_length_decode(at, &size, NULL), 0);
    ck_assert_int_eq(vl_c4gh_packet_open(reader, NULL, at, size, &payload, &opens, NULL),
                     0);
    ck_assert(opens);
    ck_assert_int_eq(vl_c4gh_payload_kind(payload.data, payload.len, &kind, NULL), 0);
    ck_assert_int_eq(kind, VL_C4GH_EDIT_LIST);
    ck_assert_int_eq(vl_c4gh_edit_list_decode(payload.data, &lengths, NULL), 0);
    ck_assert_uint_eq(lengths.len, 2 * sizeof(uint64_t));
    ck_assert_uint_eq(((uint64_t *)(void *)lengths.data)[0], 7);
    ck_assert_uint_eq(((uint64_t *)(void *)lengths.data)[1], 6);
    at += size;
    size_t left = (size_t)(bytes.data + bytes.len - at);
    ck_assert_int_eq(vl_c4gh_plain_size((int64_t)left), 22);
    ck_assert_int_eq(vl_c4gh_segment_open(key, at, left, plain, &opens, NULL), 0);
    ck_assert(opens);
    ck_assert_mem_eq(plain, "Hello, reader, goodbye", 22);
    vl_chacha_free(key);
    vl_key_free(reader);
    vl_key_free(writer);
    vl_buf_clear(&lengths);
    vl_buf_clear(&payload);
    vl_buf_clear(&bytes);
}
END_TEST

/* The key of the example, which another implementation computed, from both sides. */
START_TEST(test_shared_key)
{
    struct vl_key *reader = c4gh_fixture_key(READER), *writer = c4gh_fixture_key(WRITER);
    uint8_t reader_public[VL_X25519_BYTES], writer_public[VL_X25519_BYTES], shared[32];
    static const char K[] =
        "658ab5697c8d05d86c4c2c7cf86f4fe59b039cb1a1c0d626ab54245a90d62f6a";
    ck_assert_int_eq(vl_key_x25519_public(reader, reader_public, NULL), 0);
    ck_assert_int_eq(vl_key_x25519_public(writer, writer_public, NULL), 0);
    ck_assert_int_eq(vl_key_c4gh_shared(reader, writer_public, true, shared, NULL), 0);
    expect_hex(shared, sizeof shared, K);
    ck_assert_int_eq(vl_key_c4gh_shared(writer, reader_public, false, shared, NULL), 0);
    expect_hex(shared, sizeof shared, K);
    /* The order of the keys counts. */
    ck_assert_int_eq(vl_key_c4gh_shared(writer, reader_public, true, shared, NULL), 0);
    ck_assert_int_ne(shared[0], 0x65);
    memset(reader_public, 0, sizeof reader_public);
    ck_assert_int_eq(vl_key_c4gh_shared(writer, reader_public, true, shared, NULL),
                     VL_ERR_KEY);
    vl_key_free(reader);
    vl_key_free(writer);
}
END_TEST

/* The vector of neicnordic/crypt4gh (Go), keys_test.go, TestGenerateSharedKey. */
START_TEST(test_shared_key_of_go)
{
    struct vl_key *own = NULL;
    uint8_t secret[VL_X25519_BYTES], peer[VL_X25519_BYTES], shared[VL_X25519_BYTES];
    from_hex("d0e6add79ffd6854ae7e007ce0979e51507d75b6b2fcac0f693595e318506b5d", secret);
    from_hex("e64dbe1ea253efce81b6e457881f90a03e2ee65b38a04776a75376955dfbce40", peer);
    ck_assert_int_eq(vl_key_from_x25519(&own, NULL, secret, NULL), 0);
    ck_assert_int_eq(vl_key_c4gh_shared(own, peer, false, shared, NULL), 0);
    expect_hex(shared, sizeof shared,
               "714a52792bf2118408c156da7d4f2973586ab923e6e263b6f7bec70c26eede97");
    ck_assert_int_eq(vl_key_c4gh_shared(own, peer, true, shared, NULL), 0);
    expect_hex(shared, sizeof shared,
               "e777a8500676b5999cdfbd5cd832abe2f31b2580d9d6ef359b03c808134b8a6f");
    vl_key_free(own);
}
END_TEST

/* Packets of others, damaged ones, other methods and senders do not open. */
START_TEST(test_closed_packets)
{
    struct vl_buf packet = VL_BUF_INIT, payload = VL_BUF_INIT;
    struct vl_key *reader = c4gh_fixture_key(READER), *other = c4gh_fixture_key(0x10);
    uint8_t sender[VL_X25519_BYTES];
    bool opens;
    c4gh_fixture_seal_key(&packet, WRITER, READER, 1);
    ck_assert_uint_eq(packet.len, 108);
    ck_assert_int_eq(vl_key_x25519_public(other, sender, NULL), 0);
    for (size_t i = 0; i < packet.len; i++) {
        if (i < VL_C4GH_LENGTH_BYTES)
            continue; /* the caller read it */
        packet.data[i] ^= 1;
        ck_assert_int_eq(vl_c4gh_packet_open(reader, NULL, packet.data, packet.len,
                                             &payload, &opens, NULL),
                         0);
        ck_assert_msg(!opens, "byte %zu", i);
        packet.data[i] ^= 1;
    }
    ck_assert_int_eq(
        vl_c4gh_packet_open(other, NULL, packet.data, packet.len, &payload, &opens, NULL),
        0);
    ck_assert(!opens);
    ck_assert_int_eq(vl_c4gh_packet_open(reader, sender, packet.data, packet.len,
                                         &payload, &opens, NULL),
                     0);
    ck_assert(!opens);
    ck_assert_uint_eq(payload.len, 0);
    memset(packet.data + 8, 0, VL_X25519_BYTES); /* a key of low order */
    ck_assert_int_eq(vl_c4gh_packet_open(reader, NULL, packet.data, packet.len, &payload,
                                         &opens, NULL),
                     0);
    ck_assert(!opens);
    vl_key_free(reader);
    vl_key_free(other);
    vl_buf_clear(&payload);
    vl_buf_clear(&packet);
}
END_TEST

static const struct {
    const char *hex;
    int rc;
    enum vl_c4gh_kind kind;
} PAYLOADS[] = {
    {"", 0, VL_C4GH_UNKNOWN},
    {"000000", 0, VL_C4GH_UNKNOWN},
    {"00000000", VL_ERR_DATA, VL_C4GH_UNKNOWN},
    {"0000000000000000", VL_ERR_DATA, VL_C4GH_UNKNOWN},
    {"0000000001000000", 0, VL_C4GH_UNKNOWN}, /* another cipher */
    {"01000000", VL_ERR_DATA, VL_C4GH_UNKNOWN},
    {"0100000000000000", 0, VL_C4GH_EDIT_LIST},
    {"010000000000000055", 0, VL_C4GH_EDIT_LIST}, /* padded */
    {"0100000001000000", VL_ERR_DATA, VL_C4GH_UNKNOWN},
    {"010000000100000001020304050607", VL_ERR_DATA, VL_C4GH_UNKNOWN},
    {"01000000010000000102030405060708", 0, VL_C4GH_EDIT_LIST},
    {"01000000ffffffff0102030405060708", VL_ERR_DATA, VL_C4GH_UNKNOWN},
    {"02000000", 0, VL_C4GH_UNKNOWN},
    {"ffffffff00000000", 0, VL_C4GH_UNKNOWN},
};

START_TEST(test_payloads)
{
    uint8_t bytes[64];
    enum vl_c4gh_kind kind;
    size_t n = from_hex(PAYLOADS[_i].hex, bytes);
    ck_assert_int_eq(vl_c4gh_payload_kind(bytes, n, &kind, NULL), PAYLOADS[_i].rc);
    if (PAYLOADS[_i].rc == 0)
        ck_assert_int_eq(kind, PAYLOADS[_i].kind);
}
END_TEST

START_TEST(test_edit_list_too_long)
{
    static const uint64_t LENGTHS[] = {INT64_MAX, 1};
    struct vl_buf payload = VL_BUF_INIT, lengths = VL_BUF_INIT;
    vl_c4gh_put_edit_list(&payload, LENGTHS, 2);
    ck_assert_int_eq(vl_c4gh_edit_list_decode(payload.data, &lengths, NULL), VL_ERR_DATA);
    vl_buf_reset(&payload);
    vl_buf_reset(&lengths);
    vl_c4gh_put_edit_list(&payload, LENGTHS, 1);
    ck_assert_int_eq(vl_c4gh_edit_list_decode(payload.data, &lengths, NULL), 0);
    vl_buf_clear(&lengths);
    vl_buf_clear(&payload);
}
END_TEST

static const struct {
    const char *hex;
    const char *message; /* NULL: it is read */
} STARTS[] = {
    {"6372797074346768010000000100000000", NULL},
    {"63727970743467680200000001000000", "of version 2"},
    {"63727970743467680000000001000000", "of version 0"},
    {"63727970743467680100000000000000", "has 0 packets, not 1 to 65536"},
    {"63727970743467680100000000000100", NULL},
    {"63727970743467680100000001000100", "has 65537 packets, not 1 to 65536"},
    {"43727970743467680100000001000000", "no Crypt4GH file"},
};

START_TEST(test_starts)
{
    uint8_t bytes[32];
    uint32_t n;
    struct vl_error err = {0};
    from_hex(STARTS[_i].hex, bytes);
    int rc = vl_c4gh_start_decode(bytes, &n, &err);
    ck_assert_int_eq(rc, STARTS[_i].message ? VL_ERR_DATA : 0);
    if (STARTS[_i].message)
        ck_assert_ptr_nonnull(strstr(err.message, STARTS[_i].message));
    else
        ck_assert_uint_eq(n, _i == 0 ? 1 : 65536);
}
END_TEST

START_TEST(test_lengths)
{
    static const uint32_t SIZES[] = {0, 4, 67, 68, 1 << 20, (1 << 20) + 1, UINT32_MAX};
    struct vl_buf bytes = VL_BUF_INIT;
    uint32_t size;
    vl_put_u32(&bytes, SIZES[_i]);
    bool fits = SIZES[_i] >= 68 && SIZES[_i] <= 1 << 20;
    ck_assert_int_eq(vl_c4gh_length_decode(bytes.data, &size, NULL),
                     fits ? 0 : VL_ERR_DATA);
    vl_buf_clear(&bytes);
}
END_TEST

START_TEST(test_plain_size)
{
    static const int64_t SIZES[][2] = {{0, 0},         {1, -1},         {27, -1},
                                       {28, 0},        {29, 1},         {65563, 65535},
                                       {65564, 65536}, {65565, -1},     {65592, 65536},
                                       {65593, 65537}, {131128, 131072}};
    ck_assert_int_eq(vl_c4gh_plain_size(SIZES[_i][0]), SIZES[_i][1]);
}
END_TEST

Suite *crypt4gh_md_suite(void)
{
    Suite *suite = suite_create("crypt4gh_md");
    TCase *tc = tcase_create("crypt4gh_md");
    tcase_add_test(tc, test_example);
    tcase_add_test(tc, test_shared_key);
    tcase_add_test(tc, test_shared_key_of_go);
    tcase_add_test(tc, test_closed_packets);
    tcase_add_loop_test(tc, test_payloads, 0, sizeof PAYLOADS / sizeof *PAYLOADS);
    tcase_add_test(tc, test_edit_list_too_long);
    tcase_add_loop_test(tc, test_starts, 0, sizeof STARTS / sizeof *STARTS);
    tcase_add_loop_test(tc, test_lengths, 0, 7);
    tcase_add_loop_test(tc, test_plain_size, 0, 11);
    suite_add_tcase(suite, tc);
    return suite;
}
