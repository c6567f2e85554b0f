"""One synthesis from its studies' effects to the stage's tables.

`pool` decides the models (guards), fits them (models), and writes down each guard rail as a code
with its parameters.
"""

import json
import math
from copy import copy
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import plan, tables
from livingmeta.analyses import LeftOut, Method, Model
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.several import APART, NAME, found_in, of_studies
from livingmeta.errors import InputError, InternalError
from livingmeta.formulas.measures import back_transform
from livingmeta.pooling import (
    alternatives,
    guards,
    left_out,
    narrative,
    primary,
    rare_events,
    revman,
    sequences,
    several,
)
from livingmeta.pooling.cumulative import cumulative_rows
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.inputs import EffectError, PoolingError, check_effects
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.explain import explain
from livingmeta.pooling.gosh_table import gosh_rows
from livingmeta.pooling.influence import Influence, influence
from livingmeta.pooling.small_study_rows import small_study_rows

ON_ANALYSIS_SCALE = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
# What a model without an error does not tell.
OF_SE = ("se", "ci_low", "ci_high", "pi_low", "pi_high", "statistic", "p_value")
# The tables of one synthesis, with their columns.
TABLES = {
    name.partition("/")[2]: tables.columns(name)
    for name in (
        *("pooling/pooled", "pooling/influence", "pooling/cumulative", "pooling/gosh"),
        *("pooling/moderators", "pooling/predicted", "pooling/small_study", "pooling/decisions"),
    )
}
# What leaving a study out does to the model.
DIAGNOSTICS = [name for name in TABLES["influence"] if name in Influence.__dataclass_fields__]


class SynthesisError(InternalError):
    """The effects handed over are not those of the synthesis that was asked for."""


class MagnitudeError(InputError):
    """Effects that no computer can weigh against one another: one of them must be wrong."""


