#!/usr/bin/env python3
"""Lets every call by which varlock changes files fail, or end the process, one after the other (see
fault_shim.c), and looks at what stands afterwards: the old set of outputs or the new one, never a
mixture; after SIGKILL the earlier set can be had by the names that the messages give.

    inject_faults.py SHIM KEYS quick|long [SCENARIO...]

Run it where o.bam (indexed), pop.vac, s1.bam, s1.bdiff, s2.bam and s2.bdiff (shards), m.bam and m.bdiff
are, and me.sec, me.pub and o.bam.c4gh.  The last line says how many faults were tried."""
import collections
import itertools
import os
import shutil
import signal
import subprocess
import sys

SHIM, KEYS, TIER = sys.argv[1:4]
TOP = os.getcwd()
SIGNALS = {"kill": signal.SIGKILL, "int": signal.SIGINT, "term": signal.SIGTERM, "hup": signal.SIGHUP}
END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003" + 9 * "00")
OPEN = ["--c4gh-key", "../me.sec"]
tried = collections.Counter()


def key(name):
    return os.path.join(KEYS, name)


def start(argv, stdout=subprocess.DEVNULL, **fault):
    """One run in the scratch directory; signals are as a terminal leaves them."""
    def restore():
        for number in SIGNALS.values():
            if number != signal.SIGKILL:
                signal.signal(number, signal.SIG_DFL)

    environment = dict(os.environ, **{"FAULT_" + name.upper(): str(value) for name, value in fault.items()})
    if fault:
        environment["LD_PRELOAD"] = SHIM
    return subprocess.Popen(argv, stdout=stdout, stderr=subprocess.PIPE, env=environment, preexec_fn=restore,
                            stdin=subprocess.DEVNULL)


def finish(process):
    said = process.communicate()[1].decode()
    return process.returncode, said


def run(argv, stdout=subprocess.DEVNULL, **fault):
    return finish(start(argv, stdout, **fault))


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


class Scenario:
    """A command, its outputs, and how they are shown to belong together."""

    def __init__(self, name, argv, outputs, belongs, streams=False, alone=False):
        self.name, self.argv, self.outputs, self.belongs = name, argv, outputs, belongs
        self.streams = streams  # the last output is stdout
        self.alone = alone  # nothing is ever replaced

    def run(self, **fault):
        if not self.streams:
            return run(self.argv, **fault)
        with open(self.outputs[-1], "wb") as out:
            return run(self.argv, stdout=out, **fault)

    def names(self):
        return self.outputs[:-1] if self.streams else self.outputs


def decrypts(bdiff, bam, index=True):
    """The pair gives the original back, whole and by its index."""
    code, said = run(["varlock", "decrypt", "-q", "-k", key("owner.pem"), *OPEN, "-d", bdiff, "-o", "check.sam", bam])
    if code == 0:
        with open("check.sam") as back, open("../o.sam") as original:
            expect(back.read() == original.read(), f"{bam} and {bdiff} do not give the original back")
        os.unlink("check.sam")
    if code == 0 and index:
        code, said = run(["varlock", "decrypt", "-q", "-k", key("owner.pem"), *OPEN, "-d", bdiff, "-r", "chr1:1-5000",
                          "-O", "sam", "-o", "/dev/null", bam])
    return code, said


def is_slice():
    return run(["varlock", "decrypt", "-q", "-k", key("alice.pem"), "-d", "a.bdiff", "-O", "sam", "-o", "/dev/null",
                "../m.bam"])


def is_restored():
    code, _ = run(["samtools", "quickcheck", "back.bam"])
    return (code, "") if code else run(["samtools", "view", "back.bam", "chr1:1-5000"])


def is_pair():
    whole = subprocess.run(["openssl", "pkey", "-in", "k.pem", "-pubout"], capture_output=True, check=True).stdout
    with open("k.pub.pem", "rb") as public:
        return (0 if public.read() == whole else 3), ""


def is_sealed():
    return run(["varlock", "crypt4gh", "decrypt", "-q", "-k", "../me.sec", "--header", "h", "-o", "/dev/null", "x.c4gh"])


def is_vac():
    return run(["varlock", "view", "p.vac"])


