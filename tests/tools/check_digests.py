#!/usr/bin/env python3
"""Computes the digests of formats/bdiff.md §5.2, §6.3 and §6.4 from the document alone.

    check_digests.py VIEW MASKED.bam ORIGINAL.bam

VIEW is what `varlock view` prints of the owner's BDIFF, with --header and without, one behind the
other.  Under synth the records of a window are found in the original by name, flag and contig, so
names must be kept, and whole records by their position too.  Exits 1 where the masked file or the
original is not what the BDIFF says.
"""
import hashlib
import re
import struct
import sys

import xxhash

import bamfile

SIZES = dict(A=1, c=1, C=1, s=2, S=2, i=4, I=4, f=4, d=8)
CODES = dict(c="b", C="B", s="h", S="H", i="i", I="I")


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def string(text):
    return varint(len(text)) + text.encode("latin-1")


def tags(aux):
    while aux:
        kind = chr(aux[2])
        if kind in "ZH":
            end = aux.index(0, 3) + 1
        elif kind == "B":
            end = 8 + struct.unpack_from("<I", aux, 4)[0] * SIZES[chr(aux[3])]
        else:
            end = 3 + SIZES[kind]
        yield aux[:2], kind, aux[3:end]
        aux = aux[end:]


def lasting(r):
    """What CRAM is sure to keep of flag and template length."""
    if r.flag & 9 != 1 or not 0 <= r.tid == r.mtid:
        return r.flag, r.tlen
    tlen = abs(r.tlen) * (-1 if r.flag & 16 else 1) if r.mpos == r.pos else r.tlen
    return r.flag | (32 if r.mpos >= r.pos else 0), tlen


def front(r, flag, tlen):
    cigar = [n << 4 | bamfile.OPS.index(op) for n, op in r.cigar]
    codes = [bamfile.BASES.index(c) for c in r.seq] + [0] * (len(r.seq) & 1)
    seq = bytes(a << 4 | b for a, b in zip(codes[::2], codes[1::2]))
    qual = b"\xff" * len(r.seq) if r.qual is None else r.qual
    return (struct.pack("<iqHBiqqII", r.tid, r.pos, flag, r.mapq, r.mtid, r.mpos, tlen,
                        len(cigar), len(r.seq)) + string(r.name) +
            struct.pack("<%dI" % len(cigar), *cigar) + seq + qual)


def canonical(r):
    shown = sorted((t for t in tags(r.aux) if t[0] not in (b"MD", b"NM")), key=lambda t: t[0])
    out = front(r, *lasting(r)) + struct.pack("<I", len(shown))
    for name, kind, value in shown:
        if kind in CODES:
            kind, value = "i", struct.pack("<q", struct.unpack("<" + CODES[kind], value)[0])
        out += name + kind.encode() + value
    return out


def sha256(data):
    return hashlib.sha256(data).digest()


PROPER = 2


class Original:
    """The records of the original, taken one by one in the order of the windows' places."""

    def __init__(self, records, contigs, is_synth):
        self.records, self.names, self.is_synth = records, [name for name, _ in contigs], is_synth
        self.by_key, self.n_taken = {}, 0
        for r in records if is_synth else []:
            self.by_key.setdefault((r.name, r.flag & ~PROPER, r.tid), []).append(r)

    def take_whole(self, line):
        if not self.is_synth:
            return self.take_first()
        tid = self.names.index(line[4]) if line[4] in self.names else -1
        same = self.by_key[line[2], int(line[3]) & ~PROPER, tid]
        r = next(r for r in same if r.pos == int(line[5]) - 1 and r.flag == int(line[3]))
        same.remove(r)
        return r

    def take_masked(self, m):
        if not self.is_synth:
            return self.take_first()
        return self.by_key[m.name, m.flag & ~PROPER, m.tid].pop(0)

    def take_first(self):
        self.n_taken += 1
        return self.records[self.n_taken - 1]

    def left(self):
        return any(self.by_key.values()) if self.is_synth else self.n_taken < len(self.records)


def as_shared(aux, groups):
    """The tags with the pseudonym of the read group, where the header knows that."""
    out, seen = b"", False
    for name, kind, value in tags(aux):
        if name == b"RG" and not seen and kind == "Z" and value[:-1] in groups:
            value = b"rg%d\0" % (groups.index(value[:-1]) + 1)
        seen |= name == b"RG"
        out += name + kind.encode() + value
    return out


def check(shown, groups):
    """XXH3-64 of the records, in its canonical form: the digest's big-endian bytes."""
    aux = [as_shared(r.aux, groups) for r in shown]
    return xxhash.xxh3_64_digest(b"".join(front(r, r.flag, r.tlen) + struct.pack("<I", len(a)) + a
                                          for r, a in zip(shown, aux)))


def main():
    view, masked_path, original_path = sys.argv[1:]
    lines = [line.rstrip("\n").split("\t") for line in open(view, encoding="latin-1")]
    said = {line[0]: line[1] for line in lines}
    windows = []  # [masked records, lines of whole records]
    for line in lines:
        if line[0] == "W":
            windows.append([int(line[3]), []])
        elif line[0] == "H":
            windows[-1][1].append(line)
    _, contigs, masked = bamfile.read(masked_path)
    text, _, records = bamfile.read(original_path)
    groups = re.findall(rb"^@RG(?:\t.*?)??\tID:([^\t\n]*)", text, re.M)
    original = Original(records, contigs, said["masking"] == "synth")
    table = varint(len(contigs)) + b"".join(string(name) + varint(n) for name, n in contigs)
    total = checks = b""
    good, at = True, 0
    for n, whole in windows:
        count, here = struct.pack("<I", n), masked[at:at + n]
        total += count + sha256(sha256(table) + count + b"".join(map(canonical, here)))
        shown = []
        try:
            for i, m in enumerate(here + [None]):
                shown += [original.take_whole(line) for line in whole if int(line[1]) == i]
                shown += [original.take_masked(m)] if m else []
            checks += check(shown, groups)
        except (AttributeError, IndexError, KeyError, StopIteration):
            good = False
        at += n
    good = (good and at == len(masked) and not original.left() and
            sha256(total).hex() == said["masked_sha256"] and
            sha256(checks).hex() == said["original_checksum"])
    sys.exit(0 if good else "%s: not what %s says" % (" or ".join(sys.argv[2:]), view))


main()
