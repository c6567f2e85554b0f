"""Files of digitised curves: of which curve each is, and who digitised it.

`ahn-2015.drug.os.csv` is of the outcome os, `ahn-2015.drug.os-kim.csv` the same curve as Kim has
it. A file of our own page says above its points who digitised it; of any other a name counts as a
person's where the review knows that person, for `ahn-2015.drug.os-itt.csv` is another curve. What
people agree on is `ahn-2015.drug.os-consensus.csv`, whoever clicked it.
"""

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import PurePosixPath
from typing import NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.extraction.cells import CONSENSUS
from livingmeta.extraction.curves.origin import Origin
from livingmeta.extraction.readings import is_nobody, person
from livingmeta.words.people import key, one_person, plain

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
        return bool(self.by), self.origin.on if self.origin else date.max, plain(self.by)


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
    by = CONSENSUS if key(by) == CONSENSUS else by
    return Drawing((study, arm, outcome), by, path, points)


def must_be_one_each(drawings: Iterable[Drawing], people: Iterable[str] | None = None) -> None:
    """TableError where one person has two files of one curve, of which neither is the better,
    where two people or two arms have the same points, and where what stands behind an outcome is
    no person: `os-matched` is another curve. `people`: whom the review knows besides those whom
    the heads of the files name; None where that was asked before."""
    drawings = list(drawings)
    known = [*(people or ()), *(one.origin.by for one in drawings if one.origin)]
    problems = [
        f"{one.file}: it would count as what somebody called '{one.by}' digitised, and nothing "
        f"else says so: neither a row of the review nor the head of a file names {one.by}. If "
        f"{one.by} did, name {one.by} as extractor of a row of outcomes.csv, or call the file "
        f"{'.'.join(one.key)}.csv while it is the only one of that curve; if it is of another "
        "outcome, let the protocol have that outcome."
        for one in drawings
        if people is not None and one.by and one.by != CONSENSUS and not one.origin
        if not any(one_person(one.by, name) for name in known)
    ]
    for n, one in enumerate(drawings):
        for before in drawings[:n]:
            if before.key == one.key and one_person(before.by, one.by):
                whose = f" by {one.by}" if one.by else ""
                problems.append(
                    f"{one.file}: {before.file} is of the same study, arm and outcome{whose}; keep "
                    "one of the two, or name each for who digitised it "
                    f"({'.'.join(one.key)}-kim.csv)."
                )
                break
    problems += _copies(drawings)
    if problems:
        raise tables.TableError(problems)


def _copies(drawings: Iterable[Drawing]) -> Iterable[str]:
    """Of each file whose points are those of another person's, or of another arm's, what is wrong
    with it. What people agree on may be the curve of one of them."""
    held: dict[tuple, list[Drawing]] = {}
    for one in drawings:
        points = tuple(one.points[["time", "survival"]].itertuples(index=False, name=None))
        study, arm, outcome = one.key
        before = held.setdefault((study, outcome, points), [])
        for copied in before if len(points) >= MANY else ():
            if copied.key[1] != arm:
                yield (
                    f"{one.file}: its points are those of {copied.file} to the digit, so two arms "
                    "would have one curve. Digitise the curve of the other arm, or take the copy "
                    "out of data/raw."
                )
                break
            if CONSENSUS not in (one.by, copied.by) and not one_person(copied.by, one.by):
                yield (
                    f"{one.file}: its points are those of {copied.file} to the digit, which no "
                    "second hand clicks. Take the copy out of data/raw; who agrees with a curve of "
                    "another has not digitised it."
                )
                break
        before.append(one)
