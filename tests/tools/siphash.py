"""SipHash-2-4 (Aumasson and Bernstein 2012) with 64 bits, or with 128 as in their reference code."""
import struct

WORD = (1 << 64) - 1


def rounds(v, n):
    v0, v1, v2, v3 = v
    for _ in range(n):
        v0 = v0 + v1 & WORD
        v2 = v2 + v3 & WORD
        v1 = (v1 << 13 | v1 >> 51) & WORD ^ v0
        v3 = (v3 << 16 | v3 >> 48) & WORD ^ v2
        v0 = (v0 << 32 | v0 >> 32) & WORD
        v2 = v2 + v1 & WORD
        v0 = v0 + v3 & WORD
        v1 = (v1 << 17 | v1 >> 47) & WORD ^ v2
        v3 = (v3 << 21 | v3 >> 43) & WORD ^ v0
        v2 = (v2 << 32 | v2 >> 32) & WORD
    return v0, v1, v2, v3


def words(key, data, is_wide):
    """The 64-bit words of the result."""
    k0, k1 = struct.unpack("<QQ", key)
    v = (k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ (0xee if is_wide else 0),
         k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573)
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for word in struct.unpack("<%dQ" % (len(padded) // 8), padded):
        v0, v1, v2, v3 = rounds(v[:3] + (v[3] ^ word,), 2)
        v = v0 ^ word, v1, v2, v3
    v = rounds((v[0], v[1], v[2] ^ (0xee if is_wide else 0xff), v[3]), 4)
    yield v[0] ^ v[1] ^ v[2] ^ v[3]
    if is_wide:
        v = rounds((v[0], v[1] ^ 0xdd, v[2], v[3]), 4)
        yield v[0] ^ v[1] ^ v[2] ^ v[3]


def siphash(key, data):
    return next(words(key, data, False))


def siphash128(key, data):
    return tuple(words(key, data, True))
