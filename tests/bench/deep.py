#!/usr/bin/env python3
"""deep.py: deep data, at 1, 2 and 4 times a size: does time grow as the records do, and is memory
bounded?  See tests/README.md.

From the environment: RUNS (5); THREADS, what follows -@ (2); VARLOCK, the program."""
import os
import sys
import tempfile

from measure import KEYS, RUNS, TOP, VARLOCK, check, in_turn, machine, note, report, table, versions

# What synth_bam.py is asked for at 1x: about 250,000 reads of one amplicon; 100,000 reads, most of
# them under introns of 500 kb.
SIZES = {"amplicon": 250000, "introns": 50000}
FACTORS = (1, 2, 4)
THREADS = "-@" + (os.environ.get("THREADS") or "2")
# At 4x no more than this for a record, by what it was at 1x: sorting makes it grow by a tenth.
GROWTH = 1.25


def make(kind, factor):
    """The prefix of the input, which is kept."""
    prefix = "%s/build/bench/%s-%dx" % (TOP, kind, factor)
    if not os.path.exists(prefix + ".vac"):
        note("making " + os.path.basename(prefix))
        check([sys.executable, TOP + "/tests/tools/synth_bam.py", kind, prefix, str(SIZES[kind] * factor)])
        check(["samtools", "faidx", prefix + ".fa"])
        check([VARLOCK, "vcf2vac", "-q", "-o", prefix + ".vac", prefix + ".vcf"])
    return prefix


def commands(prefix, work):
    every = {"samtools view -b": ["samtools", "view", "-b", THREADS, "-o", work + "/view.bam", prefix + ".bam"]}
    for mask in ("permute", "synth"):
        masked, bdiff = work + "/masked.bam", work + "/owner.bdiff"
        reference = ["-T", prefix + ".fa", "--qual", "keep"] if mask == "synth" else []
        every["encrypt " + mask] = [VARLOCK, "encrypt", "-q", "--force", THREADS, "--mask", mask, *reference,
                                    "-a", prefix + ".vac", "-p", KEYS + "/owner.pub.pem", "-d", bdiff,
                                    "-o", masked, prefix + ".bam"]
        every["decrypt " + mask] = [VARLOCK, "decrypt", "-q", THREADS, "-k", KEYS + "/owner.pem", "-d", bdiff,
                                    "-o", work + "/restored.bam", masked]
    return every


def measure(work):
    rows = []
    for kind in SIZES:
        first = {}
        for factor in FACTORS:
            prefix = make(kind, factor)
            n = int(check(["samtools", "view", "-c", prefix + ".bam"]))
            for name, of in in_turn(commands(prefix, work), work).items():
                row = {"data": kind, "factor": factor, "records": n, "work": name, **of,
                       "cpu_us_a_record": 1e6 * of["cpu_s"] / n}
                base = first.setdefault(name, row["cpu_us_a_record"])
                row["growth"] = row["cpu_us_a_record"] / base
                row["met"] = row["growth"] <= GROWTH
                rows.append(row)
    return rows


def main():
    os.makedirs(TOP + "/build/bench", exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOP + "/build/bench") as work:
        rows = measure(work)
    report({"machine": machine(), "versions": versions(), "data": SIZES, "n_runs": RUNS, "times": rows},
           TOP + "/build/bench-deep.json")
    table(["data", "size", "records", "work", "wall s", "CPU s", "MB", "us a record", "by 1x", "target", "met"],
          [[r["data"], "%dx" % r["factor"], str(r["records"]), r["work"], "%.2f" % r["wall_s"],
            "%.2f" % r["cpu_s"], "%.0f" % r["rss_mb"], "%.2f" % r["cpu_us_a_record"], "%.2f" % r["growth"],
            "<= %.2f" % GROWTH, "yes" if r["met"] else "no"] for r in sorted(
                rows, key=lambda r: (r["data"], r["work"], r["factor"]))])


main()