OWNER = ["-p", key("owner.pub.pem")]
ENCRYPT = ["varlock", "encrypt", "-q", "--mask", "permute", "-a", "../pop.vac", *OWNER, "-d", "x.bdiff"]
SCENARIOS = [
    Scenario("encrypt", [*ENCRYPT, "-o", "x.bam", "--write-index", "../o.bam"], ["x.bdiff", "x.bam.csi", "x.bam"],
             lambda: decrypts("x.bdiff", "x.bam")),
    Scenario("encrypt to stdout", [*ENCRYPT, "-o", "-", "../o.bam"], ["x.bdiff", "x.bam"],
             lambda: decrypts("x.bdiff", "x.bam", False), streams=True),
    Scenario("merge", ["varlock", "merge", "-q", "-k", key("owner.pem"), *OWNER, "-d", "x.bdiff", "-o", "x.bam",
                       "../s1.bam", "../s1.bdiff", "../s2.bam", "../s2.bdiff"],
             ["x.bdiff", "x.bam.csi", "x.bam"], lambda: decrypts("x.bdiff", "x.bam")),
    Scenario("reencrypt", ["varlock", "reencrypt", "-q", "-k", key("owner.pem"), "-p", key("alice.pub.pem"), "-r",
                           "chr1:1-5000", "-d", "../m.bdiff", "-o", "a.bdiff", "../m.bam"], ["a.bdiff"], is_slice),
    Scenario("decrypt", ["varlock", "decrypt", "-q", "-k", key("owner.pem"), "-d", "../m.bdiff", "-o", "back.bam",
                         "--write-index", "../m.bam"], ["back.bam.csi", "back.bam"], is_restored),
    Scenario("vcf2vac", ["varlock", "vcf2vac", "-q", "-o", "p.vac", "../o.vcf"], ["p.vac"], is_vac),
    Scenario("encrypt, encrypted", [*ENCRYPT, "--c4gh-key", "../me.sec", "--c4gh-recipient", "../me.pub", "-o", "x.bam.c4gh",
                                    "--write-index", "../o.bam.c4gh"],
             ["x.bdiff", "x.bam.c4gh.csi.c4gh", "x.bam.c4gh"], lambda: decrypts("x.bdiff", "x.bam.c4gh")),
    Scenario("crypt4gh encrypt", ["varlock", "crypt4gh", "encrypt", "-q", "-p", "../me.pub", "--header", "h", "-o", "x.c4gh",
                                  "../o.sam"], ["h", "x.c4gh"], is_sealed),
    Scenario("keygen", ["varlock", "keygen", "-q", "--no-passphrase", "--bits", "2048", "-o", "k"],
             ["k.pem", "k.pub.pem"], is_pair, alone=True),
]


def forced(scenario):
    """The same scenario where something stands there already."""
    argv = list(scenario.argv)
    if argv[1] in ("encrypt", "merge", "reencrypt"):
        argv.insert(2, "--force")
    return Scenario(scenario.name + ", replacing", argv, scenario.outputs, scenario.belongs, scenario.streams)


def empty_directory():
    for name in os.listdir("."):
        os.unlink(name)


def put_old(scenario, old):
    """Empties the directory but for an earlier set; its inodes by name."""
    empty_directory()
    for name in scenario.names():
        if old:
            shutil.copyfile(os.path.join("..", "old", name), name)
    return inodes(scenario)


def inodes(scenario):
    return {name: os.stat(name).st_ino for name in scenario.names() if os.path.exists(name)}


def is_whole_stream(name):
    with open(name, "rb") as stream:
        return stream.read().endswith(END_BLOCK)


def state_of(scenario, before):
    """old, new, or what is mixed."""
    now = inodes(scenario)
    whole = is_whole_stream(scenario.outputs[-1]) if scenario.streams else None
    if now == before and not whole:
        return "old"
    if set(now) == set(scenario.names()) and not any(now[n] == before.get(n) for n in now) and whole is not False:
        code, said = scenario.belongs()
        expect(code == 0, f"a new set does not belong together: {said}")
        return "new"
    return f"a mixture of {before} and {now}"


def left_over(scenario):
    return sorted(set(os.listdir(".")) - set(scenario.outputs))


def recover(scenario, before, state):
    """After SIGKILL: what the messages say brings the earlier set back, and nothing is in the way then."""
    befores = [name for name in left_over(scenario) if name.endswith(".before")]
    if befores:
        code, said = scenario.run()
        expect(code == 1 and any(name in said for name in befores), f"the next run says: {said}")
    if state not in ("old", "new") and before and len(scenario.names()) > 1 and "x.bdiff" in scenario.names():
        code, said = decrypts("x.bdiff", "x.bam", False)
        there = os.path.exists("x.bdiff") and os.path.exists("x.bam")
        expect(code == (3 if there else 1) and "x.bdiff.before" in said,
               f"decrypt says of the mixture: {said}")
    for name in befores:
        target = name.removesuffix(".before")
        nothing_replaced = os.path.exists(target) and os.path.samefile(name, target)
        if state == "new" or os.path.getsize(name) == 0 or nothing_replaced:
            os.unlink(name)
        else:
            os.rename(name, target)
    if state == "new":
        return
    if before:
        expect(inodes(scenario) == before, "the earlier set is not whole again")
    elif state != "old":
        # Nothing stood there: parts may, but only in the order of the set.
        now = inodes(scenario)
        expect(list(now) == scenario.names()[:len(now)], f"out of order: {now}")


def judge(scenario, before, kind, number, code, said):
    state = state_of(scenario, before)
    ends = SIGNALS.get(kind)
    if kind == "kill":
        expect(code == -ends, f"not killed but exit {code}")
        recover(scenario, before, state)
        return
    expect(state in ("old", "new"), state)
    left = left_over(scenario)
    if state == "new" and "cannot be removed" in said:
        left = [name for name in left if name not in said]
    expect(not left, f"left over: {left}; {said}")
    if ends:
        expect(code == -ends, f"exit {code} and not by signal {ends}; {said}")
    elif kind == "short":
        expect(code == 0 and state == "new", f"a short write: exit {code}; {said}")
    elif code == 0:
        expect(state == "new", "exit 0 without the outputs")
    else:
        expect(code == 1 and (state == "old" or "cannot be removed" in said), f"exit {code}, but {state}; {said}")


