"""Checks across the outcomes of one study. See `run`.

Where the treated are counted from their treatment and the others from their diagnosis, nobody could
die before being treated: their survival holds time that the comparison did not give (immortal
time). studies.csv says from when, in the columns `time_zero_<arm>`; a review without such columns
is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from math import isfinite, nan

from livingmeta.extraction.checks.arms import Rows, arms, of
from livingmeta.extraction.checks.designs import in_both, number
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row
from livingmeta.formulas.rounding import half_unit

# Outcomes whose event includes death, by what trials call them.
COMPOSITE = re.compile(
    r"^(progression|disease|recurrence|relapse|event|failure)-free(-survival)?$|^(pfs|dfs|rfs|efs)$"
)
# What else than patients a percentage or count may be of, in the words of a note or an outcome.
COUNTED = re.compile(
    r"\b(?:of|per|by) (?:the )?(?:\d+ )?(?:[a-z]+ )?"
    r"(lesions?|metastas[ei]s|tumou?rs?|nodules?|nodes?|procedures?|sessions?|ablations?)\b"
    r"|\b(lesions?|procedures?|sessions?), not patients\b",
    re.IGNORECASE,
)
OVERALL = re.compile(r"^(overall-survival|os)$")
# A size may leave out one patient or a twentieth (not treated, lost at once) without a word.
FEW = 0.05
# Arms that are all patients of a study.
ALL = {"all", "overall", "total"}
PREFIX = "time_zero_"
# What is printed of survival over time, of one arm or of two against each other.
OVER_TIME = {
    *("survival", "median", "at-risk", "rmst", "rmst-difference", "hazard-ratio", "log-rank-p"),
    *("log-rank-observed", "log-rank-expected", "log-rank-variance"),
}


def sizes(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Patients in the arms: the same throughout an outcome, and together no more than the study."""
    for outcome in dict.fromkeys(r.outcome for r in rows):
        for arm in arms(rows):
            numbered = [
                r
                for r in rows
                if r.outcome == outcome and r.arm == arm and r.n > 0 and r.statistic != "at-risk"
            ]
            of_patients = [r for r in numbered if not counts(r)]
            if not of_patients:
                continue
            few, many = (pick(of_patients, key=lambda r: r.n) for pick in (min, max))
            if many.n > 3 * few.n:
                yield Problem(
                    "warning",
                    (few.row, many.row),
                    "patients",
                    f"n of {arm} differs widely within {outcome}",
                    f"{many.n:g}",
                    f"{few.n:g}?",
                )
    try:
        total = float(about.get("n") or nan)
    except (TypeError, ValueError):
        return
    for arm in arms(rows):
        above = [r for r in rows if r.arm == arm and isfinite(total) and r.n > total]
        for unit in dict.fromkeys(counts(r) for r in above):
            yield _more_than_all(arm, unit, [r for r in above if counts(r) == unit], total)


def _more_than_all(arm: str, unit: str, above: list[Row], total: float) -> Problem:
    """More of something in an arm than the study has patients."""
    survival = any(r.statistic in ("survival", "median", "at-risk") for r in above)
    if unit:
        grave = "warning"
        words = (
            f"n of {arm} counts {unit}, several of one patient: pooled as if they were patients,"
            " it would weigh too much"
        )
    elif survival:
        grave, words = "error", f"more patients in {arm} than in the whole study"
    else:
        grave = "warning"
        words = f"n of {arm} is above the patients of the study: lesions or procedures? Say so"
    largest = max(r.n for r in above)
    rows = tuple(r.row for r in above)
    return Problem(grave, rows, "patients", words, f"{largest:g}", f"{total:g} patients or less")


def counts(row: Row) -> str:
    """What a row counts instead of patients, by its note or its outcome; "" for patients."""
    found = COUNTED.search(row.note) or COUNTED.search(row.outcome.replace("-", " "))
    word = next((w for w in found.groups() if w), "") if found else ""
    return word.lower() if word.endswith("s") or not word else f"{word.lower()}s"


