"""What might explain why studies differ: subgroups and moderators of a synthesis.

Rows for pooled.csv (each subgroup) and moderators.csv (tests between them, regressions). What
cannot be done is a guard rail, never an error: the protocol may ask before studies exist.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from livingmeta.analyses import Model
from livingmeta.pooling import guards, subgroups
from livingmeta.pooling.engines.inputs import ModeratorError
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.engines.regression import permutation_test

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis


# ASSUME: a column with so large a share of numbers is meant to hold numbers only.
MOSTLY = 0.8


def explain(
    s: "Synthesis", primary: Model, rows: Callable[..., Any]
) -> tuple[list[Any], list[Any]]:
    """Rows of pooled.csv and of moderators.csv for a synthesis.Synthesis and its primary Model.

    `rows(s, models, of=mask, subgroup=text)` makes the rows of pooled.csv.
    """
    pooled, tests = [], []
    for column in s.subgroups:
        more, found = _subgroups(s, primary, column, rows)
        pooled += more
        tests += found
    for column in s.moderators:
        tests += _regression(s, primary, column)
    return pooled, tests


def _values(s, column, without):
    """The column as text and the mask of studies that have a value, or None with the
    guard rail `without`."""
    if column not in s.studies:
        s.decide("", without, column=column)
        return None
    text = s.studies[column].astype("string").fillna("").str.strip()
    known = (text != "").to_numpy(bool)
    lost = s.studies["study_id"][~known]
    if len(lost):
        s.decide("", "not-reported", column=column, studies=list(lost))
    return text, known


def _subgroups(s, primary, column, rows):
    k = len(s.studies)
    if not guards.allowed(k, "subgroups"):
        reason = guards.rail(k).held_back["subgroups"]
        s.decide(primary.name, "subgroups-held-back", column=column, reason=reason)
        return [], []
    found = _values(s, column, "no-column-for-subgroups")
    if found is None:
        return [], []
    text, known = found
    pooled, small = [], []
    for name in subgroups.in_order(text[known]):
        of = (text == name).to_numpy(bool)
        pooled += rows(s, [_own_model(s, of)], of=of, subgroup=f"{column}={name}")
        small += [[name, int(of.sum())]] if of.sum() < 3 else []
    if small:
        s.decide(primary.name, "few-in-subgroups", column=column, subgroups=small)
    y, v = s.effects(known)
    groups = text[known].to_numpy(str)
    head = {"moderator": column, "term": "between subgroups"}
    tests = []
    try:
        _, test = subgroups.separate(y, v, groups, tau2=primary.tau2)
        name = Model(primary.tau2).name
        tests.append(_test(test) | head | {"model": name, "analysis": "subgroups, separate tau²"})
    except ModeratorError as error:
        _no_test(s, primary, column, "separate", error)
    try:
        model = {"tau2": primary.tau2, "interval": primary.interval}
        f, test = subgroups.common(y, v, groups, **model)
        mark = {"model": primary.name, "analysis": "subgroups, common tau²"}
        tests.append(_test(test) | head | mark)
        first, *others = sorted(set(groups))
        terms = [f"intercept, {first}", *(f"{name} against {first}" for name in others)]
        tests += [row | mark | {"moderator": column} for row in _terms(f, terms)]
    except ModeratorError as error:
        _no_test(s, primary, column, "common", error)
    return pooled, tests


def _no_test(s, primary, column, tau2, error):
    said = {"column": column, "tau2": tau2, "error": str(error)}
    s.decide(primary.name, "subgroup-test-not-made", **said)


def _own_model(s, of):
    """A subgroup is pooled as the protocol pins, else by the rail of its own number of studies."""
    y, v = s.effects(of)
    if s.pinned and y.size > 1:
        return s.pinned
    return guards.choose(y.size, fit(y, v).tau2 if y.size > 2 else 0.0)


def _regression(s, primary, column):
    found = _values(s, column, "no-column-for-regression")
    if found is None:
        return []
    text, known = found
    k = int(known.sum())
    numbers = pd.to_numeric(text[known], errors="coerce")
    numeric = bool(numbers.notna().all())
    words = sorted(set(text[known][numbers.isna()]))
    if words and numbers.notna().mean() >= MOSTLY:
        said = "these are no numbers: " + "; ".join(words)
        s.decide(primary.name, "regression-not-done", column=column, error=said)
        return []
    levels = [] if numeric else sorted(set(text[known]))
    if len(levels) == 1:
        said = f"all studies have the same value, {levels[0]}"
        s.decide(primary.name, "regression-not-done", column=column, error=said)
        return []
    wanted = 1 if numeric else max(len(levels) - 1, 1)
    if guards.moderators_allowed(k) < wanted:
        s.decide(primary.name, "regression-held-back", column=column, needed=10 * wanted, k=k)
        return []
    y, v = s.effects(known)
    if numeric:
        x, terms = numbers.to_numpy(float), [column]
        # The intercept is the effect at the mean: that of the year 0 would help nobody.
        mean = x.mean()
        x, intercept = x - mean, f"intercept, at {column} {mean:.6g}"
    else:
        x = subgroups.dummies(text[known].to_numpy(str), levels)
        terms = [f"{name} against {levels[0]}" for name in levels[1:]]
        intercept = f"intercept, {levels[0]}"
    try:
        f = fit(y, v, tau2=primary.tau2, interval=primary.interval, moderators=x)
    except ModeratorError as error:
        s.decide(primary.name, "regression-not-done", column=column, error=str(error))
        return []
    mark = {"model": primary.name, "analysis": "meta-regression", "moderator": column}
    between = subgroups.Between(k, f.qm, f.qm_df, f.qm_df2, f.qm_p, f.tau2, f.r2)
    omnibus = {"term": "all coefficients"} | _test(between)
    # Permutation asks how the statistic ranks among those of chance, whatever its distribution.
    statistic = "wald" if primary.interval == "wald" else "hksj"
    dealt = permutation_test(y, v, x, tau2=primary.tau2, interval=statistic)
    by_chance = mark | {"analysis": "meta-regression, permutation", "k": k}
    rows = [mark | row for row in (omnibus, *_terms(f, [intercept, *terms]))]
    for row, p in zip(rows[:], [dealt.qm_p, *dealt.p_value], strict=True):
        if row["term"] != intercept:
            rows.append(by_chance | {"term": row["term"], "p_value": float(p)})
    return rows


def _test(between):
    names = ("k", "statistic", "df", "df2", "p_value", "tau2", "r2")
    return {name: getattr(between, name) for name in names}


def _terms(f, terms):
    """One row a coefficient; `terms` names them, the intercept first."""
    return [
        {
            "term": term,
            "k": f.k,
            "estimate": f.coefficients[i],
            "se": f.coefficient_se[i],
            "ci_low": f.coefficient_low[i],
            "ci_high": f.coefficient_high[i],
            "statistic": f.coefficients[i] / f.coefficient_se[i],
            "df": f.df,
            "df2": np.nan,
            "p_value": f.coefficient_p[i],
            "tau2": f.tau2,
            "r2": np.nan,
        }
        for i, term in enumerate(terms)
    ]
