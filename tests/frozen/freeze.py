"""Write down what today's code makes of the drawn studies, as `test_frozen.py` will ask for it.

    PYTHONPATH=workflow/scripts:tests python tests/frozen/freeze.py [kind ...]

Run it only when a change of these answers is meant, and say in the commit which and why.
"""

import csv
import sys
from pathlib import Path

import pandas as pd

from frozen.kinds import KINDS

HERE = Path(__file__).parent


def split(row: dict) -> tuple[str, dict[str, float]]:
    """What a row is about, as one text, and its numbers by name."""
    numbers = {
        name: float("nan") if value is pd.NA else float(value)
        for name, value in row.items()
        if value is pd.NA or (isinstance(value, int | float) and not isinstance(value, bool))
    }
    words = [str(value) for name, value in row.items() if name not in numbers]
    return " | ".join(words), numbers


def written(kind: str) -> list[tuple[str, str]]:
    """The rows of one kind as they stand in its file: what, and its numbers to seven digits."""
    rows = map(split, KINDS[kind]())
    return [(what, " ".join(f"{x:.7g}" for x in numbers.values())) for what, numbers in rows]


if __name__ == "__main__":
    for kind in sys.argv[1:] or KINDS:
        with open(HERE / f"{kind}.csv", "w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([("what", "numbers"), *written(kind)])
