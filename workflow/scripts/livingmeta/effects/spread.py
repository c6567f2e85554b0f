"""Mean, SD and patients of one arm, as printed or derived from what is.

Routes: D (SD, SE or CI of the mean), D3 and D3q (median with quartiles, range or both), D4 (an SD
borrowed from the other studies), and D2 (one SD for both arms from a test of their difference).
What is derived says so in `assumed`, and a sensitivity analysis leaves it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import fsum, isfinite, nan, sqrt
from typing import NamedTuple

from livingmeta.effects.candidate import all_used, words
from livingmeta.effects.contrast import as_t, error
from livingmeta.effects.one_time import beside, of_another
from livingmeta.effects.routes import ROUTES, poorer, worst
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used, plain, same_time
from livingmeta.formulas import dispersion, standard_error
from livingmeta.formulas import time_to_event as tte

# How a comparison was made comparable that is no longer one of two plain means.
_MODELLED = {"multivariable", "matched", "weighted"}


class Side(NamedTuple):
    """One arm's mean, SD and patients, where they stand and what was assumed."""

    route: str
    mean: float
    sd: float
    n: float
    inputs: tuple[Used, ...]
    assumed: tuple[str, ...] = ()
    grade: str = "exact"
    reversed: bool = False
    change: bool = False


def sides(
    printed: Printed,
    arm: str,
    time: float | None,
    asked: Collection[str] = (),
    borrowed: Mapping[str, tuple[float, int]] | None = None,
) -> list[Side] | str:
    """An arm's numbers by every way, best first, or why there is none.

    `asked`: routes on request (D3q, D4); `borrowed`: by arm the SD of the other studies and how
    many they are.
    """
    found: list[Side] = []
    made = _from_mean(printed, arm, time)
    if isinstance(made, Side):
        found.append(made)
    quantiles = _from_quantiles(printed, arm, time, asked)
    why_not = "" if isinstance(made, Side) else made
    if isinstance(quantiles, str):
        why_not = quantiles
    else:
        found += quantiles
    if not found and "D4" in asked and borrowed and arm in borrowed:
        mean, passed = printed.one("mean", arm, time)
        n, where, of_n = _patients(printed, mean) if mean else (None, None, "")
        if mean and n and n >= 2:
            sd, many = borrowed[arm]
            said = f"SD of {arm} borrowed: that of {many} other studies together"
            rows = all_used(mean.used(), where)
            assumed = words(passed, said, of_n)
            found.append(
                Side("D4", mean.value, sd, n, rows, assumed, "rough", _turned(mean), _change(mean))
            )
    return found or why_not


def _from_mean(printed: Printed, arm: str, time: float | None) -> Side | str:
    mean, passed = printed.one("mean", arm, time)
    when = f" at {time:g}" if time is not None else ""
    if mean is None:
        return f"no mean of {arm}{when}"
    n, where, of_n = _patients(printed, mean)
    if n is None or n < 2:
        if n is not None:
            return f"mean of {arm} {mean.value:g} of {n:g} patients has no SD (row {mean.row})"
        return f"mean of {arm} {mean.value:g} without arm size (row {mean.row})"

    def side(
        sd: float, row: Row | None, said: str = "", also: str = "", grade: str = "exact"
    ) -> Side | str:
        if not sd > 0:
            of = said or f"SD of {arm}"
            return f"{of} is {sd:g}, which no patients' values have (row {(row or mean).row})"
        rows = all_used(mean.used(also), row.used() if row else None, where)
        assumed = words(passed, said, of_n)
        grade = worst([grade, "close"]) if of_n else grade
        return Side("D", mean.value, sd, n, rows, assumed, grade, _turned(mean), _change(mean))

    def elsewhere(row: Row, sd: float, said: str, borrowed: str) -> Side | str:
        made = side(sd, row, said)
        if isinstance(made, str) or not borrowed:
            return made
        assumed = words(*made.assumed, borrowed)
        return made._replace(assumed=assumed, grade=poorer(made.grade))

    by_se = f"SD of {arm} from its SE and n"
    if isfinite(mean.sd):
        return side(mean.sd, None, also=f" SD {mean.sd:g}")
    sd, borrowed = beside(printed, "sd", mean)
    if sd is not None:
        return elsewhere(sd, sd.value, "", borrowed)
    if isfinite(mean.se):
        return side(mean.se * sqrt(n), None, by_se, f" SE {mean.se:g}")
    se, borrowed = beside(printed, "se", mean)
    if se is not None:
        return elsewhere(se, se.value * sqrt(n), by_se, borrowed)
    if mean.has_ci:
        t = standard_error.reach(mean.ci_level, n - 1)
        half = (mean.ci_high - mean.ci_low) / 2
        return side(half / t * sqrt(n), None, f"SD of {arm} from the t interval of its mean")
    limit = mean.ci_low if isfinite(mean.ci_low) else mean.ci_high
    if isfinite(limit) and limit != mean.value:
        se_by = standard_error.from_limit(mean.value, limit, mean.ci_level, n - 1)
        which = "lower" if isfinite(mean.ci_low) else "upper"
        said = f"SD of {arm} from the {which} limit of its mean alone"
        return side(se_by * sqrt(n), None, said, f" {which} limit {limit:g}", "close")
    elsewhere_ = of_another(printed, ("sd", "se"), mean)
    return f"mean of {arm} {mean.value:g} without SD, SE or CI (row {mean.row}){elsewhere_}"


