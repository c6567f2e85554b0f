"""Results posted on ClinicalTrials.gov, held against the numbers that people extracted.

A second reading, never pooled. Compared is what can be: where title, group and time frame name one
outcome, arm and time of this review, and the kind of number is one of ours. All else is shown.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.outcomes import DAYS
from livingmeta.extraction.rows import SAME_TIME
from livingmeta.extraction.same_number import alike
from livingmeta.words.inspect_sr import AS_POSTED, NOT_AS_POSTED, NOT_COMPARED, check_of

_TIME = re.compile(
    r"(\d+(?:\.\d+)?)[\s-]*(day|week|month|year)s?\b|\b(day|week|month|year)\s*(\d+(?:\.\d+)?)",
    re.I,
)
# A period and no point in time.
_PERIOD = re.compile(r"\bup to\b|\bthrough|\buntil\b|\bfrom\b|\bbetween\b|\bto\b|\bwithin\b", re.I)
# What turns a name into another: "no fever" is not "fever", "free of pain" not "pain".
_NOT = frozenset(
    ["no", "not", "non", "never", "without", "free", "freedom", "absence", "absent", "lack"]
)
# What a posted number is, by its parameter: a statistic of outcomes.csv.
_STATISTICS = {"count of participants": "events", "mean": "mean", "median": "median"}
_ERRORS = {"standard deviation": "sd", "standard error": "se"}


class Known(NamedTuple):
    """Labels of the protocol's outcomes and arms, by key, and its unit of time."""

    outcomes: Mapping[str, str]
    arms: Mapping[str, str]
    time_unit: str


class Told(NamedTuple):
    """One thing said of the results of a trial: what, the extracted numbers, the posted ones."""

    found: str
    value: str
    expected: str


def found(
    posted: pd.DataFrame, trials: pd.DataFrame, outcomes: pd.DataFrame, known: Known
) -> dict[str, list[tuple[str, str, str, str, str]]]:
    """By study what is told of posted results: check of INSPECT-SR, found, number, extracted and
    posted numbers. `posted`, `trials`: of screening; `outcomes`: of extraction. A trial that is
    several studies, or none, is not compared."""
    told: dict[str, list[tuple[str, str, str, str, str]]] = {}
    study_of = dict(zip(trials["number"], trials["studies"], strict=True))
    for number, rows in posted.groupby("number", sort=True):
        study = tables.text(study_of.get(number))
        mine = outcomes[outcomes["study_id"] == study]
        for one in of_study(as_dicts(rows), mine, known) if len(mine) else ():
            row = (check_of(one.found), one.found, str(number), one.value, one.expected)
            told.setdefault(study, []).append(row)
    return told


def of_study(posted: list[dict[Any, Any]], outcomes: pd.DataFrame, known: Known) -> Iterator[Told]:
    """What is told of the results of one trial, that is one study.

    `posted`: its rows of screening/posted; `outcomes`: the study's rows of extraction. Numbers that
    differ beyond rounding, and those that agree, each in words of the tables; and the titles of
    which none could be compared. Of several people's readings one that agrees is enough: that they
    differ waits by itself.
    """
    places = [(row, _cell(row, posted, known)) for row in posted]
    often = Counter(cell for _, cell in places if cell)
    read = as_dicts(outcomes)
    agree: list[str] = []
    differ: list[tuple[str, str]] = []
    met: set[Any] = set()
    for row, cell in places:
        if cell is None or often[cell] > 1:
            continue
        read_so = [one for one in read if _is_of(one, cell, row)]
        # Without a number on both sides (NA) that patients agree says nothing.
        both = [one for one in read_so if isfinite(_number(one["value"]) + _number(row["value"]))]
        pairs = [_against(row, one) for one in both]
        if not pairs:
            continue
        met.add(row["measure"])
        said = _place(cell, known)
        if any(same for same, _, _ in pairs):
            agree.append(f"{said} {next(mine for same, mine, _ in pairs if same)}")
        else:
            differ.append((f"{said} {pairs[0][1]}", f"{said} {pairs[0][2]}"))
    titles = dict.fromkeys(row["title"] for row in posted if row["measure"] not in met)
    if differ:
        mine, theirs = (" | ".join(part) for part in zip(*differ, strict=True))
        yield Told(NOT_AS_POSTED, mine, theirs)
    if agree:
        yield Told(AS_POSTED, " | ".join(agree), "")
    if titles:
        yield Told(NOT_COMPARED, "", " | ".join(titles))