def progression_before_death(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Progression-free survival is never above overall survival, nor its median later."""
    overall = tuple(r for r in rows if OVERALL.search(r.outcome))
    composite = tuple(r for r in rows if COMPOSITE.search(r.outcome))
    for p in composite:
        if p.statistic not in ("survival", "median") or not isfinite(p.value):
            continue
        for o in of(overall, p.statistic, p.arm):
            same = p.statistic == "median" or o.time == p.time
            # Kaplan and Meier's estimates of both, with patients lost between the two, may cross by
            # a patient or so.
            few = max(0.02, 1 / o.n if o.n > 0 else 0) if p.statistic == "survival" else 0
            if same and p.value - half_unit(p.value) > o.value + half_unit(o.value) + few:
                unit = counts(p)
                why = f", but counts {unit}, whose patients may have died" if unit else ""
                yield Problem(
                    "warning" if unit else "error",
                    (o.row, p.row),
                    "progression after death",
                    f"{p.outcome} of {p.arm} has a {p.statistic} above that of {o.outcome}{why}",
                    f"{p.value:.6g}",
                    f"{o.value:.6g} or less",
                )


def beyond_follow_up(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Nothing is known after the longest follow-up."""
    for longest in of(rows, "maximum-followup"):
        for r in rows:
            if r.outcome != longest.outcome or longest.arm not in (r.arm, "all", ""):
                continue
            when = r.value if r.statistic == "median" else r.time
            if r.statistic in ("median", "survival") and when > 1.03 * longest.value:
                yield Problem(
                    "error",
                    (longest.row, r.row),
                    "beyond follow-up",
                    f"{r.statistic} of {r.arm} at {when:.4g}, after the longest follow-up",
                    f"{when:.4g}",
                    f"{longest.value:.4g} or less",
                )


def starts(about: dict) -> dict[str, str]:
    """From when each arm of a study is counted, by its row of studies.csv; "" where not said."""
    told = {
        name.removeprefix(PREFIX): " ".join(str(value or "").split())
        for name, value in about.items()
        if str(name).startswith(PREFIX)
    }
    return {arm: "" if words == "nan" else words for arm, words in told.items()}


def time_zero(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Two arms compared in their survival should be counted from the same time, and say so."""
    told = starts(about)
    for first, second in combinations(told, 2):
        where = _compared(rows, first, second)
        if not where:
            continue
        a, b = told[first], told[second]
        unknown = [arm for arm, words in ((first, a), (second, b)) if not words]
        if unknown:
            yield Problem(
                "note",
                where,
                "time zero",
                f"not said from when {' and '.join(unknown)} "
                f"{'is' if len(unknown) == 1 else 'are'} counted, so immortal time cannot be"
                " ruled out",
                f"{first}: {a or 'unknown'}; {second}: {b or 'unknown'}",
                "the same start in both arms",
            )
        elif a.casefold() != b.casefold():
            yield Problem(
                "warning",
                where,
                "time zero",
                f"{first} and {second} are counted from different times: time before the later"
                " start is immortal",
                f"{first}: {a}; {second}: {b}",
                "the same start in both arms",
            )


def _compared(rows: tuple[Row, ...], first: str, second: str) -> tuple[int, ...]:
    """The rows in which the survival of two arms is compared, or could be."""
    pairs = {f"{first}/{second}", f"{second}/{first}"}
    found: set[int] = set()
    for outcome in dict.fromkeys(r.outcome for r in rows):
        here = [r for r in rows if r.outcome == outcome and r.statistic in OVER_TIME]
        found |= {r.row for r in here if r.arm in pairs}
        sides = [{r.row for r in here if r.arm == arm} for arm in (first, second)]
        if all(sides):
            found |= sides[0] | sides[1]
    return tuple(sorted(found))


def arms_together(
    rows: Rows, about: dict, joins: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Two arms together are no more than the study, unless a patient is in both. `joins`: the parts
    of each arm that the protocol makes of others, which may be all patients."""
    total = number(about.get("n"))
    if not total > 0 or in_both(about):
        return
    for r in rows:
        if "/" in r.arm and r.n > total and not counts(r):
            yield Problem(
                "error",
                (r.row,),
                "patients",
                f"more patients in {r.arm} than in the whole study",
                f"{r.n:g}",
                f"{total:g} patients or less",
            )
    for first, second in _pairs(rows, joins):
        # The outcome in which they are most: an arm may be counted in several ways.
        most: tuple[float, Row, Row] | None = None
        for outcome in dict.fromkeys(r.outcome for r in rows):
            largest = [_largest(rows, outcome, arm) for arm in (first, second)]
            a, b = largest
            if a is None or b is None or max(a.n, b.n) > total:
                continue  # larger than all: `sizes` says so
            if most is None or a.n + b.n > most[0]:
                most = (a.n + b.n, a, b)
        if most and most[0] > total:
            together, a, b = most
            yield Problem(
                "error" if together > (1 + FEW) * total else "warning",
                (a.row, b.row),
                "patients of both arms",
                f"{first} ({a.n:g}) and {second} ({b.n:g}) are more than the whole study"
                f"{_as_all([a, b], total)}",
                f"{together:g}",
                f"{total:g} patients or less (n of studies.csv)",
            )


def _pairs(rows: Rows, joins: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """The pairs of arms that are compared, or the only two; none of them holds the other."""
    names = _of_some(rows)
    pairs = {frozenset(r.arm.split("/")) for r in rows if "/" in r.arm}
    compared = [pair for pair in combinations(names, 2) if frozenset(pair) in pairs]
    compared = compared or ([(names[0], names[1])] if len(names) == 2 else [])
    return [(a, b) for a, b in compared if a not in joins.get(b, ()) and b not in joins.get(a, ())]


def _of_some(rows: Rows) -> list[str]:
    """The arms of some patients of a study, not of all."""
    return [arm for arm in arms(rows) if arm not in ALL]


def _as_all(found: list[Row], total: float) -> str:
    """A word on an arm that has as many patients as the study."""
    whole = [r.arm for r in found if r.n == total]
    return f": is n of {' and of '.join(whole)} that of the study?" if whole else ""


def all_arms_together(
    rows: Rows, about: dict, joins: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Three arms or more together are no more than the study, unless one is others joined."""
    total = number(about.get("n"))
    names = [arm for arm in _of_some(rows) if arm not in joins]
    if not total > 0 or len(names) < 3 or in_both(about):
        return
    said = {row for p in arms_together(rows, about, joins) for row in p.rows}
    for outcome in dict.fromkeys(r.outcome for r in rows):
        found = [r for arm in names if (r := _largest(rows, outcome, arm)) is not None]
        together = sum(r.n for r in found)
        if len(found) < 3 or together <= total or max(r.n for r in found) > total:
            continue
        if said & {r.row for r in found} or _joined(found, total):
            continue  # `arms_together` says so, or an arm holds others
        yield Problem(
            "error" if together > (1 + FEW) * total else "warning",
            tuple(r.row for r in found),
            "patients of the arms",
            f"{', '.join(f'{r.arm} ({r.n:g})' for r in found)} are more than the whole study"
            f"{_as_all(found, total)}",
            f"{together:g}",
            f"{total:g} patients or less (n of studies.csv); an arm that is others joined is said "
            "in the protocol (joins)",
        )
        return


def _joined(found: list[Row], total: float) -> bool:
    """Whether an arm is as many as others together, and without it the arms are about the study:
    so it may be those, though the protocol does not say so. A control counted twice is as many as
    two other arms as well, and without it they are far fewer.

    ASSUME: a fifth of the study may be missing in an outcome.
    """
    together = sum(r.n for r in found)
    return any(
        r.n == sum(o.n for o in others) and 0.8 * total < together - r.n <= total
        for r in found
        for size in range(2, len(found))
        for others in combinations([o for o in found if o is not r], size)
    )


def study_of_more_digits(rows: Rows, about: dict) -> Iterator[Problem]:
    """A study ten or a hundred times its arms has a digit too many."""
    total = number(about.get("n"))
    largest = [
        max(told, key=lambda r: r.n)
        for arm in arms(rows)
        if (told := [r for r in rows if r.arm == arm and r.n > 0 and r.statistic != "at-risk"])
    ]
    if largest and a_digit_more(total, sum(r.n for r in largest)):
        together = sum(r.n for r in largest)
        yield Problem(
            "warning",
            tuple(r.row for r in largest),
            "patients",
            f"n of studies.csv is ten times or more what its arms have together ({together:g}): "
            "a digit too many, or is an arm missing?",
            f"{total:g}",
            f"{together:g}?",
        )


# ASSUME: of fewer of its patients than this share an outcome is seldom counted; what other columns
# add up to in so few is the study's number by chance in one of many.
_FEWER, _LEAST = 0.8, 20


def patients_in_another_column(rows: Rows, about: dict) -> Iterator[Problem]:
    """The n of the arms are far fewer than the study, and another column adds up to just that: the
    columns are in another order, or those without the event are typed as n."""
    total = number(about.get("n"))
    for outcome in dict.fromkeys(r.outcome for r in rows) if total >= _LEAST else ():
        for statistic in ("events", "mean"):
            found = [
                next(iter(of_arm), None)
                for arm in _of_some(rows)
                if (of_arm := [r for r in of(rows, statistic, arm) if r.outcome == outcome])
            ]
            mine = [r for r in found if r is not None and r.n > 0 and not r.part]
            n, values, sds = (sum(getattr(r, name) for r in mine) for name in ("n", "value", "sd"))
            if len(mine) < 2 or len(mine) < len(found) or not 0 < n < _FEWER * total:
                continue
            if statistic == "events":
                told = ["events and n", "is n that of the patients without the event"]
                told = told if n + values == total else []
            else:
                names = [
                    name for name, of_it in (("means", values), ("SDs", sds)) if of_it == total
                ]
                told = [*names, "are the columns in another order"][:2] if names else []
            if told:
                yield Problem(
                    "warning",
                    tuple(r.row for r in mine),
                    "patients",
                    f"n of {' and '.join(r.arm for r in mine)} are {n:g} together, and their "
                    f"{told[0]} add up to just the {total:g} of the study: {told[-1]}?",
                    " and ".join(f"{r.n:g}" for r in mine),
                    f"{total:g} together",
                )


def a_digit_more(n: float, together: float) -> bool:
    """Whether a number of patients is that of others with a digit or two more."""
    return any(abs(n / factor - together) <= 0.01 * together for factor in (10, 100))


def _largest(rows: Rows, outcome: str, arm: str) -> Row | None:
    told = [r for r in rows if (r.outcome, r.arm) == (outcome, arm) and r.n > 0]
    # Weights make as many of each arm as all patients are.
    told = [r for r in told if r.statistic != "at-risk" and r.adjusted != "weighted"]
    told = [r for r in told if not counts(r)]
    return max(told, key=lambda r: r.n, default=None)
