"""Many reviews at once: which there are under a folder, and how each fared."""

import csv
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from livingmeta import files, spreadsheets
from livingmeta.run import closing
from livingmeta.words import settling

COLUMNS = ["review", "state", *(kind.many for kind in settling.KINDS), "said"]


def reviews(folder: Path | str) -> list[str]:
    """The reviews under `folder` (not itself), as paths relative to it with slashes, sorted.

    A review is a folder with config/config.yaml. Nothing inside a review is looked at, nor are
    hidden folders. Links to folders are followed, and one to a folder that was seen is not.
    """
    found, seen = [], set()
    for here, below, _ in os.walk(folder, followlinks=True):
        relative = Path(here).relative_to(folder)
        if (real := os.path.realpath(here)) in seen:
            below.clear()
            continue
        seen.add(real)
        if relative.parts and (Path(here) / "config" / "config.yaml").is_file():
            found.append(relative.as_posix())
            below.clear()
        below[:] = sorted(name for name in below if not name.startswith("."))
    return sorted(found)


def label(review: str) -> str:
    """A review's path with whatever Snakemake or a spreadsheet would take for more than a name
    written as %XX; letters of all scripts, spaces and slashes stay. `name` takes it back."""
    return re.sub(r"[^\w /.,()+-]", lambda found: quote(found[0], safe=""), review)


def name(of: str) -> str:
    """The path of the review that `label` called so."""
    return unquote(of)


def fared(names: Iterable[str], ran: Iterable[str], failed: dict[str, list[str]]) -> list[dict]:
    """A row of COLUMNS for each review of `names`, in the current folder.

    `ran`: those that are up to date; `failed`: those whose run failed, with the logs of that run;
    of the others, none was begun. What waits for people is counted where results are up to date.
    """
    rows, done = [], set(ran)
    for name in names:
        row: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {"review": name, "state": "not begun"}
        if name in failed:
            row |= {"state": "failed", "said": " ".join(_last_words(failed[name]))}
        elif name in done:
            left = closing.waiting(name).items()
            row |= {"state": "up to date"} | {settling.OF[code].many: n for code, n in left}
        rows.append(row)
    return rows


def write(rows: list[dict], path: Path | str) -> None:
    """Write what `fared` found as a CSV, whole or not at all. No cell is a formula."""
    text = io.StringIO()
    out = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    out.writeheader()
    for row in rows:
        out.writerow({key: spreadsheets.harmless(str(value)) for key, value in row.items()})
    files.write(text.getvalue().encode("utf-8"), path)


def last_words(rows: list[dict], seconds: float) -> str:
    """What `fared` found, in words, for the end of a batch that took `seconds`."""
    if not rows:
        return "There is no review here: no folder with config/config.yaml."
    of = {state: [row for row in rows if row["state"] == state] for state in _states(rows)}
    counted = ", ".join(f"{len(those)} {state}" for state, those in of.items())
    words = [f"\n{len(rows)} reviews in {seconds:.0f} s: {counted}.\n"]
    width = max(len(row["review"]) for row in rows)
    for row in rows:
        result = [kind.many for kind in settling.KINDS if kind.weight == "result"]
        left = sum(row[what] or 0 for what in result)
        more = row["said"] or (f"{left} for people to settle" if left else "")
        words.append(f"  {row['review']:<{width}}  {row['state']:<10}  {more}".rstrip())
    words.append("\nThe same, and what is to settle, stands in results/reviews.csv.")
    if "failed" in of:
        words.append("The logs of those that failed: results/logs/<review>.log")
        words.append("Mend them and run again; the others are spared.")
    return "\n".join(words)


def _states(rows: Any) -> list[str]:
    return [s for s in ("up to date", "failed", "not begun") if s in {r["state"] for r in rows}]


def _last_words(logs: Any) -> list[str]:
    """What the log of a run calls wrong, or else its last lines, without places in code."""
    lines = [line for path in logs for line in closing.lines(path) if "  File " not in line]
    wrong = [line.removeprefix("  * ") for line in lines if line.startswith("  * ")]
    return wrong or [line.strip() for line in lines[-3:]]