_Cell = tuple[str, str, float, str]  # outcome, arm, time, statistic


def _cell(row: Mapping[Any, Any], posted: list[dict[Any, Any]], known: Known) -> _Cell | None:
    """Of which outcome, arm, time and statistic a posted number is; None where that is not sure."""
    statistic = _STATISTICS.get(_plain(row["parameter"]), "")
    when = _time(row["time_frame"], known.time_unit)
    if not statistic or when is None or row["part"]:
        return None
    outcome = _named(row["title"], known.outcomes)
    arm = _named(row["group"], known.arms)
    groups = {one["group"] for one in posted if one["measure"] == row["measure"] and one["n"]}
    if sum(_named(group, known.arms) == arm for group in groups) != 1:
        return None
    return (outcome, arm, when, statistic) if outcome and arm else None


def _named(text: str, labels: Mapping[str, str]) -> str:
    """The one key whose label has all its words in a text; of labels of which one holds the words
    of all others (testomycin, no testomycin) that one. "" where none or several are left, and where
    the one says "no" and the other does not."""
    has = _words(text)
    found = {key: words for key, label in labels.items() if (words := _words(label)) <= has}
    found = {key: words for key, words in found.items() if words & _NOT == has & _NOT}
    best = [key for key, words in found.items() if all(w <= words for w in found.values())]
    return best[0] if len(best) == 1 else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _time(text: str, unit: str) -> float | None:
    """The one point in time that a time frame names, in `unit`."""
    found = [(a or d, (b or c).lower()) for a, b, c, d in _TIME.findall(text)]
    if len(found) != 1 or _PERIOD.search(text):
        return None
    number, own = found[0]
    return float(number) * float(DAYS[f"{own}s"] / DAYS[unit])


def _is_of(one: Mapping[Any, Any], cell: _Cell, row: Mapping[Any, Any]) -> bool:
    """Whether an extracted row is of this cell, of all patients, in the unit that is posted."""
    outcome, arm, when, statistic = cell
    at, unit = one["time"], _plain(one.get("unit"))
    if (one["outcome"], one["arm"], one["statistic"]) != (outcome, arm, statistic):
        return False
    if pd.isna(at) or abs(at - when) > SAME_TIME * when or tables.text(one.get("part")):
        return False
    change = "change" in _words(row["title"])
    if statistic == "mean" and change != (tables.text(one.get("measured")) == "change"):
        return False
    # A length of time is in the protocol's unit here, and a register's unit in its own words.
    return statistic == "events" or (unit not in DAYS and unit in ("", _plain(row["unit"])))


def _against(row: Mapping[Any, Any], one: Mapping[Any, Any]) -> tuple[bool, str, str]:
    """Whether both say the same beyond rounding, and what each says."""
    pairs = [("", _number(one["value"]), _number(row["value"]))]
    error = _ERRORS.get(_plain(row["dispersion"]), "")
    if error and one["statistic"] == "mean":
        pairs.append((f"{error} ", _number(one.get(error)), _number(row["spread"])))
    pairs.append(("n ", _number(one.get("n")), _number(row["n"])))
    both = [(name, x, y) for name, x, y in pairs if isfinite(x) and isfinite(y)]
    same = all(alike(x, y, 1) for _, x, y in both)
    mine, theirs = (", ".join(f"{name}{pair[at]:g}" for name, *pair in both) for at in (0, 1))
    return same, mine, theirs


def _number(cell: Any) -> float:
    plain = tables.text(cell).replace(",", "")
    try:
        return float(plain)
    except ValueError:
        return float("nan")


def _place(cell: _Cell, known: Known) -> str:
    outcome, arm, when, statistic = cell
    return f"{known.outcomes[outcome]}, {known.arms[arm]}, {when:g} {known.time_unit}: {statistic}"


def _plain(cell: Any) -> str:
    return tables.text(cell).replace("_", " ").strip().casefold()
