"""BAM files (SAM specification §4) read and written without htslib, so that tests can make and
change records that no SAM text expresses: integer types, text padding, broken order."""
import gzip
import struct
import zlib

OPS = "MIDNSHP=XB"
BASES = "=ACMGRSVTWYHKDBN"
BLOCK = 0xFF00
END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
CONSUMES_QUERY = "MIS=X"
CONSUMES_REFERENCE = "MDN=X"


class Record:
    """One record; `cigar` is a list of (length, letter), `qual` None stands for `*`, `aux` is
    the tags' bytes."""

    def __init__(self, **fields):
        self.name = "r"
        self.flag = self.mapq = self.tlen = 0
        self.tid = self.pos = self.mtid = self.mpos = -1
        self.cigar = []
        self.seq = ""
        self.qual = None
        self.aux = b""
        self.__dict__.update(fields)

    def span(self):
        return sum(n for n, op in self.cigar if op in CONSUMES_REFERENCE)

    def end(self):
        return self.pos + ((0 if self.flag & 4 else self.span()) or 1)

    def pack(self):
        cigar = [n << 4 | OPS.index(op) for n, op in self.cigar]
        aux = self.aux
        if len(cigar) > 0xFFFF:
            aux += b"CGBI" + struct.pack("<I%dI" % len(cigar), len(cigar), *cigar)
            cigar = [len(self.seq) << 4 | 4, self.span() << 4 | 3]
        name = self.name.encode("latin-1") + b"\0"
        codes = [BASES.index(c) for c in self.seq] + [0] * (len(self.seq) & 1)
        seq = bytes(a << 4 | b for a, b in zip(codes[::2], codes[1::2]))
        qual = b"\xff" * len(self.seq) if self.qual is None else self.qual
        body = struct.pack("<iiBBHHHiiii", self.tid, self.pos, len(name), self.mapq,
                           bin_of(self.pos, self.end()), len(cigar), self.flag, len(self.seq),
                           self.mtid, self.mpos, self.tlen)
        body += name + struct.pack("<%dI" % len(cigar), *cigar) + seq + qual + aux
        return struct.pack("<i", len(body)) + body


def bin_of(beg, end):
    if beg < 0:
        return 4680
    if end > 1 << 29:
        return 0
    for level, shift in enumerate((14, 17, 20, 23, 26)):
        if beg >> shift == (end - 1) >> shift:
            return ((1 << 3 * (5 - level)) - 1) // 7 + (beg >> shift)
    return 0


def unpack(body):
    (tid, pos, l_name, mapq, _, n_cigar, flag, l_seq, mtid, mpos, tlen) = struct.unpack_from(
        "<iiBBHHHiiii", body)
    at = 32
    name = body[at:at + l_name - 1].decode("latin-1")
    at += l_name
    cigar = [(c >> 4, OPS[c & 15]) for c in struct.unpack_from("<%dI" % n_cigar, body, at)]
    at += 4 * n_cigar
    packed = body[at:at + (l_seq + 1) // 2]
    seq = "".join(BASES[b >> 4] + BASES[b & 15] for b in packed)[:l_seq]
    at += len(packed)
    qual = body[at:at + l_seq]
    return Record(name=name, flag=flag, mapq=mapq, tlen=tlen, tid=tid, pos=pos, mtid=mtid,
                  mpos=mpos, cigar=cigar, seq=seq, aux=body[at + l_seq:],
                  qual=None if l_seq and qual[0] == 0xFF else qual)


def read(path):
    """(header text, [(contig, length)], [Record])"""
    data = gzip.open(path).read()
    assert data[:4] == b"BAM\1", path
    n_text, = struct.unpack_from("<i", data, 4)
    text = data[8:8 + n_text]
    at = 8 + n_text
    n_contigs, = struct.unpack_from("<i", data, at)
    at += 4
    contigs, records = [], []
    for _ in range(n_contigs):
        n, = struct.unpack_from("<i", data, at)
        name = data[at + 4:at + 3 + n].decode()
        contigs.append((name, struct.unpack_from("<i", data, at + 4 + n)[0]))
        at += 8 + n
    while at < len(data):
        n, = struct.unpack_from("<i", data, at)
        records.append(unpack(data[at + 4:at + 4 + n]))
        at += 4 + n
    return text, contigs, records


def bgzf(data, level=1):
    out = []
    for at in range(0, len(data), BLOCK):
        block = data[at:at + BLOCK]
        deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
        packed = deflate.compress(block) + deflate.flush()
        out.append(struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2,
                               len(packed) + 25) + packed +
                   struct.pack("<2I", zlib.crc32(block), len(block)))
    return b"".join(out) + END_BLOCK


def head(text, contigs):
    """What stands before the records."""
    data = [b"BAM\1", struct.pack("<i", len(text)), text, struct.pack("<i", len(contigs))]
    for name, length in contigs:
        data.append(struct.pack("<i", len(name) + 1) + name.encode() + b"\0" +
                    struct.pack("<I", length))
    return b"".join(data)


def write(path, text, contigs, records):
    """`records` are Records, or packed ones as bytes."""
    data = [head(text, contigs)]
    data += [r if isinstance(r, bytes) else r.pack() for r in records]
    with open(path, "wb") as out:
        out.write(bgzf(b"".join(data)))


def header_text(contigs, more=""):
    lines = ["@HD\tVN:1.6\tSO:coordinate"]
    lines += ["@SQ\tSN:%s\tLN:%d" % c for c in contigs]
    return ("\n".join(lines) + "\n" + more).encode()


def tag(name, kind, value):
    """One tag: kind A c C s S i I f d Z H, or B and an element type."""
    head = name.encode() + kind[0].encode()
    if kind in "ZH":
        return head + value.encode() + b"\0"
    if kind == "A":
        return head + value.encode()
    codes = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "f": "f", "d": "d"}
    if kind[0] == "B":
        return head + kind[1].encode() + struct.pack("<I%d%s" % (len(value), codes[kind[1]]),
                                                     len(value), *value)
    return head + struct.pack("<" + codes[kind], value)


def write_fasta(path, contigs, reference, width=70):
    """`reference` has the bases of each contig, in order.  Those of none are left out: no index has
    them (htslib's faidx)."""
    with open(path, "w") as out:
        for (name, _), bases in zip(contigs, reference):
            if bases:
                out.write(">%s\n" % name)
            out.writelines(bases[i:i + width] + "\n" for i in range(0, len(bases), width))
