"""Results computed a second time, by statsmodels, which shares no formula with ours.

Each model of pooled.csv that statsmodels has (a common effect, tau² by DL or PM, Mantel-Haenszel)
is fitted anew from the effects; for the other estimators of tau² its weighted least squares take
our tau² and confirm what follows from it. So do they for meta-regressions. A hazard ratio from two
rebuilt curves is fitted again as a Cox model. What differs and cannot be explained is a fault of
ours: `check` raises.
"""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from livingmeta import plan, tables
from livingmeta.analyses import IN_COMMON
from livingmeta.errors import InternalError
from livingmeta.pooling import alternatives, left_out, revman
from livingmeta.pooling.confirmed import TOLERANCE
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.moderators import design, together
from livingmeta.pooling.subgroups import dummies, in_order
from livingmeta.pooling.synthesis import Synthesis

COLUMNS = tables.columns("pooling/second_opinion")
# Tolerances of statsmodels' Paule-Mandel, finest first: it takes a step that ends a hair beyond
# zero for no heterogeneity at all, and then the next is tried.
PM_TOLERANCES = (1e-10, 1e-8, 1e-6)
INTERVALS = ("wald", "t", "hksj", "hksj-guarded")
BELOW_ZERO = "statsmodels leaves tau² below zero; at zero the model is its common effect"


# Below this share of its estimate a standard error is what rounding leaves.
ROUNDING = 1e-8
# Columns of a design beyond two to this power, or below one over it, are scaled.
_LARGE = 20


class SecondOpinionError(InternalError):
    """Statsmodels has another number than we have, and nothing explains it."""


class Theirs(NamedTuple):
    """One model by statsmodels, analysis scale. `scaled`: the standard error by the spread of the
    effects (Hartung-Knapp), `se` the ordinary one."""

    estimate: float
    se: float
    scaled: float
    df: int
    by: str
    tau2: float | None = None
    q: float | None = None
    why: str = ""

    def numbers(self, interval: str, level: float = 0.95) -> dict[str, float]:
        """Estimate, standard error and limits under an interval of `INTERVALS`."""
        from scipy import stats

        se = {"hksj": self.scaled, "hksj-guarded": max(self.se, self.scaled)}.get(interval, self.se)
        tail = (1 - level) / 2
        quantile = stats.norm.isf(tail) if interval == "wald" else stats.t.isf(tail, self.df)
        found = {"estimate": self.estimate, "se": se}
        return found | {
            "ci_low": self.estimate - quantile * se,
            "ci_high": self.estimate + quantile * se,
        }


def combined(y: np.ndarray, v: np.ndarray, tau2_method: str) -> Theirs | None:
    """statsmodels' `combine_effects` of effects and variances (k each, analysis scale); None for an
    estimator of tau² that it does not have."""
    from statsmodels.stats.meta_analysis import combine_effects

    if tau2_method not in ("FE", "DL", "PM"):
        return None
    by, why = "combine_effects", ""
    middle = float(np.median(y))  # from zero on, its Q loses digits to what all effects share
    y = y - middle
    if tau2_method == "PM":
        for tolerance in PM_TOLERANCES:
            found = combine_effects(y, v, method_re="pm", atol=tolerance, maxiter=1_000)
            if found.tau2 > 0 or found.q <= found.k - 1:
                break
            why = f"statsmodels' Paule-Mandel iteration stops short of {tolerance:g}"
    else:
        with np.errstate(invalid="ignore"):  # a root of what a tau² below zero gives
            found = combine_effects(y, v, method_re="dl")
    df = y.size - 1
    fe, re = float(found.mean_effect_fe) + middle, float(found.mean_effect_re) + middle
    of_fe = float(found.sd_eff_w_fe), float(found.sd_eff_w_fe_hksj)
    of_re = float(found.sd_eff_w_re), float(found.sd_eff_w_re_hksj)
    common = Theirs(fe, *of_fe, df, by, tau2=0.0, q=float(found.q))
    if tau2_method == "FE":
        return common
    if found.tau2 < 0:
        return common._replace(why=BELOW_ZERO)
    return Theirs(re, *of_re, df, by, tau2=float(found.tau2), q=float(found.q), why=why)


