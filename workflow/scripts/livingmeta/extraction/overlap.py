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
from math import inf, isfinite
from typing import Any, NamedTuple

import pandas as pd

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction import places, sentinel
from livingmeta.extraction.studies import PATH
from livingmeta.screening import trial_numbers
from livingmeta.screening.duplicates import entries, retold
from livingmeta.words.settling import SIGNS

COLUMNS = tables.columns("extraction/overlaps")
DIFFERENT = "different"  # the answer that two studies have no patient in common
# What speaks for common patients by itself; two of them together leave no doubt.
STRONG = ("report", "retold", "centre", "arms", "named-number", "trial")
# Checks of problems.csv that find the same numbers in two studies.
TWICE = ("one arm in two studies", "one study twice")
# Words of a house's kind, as they are shortened. Of two houses of one town, each with a kind that
# the other is not called by (University Hospital, City Hospital; First and Second Affiliated
# Hospital), neither is the other.
_KINDS = {
    word: kind
    for kind, words in {
        "cancer": "cancer", "city": "city community municipal", "general": "general gen",
        "memorial": "memorial mem", "national": "national natl nat", "regional": "regional reg",
        "royal": "royal", "state": "state", "university": "university univ universities",
        "first": "first 1st", "second": "second 2nd", "third": "third 3rd", "fourth": "fourth 4th",
        "fifth": "fifth 5th", "sixth": "sixth 6th",
    }.items()
    for word in words.split()
}  # fmt: skip
# ASSUME: these words too name no place and no house; a centre that is called by them alone is not
# compared. Words of other languages count as names, which only ever makes fewer pairs.
_GENERAL = re.compile(
    r"an?|and|at|cent(?:re|er)s?|ctr|clin|clinic(?:al|s)?|coll|college|de[lr]?|des|department|dept|"
    r"departement|di|du|faculty|fac|foundation|for|group|health|hosp|hospitals?|hospitalier|in|"
    r"inst|institut(?:e|ions?)?|med|medical|medicine|named?|not?|of|on|oncology|ones?|"
    r"others?|our|reference|research|saint|sankt|school|sch|single|st|study|teaching|tertiary|"
    r"the|to|trial|units?|und|von|affiliated|affil|several|multi\w*|registr\w*|"
    r"two|three|four|five|six|seven|eight|nine|ten|\d{1,2}"
)
_REGISTRY = re.compile(r"\b(?:registr|data\s?base|seer\b)", re.IGNORECASE)
# A registry is called by what it registers and where: National Cancer Database.
_OF_REGISTRIES = re.compile(r"an?|and|base|data|database|for|from|in|of|program\w*|registr\w*|the")
_MANY = re.compile(
    r"\bmulti-?\s?(?:cent|institut|national)|\b(?:nationwide|consortium)|"
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|several)\s+(?:[\w-]+\s+){0,3}"
    r"(?:cent(?:re|er)s|hospitals|institut(?:ion|e)s|sites|clinics|others)\b",
    re.IGNORECASE,
)
# Letters that no mark makes of others.
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "œ": "oe", "ı": "i"}
)
_SMALL = re.compile(r"an?|and|at|de[lrs]?|di|du|for|in|of|on|the|und|y")
_SPELT = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))  # Zuerich, Aarhus
_MONTHS = {name.casefold(): i for i, name in enumerate(calendar.month_abbr) if i}
# 2004, 2004-05, and 20040503 as some registers write a day.
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?:(\d\d)\d\d(?!\d)|(?!\d)(?:[-/.](\d{1,2})(?!\d))?)")
# 03/2010, and 31.12.2014: of two numbers before the year the second is the month, unless it can be
# none; what may be either is of the whole year.
_BEFORE_YEAR = re.compile(r"(?:(?<!\d)(\d{1,2})[-/.])?(?<!\d)(\d{1,2})[-/.](?:1[89]|20)\d\d$")
_MONTH = re.compile(r"\b(" + "|".join(_MONTHS) + r")[a-z]*\b", re.IGNORECASE)
Period = tuple[float, float]


