"""The dealing of qualities, written from formats/bdiff.md §5.11 alone: which record shows whose string."""
import re
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(key, info):
    return HKDF(hashes.SHA256(), 32, None, info).derive(key)


def geometry_key(mask_key):
    return hkdf(mask_key, b"varlock geometry")


def blocks(records):
    """(number of the first record, number behind the last one) of each block."""
    first = n_bases = 0
    for i, r in enumerate(records):
        if i > first:
            before, n = records[i - 1], i - first
            if before.tid != r.tid or n >= 32768 or n_bases >= 1 << 22 or \
                    (before.pos >> 14 != r.pos >> 14 and n >= 1024):
                yield first, i
                first, n_bases = i, 0
        n_bases += len(r.seq)
    if records:
        yield first, len(records)


def number_of(text):
    """That of a read group's pseudonym; None where the tag RG is no such text."""
    found = re.fullmatch("rg([1-9][0-9]*)", text or "", re.ASCII)
    return int(found[1]) if found and int(found[1]) < 1 << 31 else None


def deals(records, members):
    """Does the group deal?"""
    starts = {}
    for i in members:
        start = records[i].pos if records[i].tid >= 0 else (i,)
        starts[start] = starts.get(start, 0) + 1
    return len(members) >= 32 and len(starts) >= 32 and 8 * max(starts.values()) < len(members)


def split(records, members, likeness):
    """The groups that deal, and the records of the others."""
    groups, rest = {}, []
    for i in members:
        groups.setdefault(likeness(records[i]), []).append(i)
    for group in list(groups):
        if not deals(records, groups[group]):
            rest += groups.pop(group)
    return list(groups.values()), sorted(rest)


def deal(records, ordinal, key, names, group_of):
    """For each masked record of a window, before whose first one `ordinal` others have its place, the
    number of the record whose string it shows; None if it shows 30 throughout.  group_of(r) is the text
    of the record's tag RG."""
    sources, keys = list(range(len(records))), {}
    for first, end in blocks(records):
        members = [i for i in range(first, end) if records[i].seq and records[i].qual is not None]
        alike, rest = split(records, members, lambda r: (number_of(group_of(r)), r.flag & 0xD4, len(r.seq)))
        others, flat = split(records, rest, lambda r: (number_of(group_of(r)), r.flag & 0xD4))
        for i in flat:
            sources[i] = None
        if not alike and not others:
            continue
        r = records[first]
        same = first
        while same > 0 and (records[same - 1].tid, records[same - 1].pos) == (r.tid, r.pos):
            same -= 1
        before = first - same + (ordinal if same == 0 else 0)
        name = names[r.tid].encode("latin-1") if r.tid >= 0 else b"*"
        if name not in keys:
            keys[name] = Cipher(algorithms.AES(hkdf(key, b"varlock draw deals" + name)), modes.ECB())
        place = struct.pack("<qQ", r.pos if r.tid >= 0 else -1, before)[:14]
        text = b"".join(place + struct.pack("<H", i) for i in range(end - first))
        draws = keys[name].encryptor().update(text)
        for group in alike + others:
            dealt = group[:]
            for k in range(len(group) - 1, 0, -1):
                d, = struct.unpack_from("<Q", draws, 16 * (group[k] - first))
                other = d * (k + 1) >> 64
                dealt[k], dealt[other] = dealt[other], dealt[k]
            for own, source in zip(group, dealt):
                sources[own] = source
    return sources


def places(records, ordinal, key, names, group_of):
    """The inverse: the number of the record that shows its string."""
    found = list(range(len(records)))
    for i, source in enumerate(deal(records, ordinal, key, names, group_of)):
        if source is not None:
            found[source] = i
    return found


def fit(qual, reverse, n):
    """The string as a record of n bases shows it."""
    if reverse:
        return qual[:1] * (n - len(qual)) + qual[max(0, len(qual) - n):]
    return qual[:n] + qual[-1:] * (n - len(qual))


def unfit(shown, tail, reverse, n):
    """The string of n values that is shown, with its tail."""
    kept = n - len(tail)
    return tail + shown[len(shown) - kept:] if reverse else shown[:kept] + tail
