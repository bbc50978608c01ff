#!/usr/bin/env python3
"""Lets allocations of varlock fail, one in each run (see memory_shim.c): a run either ends with
"out of memory", exit 1 and no output, or did without and gives the right output.  Where the
allocation was one of htslib's, another line with exit 1 does as well.

    inject_memory.py SHIM KEYS STEP     every STEP-th allocation of every command

Run it where me.sec, me.pub, synth.c4gh (of synth.bam), synth.csi.c4gh, synth.bam, synth.bdiff, masked.bam, owner.bdiff, slice.bdiff, pop.vac, person.sam and
reference.fa are."""
import collections
import concurrent.futures
import os
import re
import subprocess
import sys

SHIM, KEYS, STEP = sys.argv[1], sys.argv[2], int(sys.argv[3])
CRASH_IN_HTSLIB = 86
DONE = 0, 4  # an audit that has too little data
OF_HTSLIB = "memory_shim: of htslib\n"
# What the C library ends a process with that has no memory for the thread-local data of a library; here those
# that htslib loads for names with a scheme.
NO_THREAD_DATA = "cannot allocate memory for thread-local data: ABORT"
REFUSAL = re.compile("varlock [a-z0-9 ]+: ([^:]+: )?(out of memory(, or OpenSSL has no .*)?|record .*, or out of memory)\n")


def key(name):
    return os.path.join(KEYS, name + ".pem")


OWNER, PUBLIC = key("owner"), key("owner.pub")
ENCRYPT = ["encrypt", "-q", "-a", "pop.vac", "-p", PUBLIC, "-d", "OUT.bdiff", "-o", "OUT.bam"]
DECRYPT_OUT = ["decrypt", "-q", "-k", OWNER, "-d", "OUT.bdiff", "-o", "-", "-O", "sam", "OUT.bam"]
VIEW_OUT = ["view", "-q", "-k", key("alice"), "OUT.bdiff"]

# name: the command, and what shows what it made (None: OUT.sam or its standard output does)
COMMANDS = {
    "encrypt synth": (ENCRYPT + ["-T", "reference.fa", "--qual", "bin4", "--names", "token", "-s", OWNER,
                                 "--write-index", "person.sam"], DECRYPT_OUT),
    "encrypt permute": (ENCRYPT + ["--mask", "permute", "person.sam"], DECRYPT_OUT),
    "decrypt": (["decrypt", "-q", "-k", OWNER, "-V", PUBLIC, "-d", "synth.bdiff", "-o", "OUT.sam", "synth.bam"],
                None),
    "decrypt -r": (["decrypt", "-q", "-k", key("alice"), "-d", "slice.bdiff", "-r", "z:601-1600", "-o", "OUT.sam",
                    "masked.bam"], None),
    "reencrypt": (["reencrypt", "-q", "-k", OWNER, "-s", OWNER, "-p", key("alice.pub"), "-r", "z:601-1600", "-d",
                   "synth.bdiff", "-o", "OUT.bdiff", "synth.bam"], VIEW_OUT),
    "reencrypt --all": (["reencrypt", "-q", "-k", OWNER, "-p", key("alice.pub"), "--all", "-d", "owner.bdiff", "-o",
                         "OUT.bdiff", "masked.bam"], VIEW_OUT),
    "decrypt -r, encrypted": (["decrypt", "-q", "-k", OWNER, "--c4gh-key", "me.sec", "--c4gh-recipient", "me.pub", "-d",
                               "synth.bdiff", "-r", "z:601-1600", "-o", "OUT.bam", "synth.c4gh"],
                              ["crypt4gh", "decrypt", "-q", "-k", "me.sec", "OUT.bam"]),
    "crypt4gh slice": (["crypt4gh", "slice", "-q", "-k", "me.sec", "-p", "me.pub", "--range", "100-5000", "-o", "OUT.c4gh",
                        "synth.c4gh"], ["crypt4gh", "decrypt", "-q", "-k", "me.sec", "OUT.c4gh"]),
    "crypt4gh decrypt -r": (["crypt4gh", "decrypt", "-q", "-k", "me.sec", "-r", "z:601-1600", "-o", "OUT.sam",
                             "synth.c4gh"], None),
    "crypt4gh view": (["crypt4gh", "view", "-q", "--json", "-k", "me.sec", "synth.c4gh"], None),
    "view": (["view", "-q", "-k", OWNER, "synth.bdiff"], None),
    "audit": (["audit", "-q", "-a", "pop.vac", "-T", "reference.fa", "-k", OWNER, "-d", "synth.bdiff", "--simulate", "50",
               "synth.bam"], None),
    "view of a VAC": (["view", "pop.vac"], None),
}


def varlock(argv, output, **shim):
    environment = dict(os.environ, **shim)
    if shim:
        environment["LD_PRELOAD"] = SHIM
    return subprocess.run(["varlock"] + [word.replace("OUT", output) for word in argv], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True)


def what_it_made(shower, output, run):
    if shower:
        return varlock(shower, output).stdout
    if os.path.exists(output + ".sam"):
        with open(output + ".sam", "rb") as made:
            return made.read()
    return run.stdout


def remove(output):
    """How many files of that name there were."""
    left = [name for name in os.listdir(".") if name.startswith(output + ".")]
    for name in left:
        os.remove(name)
    return len(left)


def outcome(argv, shower, output, expected, number):
    """"refused", "done" or "htslib"; anything else is what was wrong."""
    run = varlock(argv, output, MEMORY_FAIL=str(number))
    said = run.stderr.decode(errors="replace")
    of_htslib, said = OF_HTSLIB in said, said.replace(OF_HTSLIB, "")
    if run.returncode in DONE:
        shown = what_it_made(shower, output, run)
        result = "done" if shown == expected else "exit 0, but the output is another one"
    elif run.returncode == 1 and (REFUSAL.fullmatch(said) or of_htslib and said.count("\n") == 1):
        result = "refused"
    elif run.returncode == CRASH_IN_HTSLIB or NO_THREAD_DATA in said:
        remove(output)
        return "htslib"
    else:
        result = "exit %d: %s" % (run.returncode, said)
    if remove(output) and result == "refused":
        result = "refused, but files are left"
    return result


def main():
    tally, wrong = collections.Counter(), 0
    for name, (argv, shower) in COMMANDS.items():
        whole = varlock(argv, "whole", MEMORY_COUNT="count")
        expected = what_it_made(shower, "whole", whole)
        assert whole.returncode in DONE and expected, (name, whole.stderr)
        remove("whole")
        with open("count") as count:
            total = int(count.read())
        # Most stand in the loading of libraries; the work comes behind them.
        numbers = list(range(1, total + 1, STEP)) + list(range(max(1, total - 2 * STEP), total + 1, max(1, STEP // 20)))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for number, result in zip(numbers, pool.map(
                    lambda n: outcome(argv, shower, "out%d" % n, expected, n), numbers)):
                tally[result if result in ("refused", "done", "htslib") else "wrong"] += 1
                if result not in ("refused", "done", "htslib"):
                    wrong += 1
                    print("%s, allocation %d of %d: %s" % (name, number, total, result))
    print("%d refused, %d did without, %d crashes of htslib, %d wrong" %
          (tally["refused"], tally["done"], tally["htslib"], wrong))
    assert tally["refused"] > 0
    sys.exit(wrong > 0)


main()
