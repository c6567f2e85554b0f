"""What changed in one synthesis between two states, as parts that can be put in or left out.

A part is a study (new, removed or corrected) or a key of the protocol (include, routes, model).
With every part left out the synthesis is the earlier one; with every part in, today's; with some,
what the review would say had only these changed. `value` pools thousands of such mixtures at once.
"""

from itertools import product
from typing import Any, NamedTuple

import numpy as np

from livingmeta import plan
from livingmeta.analyses import Model
from livingmeta.effect_measures import MEASURES
from livingmeta.effects import harmonise
from livingmeta.effects.several import of_studies
from livingmeta.formulas import shapley
from livingmeta.formulas.measures import back_transform
from livingmeta.living.differences import same
from livingmeta.living.reasons import Reasons, filters, kind
from livingmeta.living.state import State
from livingmeta.pooling import guards
from livingmeta.pooling.engines.models import fit_many

# What a synthesis asks. Where one of these differs, it is another question on another scale, and
# no difference of the two answers is to be shared out.
QUESTION = ("outcome", "measure", "arms", "time")
# What decides which studies enter and with which of their numbers.
SELECTION = (*("include", "routes", "several", "correlation", "shared_control", "zeros", "rules"),)


class Part(NamedTuple):
    """One change: `kind` new, removed, corrected (then `name` is a study_id) or protocol (a key);
    `because`: where it comes from, in words."""

    kind: str
    name: str
    because: str


class Mixtures:
    """The earlier and today's synthesis, and all that lies between.

    `parts`: the changes, studies first; `note`: what could not be told apart, or "".
    """

    def __init__(self, before: State, after: State, synthesis: str, reasons: Reasons) -> None:
        old, new = (state.asked.syntheses[synthesis] for state in (before, after))
        # Under a method of another kind mixtures are not pooled: what they give is not the result.
        self.models = [m if isinstance(m, Model) else None for m in (old.model, new.model)]
        ends = [_effects(state, synthesis) for state in (before, after)]
        self.selection = [key for key in SELECTION if getattr(old, key) != getattr(new, key)]
        self.note = ""
        grid: dict[tuple[int, tuple[int, ...]], Any] = {(0, ()): ends[0], (1, ()): ends[1]}
        if self.selection:
            grid = _regrid(before, after, synthesis, self.selection)
            known = (grid[0, (0,) * len(self.selection)], grid[1, (1,) * len(self.selection)])
            if not all(_alike(a, b) for a, b in zip(known, ends, strict=True)):
                self.note = (
                    f"{' and '.join(self.selection)} changed too; what that did is counted with"
                    " the studies, since the earlier effects cannot be computed anew"
                )
                self.selection, grid = [], {(0, ()): ends[0], (1, ()): ends[1]}
        self.studies = list(dict.fromkeys(s for column in grid.values() for s in column))
        settings = list(product((0, 1), repeat=len(self.selection)))
        moved = [
            study
            for study in self.studies
            if any(_moved(grid[0, c].get(study), grid[1, c].get(study)) for c in settings)
        ]
        rows = [state.effects_of(synthesis) for state in (before, after)]
        self.parts = [
            Part(kind(a, b), study, reasons.why(study, a, b, filters(old, new)))
            for study in moved
            for a, b in [[column.get(study) for column in rows]]
        ]
        self.parts += [
            Part("protocol", key, _change(before, after, synthesis, key))
            for key in [*self.selection, *(["model"] if self.models[0] != self.models[1] else [])]
        ]
        self._where = {study: i for i, study in enumerate(moved)}
        nothing = (np.nan, np.nan)
        self._cells = np.array(
            [
                [[grid[e, c].get(study, nothing) for c in settings] for e in (0, 1)]
                for study in self.studies
            ]
        ).reshape(len(self.studies), 2, len(settings), 2)

    def value(self, inside: np.ndarray) -> np.ndarray:
        """The primary estimate (R,), analysis scale, with the parts `inside` (R, P); NaN where no
        study is left to pool."""
        rows = len(inside)
        after_studies = len(self._where)
        setting = np.zeros(rows, dtype=int)
        for i in range(len(self.selection)):
            setting = 2 * setting + inside[:, after_studies + i]
        cells = np.empty((rows, len(self.studies), 2))
        for i, study in enumerate(self.studies):
            at = self._where.get(study)
            state = inside[:, at].astype(int) if at is not None else np.zeros(rows, dtype=int)
            cells[:, i] = self._cells[i, state, setting]
        y, v = cells[..., 0], cells[..., 1]
        if self.models[0] == self.models[1]:
            return pooled(y, v, self.models[0])
        late = inside[:, -1]
        estimate = np.full(rows, np.nan)
        for model, mask in ((self.models[0], ~late), (self.models[1], late)):
            estimate[mask] = pooled(y[mask], v[mask], model)
        return estimate


