#!/usr/bin/env python3
"""A second reader of VAC and BDIFF, written from formats/vac.md and formats/bdiff.md alone.

    read_bdiff.py FILE.vac | read_bdiff.py [-V SIGNER.pub] -k KEY FILE.bdiff
checks what can be checked without the masked file and prints what `varlock view` prints.

    read_bdiff.py -k KEY --restore MASKED.bam FILE.bdiff [ORIGINAL.bam]
restores the records of every window and checks them against the window's check and, with the
owner's file, against the original record by record.  Whatever is wrong ends it with status 1 and
one line.
"""
import copy, functools, getopt, hashlib, hmac, io, itertools, re, struct, sys
import xxhash, zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from bamfile import Record, read as read_bam
from deal import geometry_key, number_of, places, unfit
from geometry import Geometry
from recipients import load_private, load_public, secrets, verify

BASES, OPS = '=ACMGRSVTWYHKDBN', 'MIDNSHP=XB??????'
NUMBERS = {'c': 'b', 'C': 'B', 's': 'h', 'S': 'H', 'i': 'i', 'I': 'I', 'f': 'f', 'd': 'd'}
INTEGERS, PERMUTE, SYNTH, LOOSE, FULL = 'cCsSiI', 1, 2, 1, 3
(TEMPLATE, CIGAR, HIDDEN, MAPQ, MATE, PAIR, PROPER, POS, QUAL, NAME, FLAG) = [1 << bit for bit in range(4, 15)]
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
    def text(self):
        at, data = self.tell(), self.getvalue()
        return self.take(data.index(0, at) + 1 - at)[:-1].decode('latin-1')
    def raw(self, kind):
        """The bytes of a tag's value."""
        at = self.tell()
        self.value(kind)
        return self.getvalue()[at:self.tell()]
    def value(self, kind):
        if kind == 'B':
            of, n = self.get('c').decode(), self.get('I')
            return ','.join(['B:' + of] + [self.value(of)[2:] for _ in range(n)])
        if kind in 'ZH':
            return '%s:%s' % (kind, self.text())
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

# ---- alignments ----

def length(cigar, ops):
    return sum(n for n, op in cigar if op in ops)
def cigar_text(cigar):
    return ''.join('%d%s' % op for op in cigar)
def parse_cigar(text):
    """None where the text is no CIGAR."""
    if text is None or not re.fullmatch('([0-9]+[MIDNSHP=X])+', text, re.ASCII):
        return None
    ops = [(int(n), op) for n, op in re.findall('([0-9]+)(.)', text)]
    return None if max(ops)[0] >= 1 << 28 else ops
def is_aligned(r):
    return not r.flag & 4 and r.tid >= 0 and r.pos >= 0 and len(r.cigar) > 0
def bases(r):
    """(index, reference position, operator) of each base of SEQ; no position where it has none."""
    if not is_aligned(r):
        yield from ((q, None, None) for q in range(len(r.seq)))
        return
    q, p = 0, r.pos
    for n, op in r.cigar:
        for k in range(n if op in 'MIS=X' else 0):
            yield q + k, p + k if op in 'M=X' else None, op
        q, p = q + (n if op in 'MIS=X' else 0), p + (n if op in 'MDN=X' else 0)
def five_prime(r):
    return r.pos + (length(r.cigar, 'MDN=X') or 1) if r.flag & 16 else r.pos
def origin(pos, masked, reverse, cigar):
    """POS of the record with that CIGAR whose masked form lies at pos."""
    aligned = [i for i, (n, op) in enumerate(cigar) if op in 'M=X' and n]
    if not aligned or not masked:
        return pos
    first, last = aligned[0], aligned[-1]
    if not reverse:
        clip = masked[0][0] if masked[0][1] == 'S' else 0
        return pos - clip + length(cigar[:first], 'IS') - length(cigar[:first], 'DN')
    clip = masked[-1][0] if masked[-1][1] == 'S' else 0
    end = pos + length(masked, 'MDN=X') + clip - length(cigar[last + 1:], 'IS')
    return end - length(cigar[:last + 1], 'MDN=X')
def five(pos, cigar, reverse):
    """The 5' end, unclipped; None without an aligned base."""
    aligned = [i for i, (n, op) in enumerate(cigar) if op in 'M=X' and n]
    if not aligned:
        return None
    first, last = aligned[0], aligned[-1]
    if reverse:
        return pos + length(cigar[:last + 1], 'MDN=X') - 1 + length(cigar[last + 1:], 'IS')
    return pos + length(cigar[:first], 'DN') - length(cigar[:first], 'IS')
def shows_mate(m):
    return m.flag & 1 and m.tid >= 0 and m.mtid == m.tid
def follows_mate(m):
    return shows_mate(m) and m.flag & 16 and not m.flag & 0x28
def tags(aux):
    """[(name, type, value)] up to malformed bytes."""
    b, found = Bytes(aux), []
    try:
        while b.left():
            name, kind = b.take(2).decode('latin-1'), b.take(1).decode('latin-1')
            found.append((name, kind, b.raw(kind)))
    except (AssertionError, KeyError, ValueError, struct.error, UnicodeDecodeError):
        pass
    return found
