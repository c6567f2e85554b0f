"""One synthesis from its studies' effects to the stage's tables.

`pool` decides the models (guards), fits them (models), and writes down each guard rail as a code
with its parameters.
"""

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import plan, tables
from livingmeta.analyses import LeftOut, Method, Model
from livingmeta.effect_measures import MEASURES
from livingmeta.effects.several import APART, NAME, found_in, of_studies
from livingmeta.errors import InputError, InternalError
from livingmeta.formulas.measures import back_transform
from livingmeta.pooling import alternatives, guards, left_out, narrative, sequences, several
from livingmeta.pooling.cumulative import COLUMNS as CUMULATIVE
from livingmeta.pooling.cumulative import cumulative_rows
from livingmeta.pooling.engines.inputs import EffectError, PoolingError, check_effects
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.explain import explain
from livingmeta.pooling.gosh_table import COLUMNS as GOSH
from livingmeta.pooling.gosh_table import gosh_rows
from livingmeta.pooling.influence import Influence, influence
from livingmeta.pooling.small_study_rows import COLUMNS as SMALL_STUDY
from livingmeta.pooling.small_study_rows import small_study_rows

ON_ANALYSIS_SCALE = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
POOLED = tables.columns("pooling/pooled")
INFLUENCE = tables.columns("pooling/influence")
# What leaving a study out does to the model.
DIAGNOSTICS = [name for name in INFLUENCE if name in Influence.__dataclass_fields__]
MODERATORS = tables.columns("pooling/moderators")
DECISIONS = tables.columns("pooling/decisions")
SINGLE = "single study"  # the model of one study: none


class SynthesisError(InternalError):
    """The effects handed over are not those of the synthesis that was asked for."""


class MagnitudeError(InputError):
    """Effects that no computer can weigh against one another: one of them must be wrong."""


class Synthesis:
    """The studies of one synthesis and what its protocol asks, checked. `parts`: the effects as
    they came, of which `studies` has one a study (effects.several.of_studies)."""

    def __init__(self, effects: pd.DataFrame, synthesis_id: str, asked: plan.Synthesis) -> None:
        self.id = synthesis_id
        self.measure = asked.measure
        self.others = asked.other_measures
        self.parts = effects.reset_index(drop=True)
        self.studies = of_studies(self.parts)
        self.subgroups = asked.subgroups
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

    def display(self, row: dict[str, Any]) -> dict[str, Any]:
        """`row` with display_* columns beside its analysis-scale ones."""
        names = [name for name in ON_ANALYSIS_SCALE if name in row]
        values = [float(back_transform(self.measure, row[name])) for name in names]
        return row | {f"display_{name}": v for name, v in zip(names, values, strict=True)}


def pool(
    effects: pd.DataFrame, synthesis_id: str, asked: plan.Synthesis
) -> dict[str, pd.DataFrame]:
    """The tables of one synthesis: `pooled`, `influence`, `cumulative`, `gosh`, `moderators`,
    `small_study`, `decisions`.

    `effects`: DataFrame in the columns of effects.csv, one row a study (several, with `several:
    multilevel` or `robust`: pooling/several.py), with any column of studies.csv that the subgroups
    and moderators name. `asked`: what the protocol asks of it (measures, narrative, several, model,
    sensitivity, subgroups, moderators). Every column of estimates is on the analysis scale except
    `display_*`. No usable study gives a row of decisions and no other; nor does what is told and
    not pooled (narrative.why), but for one study, which stands as it is.

    Raises MagnitudeError where two studies' variances cannot both be right; what else it raises,
    SynthesisError, EffectError (naming the study) and OptionError, is no fault of the data.
    """
    s = Synthesis(effects, synthesis_id, asked)
    if not len(s.studies):
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
        s.decide(SINGLE, "several-of-one-study", effects=len(s.parts))
    elif len(s.studies) > 1 and asked.several in APART:
        s.decide("", "no-several-effects", method=asked.several)
    primary = _primary(s)
    pooled = _all_studies(s, primary)
    subgroup_rows, moderator_rows = explain(s, primary, _rows)
    k = len(s.studies)
    return _tables(
        s,
        pooled=pooled + subgroup_rows,
        **_deletions(s, primary),
        moderators=moderator_rows,
        small_study=small_study_rows(s) if guards.allowed(k, "bias tests") else [],
    )


def _tables(s, pooled=(), influence=(), cumulative=(), gosh=(), moderators=(), small_study=()):
    columns = {
        "pooled": (POOLED, pooled),
        "influence": (INFLUENCE, influence),
        "cumulative": (CUMULATIVE, cumulative),
        "gosh": (GOSH, gosh),
        "moderators": (MODERATORS, moderators),
        "small_study": (SMALL_STUDY, small_study),
        "decisions": (DECISIONS, [dict(zip(DECISIONS, d, strict=True)) for d in s.decisions]),
    }
    return {
        name: pd.DataFrame([{"synthesis": s.id} | row for row in rows], columns=list(names))
        for name, (names, rows) in columns.items()
    }