def kinds_of(call, plain):
    kinds = ["eio", "kill"]
    if plain:
        kinds += ["term", "int", "hup"] if TIER == "long" else ["term"]
    if plain and call.startswith("write"):
        kinds += ["short", "enospc"]
    return kinds


def calls_of(scenario, before_is_there, **how):
    put_old(scenario, before_is_there)
    code, said = scenario.run(log="../log", **how)
    expect(code == 0, said)
    with open("../log") as log:
        calls = log.read().splitlines()
    os.unlink("../log")
    return calls


def chosen(calls):
    """Quickly: the calls that give names and what is near them, and a few before."""
    if TIER == "long":
        return list(range(len(calls)))
    first = next(i for i, call in enumerate(calls) if call.startswith("fsync"))
    return sorted(set([*range(0, first, max(1, first // 4)), *range(first, len(calls))]))


def inject(scenario, before_is_there, label="", **how):
    calls = calls_of(scenario, before_is_there, **how)
    for i in chosen(calls):
        for kind in kinds_of(calls[i], not how):
            before = put_old(scenario, before_is_there)
            tried[scenario.name + label] += 1
            code, said = scenario.run(at=i + 1, kind=kind, **how)
            try:
                judge(scenario, before, kind, i, code, said)
            except AssertionError as error:
                sys.exit(f"{scenario.name}{label}: {kind} at call {i + 1} ({calls[i]}): {error}; it said: {said}")


def pause_and_run(scenario, before_is_there, number, first_fsync):
    """Stops a run at a call, lets another go through, then the first go on; exit codes and messages of both.
    The other has looked at its outputs before (first_fsync, where it waited), or not (0)."""
    put_old(scenario, before_is_there)
    if first_fsync:
        other = start(scenario.argv, at=first_fsync, kind="wait", gate="../other_gate")
        other_gate = open("../other_gate", "wb")  # opens when the run stands there
    first = start(scenario.argv, at=number, kind="wait", gate="../gate")
    with open("../gate", "wb"):
        if first_fsync:
            other_gate.close()
        else:
            other = start(scenario.argv)
        between = finish(other)
    return finish(first), between


def run_beside(scenario, before_is_there):
    """Of two runs for the same outputs, at whatever moment the other comes, the set that stands is one of
    a run that said it is done."""
    calls = calls_of(scenario, before_is_there)
    for gate in ("../gate", "../other_gate"):
        os.path.exists(gate) or os.mkfifo(gate)
    fsync = next(i for i, call in enumerate(calls) if call.startswith("fsync")) + 1
    naming = [i for i in chosen(calls) if not calls[i].startswith("write")][::1 if TIER == "long" else 3]
    for i, first_fsync in itertools.product(naming, (0, fsync)):
        tried["two runs: " + scenario.name] += 1
        (code, said), (other, other_said) = pause_and_run(scenario, before_is_there, i + 1, first_fsync)
        text = f"{scenario.name}: another run at call {i + 1} ({calls[i]}): exit {code} and {other}: {said}{other_said}"
        try:
            belongs, why = scenario.belongs()
            expect(belongs == 0, why)
            expect(set(inodes(scenario)) == set(scenario.names()), "incomplete")
            expect(not left_over(scenario), f"left over: {left_over(scenario)}")
            expect({code, other} in ({0}, {0, 1}, {0, 2}), "neither is done")
            expect(not scenario.alone or {code, other} != {0}, "both are done, but one pair is lost")
        except (AssertionError, FileNotFoundError, subprocess.CalledProcessError) as error:
            sys.exit(f"{text}: {error}")


def make_old():
    os.mkdir("../old")
    for scenario in SCENARIOS:
        empty_directory()
        code, said = scenario.run()
        expect(code == 0, f"{scenario.name}: {said}")
        for name in scenario.outputs:
            shutil.copyfile(name, os.path.join("../old", name))


def main():
    wanted = sys.argv[4:]
    os.mkdir("scratch")
    os.chdir("scratch")
    make_old()
    for scenario in SCENARIOS:
        if wanted and scenario.name not in wanted:
            continue
        if TIER == "long" or scenario.name in ("encrypt", "keygen"):
            inject(scenario, False)
        if not scenario.alone:
            inject(forced(scenario), True)
            if TIER == "long":
                inject(forced(scenario), True, ", no hard links", no_links=1)
                inject(forced(scenario), True, ", no renameat2", no_renameat2=1)
                inject(forced(scenario), True, ", every call after", sticks=1)
        if not scenario.streams:
            run_beside(scenario, False)
            if not scenario.alone:
                run_beside(forced(scenario), True)
    for name, n in tried.items():
        print(f"{name}: {n}")
    print(f"{sum(tried.values())} faults and pairs of runs, no mixture")


main()