class _Centre(NamedTuple):
    """What the words say of a centre: its own names, its kinds of house, what it is shortened to or
    could be, and whether it is a registry or several centres."""

    names: frozenset[str]
    kinds: frozenset[str]
    short: frozenset[str]
    initials: str
    registry: bool
    many: bool


class _About(NamedTuple):
    """What of a study tells whose patients it has."""

    numbers: frozenset[str]
    unread: frozenset[str]
    named: frozenset[str]
    reports: frozenset[str]
    entries: tuple[entries.Entry, ...]
    trial: str
    centre: "_Centre"
    period: Period | None
    noted: frozenset[str]


def must_name_studies(raw: pd.DataFrame) -> None:
    """Raises TableError for words of the column `overlap` that are no other study's study_id.

    `raw`: studies.csv as read under schema data/studies.
    """
    known = set(raw["study_id"])
    problems = []
    for row in as_dicts(raw) if "overlap" in raw else ():
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
    studies: pd.DataFrame,
    outcomes: pd.DataFrame,
    problems: pd.DataFrame,
    answers: pd.DataFrame,
    registrations: pd.DataFrame,
    records: pd.DataFrame,
) -> pd.DataFrame:
    """Each pair of studies that may share patients, in the columns of extraction/overlaps.csv.

    `studies`, `outcomes`, `problems`: as in results/extraction/ (`studies` with any of the columns
    `registration`, `trial` and `overlap`, the last naming studies); `answers`: as read under schema
    data/sentinel; `registrations`, `records`: those tables of screening: the numbers that a report
    names speak for studies of which people gave no `registration`. Studies that name one `trial`
    and share an arm, or have a report and an arm in common and nothing else, are comparisons of one
    trial, which `shared_control` counts as one; excluded ones count nowhere: neither makes a pair.
    Those of one trial that print the same two arms with other numbers are its subgroups or two of
    its reports: a pair. Enrolment that is known of both and has no day in common speaks against
    what a centre or a title tells, and so do two numbers of one register against a title.
    """
    counted = [row for row in as_dicts(studies) if row["status"] != "excluded"]
    known = {str(row["study_id"]) for row in counted}
    named: dict[str, set[str]] = {}
    for record, number in zip(registrations["record_id"], registrations["number"], strict=True):
        named.setdefault(record, set()).add(number)
    of_counted = {name for row in counted for name in tables.text(row.get("records")).split()}
    held = as_dicts(records[records["record_id"].isin(of_counted)])
    report = {row["record_id"]: entries.prepare(row["record_id"], row) for row in held}
    about = {str(row["study_id"]): _about(row, known, named, report) for row in counted}
    equal, arms = _equal_arms(outcomes, problems), _arms(outcomes)
    said = {
        frozenset(sentinel.pair(row["what"])): row
        for row in as_dicts(answers)
        if row["kind"] == "overlap"
    }
    rows = []
    for first, second in combinations(sorted(about), 2):
        of_trial = about[first].trial and about[first].trial == about[second].trial
        if of_trial and (frozenset((first, second)) in equal or not _two(arms, first, second)):
            continue
        signs = ["trial"] if of_trial else _signs(about[first], about[second])
        if first in about[second].noted or second in about[first].noted:
            signs.append("noted")
        if frozenset((first, second)) in equal:
            signs.append("arms")
        if set(signs) == {"report", "arms"}:  # comparisons of one trial: `shared_control` has them
            continue
        if signs:
            told = _answered(said.get(frozenset((first, second)), {}), signs)
            place = {"study_id": first, "other": second, "grade": _grade(signs)}
            rows.append(place | {"signs": " ".join(signs)} | told)
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=str)


