"""One way in which one study's printed numbers become an effect, and how it says so."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import isfinite, nan, sqrt
from typing import Any, NamedTuple

from livingmeta.effect_measures import MEASURES
from livingmeta.effects.routes import ROUTES, worst
from livingmeta.extraction.rows import Used
from livingmeta.formulas.measures import EffectSizeError, effect_size, without_information
from livingmeta.formulas.time_to_event import Effect, RouteError
from livingmeta.plan import Synthesis

NO_EVENT = "no event in either arm, which says nothing about a ratio (Handbook 10.4.4.2)"
ALL_EVENTS = (
    "everybody in both arms had the event, which says nothing about a ratio of odds "
    "(Handbook 10.4.4.2)"
)
REVMAN = "revman"  # what a protocol says under `rules`


class Reckoning(NamedTuple):
    """How numbers become effects where a synthesis may choose: what is added `to` which cells,
    whether a study without information drops out, and whether RevMan's formulas are taken."""

    add: float = 0.5
    to: str = "only0"
    drop_double: bool = True
    revman: bool = False

    @classmethod
    def of(cls, asked: Synthesis) -> Reckoning:
        """As a synthesis of the protocol has it."""
        return cls(**asked.zeros, revman=asked.rules == REVMAN)


USUAL = Reckoning()


class WithoutInformationError(RouteError):
    """Counts that a ratio cannot be told from: nobody or everybody in both arms had the event."""


@dataclass(frozen=True)
class Candidate:
    """An effect on the analysis scale with its route.

    A mere bound has no `yi`, but a `limit` at or beyond which the effect lies, seen from 0.
    Counts that say nothing about a ratio have neither, and in `empty` the reason.

    `cells` holds what pooling from counts needs: `ai bi ci di` (one arm: `ai bi`), `t1i t2i`;
    effective counts where survival percentages stand behind them. `made_from`: what `effect_size`
    was given, where it made the effect, and `patients` those of each arm then. What had to be done
    to read its inputs is among `assumed`, and its grade is no better than theirs. Of arms joined
    the inputs are what is printed of each.
    `by`: how the effect was reckoned. `several`: the effects of one study for which it stands while
    the study's effect is chosen, each to be counted for itself.
    """

    route: str
    yi: float
    vi: float
    inputs: tuple[Used, ...]
    assumed: tuple[str, ...] = ()
    n: float = nan
    events: float = nan
    adjusted: str = ""
    cells: dict[str, float] = field(default_factory=dict)
    grade: str = ""
    limit: float = nan
    several: tuple[Candidate, ...] = ()
    made_from: dict[str, float] = field(default_factory=dict)
    patients: tuple[float, ...] = ()
    by: Reckoning = USUAL
    empty: str = ""

    def __post_init__(self) -> None:
        grades = [self.grade or ROUTES[self.route].grade, *(used.grade for used in self.inputs)]
        object.__setattr__(self, "grade", worst(grades))
        said = words(*self.assumed, *(used.said for used in self.inputs))
        object.__setattr__(self, "assumed", said)
        if any(used.of for used in self.inputs):
            sources = (row for used in self.inputs for row in used.of or (used,))
            object.__setattr__(self, "inputs", all_used(*sources))

    def also(self, said: str) -> Candidate:
        """The same effect, of which this is assumed too."""
        return replace(self, assumed=words(*self.assumed, said))


# ASSUME: e to the 50 is no ratio, and e to 20 no error of one, that anybody has seen; what pooling
# makes of such stays a number on the printed scale.
LARGEST, LARGEST_SE = 50.0, 20.0


def beyond(measure: str, found: Candidate) -> str:
    """Why an effect on a log scale is none that can be; "" where it can."""
    if MEASURES[measure].scale != "log":
        return ""
    for each in found.several or (found,):
        se = sqrt(each.vi) if each.vi > 0 else 0.0
        if abs(each.yi) > LARGEST or se > LARGEST_SE:
            return (
                f"route {found.route}: a logarithm of {each.yi:.4g} with SE {se:.4g} is of no "
                f"{measure} that can be ({'; '.join(used.text for used in each.inputs)})"
            )
    return ""


