"""The effect measures: one table of what each is, from `schemas/effect_measures.yaml`.

That file says what every property means. Formulas, routes and words look properties up here, and
none keeps a list of measures of its own.
"""

from dataclasses import dataclass
from math import inf
from pathlib import Path

import yaml

SCHEMAS = Path(__file__).parents[2] / "schemas"
# What a measure is computed from, in metafor's names of arguments, by its family and its arms.
_CELLS = {
    ("proportions", 2): ("ai", "bi", "ci", "di"),
    ("proportions", 1): ("xi", "mi"),
    ("rates", 2): ("x1i", "x2i", "t1i", "t2i"),
    ("rates", 1): ("xi", "ti"),
    ("means", 2): ("m1i", "m2i", "sd1i", "sd2i", "n1i", "n2i"),
    ("means", 1): ("mi", "sdi", "ni"),
    ("correlation", None): ("ri", "ni"),
}


@dataclass(frozen=True)
class Measure:
    """One effect measure: a line of the table."""

    code: str
    scale: str
    kind: str
    arms: int | None
    family: str
    estimand: str
    contrast: str | None
    revman: str | None
    half_normal: bool
    in_units: bool
    restricted: bool
    absolute: bool

    @property
    def null(self) -> float | None:
        """The value of no effect as printed; None where nothing is compared."""
        if self.arms == 1:
            return None
        return 1 if self.kind == "ratio" else 0

    @property
    def bounds(self) -> tuple[float, float]:
        """What it cannot lie beyond as printed; intervals on another scale can."""
        if self.kind == "proportion":
            return 0.0, 1.0
        if self.code == "RD" or self.estimand == "COR":
            return -1.0, 1.0
        return (0.0 if self.kind == "rate" and self.arms == 1 else -inf), inf

    @property
    def log(self) -> bool:
        """Whether an axis that shows it is logarithmic: those of proportions never are."""
        return self.scale == "log" and self.kind != "proportion"

    @property
    def of_shares(self) -> bool:
        """Whether papers print it of the shares of two arms that have an event."""
        return (self.family, self.arms) == ("proportions", 2) and self.contrast is not None

    @property
    def cells(self) -> tuple[str, ...]:
        """What it is computed from, by metafor's names; () where it is only ever printed."""
        return _CELLS.get((self.family, self.arms), ())


def _table(name: str) -> dict[str, Measure]:
    text = (SCHEMAS / f"{name}.yaml").read_text(encoding="utf-8")
    rows = yaml.load(text, Loader=yaml.CSafeLoader)
    return {code: Measure(code=code, **row) for code, row in rows.items()}


MEASURES = _table("effect_measures")


def contrasts(*, ratios: bool) -> set[str]:
    """Statistics of outcomes.csv that print a measure between two arms: ratios, or the others."""
    found = (m.contrast for m in MEASURES.values() if (m.kind == "ratio") == ratios)
    return {statistic for statistic in found if statistic}
