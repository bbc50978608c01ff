#!/usr/bin/env python3
"""Restores a region of a masked file with libvarlock:

    restore.py masked.bam researcher.bdiff researcher.pem chr7:1,000-2,000 restored.bam
"""

import ctypes
import sys
from ctypes import POINTER, Structure, byref, c_bool, c_char, c_char_p, c_double, c_int, c_size_t
from ctypes import c_uint64, c_void_p, sizeof

# The structs of varlock/varlock.h, field by field.

PASSPHRASE = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p, c_int)
PROGRESS = ctypes.CFUNCTYPE(c_int, c_void_p, c_uint64, c_double)
WARNING = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)


class List(Structure):
    _fields_ = [("v", POINTER(c_char_p)), ("n", c_size_t)]


class Output(Structure):
    _fields_ = [("path", c_char_p), ("format", c_char_p), ("reference", c_char_p), ("write_index", c_bool)]


class Request(Structure):
    _fields_ = [("regions", List), ("beds", List), ("unplaced", c_bool)]


class Hooks(Structure):
    _fields_ = [
        ("passphrase", PASSPHRASE),
        ("passphrase_arg", c_void_p),
        ("progress", PROGRESS),
        ("progress_arg", c_void_p),
        ("warning", WARNING),
        ("warning_arg", c_void_p),
        ("note", WARNING),
        ("note_arg", c_void_p),
    ]


class DecryptOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("masked", c_char_p),
        ("bdiff", c_char_p),
        ("keys", List),
        ("verify", c_char_p),
        ("request", Request),
        ("whole", c_bool),
        ("output", Output),
        ("n_threads", c_int),
        ("hooks", Hooks),
    ]


class DecryptCounts(Structure):
    _fields_ = [(name, c_uint64) for name in ("n_records", "n_restored", "n_loose", "n_masked", "n_windows")]


class Error(Structure):
    _fields_ = [("code", c_int), ("message", c_char * 1024)]


def show_progress(_arg, n, _share):
    sys.stderr.write(f"\r{n} reads")
    return 0  # anything else cancels


def restore(masked, bdiff, key, region, output):
    """Returns the counts; raises RuntimeError with the library's message."""
    library = ctypes.CDLL("libvarlock.so.0")
    keys, regions = (c_char_p * 1)(key.encode()), (c_char_p * 1)(region.encode())
    options = DecryptOptions(
        size=sizeof(DecryptOptions),
        masked=masked.encode(),
        bdiff=bdiff.encode(),
        keys=List(keys, 1),
        request=Request(regions=List(regions, 1)),
        output=Output(path=output.encode(), write_index=True),
        hooks=Hooks(progress=PROGRESS(show_progress)),
    )
    counts, error = DecryptCounts(), Error()
    if library.vl_decrypt(byref(options), byref(counts), byref(error)) < 0:
        raise RuntimeError(error.message.decode())
    return counts


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit("usage: restore.py MASKED BDIFF KEY REGION OUTPUT")
    try:
        restored = restore(*sys.argv[1:])
    except RuntimeError as error:
        sys.exit(f"\nrestore.py: {error}")
    print(f"\r{restored.n_restored} records restored", file=sys.stderr)
