"""Extraction of a large review: what `extract` and `harmonise` take, without Snakemake.

`python benchmarks/extracting.py` makes up a review of 500 studies with ten printed rows each, of
the kinds that papers print (survival at times, medians, hazard ratios, counts, means with SDs; no
curves), and eight syntheses of them. Snakemake brings it as far as `screen`; then each job's `main`
runs in a process of its own, first on a review of ten studies, which loads whatever it needs, then
on the large one. Printed is processor time. `--profile` lists besides where it goes.
"""

import argparse
import cProfile
import multiprocessing
import os
import pstats
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import synthetic_reviews
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
OUTCOMES = {
    **dict.fromkeys(["overall-survival", "disease-free-survival"], "survival"),
    **dict.fromkeys(["response", "toxicity"], "binary"),
    "pain": "continuous",
}
# Outcome, measure, arms, time.
SYNTHESES = [
    ("overall-survival", "HR", ["drug", "none"], None),
    ("overall-survival", "OR", ["drug", "none"], 24),
    ("overall-survival", "PLO", ["drug"], 24),
    ("disease-free-survival", "HR", ["drug", "none"], None),
    ("response", "OR", ["drug", "none"], None),
    ("toxicity", "RR", ["drug", "none"], None),
    ("pain", "MD", ["drug", "none"], None),
    ("pain", "SMD", ["drug", "none"], None),
]
FEW = 10
NOT_BROUGHT = ["workbook", "proposals", "reviewers", "risk_of_bias", "curves", "sentinel"]
TABLES = {
    "extract": "studies outcomes risk_of_bias problems overlaps readings proposals machines "
    "agreement study_fields side_by_side curves individual",
    "harmonise": "effects routes used unusable intervals disagreements",
}


def write(folder: Path, studies: int, rows: int) -> None:
    """Write a review of that many studies, each with `rows` printed rows, to `folder`."""
    chance = random.Random(studies)
    synthetic_reviews.write(folder, 50)  # for the searches and the protocol
    path = folder / "config" / "config.yaml"
    protocol = yaml.safe_load(path.read_text())
    protocol["outcomes"] = {
        name: {"label": name.replace("-", " ").capitalize(), "kind": kind, "good": "lower"}
        for name, kind in OUTCOMES.items()
    }
    protocol["syntheses"] = {
        f"{outcome}-{measure.lower()}": {
            "title": f"{outcome}, {measure}",
            "outcome": outcome,
            "measure": measure,
            "arms": arms,
            **({"time": at} if at else {}),
        }
        for outcome, measure, arms, at in SYNTHESES
    }
    path.write_text(yaml.safe_dump(protocol, sort_keys=False))
    traits, records, decisions, printed = [], [], [], []
    for number in range(studies):
        paper = {
            "doi": f"10.5555/made-up.{1000 + number}",
            "title": f"Trial {number} of testomycin "
            + " ".join("".join(chance.choices("bcdefghlmnorst", k=7)) for _ in range(9)),
            "author": f"Author{number}, A",
            "year": 1990 + number % 35,
            "journal": "Journal of Fever",
            "abstract": "",
        }
        records.append(paper)
        record, study, size = f"doi:{paper['doi']}", f"study-{number}", chance.randint(20, 300)
        for stage in ("title-abstract", "full-text"):
            decisions.append([record, stage, "ab", "include", "", "2025-02-01", ""])
        design = chance.choice(["randomised", "comparative", "matched"])
        traits.append([study, record, f"Author{number}", paper["year"], design, 2 * size])
        groups = [*prints(chance, size)]
        chance.shuffle(groups)
        of_it = [[study, *row, "Table 2"] for group in groups for row in group]
        printed += of_it[:rows]
    raw = folder / "data" / "raw"
    (raw / "searches" / "scopus.csv").unlink()
    synthetic_reviews.ris(raw / "searches" / "embase.ris", records)
    named = ["file", "database", "platform", "searched_on", "hits", "strategy", "note"]
    search = ["embase.ris", "Embase", "Ovid", "2025-01-10", "", "", ""]
    synthetic_reviews.table(raw / "searches" / "searches.csv", named, [search])
    named = ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"]
    synthetic_reviews.table(raw / "screening" / "decisions.csv", named, decisions)
    named = ["study_id", "records", "label", "year", "design", "n"]
    synthetic_reviews.table(raw / "extraction" / "studies.csv", named, traits)
    named = ["study_id", "outcome", "arm", "time", "statistic", "value", "n"]
    named += ["ci_low", "ci_high", "unit", "source"]
    synthetic_reviews.table(raw / "extraction" / "outcomes.csv", named, printed)


