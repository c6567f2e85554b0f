"""What one study prints about one outcome, ready to be asked for.

Wraps rows of results/extraction/outcomes.csv: numbers as floats, percentages already proportions,
times in the protocol's unit. A contrast `local/control` may also be printed the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, NamedTuple

from livingmeta import tables
from livingmeta.as_dicts import as_dicts
from livingmeta.extraction.p_values import PValue, PValueError, parse_p
from livingmeta.extraction.reworded import along_the_scale
from livingmeta.extraction.rows import ADJUSTED, Row, Used, plain, read_row, same_time, turned
from livingmeta.extraction.settled import LEAVE_OUT, Clash, Counted, counted, settled
from livingmeta.formulas.survival_at_time import symmetric_scale

if TYPE_CHECKING:
    import pandas as pd

# A p printed beside one of these compares two survival curves.
_CURVE_STATISTICS = {"survival", "median", "events"}
# What counts those who died, of whom a p with no effect is.
_DEATHS = {"events", "log-rank-observed"}
# What says of no adjustment that tells one row from another.
_CRUDE = ("", "no", "randomised")


def remoteness(time: float, wanted: float | None) -> tuple[int, float]:
    """The smaller, the better a time serves: the `wanted` one, none said, then the latest."""
    if wanted is not None and isfinite(time) and same_time(time, wanted):
        return (0, abs(time - wanted))
    return (2, -time) if isfinite(time) else (1, 0.0)


def preference(row: Row, time: float | None, randomised: bool) -> tuple:
    """By what one of several values is taken, the smallest first: the time of the synthesis, else
    the longest follow-up; where not `randomised`, adjusted before crude; the whole study before a
    part; what accounts for clusters; with an interval; with the number of patients."""
    adjusted = 0 if randomised or row.adjusted not in ADJUSTED else ADJUSTED.index(row.adjusted) - 9
    of = (*remoteness(row.time, time), adjusted, bool(row.part), not row.clusters)
    return (*of, not row.has_ci, row.n != row.n)


def _content(row: Row) -> tuple:
    """The row by what it says, so that its place in the file decides nothing."""
    said = (row.part, row.statistic, row.event, row.measured, _adjusted(row), row.direction)
    numbers = (row.n, row.value, row.ci_low, row.ci_high, row.ci_level, row.se, row.sd)
    # Of a number and the same one rounded the former.
    known = tuple((-len(tables.text(x)), x) if isfinite(x) else (0, 0.0) for x in numbers)
    crude = not row.adjusted  # of what is said and what is not the former
    return (*said, *known, "" if row.p is None else str(row.p), row.arm, crude, row.adjusted)


def _kind(row: Row) -> tuple:
    """When a row was read, of whom, and how they were made comparable."""
    return (row.time if isfinite(row.time) else None, _adjusted(row), row.part)


def _adjusted(row: Row) -> str:
    """How a row is adjusted; not at all is what is not said."""
    return row.adjusted if row.adjusted in ADJUSTED else ""


def at_one_time(rows: list[Row], time: float | None = None) -> list[Row]:
    """Of rows of one statistic and arm those nearest to `time`, where one is wanted; else those
    without a time, else the latest."""
    timed = [r for r in rows if isfinite(r.time)]
    if time is not None and timed:
        nearest = min(abs(r.time - time) for r in timed)
        return [r for r in timed if abs(r.time - time) == nearest]
    timeless = [r for r in rows if not isfinite(r.time)]
    latest = max((r.time for r in rows if isfinite(r.time)), default=nan)
    return timeless or [r for r in rows if r.time == latest]


def pick(rows: list[Row]) -> tuple[Row, str]:
    """The row to use of one or more, and a word on what was passed over.

    `rows`: of one statistic, arm and time, with values, the preferred one first, as `Printed` has
    them.
    """
    chosen = rows[0]
    differing = [r for r in rows if r is not chosen and r.value != chosen.value]
    if not differing:
        return chosen, ""
    others = ", ".join(f"{r.value:g} (row {r.row})" for r in differing)
    return chosen, f"{chosen.statistic} {chosen.arm} printed more than once: also {others}"


@dataclass(frozen=True)
class Printed:
    """All rows of one study, with those of one outcome first in mind.

    `rows`: those of the outcome that count, the preferred ones first; `other`: of other outcomes;
    `clashes`: cells of the outcome with two values, from which nothing is taken; `until`: by row a
    word on a reading that counts only until it is settled; `pairs`: where patients are in both
    arms, the correlation of their two values (NaN: not known), else None; `correlation`: else that
    of a patient's first and later value, as studies.csv states it, and its source; `beginning`:
    rows of the values at 0 that are emptied among `rows`.
    """

    outcome: str
    rows: tuple[Row, ...]
    other: tuple[Row, ...] = ()
    clashes: tuple[Clash, ...] = ()
    until: Mapping[int, str] = field(default_factory=dict)
    pairs: float | None = None
    correlation: tuple[float, str] | None = None
    beginning: tuple[Row, ...] = ()

    def find(self, statistic: str, arm: str | None = None, time: float | None = None) -> list[Row]:
        """Rows of a statistic, the preferred ones first; `arm`, `time` restrict where given."""
        return [
            r
            for r in self.rows
            if r.statistic == statistic
            and (arm is None or r.arm == arm)
            and (time is None or same_time(r.time, time))
        ]

    def one(self, statistic: str, arm: str, time: float | None = None) -> tuple[Row | None, str]:
        """The row to use and a word on what was passed over, if it was printed more than once.

        With no `time`, a row without time is preferred, then the latest.
        """
        rows = [r for r in self.find(statistic, arm, time) if isfinite(r.value)]
        if not rows:
            return None, ""
        return pick(at_one_time(rows, time))

    def beside(self, statistic: str, row: Row) -> Row | None:
        """What is printed of the same arm and patients at the time of `row`, else without a time.

        What is adjusted in another way does not serve, unless it does not say how.
        """
        rows = [
            r
            for r in self.find(statistic, row.arm)
            if isfinite(r.value)
            and (r.part, r.measured) == (row.part, row.measured)
            and r.adjusted in (row.adjusted, *_CRUDE)
        ]
        rows.sort(key=lambda r: r.adjusted != row.adjusted)
        if isfinite(row.time):
            at_it = [r for r in rows if same_time(r.time, row.time)]
            rows = at_it or [r for r in rows if not isfinite(r.time)]
            return pick(rows)[0] if rows else None
        return pick(at_one_time(rows))[0] if rows else None

    def at_risk(self, row: Row) -> Row | None:
        """The number at risk of the arm, the patients and the time of `row`, if it is printed."""
        risk = self.find("at-risk", row.arm, row.time) if isfinite(row.time) else []
        return next((r for r in risk if r.part == row.part and isfinite(r.value)), None)

    def common_time(
        self, statistics: Iterable[str], arms: Iterable[str]
    ) -> tuple[float | None, str]:
        """The latest time at which every arm prints one of `statistics`, or why there is none.

        None and "" where every arm prints it without a time, or one prints it so alone or not at
        all.
        """
        known = tuple(statistics)
        times, timeless = {}, []
        for arm in arms:
            rows = [r for r in self.rows if r.arm == arm and r.statistic in known]
            rows = [r for r in rows if isfinite(r.value)]
            timeless.append(not all(isfinite(r.time) for r in rows))
            times[arm] = sorted({r.time for r in rows if isfinite(r.time)})
        if all(timeless) or not all(times.values()):
            return None, ""
        first, *others = times.values()
        common = [t for t in first if all(any(same_time(t, u) for u in o) for o in others)]
        if common:
            return common[-1], ""
        where = ", ".join(f"{arm} at {' and '.join(map(plain, at))}" for arm, at in times.items())
        return None, f"the arms are printed at no common time: {where}"

    def each(self, statistic: str, arms: Iterable[str], time: float | None = None) -> list[Row]:
        """The row to use of every arm, in their order; none at all where one arm lacks it."""
        rows = [self.one(statistic, arm, time)[0] for arm in arms]
        printed = [row for row in rows if row is not None]
        return printed if len(printed) == len(rows) else []

    def contrasts(
        self, statistic: str, first: str, second: str, *, time: float | None = None
    ) -> list[Row]:
        """Rows of a contrast, turned so that they read first against second: those of `time`, those
        without one, the others from the latest on."""
        ways = (f"{first}/{second}", f"{second}/{first}")
        rows = [
            r if r.arm == ways[0] else turned(r, ways[0])
            for r in self.find(statistic)
            if r.arm in ways and isfinite(r.value)
        ]
        return sorted(rows, key=lambda r: remoteness(r.time, time))

    def size(self, arm: str) -> tuple[float | None, Used | None]:
        """Patients in an arm and where that stands, from the outcome's rows, then the others."""
        for rows in (self.rows, self.other):
            mine = [r for r in rows if r.arm == arm]
            for of in ([r for r in mine if not r.part], mine):
                start = [r for r in of if r.statistic == "at-risk" and r.time == 0 and r.value > 0]
                if start:
                    r = start[0]
                    return r.value, r.used_for("size", r.value, "at risk at 0")
                told = [r for r in of if isfinite(r.n) and r.n > 0]
                if told:  # at the beginning, and of several the largest: who was counted in
                    r = min(told, key=lambda r: (r.time if isfinite(r.time) else 0.0, -r.n, r.row))
                    return r.n, r.used_for("size", r.n, f"n {arm} {plain(r.n)}")
        return None, None

    def sizes(self, arms: Iterable[str]) -> list[float]:
        """Patients of every arm, in their order; none at all where one arm's are not known."""
        sizes = [self.size(arm)[0] for arm in arms]
        known = [size for size in sizes if size is not None]
        return known if len(known) == len(sizes) else []

    def interval_scale(self) -> str:
        """`log` if the study's whole survival intervals are symmetric on that scale, else `plain`.

        Survival software prints one kind of interval throughout a paper (R: log; Stata: log-log;
        SPSS: plain), so the whole ones tell how a cut-off one was made.
        """
        found = [
            symmetric_scale(r.value, r.ci_low, r.ci_high)
            for r in (*self.rows, *self.other)
            if r.statistic == "survival" and r.has_ci and 0 < r.ci_low < r.value < r.ci_high < 1
        ]
        return "log" if found.count("log") > len(found) / 2 else "plain"

    def p_of_both(self, rows: Iterable[Row]) -> tuple[Row, PValue] | str:
        """The p beside a statistic of two arms, or why it is not of their comparison ("": none).

        An exact one before a bound. Two that differ are each of something else, and one that a
        third arm shares is of all three. `rows`: those of the statistic, one an arm.
        """
        rows = list(rows)
        known = [(r, r.p) for r in rows if r.p and r.p.exact] or [(r, r.p) for r in rows if r.p]
        if not known:
            return ""
        row, p = known[0]
        what = f"{row.statistic.removesuffix('s')}s"
        if any(other != p for _, other in known):
            beside = " and ".join(f"{q} (row {r.row})" for r, q in known)
            return f"p {beside} beside the two {what}: neither is of their difference"
        arms = {r.arm for r in rows}
        for r in self.find(row.statistic):
            alike = same_time(r.time, row.time) or not (isfinite(r.time) or isfinite(row.time))
            if r.arm not in arms and "/" not in r.arm and r.p == p and alike and r.part == row.part:
                return (
                    f"p {p} stands beside the {what} of more arms (rows {row.row} and "
                    f"{r.row}): it is not of these two alone"
                )
        return row, p

    def p_values(self, first: str, second: str) -> tuple[list[tuple[PValue, Row]], list[str]]:
        """The p of the comparison of two survival curves, the preferred one first, and why others
        are of none.

        Of the patients whose events are known; printed of the test itself, then beside what it
        compares; then in the order of the rows, of these two arms before of all. Its size decides
        nothing but between two that nothing else tells apart.
        """
        ways = {f"{first}/{second}", f"{second}/{first}"}
        pair = {*ways, first, second}
        dead = {r.part for r in self.rows if r.statistic in _DEATHS and r.arm in {*pair, "all"}}
        wanted = {""} if "" in dead else dead or {""}
        kinds = list(dict.fromkeys(map(_kind, self.rows)))
        found, reasons = [], []
        for r in self.rows:
            if r.statistic == "log-rank-p" and r.arm in {*pair, "all", ""}:
                try:
                    p = r.p or (parse_p(r.value, r.note) if isfinite(r.value) else None)
                except PValueError:
                    p = None
                if p:
                    found.append((0, p, r))
            elif r.p and r.statistic in _CURVE_STATISTICS and r.arm in pair:
                sides = [o for o in self.find(r.statistic) if o.arm in pair - ways]
                test = self.p_of_both(o for o in sides if _kind(o) == _kind(r))
                if r.arm in ways or not isinstance(test, str):
                    found.append((1, r.p, r))
                else:
                    reasons.append(test)

        def rank(item: tuple[int, PValue, Row]) -> tuple:
            beside, p, r = item
            place = (r.part not in wanted, beside, kinds.index(_kind(r)), r.arm not in ways)
            return (*place, not p.exact, p.value)

        found.sort(key=rank)
        return [(p, r) for _, p, r in found], reasons


