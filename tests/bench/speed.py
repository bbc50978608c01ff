#!/usr/bin/env python3
"""speed.py: every command in turn with its yardstick, at -@0 and -@2; see tests/README.md.

From the environment: DATA, a folder with person.bam, ref.fa, population.vcf.gz and their indexes, else
BENCH_MB (10), the million bases of the reference to make one for; RUNS (5); VARLOCK, the program;
PEER, a checkout of the Python Varlock, and PEER_PYTHON, an interpreter that has what it imports."""
import os
import subprocess
import tempfile

from measure import KEYS, RUNS, TOP, VARLOCK, check, in_turn, machine, note, report, table, versions

HERE = os.path.dirname(os.path.abspath(__file__))
THREADS = (0, 2)
MAX_SHIFT, MAX_INSERT = 1000, 10000  # varlock's defaults
VIEW, VIEW5 = "samtools view -b", "samtools view -b, level 5"
QUERY = "bcftools query"
VCF_LINES = {"1000g": 30000, "gnomad": 10000}  # for each million bases
# {work: (threads: greatest ratio to the yardstick's wall time)}, and greatest wall seconds
RATIOS = {"encrypt permute": {0: 1.15, 2: 1.10}, "encrypt synth": {0: 1.15, 2: 1.10},
          "decrypt permute": {2: 1.10}, "decrypt synth": {2: 1.10},
          "vcf2vac 1000g": {0: 0.4, 2: 0.4}, "vcf2vac gnomad": {2: 0.4}}
SECONDS = {"decrypt 10 kb": 0.050, "reencrypt 10 kb": 0.030}
VAC_BYTES = 3


