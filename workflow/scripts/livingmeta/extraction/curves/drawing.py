"""Files of digitised curves: of which curve each is, and who digitised it.

`ahn-2015.drug.os.csv` is of the outcome os, `ahn-2015.drug.os-kim.csv` the same curve as Kim has
it. A file of our own page says above its points who digitised it. What people agree on is
`ahn-2015.drug.os-consensus.csv`, whoever clicked it.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import PurePosixPath
from typing import NamedTuple
from unicodedata import combining, normalize

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.cells import CONSENSUS
from livingmeta.extraction.curves.origin import Origin
from livingmeta.extraction.readings import is_nobody, person

FOLDER = "data/raw/extraction/curves"
Key = tuple[str, str, str]
# ASSUME: so many points are not alike to the digit by chance; a curve on which nobody dies has two.
MANY = 10


class Drawing(NamedTuple):
    """A curve as one person digitised it. `key`: study, arm and outcome; `by`: who, "" where nobody
    says; `file`: its path; `points`: `time` in the protocol's unit, and `survival`."""

    key: Key
    by: str
    file: str
    points: pd.DataFrame

    @property
    def origin(self) -> Origin | None:
        return self.points.attrs.get("origin")

    @property
    def place(self) -> tuple[bool, date, str]:
        """Its place among files of one curve: without a name first, then by the day on which it was
        digitised, those that do not say behind; so a second reading comes after the first."""
        return bool(self.by), self.origin.on if self.origin else date.max, _plain(self.by)


def named(path: str, points: pd.DataFrame, outcomes: Collection[str]) -> Drawing:
    """The drawing in a file. `outcomes`: those of the protocol.

    Raises TableError for a name that is of no study, arm and outcome, that is no one's, or that is
    of another person than the head of the file.
    """
    name = PurePosixPath(path).name
    parts = name.rsplit(".", 3)
    if len(parts) != 4 or parts[3] != "csv":
        raise tables.TableError(
            [
                f"{path}: its name must be <study_id>.<arm>.<outcome>.csv, or with who digitised "
                "it behind the outcome: <study_id>.<arm>.<outcome>-kim.csv."
            ]
        )
    study, arm, last = parts[:3]
    of = [one for one in outcomes if last == one or last.startswith((f"{one}-", f"{one} "))]
    outcome = max(of, key=len, default=last)
    by = person(f"{last}.csv", outcome)
    told = points.attrs.get("origin")
    if last != outcome and is_nobody(by) and not (told and not by):
        raise tables.TableError(
            [
                f"{path}: it would count as what somebody called '{by or last}' "
                f"digitised. Name it for who did ({study}.{arm}.{outcome}-kim.csv), or take it out "
                "of data/raw."
            ]
        )
    if told and by and by != CONSENSUS and not one_person(by, told.by):
        raise tables.TableError(
            [
                f"{path}: its name says that {by} digitised it, and '# digitised by' in it that "
                f"{told.by} did. Name it for who did."
            ]
        )
    by = told.by if told and by != CONSENSUS else by
    by = CONSENSUS if _plain(by) == CONSENSUS else by
    return Drawing((study, arm, outcome), by, path, points)


def must_be_one_each(drawings: Iterable[Drawing]) -> None:
    """TableError where one person has two files of one curve, of which neither is the better,
    where two people have the same points: a copy is no second reading, and where what stands
    behind an outcome may be no person: `os-matched` is another curve."""
    drawings = list(drawings)
    first: dict[Key, list[Drawing]] = {}
    many = Counter(one.key for one in drawings)
    problems = [
        f"{one.file}: it would count as what somebody called '{one.by}' digitised, and nothing "
        f"else says so. If {one.by} did, call it {'.'.join(one.key)}.csv while it is the only file "
        "of that curve; if it is of another outcome, let the protocol have that outcome."
        for one in drawings
        if many[one.key] == 1 and one.by and one.by != CONSENSUS and not one.origin
    ]
    for one in drawings:
        earlier = first.setdefault(one.key, [])
        if same := next((two for two in earlier if one_person(one.by, two.by)), None):
            study, arm, outcome = one.key
            whose = f" by {one.by}" if one.by else ""
            problems.append(
                f"{one.file}: {same.file} is of the same study, arm and outcome{whose}; keep one "
                "of the two, or name each for who digitised it "
                f"({study}.{arm}.{outcome}-kim.csv)."
            )
        earlier.append(one)
    held: dict[tuple[str, str, tuple], Drawing] = {}
    for one in drawings:
        points = tuple(one.points[["time", "survival"]].itertuples(index=False, name=None))
        if len(points) < MANY:
            continue
        study, arm, outcome = one.key
        copied = held.setdefault((study, outcome, points), one)
        if copied.key != one.key:
            problems.append(
                f"{one.file}: its points are those of {copied.file} to the digit, so that the arms "
                f"{arm} and {copied.key[1]} would live and die alike. Digitise the curve of each."
            )
        elif CONSENSUS not in (one.by, copied.by) and not one_person(one.by, copied.by):
            problems.append(
                f"{one.file}: its points are those of {copied.file} to the digit, which no second "
                "hand clicks. Take the copy out of data/raw; who agrees with a curve of another "
                "has not digitised it."
            )
    if problems:
        raise tables.TableError(problems)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def one_person(one: str, other: str) -> bool:
    """Whether two names are of one person, in full or in part: kim, Kim Lee, ann-marie, María."""
    first, second = _words(one), _words(other)
    part = bool(first and second) and (first <= second or second <= first)
    return part or _plain(one) == _plain(other)


def _words(name: str) -> set[str]:
    """The parts of a name, without accents."""
    bare = "".join(c for c in normalize("NFKD", name.casefold()) if not combining(c))
    return set(re.findall(r"\w+", bare.replace("_", " ")))
