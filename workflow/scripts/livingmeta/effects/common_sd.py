"""D2: one SD for both arms, from a test, interval or p of their difference (Handbook 6.5.2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, nan, sqrt

from livingmeta.effects.candidate import all_used, words
from livingmeta.effects.contrast import as_t, error
from livingmeta.effects.one_time import at_or_of_none, not_turned, unlike
from livingmeta.effects.routes import ROUTES
from livingmeta.effects.spread import Side, is_change, is_turned, patients
from livingmeta.extraction.printed import Printed
from livingmeta.extraction.rows import Row, Used, plain, same_time
from livingmeta.formulas import standard_error
from livingmeta.formulas import time_to_event as tte

# How a comparison was made comparable that is no longer one of two plain means.
_MODELLED = {"multivariable", "matched", "weighted"}


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
        patients(printed, row) if row else (*printed.size(arm), "")
        for row, arm in zip(rows, arms, strict=True)
    ]
    n1, n2 = (size for size, *_ in sizes)
    if n1 is None or n2 is None or min(n1, n2) < 1 or n1 + n2 < 3:
        return [], []
    where = tuple(used for _, used, _ in sizes)
    all_of, lost = n1 + n2, 2
    per_sd = 1 / n1 + 1 / n2
    if printed.pairs is not None:  # the test is of one difference a patient
        n1 = n2 = all_of = min(n1, n2)
        lost = 1
        per_sd = 2 / n1 * (1 - (printed.pairs if isfinite(printed.pairs) else 0.0))
    both = len(means) == 2
    if both and is_change(means[0]) != is_change(means[1]):
        return [], [unlike(is_change(means[0]), arms)]
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
        kind = (any(is_turned(row) for row in means), any(is_change(row) for row in means))
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


def _differences(printed: Printed, arms: tuple[str, str], time: float | None) -> list[Row]:
    rows = printed.contrasts("mean-difference", *arms, time=time)
    return [r for r in rows if at_or_of_none(r, time)]


def _tests(printed: Printed, arms: tuple[str, str], time: float | None) -> list[Row]:
    """The t and F of two arms, as t of the first against the second."""
    return [
        as_t(row, "/".join(arms))
        for row in printed.rows
        if row.statistic in ("t", "f")
        and set(row.arm.split("/")) == set(arms)
        and isfinite(row.value)
        and row.adjusted not in _MODELLED
        and at_or_of_none(row, time)
    ]
