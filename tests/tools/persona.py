#!/usr/bin/env python3
"""persona.py KEY VAC.txt REF.fa SM CONTIG [BEG END] [--haploid]: the bases of a synthetic person.

The two haplotypes that the synth masking draws for sample SM under the masking key (a file of 32
bytes), from what `varlock view pop.vac` printed.  Prints CONTIG, POS, REF and the bases of
haplotype 0 and 1 wherever one of them is not the reference's; positions are 1-based, BEG and END
included."""
import gzip
import hashlib
import hmac
import os
import re
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

DRAW_SYNTH = b"varlock draw synth"
SAMPLE = b"varlock sample"
NO_IUPAC = re.compile("[^ACGTMRSVWYHKDBN]")
ALL = 1 << 62  # beyond every position


def hkdf(secret, info):
    """RFC 5869 with SHA-256, no salt, 32 bytes out."""
    pseudorandom = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(pseudorandom, info + b"\1", hashlib.sha256)


def read_key(path):
    with open(path, "rb") as source:
        key = source.read()
    if len(key) != 32:
        sys.exit("%s: %d bytes, not 32" % (path, len(key)))
    return key


def read_fasta(path):
    """{contig: bases in upper case}; what no letter of a BAM stands for is N."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as source:
        pieces = source.read().split(">")[1:]
    contigs = {}
    for piece in pieces:
        head, _, lines = piece.partition("\n")
        contigs[head.split()[0]] = NO_IUPAC.sub("N", "".join(lines.split()).upper())
    return contigs


def read_sites(path, only=None):
    """{contig: [(pos0, counts of A, C, G, T)]} of all contigs or one."""
    sites = {}
    with open(path) as source:
        for line in source:
            if line[0] == "#" or only is not None and not line.startswith(only + "\t"):
                continue
            contig, pos1, _, *counts = line.split("\t")
            sites.setdefault(contig, []).append((int(pos1) - 1, tuple(map(int, counts))))
    return sites


def read_haploid(text):
    """{contig: [(beg, end)]} of a list as chrM,X:1000-2000."""
    stretches = {}
    for item in filter(None, text.split(",")):
        contig, beg, end = re.fullmatch(r"(.*?)(?::(\d+)-(\d+))?", item).groups()
        stretches.setdefault(contig, []).append((int(beg) - 1 if beg else 0, int(end or ALL)))
    return stretches


def tickets(key, places):
    """For each (pos0, haplotype) 64 random bits."""
    blocks = b"".join(struct.pack("<QQ", *place) for place in places)
    aes = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return struct.unpack("<%dQ" % (len(blocks) // 8), aes.update(blocks))[::2]


def allele(ticket, counts, reference):
    at = ticket * sum(counts) >> 64
    for base, count in zip("ACGT", counts):
        if at < count:
            return base
        at -= count
    return reference


def draw(key, sm, contig, sites, bases, haploid=()):
    """[(pos0, base of haplotype 0, of haplotype 1)] for the sites; sm as bytes, bases the contig's."""
    sample_key = hkdf(key, SAMPLE + struct.pack("<I", len(sm)) + sm)
    contig_key = hkdf(sample_key, DRAW_SYNTH + contig.encode())
    sites = [s for s in sites if s[0] < len(bases) and bases[s[0]] in "ACGT"]
    second = [0 if any(b <= pos < e for b, e in haploid) else 1 for pos, _ in sites]
    drawn = tickets(contig_key, [(pos, 0) for pos, _ in sites] +
                    [(pos, h) for (pos, _), h in zip(sites, second)])
    return [(pos, allele(drawn[i], counts, bases[pos]),
             allele(drawn[len(sites) + i], counts, bases[pos]))
            for i, (pos, counts) in enumerate(sites)]


def main(arguments):
    haploid = [(0, ALL)] if "--haploid" in arguments else []
    arguments = [a for a in arguments if a != "--haploid"]
    if len(arguments) not in (5, 7):
        sys.exit(__doc__)
    key, vac, fasta, sm, contig = arguments[:5]
    beg, end = map(int, arguments[5:] or (1, ALL))
    bases = read_fasta(fasta)[contig]
    sites = [s for s in read_sites(vac, contig).get(contig, []) if beg - 1 <= s[0] < end]
    for pos, *both in draw(read_key(key), os.fsencode(sm), contig, sites, bases, haploid):
        if both != [bases[pos]] * 2:
            print(contig, pos + 1, bases[pos], *both, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1:])
