"""What one study prints about one outcome, ready to be asked for.

Wraps rows of results/extraction/outcomes.csv: numbers as floats, percentages already proportions,
times in the protocol's unit. A contrast `local/control` may also be printed the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf, isclose, isfinite, nan
from typing import Any, NamedTuple

from livingmeta.effect_measures import contrasts
from livingmeta.errors import InputError
from livingmeta.extraction.settled import settled
from livingmeta.formulas.survival_at_time import symmetric_scale

RATIOS = contrasts(ratios=True)
DIFFERENCES = contrasts(ratios=False) | {"rmst-difference"}
# A p printed beside one of these compares two survival curves.
_CURVE_STATISTICS = {"survival", "median", "events"}
# Two times are the same if they differ by at most this share: 104 weeks are 2 years.
SAME_TIME = 0.02
FILE = "data/raw/extraction/outcomes.csv"
A_P = "0.03, <0.001 or NS"  # what a p value looks like


def plain(value: float) -> str:
    """A printed number in a sentence: whole ones in full, others to six digits."""
    return f"{value:.0f}" if isfinite(value) and value == int(value) else f"{value:.6g}"


@dataclass(frozen=True)
class Used:
    """One printed row, or one rebuilt curve, that an effect was computed from.

    `role`: what it gave: a statistic of outcomes.csv, `size` (patients of an arm), `p-value`, or
    `curve`. `file`: where it stands (empty: the file of the arm's curve) and `row` of it (None: all
    of it). `value`: as it was used, proportions as such, turned round where `turned`; `n`: what it
    is of. Both NaN where nothing is printed. `text`: the same as words.
    """

    arm: str
    role: str
    file: str
    row: int | None
    # NaN is unlike itself, so two of one place would never be one.
    value: float = field(compare=False)
    n: float = field(compare=False)
    turned: bool
    text: str


class PValue(NamedTuple):
    """A printed p: `relation` is `=`, `<` or `>`; NS is read as `> 0.05`."""

    value: float
    relation: str
    one_sided: bool

    @property
    def exact(self) -> bool:
        return self.relation == "="

    @property
    def two_sided(self) -> float:
        return min(1.0, 2 * self.value) if self.one_sided else self.value

    def __str__(self) -> str:
        sign = "" if self.exact else self.relation
        return f"{sign}{self.value:g}" + (" (one-sided)" if self.one_sided else "")


class PValueError(InputError):
    """A text that is no p value."""


def parse_p(text: object, note: str = "") -> PValue | None:
    """Read a p value as printed: `0.03`, `<0.001`, `NS`, `0.04 (one-sided)`, `p = .02`.

    A p printed as nothing but noughts (`0.000`) is a bound at half its last digit.
    Returns None where there is none; raises PValueError on text that is no p value.
    """
    words = _text(text).lower().replace("≤", "<").replace("<=", "<").replace("≥", ">")
    words = words.replace(",", ".")  # a decimal comma: no p has thousands
    if not words:
        return None
    one_sided = bool(re.search(r"(one|1)[- ]?(sided|tailed)", f"{words} {note.lower()}"))
    if re.match(r"n\.?s\.?\b|not significant|non-?significant", words):
        return PValue(0.05, ">", one_sided)
    found = re.match(r"(?:p\b)?\s*([<>=])?\s*(\d*\.?\d+(?:e-?\d+)?)", words)
    if not found:
        raise PValueError(
            f"p value {text!r} is not a number, a bound such as <0.001, or NS", value=text, cure=A_P
        )
    value = float(found[2])
    if value == 0:
        return PValue(0.5 * 10.0 ** -len(found[2].partition(".")[2]), "<", one_sided)
    if value > 1:
        raise PValueError(f"p value {text!r} is above 1", value=text, cure=A_P)
    return PValue(value, found[1] or "=", one_sided)


@dataclass(frozen=True)
class Row:
    """One printed statistic. Missing numbers are NaN, missing words are empty."""

    row: int
    outcome: str
    arm: str
    time: float
    statistic: str
    value: float
    n: float
    ci_low: float
    ci_high: float
    ci_level: float
    p: PValue | None
    adjusted: str
    note: str
    part: str = ""
    event: str = ""
    measured: str = ""
    direction: str = ""
    turned: bool = False

    @property
    def has_ci(self) -> bool:
        return isfinite(self.ci_low) and isfinite(self.ci_high)

    def words(self) -> str:
        """The statistic as it stands, for the column `inputs`."""
        statistic = self.statistic.replace("-", " ")
        text = f"{statistic} {self.arm} {plain(self.value)}".replace("  ", " ")
        if self.statistic in ("events", "survival", "proportion") and isfinite(self.n):
            text += f" of {plain(self.n)}"
        if self.has_ci:
            text += f" [{self.ci_low:.6g}, {self.ci_high:.6g}]"
            if abs(self.ci_level - 0.95) > 1e-9:
                text += f" at {100 * self.ci_level:g}%"
        if self.adjusted and "/" in self.arm:
            text += f" {self.adjusted}"
        return f"{text} (row {self.row}{', turned round' if self.turned else ''})"

    def used(self, also: str = "") -> Used:
        """The row as one that an effect is computed from; `also`: what more of it was used."""
        text = self.words() + also
        place = (self.arm, self.statistic, FILE, self.row)
        return Used(*place, self.value, self.n, self.turned, text)

    def used_for(self, role: str, value: float, text: str) -> Used:
        """What else the row gives: a `value` in a `role` other than its statistic."""
        return Used(
            self.arm, role, FILE, self.row, value, self.n, False, f"{text} (row {self.row})"
        )


def read_row(record: dict) -> Row:
    """One row of outcomes.csv; raises PValueError naming the row if its p value is none."""
    number = int(_number(record.get("row"), -1))
    note = _text(record.get("note"))
    try:
        p = parse_p(record.get("p_value"), note)
    except PValueError as error:
        raise PValueError(
            f"outcomes.csv, row {number}: {error}",
            file=FILE,
            rows=[number],
            column="p_value",
            value=error.value,
            cure=error.cure,
        ) from None
    level = _number(record.get("ci_level"), 0.95)
    return Row(
        row=number,
        outcome=_text(record.get("outcome")),
        arm=_text(record.get("arm")),
        time=_number(record.get("time")),
        statistic=_text(record.get("statistic")),
        value=_number(record.get("value")),
        n=_number(record.get("n")),
        ci_low=_number(record.get("ci_low")),
        ci_high=_number(record.get("ci_high")),
        ci_level=level / 100 if level > 1 else level,
        p=p,
        adjusted=_text(record.get("adjusted")),
        note=note,
        part=_text(record.get("part")),
        event=_text(record.get("event")),
        measured=_text(record.get("measured")),
        direction=_text(record.get("direction")),
    )


def same_time(a: float, b: float) -> bool:
    """Whether two times in the same unit mean the same one (within 2%)."""
    return isclose(a, b, rel_tol=SAME_TIME, abs_tol=1e-9)


def _remoteness(time: float, wanted: float | None) -> tuple[int, float]:
    if wanted is not None and isfinite(time) and same_time(time, wanted):
        return (0, 0.0)
    return (2, -time) if isfinite(time) else (1, 0.0)


def at_one_time(rows: list[Row]) -> list[Row]:
    """Of rows of one statistic and arm those without a time, else the latest."""
    timeless = [r for r in rows if not isfinite(r.time)]
    latest = max((r.time for r in rows if isfinite(r.time)), default=nan)
    return timeless or [r for r in rows if r.time == latest]


def pick(rows: list[Row]) -> tuple[Row, str]:
    """The row to use of one or more, and a word on what was passed over.

    `rows`: of one statistic, arm and time, with values; one with an interval is preferred, then one
    that says of how many patients it is.
    """
    chosen = min(rows, key=lambda r: (not r.has_ci, not isfinite(r.n)))
    differing = [r for r in rows if r is not chosen and r.value != chosen.value]
    if not differing:
        return chosen, ""
    others = ", ".join(f"{r.value:g} (row {r.row})" for r in differing)
    return chosen, f"{chosen.statistic} {chosen.arm} printed more than once: also {others}"


@dataclass(frozen=True)
class Printed:
    """All rows of one study, with those of one outcome first in mind."""

    outcome: str
    rows: tuple[Row, ...]
    other: tuple[Row, ...] = ()

    def find(self, statistic: str, arm: str | None = None, time: float | None = None) -> list[Row]:
        """Rows of a statistic, in file order; `arm` and `time` restrict where given."""
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
        return pick(rows if time is not None else at_one_time(rows))

    def beside(self, statistic: str, row: Row) -> Row | None:
        """What is printed of the same arm at the time of `row`, else without a time."""
        rows = [r for r in self.find(statistic, row.arm) if isfinite(r.value)]
        if isfinite(row.time):
            at_it = [r for r in rows if same_time(r.time, row.time)]
            rows = at_it or [r for r in rows if not isfinite(r.time)]
            return pick(rows)[0] if rows else None
        return pick(at_one_time(rows))[0] if rows else None

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
        rows = [r for r in self.find(statistic, f"{first}/{second}") if isfinite(r.value)]
        for r in self.find(statistic, f"{second}/{first}"):
            if isfinite(r.value):
                rows.append(turned(r, f"{first}/{second}"))
        return sorted(rows, key=lambda r: (*_remoteness(r.time, time), r.row))

    def size(self, arm: str) -> tuple[float | None, Used | None]:
        """Patients in an arm and where that stands, from the outcome's rows, then the others."""
        for rows in (self.rows, self.other):
            for r in rows:
                if r.arm == arm and r.statistic == "at-risk" and r.time == 0 and r.value > 0:
                    return r.value, r.used_for("size", r.value, "at risk at 0")
            told = [r for r in rows if r.arm == arm and isfinite(r.n) and r.n > 0]
            if told:  # at the beginning, and of several numbers the largest: who was counted in
                first = min(told, key=lambda r: (r.time if isfinite(r.time) else 0.0, -r.n))
                r = next(r for r in told if r.n == first.n)
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

    def p_values(self, first: str, second: str) -> list[tuple[PValue, Row]]:
        """The p of the comparison of two survival curves, most direct row first."""
        pair = {f"{first}/{second}", f"{second}/{first}", first, second}
        found = []
        for r in self.rows:
            if r.statistic == "log-rank-p" and r.arm in {*pair, "all", ""}:
                try:
                    p = r.p or (parse_p(r.value, r.note) if isfinite(r.value) else None)
                except PValueError:
                    p = None
                if p:
                    found.append((0, p, r))
            elif r.p and r.statistic in _CURVE_STATISTICS and r.arm in pair:
                found.append((1, r.p, r))
        found.sort(key=lambda item: (item[0], not item[1].exact))
        return [(p, r) for _, p, r in found]


