"""One printed statistic: a row of results/extraction/outcomes.csv.

Numbers as floats, percentages already proportions, times in the protocol's unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from math import inf, isclose, isfinite, nan
from pathlib import PurePosixPath
from typing import Any

from livingmeta import tables
from livingmeta.effect_measures import contrasts
from livingmeta.extraction import places
from livingmeta.extraction.p_values import PValue, PValueError, parse_p
from livingmeta.extraction.places import FILE as FILE
from livingmeta.extraction.reworded import reworded
from livingmeta.extraction.units import COUNTS
from livingmeta.formulas.rounding import converted

RATIOS = contrasts(ratios=True)
DIFFERENCES = contrasts(ratios=False) | {"rmst-difference"}
# Adjustments of a comparison, the first to be preferred where it was not randomised.
ADJUSTED = ("matched", "weighted", "multivariable")
# Those by a model: such numbers are of the comparison, and none that was counted is.
BY_MODEL = "multivariable"
MODELS = ("weighted", BY_MODEL)
# Designs in which a patient is in both arms.
IN_BOTH = {"crossover", "paired"}
# Two times are the same if they differ by at most this share: 104 weeks are 2 years.
SAME_TIME = 0.02


def plain(value: float) -> str:
    """A printed number in a sentence: whole ones in full, others to six digits."""
    return f"{value:.0f}" if isfinite(value) and value == int(value) else f"{value:.6g}"


@dataclass(frozen=True)
class Used:
    """One printed row, or one rebuilt curve, that an effect was computed from.

    `role`: what it gave: a statistic of outcomes.csv, `size` (patients of an arm), `p-value`, or
    `curve`. `file`: where it stands (empty: the file of the arm's curve) and `row` of it (None: all
    of it). `value`: as it was used, proportions as such, turned round where `turned`; `n`: what it
    is of. Both NaN where nothing is printed. `text`: the same as words. `said`, `grade`: what had
    to be done to read it so, and how good it is for that. `of`: the rows that one of several arms
    together was made from; these, and not itself, are what was used.
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
    said: str = field(default="", compare=False)
    grade: str = field(default="exact", compare=False)
    of: tuple[Used, ...] = field(default=(), compare=False)


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
    # "adjusted": its error accounts for the clusters of a cluster trial.
    clusters: str = ""
    se: float = nan
    sd: float = nan
    turned: bool = False
    # Its time with the unit in which it is written, where that is not the protocol's.
    as_written: str = ""
    # The unit as it is written.
    unit: str = field(default="", compare=False)
    # How it came to be read so (extraction/reworded): whether its logarithm is what was printed,
    # and its SE with it; whether it is one over what was printed.
    said: str = ""
    grade: str = "exact"
    logarithm: bool = False
    inverted: bool = False
    # How its row says that it was adjusted, which no count can be.
    unheeded: str = ""
    # The chi-squared that a p was made from, and the p that is printed beside it.
    chi_squared: float = field(default=nan, compare=False)
    p_beside: PValue | None = None
    # What it was made from, where it is of several arms together (effects/joined); `row` is then
    # the first of their rows.
    made_of: tuple[Used, ...] = ()

    @property
    def when(self) -> str:
        """Its time in a sentence, in the unit in which it is written."""
        return self.as_written or plain(self.time)

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
        return f"{text} ({self.place}{', turned round' if self.turned else ''})"

    @property
    def place(self) -> str:
        """Where it stands: `row 7`, or `rows 7, 9` of the arms that it was made from."""
        rows = sorted({used.row for used in self.made_of if used.row is not None} or {self.row})
        return f"row{'s' * (len(rows) > 1)} {', '.join(map(str, rows))}"

    def used(self, also: str = "") -> Used:
        """The row as one that an effect is computed from; `also`: what more of it was used."""
        text = self.words() + also
        place = (self.arm, self.statistic, FILE, self.row)
        return Used(
            *place, self.value, self.n, self.turned, text, self.said, self.grade, self.made_of
        )

    def used_for(self, role: str, value: float, text: str) -> Used:
        """What else the row gives: a `value` in a `role` other than its statistic."""
        return Used(
            self.arm,
            role,
            FILE,
            self.row,
            value,
            self.n,
            False,
            f"{text} ({self.place})",
            of=self.made_of,
        )


def read_row(record: dict) -> Row:
    """One row of outcomes.csv; raises PValueError naming the row if its p value is none."""
    number = places.of(record)
    note = _text(record.get("note"))
    try:
        p = parse_p(record.get("p_value"), note)
    except PValueError as error:
        raise PValueError(
            f"{PurePosixPath(places.named(record)).name}: {error}",
            file=number.file,
            rows=[number],
            column="p_value",
            value=error.value,
            cure=error.cure,
        ) from None
    level = _number(record.get("ci_level"), 0.95)
    adjusted, statistic = _text(record.get("adjusted")), _text(record.get("statistic"))
    unheeded = adjusted if adjusted == BY_MODEL and statistic in COUNTS else ""
    factor = _factor(record)
    value, low, high, se, sd = (
        converted(_number(record.get(column)), factor)
        for column in ("value", "ci_low", "ci_high", "se", "sd")
    )
    read = Row(
        row=number,
        outcome=_text(record.get("outcome")),
        arm=_text(record.get("arm")),
        time=_number(record.get("time")),
        statistic=statistic,
        value=value,
        n=_number(record.get("n")),
        ci_low=low,
        ci_high=high,
        ci_level=level / 100 if level > 1 else level,
        p=p,
        adjusted="" if unheeded else adjusted,
        unheeded=unheeded,
        note=note,
        part=_text(record.get("part")),
        event=_text(record.get("event")),
        measured=_text(record.get("measured")),
        direction=_text(record.get("direction")),
        clusters=_text(record.get("clusters")),
        se=se,
        sd=sd,
        as_written=_text(record.get("time_as_written")),
        unit=_text(record.get("unit")),
    )
    return reworded(read)


# `printed` as `outcomes` writes it: 12 per 100 person-years (8 to 17).
_PRINTED = re.compile(
    r"(?P<value>-?[\d.]+(?:e[-+]\d+)?)?[^(]*(?:\((?P<low>\S+) to (?P<high>\S+)\))?"
)


def _factor(record: dict) -> float:
    """What the numbers of a row were multiplied by to be in the pipeline's units."""
    if not _text(record.get("unit")):
        return 1.0
    found = _PRINTED.match(_text(record.get("printed")))
    for column, name in (("value", "value"), ("ci_low", "low"), ("ci_high", "high")):
        said, number = (_number(found[name] if found else None), _number(record.get(column)))
        if said and number and isfinite(said) and isfinite(number):
            factor = number / said
            return 1.0 if isclose(factor, 1) else factor
    return 1.0


def same_time(a: float, b: float) -> bool:
    """Whether two times in the same unit mean the same one (within 2%)."""
    return isclose(a, b, rel_tol=SAME_TIME, abs_tol=1e-9)


def same_moment(a: float, b: float) -> bool:
    """Whether two times are one, or neither is told."""
    return same_time(a, b) or not (isfinite(a) or isfinite(b))


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
    inverted = row.inverted != (row.statistic in RATIOS)
    row = replace(row, arm=arm, turned=True, inverted=inverted)
    return replace(row, value=value, ci_low=low, ci_high=high)


def _number(value: Any, missing: float = nan) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        return missing
    try:
        number = float(value)
    except (TypeError, ValueError):
        return missing
    return missing if number != number else number


def _text(value: object) -> str:
    return tables.text(value).strip()
