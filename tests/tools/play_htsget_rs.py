#!/usr/bin/env python3
"""play_htsget_rs.py URL FILE PLAIN SERVER.sec SERVER.pub CLIENT.sec CLIENT.pub: plays htsget-rs and its client
towards a storage backend, by both of its protocols, and compares what they get of FILE.c4gh with PLAIN.
The keys are Crypt4GH key files without a passphrase."""
import base64
import struct
import sys
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import BLAKE2b, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

URL, NAME, PLAIN, SERVER_SEC, SERVER_PUB, CLIENT_SEC, CLIENT_PUB = sys.argv[1:8]
SEGMENT, BLOCK = 65564, 65536


def body_of(path):
    return base64.b64decode("".join(open(path).read().split("\n")[1:-2]))


def secret_of(path):
    at, parts, blob = len(b"c4gh-v1"), [], body_of(path)
    while at < len(blob):
        n, = struct.unpack(">H", blob[at:at + 2])
        parts.append(blob[at + 2:at + 2 + n])
        at += 2 + n
    assert parts[:2] == [b"none", b"none"], parts[:2]
    return X25519PrivateKey.from_private_bytes(parts[2])


def ask(path, headers=(), method="GET", beg=None, end=None):
    request = urllib.request.Request(URL + path, headers=dict(headers), method=method)
    if beg is not None:
        request.add_header("Range", "bytes=%d-%d" % (beg, end - 1))
    with urllib.request.urlopen(request) as reply:
        return reply.status, reply.headers, reply.read()


def open_header(header, secret):
    """The data key, as somebody with one secret key finds it."""
    magic, version, count = header[:8], *struct.unpack("<II", header[8:16])
    assert (magic, version) == (b"crypt4gh", 1)
    at, keys = 16, []
    reader = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for _ in range(count):
        n, method = struct.unpack("<II", header[at:at + 8])
        writer, nonce, sealed = header[at + 8:at + 40], header[at + 40:at + 52], header[at + 52:at + n]
        at += n
        digest = Hash(BLAKE2b(64))
        digest.update(secret.exchange(X25519PublicKey.from_public_bytes(writer)) + reader + writer)
        try:
            payload = ChaCha20Poly1305(digest.finalize()[:32]).decrypt(nonce, sealed, None)
        except Exception:
            continue
        assert method == 0 and struct.unpack("<II", payload[:8]) == (0, 0)
        keys.append(payload[8:40])
    return keys, at


def open_segments(data, key):
    return b"".join(ChaCha20Poly1305(key).decrypt(data[a:a + 12], data[a + 12:a + SEGMENT], None) for a in range(0, len(data), SEGMENT))


plain = open(PLAIN, "rb").read()
file = NAME + ".c4gh"
server, client = secret_of(SERVER_SEC), secret_of(CLIENT_SEC)

# The first design: base64 of the keys in two headers, and sizes from HEAD.
both = {"server-public-key": base64.b64encode(body_of(SERVER_PUB)).decode(), "client-public-key": base64.b64encode(body_of(CLIENT_PUB)).decode()}
_, headers, nothing = ask(file, both, "HEAD")
assert nothing == b""
size = int(headers["Content-Length"])
for_server, for_client = int(headers["server-additional-bytes"]), int(headers["client-additional-bytes"])
assert size - for_server == sum(28 + min(BLOCK, len(plain) - a) for a in range(0, len(plain), BLOCK)), (size, for_server)
_, _, index = ask(NAME + ".bai", both)
assert index == open(PLAIN + ".bai", "rb").read()
status, _, start = ask(file, both, beg=0, end=for_server + SEGMENT)
assert status == 206
keys, n = open_header(start, server)
assert len(keys) == 1 and n == for_server, (len(keys), n)
assert open_segments(start[n:], keys[0]) == plain[:BLOCK]
# The client gets its header in one piece, or byte by byte, with its own key alone; and any segments.
mine = {"client-public-key": both["client-public-key"]}
_, _, header = ask(file, mine, beg=0, end=for_client)
pieces = b"".join(ask(file, mine, beg=a, end=min(a + 50, for_client))[2] for a in range(0, for_client, 50))
assert pieces == header
keys, n = open_header(header, client)
assert len(keys) == 1 and n == for_client and open_header(header, server)[0] == []
for first in range(0, (size - n) // SEGMENT, 3):
    _, _, part = ask(file, mine, beg=n + first * SEGMENT, end=min(n + (first + 2) * SEGMENT, size))
    assert open_segments(part, keys[0]) == plain[first * BLOCK:(first + 2) * BLOCK]

# Today's: the base64 of the server's key file; it reads the first 5,416 bytes and parses them.
today = {"Htsget-Context-Public-Key": base64.b64encode(open(SERVER_PUB, "rb").read()).decode()}
_, headers, _ = ask(file, today, "HEAD")
_, _, start = ask(file, today, beg=0, end=min(5416, int(headers["Content-Length"])))
keys, n = open_header(start, server)
assert len(keys) == 1
_, _, rest = ask(file, today, beg=n, end=int(headers["Content-Length"]))
assert open_segments(rest, keys[0]) == plain
_, _, packets = ask(file, today, beg=16, end=n)
assert packets == start[16:n]


def refused(status, path, headers=(), **more):
    try:
        ask(path, headers, **more)
    except urllib.error.HTTPError as error:
        assert error.code == status, (path, error.code)
        return
    raise AssertionError("%s: not refused" % path)


refused(404, "nothing.bam.c4gh", both)
refused(404, "../" + file, both)
refused(404, "..%2f" + file, both)
refused(404, "link.bam.c4gh", both)
refused(404, "folder", both)
refused(404, ".hidden.c4gh", both)
refused(403, "other.bam.c4gh", both)
refused(500, "damaged.bam.c4gh", both)
refused(400, file, {"client-public-key": "%%%"})
refused(400, file, {"client-public-key": base64.b64encode(b"short").decode()})
refused(400, file, {"client-public-key": base64.b64encode(bytes(32)).decode()})
refused(400, file, dict(today, **both))
refused(416, file, both, beg=size, end=size + 1)
refused(405, file, both, method="PUT")