def turned(row: Row, arm: str) -> Row:
    """A contrast read the other way round: `arm` names the two so."""
    if row.statistic in RATIOS:
        low = 1 / row.ci_high if row.ci_high else nan
        high = 1 / row.ci_low if row.ci_low else (inf if row.ci_low == 0 else nan)
        value = 1 / row.value if row.value else inf
    elif row.statistic in DIFFERENCES:
        value, low, high = -row.value, -row.ci_high, -row.ci_low
    else:
        return replace(row, arm=arm)
    return replace(row, arm=arm, value=value, ci_low=low, ci_high=high, turned=True)


def read_study(records: Iterable[dict], outcome: str) -> Printed:
    """Gather one study's rows, once what is read alike; `outcome` names the one asked about."""
    alike: dict[tuple, Row] = {}
    for record in settled(records):
        row = read_row(record)
        said = {**vars(row), "row": 0, "note": ""}
        # A missing number equals no other.
        alike.setdefault(tuple(x if x == x else None for x in said.values()), row)
    rows = list(alike.values())
    return Printed(
        outcome,
        tuple(r for r in rows if r.outcome == outcome),
        tuple(r for r in rows if r.outcome != outcome),
    )


def _number(value: Any, missing: float = nan) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        return missing
    try:
        number = float(value)
    except (TypeError, ValueError):
        return missing
    return missing if number != number else number


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(value).strip()
