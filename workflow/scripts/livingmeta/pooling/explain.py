"""What might explain why studies differ: subgroups and moderators of a synthesis.

Rows for pooled.csv (each subgroup), moderators.csv (tests between them, regressions) and
predicted.csv (what these predict). What cannot be done is a guard rail, never an error: the
protocol may ask before studies exist.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from livingmeta.analyses import Method, Model
from livingmeta.effects.candidate import REVMAN
from livingmeta.pooling import alternatives, guards, moderators, subgroups
from livingmeta.pooling.engines.dependent_regression import EffectsRegression, regress_effects
from livingmeta.pooling.engines.inputs import ModeratorError, PoolingError
from livingmeta.pooling.engines.models import Fit, fit, predicted
from livingmeta.pooling.engines.regression import permutation_test
from livingmeta.pooling.primary import of_part

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis


# Fewer studies than this in any subgroup have no tau² of their own worth having (Borenstein 2009,
# chapter 19).
FEW = 5
WITHOUT = ("mantel-haenszel", "peto")  # methods that have no tau²
OF_EFFECTS = ("q", "q_df", "q_p", "i2", "h2")  # what a model of counts does not tell of effects


def explain(
    s: "Synthesis", primary: Model | Method, rows: Callable[..., Any]
) -> tuple[list[Any], list[Any], list[Any]]:
    """Rows of pooled.csv, of moderators.csv and of predicted.csv for a synthesis.Synthesis and its
    result, a Model or a Method.

    `rows(s, models, of=mask, subgroup=text)` makes the rows of pooled.csv.
    """
    pooled, tests, points = [], [], []
    for column in s.subgroups:
        more, found = _subgroups(s, primary, column, rows)
        pooled += more
        tests += found
    for column in s.moderators:
        found, told = _regression(s, primary, column)
        tests += found
        points += told
    return pooled, tests, points


def _subgroups(s, primary, column, rows):
    """Rows of pooled.csv and moderators.csv by one column, all subgroups under one model: that of
    the result, with a tau² in common where any of them has fewer than FEW studies; by the rules of
    RevMan each has its own, however few (Deeks & Higgins 2010, section 6)."""
    k = len(s.studies)
    if not guards.allowed(k, "subgroups"):
        reason = guards.rail(k).held_back["subgroups"]
        s.decide(primary.name, "subgroups-held-back", column=column, reason=reason)
        return [], []
    found = moderators.values(s, column, "no-column-for-subgroups")
    if found is None:
        return [], []
    text, known = found
    order = s.groups.get(column, {})
    names = subgroups.in_order(text[known], list(order))
    sizes = {name: int((text == name).sum()) for name in names}
    few: list[tuple[str, int]] = [(name, n) for name, n in sizes.items() if n < FEW]
    groups = text[known].to_numpy(str)
    if isinstance(primary, Method):
        shared = primary.method in alternatives.REGRESSIONS
    else:
        shared = primary.tau2 != "FE"
    if few and shared and s.rules != REVMAN and len(names) > 1:
        made = _in_common(s, primary, column, names, groups, known, rows)
        if made is not None:
            s.decide(primary.name, "common-tau2", column=column, subgroups=few, least=FEW)
            return made
    if len(few) and not isinstance(primary, Method):
        small = [(name, n) for name, n in few if n < 3]
        if small:
            s.decide(primary.name, "few-in-subgroups", column=column, subgroups=small)
    pooled = []
    for name in names:
        of = (text == name).to_numpy(bool)
        pooled += rows(s, [of_part(s, primary, of)], of=of, subgroup=f"{column}={name}")
    return pooled, _separate(s, primary, column, pooled, names)


def _separate(s, primary, column, pooled, names):
    """The test between subgroups that are each pooled by themselves."""
    head = {"moderator": column, "term": "between subgroups", "model": primary.name}
    try:
        if len(names) < 2:
            raise ModeratorError(
                f"all studies are of the subgroup {names[0]!r}; nothing to compare"
            )
        common = isinstance(primary, Method) or primary.tau2 == "FE"
        alone = [name for row, name in zip(pooled, names, strict=False) if row["k"] == 1]
        if len(pooled) < len(names):
            raise ModeratorError("not every subgroup could be pooled")
        if alone and not common and s.rules != REVMAN:
            raise ModeratorError(
                f"a subgroup of one study has no tau² of its own: {', '.join(alone)}"
            )
        test = subgroups.between([row["estimate"] for row in pooled], [r["se"] for r in pooled])
    except ModeratorError as error:
        _no_test(s, primary, column, "separate", error)
        return []
    without = primary.method in WITHOUT if isinstance(primary, Method) else primary.tau2 == "FE"
    analysis = "subgroups, no tau²" if without else "subgroups, separate tau²"
    told = {"analysis": analysis, "k": sum(row["k"] for row in pooled)}
    return [_test(test) | head | told]


def _in_common(s, primary, column, names, groups, known, rows):
    """Rows of pooled.csv and moderators.csv where all subgroups share a tau²; None where no study
    is left over to estimate it from, or the method cannot be fitted so."""
    y, v = s.effects(known)
    labels = np.array(names)
    x, at = subgroups.dummies(groups, names), subgroups.dummies(labels, names)
    f: Fit | EffectsRegression
    try:
        if isinstance(primary, Method):
            f, *words = alternatives.regress(s.only(known), primary, x, at)
            points = f.predicted
        else:
            words = [primary.tau2, primary.interval]
            model = {"tau2": primary.tau2, "interval": primary.interval, "level": s.level}
            fitted = fit(y, v, moderators=x, prediction=primary.prediction, **model)
            f, points = fitted, predicted(fitted, at)
    except PoolingError:
        return None
    means = subgroups.means(v, groups, names, points, f.tau2)
    told: dict[str, Any] = dict(zip(("tau2_method", "interval"), words, strict=True))
    told |= {"model": subgroups.in_common(primary.name), "primary": False}
    told |= {"tau2_low": np.nan, "tau2_high": np.nan, "tau2_within": _within(f)}
    if isinstance(primary, Method) and primary.method == "glmm":
        told |= dict.fromkeys(OF_EFFECTS, np.nan)
    where = np.flatnonzero(known)
    pooled = []
    for name, mean in zip(names, means, strict=True):
        of = np.zeros(known.size, bool)
        of[where[groups == name]] = True
        [own] = rows(s, [guards.COMMON], of=of, subgroup=f"{column}={name}")
        if own["k"] > 1:  # a study alone stands as it is; in the test it has the common tau² too
            # Q asks whether its own studies differ, whatever tau² is.
            own = {name: value for name, value in own.items() if not name.startswith("display_")}
            own |= mean | told
            if not guards.allowed(own["k"], "prediction interval"):
                own |= {"pi_low": np.nan, "pi_high": np.nan}
            own = s.display(own)
        pooled.append(own)
    return pooled, of_groups(f, primary.name, column, names)


def of_groups(
    f: Fit | EffectsRegression, model: str, column: str, names: list[str]
) -> list[dict[str, Any]]:
    """Rows of moderators.csv for the regression `f` on the subgroups `names` of a column, of which
    the first is the reference: the test between them, then each coefficient."""
    mark = {"model": model, "analysis": "subgroups, common tau²", "moderator": column}
    mark |= {"tau2_within": _within(f)}
    first, *others = names
    terms = [f"intercept, {first}", *(f"{name} against {first}" for name in others)]
    test = _test(_omnibus(f, f.k)) | {"term": "between subgroups"}
    return [row | mark for row in (test, *_terms(f, terms))]


def _within(f):
    """The variance of effects in a study or cluster, NaN of a model without."""
    return getattr(f, "within", np.nan)


def _omnibus(f, k):
    """The test of all coefficients of a regression of k studies but the intercept."""
    return subgroups.Between(k, f.qm, f.qm_df, f.qm_df2, f.qm_p, f.tau2, f.r2)


def _no_test(s, primary, column, tau2, error):
    said = {"column": column, "tau2": tau2, "error": str(error)}
    s.decide(primary.name, "subgroup-test-not-made", **said)


def _regression(s, primary, asked):
    """Rows of moderators.csv and of predicted.csv for one model, as moderators.read takes it."""
    if isinstance(primary, Method):
        return _regressed(
            s,
            primary.name,
            asked,
            lambda of, at: alternatives.regress(s.only(of.known), primary, of.x, at).f,
        )
    of = moderators.read(s, primary.name, asked)
    if of is None:
        return [], []
    y, v = s.effects(of.known)
    model = {"tau2": primary.tau2, "interval": primary.interval, "level": s.level}
    model["prediction"] = primary.prediction
    try:
        f = fit(y, v, moderators=of.x, **model)
    except ModeratorError as error:
        s.decide(primary.name, "regression-not-done", column=asked, error=str(error))
        return [], []
    mark = {"model": primary.name, "analysis": "meta-regression", "moderator": asked}
    rows = [mark | row for row in _coefficients(f, of)]
    # Permutation asks how the statistic ranks among those of chance, whatever its distribution.
    statistic = "wald" if primary.interval == "wald" else "hksj"
    dealt = permutation_test(y, v, of.x, tau2=primary.tau2, interval=statistic)
    by_chance = mark | {"analysis": "meta-regression, permutation", "k": of.k}
    for row, p in zip(rows[:], [dealt.qm_p, *dealt.p_value], strict=True):
        if row["term"] != of.intercept:
            rows.append(by_chance | {"term": row["term"], "p_value": float(p)})
    words, at = moderators.points(of)
    return rows, _predicted(s, mark, words, predicted(f, at))


def of_effects(
    s: "Synthesis", model: str, method: str, asked: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of moderators.csv and of predicted.csv for one regression of several effects a study.

    `s`: whose `studies` are its effects, one a row; `method`: of dependent_regression. There is no
    permutation test: effects of one study cannot be dealt out anew.
    """

    def by_study(of: moderators.Reading, at: np.ndarray) -> EffectsRegression:
        study = s.studies["study_id"][of.known].to_numpy(str)
        return regress_effects(*s.effects(of.known), study, of.x, method, level=s.level, at=at)

    return _regressed(s, model, asked, by_study)


