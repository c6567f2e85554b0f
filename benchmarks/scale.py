"""Many reviews, and large ones: time and memory against their number and their size.

`python benchmarks/scale.py` makes 200 synthetic reviews of 50 to 5,000 records each, runs them as
one batch, and prints a line at 10, 25, 50, 100 and 200 of them; before that, one review each of 50,
500 and 5,000 records, rule by rule; after it, what more would cost, on paper. Times are of one
machine in one hour; on a busy one read processor seconds, and `cores used`: the share of samples in
which the batch had work for a core, whether it got one or had to queue for it.
"""

import argparse
import csv
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import synthetic_reviews

ROOT = Path(__file__).parents[1]
SIZES = (50, 500, 5_000)
SHOWN = (1, 10, 25, 50, 100, 200)
TICK = os.sysconf("SC_CLK_TCK")
SNAKEMAKE = [sys.executable, "-m", "snakemake"]


def used_by(command, log) -> tuple[float, float]:
    """Wall-clock and processor seconds of a command that must succeed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with open(log, "w") as file:
        subprocess.run(command, check=True, stdout=file, stderr=file)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, spent


def by_size(folder: Path) -> dict[int, tuple[float, float]]:
    """Print time and memory rule by rule for one review of each size. Returns processor seconds and
    peak megabytes of its hungriest job, by number of records."""
    found, rules = {}, {}
    for records in SIZES:
        review = folder / str(records)
        synthetic_reviews.write(review, records)
        command = [*SNAKEMAKE, "--snakefile", str(ROOT / "Snakefile"), "--cores", "1"]
        wall, spent = used_by([*command, "--directory", str(review)], folder / "log")
        peak = 0
        for path in sorted((review / "results" / "benchmarks").glob("*.tsv")):
            row = next(csv.DictReader(path.open(), delimiter="\t"))
            memory = 0.0 if row["max_rss"] == "NA" else float(row["max_rss"])
            cell = f"{float(row['cpu_time']):.1f} s, {memory:.0f} MB"
            rules.setdefault(path.stem, []).append(cell)
            peak = max(peak, memory)
        found[records] = spent, peak
        rules.setdefault("the whole run", []).append(f"{spent:.0f} s ({wall:.0f} s elapsed)")
    print("| processor time, peak memory | " + " | ".join(f"{n:,} records" for n in SIZES) + " |")
    print("|---" * (len(SIZES) + 1) + "|")
    for rule, cells in rules.items():
        print(f"| {rule} | " + " | ".join(cells) + " |", flush=True)
    return found


def processes() -> dict[int, tuple[int, str, float]]:
    """Of every process that can be seen: its parent, its state, and the processor seconds of itself
    and of the children that it has waited for."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        seconds = sum(map(int, fields[11:15])) / TICK
        found[int(path.parent.name)] = int(fields[1]), fields[0], seconds
    return found


def family(root: int, seen) -> list[int]:
    """`root` and all that descend from it."""
    inside = [root]
    for pid in inside:
        inside += [child for child, (parent, *_) in seen.items() if parent == pid]
    return inside


def batch(folder: Path, number: int, cores: int) -> float:
    """Run `number` reviews as one batch and print a line at each of SHOWN. Returns processor
    seconds a review."""
    chance = random.Random(1)
    low, high = math.log(SIZES[0]), math.log(SIZES[-1])
    records = [round(math.exp(chance.uniform(low, high))) for _ in range(number)]
    for i, size in enumerate(records):
        synthetic_reviews.write(folder / f"review-{i:03}", size)
    span = f"{min(records)} to {max(records)} records, {sum(records):,} in all"
    print(f"\n{number} reviews, {span}\n")
    print("| reviews done | elapsed | processor time | a review | cores used | engine's memory |")
    print("|---|---|---|---|---|---|")
    command = [*SNAKEMAKE, "--snakefile", str(ROOT / "batch.smk")]
    command += ["--cores", str(cores), "--directory", str(folder)]
    start, shown, wanted, samples = time.perf_counter(), 0, 0, 0
    with open(folder / "log", "w") as log:
        run = subprocess.Popen(command, stdout=log, stderr=log)
        while run.poll() is None:
            time.sleep(0.2)
            seen = processes()
            inside = [pid for pid in family(run.pid, seen) if pid in seen]
            spent = sum(seen[pid][2] for pid in inside)
            # R: runs or queues for a core; D: waits for the disk.
            busy = sum(seen[pid][1] in "RD" for pid in inside)
            wanted, samples = wanted + min(busy, cores), samples + 1
            done = len(list((folder / ".snakemake" / "batch").glob("*.done")))
            for due in [n for n in SHOWN if shown < n <= done]:
                memory = Path(f"/proc/{run.pid}/status").read_text()
                peak = int(memory.split("VmHWM:")[1].split()[0]) / 1024
                print(
                    f"| {due} | {time.perf_counter() - start:.0f} s | {spent:.0f} s "
                    f"| {spent / done:.1f} s | {wanted / samples / cores:.0%} | {peak:.0f} MB |",
                    flush=True,
                )
                shown = due
    if run.returncode:
        sys.exit((folder / "log").read_text()[-3000:])
    idle, spent_idle = used_by(command, folder / "log")
    print(f"\nAsked again, nothing to do: {idle:.0f} s elapsed, {spent_idle:.0f} s of processor.")
    return spent / number


def on_paper(one: dict[int, tuple[float, float]], a_review: float) -> None:
    """Print what a million records in one review, and 5,000 reviews, would cost: straight lines."""
    few, many = SIZES[0], SIZES[-1]
    seconds = (one[many][0] - one[few][0]) / (many - few)
    memory = (one[many][1] - one[few][1]) / (many - few)
    print(
        f"\nA million records in one review: {1e6 * seconds / 3600:.1f} hours of processor and "
        f"{1e6 * memory / 1000:.0f} GB for its hungriest job, if every rule went on straight."
        f"\n5,000 reviews like these: {5000 * a_review / 3600:.0f} hours of processor; "
        f"{5000 * a_review / 3600 / 64:.1f} hours on 64 cores."
    )


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reviews", type=int, default=200)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the reviews are made and kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        for name in ("one", "batch"):
            (folder / name).mkdir(parents=True)
        one = by_size(folder / "one")
        on_paper(one, batch(folder / "batch", asked.reviews, asked.cores))


if __name__ == "__main__":
    main()