def prints(chance: random.Random, size: int):
    """Rows that a paper with arms of `size` patients prints together, without study and source."""
    for outcome in ("overall-survival", "disease-free-survival"):
        early, late = chance.randint(60, 95), chance.randint(20, 55)
        worse = chance.randint(2, 15)
        yield [
            [outcome, arm, at, "survival", alive - lost, size, "", "", "%"]
            for arm, lost in (("drug", 0), ("none", worse))
            for at, alive in ((12, early), (24, late))
        ]
        ratio, width = chance.lognormvariate(-0.3, 0.2), 1 + 4 / size**0.5
        limits = [round(ratio / width, 2), round(ratio * width, 2)]
        whole = ["", "hazard-ratio", round(ratio, 2), 2 * size, *limits, ""]
        yield [[outcome, "drug/none", *whole]]
        months = round(chance.uniform(13, 23), 1)
        yield [
            [outcome, arm, "", "median", round(value, 1), size, "", "", "months"]
            for arm, value in (("drug", months), ("none", months - 1))
        ]
    for outcome in ("response", "toxicity"):
        yield [
            [outcome, arm, "", "events", chance.randint(0, size), size, "", "", ""]
            for arm in ("drug", "none")
        ]
    yield [
        ["pain", arm, "", statistic, round(chance.uniform(*span), 1), size, "", "", ""]
        for arm in ("drug", "none")
        for statistic, span in (("mean", (20, 60)), ("sd", (8, 20)))
    ]


def run(job: str, review: Path, profiler: cProfile.Profile | None = None) -> float:
    """Processor seconds of the `main` of a job; the tables it needs are there."""
    from livingmeta import protocol

    os.chdir(review)
    main = __import__(job).main
    asked = protocol.complete(protocol.read("config/config.yaml"))
    syntheses = asked["syntheses"]
    folder = f"results/{'extraction' if job == 'extract' else 'effects'}"
    Path(folder).mkdir(parents=True, exist_ok=True)
    out = {
        name: f"{folder}/{name}.{'json' if name == 'side_by_side' else 'csv'}"
        for name in TABLES[job].split()
    }
    brought = "data/raw/extraction/{}.csv".format
    begun = time.process_time()
    if profiler:
        profiler.enable()
    if job == "extract":
        raw = {name: [brought(name)] for name in ("studies", "outcomes")}
        raw |= {name: [] for name in NOT_BROUGHT}
        screened = [f"results/screening/{name}.csv" for name in ("records", "standing")]
        main(raw, *screened, out, asked, lambda line: None)
    else:
        tables = [f"results/extraction/{n}.csv" for n in ("studies", "outcomes", "risk_of_bias")]
        main(*tables, [], out, {"syntheses": syntheses, "courses": {}}, asked, lambda line: None)
    if profiler:
        profiler.disable()
    return time.process_time() - begun


def measure(job: str, few: Path, many: Path, profiled: bool) -> None:
    """Print one row: a job on few studies, imports and all, and on many."""
    first = run(job, few)
    profiler = cProfile.Profile() if profiled else None
    seconds = run(job, many, profiler)
    print(f"| `{job}` | {first:.2f} s | {seconds:.2f} s |", flush=True)
    if profiler:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--rows", type=int, default=10, help="printed rows of a study, 19 at most")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the reviews are made and kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        reviews = []
        for studies in (FEW, asked.studies):
            review = (asked.folder or Path(temporary)) / f"{studies}-{asked.rows}"
            reviews.append(review.resolve())
            if not (review / "results").exists():
                write(review, studies, asked.rows)
                command = [sys.executable, "-m", "snakemake", "--cores", "1", "--directory"]
                command += [str(review), "--snakefile", str(ROOT / "Snakefile"), "screen"]
                subprocess.run(command, check=True, capture_output=True)
        printed = asked.studies * asked.rows
        head = f"{asked.studies} studies, {printed:,} printed rows, {len(SYNTHESES)} syntheses"
        print(f"| job | imports and {FEW} studies | {head} |\n|---|---|---|", flush=True)
        fresh = multiprocessing.get_context("spawn")
        for job in TABLES:
            process = fresh.Process(target=measure, args=(job, *reviews, asked.profile))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(process.exitcode)


if __name__ == "__main__":
    main()