class Bench:
    def __init__(self, data, work):
        self.data, self.work, self.times, self.sizes = data, work, [], []
        self.bam = data + "/person.bam"
        stats = [line.split("\t") for line in check(["samtools", "idxstats", self.bam]).splitlines()]
        self.contigs = [(name, int(length)) for name, length, _, _ in stats if name != "*"]
        self.n_records = sum(int(mapped) + int(unmapped) for _, _, mapped, unmapped in stats)

    def path(self, name):
        return self.work + "/" + name

    def size(self, name):
        return os.path.getsize(self.path(name))

    def region(self, length):
        """Of the first contig, at a quarter of it."""
        name, end = self.contigs[0]
        return "%s:%d-%d" % (name, end // 4 + 1, min(end // 4 + length, end))

    # ---- commands ----

    def varlock(self, command, threads, *options):
        return [VARLOCK, command, "-q", "-@%d" % threads, *options]

    def vcf2vac(self, vcf, threads, output):
        return self.varlock("vcf2vac", threads, "-o", self.path(output), vcf)

    def encrypt(self, mask, threads):
        reference = ["-T", self.data + "/ref.fa"] if mask == "synth" else []
        return self.varlock("encrypt", threads, "--force", "--mask", mask, *reference, "-a", self.path("population.vac"),
                            "-p", KEYS + "/owner.pub.pem", "-d", self.path(mask + ".bdiff"), "--write-index",
                            "-o", self.path(mask + ".bam"), self.bam)

    def decrypt(self, who, bdiff, masked, threads):
        return self.varlock("decrypt", threads, "-k", "%s/%s.pem" % (KEYS, who), "-d", self.path(bdiff),
                            "-o", self.path("restored.bam"), self.path(masked))

    def reencrypt(self, output, threads, *regions):
        return self.varlock("reencrypt", threads, "--force", "-k", KEYS + "/owner.pem", "-p", KEYS + "/alice.pub.pem",
                            *regions, "-d", self.path("synth.bdiff"), "-o", self.path(output),
                            self.path("synth.bam"))

    def view(self, threads, *options):
        return ["samtools", "view", "-b", "-@%d" % threads, "-o", self.path("view.bam"), self.bam, *options]

    # ---- what is measured ----

    def compare(self, threads, commands, yardsticks, limits=None, repeat=1):
        """Measures all in turn; a row for each work and yardstick, or one where it has none."""
        medians = in_turn({**yardsticks, **commands}, self.work, repeat)
        for work in commands:
            for yardstick in yardsticks or [None]:
                self.add_time(work, threads, medians[work], yardstick, medians.get(yardstick),
                              (limits or SECONDS).get(work))
        return medians

    def add_time(self, work, threads, of, yardstick, beside, limit):
        row = {"work": work, "threads": threads, **of, "target": None, "met": None}
        ratio = RATIOS.get(work, {}).get(threads)
        if yardstick:
            row.update(yardstick=yardstick, yardstick_times=beside)
            for what in ("wall", "cpu"):  # GNU time shows less than 10 ms as 0
                row[what + "_ratio"] = of[what + "_s"] / max(beside[what + "_s"], 0.001)
        if ratio:
            row.update(target="ratio <= %.2f" % ratio, met=row["wall_ratio"] <= ratio)
        elif limit:
            row.update(target="wall <= %.3f s" % limit, met=of["wall_s"] <= limit)
        self.times.append(row)

    def add_size(self, what, value, limit=None):
        self.sizes.append({"what": what, "value": value, "target": limit and "<= %.0f" % limit,
                           "met": limit and value <= limit})

    def whole(self, threads):
        level5 = ["--output-fmt-option", "level=5"]
        works = {"encrypt " + mask: self.encrypt(mask, threads) for mask in ("permute", "synth")}
        works.update({"decrypt " + mask: self.decrypt("owner", mask + ".bdiff", mask + ".bam", threads)
                      for mask in ("permute", "synth")})
        medians = self.compare(threads, works, {VIEW: self.view(threads), VIEW5: self.view(threads, *level5)})
        for work in works:
            self.add_size("%s -@%d, peak MB" % (work, threads), medians[work]["rss_mb"], self.most_memory(work))

    def most_memory(self, work):
        """200 MB; for synth also the longest contig, packed, and 600 bytes a record inside the horizon."""
        if work != "encrypt synth":
            return 200
        bases = sum(length for _, length in self.contigs)
        inside = (MAX_INSERT + MAX_SHIFT) * self.n_records / bases
        return 200 + (max(length for _, length in self.contigs) / 2 + 600 * inside) / 1e6

    def slices(self, threads):
        for name, length, repeat in (("10 kb", 10000, 20), ("1 Mb", 1000000, 3)):
            region, slice_name = self.region(length), name.replace(" ", "") + ".bdiff"
            cut = self.reencrypt(slice_name, threads, "-r", region)
            self.compare(threads, {"reencrypt " + name: cut}, {}, repeat=repeat)
            self.compare(threads, {"decrypt " + name: self.decrypt("alice", slice_name, "synth.bam", threads)},
                         {VIEW + " " + region: self.view(threads, region)}, repeat=repeat)
        limit = 0.030 + self.size("synth.bam") / 1e9
        self.compare(threads, {"reencrypt whole": self.reencrypt("all.bdiff", threads, "--all")}, {},
                     {"reencrypt whole": limit})

    def populations(self, vcfs):
        for kind, vcf in vcfs.items():
            query = ["bcftools", "query", "-f", r"%CHROM\t%POS\t%REF\t%ALT\t%INFO/AC\t%INFO/AN\n", vcf]
            for threads in THREADS:
                self.compare(threads, {"vcf2vac " + kind: self.vcf2vac(vcf, threads, kind + ".vac")},
                             {QUERY: query})

    def crypt4gh(self):
        """Encrypting and decrypting the BAM, beside copying it.  What it may take: 1.3 times copying, and what
        OpenSSL takes for as many bytes."""
        key, sealed = self.path("c4gh"), self.path("person.bam.c4gh")
        check([VARLOCK, "crypt4gh", "keygen", "-q", "--no-passphrase", "-o", key])
        copy = ["sh", "-c", 'exec cat "$0" >"$1"', self.bam, self.path("copy.bam")]
        tool = [VARLOCK, "crypt4gh"]
        works = {"crypt4gh encrypt": tool + ["encrypt", "-q", "-p", key + ".pub", "-o", sealed, self.bam],
                 "crypt4gh decrypt": tool + ["decrypt", "-q", "-k", key + ".sec", "-o", self.path("copy.bam"), sealed]}
        speed = check(["openssl", "speed", "-elapsed", "-seconds", "1", "-bytes", "65536", "-evp", "chacha20-poly1305"])
        rate = 1000 * float(speed.split()[-1].rstrip("k"))
        copying = in_turn({"cat": copy}, self.work)["cat"]["wall_s"]
        limit = 1.3 * (os.path.getsize(self.bam) / rate + copying)
        self.compare(0, works, {"cat": copy}, dict.fromkeys(works, limit))

    def add_sizes(self, kinds):
        for kind in ["population"] + kinds:
            n_sites = check([VARLOCK, "view", self.path(kind + ".vac")]).count("\n") - 1
            self.add_size("VAC of %s, bytes a site" % kind, self.size(kind + ".vac") / n_sites, VAC_BYTES)
        for mask in ("permute", "synth"):
            self.add_size("BDIFF of %s, bytes a record" % mask, self.size(mask + ".bdiff") / self.n_records)


# ---- data ----

def make_person(mb):
    data = "%s/build/bench/%dmb" % (TOP, mb)
    subprocess.run([HERE + "/make_data.sh", str(mb), data], check=True)
    return data


def make_vcf(mb, kind):
    """A population of so many lines, bgzipped; kept."""
    path = "%s/build/bench/%s-%dmb.vcf.gz" % (TOP, kind, mb)
    if not os.path.exists(path):
        note("making " + os.path.basename(path))
        make = 'set -o pipefail; python3 "$0" "$1" "$2" | bgzip >"$3.new" && mv "$3.new" "$3"'
        check(["bash", "-c", make, HERE + "/make_vcf.py", kind, str(mb * VCF_LINES[kind]), path])
    return path


# ---- the tool in Python ----

def add_peer(bench, peer):
    """Its commands beside ours, on 100 kb and the population there."""
    python = os.environ.get("PEER_PYTHON") or "python3"
    if subprocess.run([python, "-c", "import pysam"], stderr=subprocess.DEVNULL).returncode != 0:
        note("%s has no pysam (Debian: python3-pysam): the tool of PEER is left out" % python)
        return
    bam, vcf, vac = bench.path("100kb.bam"), bench.path("100kb.vcf.gz"), bench.path("peer.vac")
    region = bench.region(100000)
    check(["samtools", "view", "-b", "-o", bam, bench.bam, region])
    check(["samtools", "index", bam])
    check(["bcftools", "view", "-Oz", "-t", region, "-o", vcf, bench.data + "/population.vcf.gz"])
    check(["bcftools", "index", "-t", vcf])
    bench.bam = bam
    key, public, masked, bdiff = (KEYS + "/owner.pem", KEYS + "/owner.pub.pem", bench.path("peer.bam"),
                                  bench.path("peer.bdiff"))
    tool = ["env", "-C", peer, python, "varlock.py"]
    pairs = [("vcf2vac 100 kb", bench.vcf2vac(vcf, 0, "population.vac"),
              ["vac", "-b", bam, "-f", vcf, "-c", vac, "--no-indels"]),
             ("encrypt permute 100 kb", bench.encrypt("permute", 0),
              ["mask", "-k", key, "-e", public, "-b", bam, "-c", vac, "-m", masked, "-d", bdiff]),
             ("decrypt permute 100 kb", bench.decrypt("owner", "permute.bdiff", "permute.bam", 0),
              ["unmask", "-k", key, "-m", masked, "-d", bdiff, "-b", bench.path("peer-restored.bam")])]
    try:
        for work, ours, theirs in pairs:
            bench.compare(0, {work: ours}, {"PEER " + theirs[0]: tool + theirs})
    except SystemExit as failed:
        note("the tool of PEER is left out from here: %s" % failed)


# ---- the tables ----

def is_met(row):
    return {None: "", True: "yes", False: "no"}[row["met"]]


def print_tables(bench):
    rows = []
    for t in bench.times:
        beside = t.get("yardstick_times")
        rows.append([t["work"], "-@%d" % t["threads"], "%.3f" % t["wall_s"], "%.3f" % t["cpu_s"],
                     "%.0f" % t["rss_mb"], t.get("yardstick", "")] +
                    (["%.3f" % beside["wall_s"], "%.3f" % beside["cpu_s"], "%.2f" % t["wall_ratio"],
                      "%.2f" % t["cpu_ratio"]] if beside else [""] * 4) + [t["target"] or "", is_met(t)])
    table(["work", "-@", "wall s", "CPU s", "MB", "yardstick", "wall s", "CPU s", "ratio", "of CPU", "target",
           "met"], rows)
    table(["size", "value", "target", "met"],
          [[s["what"], "%.2f" % s["value"], s["target"] or "", is_met(s)] for s in bench.sizes])


def main():
    mb = int(os.environ.get("BENCH_MB") or 10)
    os.makedirs(TOP + "/build/bench", exist_ok=True)
    data = os.path.abspath(os.environ["DATA"]) if os.environ.get("DATA") else make_person(mb)
    with tempfile.TemporaryDirectory(dir=TOP + "/build/bench") as work:
        bench = Bench(data, work)
        check(bench.vcf2vac(data + "/population.vcf.gz", 2, "population.vac"))
        vcfs = {}
        if os.path.exists(HERE + "/make_vcf.py"):
            vcfs = {kind: make_vcf(mb, kind) for kind in VCF_LINES}
        else:
            note("no tests/bench/make_vcf.py: vcf2vac is left out")
        for threads in THREADS:
            bench.whole(threads)
            bench.slices(threads)
        bench.crypt4gh()
        bench.populations(vcfs)
        bench.add_sizes(list(vcfs))
        described = {"data": os.path.relpath(data, TOP), "records": bench.n_records,
                     "bytes": os.path.getsize(bench.bam), "bases": sum(n for _, n in bench.contigs)}
        if os.environ.get("PEER"):
            add_peer(bench, os.path.abspath(os.environ["PEER"]))
        else:
            note("PEER is not set: the tool in Python is left out")
    report({"machine": machine(), "versions": versions(), "data": described, "n_runs": RUNS,
            "times": bench.times, "sizes": bench.sizes}, TOP + "/build/bench.json")
    print_tables(bench)


main()
