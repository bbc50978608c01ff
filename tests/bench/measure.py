"""What the benches share: commands run in turn under GNU time, their medians, and tables."""
import json
import os
import re
import statistics
import subprocess
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
VARLOCK = os.environ.get("VARLOCK", TOP + "/varlock")
KEYS = TOP + "/testdata/keys"
RUNS = int(os.environ.get("RUNS") or 5)
# GNU time counts in hundredths of a second: short commands run several times under one.
REPEAT = 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" || exit; n=$((n - 1)); done'


def note(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def check(command):
    """Its standard output; ends the bench where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace")
    if done.returncode != 0:
        sys.exit("bench: exit %d of %s: %s" % (done.returncode, " ".join(command), done.stderr.strip()))
    return done.stdout


def run_once(command, times, repeat):
    """(wall seconds, CPU seconds, peak MB of memory) of one run."""
    check(["/usr/bin/time", "-o", times, "-f", "%e %U %S %M", "sh", "-c", REPEAT, "sh", str(repeat)] + command)
    with open(times) as source:
        wall, user, system, rss_kb = map(float, source.read().split())
    return wall / repeat, (user + system) / repeat, rss_kb / 1000


def in_turn(commands, work, repeat=1):
    """Runs {name: command} one after the other, RUNS times over: {name: medians and all runs}."""
    runs = {name: [] for name in commands}
    for i in range(RUNS):
        for name, command in commands.items():
            note("run %d of %d: %s" % (i + 1, RUNS, name))
            runs[name].append(run_once(command, work + "/times", repeat))
    medians = {}
    for name, of in runs.items():
        wall, cpu, rss = (statistics.median(column) for column in zip(*of))
        medians[name] = {"wall_s": wall, "cpu_s": cpu, "rss_mb": rss, "runs": of}
    return medians


def machine():
    with open("/proc/cpuinfo") as source:
        model = re.search(r"model name\s*: (.*)", source.read())
    return {"cpu": model.group(1) if model else "unknown", "cores": len(os.sched_getaffinity(0))}


def versions():
    samtools = check(["samtools", "--version"]).splitlines()
    return {"varlock": check([VARLOCK, "--version"]).split()[-1], "samtools": samtools[0].split()[-1],
            "htslib": samtools[1].split()[-1],
            "commit": check(["git", "-C", TOP, "describe", "--always", "--dirty"]).strip()
            if os.path.exists(TOP + "/.git") else None}


def table(columns, rows):
    """Prints rows (lists of text) under `columns`; what looks like a number stands to the right."""
    widths = [max(len(r[i]) for r in [columns] + rows) for i in range(len(columns))]
    for row in [columns] + rows:
        cells = [c.rjust(w) if re.fullmatch(r"-?[\d.,]+", c) else c.ljust(w) for c, w in zip(row, widths)]
        print("  ".join(cells).rstrip())
    print()


def report(result, path):
    """Tells what the numbers come from, and keeps all of it as JSON."""
    print("# " + ", ".join("%s: %s" % pair for key in ("machine", "versions", "data")
                           for pair in result[key].items() if pair[1] is not None))
    print("# medians of %d runs; all of them: %s\n" % (RUNS, os.path.relpath(path, TOP)))
    with open(path, "w") as out:
        json.dump(result, out, indent=1)
        out.write("\n")
