"""Studies that may have patients in common, what speaks for it, and what people decided.

Cochrane Handbook 4.6.2: reports of the same patients are linked, so that none counts twice. Here no
study is left out: a pair is graded and told, and pooling shows the result without its overlap
(pooling/overlap.py).
"""

import calendar
import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.extraction import places, sentinel
from livingmeta.extraction.studies import PATH
from livingmeta.screening import trial_numbers

COLUMNS = tables.columns("extraction/overlaps")
DIFFERENT = "different"  # the answer that two studies have no patient in common
# What speaks for common patients by itself; two of them together leave no doubt.
STRONG = ("report", "centre", "arms")
# Checks of problems.csv that find the same numbers in two studies.
TWICE = ("one arm in two studies", "one study twice")
# ASSUME: these words name no place and no house; a centre that is called by them alone is not
# compared. Words of other languages count as names, which only ever makes fewer pairs.
_GENERAL = re.compile(
    r"an?|and|at|cent(?:re|er)s?|city|clinic(?:al|s)?|college|community|de[lr]?|des|department|"
    r"departement|di|du|faculty|foundation|for|general|group|health|hospitals?|hospitalier|in|"
    r"institut(?:e|ions?)?|medical|medicine|memorial|named?|national|not?|of|on|oncology|ones?|"
    r"others?|our|reference|regional|research|royal|school|single|st|state|study|teaching|tertiary|"
    r"the|to|trial|units?|university|univ|und|von|affiliated|cancer|several|multi\w*|registr\w*|"
    r"two|three|four|five|six|seven|eight|nine|ten|first|second|third|fourth|fifth|\d{1,2}"
)
_MANY = re.compile(
    r"\bmulti-?\s?(?:cent|institut|national)|\b(?:registr|database|nationwide|seer|consortium)|"
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|several)\s+(?:\w+\s+)?"
    r"(?:cent(?:re|er)s|hospitals|institutions|sites|clinics|others)\b",
    re.IGNORECASE,
)
_MONTHS = {name.casefold(): i for i, name in enumerate(calendar.month_abbr) if i}
# 2004, 2004-05, and 20040503 as some registers write a day.
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?:(\d\d)\d\d(?!\d)|(?!\d)(?:[-/.](\d{1,2})(?!\d))?)")
_MONTH = re.compile(r"\b(" + "|".join(_MONTHS) + r")[a-z]*\b", re.IGNORECASE)
Period = tuple[float, float]


class _About(NamedTuple):
    """What of a study tells whose patients it has."""

    numbers: frozenset[str]
    reports: frozenset[str]
    trial: str
    names: frozenset[str]
    many: bool
    period: Period | None
    noted: frozenset[str]


def must_name_studies(raw: pd.DataFrame) -> None:
    """Raises TableError for words of the column `overlap` that are no other study's study_id.

    `raw`: studies.csv as read under schema data/studies.
    """
    known = set(raw["study_id"])
    problems = []
    for row in raw.to_dict("records") if "overlap" in raw else ():
        wrong = sorted(_noted(row) - (known - {row["study_id"]}))
        hints = [sentinel.perhaps(name, known - {row["study_id"]}) for name in wrong]
        if wrong:
            names = ", ".join(f"'{n}'{hint}" for n, hint in zip(wrong, hints, strict=True))
            problems.append(
                f"{places.named(row, PATH)}, column overlap: {names}; it names the study_ids of "
                "other studies that may have patients in common with this one, separated by "
                "blanks, commas or semicolons, and is empty where there is none. Words belong in "
                "the column note."
            )
    if problems:
        raise tables.TableError(problems)


def _noted(row: Mapping[Any, Any]) -> set[str]:
    """The words of a study's column `overlap`."""
    return set(re.split(r"[\s;,]+", tables.text(row.get("overlap")))) - {""}


def pairs(
    studies: pd.DataFrame, outcomes: pd.DataFrame, problems: pd.DataFrame, answers: pd.DataFrame
) -> pd.DataFrame:
    """Each pair of studies that may share patients, in the columns of extraction/overlaps.csv.

    `studies`, `outcomes`, `problems`: as in results/extraction/ (`studies` with any of the columns
    `registration`, `trial` and `overlap`, the last naming studies); `answers`: as read under schema
    data/sentinel. Studies that name one `trial`, or have a report and an arm in common and nothing
    else, are comparisons of one trial, which `shared_control` counts as one; excluded ones count
    nowhere: neither makes a pair. Enrolment that is known of both and has no day in common speaks
    against what a centre tells.
    """
    counted = [row for row in studies.to_dict("records") if row["status"] != "excluded"]
    known = {str(row["study_id"]) for row in counted}
    about = {str(row["study_id"]): _about(row, known) for row in counted}
    equal = _equal_arms(outcomes, problems)
    said = {
        frozenset(sentinel.pair(row["what"])): row
        for row in answers.to_dict("records")
        if row["kind"] == "overlap"
    }
    rows = []
    for first, second in combinations(sorted(about), 2):
        if about[first].trial and about[first].trial == about[second].trial:
            continue
        signs = _signs(about[first], about[second])
        if first in about[second].noted or second in about[first].noted:
            signs.append("noted")
        if frozenset((first, second)) in equal:
            signs.append("arms")
        if set(signs) == {"report", "arms"}:  # comparisons of one trial: `shared_control` has them
            continue
        if signs:
            answer: Mapping[Any, Any] = said.get(frozenset((first, second)), {})
            told = {"answer": answer.get("decision", ""), "reason": answer.get("reason", "")}
            place = {"study_id": first, "other": second, "grade": _grade(signs)}
            rows.append(place | {"signs": " ".join(signs)} | told)
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=str)