def find(r, name):
    return next(((kind, value) for n, kind, value in tags(r.aux) if n == name), (None, None))
def find_text(r, name):
    kind, value = find(r, name)
    return value[:-1].decode('latin-1') if kind == 'Z' else None
def number(kind, value):
    return struct.unpack('<' + NUMBERS[kind], value)[0]
def mismatches(md):
    return len(re.findall('[^0-9]', re.sub(r'\^[^0-9]*', '', md)))
def make_md(r, reference, deleted):
    md, matches, q, d = '', 0, 0, 0
    for n, op in r.cigar:
        for k in range(q, q + n if op in 'M=X' else q):
            if r.seq[k] == '=' or (r.seq[k] == reference[k] and r.seq[k] != 'N'):
                matches += 1
            else:
                md, matches = md + str(matches) + reference[k], 0
        if op == 'D':
            md, matches, d = md + '%d^%s' % (matches, deleted[d:d + n]), 0, d + n
        q += n if op in 'MIS=X' else 0
    return md + str(matches)
def lasting(r):
    """Flag and template length."""
    may_change = r.flag & 9 == 1 and 0 <= r.tid == r.mtid and r.mpos >= r.pos
    tlen = (-abs(r.tlen) if r.flag & 16 else abs(r.tlen)) if may_change and r.mpos == r.pos else r.tlen
    return r.flag | 32 * may_change, tlen
def front(r, flag, tlen):
    codes = [BASES.index(c) for c in r.seq] + [0] * (len(r.seq) & 1)
    return (struct.pack('<iqHBiqqII', r.tid, r.pos, flag, r.mapq, r.mtid, r.mpos, tlen, len(r.cigar), len(r.seq)) +
            varint(len(r.name)) + r.name.encode('latin-1') + struct.pack('<%dI' % len(r.cigar), *(n << 4 | OPS.index(op) for n, op in r.cigar)) +
            bytes(a << 4 | b for a, b in zip(codes[::2], codes[1::2])) + (b'\xff' * len(r.seq) if r.qual is None else r.qual))
def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
def everything(r):
    return front(r, r.flag, r.tlen) + struct.pack('<I', len(r.aux)) + r.aux