class Synthesis:
    """The studies of one synthesis and what its protocol asks, checked. `parts`: the effects as
    they came, of which `studies` has one a study (effects.several.of_studies). `empty`: the counts
    of studies without information on a ratio, which some methods take all the same."""

    def __init__(
        self,
        effects: pd.DataFrame,
        synthesis_id: str,
        asked: plan.Synthesis,
        empty: pd.DataFrame | None = None,
    ) -> None:
        self.id = synthesis_id
        self.measure = asked.measure
        self.others = asked.other_measures
        self.parts = effects.reset_index(drop=True)
        self.studies = of_studies(self.parts)
        self.empty = self.studies.iloc[:0] if empty is None else empty
        self.level, self.rules = asked.level, asked.rules
        self.subgroups = asked.subgroups
        self.groups = asked.subgroup_labels
        self.moderators = asked.moderators
        self.pinned = asked.model
        further = asked.sensitivity
        self.sensitivity = [one for one in further if isinstance(one, Model)]
        self.methods = [one for one in further if isinstance(one, Method)]
        self.left_out = [one for one in further if isinstance(one, LeftOut)]
        self.decisions: list[tuple[str, str, str, str, str]] = []
        self._check()

    def _check(self):
        strangers = set(self.parts["synthesis"]) - {self.id}
        if strangers:
            raise SynthesisError(f"{self.id}: effects of another synthesis: {sorted(strangers)}")
        known = {self.measure, *self.others}
        other = self.parts.loc[~self.parts["measure"].isin(known)]
        if len(other):
            row = other.iloc[0]
            raise SynthesisError(
                f"{self.id}: study {row['study_id']} has the measure {row['measure']},"
                f" the protocol asks for {self.measure}"
            )
        key = [column for column in ("study_id", NAME) if column in self.parts]
        twice = self.parts["study_id"][self.parts.duplicated(key)]
        if len(twice):
            raise SynthesisError(
                f"{self.id}: study {twice.iloc[0]} has more than one effect; one a study is wanted,"
                " or a model for effects within studies"
            )
        y, v = (self.parts[name].to_numpy(float, na_value=np.nan) for name in ("yi", "vi"))
        for study, effect, variance in zip(self.parts["study_id"], y, v, strict=True):
            if not (np.isfinite(effect) and np.isfinite(variance) and variance > 0.0):
                raise EffectError(
                    f"{self.id}: study {study} has effect {effect:g} and variance {variance:g};"
                    " both must be finite and the variance above 0"
                )

    def check_magnitudes(self) -> None:
        """Raise MagnitudeError, naming the studies, unless the effects can be computed with."""
        y, v = (self.parts[name].to_numpy(float) for name in ("yi", "vi"))
        try:
            check_effects(y, v)
        except EffectError as error:
            named = ", ".join(
                f"{self.parts['study_id'].iloc[i]} (effect {y[i]:g}, variance {v[i]:g})"
                for i in dict.fromkeys([int(v.argmin()), int(v.argmax())])
            )
            raise MagnitudeError(
                f"synthesis {self.id}: {error}. Look up in data/raw/extraction/outcomes.csv what "
                f"the studies of the least and the greatest variance print: {named}."
            ) from None

    def effects(self, of: pd.Series | np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """yi and vi as float vectors, of all studies or of those where the mask `of` is true."""
        studies = self.studies if of is None else self.studies[of]
        yi, vi = (studies[name].to_numpy(float, na_value=np.nan) for name in ("yi", "vi"))
        return yi, vi

    def patients(self, of: pd.Series | np.ndarray | None = None) -> float:
        """Sum of `n`, NaN where a study does not say."""
        if "n" not in self.studies:
            return np.nan
        n = (self.studies if of is None else self.studies[of])["n"]
        return float(n.to_numpy(float, na_value=np.nan).sum()) if len(n) else np.nan

    def decide(self, model: str, rule: str, subgroup: str = "", **parameters: Any) -> None:
        """Write a row of decisions.csv: `rule` and what its wording needs (words/guard_rails)."""
        said = json.dumps(parameters, sort_keys=True, ensure_ascii=False, allow_nan=False)
        self.decisions.append((self.id, model, subgroup, rule, said))

    def only(self, of: np.ndarray | None) -> "Synthesis":
        """The same of the studies where the mask `of` is true, and of none without information."""
        if of is None:
            return self
        part = copy(self)
        part.studies, part.empty = self.studies[of].reset_index(drop=True), self.empty.iloc[:0]
        return part

    def display(self, row: dict[str, Any]) -> dict[str, Any]:
        """`row` with display_* columns beside its analysis-scale ones."""
        names = [name for name in ON_ANALYSIS_SCALE if name in row]
        ends = MEASURES[self.measure].bounds  # a Wald limit of 104% is one of 100%
        values = [float(np.clip(back_transform(self.measure, row[name]), *ends)) for name in names]
        return row | {f"display_{name}": v for name, v in zip(names, values, strict=True)}


def pool(
    effects: pd.DataFrame,
    synthesis_id: str,
    asked: plan.Synthesis,
    empty: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables of one synthesis: `pooled`, `influence`, `cumulative`, `gosh`, `moderators`,
    `predicted`, `small_study`, `decisions`.

    `effects`: DataFrame in the columns of effects.csv, one row a study (several, with `several:
    multilevel` or `robust`: pooling/several.py), with any column of studies.csv that the subgroups
    and moderators name. `empty`: rows of unusable.csv of studies in which nobody, or everybody, had
    the event, with their counts and the same columns of studies.csv. `asked`: what the protocol
    asks of it. Every column of estimates is on the analysis scale except `display_*`. No usable
    study gives rows of decisions and no other; nor does what is told and not pooled
    (narrative.why), but for one study, which stands as it is.

    Raises MagnitudeError where two studies' variances cannot both be right; what else it raises,
    SynthesisError, EffectError (naming the study) and OptionError, is no fault of the data.
    """
    s = Synthesis(effects, synthesis_id, asked, empty)
    if len(s.empty):
        studies = list(s.empty["study_id"])
        s.decide("", "without-information", studies=studies, measure=s.measure, k=len(s.studies))
    if not len(s.studies):
        if len(s.empty):
            s.decide("", "not-estimable", measure=s.measure, k=len(s.empty))
        else:
            s.decide("", "no-study")
        return _tables(s)
    told = narrative.why(s.studies, asked)
    if told not in ("", narrative.ONE):
        s.decide("", "not-pooled", **narrative.because(s.studies, asked, told))
        for column in [column for column in s.subgroups if column not in s.studies]:
            s.decide("", "no-column-for-groups", column=column)
        return _tables(s)
    s.check_magnitudes()
    if found_in(s.parts):
        if len(s.studies) > 1:
            return _tables(s, **several.pool(s, asked.several, lambda row, k: _finished(s, row, k)))
        s.decide(primary.SINGLE, "several-of-one-study", effects=len(s.parts))
    elif len(s.studies) > 1 and asked.several in APART:
        s.decide("", "no-several-effects", method=asked.several)
    rare = rare_events.found(s)
    result = primary.decide(s, rare)
    pooled = _all_studies(s, result, rare)
    subgroup_rows, moderator_rows, predicted_rows = explain(s, result, _rows)
    return _tables(
        s,
        pooled=pooled + subgroup_rows,
        **_deletions(s, result),
        moderators=moderator_rows,
        predicted=predicted_rows,
        small_study=_small_study(s),
    )


def _small_study(s):
    if not guards.allowed(len(s.studies), "bias tests"):
        return []
    if MEASURES[s.measure].null is None:
        s.decide("", "no-null", measure=s.measure)
        return []
    return small_study_rows(s)


def _tables(s, **rows):
    """The tables of a synthesis from their rows; one that is not given is empty."""
    rows["decisions"] = [dict(zip(TABLES["decisions"], d, strict=True)) for d in s.decisions]
    return {
        table: pd.DataFrame(
            [{"synthesis": s.id} | row for row in rows.get(table, ())], columns=list(names)
        )
        for table, names in TABLES.items()
    }


def _all_studies(s, result, rare):
    """Rows of pooled.csv for all studies: the result first, then what stands beside it."""
    y, v = s.effects()
    models = [result, primary.automatic(y, v), *guards.rail(y.size).shown]
    if y.size > 1:
        models += s.sensitivity
    headline = None if primary.apart(s) and not s.pinned else result
    rows = _rows(s, list(dict.fromkeys(models)), result=headline)
    beside = rare.beside if rare else ()
    done = {row["model"] for row in rows}
    return rows + _methods(s, beside, done) + left_out.rows(s, result, _rows)


def _methods(s, beside, done):
    """Rows of pooled.csv for methods of another kind: those `beside` the result, those asked for
    and the Bayesian one; without the `done`."""
    k = len(s.studies)
    asked = [*beside, *s.methods] if k > 1 else []
    if guards.allowed(k, "bayesian") and MEASURES[s.measure].half_normal:
        asked.append(Method("bayesian"))
    rows = {}
    for method in asked:
        name = method.name
        if name in rows or name in done:
            continue
        try:
            rows[name] = _of_method(s, method)
        except PoolingError as error:
            s.decide("", "method-not-done", method=name, error=str(error))
            continue
        if method.method in alternatives.OF_BIAS and not guards.allowed(k, "bias tests"):
            s.decide(name, "bias-method-shown", reason=guards.rail(k).held_back["bias tests"])
    return list(rows.values())


def _of_method(s, method, of=None, subgroup="", result=None):
    """The row of pooled.csv of a method of another kind, of the studies in the mask `of`."""
    part = s.only(of)
    row = alternatives.row(part, method) | {
        "model": method.name,
        "primary": method == result,
        "subgroup": subgroup,
        "measure": s.measure,
        "n": part.patients(),
    }
    return _sound(s, s.display(_without_prediction(row, len(part.studies))))


def _rows(s, models, result=None, of=None, subgroup=""):
    """Rows of pooled.csv for `models` fitted to the studies in the mask `of`; a method of another
    kind that they do not allow is a decision."""
    y, _ = s.effects(of)
    rows = []
    for model in models:
        if isinstance(model, Method) and y.size > 1:
            try:
                rows.append(_of_method(s, model, of, subgroup, result))
            except PoolingError as error:
                s.decide(
                    model.name, "method-not-done", subgroup, method=model.name, error=str(error)
                )
            continue
        model = model if isinstance(model, Model) else guards.COMMON
        row = _fitted(s, model, of) | {
            "model": primary.SINGLE if y.size == 1 else model.name,
            "primary": model == result,
            "subgroup": subgroup,
            "measure": s.measure,
            "n": s.patients(of),
        }
        row = _without_prediction(row, y.size)
        empty = intervals.without_width(row["interval"], row["se"], s.effects(of)[1])
        row |= dict.fromkeys(OF_SE, np.nan) if empty else {}
        rows.append(s.display(row) if empty else _sound(s, s.display(row)))
        if y.size == 1:
            break
    return rows


def _fitted(s, model, of):
    """The columns of a model of tau² of the studies in the mask `of`."""
    y, v = s.effects(of)
    options = {"interval": model.interval, "prediction": model.prediction, "level": s.level}
    found = fit(y, v, tau2=model.tau2, **options)
    if model.tau2 == "DL" and y.size > 1 and revman.concerns(s.only(of)):
        found = revman.around_mantel_haenszel(s.only(of), found, model.interval)
    return found.row()


def _finished(s, row, k):
    """A row of pooled.csv with what is printed of it, as far as k studies allow."""
    return _sound(s, s.display(_without_prediction(row, k)))


def _without_prediction(row, k):
    if guards.allowed(k, "prediction interval"):
        return row
    return row | {"pi_low": np.nan, "pi_high": np.nan}


def _sound(s, row):
    """The row, or without display values where a back-transformed interval misses its estimate or
    passes every number."""
    low, middle, high = (row[f"display_{x}"] for x in ("ci_low", "estimate", "ci_high"))
    shown = np.array([row[f"display_{name}"] for name in ON_ANALYSIS_SCALE], float)
    if low <= middle <= high and not np.isinf(shown).any():
        return row
    s.decide(
        row["model"],
        "limits-crossed",
        subgroup=row["subgroup"],
        ci_low=_finite(low),
        estimate=_finite(middle),
        ci_high=_finite(high),
    )
    return row | {f"display_{name}": np.nan for name in ON_ANALYSIS_SCALE}


def _finite(value):
    """The number, or None where it is none: JSON has no infinity and no NaN."""
    return value if math.isfinite(value) else None


def _deletions(s, result):
    """Rows of influence.csv, cumulative.csv and gosh.csv: the result of some studies only."""
    if not guards.allowed(len(s.studies), "leave-one-out"):
        return {}
    if isinstance(result, Method):
        influenced = left_out.one_by_one(s, result, _rows)
        return {"influence": influenced, "cumulative": cumulative_rows(s, result, _rows)}
    rows = _influence(s, result)
    strongest = max(rows, key=lambda row: row["cooks_distance"])
    return {
        "influence": rows,
        "cumulative": cumulative_rows(s, result, _rows),
        "gosh": gosh_rows(s, result, strongest["left_out"]),
    }


def _influence(s, result):
    """Rows of influence.csv: the model of the result without each study in turn."""
    y, v = s.effects()
    options = {"tau2": result.tau2, "interval": result.interval, "level": s.level}
    many = sequences.leave_one_out(y, v, **options)
    found = influence(y, v, tau2=result.tau2)
    names = ("k", "estimate", "se", "ci_low", "ci_high", "tau2", "i2")
    return [
        s.display(
            {name: getattr(many, name)[i].item() for name in names}
            | {name: getattr(found, name)[i].item() for name in DIAGNOSTICS}
            | {"model": result.name, "left_out": study}
        )
        for i, study in enumerate(s.studies["study_id"])
    ]
