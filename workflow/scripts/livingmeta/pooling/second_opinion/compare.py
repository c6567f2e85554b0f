"""Results computed a second time, by statsmodels, which shares no formula with ours.

Each model of pooled.csv that statsmodels has (a common effect, tau² by DL or PM, Mantel-Haenszel)
is fitted anew from the effects; for the other estimators of tau² its weighted least squares take
our tau² and confirm what follows from it. So do they for meta-regressions. A hazard ratio from two
rebuilt curves is fitted again as a Cox model. What differs and cannot be explained is a fault of
ours: `check` raises. p values and the tests between subgroups, of all moderators and of two-by-two
tables are computed again as well.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from livingmeta import plan, tables
from livingmeta.as_dicts import as_dicts
from livingmeta.pooling import alternatives, left_out
from livingmeta.pooling.engines.inputs import PoolingError
from livingmeta.pooling.moderators import design, together
from livingmeta.pooling.second_opinion import tests
from livingmeta.pooling.second_opinion.confirmed import TOLERANCE
from livingmeta.pooling.second_opinion.resting import (
    TAU2,
    SecondOpinionError,
    group,
    is_common_in_groups,
    is_model,
    is_of_revman,
    resting,
    text_of,
)
from livingmeta.pooling.second_opinion.theirs import BELOW_ZERO, Theirs, combined, regressed
from livingmeta.pooling.subgroups import dummies, in_order
from livingmeta.pooling.synthesis import Synthesis

COLUMNS = tables.columns("pooling/second_opinion")
# Below this share of its estimate a standard error is what rounding leaves.
ROUNDING = 1e-8
KEYS = ["model", "analysis", "moderator"]  # of one regression or comparison in moderators.csv
# Of numbers without an error the difference is of themselves, of a p of one.
OF_ITSELF = ("q", "statistic", *tests.OF_COUNTS)


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
    for told in as_dicts(pooled):
        row: dict[str, Any] = {str(column): value for column, value in told.items()}
        if row["k"] < 2:
            continue
        if f"{row['model']} ".startswith("Mantel-Haenszel "):
            found += _stratified(s, row)
        elif is_model(row) and is_common_in_groups(row):
            found += _grouped(s, row)
        elif is_model(row) and not is_of_revman(s, row):
            found += again(row, *s.effects(resting(s, row, without)), s.level)
    return [{"synthesis": name} | row for row in found]


def _grouped(s: Synthesis, row: dict[str, Any]) -> list[dict[str, Any]]:
    """A subgroup whose tau² is that of all: its coefficient in the regression on the subgroups."""
    resting(s, row, {})  # that it is of as many studies as it says
    column, value = group(s, row["subgroup"])
    text = text_of(s, column)
    known = (text != "").to_numpy(bool)
    groups = text[known].to_numpy(str)
    names = sorted(set(groups))
    x = np.column_stack([groups == name for name in names]).astype(float)
    one = regressed(*s.effects(known), x, row["tau2"])[names.index(value)]
    return _rows(row, one.numbers(row["interval"], s.level), one, given=True)


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
        numbers |= {"tau2": theirs.tau2, "q": theirs.q, "q_p": theirs.q_p}  # type: ignore[dict-item]
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
    cells = np.array([[a, b], [c, d]])
    table = StratifiedTable(cells)
    if s.measure == "RR":
        numbers = {"estimate": float(np.log(table.riskratio_pooled))}
        theirs = Theirs(numbers["estimate"], np.nan, np.nan, 0, "StratifiedTable")
    else:
        log, se = float(table.logodds_pooled), float(table.logodds_pooled_se)
        theirs = Theirs(log, se, np.nan, 0, "StratifiedTable")
        half = float(stats.norm.isf((1 - s.level) / 2)) * se
        numbers = {"estimate": log, "se": se, "ci_low": log - half, "ci_high": log + half}
        numbers["p_value"] = float(2 * stats.norm.sf(abs(log / se)))
        row = row | tests.of_counts(a, b, c, d)
        numbers |= tests.of_tables(StratifiedTable(cells[:, :, (a + c > 0) & (b + d > 0)]))
    return _rows(row, numbers, theirs)


def regressions(
    effects: pd.DataFrame,
    name: str,
    asked: plan.Synthesis,
    moderators: pd.DataFrame,
    pooled: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Rows of second_opinion.csv for the tests in moderators.csv of one synthesis, and for its
    coefficients given our tau². `pooled`: its rows of pooled.csv, of which the subgroups are."""
    s = Synthesis(effects, name, asked)
    found = _between(s, moderators, pooled)
    if len(s.parts) > len(s.studies):
        return [{"synthesis": name} | row for row in found]
    of_tau2 = moderators["model"].str.split().str[0].isin(TAU2)
    fitted = moderators[moderators["estimate"].notna() & of_tau2]
    for key, rows in fitted.groupby(KEYS, sort=False):
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
        tau2 = float(rows["tau2"].iloc[0])
        for test in _tests(moderators, key):
            interval = test["model"].split()[1]
            by, numbers = tests.of_moderators(y, v, x, tau2, interval)
            found += _rows(test, numbers, by, given=True)
        theirs = regressed(y, v, x, tau2)
        for told, one in zip(as_dicts(rows), theirs, strict=True):
            row: dict[str, Any] = {str(name): value for name, value in told.items()}
            interval = row["model"].split()[1]
            row |= {"subgroup": "", "term": _term(row)}
            found += _rows(row, one.numbers(interval, s.level), one, given=True)
    return [{"synthesis": name} | row for row in found]