def _automatic(y, v):
    """The model that `auto` gives these studies."""
    if y.size < 3:
        return guards.choose(y.size, 0.0)
    return guards.choose(y.size, fit(y, v).tau2)


def _primary(s):
    """The primary model, and the decisions that led to it."""
    y, v = s.effects()
    rail = guards.rail(y.size)
    automatic = _automatic(y, v)
    if y.size == 1:
        s.decide(SINGLE, rail.rule)
        return automatic
    primary = s.pinned or automatic
    if s.pinned and s.pinned != automatic:
        s.decide(
            primary.name,
            "model-pinned",
            pinned=primary.name,
            automatic=automatic.name,
            k=y.size,
        )
    elif rail.rule:
        s.decide(primary.name, rail.rule)
    if s.pinned is None and automatic != rail.primary:
        s.decide(primary.name, "no-heterogeneity", result=primary.name)
    # Bias tests are not asked for by the protocol: the rail's own row says that they are left out.
    if s.pinned and not guards.allowed(y.size, "bias tests"):
        s.decide(primary.name, "bias-tests-held-back", reason=rail.held_back["bias tests"])
    if not guards.allowed(y.size, "prediction interval"):
        reason = rail.held_back["prediction interval"]
        s.decide(primary.name, "prediction-held-back", reason=reason)
    elif guards.prediction_in_appendix(y.size) and s.pinned:
        s.decide(primary.name, "prediction-in-appendix")
    return primary


def _all_studies(s, primary):
    """Rows of pooled.csv for all studies: the primary first, then what stands beside it."""
    y, v = s.effects()
    models = [primary, _automatic(y, v), *guards.rail(y.size).shown]
    if y.size > 1:
        models += s.sensitivity
    rows = _rows(s, list(dict.fromkeys(models)), primary=primary)
    return rows + _alternatives(s) + left_out.rows(s, primary, _rows)


def _alternatives(s):
    """Rows of pooled.csv for methods of another kind: those asked for, and the Bayesian one."""
    k = len(s.studies)
    asked = list(s.methods) if k > 1 else []
    if guards.allowed(k, "bayesian") and MEASURES[s.measure].half_normal:
        asked.append(Method("bayesian"))
    rows = {}
    for method in asked:
        name = method.name
        if name in rows:
            continue
        try:
            found = alternatives.row(s, method)
        except PoolingError as error:
            s.decide("", "method-not-done", method=name, error=str(error))
            continue
        if method.method in alternatives.OF_BIAS and not guards.allowed(k, "bias tests"):
            s.decide(name, "bias-method-shown", reason=guards.rail(k).held_back["bias tests"])
        own = {
            "model": name,
            "primary": False,
            "subgroup": "",
            "measure": s.measure,
            "n": s.patients(),
        }
        rows[name] = _sound(s, s.display(_without_prediction(own | found, k)))
    return list(rows.values())


def _rows(s, models, primary=None, of=None, subgroup=""):
    """Rows of pooled.csv for `models` fitted to the studies in the mask `of`."""
    y, v = s.effects(of)
    rows = []
    for model in models:
        f = fit(y, v, tau2=model.tau2, interval=model.interval, prediction=model.prediction)
        row = f.row() | {
            "model": SINGLE if y.size == 1 else model.name,
            "primary": model == primary,
            "subgroup": subgroup,
            "measure": s.measure,
            "n": s.patients(of),
        }
        if not math.isfinite(row["statistic"]):  # equal effects and no SE: there is nothing to test
            row |= {"statistic": np.nan, "p_value": np.nan}
        rows.append(s.display(_without_prediction(row, y.size)))
        if y.size == 1:
            break
    return [_sound(s, row) for row in rows]


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


def _deletions(s, primary):
    """Rows of influence.csv, cumulative.csv and gosh.csv: the result of some studies only."""
    if not guards.allowed(len(s.studies), "leave-one-out"):
        return {}
    rows = _influence(s, primary)
    strongest = max(rows, key=lambda row: row["cooks_distance"])
    return {
        "influence": rows,
        "cumulative": cumulative_rows(s, primary),
        "gosh": gosh_rows(s, primary, strongest["left_out"]),
    }


def _influence(s, primary):
    """Rows of influence.csv: the primary model without each study in turn."""
    y, v = s.effects()
    many = sequences.leave_one_out(y, v, tau2=primary.tau2, interval=primary.interval)
    found = influence(y, v, tau2=primary.tau2)
    names = ("k", "estimate", "se", "ci_low", "ci_high", "tau2", "i2")
    return [
        s.display(
            {name: getattr(many, name)[i].item() for name in names}
            | {name: getattr(found, name)[i].item() for name in DIAGNOSTICS}
            | {"model": primary.name, "left_out": study}
        )
        for i, study in enumerate(s.studies["study_id"])
    ]