class _Reading(NamedTuple):
    """One row as it was read."""

    read: Row
    on_scale: Row
    content: tuple  # by what of its rows the first counts
    said: tuple  # two that say the same are one


class StudyRows(list[dict[Any, Any]]):
    """The rows of one study in the order of the file, which no longer change: what has been read
    of them is kept, for every synthesis asks again."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple, tuple[Counted, list[_Reading]]] = {}


def by_studies(outcomes: pd.DataFrame) -> dict[str, list[dict[Any, Any]]]:
    """The rows of outcomes.csv by study, in the order of the file, as StudyRows."""
    found: dict[str, list[dict[Any, Any]]] = {}
    for row in as_dicts(outcomes):  # at once: a frame a study takes ten times as long
        found.setdefault(str(row["study_id"]), StudyRows()).append(row)
    return found


def read_study(
    records: Iterable[dict],
    outcome: str,
    *,
    time: float | None = None,
    randomised: bool = False,
    until: str = LEAVE_OUT,
    unsettled: bool = False,
    several: bool = False,
) -> Printed:
    """Gather one study's rows that count, once what is read alike, whatever their order.

    `outcome`, `time`: what is asked about; `until`: whose reading counts where two differ;
    `unsettled`: take also what contradicts, to see what would be if it were settled; `several`:
    take several printed effects of one cell for what they are.
    """
    kept = records.kept if isinstance(records, StudyRows) else {}
    asked = until, unsettled, several
    if asked not in kept:
        kept[asked] = _readings(list(records), *asked)
    standing, readings = kept[asked]
    alike: dict[tuple, Row] = {}
    for one in sorted(
        readings, key=lambda r: (preference(r.read, time, randomised), r.content, r.read.row)
    ):
        alike.setdefault(one.said, one.on_scale)
    return Printed(
        outcome,
        tuple(r for r in alike.values() if r.outcome == outcome),
        tuple(r for r in alike.values() if r.outcome != outcome),
        tuple(c for c in standing.clashes if c.records[0]["outcome"] == outcome),
        standing.until,
    )


def _readings(
    records: list[dict], until: str, unsettled: bool, several: bool
) -> tuple[Counted, list[_Reading]]:
    """Which rows of a study count, and each as it is read; arguments as of `read_study`."""
    standing = counted(records, until, several=several)
    readings = []
    for read in map(read_row, settled(records) if unsettled else standing.records):
        row = along_the_scale(read)
        of = {**vars(row), "row": 0, "note": "", "adjusted": _adjusted(row)}
        of |= {"as_written": "", "unit": "", "half": 0.0}
        # A missing number equals no other.
        said = tuple(x if x == x else None for x in of.values())
        readings.append(_Reading(read, row, _content(read), said))
    return standing, readings