def _term(row: dict[str, Any]) -> str:
    """What a row of moderators.csv is of, as second_opinion.csv names it."""
    of_groups = "" if row["analysis"] == "meta-regression" else " (subgroups)"
    return f"{row['moderator']}: {row['term']}{of_groups}"


def _tests(moderators: pd.DataFrame, key: Any) -> list[dict[str, Any]]:
    """Rows of moderators.csv that are a test and no coefficient, of one `key` of regressions."""
    mine = (moderators[KEYS] == list(key)).all(axis=1)
    rows = moderators[mine & moderators["estimate"].isna() & moderators["statistic"].notna()]
    found: list[dict[str, Any]] = []
    for told in as_dicts(rows):
        row: dict[str, Any] = {str(name): value for name, value in told.items()}
        found.append(row | {"subgroup": "", "term": _term(row)})
    return found


def _between(s: Synthesis, moderators: pd.DataFrame, pooled: pd.DataFrame) -> list[dict[str, Any]]:
    """The tests between subgroups that were each pooled by themselves."""
    found = []
    apart = moderators["analysis"].isin(["subgroups, separate tau²", "subgroups, no tau²"])
    groups = pooled[pooled["subgroup"].fillna("") != ""]
    columns = [group(s, text)[0] for text in groups["subgroup"]]
    for key in moderators.loc[apart, KEYS].drop_duplicates().itertuples(index=False):
        rows = groups[[column == key.moderator for column in columns]]
        by, numbers = tests.between(rows["estimate"].to_numpy(float), rows["se"].to_numpy(float))
        for told in _tests(moderators, key):
            found += _rows(told, numbers, by, given=True)
    return found


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
    for row in as_dicts(mine):
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
    errors = [row.get("se"), ROUNDING * abs(row.get("estimate", np.nan)), ROUNDING * theirs.se]
    se = max((error for error in errors if not pd.isna(error)), default=np.nan)
    unit = {"tau2": se**2} | {name: 1.0 for name in numbers if name.endswith(("_p", "p_value"))}
    unit |= {name: max(1.0, abs(numbers[name])) for name in OF_ITSELF if name in numbers}
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
            models = pooled[pooled["synthesis"] == name]
            tested = moderators[moderators["synthesis"] == name]
            yield from compare(mine, name, one, models)
            yield from regressions(mine, name, one, tested, models)
            yield from hazard_ratios(mine, name, one, individual)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of statsmodels, on roots of what it then does not use
        return table(list(each()))