def without_cg(r):
    """A CIGAR too long for BAM stands in a tag."""
    kind, value = find(r, 'CG')
    if kind == 'B' and r.cigar[:1] == [(len(r.seq), 'S')] and value[:1] == b'I':
        r.cigar = [(op >> 4, OPS[op & 15]) for op in struct.unpack('<%dI' % (len(value) // 4 - 1), value[5:])]
        r.aux = r.aux.replace(b'CGB' + value, b'')
    return r

# ---- windows ----

class Runs:
    """What ends a run comes after that many others; without another run it goes on to the end."""
    def __init__(self, stream):
        self.stream, self.left = stream, stream.varint() if stream.left() else None
    def ends(self):
        if self.left == 0:
            self.left = self.stream.varint() if self.stream.left() else None
            return True
        self.left = self.left and self.left - 1
        return False

class Window:
    """The streams of a window (bdiff.md §5), read side by side."""
    def __init__(self, streams, masking, n_contigs):
        self.s, self.of_tags = [streams.pop(i, Bytes()) for i in range(48)], streams
        s = self.s
        self.masking, self.shapes = masking, []
        while s[34].left():
            self.shapes.append(s[34].varint())
        self.templates = [s[16].text() for _ in range(s[16].getvalue().count(0))]
        self.template = s[17].varint() if s[17].left() else 0
        self.n_quality = s[35].get('B') if s[35].left() else None
        self.n_loose = s[41].varint() if s[41].left() else 0
        self.bits = {46: [], 47: []}
        self.has_mates = s[47].left() > 0
        self.common, self.orderly = Runs(s[2]), Runs(s[31])
        self.tells_places = s[42].left() > 0
        self.sites = self.listed(3, 23 if masking == PERMUTE else 15, n_contigs)
        self.variants = self.listed(6, 31, n_contigs)
        self.gaps = self.listed_gaps(n_contigs) if masking == SYNTH else {}
        self.contig, self.pos = -1, 0
        assert max([0, *self.shapes]) < 1 << 15 and self.n_loose <= 1 << 16
    def listed(self, first, limit, n_contigs):
        contigs, positions, values = self.s[first:first + 3]
        found, contig, pos = {}, 0, 0
        while values.left():
            step = contigs.varint()
            contig, pos, value = contig + step, positions.varint() + (0 if step else pos), values.get('B')
            assert (contig, pos) not in found and 0 < value <= limit and contig < n_contigs
            found[contig, pos] = value
        return found
    def listed_gaps(self, n_contigs):
        contigs, positions, lengths, packed = self.s[37:41]
        found, contig, end = [], 0, 0
        while contigs.left():
            step = contigs.varint()
            contig, beg = contig + step, positions.varint() + (0 if step else end)
            end = beg + lengths.varint() + 1
            assert contig < n_contigs and end <= 1 << 60 and end - beg <= 4 * packed.left()
            found += [(contig, p) for p in range(beg, end)]
        assert (len(found) + 3) // 4 == packed.left()
        bits = int.from_bytes(packed.take(packed.left()), 'little')
        assert not bits >> 2 * len(found)
        return {place: 'ACGT'[bits >> 2 * i & 3] for i, place in enumerate(found)}
    def places(self, n):
        place = 0
        while self.s[19].left():
            place += self.s[19].varint()
            assert place <= n
            yield place
    def cigar(self):
        return [(op >> 4, OPS[op & 15]) for op in [self.s[10].varint() for _ in range(self.s[10].varint())]]
    def hidden(self):
        n, packed = divmod(self.s[11].varint(), 2)
        assert n > 0
        if not packed:
            return ''.join(BASES[b] for b in self.s[12].take(n))
        bits = int.from_bytes(self.s[33].take((n + 3) // 4), 'little')
        assert bits >> 2 * n == 0
        return ''.join('ACGT'[bits >> 2 * i & 3] for i in range(n))
    def patches(self, n):
        n, rank, found = n + (self.s[13].varint() if n == 3 else 0), 0, []
        for _ in range(n):
            rank += self.s[14].varint()
            found.append((rank, BASES[self.s[15].get('B')]))
        return found
    def qual(self):
        """Empty where it is missing."""
        return self.s[30].take(self.s[30].varint())
    def tags(self, template):
        """The bytes of raw tags, or [(name, type, source, stored bytes)]."""
        if template == '*':
            return self.s[18].take(self.s[18].varint())
        assert len(template) % 4 == 0 and len(template) <= 1024
        return [(a + b, kind, source, self.of_tags[1 << 31 | ord(a) << 16 | ord(b) << 8 | ord(kind)].raw(kind) if source == 's' else None)
                for a, b, kind, source in zip(*[iter(template)] * 4)]
    def item(self, kind):
        """What is said of the next record: `masked`, `whole` or `loose`."""
        s, i = self.s, Record()
        shape = i.shape = self.shapes[s[1].varint()] if self.common.ends() else (self.shapes or [0])[0]
        i.grade, i.order = shape & 3, s[32].zigzag() if self.orderly.ends() else 0
        of_whole, of_loose = FULL | CIGAR | MAPQ | MATE | NAME, LOOSE | CIGAR | MAPQ | QUAL
        if kind == 'whole':
            assert shape & of_whole == of_whole and not shape & (PAIR | PROPER | POS | FLAG)
        elif kind == 'loose':
            assert shape & ~(12 | TEMPLATE | HIDDEN) == of_loose
        else:
            assert (i.grade == FULL or shape == 0) and not shape & MATE
        if kind != 'masked':
            step = s[20].zigzag()
            self.contig, self.pos = self.contig + step, s[21].zigzag() + (0 if step else self.pos)
            i.tid, i.pos, i.flag, i.length = self.contig, self.pos, s[22].varint(), s[23].varint()
            assert i.tid >= -1 and i.pos >= -1 and i.flag < 1 << 16 and i.length < 1 << 30
            assert bool(shape & QUAL) == (i.length > 0)
            assert kind == 'whole' or (i.tid >= 0 and i.pos >= 0 and not i.flag & ~0x610)
        assert not (shape & PAIR and shape & (CIGAR | MATE)) and not (shape & FLAG and shape & PROPER)
        if self.has_mates and kind == 'masked' and i.grade and not shape & PAIR and self.bit(47):
            shape = i.shape = shape | MATE
        if i.grade:
            i.place = s[42].zigzag() if self.tells_places and kind == 'masked' else 0
            i.mapq = s[25].get('B') if shape & MAPQ else None
            i.flag = s[36].varint() if shape & FLAG else i.flag
            i.pos_step = s[24].zigzag() if shape & POS else 0
            template = self.templates[s[17].varint() if shape & TEMPLATE else self.template]
            i.cigar = self.cigar() if shape & CIGAR else None
            i.hidden = self.hidden() if shape & HIDDEN else ''
            i.patches = self.patches(shape >> 2 & 3)
            i.mate = [s[26].zigzag(), self.mate_pos() if kind == 'masked' else s[27].zigzag(), s[28].zigzag()] if shape & MATE else [0, 0, 0]
            i.name = s[29].text() if shape & NAME else None
            i.qual = self.qual() if shape & QUAL else None
            i.tags = self.tags(template)
            assert len(i.name or '') <= 254
        return i
    def mate_pos(self):
        near = self.s[45].get('B')
        if not near:
            return self.s[27].zigzag()
        return 2 * (near - 128) + self.bit(46)
    def bit(self, stream):
        bits = self.bits[stream]
        if not bits:
            byte = self.s[stream].get('B')
            bits += [byte >> k & 1 for k in range(8)]
        return bits.pop(0)
    def ranks(self):
        """Those that are left."""
        found = []
        while self.s[44].left():
            found.append(self.s[44].varint())
        return found
    def flags(self):
        """Those that are left."""
        found = self.s[9].read()
        assert not found.strip(b'\0\1')
        return ''.join(map(str, found))
    def end(self):
        assert not any(self.bits[46] + self.bits[47])
        assert not any(x.left() for x in [*self.s, *self.of_tags.values()])
        assert self.common.left is None and self.orderly.left is None

class Ordinals:
    """Numbers of records that have the same contig and position and follow each other."""
    def __init__(self):
        self.place = None
    def next(self, r, difference):
        if self.place != (r.tid, r.pos):
            self.place, self.lowest, self.used = (r.tid, r.pos), 0, set()
        n = self.lowest + difference
        assert n >= 0
        if self.lowest < n <= self.lowest + 64:
            self.used.add(n)
        elif n == self.lowest:
            self.lowest += 1
            while self.lowest in self.used:
                self.lowest += 1
        return n

class Restorer:
    """Restores the records of a window in the order of its places."""
    def __init__(self, window, masked, groups, geometry, places):
        self.w, self.masked, self.groups, self.geometry, self.places, self.n = window, masked, groups, geometry, places, -1
        assert not (places and window.tells_places)
        self.synth, self.reference, self.ordinals, self.mates = window.masking == SYNTH, None, Ordinals(), {}
    def all(self, n_contigs):
        """[(record, grade, ordinal)]"""
        places, shown = list(self.w.places(len(self.masked))), []
        for i, m in enumerate(self.masked + [None]):
            for _ in range(places.count(i)):
                shown.append(self.record(None, 'whole'))
                assert max(shown[-1][0].tid, shown[-1][0].mtid) < n_contigs
            shown += [self.record(m, 'masked')] if m else []
        shown += [self.record(None, 'loose') for _ in range(self.w.n_loose)]
        self.w.end()
        return shown
    def record(self, m, kind):
        i = self.w.item(kind)
        self.n += bool(m)
        r = self.restore(m, i) if i.grade else m
        if m and i.grade == FULL and self.synth and (i.shape & (CIGAR | MATE | PAIR) or self.stores_mc(i) or self.geometry and shows_mate(m) and not follows_mate(m)):
            self.mates[m.name] = r
        return r, i.grade, self.ordinals.next(r, i.order)
    @staticmethod
    def stores_mc(i):
        return any(t[:3] == ('MC', 'Z', 's') for t in i.tags) if isinstance(i.tags, list) else False
    def known(self):
        """The window's reference: base by contig and position."""
        if self.reference is None:
            self.reference, runs = {}, []
            for k, m in enumerate(self.masked):
                p, q = m.pos, 0
                for n, op in m.cigar if is_aligned(m) and m.seq else []:
                    if op in 'M=X' and n:
                        runs.append((m.tid, p, k, q, n))
                    p, q = p + (n if op in 'MDN=X' else 0), q + (n if op in 'MIS=X' else 0)
            for tid, p, k, q, n in sorted(runs):
                for j in range(n):
                    self.reference.setdefault((tid, p + j), self.masked[k].seq[q + j])
            for place in self.reference.keys() & self.w.sites.keys():
                self.reference[place] = BASES[self.w.sites[place]]
            assert not self.reference.keys() & self.w.gaps.keys()
            self.reference.update(self.w.gaps)
        return self.reference
    def at_site(self, tid, p, base):
        value = self.w.sites.get((tid, p))
        if value is None or self.synth:
            return base if value is None else BASES[value]
        return 'ACGT'[images(value).index(base)] if base in 'ACGT' else base
    def predict(self, m, r, n):
        """Bases, None for literals; whether the reference is known; deleted letters."""
        fits = is_aligned(r) and length(r.cigar, 'MIS=X') == n
        if n == 0:
            return [], False, ''
        if m and (r.cigar == m.cigar and r.pos == m.pos or not self.synth):
            found = [None if p is None else self.at_site(m.tid, p, m.seq[q]) for q, p, _ in bases(m)]
            return found, self.synth and fits, ''
        if not fits or not self.synth:
            return [None] * n, False, ''
        r.seq, known = 'N' * n, self.known()
        found = [known.get((r.tid, p)) for _, p, _ in bases(r)]
        p, deleted = r.pos, []
        for k, op in r.cigar:
            deleted += [known.get((r.tid, p + j)) for j in range(k)] if op == 'D' else []
            p += k if op in 'MDN=X' else 0
        aligned = [found[q] for q, p, _ in bases(r) if p is not None] + deleted
        return found, None not in aligned, ''.join(b or '' for b in deleted)
    def restore(self, m, i):
        mate = None
        if m:
            assert not m.cigar or not m.seq or length(m.cigar, 'MIS=X') == len(m.seq)
            r = Record(**m.__dict__)
            n, r.aux = len(m.seq), b''
            self.own = r.qual = self.own_qual(m, i)
            if i.shape & PAIR:
                mate = self.mates[m.name]
                assert (mate.flag ^ m.flag) & 0xc0 == 0xc0
                r.cigar = parse_cigar(find_text(mate, 'MC'))
            elif i.shape & CIGAR:
                r.cigar = i.cigar
            self.teller = self.mate_before(m)
            if self.teller and (not is_aligned(m) or follows_mate(m)):
                r.pos = self.teller.mpos
            elif self.synth and is_aligned(m):
                r.pos = origin(m.pos, m.cigar, m.flag & 16, r.cigar) - self.shift(m)
            r.pos += i.pos_step
            r.flag = i.flag if i.shape & FLAG else lasting(m)[0] ^ (2 if i.shape & PROPER else 0)
            r.mapq = m.mapq if i.mapq is None else i.mapq
            r.name = m.name if i.name is None else i.name
        else:
            r = Record(tid=i.tid, pos=i.pos, flag=i.flag, mapq=i.mapq, name='*' if i.name is None else i.name, cigar=i.cigar)
            n = i.length
        assert -1 <= r.pos <= 1 << 60 and r.flag < 1 << 16
        if i.qual is not None:
            assert len(i.qual) in (0, n)
            r.qual = i.qual or None
        self.put_bases(m, r, i, n)
        self.put_tags(m, r, i, mate)
        self.put_mate(m, r, i, mate)
        assert r.tid >= -1 and r.mtid >= -1 and max(abs(r.mpos), abs(r.tlen)) <= 1 << 60
        return r
    def own_qual(self, m, i):
        """The string that was dealt for the record."""
        place = self.n + i.place if not self.places else self.places[self.n]
        assert 0 <= place < len(self.masked)
        shown, n = self.masked[place].qual or b'\xff' * len(self.masked[place].seq), len(m.seq)
        return m.qual if place == self.n else unfit(shown, self.w.s[43].take(max(0, n - len(shown))), m.flag & 16, n)
    def mate_before(self, m):
        mate = self.mates.get(m.name) if self.geometry and shows_mate(m) and m.mpos <= m.pos else None
        return mate if mate and (mate.flag ^ m.flag) & 0xc0 == 0xc0 else None
    def shift(self, m):
        if not self.geometry or not self.geometry.sd or follows_mate(m) or five(m.pos, m.cigar, m.flag & 16) is None:
            return 0
        shown = five(m.pos, m.cigar, m.flag & 16)
        places = self.geometry.places(m.tid, m.flag >> 4 & 1, shown)
        rank = self.w.s[44].varint() if len(places) > 1 else 0
        return shown - places[rank] if places else 0
    def put_bases(self, m, r, i, n):
        found, knows, self.deleted = self.predict(m, r, n)
        literals = [q for q, b in enumerate(found) if b is None]
        assert len(literals) == len(i.hidden)
        for q, base in zip(literals, i.hidden):
            found[q] = base
        self.under, self.knows = ''.join(found), knows
        r.seq, qual = self.under, b'\xff' * n if r.qual is None else r.qual
        if self.synth and knows:
            for q, p, _ in bases(r):
                value = self.w.variants.get((r.tid, p))
                if value and (value < 16 or (0, 1).index(self.w.s[9].get('B'))):
                    found[q] = BASES[value & 15]
            found = ['N' if qual[q] == self.w.n_quality else found[q] for q in range(n)]
        order = sorted(range(n), key=lambda q: qual[q])
        for rank, base in i.patches:
            found[order[rank]] = base
        r.seq = ''.join(found)
    def put_tags(self, m, r, i, mate):
        if isinstance(i.tags, bytes):
            r.aux = i.tags
            return
        r.aux, late = b'', []
        for name, kind, source, value in i.tags:
            if source == 'p' and (name, kind) == ('MD', 'Z'):
                value = self.md(r).encode() + b'\0'
            elif source == 'p' and (name, kind) == ('MC', 'Z'):
                value = cigar_text(mate.cigar).encode() + b'\0'
            elif source == 'p':
                assert name in ('NM', 'AS') and kind in INTEGERS
                late.append((len(r.aux) + 3, name, kind))
                value = bytes(struct.calcsize(NUMBERS[kind]))
            elif source == 'q':
                assert m and (name, kind) == ('OQ', 'Z')
                value = bytes(q + 33 & 255 for q in self.own or b'\xff' * len(m.seq)) + b'\0'
            elif source != 's':
                twin, value = find(m, name)
                if source == 'm':
                    assert twin == kind == 'Z' and re.fullmatch(b'rg[1-9][0-9]*\0', value)
                    value = self.groups[int(value[2:-1]) - 1] + b'\0'
                elif twin in INTEGERS and kind in INTEGERS:
                    value = struct.pack('<' + NUMBERS[kind], number(twin, value))
                assert source in 'km' and (twin == kind or kind in INTEGERS)
            r.aux += name.encode('latin-1') + kind.encode() + value
        for at, name, kind in late:
            md = find_text(r, 'MD')
            gaps = [n for n, op in r.cigar if op in 'ID']
            v = mismatches(md) + sum(gaps) if name == 'NM' else \
                length(r.cigar, 'M=X') - 5 * mismatches(md) - 6 * len(gaps) - sum(gaps)
            value = struct.pack('<' + NUMBERS[kind], v)
            r.aux = r.aux[:at] + value + r.aux[at + len(value):]
    def md(self, r):
        if not self.synth:
            assert 'D' not in cigar_text(r.cigar)
            return str(length(r.cigar, 'M=X'))
        assert self.knows
        return make_md(r, self.under, self.deleted)
    def put_mate(self, m, r, i, mate):
        if i.grade == LOOSE:
            r.mtid, r.mpos, r.tlen = -1, -1, 0
            return
        if mate:
            r.mtid, r.mpos, r.tlen = mate.tid, mate.pos, -mate.tlen
            return
        mc, teller = None if isinstance(i.tags, bytes) else find_text(r, 'MC'), m and self.teller
        if teller:
            r.mtid, r.mpos, r.tlen = teller.tid + i.mate[0], teller.pos + i.mate[1], i.mate[2] - teller.tlen
            return
        if not m:
            r.mtid, r.mpos = r.tid, r.pos
        elif self.synth and m.mtid == m.tid:
            masked_mc = parse_cigar(find_text(m, 'MC'))
            if r.flag & 12:
                r.mpos = r.pos
            elif masked_mc and parse_cigar(mc) and find_text(m, 'MC') != mc:
                r.mpos = origin(m.mpos, masked_mc, r.flag & 32, parse_cigar(mc))
            if self.geometry and shows_mate(m) and not r.flag & 12:
                r.mpos -= self.mate_shift(m, r, masked_mc)
        r.mtid, r.mpos = r.mtid + i.mate[0], r.mpos + i.mate[1]
        if self.geometry and m and mc is None:
            mc = find_text(m, 'MC')
        r.tlen = self.tlen(m, r, parse_cigar(mc)) + i.mate[2]
    def mate_shift(self, m, r, masked_mc):
        own, shown = five(r.pos, r.cigar, r.flag & 16), five(m.pos, m.cigar, m.flag & 16)
        mate = masked_mc and five(m.mpos, masked_mc, r.flag & 32)
        if None in (own, shown, mate):
            return 0
        distance = self.geometry.median(number_of(find_text(m, 'RG'))) - 1
        return mate - (own + (-distance if r.flag & 16 else distance)) if self.geometry.draws else shown - own
    def tlen(self, m, r, mc):
        if m and not self.synth:
            return lasting(m)[1]
        if r.mtid != r.tid or r.tid < 0 or r.flag & 12:
            return 0
        if m and (m.mtid, m.mpos) == (r.mtid, r.mpos) and not self.geometry:
            return lasting(m)[1] + five_prime(m) - five_prime(r)
        return r.mpos + (length(mc, 'MDN=X') if r.flag & 32 else 0) - five_prime(r) if mc else 0

def images(rank):
    left, found = list('ACGT'), ''
    for weight in (6, 2, 1, 1):
        found, rank = found + left.pop(rank // weight), rank % weight
    return found

# ---- files ----

class Bdiff:
    deal = None
    def __init__(self, data, key, signer, masked, original):
        self.data, self.masked, f = data, masked and [without_cg(r) for r in masked[2]], Bytes(data)
        self.header_text = masked and masked[0].rstrip(b'\0\n') + b'\n'
        magic, n, size, self.id, header_size, reserved = struct.unpack('<10sHI16sII', f.take(40))
        entries = [(f.get('H'), (k := f.get('H')) and f.take(8), f.take(k)) for _ in range(n)]
        mac = f.take(32)
        assert magic == b'\x89BDF\r\n\x1a\n\1\0' and f.tell() == size and 1 <= n <= 512 and reserved == 0
        derive = lambda secret, label: HKDF(hashes.SHA256(), 32, self.id, b'varlock bdiff 1 ' + label).derive(secret)
        secret = [secret for secret in secrets(key, self.id, entries)
                  if secret and hmac.digest(derive(secret, b'envelope'), data[:size - 32], 'sha256') == mac][0]
        self.key, trailer_key = derive(secret, b'seal'), derive(secret, b'trailer')
        at, index_size, signature_size, closing, end_mac = struct.unpack('<QII8s32s', data[-56:])
        signature = data[at + index_size:-56]
        assert closing == b'BDIFFEND' and signature_size == len(signature) and at < len(data)
        assert hmac.digest(trailer_key, mac + signature + data[-56:-32], 'sha256') == end_mac
        if signer:
            verify(signer, signature, data[:size + header_size] + data[at:at + index_size])
        self.read_header(Bytes(self.unseal(1, 0, size, header_size)).frame(header_size - 16, 1 << 30))
        self.read_index(Bytes(self.unseal(3, 0, at, index_size)), size + header_size, at)
        if original is not None:
            self.compare(original)
    def unseal(self, section, ordinal, offset, size, place=b''):
        nonce = struct.pack('<IQ', section, ordinal)
        return AESGCM(self.key).decrypt(nonce, self.data[offset:offset + size], b'\1\0' + self.id + nonce + place)
    def read_header(self, h):
        self.masking, flags, reserved, root_id = h.get('B'), h.get('B'), h.get('H'), h.take(16)
        read_groups = h.take(32)
        self.names, self.is_root, self.groups = [(h.string(), h.varint())[0] for _ in range(h.varint())], flags & 1, []
        if not flags & 2:
            ranges = [h.get('B')] + [(h.varint(), h.varint(), h.varint()) for _ in range(h.varint())]
            assert ranges[0] < 2 and all(c < len(self.names) and (beg < end or not end) for c, beg, end in ranges[1:])
        if self.masking == SYNTH and (flags & 3):
            key_of_geometry, blur, qual, draws = not self.is_root and h.take(32), h.varint(), h.get('B'), h.get('B')
            libraries = [(h.varint(), h.varint()) for _ in range(h.varint())]
            assert blur <= 10000 and qual < 5 and draws < 2 and libraries and max(max(x) for x in libraries) < 1 << 31
        self.geometry = self.deal = None
        if self.is_root:
            vac_sha256, mask_key, text, dropped = h.take(32), h.take(32), h.take(h.varint()), h.take(h.varint())
            self.groups = re.findall(rb'(?m)^@RG(?:\t.*?)??\tID:([^\t\n]*)', text)
            run_sha256 = b'' if flags & 2 else h.take(32)
            assert root_id == self.id and (flags & 2 or all(not beg and not end for _, beg, end in ranges[1:]))
        if self.masking == SYNTH and flags & 3:
            key = key_of_geometry or geometry_key(mask_key)
            self.geometry = Geometry(key, self.names, blur, draws, libraries) if blur or draws else None
            self.deal = functools.partial(places, key=key, names=self.names, group_of=lambda r: find_text(r, 'RG')) if qual in (1, 2) else None
        if self.masked is not None:
            assert sha256(b''.join(re.findall(rb'(?m)^@RG[^\n]*\n', self.header_text))) == read_groups, 'other @RG lines'
        assert self.masking in (PERMUTE, SYNTH) and flags < 4 and reserved == 0 and not h.left()
    def read_index(self, x, offset, end):
        def place(other):
            contig, pos = other[0] + x.zigzag(), x.zigzag()
            pos += other[1] if contig == other[0] else 0
            assert 0 <= contig < 1 << 31 and pos >= -1
            return contig, pos
        assert x.get('B') == self.is_root
        n_masked, n_whole, n_sites, digest = x.varint(), x.varint(), x.varint(), x.take(32)
        original, last, total, checks = x.take(32 * self.is_root), (0, 0), b'', b''
        self.shown, at, n_listed = [], 0, 0
        for i in range(x.varint()):
            first, a = place(last), x.varint()
            last, b = place(first), x.varint()
            low, high, n, size, sealed, masked = place(first), place(last), x.varint(), x.varint(), x.take(32), x.take(32)
            w = Bytes(self.unseal(2, i, offset, size, struct.pack('<IIqQIqQ', n, *first, a, *last, b)))
            assert sha256(self.data[offset:offset + size]) == sealed
            check = w.take(8)
            total, checks, offset = total + struct.pack('<I', n) + masked, checks + check, offset + size
            table = [(w.get('I'), w.varint(), w.varint()) for _ in range(w.varint())]
            streams = {k: w.frame(frame_size, size) for k, size, frame_size in table}
            assert [(k, s.left()) for k, s in sorted(streams.items())] == [t[:2] for t in table] and not w.left()
            window = Window(streams, self.masking, len(self.names))
            n_masked, n_listed = n_masked - n, n_listed + len(window.sites)
            if self.masked is None:
                n_whole -= self.print_window(i + 1, low, high, n, window)
            else:
                at = at if self.is_root else self.seek(first, a)
                n_whole -= self.restore_window(window, self.masked[at:at + n], check, a)
                at += n
        assert offset == end and not x.left() and not n_whole
        assert n_listed == n_sites or (self.is_root and self.masking == PERMUTE and n_sites <= n_listed)
        assert not self.is_root or (not n_masked and digest == sha256(total) and original == sha256(checks))
    def seek(self, place, ordinal):
        same = [i for i, m in enumerate(self.masked) if (m.tid if m.tid >= 0 else len(self.names), m.pos) == place]
        return same[ordinal] if same else 0
    def restore_window(self, window, masked, check, ordinal):
        shown = Restorer(window, masked, self.groups, self.geometry, self.deal and self.deal(masked, ordinal)).all(len(self.names))
        data = b''.join(everything(self.as_shared(r)) for r, grade, _ in shown if grade)
        assert xxhash.xxh3_64_digest(data) == check, 'other records than its check says'
        self.shown += shown
        assert not (window.n_loose and self.is_root)
        return len(shown) - len(masked) - window.n_loose
    def as_shared(self, r):
        """The record with the pseudonym of its read group, where the header knows that."""
        kind, value = find(r, 'RG')
        if kind == 'Z' and value[:-1] in self.groups:
            at = sum(3 + len(v) for _, _, v in itertools.takewhile(lambda t: t[0] != 'RG', tags(r.aux)))
            r = copy.copy(r)
            r.aux = r.aux[:at] + b'RGZrg%d\0' % (self.groups.index(value[:-1]) + 1) + r.aux[at + 3 + len(value):]
        return r
    def compare(self, original):
        """The order of the original: by contig, position and ordinal."""
        self.shown.sort(key=lambda s: (s[0].tid if s[0].tid >= 0 else 1 << 31, s[0].pos, s[2]))
        assert len(original) == len(self.shown)
        for i, (r, o) in enumerate(zip(self.shown, original)):
            assert everything(r[0]) == everything(without_cg(o)), 'record %d, %s, is another' % (i, o.name)
    def place(self, contig, text):
        return self.names[contig] + text if 0 <= contig < len(self.names) else '*'
    def print_window(self, number, low, high, n, w):
        end = str(high[1]) if low[0] == high[0] else self.place(high[0], ':%d' % high[1])
        show('W', number, self.place(low[0], ':%d-%s' % (low[1] + 1, end)), n)
        for (contig, pos), value in w.sites.items():
            what = ('P', 'ACGT>' + images(value)) if w.masking == PERMUTE else ('S', BASES[value])
            show(what[0], self.names[contig], pos + 1, what[1])
        for (contig, pos), value in w.variants.items():
            show('V', self.names[contig], pos + 1, BASES[value & 15], 'some' if value & 16 else 'all')
        if w.n_quality is not None:
            show('N', w.n_quality)
        places = list(w.places(n))
        for i in range(n + 1):
            for _ in range(places.count(i)):
                self.print_whole(i, w.item('whole'))
            item = w.item('masked') if i < n else None
            if item and item.grade:
                show('R', i + 1, '.' if item.cigar is None else cigar_text(item.cigar) or '*',
                     item.hidden or '.', self.patches(item) or '.', self.fields(item) or '.', *self.tags(item))
        for _ in range(w.n_loose):
            i = w.item('loose')
            show('L', i.flag, self.names[i.tid], i.pos + 1, i.mapq, cigar_text(i.cigar) or '*', self.stored_seq(i),
                 self.qual(i.qual), *self.tags(i))
        flags, ranks = w.flags(), w.ranks()
        if flags:
            show('F', flags)
        if ranks:
            show('M', *ranks)
        if tails := w.s[43].read():
            show('Q', self.qual(tails))
        w.end()
        assert not (w.n_loose and self.is_root)
        return len(places)
    @staticmethod
    def patches(item):
        return ','.join('%d:%s' % patch for patch in item.patches)
    @staticmethod
    def qual(qual):
        return ''.join(chr(q + 33) if q < 94 else '?' for q in qual) or '*'
    def fields(self, item):
        shape = item.shape
        return ','.join(text for bit, text in (
            (POS, 'POS%+d' % item.pos_step), (PROPER, 'FLAG^2'), (FLAG, 'FLAG=%d' % item.flag), (MAPQ, 'MAPQ=%s' % item.mapq),
            (MATE, 'MATE%+d%+d%+d' % tuple(item.mate)), (PAIR, 'PAIR'), (NAME, 'QNAME=%s' % item.name),
            (item.place and FULL, 'QUAL@%+d' % item.place), (QUAL, 'QUAL=' + self.qual(item.qual or b''))) if shape & bit)
    @staticmethod
    def tags(item):
        if isinstance(item.tags, bytes):
            return ['(raw):' + item.tags.hex()]
        words = {'k': '(masked)', 'p': '(predicted)', 'm': '(read group)', 'q': '(masked QUAL)'}
        return [name + ':' + (Bytes(value).value(kind) if source == 's' else ('i' if kind in INTEGERS else kind) + ':' + words[source])
                for name, kind, source, value in item.tags]
    def stored_seq(self, i):
        left = i.length - len(i.hidden)
        return ';'.join(filter(None, ['(%d predicted)' % left if left > 0 else '', i.hidden, self.patches(i)])) or '*'
    def print_whole(self, place, i):
        mate = i.tid + i.mate[0]
        assert -1 <= mate < len(self.names) and i.tid < len(self.names)
        show('H', place, i.name, i.flag, self.place(i.tid, ''), i.pos + 1, i.mapq, cigar_text(i.cigar) or '*',
             self.place(mate, ''), i.pos + i.mate[1] + 1, i.mate[2], self.stored_seq(i), self.qual(i.qual or b''), *self.tags(i))

options, (path, *more) = getopt.getopt(sys.argv[1:], 'k:V:', ['restore='])
masked = dict(options).get('--restore')
pem = {letter: open(name, 'rb').read() for letter, name in options if letter != '--restore'}
content = open(path, 'rb').read()
try:
    if '-k' in pem:
        Bdiff(content, load_private(pem['-k']), '-V' in pem and load_public(pem['-V']),
              masked and read_bam(masked), read_bam(more[0])[2] if more else None)
    else:
        print_vac(content)
except (AssertionError, IndexError, KeyError, ValueError, struct.error, zstandard.ZstdError, InvalidSignature, InvalidTag) as e:
    sys.exit('read_bdiff.py: %s is refused: %s %s' % (path, type(e).__name__, e))