def _patients(printed: Printed, row: Row) -> tuple[float | None, Used | None, str]:
    """The patients of a row, where they stand, and a word where that is of another time."""
    if isfinite(row.n):
        return row.n, None, ""
    if isfinite(row.time):
        for r in printed.rows:
            if r.arm == row.arm and r.part == row.part and r.n > 0 and same_time(r.time, row.time):
                return r.n, r.used_for("size", r.n, f"n {r.arm} {plain(r.n)}"), ""
    n, where = printed.size(row.arm)
    every = (*printed.rows, *printed.other)
    of = next((r for r in every if where is not None and r.row == where.row), None)
    if of is None or not isfinite(of.time + row.time) or same_time(of.time, row.time):
        return n, where, ""
    return n, where, f"n of {row.arm} at {plain(of.time)} (row {of.row}) taken at {plain(row.time)}"


def _change(row: Row) -> bool:
    return row.measured == "change"


def _turned(row: Row) -> bool:
    return bool(row.direction)


def _from_quantiles(
    printed: Printed, arm: str, time: float | None, asked: Collection[str]
) -> list[Side] | str:
    """D3, and on request D3q, from a median with quartiles or range; [] where none is printed."""
    median, passed = printed.one("median", arm, time)
    if median is None:
        return []
    around = {n: beside(printed, n, median) for n in ("q1", "q3", "minimum", "maximum")}
    known = {name: row for name, (row, _) in around.items()}
    pairs = [("q1", "q3"), ("minimum", "maximum")]
    whole = [name for pair in pairs if all(known[x] for x in pair) for name in pair]
    used = [row for name in whole if (row := known[name]) is not None]
    if not used:
        elsewhere = of_another(printed, tuple(around), median)
        why_not = f"median of {arm} {median.value:g} without quartiles or range"
        return f"{why_not} (row {median.row}){elsewhere}"
    n, where, of_n = _patients(printed, median)
    borrowed = words(*(around[name][1] for name in whole), of_n)
    if n is None:
        return f"median of {arm} {median.value:g} without arm size (row {median.row})"
    shown = {"median": median.value} | {row.statistic: row.value for row in used}
    inputs = all_used(median.used(), *(row.used() for row in used), where)
    found = []
    methods = {"D3q": "mcgrath"} if "D3q" in asked else {}
    try:
        skewed = dispersion.skewed(int(n), **shown)
        for route, method in (methods | {"D3": "luo-shi"}).items():
            made = dispersion.from_quantiles(int(n), **shown, method=method)
            doubt = "" if not skewed or route == "D3q" else f"{arm} is skewed by Shi's test (2023)"
            grade = "rough" if doubt else ROUTES[route].grade
            grade = poorer(grade) if borrowed else grade
            said = words(passed, f"{made.assumed}, {arm}", doubt, *borrowed)
            kind = (_turned(median), _change(median))
            found.append(Side(route, made.mean, made.sd, n, inputs, said, grade, *kind))
    except dispersion.DispersionError as error_:
        return f"{arm}: {error_} (row {median.row})"
    return found


