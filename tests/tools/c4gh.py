"""Crypt4GH as formats/crypt4gh.md has it, read and written without varlock.
  c4gh.py read KEY FILE                 the content, after the edit list, to stdout
  c4gh.py packets KEY FILE              a line for each packet: closed, data_key, edit_list LENGTHS
  c4gh.py write KEY[,KEY...] SHAPE      stdin to stdout, sealed to the keys, in a shape that varlock does not write:
      keys        each segment under another data key
      padded      payloads with padding behind
      foreign     packets of others before and behind
      empty       an empty last segment, behind full ones
      edit:A,B,.. an edit list
A KEY is 32 raw bytes or a Crypt4GH or X25519 PEM, private (to read) or public (to write)."""
import base64
import hashlib
import os
import struct
import sys
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SEGMENT = 65536


def key_bytes(path):
    data = open(path, 'rb').read()
    if not data.startswith(b'-----BEGIN'):
        return data
    lines = data.decode().split('\n')
    body = base64.b64decode(''.join(line for line in lines if line and not line.startswith('-----')))
    if 'CRYPT4GH' in lines[0]:
        return body if len(body) == 32 else unpacked(body)
    raw = serialization.Encoding.Raw
    if 'PUBLIC' in lines[0]:
        return serialization.load_pem_public_key(data).public_bytes(raw, serialization.PublicFormat.Raw)
    return serialization.load_pem_private_key(data, None).private_bytes(
        raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())


def unpacked(body):
    """The key in an unencrypted c4gh-v1 file."""
    assert body[:7] == b'c4gh-v1'
    strings, at = [], 7
    while at < len(body):
        n = int.from_bytes(body[at:at + 2], 'big')
        strings.append(body[at + 2:at + 2 + n])
        at += 2 + n
    assert strings[:2] == [b'none', b'none'], 'only unencrypted keys'
    return strings[2]


def raw_public(private):
    return private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def shared(own, peer, own_reads):
    dh, mine = own.exchange(X25519PublicKey.from_public_bytes(peer)), raw_public(own)
    return hashlib.blake2b(dh + (mine + peer if own_reads else peer + mine)).digest()[:32]


def opened(key, nonce, sealed):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, None)
    except InvalidTag:
        return None


def read(key_path, path):
    """Returns what each packet holds (None: closed), and the bytes behind the header."""
    own = X25519PrivateKey.from_private_bytes(key_bytes(key_path))
    data = open(path, 'rb').read()
    magic, version, n = struct.unpack_from('<8sII', data)
    assert (magic, version) == (b'crypt4gh', 1)
    at, payloads = 16, []
    for _ in range(n):
        size, method = struct.unpack_from('<II', data, at)
        packet = data[at:at + size]
        assert method == 0 and len(packet) == size
        payloads.append(opened(shared(own, packet[8:40], True), packet[40:52], packet[52:]))
        at += size
    return payloads, data[at:]


def edit_list(payload):
    return list(struct.unpack_from('<%dQ' % struct.unpack_from('<I', payload, 4), payload, 8))


def kind(payload):
    return None if payload is None else struct.unpack_from('<I', payload)[0]


def content(payloads, body):
    keys = [p[8:40] for p in payloads if kind(p) == 0]
    lists = [edit_list(p) for p in payloads if kind(p) == 1]
    plain = b''
    for at in range(0, len(body), SEGMENT + 28):
        segment = body[at:at + SEGMENT + 28]
        plain += next(p for k in keys if (p := opened(k, segment[:12], segment[12:])) is not None)
    if not lists or not lists[0]:
        return plain
    out, at = b'', 0
    for i, n in enumerate(lists[0]):
        out, at = out + (plain[at:at + n] if i % 2 else b''), at + n
    return out + (plain[at:] if len(lists[0]) % 2 else b'')


def packet(reader, payload):
    writer, nonce = X25519PrivateKey.generate(), os.urandom(12)
    sealed = ChaCha20Poly1305(shared(writer, reader, False)).encrypt(nonce, payload, None)
    return struct.pack('<II', 52 + len(sealed), 0) + raw_public(writer) + nonce + sealed


def write(readers, plain, shape):
    if shape == 'empty':
        plain = plain[:len(plain) // SEGMENT * SEGMENT]
    segments = [plain[at:at + SEGMENT] for at in range(0, len(plain), SEGMENT)] + ([b''] if shape == 'empty' else [])
    keys = [os.urandom(32) for _ in (segments if shape == 'keys' and segments else [0])]
    payloads = [struct.pack('<II', 0, 0) + key for key in keys]
    if shape.startswith('edit:'):
        lengths = [int(n) for n in shape[5:].split(',') if n]
        payloads.append(struct.pack('<II%dQ' % len(lengths), 1, len(lengths), *lengths))
    if shape == 'padded':
        payloads = [p + os.urandom(9) for p in payloads]
    packets = [packet(r, p) for p in payloads for r in readers]
    if shape == 'foreign':
        others = [packet(raw_public(X25519PrivateKey.generate()), payloads[0]) for _ in range(3)]
        packets = others[:2] + packets + others[2:]
    out = struct.pack('<8sII', b'crypt4gh', 1, len(packets)) + b''.join(packets)
    for i, segment in enumerate(segments):
        nonce = os.urandom(12)
        out += nonce + ChaCha20Poly1305(keys[i % len(keys)]).encrypt(nonce, segment, None)
    return out


def main():
    command, keys, what = sys.argv[1:]
    if command == 'write':
        readers = [key_bytes(k) for k in keys.split(',')]
        sys.stdout.buffer.write(write(readers, sys.stdin.buffer.read(), what))
        return
    payloads, body = read(keys, what)
    if command == 'read':
        sys.stdout.buffer.write(content(payloads, body))
        return
    for payload in payloads:
        print({None: 'closed', 0: 'data_key'}.get(kind(payload)) or
              ' '.join(['edit_list'] + [str(n) for n in edit_list(payload)]))


if __name__ == '__main__':
    main()
