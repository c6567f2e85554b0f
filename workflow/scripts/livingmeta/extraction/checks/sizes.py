"""Checks of how many patients stand behind the numbers: rows, arms, intervals. See `run`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from math import atanh, nan, sqrt

from livingmeta.extraction.checks.arms import Rows, arms, of
from livingmeta.extraction.checks.designs import in_both, number
from livingmeta.extraction.checks.problem import Problem
from livingmeta.extraction.checks.study import ALL, a_digit_more, counts
from livingmeta.extraction.rows import Row, same_moment
from livingmeta.formulas import special
from livingmeta.formulas.rounding import half_per_cent, half_unit, se_range
from livingmeta.formulas.time_to_event import critical_value

# Of the same patients, whatever the time; of others, who left meanwhile are not counted.
OF_ALL = {"survival", "median", "rmst"}
# A size may leave out one patient or a twentieth (not treated, lost at once) without a word.
FEW = 0.05


def sizes_of_rows(rows: Rows) -> Iterator[Problem]:
    """n of one arm differs between rows of one time, or of its survival and its median."""
    usual = {arm: _usual(rows, arm) for arm in arms(rows)}
    for arm in usual:
        sized = [r for r in rows if r.arm == arm and r.n > 0 and r.statistic != "at-risk"]
        sized = [r for r in sized if not counts(r)]
        survival = any(r.statistic in OF_ALL for r in sized)
        told: set[int] = set()
        for a, b in combinations(sized, 2):
            both = {a.statistic, b.statistic}
            together = survival and both <= OF_ALL | {"events"}
            if not together and not same_moment(a.time, b.time):
                continue
            apart = abs(a.n - b.n)
            if apart <= (max(1.0, FEW * max(a.n, b.n)) if together else 0):
                continue
            odd = next((r for r in (b, a) if r.n != usual[arm]), b)
            if odd.row in told:
                continue
            told.add(odd.row)
            other = next((x for x, n in usual.items() if x != arm and n == odd.n), "")
            swapped = f"; it is that of {other}: are the arms swapped?" if other else ""
            yield Problem(
                "warning",
                (odd.row, (a if odd is b else b).row),
                "patients of a row",
                f"{odd.statistic.replace('-', ' ')} of {arm} is of {odd.n:g}, "
                f"but other numbers of {arm} are of {(a if odd is b else b).n:g}{swapped}",
                f"{odd.n:g}",
                f"{(a if odd is b else b).n:g}",
            )


def _usual(rows: Rows, arm: str) -> float:
    """The n that most rows of an arm have, of equally many the first."""
    told = [r.n for r in rows if r.arm == arm and r.n > 0 and r.statistic != "at-risk"]
    return max(told, key=told.count) if told else nan


def at_risk_at_start(rows: Rows) -> Iterator[Problem]:
    """Everybody is at risk at time 0."""
    for arm in arms(rows):
        n = _usual(tuple(r for r in rows if r.statistic in OF_ALL | {"events"}), arm)
        for r in of(rows, "at-risk", arm):
            if r.time == 0 and abs(r.value - n) > max(1.0, FEW * n):
                first = next(x for x in rows if x.arm == arm and x.n == n)
                yield Problem(
                    "warning",
                    (r.row, first.row),
                    "at risk at 0",
                    f"{r.value:g} at risk at the start in {arm}, but its numbers are of {n:g}",
                    f"{r.value:g}",
                    f"{n:g}",
                )
            elif r.time > 0 and r.value > n + max(1.0, FEW * n):
                first = next(x for x in rows if x.arm == arm and x.n == n)
                yield Problem(
                    "error",
                    (r.row, first.row),
                    "at risk at 0",
                    f"{r.value:g} at risk at {r.when} in {arm}, which has {n:g} patients",
                    f"{r.value:g}",
                    f"{n:g} or less",
                )


def arms_together(
    rows: Rows, about: dict, joins: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Two arms together are no more than the study, unless a patient is in both.

    `joins`: the parts of the protocol's arms that are made of others."""
    total = number(about, "n")
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
    for first, second in _compared(rows, joins):
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
                f"{first} ({a.n:g}) and {second} ({b.n:g}) are more than the whole study",
                f"{together:g}",
                f"{total:g} patients or less (n of studies.csv)",
            )


