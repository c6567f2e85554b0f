"""How long the review of this repository takes: cold, updated by one decision and by one study,
with nothing to do, and from nothing at all.

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
COMPILED = "PYTHONDONTWRITEBYTECODE"


def seconds(command, folder) -> float:
    """Wall-clock seconds of a command that must succeed, with Python's own cache of compiled
    code as it is unless a machine says otherwise."""
    usual = {name: value for name, value in os.environ.items() if name != COMPILED}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=usual)
    return time.perf_counter() - start


def append(path: Path, *rows: dict):
    """Add rows to a table of the review, empty where they say nothing."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        heads = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, heads, lineterminator="\n").writerows(rows)


def new_study(raw: Path, number: int):
    """A further search with one record, its decisions, its study, and survival at two times."""
    doi, day = f"10.5555/made-up.{number}", f"2026-11-{23 + number:02}"
    (raw / "searches" / day).mkdir()
    (raw / "searches" / day / "more.ris").write_text(
        f"TY  - JOUR\nTI  - A made-up study of metastases, number {number}\nAU  - Doe, J.\n"
        f"PY  - 2026\nDO  - {doi}\nER  - \n"
    )
    append(
        raw / "searches" / "searches.csv",
        {"file": f"{day}/more.ris", "database": "PubMed", "searched_on": day, "hits": 1},
    )
    decided = {"record": f"doi:{doi}", "reviewer": "reviewer-1", "decision": "include"}
    stages = ("title-abstract", "full-text")
    append(
        raw / "screening" / "decisions.csv",
        *(decided | {"stage": stage, "decided_on": day} for stage in stages),
    )
    study = {"study_id": f"made-up-{number}", "records": f"doi:{doi}", "label": f"Doe {number}"}
    study |= {"year": 2026, "design": "single-arm", "n": 60, "oligometastatic": "yes"}
    append(raw / "extraction" / "studies.csv", study)
    printed = {"study_id": f"made-up-{number}", "outcome": "overall-survival", "arm": "local"}
    printed |= {"statistic": "survival", "n": 60, "unit": "%", "source": "Table 2"}
    append(
        raw / "extraction" / "outcomes.csv",
        printed | {"time": 12, "value": 75},
        printed | {"time": 24, "value": 55},
    )


def decide(raw: Path, time: int):
    """A later vote on a record that awaits one, no surer than the last; no study comes or goes."""
    awaiting = raw.parents[1] / "results" / "screening" / "awaiting.csv"
    with awaiting.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    vote = {"record": row["record_id"], "reviewer": "reviewer-1", "decision": "unsure"}
    vote |= {"stage": row["stage"], "decided_on": "2026-11-27", "note": f"asked {time} times"}
    append(raw / "screening" / "decisions.csv", vote)


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
        vote = []
        for number in range(1, repeats + 1):
            decide(clone / "data" / "raw", number)
            vote.append(seconds(snakemake, clone))
        update = []
        for number in range(1, repeats + 1):
            new_study(clone / "data" / "raw", number)
            update.append(seconds(snakemake, clone))
        yield "cold run, 2 cores (median)", statistics.median(cold), "s"
        yield "update by one decision that moves no study (median)", statistics.median(vote), "s"
        yield "update by one new study (median)", statistics.median(update), "s"
        yield "nothing to do (median)", statistics.median(idle), "s"
        yield "`snakemake --version`, for comparison (median)", statistics.median(bare), "s"
        for path in sorted((clone / "results" / "benchmarks").glob("*.tsv")):
            row = next(csv.DictReader(path.open(), delimiter="\t"))
            memory = f"{float(row['max_rss']):.0f} MB" if row["max_rss"] != "NA" else "too short"
            yield f"`{path.stem}`: time, and peak memory", float(row["s"]), f"s, {memory}"
        if fresh:
            subprocess.run(["git", "stash", "-uq"], cwd=clone, check=True)
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
