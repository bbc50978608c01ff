#!/usr/bin/env python3
"""Validly sealed BDIFFs that no writer makes, one family for each row of the table of limits in
formats/bdiff.md §10: whoever knows a public key can make them.

    hostile_bdiff.py OWNER.bdiff KEY.pem DIRECTORY
changes a BDIFF that the key opens and writes DIRECTORY/<row>-<what>-<who>.bdiff, where <who> is the
first to notice: all, windows (whoever opens a window), streams (whoever reads its streams) or
records (whoever restores them).  Each number of the table is exceeded by one, and is 2^31, 2^32 - 1
and 2^63 - 1 where that is more.  A row of the table without a maker here, or a maker without a
row, ends it with an error: a change of the table is a change here.

    hostile_bdiff.py --broken-header OWNER.bdiff KEY.pem OUT.bdiff
writes one whose header is malformed.

    hostile_bdiff.py --gap OWNER.bdiff KEY.pem OUT.bdiff
adds a gap over the first base of the first masked record.

    hostile_bdiff.py --entries OWNER.bdiff KEY.pem PUBLIC DIRECTORY
seals it to PUBLIC, an X25519 or Ed25519 key, instead.  DIRECTORY/opens-<what>.bdiff have an entry that
opens among the first four, behind others that do not: refused-<what>.bdiff have none there."""
import hashlib
import hmac
import os
import random
import re
import struct
import sys

import zstandard
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import recipients

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
FIXED, WHOLE = 52, 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13  # of the header; shape of a whole record
LOOSE = 1 | 1 << 5 | 1 << 7 | 1 << 12  # shape of a loose read
NUMBERS = (1 << 31, (1 << 32) - 1, (1 << 63) - 1)
DOCUMENT = os.path.join(os.path.dirname(__file__), '../../formats/bdiff.md')


def limits():
    """{row: (at most, for each byte)}"""
    found = {}
    row = re.compile(r'\| `(\w+)` \|[^|]*\| *([^|]*?) *\| *(\d*) *\|')
    for line in open(DOCUMENT, encoding='utf-8'):
        if m := row.match(line):
            most = eval(m[2].replace('^', '**'), {})  # pylint: disable=eval-used
            found[m[1]] = most, int(m[3] or 0)
    return found


