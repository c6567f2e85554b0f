"""The rows of one log-rank test: observed, expected, their difference and its variance at one time.

What is of another time is of another test and never serves; what is of no time may be of this one,
which is said and costs a grade.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite, nan
from typing import NamedTuple

from livingmeta.effects.routes import ROUTES, poorer
from livingmeta.extraction.printed import Printed, pick
from livingmeta.extraction.rows import Row, plain, same_time

_OBSERVED, _EXPECTED = "log-rank-observed", "log-rank-expected"
_DIFFERENCE, _VARIANCE = "log-rank-o-minus-e", "log-rank-variance"


class Taken(NamedTuple):
    """Rows of one test, the sign that turns them to the first arm, and what was assumed."""

    rows: tuple[Row, ...]
    sign: int
    assumed: tuple[str, ...]

    def grade(self, route: str) -> str:
        """The grade of a route from these rows; "" where it is the route's own."""
        return poorer(ROUTES[route].grade) if self.assumed else ""


class LogRank:
    """What one study prints of log-rank tests of two arms."""

    def __init__(self, printed: Printed, arms: tuple[str, str]) -> None:
        self._printed = printed
        self._arms = arms
        a, b = arms
        # Where O-E may stand and its sign: that of the second arm is the first's turned round.
        self._ways = ((f"{a}/{b}", 1), (a, 1), (f"{b}/{a}", -1), (b, -1))
        self._both = (f"{a}/{b}", f"{b}/{a}", a, b, "all", "")

    def beyond_expected(self) -> Taken | None:
        """O-E and its variance."""
        return self._first(
            (((_DIFFERENCE, (arm,)), (_VARIANCE, self._both)), sign) for arm, sign in self._ways
        )

    def beyond_expected_with_se(self) -> Taken | None:
        """O-E with its SE in its own row."""
        for arm, sign in self._ways:
            row = self._printed.one(_DIFFERENCE, arm)[0]
            if row is not None and isfinite(row.se):
                return Taken((row,), sign, ())
        return None

    def without_variance(self) -> str:
        """Why an O-E gives nothing; "" where none is printed."""
        for arm, _ in self._ways:
            row = self._printed.one(_DIFFERENCE, arm)[0]
            if row is None:
                continue
            what = f"O-E {row.value:g}"
            others = [r for r in self._rows(_VARIANCE, self._both) if isfinite(r.time)]
            if others:
                times = " and ".join(plain(t) for t in sorted({r.time for r in others}))
                at = f" at {row.when}" if isfinite(row.time) else ""
                return f"{what}{at} without its variance (row {row.row}), printed at {times}"
            return (
                f"{what} without its variance (row {row.row}): it belongs under "
                "the statistic log-rank-variance"
            )
        return ""

    def observed_of_one(self) -> Taken | None:
        """Observed and expected events of one arm, the first before the second, with a variance."""
        return self._first(
            (((_OBSERVED, (arm,)), (_EXPECTED, (arm,)), (_VARIANCE, self._both)), sign)
            for arm, sign in zip(self._arms, (1, -1), strict=True)
        )

    def observed_of_both(self) -> Taken | None:
        """Observed and expected events of the first arm, then of the second."""
        wanted = ((name, (arm,)) for arm in self._arms for name in (_OBSERVED, _EXPECTED))
        return self._first([(tuple(wanted), 1)])

    def at_odds(self) -> str:
        """Why observed and expected events of both arms give nothing; "" where one is missing."""
        wanted = [(name, arm) for arm in self._arms for name in (_OBSERVED, _EXPECTED)]
        each = {(name, arm): self._rows(name, (arm,)) for name, arm in wanted}
        if not all(each.values()):
            return ""
        at = (
            f"{name.removeprefix('log-rank-')} {arm} at {rows[0].when} (row {rows[0].row})"
            for (name, arm), rows in each.items()
            if isfinite(rows[0].time)
        )
        return f"the log-rank test is printed at no common time: {', '.join(at)}"

    def _first(
        self, ways: Iterable[tuple[tuple[tuple[str, tuple[str, ...]], ...], int]]
    ) -> Taken | None:
        """The rows of the first way all of whose rows are of one time: none said, else the
        latest."""
        for wanted, sign in ways:
            each = [self._rows(name, arms) for name, arms in wanted]
            times = {r.time for rows in each for r in rows if isfinite(r.time)}
            for time in (nan, *sorted(times, reverse=True)):
                rows = [_at(rows, time) for rows in each]
                known = [row for row in rows if row is not None]
                if len(known) < len(rows):
                    continue
                said = tuple(
                    f"{r.statistic.replace('-', ' ')} printed without a time (row {r.row}), "
                    f"read as at {plain(time)}"
                    for r in known
                    if isfinite(time) and not isfinite(r.time)
                )
                return Taken(tuple(known), sign, said)
        return None

    def _rows(self, statistic: str, arms: tuple[str, ...]) -> list[Row]:
        found = self._printed.find(statistic)
        return [r for r in found if r.arm in arms and isfinite(r.value)]


def _at(rows: list[Row], time: float) -> Row | None:
    """The row of a time, else one of none."""
    of_it = [r for r in rows if same_time(r.time, time)] or [
        r for r in rows if not isfinite(r.time)
    ]
    return pick(of_it)[0] if of_it else None