def _grade(signs: Iterable[str]) -> str:
    strong = sum(sign in STRONG for sign in signs)
    if "registration" in signs or strong > 1:
        return "certain"
    return "likely" if strong else "possible"


def _signs(one: _About, other: _About) -> list[str]:
    found = []
    if one.numbers & other.numbers:
        found.append("registration")
    if one.reports & other.reports:
        found.append("report")
    overlap = _overlap(one.period, other.period)
    if overlap is not False and one.names and other.names:
        found += _of_centres(one, other, overlap is True)
    return found


def _of_centres(one: _About, other: _About, at_once: bool) -> list[str]:
    """What the names of two centres tell; `at_once`: both are known to have enrolled together."""
    both = one.names & other.names
    if one.names == other.names and one.many == other.many:
        return ["centre" if at_once else "centre-undated"]
    if one.many and other.many:
        return ["part-of"] if len(both) > 1 else []
    if one.many or other.many:
        return ["part-of"] if both else []
    return ["part-of"] if both in (one.names, other.names) else []


def _about(row: Mapping[Any, Any], known: set[str]) -> _About:
    text = {column: tables.text(row.get(column)).strip() for column in row}
    centre = text.get("centre", "")
    start, end = (months(text.get(f"enrolled_{at}", "")) for at in ("from", "to"))
    return _About(
        frozenset(trial_numbers.numbers(text.get("registration", ""))),
        frozenset(text.get("records", "").split()),
        text.get("trial", ""),
        _names(centre),
        bool(_MANY.search(centre)),
        (start[0], end[1]) if start and end else None,
        frozenset(_noted(row) & known),
    )


def _names(centre: str) -> frozenset[str]:
    """The words of a centre that name a place or a house, without accents and in lower case."""
    apart = unicodedata.normalize("NFKD", re.sub(r"['’]s\b", "", centre))
    plain = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
    words = re.findall(r"[^\W_]+", plain)
    return frozenset(word for word in words if not _GENERAL.fullmatch(word))


def months(text: str) -> Period | None:
    """The months, counted from year 0, between which a date as printed lies; None where it says
    no year."""
    match = _YEAR.search(text)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2] or match[3] or 0)
    if not month and (named := _MONTH.search(text)):
        month = _MONTHS[named[1].casefold()]
    if not 1 <= month <= 12:
        return year * 12.0, year * 12.0 + 11
    return year * 12.0 + month - 1, year * 12.0 + month - 1


def _overlap(one: Period | None, other: Period | None) -> bool | None:
    """Whether two periods have a month in common; None where one of them is not known."""
    if one is None or other is None:
        return None
    return one[0] <= other[1] and other[0] <= one[1]


def shared_with(overlaps: pd.DataFrame, studies: Iterable[str]) -> list[str]:
    """For each study those that it may share patients with, separated by blanks; a pair of which a
    person has said that its patients differ is none. `overlaps`: as `pairs` gives it."""
    held = overlaps[overlaps["answer"] != DIFFERENT]
    of: dict[str, list[str]] = {}
    for one, other in zip(held["study_id"], held["other"], strict=True):
        of.setdefault(one, []).append(other)
        of.setdefault(other, []).append(one)
    return [" ".join(sorted(of.get(study, []))) for study in studies]


def _equal_arms(outcomes: pd.DataFrame, problems: pd.DataFrame) -> set[frozenset[str]]:
    """Pairs of studies of which the checks found one arm in both."""
    study_of = dict(zip(outcomes["row"], outcomes["study_id"], strict=True))
    found = problems[problems["check"].isin(TWICE) & problems["row"].notna()]
    of: dict[str, set[str]] = {}
    for problem, row in zip(found["problem_id"], found["row"], strict=True):
        of.setdefault(problem, set()).add(study_of[row])
    return {frozenset(pair) for pair in of.values() if len(pair) == 2}
