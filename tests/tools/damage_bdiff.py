#!/usr/bin/env python3
"""damage_bdiff.py [--few | --fewest] BDIFF MASKED KEY [decrypt option...]: cuts BDIFF at every length and
flips bits of every byte (all eight in the first 512 and the last 128 bytes, one elsewhere, and everywhere
with --few; --fewest does so at every 29th place only); varlock decrypt must refuse each with exit 3, one
line, and no output.  Works in the current directory."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

few = sys.argv[1] in ("--few", "--fewest")
step = 29 if sys.argv[1] == "--fewest" else 1
path, masked, key, *options = sys.argv[1 + few:]
good = open(path, "rb").read()


def refused(job):
    name, data = job
    damaged, out = "damaged.%s.bdiff" % name, "out.%s.bam" % name
    with open(damaged, "wb") as f:
        f.write(data)
    before = set(os.listdir("."))
    command = ["varlock", "decrypt", "-q", "-k", key, "-d", damaged, "-o", out, *options, masked]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    left = [f for f in set(os.listdir(".")) - before if name + "." in f]
    os.unlink(damaged)
    if done.returncode != 3 or done.stderr.count("\n") != 1 or left:
        return "%s: exit %d, files %s, %s" % (name, done.returncode, left, done.stderr.strip())
    return None


def jobs():
    for n in range(0, len(good), step):
        yield "cut%d" % n, good[:n]
        everywhere = not few and (n < 512 or n >= len(good) - 128)
        for bit in range(8) if everywhere else [n % 8]:
            yield "byte%dbit%d" % (n, bit), good[:n] + bytes([good[n] ^ 1 << bit]) + good[n + 1:]
    yield "longer", good + b"\0"


with ThreadPoolExecutor(2) as pool:
    results = list(pool.map(refused, jobs()))
bad = [r for r in results if r]
print("\n".join(bad[:20]), "%d damaged files, %d not refused" % (len(results), len(bad)), sep="\n")
sys.exit(bool(bad))