def regressed(y: np.ndarray, v: np.ndarray, x: np.ndarray, tau2: float) -> list[Theirs]:
    """statsmodels' `WLS` of effects on a design (k by p, its intercept included), with weights from
    our tau²: one answer a coefficient."""
    from statsmodels.regression.linear_model import WLS

    # Its pseudo-inverse takes a column for nought beside one of 1e15 times its size: such are
    # brought near to 1, by powers of two, which round nothing.
    most = np.abs(x).max(axis=0)
    power = np.round(np.log2(np.where(most > 0, most, 1.0)))
    size = np.exp2(np.where(np.abs(power) > _LARGE, power, 0.0))
    fitted = WLS(y, x / size, weights=1 / (v + tau2)).fit()
    unscaled = np.sqrt(np.diag(fitted.normalized_cov_params))
    df = y.size - x.shape[1]
    found = zip(fitted.params / size, unscaled / size, fitted.bse / size, strict=True)
    return [Theirs(float(b), float(se), float(hk), df, "WLS") for b, se, hk in found]


def compare(
    effects: pd.DataFrame, name: str, asked: plan.Synthesis, pooled: pd.DataFrame
) -> list[dict[str, Any]]:
    """Rows of second_opinion.csv for the models of one synthesis.

    `effects`: as for synthesis.pool; `pooled`: the rows of pooled.csv of this synthesis. Models
    that statsmodels has nothing for give no row; nor does what rests on one study.
    """
    s = Synthesis(effects, name, asked)
    if len(s.parts) > len(s.studies):  # several effects a study: no model of statsmodels
        return []
    without = dict(left_out.asked(s, ""))
    found: list[dict[str, Any]] = []
    for told in pooled.to_dict("records"):
        row: dict[str, Any] = {str(column): value for column, value in told.items()}
        if row["k"] < 2:
            continue
        if f"{row['model']} ".startswith("Mantel-Haenszel "):
            found += _stratified(s, row)
        elif is_common_in_groups(row):
            found += _grouped(s, row)
        elif is_model(row) and not is_of_revman(s, row):
            found += again(row, *s.effects(resting(s, row, without)), s.level)
    return [{"synthesis": name} | row for row in found]