def _apart(rows: Rows, joins: Mapping[str, Collection[str]]) -> list[str]:
    """The arms of which none is all patients or holds another."""
    found = [arm for arm in arms(rows) if arm not in ALL]
    return [arm for arm in found if not set(joins.get(arm, ())) & set(found)]


def _compared(rows: Rows, joins: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """Pairs of arms between which a number is printed; where none is, the only two. None holds the
    other."""
    names = [arm for arm in arms(rows) if arm not in ALL]
    pairs = {frozenset(r.arm.split("/")) for r in rows if "/" in r.arm}
    compared = [pair for pair in combinations(names, 2) if frozenset(pair) in pairs]
    apart = _apart(rows, joins)
    compared = compared or ([(apart[0], apart[1])] if len(apart) == 2 else [])
    return [(a, b) for a, b in compared if a not in joins.get(b, ()) and b not in joins.get(a, ())]


def all_arms_together(
    rows: Rows, about: dict, joins: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Three arms or more together are no more than the study, unless one is others joined.

    `joins`: the parts of the protocol's arms that are made of others."""
    total = number(about, "n")
    names = _apart(rows, joins)
    if not total > 0 or len(names) < 3 or in_both(about):
        return
    for outcome in dict.fromkeys(r.outcome for r in rows):
        found = [r for arm in names if (r := _largest(rows, outcome, arm)) is not None]
        together = sum(r.n for r in found)
        if len(found) < 3 or together <= total or max(r.n for r in found) > total:
            continue
        size = {r.arm: r.n for r in found}
        of_two = any(size.get(a, 0) + size.get(b, 0) > total for a, b in _compared(rows, joins))
        if of_two or _joined(found, total):
            continue  # `arms_together` says so, or an arm holds others
        yield Problem(
            "error" if together > (1 + FEW) * total else "warning",
            tuple(r.row for r in found),
            "patients of the arms",
            f"{', '.join(f'{r.arm} ({r.n:g})' for r in found)} are more than the whole study",
            f"{together:g}",
            f"{total:g} patients or less (n of studies.csv)",
        )
        return


def _joined(found: list[Row], total: float) -> bool:
    """Whether an arm is as many as others together, and so may be those, though the protocol does
    not say so: where half of it does not make the arms the study (a control counted twice)."""
    together = sum(r.n for r in found)
    return any(
        r.n == sum(o.n for o in others) and abs(together - r.n / 2 - total) > FEW * total
        for r in found
        for size in range(2, len(found))
        for others in combinations([o for o in found if o is not r], size)
    )


def patients_of_contrasts(rows: Rows) -> Iterator[Problem]:
    """n of a comparison is that of both arms, not of one, nor with a digit more."""
    for r in rows:
        names = r.arm.split("/")
        sizes = [_usual(rows, arm) for arm in names]
        if len(names) != 2 or not r.n > 0 or not min(sizes) > 0 or counts(r):
            continue
        alone = r.n in sizes and r.adjusted not in ("matched", "weighted", "multivariable")
        if alone or a_digit_more(r.n, sum(sizes)):
            beside = [
                next(x for x in rows if (x.arm, x.n) == pair)
                for pair in zip(names, sizes, strict=True)
            ]
            yield Problem(
                "warning",
                (r.row, *(x.row for x in beside)),
                "patients",
                f"n of {r.arm} is {'that of one arm' if alone else 'ten times its arms'}: "
                f"{sizes[0]:g} and {sizes[1]:g}",
                f"{r.n:g}",
                f"{sum(sizes):g}",
            )


def _largest(rows: Rows, outcome: str, arm: str) -> Row | None:
    told = [r for r in rows if (r.outcome, r.arm) == (outcome, arm) and r.n > 0]
    # Weights make as many of each arm as all patients are.
    told = [r for r in told if r.statistic != "at-risk" and r.adjusted != "weighted"]
    told = [r for r in told if not counts(r)]
    return max(told, key=lambda r: r.n, default=None)


def percentage_interval_against_n(rows: Rows) -> Iterator[Problem]:
    """The interval of k of n by Wald, Wilson or exactly: none is much narrower or wider."""
    for r in of(rows, "proportion"):
        if not (r.has_ci and r.n >= 5 and 0 < r.value < 1 and r.ci_low < r.ci_high):
            continue
        widths = _widths(r.value, r.n, r.ci_level)
        half = half_per_cent(r.value, r.ci_low, r.ci_high)
        width = r.ci_high - r.ci_low
        if width + 2 * half < 0.9 * min(widths) or width - 2 * half > 1.12 * max(widths):
            narrow = width < min(widths)
            yield Problem(
                "warning",
                (r.row,),
                "interval against n",
                f"interval of the proportion of {r.arm} is far {'narrower' if narrow else 'wider'} "
                f"than {r.n:g} patients give; is it of another level, or n of another group?",
                f"{r.ci_low:.4g} to {r.ci_high:.4g}",
                f"a width of about {sum(widths) / len(widths):.3g}",
            )


def percentage_error_against_n(rows: Rows) -> Iterator[Problem]:
    """The SE of k of n, beside the percentage or in a row of its own: none is much smaller or
    larger than the binomial one."""
    for r in of(rows, "proportion"):
        told = [(r.se, r.row)] if r.se > 0 else []
        told += [
            (s.value, s.row)
            for s in of(rows, "se", r.arm)
            if same_moment(s.time, r.time) and s.value > 0
        ]
        if not told or not (r.n >= 5 and 0 < r.value < 1):
            continue
        se, row = told[0]
        true = sqrt(r.value * (1 - r.value) / r.n)
        half = half_per_cent(se)
        if se + half < 0.9 * true or se - half > 1.25 * true:
            yield Problem(
                "warning",
                tuple(dict.fromkeys((r.row, row))),
                "SE against n",
                f"SE of the proportion of {r.arm} is far {'smaller' if se < true else 'larger'} "
                f"than {r.n:g} patients give: is it of something else, or n of another group?",
                f"{se:.4g}",
                f"about {true:.3g}",
            )


def error_without_percent(rows: Rows) -> Iterator[Problem]:
    """An SE typed as a share beside a percentage, and so a hundredth of what it is: smaller than
    that many patients can have, or where their number is not known than 160,000 would have."""
    for r in rows:
        if r.statistic not in ("survival", "proportion", "mortality", "risk-difference", "rate"):
            continue
        if r.n > 0 and r.statistic in ("survival", "proportion"):
            continue  # other checks hold it to its own n
        if r.statistic == "rate" and _events_of_rate(rows, r):
            continue  # or to its events
        told = [(r.se, r.row)] if r.se > 0 else []
        told += [
            (s.value, s.row)
            for s in of(rows, "se", r.arm)
            if same_moment(s.time, r.time) and s.value > 0
        ]
        n = r.n if r.n > 0 else _patients(rows, r.arm)
        for se, row in told[:1]:
            if r.statistic == "rate":
                share = se / r.value if r.value > 0 else nan
                least = 0.2 / sqrt(n) if n else 0.0025
            elif r.statistic == "risk-difference":
                share, least = se, 0.04 / sqrt(n) if n else 0.0025
            else:
                spread = sqrt(max(r.value * (1 - r.value), 0.0))
                share, least = se, 0.2 * spread / sqrt(n) if n else 0.0025 * spread
            if share < least:
                yield Problem(
                    "warning",
                    tuple(dict.fromkeys((r.row, row))),
                    "SE against n",
                    f"SE of the {r.statistic.replace('-', ' ')} of {r.arm} is far smaller than "
                    f"{f'{n:g}' if n else '160,000'} patients give: was a share typed beside "
                    "a percentage?",
                    f"{se:.4g}",
                    f"{100 * se:.4g}?",
                )


def _patients(rows: Rows, arm: str) -> float:
    """The most patients that are printed of an arm, or of two together; 0 where none are."""
    each = [
        max((r.n for r in rows if r.arm == one and r.n > 0), default=0) for one in arm.split("/")
    ]
    return sum(each) if all(each) else 0.0


def other_intervals(rows: Rows) -> Iterator[Problem]:
    """Intervals of rates against events, of correlations against n."""
    for r in rows:
        if r.statistic == "rate" and not r.has_ci:
            yield from _error_of_rate(rows, r)
        if not r.has_ci or (not 0 < r.ci_low < r.ci_high and r.statistic != "correlation"):
            continue
        half = half_unit(r.value, r.ci_low, r.ci_high)
        z = critical_value(r.ci_level)
        if r.statistic == "rate":
            events = next((e for e in of(rows, "events", r.arm) if e.value >= 3), None)
            if events:
                se = se_range(r.ci_low, r.ci_high, half, z)
                true = 1 / sqrt(events.value)
                if se.high < 0.88 * true or se.low > 2 * true:
                    yield _width(r, events, f"{events.value:g} events", sum(se) / 2, true)
        elif r.statistic == "correlation" and -1 < r.ci_low < r.ci_high < 1 and r.n > 4:
            shown = (atanh(r.ci_high) - atanh(r.ci_low)) / (2 * z)
            slack = half / (1 - max(r.ci_low**2, r.ci_high**2))
            true = 1 / sqrt(r.n - 3)
            if shown + slack < 0.88 * true or shown - slack > 1.3 * true:
                yield _width(r, r, f"{r.n:g} patients", shown, true)


def _error_of_rate(rows: Rows, r: Row) -> Iterator[Problem]:
    """The SE of a rate, beside it or in a row of its own, against its events, as its interval."""
    told = [(r.se, r)] if r.se > 0 else []
    told += [(s.value, s) for s in of(rows, "se", r.arm) if same_moment(s.time, r.time)]
    for (se, row), events in zip(told[:1], _events_of_rate(rows, r), strict=False):
        shown, true = se / r.value if r.value > 0 else nan, 1 / sqrt(events.value)
        if shown < 0.88 * true or shown > 2 * true:
            yield Problem(
                "warning",
                tuple(dict.fromkeys((r.row, row.row, events.row))),
                "SE against n",
                f"SE of the rate of {r.arm} is far {'smaller' if shown < true else 'larger'} than "
                f"{events.value:g} events give: is it of something else, or a decimal point "
                "shifted?",
                f"{se:.4g}",
                f"about {r.value * true:.3g}",
            )


def _events_of_rate(rows: Rows, r: Row) -> list[Row]:
    """The events of a rate, where they are enough to tell its error; none, or one row."""
    counted = [e for e in of(rows, "events", r.arm) if same_moment(e.time, r.time)]
    return [e for e in counted if e.value >= 3][:1]


def _width(r: Row, by: Row, words: str, shown: float, true: float) -> Problem:
    return Problem(
        "warning",
        tuple(dict.fromkeys((r.row, by.row))),
        "interval against n",
        f"interval of the {r.statistic} of {r.arm} is far {'narrower' if shown < true else 'wider'}"
        f" than {words} give; is it of another level, or another row's?",
        f"SE {shown:.3g}",
        f"about {true:.3g}",
    )


def _widths(p: float, n: float, level: float) -> list[float]:
    z, k, tail = critical_value(level), p * n, (1 - level) / 2
    wald = 2 * z * sqrt(p * (1 - p) / n)
    wilson = 2 * z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = float(special.betaincinv(k, n - k + 1, tail))
    high = float(special.betaincinv(k + 1, n - k, 1 - tail))
    # Wald's limits are often cut off at 0 and 1.
    return [min(1.0, p + wald / 2) - max(0.0, p - wald / 2), wald, wilson, high - low]