def common_sd(
    printed: Printed, arms: tuple[str, str], time: float | None, *, of_means: bool, in_units: bool
) -> tuple[list[tuple[Side, Side]], list[str]]:
    """D2: both arms with the SD that a test or interval of their difference implies (6.5.2.3).

    `of_means`: whether the means themselves are needed, and not their difference alone;
    `in_units`: whether the measure is in the outcome's units, which a test alone does not tell.
    """
    rows = [printed.one("mean", arm, time)[0] for arm in arms]
    means = [row for row in rows if row is not None]
    sizes = [
        _patients(printed, row) if row else (*printed.size(arm), "")
        for row, arm in zip(rows, arms, strict=True)
    ]
    n1, n2 = (size for size, *_ in sizes)
    if n1 is None or n2 is None or n1 + n2 < 3:
        return [], []
    where = tuple(used for _, used, _ in sizes)
    all_of, lost = n1 + n2, 2
    per_sd = 1 / n1 + 1 / n2
    if printed.pairs is not None:  # the test is of one difference a patient
        n1 = n2 = all_of = min(n1, n2)
        lost = 1
        per_sd = 2 / n1 * (1 - (printed.pairs if isfinite(printed.pairs) else 0.0))
    both = len(means) == 2
    if both and _change(means[0]) != _change(means[1]):
        return [], [unlike(_change(means[0]), arms)]
    found: list[tuple[Side, Side]] = []
    reasons: list[str] = []

    def share(row: Row) -> float:
        """Of the patients those that a test or difference with an n of its own is of; patients who
        are in both arms may be counted twice in it."""
        if printed.pairs is not None and row.n > all_of:
            return 1.0
        return row.n / all_of if row.n >= 3 else 1.0

    def add(
        first: float,
        second: float,
        sd: float,
        used: Iterable[Used | None],
        *said: str,
        of: float = 1.0,
    ) -> None:
        shared = words("the same SD in both arms", *said, *(of_n for *_, of_n in sizes))
        if of != 1 and not (both and all(isfinite(row.n) for row in means)):
            shared = words(*shared, f"its {plain(of * all_of)} patients shared out as in the arms")
        else:
            of = 1.0
        inputs = all_used(*used, *(row.used() for row in means if both), *where)
        grade = ROUTES["D2"].grade
        kind = (any(_turned(row) for row in means), any(_change(row) for row in means))
        if sd > 0 and isfinite(sd):
            found.append(
                (
                    Side("D2", first, sd, of * n1, inputs, shared, grade, *kind),
                    Side("D2", second, sd, of * n2, (), (), grade, *kind),
                )
            )

    # With both means a test is of their time, and of none where they are.
    of_time = [r.time for r in means if both]

    def timely(row: Row) -> bool:
        return not of_time or not isfinite(row.time) or any(same_time(row.time, t) for t in of_time)

    for row in filter(timely, _differences(printed, arms, time)):
        if row.adjusted in _MODELLED or (of_means and not both) or row.value == 0:
            continue
        if not both and not_turned(row, printed, arms):
            continue
        of = share(row)
        df = of * all_of - lost
        try:
            made = error(row, printed, log_scale=False, df=df, tests=True)
        except tte.RouteError as wrong:
            reasons.append(f"{wrong} (row {row.row})")
            continue
        if made is not None:
            first, second = [r.value for r in means] if both else (row.value, 0.0)
            what = "SD from the SE, test, CI or p of the difference"
            sd = sqrt(made.vi / (per_sd / of))
            add(first, second, sd, made.inputs, what, *made.assumed, of=of)
    for row in filter(timely, _tests(printed, arms, time)):
        difference = means[0].value - means[1].value if both else nan
        what = f"SD from {row.statistic} {row.value:g}"
        if both and row.value != 0 != difference:
            sd = abs(difference / row.value) / sqrt(per_sd / share(row))
            add(means[0].value, means[1].value, sd, (row.used(),), what, of=share(row))
        elif not both and (of_means or in_units):
            reasons.append(
                f"{row.statistic} {row.value:g} without the means (row {row.row}): it tells the "
                "difference in SDs only"
            )
        elif not both and row.statistic == "t":
            standardised = "difference in SDs, from t and the patients alone"
            of = share(row)
            add(row.value * sqrt(per_sd / of), 0.0, 1.0, (row.used(),), standardised, of=of)
    if both and not found and means[0].value != means[1].value:
        test = printed.p_of_both(row for row in means if row.p and row.p.exact)
        if isinstance(test, str):
            reasons += [test] if test else []
            return found, reasons
        row, p = test
        difference = means[0].value - means[1].value
        try:
            se = standard_error.from_p(difference, p.value, all_of - lost, one_sided=p.one_sided)
        except tte.RouteError as wrong:
            reasons.append(f"{wrong} (row {row.row})")
        else:
            what = f"SD from the p {p.value:g} beside the means, read as of their t test"
            doubled = "p is one-sided and was doubled" if p.one_sided else ""
            used = (row.used_for("p-value", p.value, f"p {p.value:g}"),)
            add(means[0].value, means[1].value, se / sqrt(per_sd), used, what, doubled)
    return found, reasons