def _regressed(s, model, asked, regress):
    """Rows of moderators.csv and of predicted.csv for the regression that `regress(of, at)` makes
    of what is read, with what it predicts for the rows `at` of its moderators."""
    of = moderators.read(s, model, asked)
    if of is None:
        return [], []
    words, at = moderators.points(of)
    try:
        f = regress(of, at)
    except PoolingError as error:
        s.decide(model, "regression-not-done", column=asked, error=str(error))
        return [], []
    mark = {"model": model, "analysis": "meta-regression", "moderator": asked}
    within = {"tau2_within": _within(f)}
    rows = [mark | row | within for row in _coefficients(f, of)]
    return rows, _predicted(s, mark, words, f.predicted)


def _coefficients(f, of):
    """Of a regression that was read as `of`: the test of all coefficients, then one row each."""
    whole = {"term": "all coefficients"} | _test(_omnibus(f, of.k))
    return [whole, *_terms(f, [of.intercept, *of.terms])]


def _predicted(s, mark, words, found):
    """Rows of predicted.csv: at each point what it is, in words, and what is predicted there."""
    of = {name: mark[name] for name in ("model", "moderator")}
    rows = []
    for i, point in enumerate(words):
        numbers = {name: float(column[i]) for name, column in found.items()}
        rows.append(s.display(of | point | numbers))
    return rows


def _test(between):
    names = ("k", "statistic", "df", "df2", "p_value", "tau2", "r2")
    return {name: getattr(between, name) for name in names}


def _terms(f, terms):
    """One row a coefficient; `terms` names them, the intercept first."""
    df = np.broadcast_to(f.df, len(terms)).tolist()
    return [
        {
            "term": term,
            "k": f.k,
            "estimate": f.coefficients[i],
            "se": f.coefficient_se[i],
            "ci_low": f.coefficient_low[i],
            "ci_high": f.coefficient_high[i],
            "statistic": f.coefficients[i] / f.coefficient_se[i],
            "df": df[i],
            "df2": np.nan,
            "p_value": f.coefficient_p[i],
            "tau2": f.tau2,
            "r2": np.nan,
        }
        for i, term in enumerate(terms)
    ]
