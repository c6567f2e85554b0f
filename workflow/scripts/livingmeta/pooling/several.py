"""A synthesis in which studies have several effects each: `several: multilevel` or `robust`.

The result is the multilevel model (engines/multilevel.py), or random effects of all effects with
standard errors that hold whatever the dependence within studies (CR2, engines/robust.py). k counts
studies, `effects` effects. What takes one effect a study is left out, and a guard rail says so.
"""

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from livingmeta import tables
from livingmeta.analyses import CLUSTERED, Method, Model
from livingmeta.effects.several import MULTILEVEL, NAME, ROBUST
from livingmeta.formulas.deletion_bounds import bounds
from livingmeta.pooling import alternatives, guards, left_out, subgroups
from livingmeta.pooling.engines import intervals
from livingmeta.pooling.engines.dependent_regression import AGREE, regress_effects
from livingmeta.pooling.engines.inputs import PoolingError, check_effects
from livingmeta.pooling.engines.models import Fit, fit
from livingmeta.pooling.engines.multilevel import fit_multilevel
from livingmeta.pooling.engines.robust import robust
from livingmeta.pooling.explain import FEW, of_effects, of_groups

if TYPE_CHECKING:
    from livingmeta.pooling.synthesis import Synthesis

CUMULATIVE = tables.columns("pooling/cumulative")
CR2 = "CR2"
BESIDE = f"multilevel {CR2}"  # id of the multilevel model with robust standard errors
# Row of pooled.csv on the analysis scale, and the number of studies -> the row as it is written.
Finish = Callable[[dict[str, Any], int], dict[str, Any]]


class Pooled(NamedTuple):
    """Effects of studies under one model, analysis scale. `between`, `within`: variances of studies
    and of the effects in a study (all of it `within` under `robust`); `i2_*` in percent."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    statistic: float
    df: float
    p_value: float
    interval: str
    between: float
    within: float
    i2_between: float
    i2_within: float
    q: float
    q_df: int
    q_p: float


def pool_effects(
    yi: np.ndarray, vi: np.ndarray, study: np.ndarray, method: str, level: float = 0.95
) -> Pooled:
    """The effects `yi` with variances `vi` of the studies named in `study`, by `method`, with
    intervals at `level`.

    With one effect a study `multilevel` is the random-effects model (REML, Wald); the effects of
    one study alone are averaged with weights 1/vi. Raises PoolingError where nothing can be fitted.
    """
    y, v = check_effects(yi, vi)
    k = len(set(study))
    if k == 1 or (method == MULTILEVEL and k == y.size):
        f = fit(y, v, tau2="FE" if k == 1 else "REML", level=level)
        return _of_fit(f, float(f.tau2), 0.0, float(f.i2) if k > 1 else np.nan)
    if method == MULTILEVEL:
        m = fit_multilevel(y, v, study, level=level)
        estimate, se = float(m.coefficients[0]), float(m.se[0])
        shares = (m.between, m.within, m.i2_between, m.i2_within)
        ends = (float(m.ci_low[0]), float(m.ci_high[0]))
        z = estimate / se
        return Pooled(
            estimate, se, *ends, z, np.nan, float(2 * ndtr(-abs(z))), "wald", *shares,
            m.q, m.q_df, m.q_p,
        )  # fmt: skip
    f = fit(y, v, level=level)
    return _with_cr2(_of_fit(f, 0.0, float(f.tau2), float(f.i2)), y, v, study, level)


def _of_fit(f: Fit, between: float, within: float, i2: float) -> Pooled:
    """Of a model of one variance, which is `between` or `within`; `i2` is of that one."""
    shares = (i2, 0.0) if between or not within else (0.0, i2)
    z = (float(f.statistic), np.nan, float(f.p_value))
    ends = (float(f.estimate), float(f.se), float(f.ci_low), float(f.ci_high))
    q, q_df, q_p = float(f.q), int(f.q_df), float(f.q_p)
    return Pooled(*ends, *z, "wald", between, within, *shares, q, q_df, q_p)


def _with_cr2(of: Pooled, y: np.ndarray, v: np.ndarray, study: np.ndarray, level: float) -> Pooled:
    """The same weights with standard errors that hold whatever the dependence in a study; the model
    as it is where studies agree to the last digit, from which no such error can be had."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r = robust(y, v, study, between=of.between, within=of.within, level=level)
    if not r.se[0] > 1e-9 * of.se:
        return of
    names = ("se", "ci_low", "ci_high", "statistic", "df", "p_value")
    first: dict[str, Any] = {name: float(getattr(r, name)[0]) for name in names}
    return of._replace(estimate=float(r.coefficients[0]), interval=CR2, **first)


