"""How long the review of this repository takes: cold, with nothing to do, and from nothing at all.

`python benchmarks/workflow.py` clones the committed state to a temporary folder and prints a
table in the form of docs/performance.md. `--fresh` also times `make` there, environment and all.
Times are of one machine in one hour: read ratios, and the machine's line.
"""

import argparse
import csv
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def seconds(command, folder) -> float:
    """Wall-clock seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def measure(repeats: int, fresh: bool):
    """Rows of (what, value, unit)."""
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), folder + "/clone"], check=True)
        clone = Path(folder) / "clone"
        cold = []
        for _ in range(repeats):
            subprocess.run(["rm", "-rf", "results", ".snakemake"], cwd=clone, check=True)
            cold.append(seconds(snakemake, clone))
        idle = [seconds(snakemake, clone) for _ in range(repeats)]
        bare = [seconds([*snakemake[:3], "--version"], clone) for _ in range(repeats)]
        yield "cold run, 2 cores (median)", statistics.median(cold), "s"
        yield "nothing to do (median)", statistics.median(idle), "s"
        yield "`snakemake --version`, for comparison (median)", statistics.median(bare), "s"
        for path in sorted((clone / "results" / "benchmarks").glob("*.tsv")):
            row = next(csv.DictReader(path.open(), delimiter="\t"))
            memory = f"{float(row['max_rss']):.0f} MB" if row["max_rss"] != "NA" else "too short"
            yield f"`{path.stem}`: time, and peak memory", float(row["s"]), f"s, {memory}"
        if fresh:
            subprocess.run(["git", "clean", "-fdxq"], cwd=clone, check=True)
            yield "`make` on a fresh clone, network and all", seconds(["make"], clone), "s"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fresh", action="store_true", help="also time `make` from nothing")
    asked = parser.parse_args()
    print(f"Machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, ", end="")
    print(f"Python {platform.python_version()}\n\n| what | measured |\n|---|---|")
    for what, value, unit in measure(asked.repeats, asked.fresh):
        print(f"| {what} | {value:.1f} {unit} |", flush=True)


if __name__ == "__main__":
    main()
