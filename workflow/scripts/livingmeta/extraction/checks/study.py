"""Checks across the outcomes of one study. See `run`.

Where the treated are counted from their treatment and the others from their diagnosis, nobody could
die before being treated: their survival holds time that the comparison did not give (immortal
time). studies.csv says from when, in the columns `time_zero_<arm>`; a review without such columns
is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from math import isfinite

from livingmeta.extraction.checks.arms import arms, of, of_whom
from livingmeta.extraction.checks.beside import with_columns
from livingmeta.extraction.checks.designs import in_both, number
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.rows import Row, plain
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
# Arms that are all patients of a study.
ALL = {"all", "overall", "total"}
PREFIX = "time_zero_"
# What is printed of survival over time, of one arm or of two against each other.
OVER_TIME = {
    *("survival", "median", "at-risk", "rmst", "rmst-difference", "hazard-ratio", "log-rank-p"),
    *("log-rank-observed", "log-rank-expected", "log-rank-variance"),
}


def sizes(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Patients in the arms: the same throughout an outcome, but for a part of them, the matched and
    the weighted, and together no more than the study."""
    of_one: dict[tuple, list[Row]] = {}
    for r in rows:
        single = r.arm and "/" not in r.arm and r.statistic != "at-risk"
        if single and r.n > 0 and not counts(r):
            of_one.setdefault((r.outcome, r.arm, *of_whom(r)), []).append(r)
    for (outcome, arm, part, _), mine in of_one.items():
        few, many = (pick(mine, key=lambda r: r.n) for pick in (min, max))
        if many.n > 3 * few.n:
            yield Problem(
                "warning",
                (few.row, many.row),
                "patients",
                f"n of {arm} differs widely within {outcome}{f', {part}' * bool(part)}",
                f"{many.n:g}",
                f"{few.n:g}?",
            )
    total = number(about, "n")
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


# ASSUME: fewer events than this, or than this share of a study whose arms they do not make more
# alike in size, may well be as many as left it (of 400,000 drawn studies in 1 of 600 they are).
_EVENTS, _MANY = 10, 0.2
# ASSUME: means and SDs that happen to add up to the patients of a study do so where its arms have
# about as many; less than seven tenths of them have few.
_FEWER = 0.7


def n_of_another_column(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """Numbers of all arms that add up to the patients of the study, while their n do not: those
    without the event, with those who had it; means or SDs, or events and n of one arm, of a sheet
    whose columns stand in another order."""
    total = number(about, "n")
    if not total > 0 or in_both(about):
        return
    moments: dict[tuple, list[Row]] = {}
    for r in with_columns(rows):
        single = r.arm and "/" not in r.arm and of_whom(r) == ("", "") and r.n > 0
        single = single and r.arm not in ALL
        if single and r.statistic in ("events", "mean", "sd") and not counts(r):
            of = (r.outcome, r.statistic, r.measured, r.time if isfinite(r.time) else None)
            moments.setdefault(of, []).append(r)
    told: set[tuple[int, ...]] = set()
    for (outcome, statistic, *_), found in moments.items():
        by_arm = {r.arm: r for r in reversed(found)}
        mine = tuple(by_arm.values())
        values, sizes = (sum(x) for x in zip(*((r.value, r.n) for r in mine), strict=True))
        places = tuple(sorted({r.row for r in mine}))
        if len(mine) < 2 or places in told or any(r.value != int(r.value) for r in mine):
            continue
        elsewhere = {(r.arm, r.n) for r in rows if r.outcome != outcome}
        if all((r.arm, r.n) in elsewhere for r in mine):
            continue  # so many came back, or were asked
        if statistic == "events":
            apart = [max(x) - min(x) for x in ([r.n + r.value for r in mine], [r.n for r in mine])]
            seldom = apart[0] < apart[1] or values >= _MANY * total
            odd = sizes + values == total and values >= _EVENTS and seldom
            asked = "its events and n make the patients of the study: is n of those without it?"
            cure = f"n {' and '.join(plain(r.n + r.value) for r in mine)}"
            if len(mine) == 2 and sizes < total and any(r.value + r.n == total for r in mine):
                odd, cure = True, f"n that make {plain(total)} (n of studies.csv)"
                asked = "events and n of one arm make the patients of the study: do the events of "
                asked += "both arms stand before both n?"
        else:
            odd = values == total and sizes <= _FEWER * total  # more are told by `sizes`
            of_them = "SDs" if statistic == "sd" else "means"
            asked = f"its {of_them} make the patients of the study, and its n do not: are the "
            asked += "columns in another order?"
            cure = f"n that make {plain(total)} (n of studies.csv)"
        if odd:
            told.add(places)
            yield Problem(
                "warning",
                places,
                "patients",
                f"{outcome} of {' and '.join(r.arm for r in mine)}: {asked}",
                " and ".join(f"{plain(r.value)} (n {plain(r.n)})" for r in mine),
                cure,
            )


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


def study_of_more_digits(rows: tuple[Row, ...], about: dict) -> Iterator[Problem]:
    """A study ten or a hundred times its arms has a digit too many."""
    total = number(about, "n")
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


def a_digit_more(n: float, together: float) -> bool:
    """Whether a number of patients is that of others with a digit or two more."""
    return any(abs(n / factor - together) <= 0.01 * together for factor in (10, 100))