def pool(s: "Synthesis", method: str, finish: Finish) -> dict[str, list[dict[str, Any]]]:
    """Rows of pooled.csv, influence.csv, cumulative.csv, moderators.csv and predicted.csv of a
    synthesis.Synthesis of two studies or more, of which one has several effects at least."""
    return _Pool(s, method, finish).tables()


class _Pool:
    """One synthesis while it is pooled. `parts`: its effects; `study`: the study of each."""

    def __init__(self, s: "Synthesis", method: str, finish: Finish) -> None:
        self.s, self.method, self.finish = s, method, finish
        self.name = Method(method).name
        self.parts = s.parts
        self.study = s.parts["study_id"].to_numpy(str)
        self.y, self.v = (s.parts[name].to_numpy(float) for name in ("yi", "vi"))
        self.k = len(s.studies)
        self.with_several = list(dict.fromkeys(s.parts.loc[s.parts[NAME] != "", "study_id"]))

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        main = self._fit()
        self._said(main)
        pooled = [self._row(main, self.name) | {"primary": True}, *self._beside(main)]
        groups, tests = self._subgroups()
        found = {"pooled": pooled + groups, "moderators": tests, "predicted": []}
        view = copy(self.s)
        view.studies = self.parts
        for column in self.s.moderators:
            rows, points = of_effects(view, self.name, self.method, column)
            found["moderators"] += rows
            found["predicted"] += points
        if guards.allowed(self.k, "leave-one-out"):
            found |= {"influence": self._influence(main), "cumulative": self._cumulative()}
        return found

    def _fit(self, of: np.ndarray | slice = slice(None)) -> Pooled:
        of_these = (self.y[of], self.v[of], self.study[of])
        return pool_effects(*of_these, self.method, self.s.level)

    def _why(self) -> str:
        return f"it takes one effect a study, and of {', '.join(self.with_several)} several count"

    def _said(self, main: Pooled) -> None:
        """The guard rails: what was done with several effects, and what was not."""
        if self.method == ROBUST and main.interval != CR2:
            self._not_done(self.name, f"{AGREE}; the interval is that of the model")
        self.s.decide(
            self.name,
            "several-effects",
            method=self.method,
            effects=self.y.size,
            studies=self.k,
            of=self.with_several,
            **{name: getattr(main, name) for name in ("between", "within")},
            **{name: getattr(main, name) for name in ("i2_between", "i2_within")},
        )
        if not guards.allowed(self.k, "prediction interval"):
            reason = guards.rail(self.k).held_back["prediction interval"]
            self.s.decide(self.name, "prediction-held-back", reason=reason)
        elif guards.prediction_in_appendix(self.k):
            self.s.decide(self.name, "prediction-in-appendix")

    def _row(
        self, p: Pooled, name: str, of: np.ndarray | slice = slice(None), subgroup: str = ""
    ) -> dict[str, Any]:
        """A row of pooled.csv; the prediction interval is of a further effect of a further study,
        with t on one degree of freedom less than there are studies."""
        studies = list(dict.fromkeys(self.study[of]))
        k, tau2 = len(studies), p.between + p.within
        reach = intervals.quantile(self.s.level, k - 1) if k > 1 else np.nan
        half = reach * np.sqrt(p.se**2 + tau2)
        names = ("estimate", "se", "ci_low", "ci_high", "statistic", "df", "p_value", "interval")
        row = alternatives.EMPTY | {name: getattr(p, name) for name in names}
        row |= {"q": p.q, "q_df": p.q_df, "q_p": p.q_p}
        row |= {"pi_low": p.estimate - half, "pi_high": p.estimate + half}
        row |= {
            "model": name,
            "primary": False,
            "subgroup": subgroup,
            "measure": self.s.measure,
            "tau2_method": "REML" if k > 1 else "FE",
            "k": k,
            "n": self.s.patients(self.s.studies["study_id"].isin(studies)),
            "tau2": tau2,
            "i2": p.i2_between + p.i2_within,
            "effects": self.y[of].size,
            "tau2_within": p.within if self.method == MULTILEVEL and k > 1 else np.nan,
        }
        return self.finish(row, k)

    def _beside(self, main: Pooled) -> list[dict[str, Any]]:
        """The other model, what the protocol asks for as far as it takes several effects, and the
        result without derived effects."""
        rows = {}
        other = {MULTILEVEL: BESIDE, ROBUST: Method(MULTILEVEL).name}[self.method]
        try:
            if self.method == MULTILEVEL:
                found = _with_cr2(main, self.y, self.v, self.study, self.s.level)
                if found.interval == CR2:
                    rows[other] = self._row(found, other)
                else:
                    self._not_done(other, AGREE)
            else:
                twin = copy(self)
                twin.method = MULTILEVEL
                rows[other] = twin._row(twin._fit(), other)
        except PoolingError as error:
            self._not_done(other, str(error))
        view = copy(self.s)
        view.studies = self.parts
        pinned = [self.s.pinned] if self.s.pinned else []
        further: list[Model | Method] = [*pinned, *self.s.sensitivity, *self.s.methods]
        for asked in further:
            if not (isinstance(asked, Method) and asked.method in CLUSTERED and asked.cluster):
                self._not_done(asked.name, self._why())
                continue
            try:
                row = alternatives.row(view, asked)
            except PoolingError as error:
                self._not_done(asked.name, str(error))
                continue
            own = {"model": asked.name, "primary": False, "subgroup": "", "measure": view.measure}
            own |= {"n": self.s.patients(), "k": self.k, "effects": self.y.size}
            rows[asked.name] = self.finish(row | own, self.k)
        for name, out in left_out.asked(view, self.name):
            if out.all():
                self.s.decide(self.name, "none-left", analysis=name, k=len(out))
            else:
                rows[name] = self._row(self._fit(~out), f"{self.name} {name}", ~out)
        return list(rows.values())

    def _not_done(self, name: str, error: str) -> None:
        self.s.decide("", "method-not-done", method=name, error=error)

    def _subgroups(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Rows of pooled.csv for each subgroup, and of moderators.csv for the tests between them:
        each with variances of its own (Borenstein 2009, chapter 19), or all under one regression
        where any has few studies, or a study has effects in several."""
        pooled, tests = [], []
        for column in self.s.subgroups:
            if not guards.allowed(self.k, "subgroups"):
                reason = guards.rail(self.k).held_back["subgroups"]
                self.s.decide(self.name, "subgroups-held-back", column=column, reason=reason)
                continue
            if column not in self.parts:
                self.s.decide("", "no-column-for-subgroups", column=column)
                continue
            text = self.parts[column].astype("string").fillna("").str.strip().to_numpy(str)
            lost = list(dict.fromkeys(self.study[text == ""]))
            if lost:
                self.s.decide("", "not-reported", column=column, studies=lost)
            order = list(self.s.groups.get(column, {}))
            names = subgroups.in_order(text[text != ""], order)
            fits = {name: self._fit(text == name) for name in names}
            rows = {
                name: self._row(found, self.name, text == name, f"{column}={name}")
                for name, found in fits.items()
            }
            sizes = [[name, row["k"]] for name, row in rows.items()]
            few = [one for one in sizes if one[1] < FEW]
            shared = sum(k for _, k in sizes) > len(set(self.study[text != ""]))
            if (few or shared) and len(names) > 1:
                made = self._in_common(column, text, rows)
                if made is not None:
                    told: dict[str, Any] = {"subgroups": few, "least": FEW}
                    self.s.decide(self.name, "common-tau2", column=column, **told)
                    pooled += made[0]
                    tests += made[1]
                    continue
            small = [one for one in few if one[1] < 3]
            if small:
                self.s.decide(self.name, "few-in-subgroups", column=column, subgroups=small)
            pooled += rows.values()
            tests += self._between(column, fits, [name for name, k in small if k == 1])
        return pooled, tests

    def _in_common(
        self, column: str, text: np.ndarray, rows: dict[str, dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]] | None:
        """The `rows` of subgroups as one regression of all has them, and its tests; None where it
        cannot be fitted. A study alone in its subgroup stands as it is."""
        names, known = list(rows), text != ""
        x, at = (subgroups.dummies(of, names) for of in (text[known], np.array(names)))
        of_these = (self.y[known], self.v[known], self.study[known])
        try:
            f = regress_effects(*of_these, x, self.method, level=self.s.level, at=at)
        except PoolingError:
            return None
        means = subgroups.means(self.v[known], text[known], names, f.predicted, f.tau2)
        told = {"model": subgroups.in_common(self.name), "tau2_within": f.within}
        told["interval"] = CR2 if self.method == ROBUST else "wald"
        pooled = [
            self.finish(row | mean | told, row["k"]) if row["k"] > 1 else row
            for row, mean in zip(rows.values(), means, strict=True)
        ]
        return pooled, of_groups(f, self.name, column, names)

    def _between(
        self, column: str, fits: dict[str, Pooled], alone: list[str]
    ) -> list[dict[str, Any]]:
        error = ""
        if len(fits) < 2:
            error = f"all studies are of one subgroup by {column}; nothing to compare"
        if alone:
            error = f"a subgroup of one study has no tau² of its own: {', '.join(alone)}"
        if error:
            said = {"column": column, "tau2": "separate", "error": error}
            self.s.decide(self.name, "subgroup-test-not-made", **said)
            return []
        of = fits.values()
        found = subgroups.between([f.estimate for f in of], [f.se for f in of])
        test = {name: getattr(found, name) for name in ("statistic", "df", "p_value")}
        test["k"] = self.k
        told = {"moderator": column, "term": "between subgroups", "model": self.name}
        return [test | told | {"analysis": "subgroups, separate tau²"}]

    def _influence(self, main: Pooled) -> list[dict[str, Any]]:
        """Rows of influence.csv: the result without each study, all its effects left out.

        Given both variances the model is one of random effects of the studies' own averages, of
        which the diagnostics of influence.py are taken.
        """
        of = [self.study == study for study in self.s.studies["study_id"]]
        means, errors = self._averages(of, main.within)
        w = 1 / (errors + main.between)
        estimate, variance = float(w @ means / w.sum()), 1 / w.sum()
        limits, rows = bounds(self.k, 1), []
        for i, mine in enumerate(of):
            without = self._fit(~mine)
            m, e = self._averages(of, without.within)
            all_w = 1 / (e + without.between)
            spread, rest = 1 / all_w.sum(), 1 / (all_w.sum() - all_w[i])
            beside = rest * (all_w @ m - all_w[i] * m[i])
            change, hat = estimate - beside, float(w[i] / w.sum())
            told = {
                "weight": 100 * hat,
                "hat": hat,
                "rstudent": (m[i] - beside) / np.sqrt(e[i] + rest + without.between),
                "dffits": change / np.sqrt(hat * (without.between + e[i])),
                "cooks_distance": change**2 / variance,
                "covariance_ratio": rest / variance,
                "baujat_x": (means[i] - estimate) ** 2 / (errors[i] + main.between),
                "baujat_y": change**2 / rest,
            }
            told["influential"] = bool(
                abs(told["dffits"]) > limits["dffits"]
                or told["cooks_distance"] > limits["cooks_distance"]
                or hat > limits["hat"]
                or abs(change) > np.sqrt(spread)
            )
            rows.append(
                self.s.display(self._short(without) | {"k": self.k - 1})
                | told
                | {"model": self.name, "left_out": self.s.studies["study_id"].iloc[i]}
            )
        return rows

    def _averages(self, of: list[np.ndarray], within: float) -> tuple[np.ndarray, np.ndarray]:
        """Each study's average and its variance, given the variance of effects in a study."""
        w = 1 / (self.v + within)
        sums = np.array([(w[mine].sum(), (w * self.y)[mine].sum()) for mine in of])
        return sums[:, 1] / sums[:, 0], 1 / sums[:, 0]

    @staticmethod
    def _short(p: Pooled) -> dict[str, Any]:
        names = ("estimate", "se", "ci_low", "ci_high")
        more = {"tau2": p.between + p.within, "i2": p.i2_between + p.i2_within}
        return {name: getattr(p, name) for name in names} | more

    def _cumulative(self) -> list[dict[str, Any]]:
        """Rows of cumulative.csv: year after year, studies without a year in a last step."""
        year = self.parts.get("year", pd.Series(pd.NA, index=self.parts.index))
        years = year.astype("Int64")
        steps: list[Any] = [*sorted({int(x) for x in years.dropna()})]
        steps += [None] * bool(years.isna().any())
        rows, seen = [], np.zeros(len(years), bool)
        for step in steps:
            now = (years.isna() if step is None else years == step).fillna(False).to_numpy(bool)
            seen = seen | now
            row = self._short(self._fit(seen)) | {"k": len(set(self.study[seen]))}
            rows.append(
                self.s.display(row)
                | {
                    "model": self.name,
                    "year": pd.NA if step is None else step,
                    "added": " ".join(dict.fromkeys(self.study[now])),
                }
            )
        return rows
