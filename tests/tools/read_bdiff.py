#!/usr/bin/env python3
"""A second reader of VAC and BDIFF, written from formats/vac.md and formats/bdiff.md alone.

    read_bdiff.py FILE.vac | read_bdiff.py [-V SIGNER.pub.pem] -k KEY.pem FILE.bdiff
Checks what can be checked without the masked file and prints what `varlock view` prints; whatever
is wrong ends it with status 1 and one line.
"""
import getopt, hashlib, hmac, io, struct, sys
import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BASES, OPS, GRADES = '=ACMGRSVTWYHKDBN', 'MIDNSHP=XB??????', ('none', 'edge', 'inside', 'full')
NUMBERS = {'c': 'b', 'C': 'B', 's': 'h', 'S': 'H', 'i': 'i', 'I': 'I', 'f': 'f', 'd': 'd'}
def sha256(data):
    return hashlib.sha256(data).digest()
def show(*fields):
    text = '\t'.join(''.join('?' if ord(c) < 32 or ord(c) == 127 else c for c in str(f)) for f in fields)
    sys.stdout.buffer.write(text.encode('latin-1') + b'\n')

class Bytes(io.BytesIO):
    def take(self, n):
        b = self.read(n)
        assert len(b) == n
        return b
    def left(self):
        return len(self.getvalue()) - self.tell()
    def get(self, code):
        return struct.unpack('<' + code, self.take(struct.calcsize('<' + code)))[0]
    def varint(self):
        v = shift = 0
        while (b := self.get('B')) > 127:
            v, shift = v | (b & 127) << shift, shift + 7
        assert (b or not shift) and (v | b << shift) < 1 << 64
        return v | b << shift
    def zigzag(self):
        return (v := self.varint()) >> 1 ^ -(v & 1)
    def string(self):
        return self.take(self.varint()).decode('latin-1')
    def frame(self, size, limit):
        data, unpack = self.take(size), zstandard.ZstdDecompressor().decompressobj()
        assert zstandard.get_frame_parameters(data).content_size <= limit
        content = Bytes(unpack.decompress(data))
        assert unpack.eof and not unpack.unused_data
        return content
    def cigar(self):
        ops = [self.varint() for _ in range(self.varint())]
        return ''.join('%d%s' % (op >> 4, OPS[op & 15]) for op in ops) or '*'
    def value(self, kind):
        if kind == 'B':
            of, n = self.get('c').decode(), self.get('I')
            return ','.join(['B:' + of] + [self.value(of)[2:] for _ in range(n)])
        if kind in 'ZH':
            end = self.getvalue().index(0, self.tell())
            return '%s:%s' % (kind, self.take(end + 1 - self.tell())[:-1].decode('latin-1'))
        if kind == 'A':
            return 'A:' + self.get('c').decode('latin-1')
        return kind + ':%g' % self.get(kind) if kind in 'fd' else 'i:%d' % self.get(NUMBERS[kind])

def print_vac(data):
    at, size, reserved, magic = struct.unpack('<QQQ8s', data[-32:])
    assert data[:16] == b'\x89VAC\r\n\x1a\n\1' + bytes(7) and magic == data[7::-1] and at + size + 32 == len(data)
    meta, file = Bytes(data[at:-32]).frame(size, 1 << 28), Bytes(data[:at])
    contigs = [(meta.string(), meta.varint(), meta.take(16 * meta.get('?'))) for _ in range(meta.varint())]
    _, n_left, contig, behind = meta.take(32), meta.varint(), 0, 0
    file.seek(16)
    show('#CONTIG', 'POS', 'REF', *'ACGT')
    for _ in range(meta.varint()):
        step, n, first, span, size = [meta.varint() for _ in range(5)]
        contig, first = contig + step, first + (behind if step == 0 else 0)
        behind, n_left, total, pos, block = first + span + 1, n_left - n, 0, 0, Bytes(file.take(size))
        columns = [block.frame(k, 15 * n) for k in [block.varint() for _ in range(4)]]
        for i in range(n):
            pos, bits = pos + columns[0].varint(), columns[1].get('B')
            total += columns[2].zigzag()
            count = [columns[3].varint() if bits >> 2 + b & 1 else 0 for b in range(4)]
            assert (i or pos == first) and bits < 64 and count[bits & 3] == 0 and total >= sum(count)
            count[bits & 3] = total - sum(count)
            show(contigs[contig][0], pos + 1, 'ACGT'[bits & 3], *count)
        assert pos == first + span and not any(c.left() for c in columns + [block])
    assert not (file.left() or meta.left() or n_left or reserved)