def unlike(first: bool, arms: tuple[str, ...]) -> str:
    """Why arms are not compared of which one prints a change, `first` or else the second."""
    a, b = (arms[0], arms[1]) if first else (arms[1], arms[0])
    return (
        f"{a} is printed as a change since the beginning and {b} as a final value (an empty cell "
        "of the column measured is final): these are not compared"
    )


def not_turned(row: Row, printed: Printed, arms: tuple[str, ...]) -> str:
    """Why a difference may have the wrong sign: it is said of the arms' scale that it is reversed
    and not of the difference, or the other way round."""
    values = [
        r
        for r in printed.rows
        if r.arm in arms and r.statistic in ("mean", "median") and isfinite(r.value)
    ]
    if row.direction:
        # Of another time it may be another scale.
        values = [r for r in values if _at_or_of_none(r, row.time if isfinite(row.time) else None)]
    unlike_it = [r for r in values if bool(r.direction) != bool(row.direction)]
    if not unlike_it or (row.direction and len(unlike_it) < len(values)):
        return ""
    kind, of = row.statistic.replace("-", " "), unlike_it[0]
    marked, not_so = ("is", "the") if row.direction else ("is not", "as the")
    shown = -row.value if row.direction else row.value  # as it is printed
    return (
        f"{kind} {shown:g} (row {row.row}) {marked} marked reversed{',' * bool(row.direction)} "
        f"{not_so} {of.statistic} of {of.arm} is{' not' * bool(row.direction)} (row {of.row}): its "
        "sign is not known"
    )


def _differences(printed: Printed, arms: tuple[str, str], time: float | None) -> list[Row]:
    rows = printed.contrasts("mean-difference", *arms, time=time)
    return [r for r in rows if _at_or_of_none(r, time)]


def _tests(printed: Printed, arms: tuple[str, str], time: float | None) -> list[Row]:
    """The t and F of two arms, as t of the first against the second."""
    return [
        as_t(row, "/".join(arms))
        for row in printed.rows
        if row.statistic in ("t", "f")
        and set(row.arm.split("/")) == set(arms)
        and isfinite(row.value)
        and row.adjusted not in _MODELLED
        and _at_or_of_none(row, time)
    ]


def _at_or_of_none(row: Row, time: float | None) -> bool:
    return time is None or not isfinite(row.time) or same_time(row.time, time)


def pooled_sds(
    studies: Collection[Printed], arms: tuple[str, ...], time: float | None
) -> dict[str, tuple[float, int]]:
    """By arm the SD of all studies that print it together, and how many they are."""
    found = {}
    for arm in arms:
        known = [
            side for printed in studies if isinstance(side := _from_mean(printed, arm, time), Side)
        ]
        df = fsum(side.n - 1 for side in known)
        if df > 0:
            variance = fsum((side.n - 1) * side.sd**2 for side in known) / df
            found[arm] = (sqrt(variance), len(known))
    return found