class Printed:
    """The change of a result as it is printed, and each part's share of that.

    By logarithms a share is a factor, the antilogarithm of that on the analysis scale. On any other
    scale it is a Shapley value of its own, of the estimate as printed, so that these add up too.
    `total`: the whole change; `times`: whether it is a factor.
    """

    def __init__(self, mixtures: Mixtures, results: list[dict[str, Any]]) -> None:
        self._mixtures, self._known = mixtures, dict[bytes, np.ndarray]()
        self._measure = results[1]["measure"]
        self.times = MEASURES[self._measure].log
        was, now = self._shown(np.array([float(r["estimate"]) for r in results]))
        self.total = float(now / was if self.times else now - was)

    def value(self, inside: np.ndarray) -> np.ndarray:
        """As Mixtures.value; each matrix of sets is pooled once."""
        key = inside.tobytes()
        if key not in self._known:
            self._known[key] = self._mixtures.value(inside)
        return self._known[key]

    def shares(self, shared: shapley.Shares) -> tuple[np.ndarray, float]:
        """Each part's share as printed, (P,), and that of all parts together; `shared`: on the
        analysis scale."""
        if self.times:
            return np.exp(shared.share), float(np.exp(shared.end - shared.start))
        ends = self._shown(np.array([shared.start, shared.end]))
        found = shapley.shares(lambda inside: self._shown(self.value(inside)), len(shared.share))
        return found.share, float(ends[1] - ends[0])

    def _shown(self, estimate: np.ndarray) -> np.ndarray:
        return np.asarray(back_transform(self._measure, estimate), float)


def pooled(y: np.ndarray, v: np.ndarray, pinned: Model | None) -> np.ndarray:
    """Primary estimates (R,) of the rows of `y` and `v` (R, K), NaN for a study that is not in.

    `pinned`: the Model of the protocol, or None for the one that the guard rails give each row.
    NaN where a row has no study.
    """
    k = np.isfinite(y).sum(axis=1)
    estimate = np.full(len(y), np.nan)
    if pinned is not None:
        models = {pinned: k >= 1}
    else:
        tau2 = np.zeros(len(y))
        several = k >= 3
        if several.any():
            tau2[several] = fit_many(y[several], v[several]).tau2
        chosen = [
            guards.choose(int(n), float(t)) if n else None for n, t in zip(k, tau2, strict=True)
        ]
        models = {m: np.array([c == m for c in chosen]) for m in dict.fromkeys(chosen) if m}
    for model, rows in models.items():
        if rows.any():
            estimate[rows] = fit_many(y[rows], v[rows], tau2=model.tau2).estimate
    return estimate


def _effects(state: State, synthesis: str) -> dict[str, tuple[float, float]]:
    return {s: (r["yi"], r["vi"]) for s, r in state.effects_of(synthesis).items()}


def _moved(a: tuple[float, ...] | None, b: tuple[float, ...]) -> bool:
    """Whether an effect, (yi, vi) or None, is not what it was."""
    if a is None or b is None:
        return a is not b
    return not all(same(x, y) for x, y in zip(a, b, strict=True))


def _alike(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and not any(_moved(a[study], b[study]) for study in a)


def _regrid(before: State, after: State, synthesis: str, changed: list[str]) -> dict:
    """Effects by study for the data of either state under either value of each changed key."""
    old, new = (state.asked.syntheses[synthesis] for state in (before, after))
    grid = {}
    for setting in product((0, 1), repeat=len(changed)):
        chosen = zip(changed, setting, strict=True)
        asked = new.but(**{key: getattr((old, new)[bit], key) for key, bit in chosen})
        for e, state in enumerate((before, after)):
            effects, *_ = harmonise.harmonise(
                state.outcomes,
                state.studies,
                {synthesis: asked},
                state.asked.arms,
                state.asked.outcomes,
                until=state.asked.extraction.until_settled,
                joins=plan.joins(state.asked.arms),
            )
            effects = of_studies(effects)
            values = zip(effects["yi"], effects["vi"], strict=True)
            grid[e, setting] = dict(zip(effects["study_id"], values, strict=True))
    return grid


def _change(before: State, after: State, synthesis: str, key: str) -> str:
    """A key of a synthesis as either protocol writes it."""
    old, new = (state.protocol["syntheses"][synthesis][key] for state in (before, after))
    return f"{key}: {_said(old)} before, {_said(new)} now"


def _said(value: Any) -> str:
    if isinstance(value, dict):
        inner = "; ".join(f"{key} {_said(part)}" for key, part in value.items())
        return inner or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
