"""Made-up reviews of any size, for benchmarks: none of their papers exist.

Each is a whole folder: two exports that overlap, decisions on nearly every record, and studies with
printed numbers. The protocol is that of tests/reviews/small. The same number gives the same bytes.
"""

import csv
import random
import shutil
from pathlib import Path

PROTOCOL = Path(__file__).parents[1] / "tests" / "reviews" / "small" / "config" / "config.yaml"
OVERLAP = 0.25  # of the records, those in both exports
AWAITING = 0.05  # of the records, those without a decision
ABSTRACT = 150  # words
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "zy",
    "chro",
    "phos",
    "ther",
]


def write(folder: Path, records: int, seed: int = 1) -> None:
    """Write a review of `records` records, copies counted, and a thirtieth as many studies (3 at
    least, 60 at most) to `folder`."""
    chance = random.Random(f"{seed}-{records}")
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(4000)]
    different = max(8, round(records / (1 + OVERLAP)))
    papers = [paper(chance, words, i) for i in range(different)]
    twice = chance.sample(papers, records - different)
    half = different // 2
    raw = folder / "data" / "raw"
    for name in ("searches", "screening", "extraction"):
        (raw / name).mkdir(parents=True, exist_ok=True)
    (folder / "config").mkdir(exist_ok=True)
    shutil.copy(PROTOCOL, folder / "config" / "config.yaml")
    first, second = papers[:half], papers[half:]
    ris(raw / "searches" / "embase.ris", first + [one for one in twice if one not in first])
    listed(raw / "searches" / "scopus.csv", second + [one for one in twice if one in first])
    table(
        raw / "searches" / "searches.csv",
        ["file", "database", "platform", "searched_on", "hits", "strategy", "note"],
        [
            ["embase.ris", "Embase", "Ovid", "2025-01-10", "", "", ""],
            ["scopus.csv", "Scopus", "Scopus", "2025-01-10", "", "", ""],
        ],
    )
    studies = papers[: min(60, max(3, records // 30))]
    decide(raw / "screening" / "decisions.csv", papers, studies, chance)
    extract(raw / "extraction", studies, chance)


def paper(chance, words, number: int) -> dict:
    """One paper: its DOI is 10.5555/made-up.<number>."""
    return {
        "doi": f"10.5555/made-up.{number}",
        "title": " ".join(chance.choices(words, k=12)).capitalize(),
        "author": chance.choice(words).capitalize() + ", " + chance.choice("ABCDEFGHJK"),
        "year": chance.randint(1990, 2025),
        "journal": "Journal of " + chance.choice(words[:200]).capitalize(),
        "abstract": " ".join(chance.choices(words, k=ABSTRACT)).capitalize() + ".",
    }


def ris(path: Path, papers) -> None:
    """Write papers as RIS."""
    tags = [("T1", "title"), ("A1", "author"), ("Y1", "year"), ("JF", "journal")]
    tags += [("DO", "doi"), ("N2", "abstract")]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for one in papers:
            lines = [f"{tag}  - {one[key]}" for tag, key in tags]
            file.write("\n".join(["TY  - JOUR", *lines, "ER  - ", "", ""]))


def listed(path: Path, papers) -> None:
    """Write papers as a CSV export."""
    columns = ["Authors", "Title", "Year", "Source title", "DOI", "Abstract"]
    keys = ["author", "title", "year", "journal", "doi", "abstract"]
    table(path, columns, [[one[key] for key in keys] for one in papers])


def decide(path: Path, papers, studies, chance) -> None:
    """Write decisions: the studies in, all others out, but for the few that still wait."""
    rows = []
    for one in papers:
        record, inside = f"doi:{one['doi']}", one in studies
        if not inside and chance.random() < AWAITING:
            continue
        decision = "include" if inside else "exclude"
        rows.append([record, "title-abstract", "ab", decision, "", "2025-02-01", ""])
        if inside:
            rows.append([record, "full-text", "ab", "include", "", "2025-02-02", ""])
    table(path, ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"], rows)


def extract(folder: Path, studies, chance) -> None:
    """Write studies.csv and outcomes.csv: fever in both arms, survival in one, a hazard ratio."""
    rows, printed = [], []
    for number, one in enumerate(studies):
        study, size = f"study-{number}", chance.randint(40, 400)
        rows.append(
            [study, f"doi:{one['doi']}", f"Study {number}", one["year"], "randomised", 2 * size]
        )
        better, worse = sorted(chance.sample(range(size // 10, size - 2), 2))
        ratio = round(chance.uniform(0.5, 1.1), 2)
        low, high, alive = round(ratio / 1.4, 2), round(ratio * 1.4, 2), chance.randint(40, 90)
        printed += [
            [study, "fever", "drug", 0.25, "events", better, size, "", "", "", "Table 2"],
            [study, "fever", "none", 0.25, "events", worse, size, "", "", "", "Table 2"],
            [study, "survival", "drug", 12, "survival", alive, size, "", "", "%", "Table 3"],
            [
                study,
                "survival",
                "drug/none",
                "",
                "hazard-ratio",
                ratio,
                2 * size,
                low,
                high,
                "",
                "Table 3",
            ],
        ]
    table(folder / "studies.csv", ["study_id", "records", "label", "year", "design", "n"], rows)
    columns = [
        "study_id",
        "outcome",
        "arm",
        "time",
        "statistic",
        "value",
        "n",
        "ci_low",
        "ci_high",
        "unit",
        "source",
    ]
    table(folder / "outcomes.csv", columns, printed)


def table(path: Path, columns, rows) -> None:
    """Write a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        out.writerows(rows)