def varint(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def zigzag(n):
    return varint(n * 2 if n >= 0 else -2 * n - 1)


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def varint(self):
        v = shift = 0
        while True:
            byte = self.take(1)[0]
            v, shift = v | (byte & 127) << shift, shift + 7
            if byte < 128:
                return v

    def zigzag(self):
        v = self.varint()
        return v >> 1 ^ -(v & 1)


def frame(*pieces):
    """One zstd frame of the pieces (bytes, times)."""
    total = sum(len(piece) * n for piece, n in pieces)
    out, packer = b'', zstandard.ZstdCompressor(level=1).compressobj(size=total)
    for piece, n in pieces:
        many = max(1, (1 << 18) // max(1, len(piece)))
        for _ in range(n // many):
            out += packer.compress(piece * many)
        out += packer.compress(piece * (n % many))
    return out + packer.flush(), total


def lying_frame(n):
    """It says that its content has n bytes."""
    return bytes.fromhex('28b52ffde0') + struct.pack('<Q', n) + bytes.fromhex('010000'), n


def beyond(limit):
    return [limit + 1] + [n for n in NUMBERS if n > limit + 1]


class Bdiff:
    """An owner's file whose parts can be changed before it is sealed again."""

    def __init__(self, path, key):
        data = open(path, 'rb').read()
        n_entries, size = struct.unpack_from('<HI', data, 10)
        self.file_id, header_size = data[16:32], struct.unpack_from('<I', data, 32)[0]
        self.envelope_size = self.n_recipients = None
        form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        self.hint = hashlib.sha256(self.file_id + key.public_key().public_bytes(*form)).digest()[:8]
        self.entries, c = [], Cursor(data[40:])
        for _ in range(n_entries):
            algorithm, n = struct.unpack('<HH', c.take(4))
            self.entries.append((algorithm, c.take(8), c.take(n)))
        wrapped = [e for e in self.entries if e[1] == self.hint]
        self.entries, secret = wrapped, key.decrypt(wrapped[0][2], OAEP)
        self.secret = secret
        self.seal, self.envelope_key, self.trailer_key = [
            HKDF(hashes.SHA256(), 32, self.file_id, b'varlock bdiff 1 ' + label).derive(secret)
            for label in (b'seal', b'envelope', b'trailer')]
        at, index_size = struct.unpack('<QI', data[-56:-44])
        self.header = zstandard.ZstdDecompressor().decompress(
            self.open(1, 0, data[size:size + header_size]))
        self.header_frame = None
        self.read_index(Cursor(self.open(3, 0, data[at:at + index_size])))
        e, begin = self.entry, size + header_size
        self.plain = self.open(2, 0, data[begin:begin + e['size']], self.place())
        self.read_window(Cursor(self.plain))

    def context(self, section, ordinal, more=b''):
        nonce = struct.pack('<IQ', section, ordinal)
        return nonce, b'\1\0' + self.file_id + nonce + more

    def open(self, section, ordinal, sealed, more=b''):
        nonce, context = self.context(section, ordinal, more)
        return AESGCM(self.seal).decrypt(nonce, sealed, context)

    def shut(self, section, ordinal, plain, more=b''):
        nonce, context = self.context(section, ordinal, more)
        return AESGCM(self.seal).encrypt(nonce, plain, context)

    def read_index(self, c):
        self.head = c.take(1)
        self.totals = [c.varint() for _ in range(3)]
        self.digests = c.take(64)
        assert c.varint() == 1, 'a file of one window'
        e = self.entry = {}
        e['first'], e['first_ordinal'] = (c.zigzag(), c.zigzag()), c.varint()
        for name, base in (('last', 'first'), ('low', 'first'), ('high', 'last')):
            contig, pos = c.zigzag(), c.zigzag()
            e[name] = e[base][0] + contig, pos + (0 if contig else e[base][1])
            if name == 'last':
                e['last_ordinal'] = c.varint()
        e['n'], e['size'], e['masked'] = c.varint(), c.varint(), c.take(64)[32:]
        e['says_size'] = None

    def place(self):
        e, mask = self.entry, (1 << 64) - 1
        return struct.pack('<IIQQIQQ', e['n'] & 0xffffffff, e['first'][0] & 0xffffffff, e['first'][1] & mask,
                           e['first_ordinal'], e['last'][0] & 0xffffffff, e['last'][1] & mask, e['last_ordinal'])

    def index(self, sealed):
        e = self.entry
        out = self.head + b''.join(map(varint, self.totals)) + self.digests + varint(1)
        for name, base in (('first', None), ('last', 'first'), ('low', 'first'), ('high', 'last')):
            contig, pos = e[base] if base else (0, 0)
            out += zigzag(e[name][0] - contig) + zigzag(e[name][1] - (pos if e[name][0] == contig else 0))
            if name + '_ordinal' in e:
                out += varint(e[name + '_ordinal'])
        size = len(sealed) if e['says_size'] is None else e['says_size']
        return out + varint(e['n']) + varint(size) + hashlib.sha256(sealed).digest() + e['masked']

    def read_window(self, c):
        self.check, self.n_streams = c.take(8), None
        table = [(struct.unpack('<I', c.take(4))[0], c.varint(), c.varint()) for _ in range(c.varint())]
        self.streams = {i: (c.take(size), n) for i, n, size in table}

    def window(self):
        n = len(self.streams) if self.n_streams is None else self.n_streams
        streams = sorted(self.streams.items())
        table = b''.join(struct.pack('<I', i) + varint(n) + varint(len(f)) for i, (f, n) in streams)
        return self.check + varint(n) + table + b''.join(f for _, (f, _) in streams)

    def write(self, path):
        header = self.header_frame or zstandard.ZstdCompressor().compress(self.header)
        header, sealed = self.shut(1, 0, header), self.shut(2, 0, self.window(), self.place())
        entries = b''.join(struct.pack('<HH', a, len(w)) + hint + w for a, hint, w in self.entries)
        envelope = b'\x89BDF\r\n\x1a\n' + struct.pack(
            '<HHI16sII', 1, len(self.entries) if self.n_recipients is None else self.n_recipients,
            72 + len(entries) if self.envelope_size is None else self.envelope_size,
            self.file_id, len(header), 0) + entries
        mac = hmac.digest(self.envelope_key, envelope, 'sha256')
        index = self.shut(3, 0, self.index(sealed))
        body = envelope + mac + header + sealed
        trailer = struct.pack('<QII8s', len(body), len(index), 0, b'BDIFFEND')
        end = hmac.digest(self.trailer_key, mac + trailer, 'sha256')
        with open(path, 'wb') as out:
            out.write(body + index + trailer + end)

    # ---- what the makers change ----

    def head_of_header(self, flags=3):
        return self.header[:1] + bytes([flags]) + self.header[2:FIXED]

    def table_of_contigs(self):
        c = Cursor(self.header)
        c.take(FIXED)
        for _ in range(c.varint()):
            c.take(c.varint())
            c.varint()
        return self.header[FIXED:c.at]

    def put_header(self, *pieces):
        self.header_frame = frame(*pieces)[0]

    def put(self, stream, *pieces):
        self.streams[stream] = frame(*pieces)

    def n_contigs(self):
        return Cursor(self.table_of_contigs()).varint()

    def masked_flags(self, flag):
        """Every masked record is restored with that flag, and no more."""
        for i in [i for i in self.streams if i not in (3, 4, 5)]:
            del self.streams[i]
        self.put(34, (varint(3 | 1 << 14), 1))
        self.put(16, (b'\0', 1))
        self.put(17, (b'\0', 1))
        self.put(36, (varint(flag), self.entry['n']))

    def whole_records(self, n, length, cigar, name=b'r\0'):
        """n whole records without anything but a name at the first masked one, all predicted."""
        place = self.entry['first']
        for i in [i for i in self.streams if i not in (3, 4, 5)]:
            del self.streams[i]
        self.put(34, (b'\0' + varint(WHOLE | (1 << 12 if length else 0)), 1))
        self.put(1, (b'\1', n))
        self.put(2, (b'\0', n))
        self.put(16, (b'\0', 1))
        self.put(17, (b'\0', 1))
        self.put(19, (b'\0', n))
        self.put(20, (zigzag(place[0] + 1), 1), (b'\0', n - 1))
        self.put(21, (zigzag(place[1]), 1), (b'\0', n - 1))
        for i in (22, 25, 26, 27, 28):
            self.put(i, (b'\0', n))
        self.put(23, (varint(length), n))
        self.put(10, (varint(len(cigar)) + b''.join(map(varint, cigar)), n))
        self.put(29, (name, n))
        if length:
            self.put(30, (b'\0', n))

    def loose_reads(self, n, length, cigar):
        """A slice of the same masked file, with n loose reads at the first masked record, all predicted."""
        self.whole_records(n, length, cigar)
        for i in (19, 26, 27, 28, 29):
            del self.streams[i]
        self.put(34, (b'\0' + varint(LOOSE), 1))
        self.put(41, (varint(n), 1))
        # Loose reads come last, and none of the masked records is restored.
        self.put(2, (varint(self.entry['n']), 1), (b'\0', n - 1))
        ranges(self, 1, (b'\0\0\0', 1))


MAKERS = {}


def maker(row):
    def note(function):
        MAKERS[row] = function
        return function
    return note


@maker('recipients')
def _(b, most, _):
    for n in beyond(most)[:1] + [65535]:
        yield n, 'all', lambda n=n: b.__setattr__('entries', [(9, b'hint....', b'w')] * (n - 1) + b.entries)


@maker('envelope_bytes')
def _(b, most, _):
    for n in [n for n in beyond(most) if n < 1 << 32]:
        yield n, 'all', lambda n=n: b.__setattr__('envelope_size', n)


@maker('entries_tried')
def _(b, most, _):
    for n in most, 500:
        yield n, 'all', lambda n=n: b.__setattr__('entries', [(1, b.hint, bytes(256))] * n + b.entries)


def content(b, n):
    rest = b.head_of_header() + b.table_of_contigs() + bytes(64)
    b.put_header((rest + varint(n), 1), (b'A', n), (b'\0', 1))


@maker('header_content')
def _(b, most, _):
    yield most + 1, 'all', lambda: content(b, most + 1)
    yield 1 << 26, 'all', lambda: content(b, 1 << 26)
    for n in NUMBERS:
        yield n, 'all', lambda n=n: b.__setattr__('header_frame', lying_frame(n)[0])


@maker('contigs')
def _(b, most, per_byte):
    yield most + 1, 'all', lambda: b.put_header((b.head_of_header() + varint(most + 1), 1), (b'\1A\0', most + 1))
    for n in NUMBERS:
        yield n, 'all', lambda n=n: b.put_header((b.head_of_header() + varint(n), 1), (b'\1A\0', 1000))
    # As many as may be, but not those of the masked file.
    noise, n = random.Random(6).randbytes(90000), per_byte * 90000
    yield 'large', 'records', lambda: b.put_header(
        (b.head_of_header() + varint(n), 1), (b'\1z\0', n), (bytes(64) + varint(90000) + noise + b'\0', 1))


@maker('contig_name')
def _(b, most, _):
    yield most + 1, 'all', lambda: b.put_header((b.head_of_header() + varint(1) + varint(most + 1), 1), (b'A', most + 1), (bytes(67), 1))
    for n in NUMBERS:
        yield n, 'all', lambda n=n: b.put_header((b.head_of_header() + varint(1) + varint(n), 1), (bytes(67), 1))


@maker('contig_length')
def _(b, most, _):
    for n in most + 1, (1 << 63) - 1:
        yield n, 'all', lambda n=n: b.put_header((b.head_of_header() + b'\1\1A' + varint(n) + bytes(66), 1))


def ranges(b, n, *pieces):
    b.head = bytes([0])
    b.digests = b.digests[:32]
    b.put_header((b.head_of_header(0) + b.table_of_contigs() + b'\0' + varint(n), 1), *pieces)


@maker('ranges')
def _(b, most, _):
    many = b''.join(b'\0' + varint(2 * i) + varint(2 * i + 1) for i in range(most + 1))
    yield most + 1, 'all', lambda: ranges(b, most + 1, (many, 1))
    for n in NUMBERS:
        yield n, 'all', lambda n=n: ranges(b, n, (many[:3000], 1))


@maker('range_position')
def _(b, most, _):
    for n in most + 1, (1 << 63) - 1:
        yield n, 'all', lambda n=n: ranges(b, 1, (b'\0\0' + varint(n), 1))
        yield 'high-%d' % n, 'all', lambda n=n: b.entry.__setitem__('high', (b.n_contigs() - 1, n))


@maker('dropped_tags')
def _(b, most, _):
    for n in beyond(most):
        rest = b.head_of_header() + b.table_of_contigs() + bytes(65)
        yield n, 'all', lambda n=n, rest=rest: b.put_header((rest + varint(n), 1), (b'A', min(n, most + 1)))


@maker('position')
def _(b, most, _):
    for n in most + 1, (1 << 63) - 1:
        for name in 'first', 'last', 'low':
            yield '%s-%d' % (name, n), 'all', lambda n=n, name=name: b.entry.__setitem__(name, (0, n))
        yield 'site-%d' % n, 'streams', lambda n=n: [b.put(3, (b'\0', 1)), b.put(4, (varint(n), 1)), b.put(5, (b'\1', 1))]
    # Allowed, but no record is there.
    for n in 1 << 31, most:
        yield 'far-%d' % n, 'records', lambda n=n: [b.entry.__setitem__(name, (0, n)) for name in ('first', 'last', 'high')] + [b.entry.__setitem__('low', (0, 0))]
    for n in (b.n_contigs() + 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 1):
        yield 'contig-%d' % n, 'all', lambda n=n: b.entry.__setitem__('last', (n, 5))
    for n in (b.n_contigs(), (1 << 31) - 1):
        yield 'site-contig-%d' % n, 'streams', lambda n=n: [b.put(3, (varint(n), 1)), b.put(4, (b'\1', 1)), b.put(5, (b'\1', 1))]


@maker('window_masked')
def _(b, most, _):
    for n in beyond(most):
        yield n, 'all', lambda n=n: [b.entry.__setitem__('n', n), b.totals.__setitem__(0, n)]


@maker('quality_place')
def _(b, most, _):
    # Of every masked record: behind the last one, and before the first one.
    for n in beyond(most) + [-most - 1, -1 << 63, b.entry['n'], -b.entry['n']]:
        yield n, 'streams' if abs(n) > most else 'records', lambda n=n: [b.masked_flags(0), b.put(42, (zigzag(n), b.entry['n']))]


@maker('window_sealed')
def _(b, most, _):
    for n in beyond(most):
        yield n, 'all', lambda n=n: b.entry.__setitem__('says_size', n)


@maker('streams')
def _(b, most, _):
    one = frame((b'A', 1))
    tags = [1 << 31 | x << 16 | y << 8 | ord(t) for x in range(48, 123) for y in range(48, 123) for t in 'AcCsSiIZ']
    yield most + 1, 'windows', lambda: b.streams.update({(1 << 31) + i: one for i in range(most + 1)})
    # Allowed, but nobody asks for them.
    yield 'unread', 'streams', lambda: b.streams.update({i: one for i in tags[:5000]})
    for n in NUMBERS:
        yield n, 'windows', lambda n=n: b.__setattr__('n_streams', n)
    for n in 48, (1 << 31) - 1, 1 << 31, (1 << 32) - 1:
        yield 'id-%d' % n, 'windows', lambda n=n: b.streams.__setitem__(n, one)


@maker('window_content')
def _(b, most, per_byte):
    yield most + 1, 'windows', lambda: b.put(30, (b'\0', most + 1))
    yield 1 << 30, 'windows', lambda: b.put(30, (b'\0', 1 << 28))
    for n in NUMBERS:
        yield n, 'windows', lambda n=n: b.streams.__setitem__(30, lying_frame(n))
    yield 'lying', 'streams', lambda: b.streams.__setitem__(30, (frame((b'\0', 1 << 20))[0], 5))
    # All that may be there is used, to no end.
    noise = random.Random(5).randbytes(60000)
    for i in 4, 9, 10, 16, 18, 29, 30:
        who = 'records' if i == 9 else 'streams'
        yield 'full-%d' % i, who, lambda i=i: b.put(i, (b'\1', most - 100000))
        yield 'large-%d' % i, who, lambda i=i: [b.put(33, (noise, 1)), b.put(i, (b'\1', per_byte * 60000 - 200000))]


@maker('templates')
def _(b, most, _):
    yield most + 1, 'streams', lambda: b.put(16, (b'\0', most + 1))


@maker('template_tags')
def _(b, most, _):
    yield most + 1, 'streams', lambda: b.put(16, (b'XXZs' * (most + 1) + b'\0', 1))
    yield 'told-twice', 'streams', lambda: b.put(16, (b'NMCpMDZpNMCp\0', 1))


@maker('shapes')
def _(b, most, _):
    yield most + 1, 'streams', lambda: b.put(34, (b'\3', most + 1))


@maker('window_whole')
def _(b, most, _):
    yield most + 1, 'streams', lambda: b.whole_records(most + 1, 0, [])


@maker('window_loose')
def _(b, most, _):
    for n in beyond(most):
        yield n, 'streams', lambda n=n: b.put(41, (varint(n), 1))
    # The owner's file has none.
    yield 'owner', 'streams', lambda: b.put(41, (b'\1', 1))
    yield 'length-0', 'streams', lambda: b.loose_reads(1, 0, [])
    yield 'flag', 'streams', lambda: [b.loose_reads(1, 5, [5 << 4]), b.put(22, (b'\1', 1))]
    yield 'no-contig', 'streams', lambda: [b.loose_reads(1, 5, [5 << 4]), b.put(20, (b'\0', 1))]


@maker('whole_bases')
def _(b, most, _):
    for n in beyond(most):
        yield n, 'streams', lambda n=n: b.whole_records(1, n, [20 << 4])
    # Allowed, but nothing predicts them.
    yield most, 'records', lambda: b.whole_records(1, most, [20 << 4])


@maker('flag')
def _(b, most, _):
    for n in beyond(most):
        yield 'masked-%d' % n, 'streams', lambda n=n: b.masked_flags(n)
        yield 'whole-%d' % n, 'streams', lambda n=n: [b.whole_records(1, 0, []), b.put(22, (varint(n), 1))]
    # Allowed, but the masked record has no such flag.
    yield most, 'records', lambda: b.masked_flags(most)


@maker('query_name')
def _(b, most, _):
    for n in most + 1, 300000:
        yield n, 'streams', lambda n=n: b.whole_records(1, 0, [], b'r' * n + b'\0')


@maker('masked_bytes')
def _(b, _, __):
    most = limits()['window_masked'][0]
    yield most, 'records', lambda: [b.entry.__setitem__('n', most), b.totals.__setitem__(0, most)]


@maker('restored_bytes')
def _(b, _, __):
    for length in 300, 4000:
        yield length, 'records', lambda n=length: b.whole_records(limits()['window_whole'][0], n, [n << 4])
        yield 'loose-%d' % length, 'records', lambda n=length: b.loose_reads(limits()['window_loose'][0], n, [n << 4])


@maker('restored_per_content')
def _(b, most, _):
    n_ops = 150000  # a byte each
    yield most, 'records', lambda: b.whole_records(5, 0, [16] * n_ops)


@maker('restored_per_masked')
def _(b, _, __):
    yield 'all', 'records', lambda: b.whole_records(limits()['window_whole'][0], 40, [40 << 4])


@maker('deleted_bases')
def _(b, _, __):
    for gap in 500, (1 << 28) - 1:
        yield gap, 'records', lambda gap=gap: b.whole_records(limits()['window_whole'][0], 2, [16, gap << 4 | 2, 16])


def main(source, key_path, target):
    key = serialization.load_pem_private_key(open(key_path, 'rb').read(), None)
    table, n_files = limits(), 0
    if table.keys() != MAKERS.keys():
        sys.exit('hostile_bdiff.py: rows without a maker, or makers without a row: %s' %
                 ' '.join(sorted(table.keys() ^ MAKERS.keys())))
    for row, (most, per_byte) in table.items():
        b = Bdiff(source, key)
        kinds = [(what, who) for what, who, _ in MAKERS[row](b, most, per_byte)]
        for i, (what, who) in enumerate(kinds):
            b = Bdiff(source, key)
            list(MAKERS[row](b, most, per_byte))[i][2]()
            b.write('%s/%s-%s-%s.bdiff' % (target, row, what, who))
            n_files += 1
    print(n_files)


def write_entries(source, key_path, public_path, target):
    b = Bdiff(source, serialization.load_pem_private_key(open(key_path, 'rb').read(), None))
    public = recipients.public_form(recipients.load_public(open(public_path, 'rb').read()))
    hint, wrapped = recipients.hint(public, b.file_id), recipients.wrap(public, b.file_id, b.secret)
    good = 2, hint, wrapped
    low_order = [(2, hint, u.to_bytes(32, 'little') + wrapped[32:]) for u in (0, 1, recipients.P - 1)]
    bad = {'tag': (2, hint, wrapped[:-1] + bytes([wrapped[-1] ^ 1])), 'short': (2, hint, wrapped[:-1]),
           'long': (2, hint, wrapped + b'\0'), 'byte': (2, hint, b'\0'), 'algorithm': (1, hint, wrapped),
           'other-file': (2, hint, recipients.wrap(public, bytes(16), b.secret)),
           'other-secret': (2, hint, recipients.wrap(public, b.file_id, bytes(32))),
           'other-key': (2, hint, recipients.wrap(
               recipients.x25519.X25519PrivateKey.generate().public_key(), b.file_id, b.secret))}
    bad.update(('low-order-%d' % i, entry) for i, entry in enumerate(low_order))
    files = {'opens-good': [good], 'opens-fourth': low_order + [good], 'refused-fifth': low_order + [bad['tag'], good],
             'opens-unknown-algorithm': [(3, hint, wrapped)] * 10 + [good], 'refused-500': [bad['tag']] * 500 + [good]}
    for what, entry in bad.items():
        files.update({'refused-' + what: [entry], 'opens-behind-' + what: [entry, good]})
    for name, b.entries in files.items():
        b.write('%s/%s.bdiff' % (target, name))


if sys.argv[1] == '--entries':
    write_entries(*sys.argv[2:])
elif sys.argv[1] == '--broken-header':
    broken = Bdiff(sys.argv[2], serialization.load_pem_private_key(open(sys.argv[3], 'rb').read(), None))
    broken.header = broken.header[:FIXED] + b'\xff'
    broken.write(sys.argv[4])
elif sys.argv[1] == '--gap':
    gaping = Bdiff(sys.argv[2], serialization.load_pem_private_key(open(sys.argv[3], 'rb').read(), None))
    for stream, number in zip((37, 38, 39, 40), gaping.entry['first'] + (0, 0)):
        gaping.put(stream, (varint(number), 1))
    gaping.write(sys.argv[4])
else:
    main(*sys.argv[1:])
