"""How masking moved records, written from formats/bdiff.md §4.4 alone."""
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from deal import hkdf
from siphash import siphash128


def normal(words, sd):
    """The normal number of 16 bytes."""
    z = sum((half >> 10 * k & 1023) for half in words for k in range(6)) - 6138
    n = abs(max(-4096, min(4096, z))) * sd
    return (n + 512) // 1024 * (1 if z > 0 else -1)


class Geometry:
    """How masking moved records (bdiff.md §4.4)."""
    def __init__(self, key, names, sd, draws, libraries):
        self.key, self.names, self.sd, self.draws, self.libraries = key, names, sd, draws, libraries
        self.ciphers, self.shifts, self.tiles = {}, {}, {}
    def median(self, group):
        """That of a read group by its number, None without one."""
        n = group - 1 if group else -1
        return self.libraries[n if n < len(self.libraries) - 1 else -1][0]
    def shifts_of(self, tid, strand, tile):
        """The shifts of 1,024 places."""
        if (tid, strand, tile) not in self.shifts:
            if tid not in self.ciphers:
                key = hkdf(self.key, b'varlock draw shifts' + self.names[tid].encode('latin-1'))
                self.ciphers[tid] = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
            blocks = b''.join(struct.pack('<qB7x', tile * 1024 + k, strand) for k in range(1024))
            self.shifts[tid, strand, tile] = [
                normal(words, self.sd) for words in struct.iter_unpack('<QQ', self.ciphers[tid].update(blocks))]
        return self.shifts[tid, strand, tile]
    def insert(self, group, name, least, most):
        """The insert size of a pair with that name, of a read group by its number, 0 without one."""
        median, sd = self.libraries[group - 1 if 0 < group < len(self.libraries) else -1]
        key = hkdf(self.key, b'varlock draw inserts')[:16]
        for attempt in range(64):
            n = median + normal(siphash128(key, struct.pack('<IB', group, attempt) + name.encode('latin-1')), sd)
            if least <= n <= most:
                return n
        return least
    def places(self, tid, strand, shown):
        """The places that move onto the shown one."""
        tile, reach = shown >> 10, 4 * self.sd
        if (tid, strand, tile) not in self.tiles:
            found = self.tiles[tid, strand, tile] = {}
            for t in range((tile * 1024 - reach) >> 10, ((tile + 1) * 1024 + reach >> 10) + 1):
                for k, shift in enumerate(self.shifts_of(tid, strand, t)):
                    found.setdefault(t * 1024 + k + shift, []).append(t * 1024 + k)
        return self.tiles[tid, strand, tile].get(shown, [])
