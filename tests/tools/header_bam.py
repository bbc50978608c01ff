#!/usr/bin/env python3
"""BAMs whose headers htslib would repair or refuse, and what headers hold byte for byte.

header_bam.py                  the names
header_bam.py NAME OUT.bam     writes that BAM
header_bam.py show FILE.bam    prints all bytes before the first record, read without htslib
header_bam.py cram IN OUT      puts a NUL for the X of mXre in the header text of a CRAM that is not compressed
"""
import gzip
import struct
import sys
import zlib

import bamfile

CONTIGS = [("c1", 1000), ("c2", 500)]
PLAIN = bamfile.header_text(CONTIGS, "@RG\tID:a\tSM:one\n@RG\tID:b\tSM:two\n@CO\tmore\n")
SQ = b"@SQ\tSN:%s\tLN:%d\n"
NO_BLOCKS = bamfile.bgzf(b"")

TEXTS = {
    "plain": PLAIN,
    "no_text": b"",
    "no_last_newline": PLAIN[:-1],
    "no_last_newline_and_padding": PLAIN[:-1] + bytes(7),
    "padding": PLAIN + bytes(100),
    "much_padding": PLAIN + bytes(3000000),
    "nul_alone": b"\0",
    "nul_in_comment": PLAIN.replace(b"more", b"m\0re"),
    "nul_in_last_line_without_newline": PLAIN[:-1] + b"\0b",
    "line_after_nul": PLAIN.replace(b"@RG\tID:a", b"@CO\ta\0b\n@RG\tID:a"),
    "nul_before_line": PLAIN.replace(b"@RG\tID:b", b"\0@RG\tID:b"),
    "nul_before_newline": PLAIN.replace(b"one\n", b"one\0\n"),
    "rubbish_after_nul": PLAIN + b"\0@no line\nno line\n\n\0\xff",
    "carriage_returns": PLAIN.replace(b"more\n", b"more\r\n"),
    "not_utf8": PLAIN.replace(b"more", b"m\xf6re\x01"),
    "sq_of_other_length": PLAIN.replace(b"LN:500", b"LN:501"),
    "sq_of_other_name": PLAIN.replace(b"SN:c2", b"SN:d2"),
    "sq_that_lacks": PLAIN.replace(SQ % (b"c2", 500), b""),
    "sq_in_other_order": PLAIN.replace(SQ % (b"c1", 1000), b"").replace(
        b"@RG\tID:a", SQ % (b"c1", 1000) + b"@RG\tID:a"),
}


def number(n):
    return struct.pack("<i", n)


def cut(n):
    return bamfile.head(PLAIN, CONTIGS)[:n]


# Bytes that are no header.
HEADS = {
    "negative_size": b"BAM\1" + number(-1) + PLAIN,
    "size_beyond_file": b"BAM\1" + number(2**31 - 1) + PLAIN,
    "cut_size": cut(6),
    "cut_text": cut(20),
    "cut_number_of_contigs": cut(8 + len(PLAIN) + 2),
    "cut_name": cut(8 + len(PLAIN) + 9),
    "cut_length": cut(8 + len(PLAIN) + 13),
    "negative_contigs": b"BAM\1" + number(0) + number(-5),
    "contigs_beyond_file": b"BAM\1" + number(0) + number(2**31 - 1),
    "no_name": b"BAM\1" + number(0) + number(1) + number(0) + number(9),
    "negative_name": b"BAM\1" + number(0) + number(1) + number(-9) + b"c\0" + number(9),
    "name_beyond_file": b"BAM\1" + number(0) + number(1) + number(2**31 - 1) + b"c\0",
    "same_name_twice": b"BAM\1" + number(0) + number(2) + 2 * (number(2) + b"c\0" + number(9)),
    "bad_line": bamfile.head(PLAIN.replace(b"@CO\tmore", b"@CO\ta\0b\n@RG\tSM:x"), CONTIGS),
}


def write(name, path):
    if name in HEADS:
        with open(path, "wb") as out:
            out.write(bamfile.bgzf(HEADS[name]))
        return
    records = [bamfile.Record(name="r%d" % i, tid=i // 5, pos=10 * i, cigar=[(10, "M")], mapq=60,
                              seq="ACGTACGTAC", qual=b"\x14" * 10,
                              aux=bamfile.tag("RG", "Z", "ab"[i % 2])) for i in range(10)]
    bamfile.write(path, TEXTS[name], CONTIGS, records)


def show(path):
    data = gzip.open(path).read()
    at = 8 + struct.unpack_from("<I", data, 4)[0]
    n_contigs, = struct.unpack_from("<I", data, at)
    at += 4
    for _ in range(n_contigs):
        at += 8 + struct.unpack_from("<I", data, at)[0]
    sys.stdout.buffer.write(data[:at])


def change_cram(path, out):
    """CRAM 3: a block ends with the CRC32 of all its bytes, so that is how its start is found."""
    data = bytearray(open(path, "rb").read())
    text = data.index(b"@HD")
    end = text + struct.unpack_from("<i", data, text - 4)[0]
    crc = struct.unpack_from("<I", data, end)[0]
    beg = next(i for i in range(text - 40, text) if zlib.crc32(data[i:end]) == crc)
    data[data.index(b"mXre", text) + 1] = 0  # an X may also stand in the UR of a contig
    struct.pack_into("<I", data, end, zlib.crc32(data[beg:end]))
    open(out, "wb").write(data)
    sys.stdout.buffer.write(data[text:end])


if len(sys.argv) < 2:
    print(" ".join(TEXTS))
elif sys.argv[1] == "show":
    show(sys.argv[2])
elif sys.argv[1] == "cram":
    change_cram(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "refused":
    print(" ".join(HEADS))
else:
    write(sys.argv[1], sys.argv[2])
