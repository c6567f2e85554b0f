"""Quality and speed of linking duplicates.

    PYTHONPATH=workflow/scripts python benchmarks/duplicates.py [FOLDER] [--sizes 10000 100000]

FOLDER holds labelled sets, each a folder with records.csv.gz (columns of BibTeX: ID, title, author,
year, journal, volume, number, pages, doi) and truth_clusters.csv (ids of one report joined by `;`).
Speed is measured on made-up records of which a fifth are copies with the usual differences.
"""

import argparse
import itertools
import random
import resource
import time
from pathlib import Path

import pandas as pd

from livingmeta.screening.duplicates import links as duplicates

_COLUMNS = {"ID": "record_id", "author": "authors", "number": "issue", "ENTRYTYPE": "type"}
_SYLLABLES = "ra tio sur vi the ra can cer li lung treat co hort cli ni lo cal gen pro car dia"
_SYLLABLES = [*_SYLLABLES.split(), "neo", "scle", "rosis", "itis", "oma", "ase", "pathy"]


def labelled(folder: Path) -> tuple[pd.DataFrame, list[list[str]]]:
    """Records in the columns of records.csv, and the true clusters."""
    records = pd.read_csv(folder / "records.csv.gz", dtype=str, keep_default_na=False)
    records = records.rename(columns=_COLUMNS).replace("UNKNOWN", "")
    if "booktitle" in records:
        records["journal"] = records["journal"].where(
            records["journal"] != "", records["booktitle"]
        )
    truth = pd.read_csv(folder / "truth_clusters.csv")["cluster_ids"]
    return records, [cluster.split(";") for cluster in truth]


def quality(records: pd.DataFrame, truth: list[list[str]], links: pd.DataFrame) -> dict:
    """Removed copies, true and false, and precision and recall over pairs."""
    of = {name: name for name in records["record_id"]}
    of.update({name: f"cluster {n}" for n, cluster in enumerate(truth) for name in cluster})
    kept = dict(zip(links["record_id"], links["duplicate_of"], strict=True))
    groups: dict[str, list[str]] = {}
    for name in records["record_id"]:
        groups.setdefault(kept.get(name, name), []).append(name)
    pairs = [of[a] == of[b] for g in groups.values() for a, b in itertools.combinations(g, 2)]
    possible = sum(len(c) * (len(c) - 1) // 2 for c in truth)
    removed = [(len(g), len({of[name] for name in g})) for g in groups.values()]
    return {
        "removed": sum(n - kinds for n, kinds in removed),
        "false": sum(kinds - 1 for _, kinds in removed),
        "of": sum(len(c) - 1 for c in truth),
        "precision": sum(pairs) / max(len(pairs), 1),
        "recall": sum(pairs) / possible,
    }


def made_up(size: int, seed: int = 1) -> pd.DataFrame:
    """Records of which a fifth are copies: typing slips, case, lost fields, other page styles."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(_SYLLABLES, k=draw.randrange(1, 5))) for _ in range(5000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]  # Zipf, as words are
    rows: list[dict[str, str]] = []
    for n in range(size):
        if rows and draw.random() < 0.2:
            row = dict(draw.choice(rows))
            title = row["title"]
            if draw.random() < 0.3:
                at = draw.randrange(len(title))
                title = title[:at] + draw.choice("aeiou") + title[at + 1 :]
            row["title"] = title.upper() if draw.random() < 0.1 else title
            if draw.random() < 0.5:
                row["doi"] = ""
            if draw.random() < 0.3:
                row["pages"] = row["pages"].partition("-")[0]
            if draw.random() < 0.2:
                row["journal"] = " ".join(w[:4] for w in row["journal"].split())
        else:
            first = draw.randrange(1, 3000)
            row = {
                "title": " ".join(draw.choices(words, weights, k=draw.randrange(6, 18))),
                "authors": "; ".join(
                    f"{draw.choice(words).title()}, {draw.choice('ABCDEFG')}"
                    for _ in range(draw.randrange(1, 8))
                ),
                "year": str(draw.randrange(1990, 2026)),
                "journal": f"Journal of {' '.join(draw.sample(words[:30], 2))}",
                "volume": str(draw.randrange(1, 90)),
                "issue": str(draw.randrange(1, 13)),
                "pages": f"{first}-{first + draw.randrange(3, 14)}",
                "doi": f"10.1000/x.{n}" if draw.random() < 0.7 else "",
                "abstract": "x" * 1500,
            }
            row["of"] = str(n)
        rows.append({**row, "record_id": str(n)})
    return pd.DataFrame(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--sizes", nargs="*", type=int, default=[10_000, 100_000])
    options = parser.parse_args()
    if options.folder:
        print("set                  records removed/false of  precision  recall  doubtful  seconds")
        for folder in sorted(p.parent for p in options.folder.glob("*/truth_clusters.csv")):
            records, truth = labelled(folder)
            start = time.perf_counter()
            links, doubtful = duplicates.find(records)
            seconds = time.perf_counter() - start
            q = quality(records, truth, links)
            print(
                f"{folder.name:20} {len(records):7} {q['removed']:7}/{q['false']:<3} {q['of']:4}"
                f"  {q['precision']:9.4f}  {q['recall']:6.4f}  {len(doubtful):8}  {seconds:7.1f}"
            )
    for size in options.sizes:
        records = made_up(size)
        wall, processor = time.perf_counter(), time.process_time()
        links, _ = duplicates.find(records)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        truth = [list(group) for _, group in records.groupby("of")["record_id"] if len(group) > 1]
        q = quality(records, truth, links)
        print(
            f"{size} made-up records: {q['removed']}/{q['false']} of {q['of']} copies, "
            f"{wall:.1f} s ({processor:.1f} s of processor), peak {peak:.0f} MB"
        )


if __name__ == "__main__":
    main()
