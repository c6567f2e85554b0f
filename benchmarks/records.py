"""Screening of very many records: what each rule of it costs, and how heavy its page is.

`python benchmarks/records.py --records 100000` makes a review of that many records that do not
exist (of 40,000 words the n-th stands as often as 1 / n ** 0.9), a fifth of them decided, runs it
up to the rule `rank`, and prints what each rule took and the size of the page.
"""

import argparse
import csv
import itertools
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import synthetic_reviews

ROOT = Path(__file__).parents[1]
WORDS = 40_000
DECIDED = 0.2  # of the records
KEPT = 0.02  # of those decided


def write(folder: Path, records: int) -> None:
    """Write the searches, decisions and protocol of a review of `records` records to `folder`."""
    synthetic_reviews.write(folder, 50)  # for the protocol, and the tables of its studies
    chance = random.Random(records)
    parts = synthetic_reviews.SYLLABLES
    words = ["".join(chance.choices(parts, k=chance.randint(2, 4))) for _ in range(WORDS)]
    often = list(itertools.accumulate((n + 1) ** -0.9 for n in range(WORDS)))
    papers = [paper(chance, words, often, 1000 + i) for i in range(records)]
    raw = folder / "data" / "raw"
    synthetic_reviews.ris(raw / "searches" / "embase.ris", papers)
    (raw / "searches" / "scopus.csv").unlink()
    columns = ["file", "database", "platform", "searched_on", "hits", "strategy", "note"]
    search = ["embase.ris", "Embase", "Ovid", "2025-01-10", "", "", ""]
    synthetic_reviews.table(raw / "searches" / "searches.csv", columns, [search])
    columns = ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"]
    rows = []
    for one in papers[: round(DECIDED * records)]:
        decision = "include" if chance.random() < KEPT else "exclude"
        at = ["title-abstract", "ab", decision, "", "2025-02-01", ""]
        rows.append([f"doi:{one['doi']}", *at])
    synthetic_reviews.table(raw / "screening" / "decisions.csv", columns, rows)
    for name in ("studies", "outcomes"):
        path = raw / "extraction" / f"{name}.csv"
        path.write_text(path.read_text().splitlines(keepends=True)[0])


def paper(chance: random.Random, words: list[str], often: list[float], number: int) -> dict:
    """One paper, its words drawn as often as `often` says (cumulated)."""
    drawn = chance.choices(words, cum_weights=often, k=12 + synthetic_reviews.ABSTRACT)
    return {
        "doi": f"10.5555/made-up.{number}",
        "title": " ".join(drawn[:12]).capitalize(),
        "author": chance.choice(words).capitalize() + ", " + chance.choice("ABCDEFGHJK"),
        "year": chance.randint(1990, 2025),
        "journal": "Journal of " + chance.choice(words[:200]).capitalize(),
        "abstract": " ".join(drawn[12:]).capitalize() + ".",
    }


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--folder", type=Path, help="where the reviews are made and kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        print("| records | deduplicate | screen | rank | the page |")
        print("|---" * 5 + "|")
        for records in asked.records:
            review = (asked.folder or Path(temporary)) / str(records)
            if not (review / "config").exists():
                write(review, records)
            command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
            command += ["--cores", "1", "--forceall", "--directory", str(review), "rank"]
            with open(review / "log", "w") as log:
                subprocess.run(command, check=True, stdout=log, stderr=log)
            cells = []
            for rule in ("deduplicate", "screen", "rank"):
                path = review / "results" / "benchmarks" / f"{rule}.tsv"
                row = next(csv.DictReader(path.open(), delimiter="\t"))
                cells.append(f"{float(row['cpu_time']):.0f} s, {float(row['max_rss']):.0f} MB")
            size = os.path.getsize(review / "results" / "screening" / "screen.html") / 1e6
            print(f"| {records:,} | " + " | ".join(cells) + f" | {size:.1f} MB |", flush=True)


if __name__ == "__main__":
    main()