class Bdiff:
    def __init__(self, data, key, signer):
        self.data, f = data, Bytes(data)
        magic, n, size, self.id, header_size, reserved = struct.unpack('<10sHI16sII', f.take(40))
        entries = [(f.get('H'), (k := f.get('H')), f.take(8), f.take(k)) for _ in range(n)]
        form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        mac, spki = f.take(32), key.public_key().public_bytes(*form)
        assert magic == b'\x89BDF\r\n\x1a\n\1\0' and f.tell() == size and 1 <= n <= 512 and reserved == 0
        wrapped = [w for a, _, hint, w in entries if a == 1 and hint == sha256(self.id + spki)[:8]][0]
        secret = key.decrypt(wrapped, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        self.key, envelope_key, trailer_key = [
            HKDF(hashes.SHA256(), 32, self.id, b'varlock bdiff 1 ' + label).derive(secret) for label in (b'seal', b'envelope', b'trailer')]
        assert hmac.digest(envelope_key, data[:size - 32], 'sha256') == mac
        at, index_size, signature_size, closing, end_mac = struct.unpack('<QII8s32s', data[-56:])
        signature = data[at + index_size:-56]
        assert closing == b'BDIFFEND' and signature_size == len(signature) and at < len(data)
        assert hmac.digest(trailer_key, mac + signature + data[-56:-32], 'sha256') == end_mac
        if signer:
            signer.verify(signature, data[:size + header_size] + data[at:at + index_size],
                          padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        self.read_header(Bytes(self.unseal(1, 0, size, header_size)).frame(header_size - 16, 1 << 30))
        self.print_index(Bytes(self.unseal(3, 0, at, index_size)), size + header_size, at)
    def unseal(self, section, ordinal, offset, size, place=b''):
        nonce = struct.pack('<IQ', section, ordinal)
        return AESGCM(self.key).decrypt(nonce, self.data[offset:offset + size], b'\1\0' + self.id + nonce + place)
    def read_header(self, h):
        masking, flags, reserved, root_id = h.get('B'), h.get('B'), h.get('H'), h.take(16)
        self.names, self.is_root = [(h.string(), h.varint())[0] for _ in range(h.varint())], flags & 1
        if not flags & 2:
            ranges = [h.get('B')] + [(h.varint(), h.varint(), h.varint()) for _ in range(h.varint())]
            assert ranges[0] < 2 and all(c < len(self.names) and (beg < end or not end) for c, beg, end in ranges[1:])
        if self.is_root:
            vac_sha256, mask_key, text = h.take(32), h.take(32), h.string()
            assert flags == 3 and root_id == self.id
        assert masking == 1 and flags < 4 and reserved == 0 and not h.left()
    def print_index(self, x, offset, end):
        def place(other):
            contig, pos = other[0] + x.zigzag(), x.zigzag()
            return contig, pos + (other[1] if contig == other[0] else 0)
        assert x.get('B') == self.is_root
        n_masked, n_whole, n_permutations, digest = x.varint(), x.varint(), x.varint(), x.take(32)
        original, last, total, checks = x.take(32 * self.is_root), (0, 0), b'', b''
        for i in range(x.varint()):
            first, a = place(last), x.varint()
            last, b = place(first), x.varint()
            low, high, n, size, sealed, masked = place(first), place(last), x.varint(), x.varint(), x.take(32), x.take(32)
            w = Bytes(self.unseal(2, i, offset, size, struct.pack('<IIqQIqQ', n, *first, a, *last, b)))
            assert sha256(self.data[offset:offset + size]) == sealed
            total, checks, offset = total + struct.pack('<I', n) + masked, checks + w.take(8), offset + size
            table = [(w.get('I'), w.varint(), w.varint()) for _ in range(w.varint())]
            streams = {k: w.frame(frame_size, size) for k, size, frame_size in table}
            assert [(k, s.left()) for k, s in sorted(streams.items())] == [t[:2] for t in table] and not w.left()
            n_masked, n_whole = n_masked - n, n_whole - self.print_window(i + 1, low, high, n, streams)
        assert offset == end and not x.left() and not n_whole
        assert not self.is_root or (not n_masked and digest == sha256(total) and original == sha256(checks))
    def place(self, contig, text):
        return self.names[contig] + text if 0 <= contig < len(self.names) else '*'
    def print_window(self, number, low, high, n, streams):
        s = [streams.pop(k, Bytes()) for k in range(14)]
        templates, contig, pos = s[9].read().decode('latin-1').split('\0')[:-1], 0, 0
        end = str(high[1]) if low[0] == high[0] else self.place(high[0], ':%d' % high[1])
        show('W', number, self.place(low[0], ':%d-%s' % (low[1] + 1, end)), n)
        while s[4].left():
            step, distance, rank, left, images = s[2].varint(), s[3].varint(), s[4].get('B'), list('ACGT'), ''
            contig, pos = contig + step, distance + (0 if step else pos)
            for weight in (6, 2, 1, 1):
                images, rank = images + left.pop(rank // weight), rank % weight
            show('P', self.names[contig], pos + 1, 'ACGT>' + images)
        for i in range(n):
            shape, patches, at = s[1].get('B'), [], 0
            if not shape:
                continue
            assert shape < 16 and shape & 3
            cigar = s[5].cigar() if shape & 4 else '.'
            hidden = ''.join(BASES[b] for b in s[7].take(s[6].varint())) if shape & 2 else ''
            for _ in range(s[8].varint() if shape & 8 else 0):
                at += s[8].varint()
                patches.append('%d:%s' % (at, BASES[s[8].get('B')]))
            tags = self.tags(templates[s[10].varint()], s[11], streams)
            show('R', i + 1, GRADES[shape & 3], cigar, hidden or '.', ','.join(patches) or '.', *tags)
        places = []
        while s[12].left():
            places.append(s[12].varint() + (places or [0])[-1])
            show('H', places[-1], *self.whole(s[13]))
        assert not any(x.left() for x in [*s, *streams.values()]) and max(places or [0]) <= n
        return len(places)
    def tags(self, template, raw, streams):
        if template == '*':
            return ['(raw):' + raw.take(raw.varint()).hex()]
        return [a + b + ':' + (streams[1 << 31 | ord(a) << 16 | ord(b) << 8 | ord(kind)].value(kind) if source == 's' else
                               ('i' if kind in 'cCsSiI' else kind) + ':' +
                               {'k': '(masked)', 'p': '(predicted)', 'm': '(read group)'}[source])
                for a, b, kind, source in zip(*[iter(template)] * 4)]
    def whole(self, w):
        contig, pos, flag, mapq, name = w.zigzag(), w.zigzag(), w.get('H'), w.get('B'), w.string()
        cigar, n = w.cigar(), w.varint()
        seq = ''.join(BASES[b >> 4] + BASES[b & 15] for b in w.take((n + 1) // 2))[:n] or '*'
        qual, mate, mate_pos, tlen = w.take(n), w.zigzag(), w.zigzag(), w.zigzag()
        qual = ''.join(chr(q + 33) for q in qual) if qual.strip(b'\xff') else '*'
        tags, line = Bytes(w.take(w.varint())), [name, flag, self.place(contig, ''), pos + 1, mapq, cigar]
        line += ['=' if mate == contig >= 0 else self.place(mate, ''), mate_pos + 1, tlen, seq, qual]
        while tags.left():
            line.append(tags.take(2).decode('latin-1') + ':' + tags.value(tags.get('c').decode()))
        return line

options, (path,) = getopt.getopt(sys.argv[1:], 'k:V:')
pem, content = {letter: open(name, 'rb').read() for letter, name in options}, open(path, 'rb').read()
try:
    if '-k' in pem:
        Bdiff(content, serialization.load_pem_private_key(pem['-k'], None),
              '-V' in pem and serialization.load_pem_public_key(pem['-V']))
    else:
        print_vac(content)
except (AssertionError, IndexError, ValueError, struct.error, zstandard.ZstdError, InvalidSignature, InvalidTag) as e:
    sys.exit('read_bdiff.py: %s is refused: %s %s' % (path, type(e).__name__, e))
