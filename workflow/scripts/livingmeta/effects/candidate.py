"""One way in which one study's printed numbers become an effect, and how it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite, nan, sqrt

from livingmeta.effect_measures import MEASURES
from livingmeta.effects.routes import ROUTES, worst
from livingmeta.extraction.rows import Used
from livingmeta.formulas.measures import EffectSizeError, effect_size
from livingmeta.formulas.time_to_event import Effect, RouteError


@dataclass(frozen=True)
class Candidate:
    """An effect on the analysis scale with its route.

    A mere bound has no `yi`, but a `limit` at or beyond which the effect lies, seen from 0.

    `cells` holds what pooling from counts needs: `ai bi ci di` (one arm: `ai bi`), `t1i t2i`;
    effective counts where survival percentages stand behind them. `made_from`: what `effect_size`
    was given, where it made the effect, and `patients` those of each arm then. What had to be done
    to read its inputs is among `assumed`, and its grade is no better than theirs. Of arms joined
    the inputs are what is printed of each.
    `several`: the effects of one study for which it stands while the study's effect is chosen,
    each to be counted for itself.
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

    def __post_init__(self) -> None:
        grades = [self.grade or ROUTES[self.route].grade, *(used.grade for used in self.inputs)]
        object.__setattr__(self, "grade", worst(grades))
        said = words(*self.assumed, *(used.said for used in self.inputs))
        object.__setattr__(self, "assumed", said)
        if any(used.of for used in self.inputs):
            sources = (row for used in self.inputs for row in used.of or (used,))
            object.__setattr__(self, "inputs", all_used(*sources))


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


def computed(measure: str, **counts: float) -> Effect:
    """One study's effect by `effect_size`; RouteError where its numbers allow none.

    To the cells of Peto's odds ratio nothing is ever added (Yusuf et al. 1985).
    """
    to = "none" if measure == "PETO" else "only0"
    try:
        made = effect_size(measure, to=to, drop00=False, **counts)
        yi, vi = (float(x[0]) for x in made)
    except EffectSizeError as error:
        raise RouteError(str(error).replace(", study 1 (", " (")) from None
    shown = ", ".join(f"{name} {value:g}" for name, value in counts.items())
    if measure == "PETO" and 0 in (counts["ai"] + counts["ci"], counts["bi"] + counts["di"]):
        raise RouteError("PETO has no effect where nobody or everybody in both arms had the event")
    why_not = f"{measure} has no finite effect and error here ({shown})"
    return usable(lambda: Effect(yi, vi), why_not)


def half_added(measure: str, yi: float, adding_to: tuple[str, ...], **counts: float) -> bool:
    """Whether `effect_size` added a half because of a zero, found by adding it ourselves."""
    if all(counts[name] > 0 for name in adding_to):
        return False
    more = {name: v + 0.5 * (name in adding_to) for name, v in counts.items()}
    return abs(computed(measure, **more).yi - yi) < 1e-12