TAU2 = ("FE", "DL", "DL2", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")


def is_model(row: dict[str, Any]) -> bool:
    """Whether it is a model of tau² with an interval; other methods fill the same columns."""
    named = f"{row['tau2_method']} {row['interval']}"
    asked = row["tau2_method"] in TAU2 and row["interval"] in INTERVALS
    return asked and f"{row['model']} ".startswith(f"{named} ")


def is_common_in_groups(row: dict[str, Any]) -> bool:
    """Whether it is of a subgroup that shares tau² with the others."""
    return is_model(row) and row["model"].endswith(f" {IN_COMMON}")


def is_of_revman(s: Synthesis, row: dict[str, Any]) -> bool:
    """Whether its tau² is RevMan's, around the Mantel-Haenszel estimate."""
    return revman.concerns(s) and row["tau2_method"] == "DL"


def _grouped(s: Synthesis, row: dict[str, Any]) -> list[dict[str, Any]]:
    """A subgroup whose tau² is that of all: its coefficient in the regression on the subgroups."""
    resting(s, row, {})  # that it is of as many studies as it says
    column, value = group(s, row)
    text = text_of(s, column)
    known = (text != "").to_numpy(bool)
    groups = text[known].to_numpy(str)
    names = sorted(set(groups))
    x = np.column_stack([groups == name for name in names]).astype(float)
    one = regressed(*s.effects(known), x, row["tau2"])[names.index(value)]
    return _rows(row, one.numbers(row["interval"], s.level), one, given=True)


def group(s: Synthesis, row: dict[str, Any]) -> tuple[str, str]:
    """Column and value of the subgroup that a row of pooled.csv is of."""
    column = next(name for name in s.subgroups if row["subgroup"].startswith(f"{name}="))
    return column, row["subgroup"].removeprefix(f"{column}=")


def resting(s: Synthesis, row: dict[str, Any], without: dict[str, np.ndarray]) -> np.ndarray:
    """Which studies (k,) a row of pooled.csv rests on, as `named`. Raises SecondOpinionError where
    their number is not the row's."""
    mask = named(s, row, without)
    if mask.sum() != row["k"]:
        raise SecondOpinionError(
            f"{s.id}, {row['model']}, {row['subgroup']}: {row['k']} studies in pooled.csv, "
            f"{mask.sum()} by its name"
        )
    return mask


def named(s: Synthesis, row: dict[str, Any], without: dict[str, np.ndarray]) -> np.ndarray:
    """Which studies (k,) the subgroup and the model of a row of pooled.csv name. `without`: masks
    of left_out.asked by id."""
    mask = np.ones(len(s.studies), bool)
    if row["subgroup"] and not pd.isna(row["subgroup"]):
        column, value = group(s, row)
        mask = (text_of(s, column) == value).to_numpy(bool)
    for name, out in without.items():
        if row["model"].endswith(f" {name}"):
            mask = ~out
    return mask


def text_of(s: Synthesis, column: str) -> pd.Series:
    """A column of the studies (k,) as text, empty where unknown."""
    return s.studies[column].astype("string").fillna("").str.strip()


def again(
    row: dict[str, Any], y: np.ndarray, v: np.ndarray, level: float = 0.95
) -> list[dict[str, Any]]:
    """Rows of second_opinion.csv for a row of pooled.csv and its k effects and variances, analysis
    scale."""
    theirs = combined(y, v, row["tau2_method"])
    given = theirs is None
    if theirs is None:
        theirs = regressed(y, v, np.ones((y.size, 1)), row["tau2"])[0]
    numbers = theirs.numbers(row["interval"], level)
    if not given:
        numbers |= {"tau2": theirs.tau2, "q": theirs.q}  # type: ignore[dict-item]
    return _rows(row, numbers, theirs, given=given)


def _stratified(s: Synthesis, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Mantel-Haenszel by `StratifiedTable`: log odds ratio and standard error, or the log risk
    ratio alone."""
    from scipy import stats
    from statsmodels.stats.contingency_tables import StratifiedTable

    try:
        without = dict(left_out.asked(s, ""))
        part = s.only(resting(s, row, without))
        a, b, c, d = alternatives.mantel_haenszel_cells(part, ("OR", "RR"))
    except PoolingError:  # its other measures statsmodels does not have
        return []
    table = StratifiedTable(np.array([[a, b], [c, d]]))
    if s.measure == "RR":
        numbers = {"estimate": float(np.log(table.riskratio_pooled))}
        theirs = Theirs(numbers["estimate"], np.nan, np.nan, 0, "StratifiedTable")
    else:
        log, se = float(table.logodds_pooled), float(table.logodds_pooled_se)
        theirs = Theirs(log, se, np.nan, 0, "StratifiedTable")
        half = float(stats.norm.isf((1 - s.level) / 2)) * se
        numbers = {"estimate": log, "se": se, "ci_low": log - half, "ci_high": log + half}
    return _rows(row, numbers, theirs)


def regressions(
    effects: pd.DataFrame, name: str, asked: plan.Synthesis, moderators: pd.DataFrame
) -> list[dict[str, Any]]:
    """Rows of second_opinion.csv for the coefficients in moderators.csv of one synthesis, given our
    tau²."""
    s = Synthesis(effects, name, asked)
    if len(s.parts) > len(s.studies):
        return []
    found = []
    fitted = moderators[moderators["estimate"].notna()]
    keys = ["model", "analysis", "moderator"]
    for key, rows in fitted.groupby(keys, sort=False):
        _, analysis, asked_for = map(str, key)
        if analysis == "meta-regression":
            parts = [term.split(":") for term in asked_for.split(" + ")]
            texts = {column: text_of(s, column) for part in parts for column in part}
            known = np.all([text != "" for text in texts.values()], axis=0)
            designs = {name: design(name, text[known]) for name, text in texts.items()}
            x = together(parts, designs)[0]
        else:
            text = text_of(s, asked_for)
            known = (text != "").to_numpy(bool)
            groups = text[known].to_numpy(str)
            x = dummies(groups, in_order(groups, list(s.groups.get(asked_for, {}))))
        y, v = s.effects(known)
        x = np.column_stack([np.ones(y.size), x])
        theirs = regressed(y, v, x, float(rows["tau2"].iloc[0]))
        for told, one in zip(rows.to_dict("records"), theirs, strict=True):
            row: dict[str, Any] = {str(name): value for name, value in told.items()}
            interval = row["model"].split()[1]
            term = f"{asked_for}: {row['term']}" + (
                "" if analysis == "meta-regression" else " (subgroups)"
            )
            row |= {"subgroup": "", "term": term}
            found += _rows(row, one.numbers(interval, s.level), one, given=True)
    return [{"synthesis": name} | row for row in found]


def hazard_ratios(
    effects: pd.DataFrame, name: str, asked: plan.Synthesis, individual: pd.DataFrame
) -> list[dict[str, Any]]:
    """Rows of second_opinion.csv for the hazard ratios of one synthesis that come from two rebuilt
    curves (route G), by statsmodels' Cox model with Efron's ties.

    `individual`: individual.csv. An effect whose arms were made of others, or of a study that has
    several, is left out: it is no longer that of the two curves alone. One that a design changed
    (clusters, a shared control) says so in `assumed`, and that is the reason given.
    """
    from statsmodels.duration.hazard_regression import PHReg

    found = []
    mine = effects[(effects["route"] == "G") & (effects["measure"] == "HR")]
    for row in mine.to_dict("records"):
        one = individual[
            (individual["study_id"] == row["study_id"]) & (individual["outcome"] == asked.outcome)
        ]
        if set(asked.arms) - set(one["arm"]) or (mine["study_id"] == row["study_id"]).sum() > 1:
            continue
        one = one[one["arm"].isin(asked.arms)]
        first = (one["arm"] == asked.arms[0]).to_numpy(float)[:, None]
        model = PHReg(one["time"].to_numpy(float), first, one["event"].to_numpy(int), ties="efron")
        fitted = model.fit()
        log, se, off = float(fitted.params[0]), float(fitted.bse[0]), TOLERANCE * row["vi"] ** 0.5
        same = abs(log - row["yi"]) <= off and abs(se - row["vi"] ** 0.5) <= off
        why = "" if same or pd.isna(row["assumed"]) else row["assumed"]
        if not abs(float(model.score(fitted.params)[0])) * se <= TOLERANCE:
            why = "statsmodels' Cox model did not converge"
        theirs = Theirs(log, se, np.nan, 0, "PHReg", why=why)
        ours = {"estimate": row["yi"], "se": float(np.sqrt(row["vi"])), "study_id": row["study_id"]}
        numbers = {"estimate": theirs.estimate, "se": theirs.se}
        found += _rows(ours, numbers, theirs)
    return [{"synthesis": name} | row for row in found]


def _rows(
    row: dict[str, Any], numbers: dict[str, float], theirs: Theirs, *, given: bool = False
) -> list[dict[str, Any]]:
    se = np.nanmax([row["se"], ROUNDING * abs(row["estimate"]), ROUNDING * theirs.se])
    unit = {"tau2": se**2, "q": max(1.0, theirs.q or 0.0)}
    return [
        {name: row.get(name, "") for name in ("model", "subgroup", "term", "study_id")}
        | {
            "quantity": quantity,
            "ours": row[quantity],
            "theirs": value,
            "difference": abs(row[quantity] - value) / unit.get(quantity, se),
            "by": theirs.by,
            "given_tau2": given,
            "why": theirs.why,
        }
        for quantity, value in numbers.items()
        if not pd.isna(row[quantity])
    ]


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows under the schema pooling/second_opinion."""
    return pd.DataFrame(rows, columns=COLUMNS) if rows else tables.empty("pooling/second_opinion")


def check(found: pd.DataFrame) -> None:
    """Raise SecondOpinionError, naming the worst, if a difference beyond `TOLERANCE` has no
    reason."""
    off = found[~(found["difference"] <= TOLERANCE) & found["why"].isin(["", BELOW_ZERO])]
    if len(off):
        worst = off.sort_values("difference").iloc[-1]
        raise SecondOpinionError(
            f"{len(off)} numbers differ from statsmodels', the most in {worst['synthesis']}, "
            f"{worst['model'] or worst['study_id']} {worst['subgroup']}{worst['term']}: "
            f"{worst['quantity']} {worst['ours']:.12g}, by {worst['by']} {worst['theirs']:.12g}"
        )


def of_all(
    effects: pd.DataFrame,
    traits: pd.DataFrame,
    individual: pd.DataFrame,
    asked: dict[str, plan.Synthesis],
    pooled: pd.DataFrame,
    moderators: pd.DataFrame,
) -> pd.DataFrame:
    """second_opinion.csv of a review. `effects`, `individual`, `pooled`, `moderators`: the tables
    of those names; `traits`: studies.csv without `n`."""

    def each() -> Iterator[dict[str, Any]]:
        for name, one in asked.items():
            mine = effects[effects["synthesis"] == name].merge(traits, on="study_id")
            if not len(mine):
                continue
            yield from compare(mine, name, one, pooled[pooled["synthesis"] == name])
            yield from regressions(mine, name, one, moderators[moderators["synthesis"] == name])
            yield from hazard_ratios(mine, name, one, individual)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of statsmodels, on roots of what it then does not use
        return table(list(each()))