def _answered(answer: Mapping[Any, Any], signs: Iterable[str]) -> dict[str, str]:
    """What a person said of a pair, while all that speaks for it was told then (`told`, in the
    words of to_settle.csv or by the codes)."""
    decision, reason = answer.get("decision", ""), answer.get("reason", "")
    told = tables.text(answer.get("told"))
    codes = set(re.split(r"[\s;,]+", told))
    if told:
        by_code = codes <= SIGNS.keys()
        held = codes if by_code else {s for s in signs if sentinel.tells(told, SIGNS[s])}
        new = [sign for sign in signs if sign not in held]
    else:
        # ASSUME: who has not noted what was told, and says that no patient is in common, knew of
        # all but of one registration, unless the reason speaks of it: nothing else is as certain.
        named = "regist" in reason.casefold() or trial_numbers.numbers(reason)
        new = ["registration"] if "registration" in signs and not named else []
        new = new if decision == DIFFERENT else []
    if new:
        return {"answer": "", "reason": "", "outdated": f"{decision} ({reason})"}
    return {"answer": decision, "reason": reason, "outdated": ""}


def _grade(signs: Iterable[str]) -> str:
    strong = sum(sign in STRONG for sign in signs)
    if "registration" in signs or strong > 1:
        return "certain"
    return "likely" if strong else "possible"


def _signs(one: _About, other: _About) -> list[str]:
    found = []
    if one.numbers & other.numbers or one.unread & other.unread:
        found.append("registration")
    if one.reports & other.reports:
        found.append("report")
    # One report names its numbers for both; what people gave of both is compared above.
    if not found and not (one.numbers and other.numbers) and one.named & other.named:
        found.append("named-number")
    overlap = _overlap(one.period, other.period)
    if overlap is not False and "report" not in found and _retold(one, other):
        found.append("retold")
    if overlap is not False and one.centre.names and other.centre.names:
        found += _of_centres(one.centre, other.centre, overlap is True)
    return found


def _retold(one: _About, other: _About) -> bool:
    """Whether a report of the one tells what a report of the other does. Twin trials have one title
    in a register, and two numbers."""
    if one.named.isdisjoint(other.named):
        of_one, of_other = ({trial_numbers.register(n) for n in of.named} for of in (one, other))
        if of_one & of_other:
            return False
    return any(retold.retold(a, b) for a in one.entries for b in other.entries)


def _of_centres(one: _Centre, other: _Centre, at_once: bool) -> list[str]:
    """What the names of two centres tell; `at_once`: both are known to have enrolled together."""
    both = one.names & other.names
    within = both in (one.names, other.names)
    mine, theirs = one.kinds - other.kinds, other.kinds - one.kinds
    of_two_kinds = bool(mine and theirs)
    shortened = any(
        short in initials
        for of, initials in ((one.short, other.initials), (other.short, one.initials))
        for short in of
    )
    if one.registry or other.registry:
        if one.names == other.names and one.registry == other.registry:
            return ["centre" if at_once else "centre-undated"]
        part = within if one.registry and other.registry else bool(both)
        return ["part-of"] if part or shortened else []
    if one.names == other.names and one.many == other.many and not of_two_kinds:
        return ["centre" if at_once else "centre-undated"]
    if one.many and other.many:
        return ["part-of"] if len(both) > 1 else []
    if one.many or other.many:
        return ["part-of"] if both or shortened else []
    # ASSUME: a cancer centre may be of the university hospital of its town; no other two kinds are
    # one house.
    apart = of_two_kinds and "cancer" not in mine | theirs
    return ["part-of"] if (within and not apart) or shortened else []


def _about(
    row: Mapping[Any, Any],
    known: set[str],
    named: Mapping[str, Iterable[str]],
    report: Mapping[str, entries.Entry],
) -> _About:
    text = {column: tables.text(row.get(column)).strip() for column in row}
    centre = text.get("centre", "")
    start, end = text.get("enrolled_from", ""), text.get("enrolled_to", "")
    # Both ends may stand in one cell: 2010-2014.
    first, last = months(start), months(end, last=True)
    if last is None and months(start, last=True) != first:
        last = months(start, last=True)
    registration = text.get("registration", "")
    numbers = frozenset(trial_numbers.of_column(registration))
    reports = frozenset(text.get("records", "").split())
    return _About(
        numbers,
        frozenset(trial_numbers.unread(registration)),
        numbers or frozenset(number for report in reports for number in named.get(report, ())),
        reports,
        tuple(report[name] for name in sorted(reports) if name in report),
        text.get("trial", ""),
        _centre(centre),
        (first[0] if first else -inf, last[1] if last else inf) if first or last else None,
        frozenset(_noted(row) & known),
    )