def downgraded(route: str, *grades: str) -> str:
    """The grade of a route whose inputs were themselves only of the given grades."""
    return worst([ROUTES[route].grade, *grades])


def words(*parts: str) -> tuple[str, ...]:
    """The non-empty parts, each once, in order."""
    return tuple(dict.fromkeys(part for part in parts if part))


def usable(make: Callable[[], Effect], why_not: str = "") -> Effect:
    """What `make` computes, an effect with a finite error above nought.

    Every route goes through here. RouteError where the numbers give no such effect; `why_not` says
    what that means for this route.
    """
    try:
        yi, vi = map(float, make())
    except ArithmeticError:
        raise RouteError("numbers too large or too small to compute with") from None
    if not (isfinite(yi) and isfinite(vi) and vi > 0):
        raise RouteError(why_not or f"no finite effect with an error above nought ({yi:g}, {vi:g})")
    return Effect(yi, vi)


def all_used(*parts: Used | None) -> tuple[Used, ...]:
    """The rows and curves that there are, each once, in order."""
    return tuple(dict.fromkeys(part for part in parts if part is not None))


def of_curve(arm: str, value: float = nan, n: float = nan, read: str = "") -> Used:
    """An arm's rebuilt curve of `n` patients; `value`: what was read off it, `read` in words."""
    text = f"curve {arm}: {read}" if read else f"curve {arm}"
    return Used(arm, "curve", "", None, value, float(n), False, text)


def computed(measure: str, by: Reckoning = USUAL, **counts: float) -> Effect:
    """One study's effect by `effect_size`; RouteError where its numbers allow none,
    WithoutInformationError where it is a ratio, and nobody or everybody had the event.

    To the cells of Peto's odds ratio nothing is ever added (Yusuf et al. 1985).
    """
    to = "none" if measure == "PETO" else by.to
    if by.drop_double or measure == "PETO":
        _informative(measure, counts)
    try:
        named: dict[str, Any] = {"add": by.add, "to": to, "revman": by.revman, **counts}
        made = effect_size(measure, **named)
        yi, vi = (float(x[0]) for x in made)
    except EffectSizeError as error:
        raise RouteError(str(error).replace(", study 1 (", " (")) from None
    shown = ", ".join(f"{name} {value:g}" for name, value in counts.items())
    why_not = f"{measure} has no finite effect and error here ({shown})"
    return usable(lambda: Effect(yi, vi), why_not)


def _informative(measure: str, counts: dict[str, float]) -> None:
    cells = [counts.get(name, nan) for name in ("ai", "bi", "ci", "di")]
    if "x1i" in counts:
        cells = [counts["x1i"], nan, counts["x2i"], nan]
    nobody, everybody = without_information(measure, *cells)
    if nobody or everybody:
        raise WithoutInformationError(NO_EVENT if nobody else ALL_EVENTS)


def added(
    measure: str, yi: float, by: Reckoning, adding_to: tuple[str, ...], of: str, **counts: float
) -> str:
    """What `effect_size` added to the cells, in words, found by adding it ourselves; "" where
    nothing. `of`: what the cells are called."""
    zero = any(counts[name] == 0 for name in adding_to)
    if by.to == "none" or not (zero or by.to == "all"):
        return ""
    bare = by._replace(to="none")
    if measure == "PETO" or by.to != "all":  # to the cells of some measures nothing is ever added
        with contextlib.suppress(RouteError):
            if abs(computed(measure, bare, **counts).yi - yi) < 1e-12:
                return ""
    more = {name: v + by.add * (name in adding_to) for name, v in counts.items()}
    if not abs(computed(measure, bare, **more).yi - yi) < 1e-12:
        return ""
    much = "a half" if by.add == 0.5 else f"{by.add:g}"
    why = "" if by.to == "all" else f" because {'one' if of == 'every cell' else 'a count'} is zero"
    return f"{much} added to {of}{why}"
