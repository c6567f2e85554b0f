"""How long all outputs of a report take: of this repository's review, and of one far larger.

`python benchmarks/report.py` runs both reviews in a temporary folder, then once more every rule
from the figures on, with nothing kept of before, and once more after one printed number was
corrected. It prints a table in the form of docs/performance.md. The large review is made
up: 40 syntheses of 500 studies, each study printing four outcomes, so 2,000 effects. The figure to
read on a busy machine is processor time.
"""

import argparse
import csv
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
RULES = ["draw", "accumulate", "render", "typeset", "export", "package"]
MEASURES = ["OR", "RR", "HR", "PLO"]
PRINTED_BY_A_STUDY = 4


def write(folder: Path, studies: int, syntheses: int, seed: int = 1) -> None:
    """Write a review of that many studies and syntheses to `folder`; `seed` makes the same."""
    chance = random.Random(seed)
    names = [f"outcome-{i:02}" for i in range(1, syntheses + 1)]
    measures = {name: MEASURES[i % len(MEASURES)] for i, name in enumerate(names)}
    protocol = yaml.safe_load((ROOT / "tests/reviews/small/config/config.yaml").read_text())
    protocol["outcomes"] = {
        name: {
            "label": f"Outcome {name.removeprefix('outcome-')}",
            "kind": "survival" if measure == "HR" else "binary",
            "good": "lower",
        }
        for name, measure in measures.items()
    }
    protocol["syntheses"] = {
        name: {
            "title": f"Outcome {name.removeprefix('outcome-')} with testomycin",
            "outcome": name,
            "measure": measure,
            "arms": ["drug"] if measure == "PLO" else ["drug", "none"],
            "subgroups": ["design"],
            "moderators": ["year"],
            "sensitivity": [{"tau2": "DL", "interval": "wald"}, {"tau2": "PM"}],
        }
        for name, measure in measures.items()
    }
    raw = folder / "data" / "raw"
    for part in ("searches", "screening", "extraction"):
        (raw / part).mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(protocol, sort_keys=False))
    records, decisions, rows, printed = [], [], [], []
    for number in range(studies):
        doi, year, size = f"10.5555/made-up.{number}", 1990 + number % 35, chance.randint(30, 400)
        title = f"Trial {number} of testomycin: " + " ".join(
            "".join(chance.choices("bcdefghlmnorst", k=7)) for _ in range(9)
        )
        records.append(
            f"TY  - JOUR\nT1  - {title}\nA1  - Author{number}, A\nY1  - {year}\n"
            f"JF  - Journal of Fever\nDO  - {doi}\nER  - \n"
        )
        for stage in ("title-abstract", "full-text"):
            decisions.append([f"doi:{doi}", stage, "ab", "include", "2025-02-01"])
        design = chance.choice(["randomised", "comparative", "matched"])
        rows.append([f"study-{number}", f"doi:{doi}", f"Author{number} {year}", year, design, size])
        for name in chance.sample(names, PRINTED_BY_A_STUDY):
            if measures[name] == "HR":
                ratio = chance.lognormvariate(-0.3, 0.3)
                width = 1 + 4 / size**0.5
                limits = [round(ratio / width, 3), round(ratio * width, 3)]
                found = [("drug/none", "hazard-ratio", round(ratio, 3), size, limits)]
            else:
                risk = min(0.9, max(0.1, chance.gauss(0.4, 0.1)))
                found = [
                    (arm, "events", sum(chance.random() < at for _ in range(size)), size, ["", ""])
                    for arm, at in (("drug", risk * 0.8), ("none", risk))
                ]
            for arm, statistic, value, n, (low, high) in found:
                printed.append(
                    [f"study-{number}", name, arm, statistic, value, n, low, high, "Table 2"]
                )
    (raw / "searches" / "all.ris").write_text("\n".join(records))
    tables = {
        "searches/searches.csv": (
            "file database platform searched_on hits strategy note",
            [["all.ris", "Embase", "Ovid", "2025-01-10", studies, "", ""]],
        ),
        "screening/decisions.csv": ("record stage reviewer decision decided_on", decisions),
        "extraction/studies.csv": ("study_id records label year design n", rows),
        "extraction/outcomes.csv": (
            "study_id outcome arm statistic value n ci_low ci_high source",
            printed,
        ),
    }
    for path, (header, lines) in tables.items():
        with (raw / path).open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerows([header.split(), *lines])


def run(review: Path, *options) -> tuple[float, float]:
    """Wall-clock and processor seconds of a run of the workflow, which must succeed."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--workflow-profile", str(ROOT / "profiles" / "default"), "--cores", "2"]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*command, "--directory", str(review), *options], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, spent


def measure(name: str, review: Path) -> None:
    """Print the rows of one review."""
    cold = run(review)
    shutil.rmtree(review / ".snakemake" / "kept")
    wall, spent = run(review, "--forcerun", *RULES)
    idle = run(review)
    print(f"| **{name}**: all outputs | {wall - idle[0]:.1f} s | {spent - idle[1]:.1f} s | |")
    for rule in RULES:
        path = review / "results" / "benchmarks" / f"{rule}.tsv"
        row = next(csv.DictReader(path.open(), delimiter="\t"))
        cpu, peak = (row[key] if row[key] != "NA" else "nan" for key in ("cpu_time", "max_rss"))
        print(f"| `{rule}` | {float(row['s']):.1f} s | {float(cpu):.1f} s | {float(peak):.0f} MB |")
    size = (review / "results" / "report.html").stat().st_size
    print(f"| report.html | {size / 1e6:.2f} MB | | |", flush=True)
    correct(review)
    update = run(review)
    print(f"| cold run, all rules | {cold[0]:.1f} s | {cold[1]:.1f} s | |")
    print(f"| one number corrected | {update[0]:.1f} s | {update[1]:.1f} s | |", flush=True)


def correct(review: Path) -> None:
    """One patient more in the last row of outcomes.csv that prints a number of patients."""
    path = review / "data" / "raw" / "extraction" / "outcomes.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in reversed(rows) if row["n"])
    row["n"] = int(row["n"]) + 1
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(row), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--syntheses", type=int, default=40)
    parser.add_argument("--folder", type=Path, help="where the reviews are made and kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        ours, large = folder / "ours", folder / "large"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(ours)], check=True)
        write(large, asked.studies, asked.syntheses)
        print("| what | elapsed | processor | peak memory |\n|---|---|---|---|", flush=True)
        measure("the review of this repository", ours)
        measure(f"{asked.syntheses} syntheses, {asked.studies} studies", large)


if __name__ == "__main__":
    main()