def _centre(text: str) -> _Centre:
    """What the words of a centre say, without accents and in lower case."""
    apart = unicodedata.normalize("NFKD", re.sub(r"['’]s\b", "", text.translate(_LETTERS)))
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", plain.casefold())
    registry = bool(_REGISTRY.search(text))
    general = _OF_REGISTRIES if registry else _GENERAL
    names = [w for w in words if not general.fullmatch(w) and (registry or w not in _KINDS)]
    for long, short in _SPELT:
        names = [name.replace(long, short) for name in names]
    return _Centre(
        frozenset(names),
        frozenset(_KINDS[word] for word in words if word in _KINDS),
        frozenset(word.casefold() for word in re.findall(r"\b[A-Z]{3,}\b", plain)),
        "".join(word[0] for word in words if not _SMALL.fullmatch(word)),
        registry,
        registry or bool(_MANY.search(text)),
    )


def months(text: str, *, last: bool = False) -> Period | None:
    """The months, counted from year 0, between which a date as printed lies, of several dates the
    first (or the `last`); None where it says no year."""
    matches = list(_YEAR.finditer(text))
    if not matches:
        return None
    match = matches[-1 if last else 0]
    year, month = int(match[1]), int(match[2] or match[3] or 0)
    if not month and (named := _MONTH.findall(text)):
        month = _MONTHS[named[-1 if last else 0].casefold()]
    if not month:
        month = _before(text[: match.end(1)])
    if not 1 <= month <= 12:
        return year * 12.0, year * 12.0 + 11
    return year * 12.0 + month - 1, year * 12.0 + month - 1


def _before(text: str) -> int:
    """The month of a date whose year stands last, as 03/2010 and 31.12.2014; 0 where none stands
    there, or where two numbers may be it."""
    match = _BEFORE_YEAR.search(text)
    if match is None:
        return 0
    numbers = {int(n) for n in (match[1], match[2]) if n and 1 <= int(n) <= 12}
    if match[0].count(".") == 2:  # day.month.year
        return int(match[2])
    return numbers.pop() if len(numbers) == 1 else 0


def _overlap(one: Period | None, other: Period | None) -> bool | None:
    """Whether two periods, of which an end may be open, have a month in common; None where that is
    not known."""
    if one is None or other is None:
        return None
    if one[0] > other[1] or other[0] > one[1]:
        return False
    ends = ((end, of) for mine, of in ((one, other), (other, one)) for end in mine if isfinite(end))
    if any(isfinite(of[0]) and isfinite(of[1]) and of[0] <= end <= of[1] for end, of in ends):
        return True
    return True if all(map(isfinite, (*one, *other))) else None


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


def _arms(outcomes: pd.DataFrame) -> dict[str, dict[str, set[str]]]:
    """By study and outcome the arms of which something is printed, alone or in a contrast."""
    found: dict[str, dict[str, set[str]]] = {}
    cells = zip(outcomes["study_id"], outcomes["outcome"], outcomes["arm"], strict=True)
    for study, outcome, arm in cells:
        of = found.setdefault(study, {}).setdefault(outcome, set())
        of.update(filter(None, tables.text(arm).split("/")))
    return found


def _two(arms: Mapping[str, Mapping[str, set[str]]], first: str, second: str) -> bool:
    """Whether two studies print the same two arms of one outcome."""
    mine, theirs = arms.get(first, {}), arms.get(second, {})
    return any(len(of & theirs.get(outcome, set())) > 1 for outcome, of in mine.items())
