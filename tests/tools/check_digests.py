#!/usr/bin/env python3
"""Computes the digests of formats/bdiff.md §5.2, §6.3 and §6.4 from the document alone.

    check_digests.py VIEW MASKED.bam ORIGINAL.bam

VIEW is what `varlock view` prints of the owner's BDIFF, with --header and without, one behind the
other.  Exits 1 where the masked file or the original is not what the BDIFF says.
"""
import hashlib
import struct
import sys

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


def front(r):
    cigar = [n << 4 | bamfile.OPS.index(op) for n, op in r.cigar]
    codes = [bamfile.BASES.index(c) for c in r.seq] + [0] * (len(r.seq) & 1)
    seq = bytes(a << 4 | b for a, b in zip(codes[::2], codes[1::2]))
    qual = b"\xff" * len(r.seq) if r.qual is None else r.qual
    return (struct.pack("<iqHBiqqII", r.tid, r.pos, r.flag, r.mapq, r.mtid, r.mpos, r.tlen,
                        len(cigar), len(r.seq)) + string(r.name) +
            struct.pack("<%dI" % len(cigar), *cigar) + seq + qual)


def canonical(r):
    shown = sorted((t for t in tags(r.aux) if t[0] not in (b"MD", b"NM")), key=lambda t: t[0])
    out = front(r) + struct.pack("<I", len(shown))
    for name, kind, value in shown:
        if kind in CODES:
            kind, value = "i", struct.pack("<q", struct.unpack("<" + CODES[kind], value)[0])
        out += name + kind.encode() + value
    return out


def sha256(data):
    return hashlib.sha256(data).digest()


def main():
    view, masked_path, original_path = sys.argv[1:]
    lines = [line.rstrip("\n").split("\t") for line in open(view, encoding="latin-1")]
    said = {line[0]: line[1] for line in lines}
    windows = []  # [masked records, whole records]
    for line in lines:
        if line[0] == "W":
            windows.append([int(line[3]), 0])
        elif line[0] == "H":
            windows[-1][1] += 1
    _, contigs, masked = bamfile.read(masked_path)
    _, _, original = bamfile.read(original_path)
    table = varint(len(contigs)) + b"".join(string(name) + varint(n) for name, n in contigs)
    total = checks = b""
    for n, n_whole in windows:
        count = struct.pack("<I", n)
        total += count + sha256(sha256(table) + count + b"".join(map(canonical, masked[:n])))
        shown = original[:n + n_whole]
        checks += sha256(b"".join(front(r) + struct.pack("<I", len(r.aux)) + r.aux
                                  for r in shown))[:8]
        masked, original = masked[n:], original[n + n_whole:]
    good = (not masked and not original and sha256(total).hex() == said["masked_sha256"] and
            sha256(checks).hex() == said["original_checksum"])
    sys.exit(0 if good else "%s: not what %s says" % (" or ".join(sys.argv[2:]), view))


main()
