"""What is compared with metafor, quantity by quantity: one table for the tests and for the page.

A Comparison is one number of ours beside the reference's. `SOURCES` lists the functions that
yield them; a further module adds its own to the list that `comparisons` goes through.
"""

import importlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from livingmeta.formulas import freeman_tukey, measures
from livingmeta.pooling import sequences
from livingmeta.pooling.engines import counts
from livingmeta.pooling.engines.models import fit

HERE = Path(__file__).parent
BARS = {"closed form": 1e-10, "iterative": 1e-8, "integral": 1e-5}
ITERATIVE = ("ML", "REML", "EB", "PM")
TESTS = {"wald": "wald", "z": "wald", "t": "t", "knha": "hksj", "adhoc": "hksj-guarded"}
TAU2 = ("tau2", "tau2_low", "tau2_high")


@dataclass(frozen=True)
class Comparison:
    """One or more numbers of one quantity in one data set, ours and the reference's.

    `scale`: what a difference is measured against where the reference is nearer to 0 than that
    (a tau² of 1e-16 where ours is 0 is no disagreement).
    """

    group: str
    quantity: str
    kind: str
    data_set: str
    ours: np.ndarray
    reference: np.ndarray
    scale: float = 1e-12

    @property
    def difference(self):
        """The largest relative difference; infinite where one has a number and the other not."""
        a, b = (np.atleast_1d(np.asarray(x, float)) for x in (self.ours, self.reference))
        if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
            return np.inf
        use = ~np.isnan(a) & (a != b)
        if not use.any():
            return 0.0
        return float((np.abs(a - b)[use] / np.maximum(np.abs(b[use]), self.scale)).max())


@cache
def data_sets():
    """name -> the published data set: source, measures, inputs, moderators."""
    sets = json.loads((HERE / "data.json").read_text(encoding="utf-8"))
    return {s["name"]: s for s in sets}


@cache
def reference(file="core.json"):
    """The pinned reference values of one file."""
    return json.loads((HERE / file).read_text(encoding="utf-8"))


def numbers(values):
    """A JSON number or list as floats, null as NaN."""
    return np.atleast_1d(np.array(values, dtype=float))


def effects_of(name):
    """yi and vi of a data set by its first measure."""
    s = data_sets()[name]
    inputs = {key: numbers(value) for key, value in s["inputs"].items()}
    if s["measures"][0] == "GEN":
        return inputs["yi"], inputs["vi"]
    return effect_size(s["measures"][0], **inputs)


def effect_size(measure, **given):
    """Ours, for every code of metafor's that the reference has; PFT is no measure of ours."""
    if measure != "PFT":
        return measures.effect_size(measure, **given)
    x = given["xi"]
    return freeman_tukey.double_arcsine(x, given["ni"] if "ni" in given else x + given["mi"])


def effect_sizes():
    """yi and vi of every measure of every data set, and of tables full of zeros."""
    for row in reference()["sets"]:
        inputs = {k: numbers(v) for k, v in data_sets()[row["name"]]["inputs"].items()}
        for measure, expected in row.get("effects", {}).items():
            for q, ours in zip(("yi", "vi"), effect_size(measure, **inputs), strict=True):
                values = numbers(expected[q])
                yield Comparison(
                    "effect sizes", f"{measure}: {q}", "closed form", row["name"], ours, values
                )
        if "pft" in row:
            ours = freeman_tukey.proportion(row["pft"]["yi"], inputs["ni"])
            args = "closed form", row["name"], ours, row["pft"]["display"]
            yield Comparison("effect sizes", "PFT: back to a proportion", *args)
    for row in reference()["zeros"]:
        inputs = {key: numbers(value) for key, value in row["inputs"].items()}
        found = effect_size(row["measure"], to=row["to"], drop00=row["drop00"], **inputs)
        name = f"zero cells, to={row['to']}, drop00={row['drop00']}"
        for q, ours in zip(("yi", "vi"), found, strict=True):
            # Where a correction is refused metafor gives NA, and we the infinite value itself.
            usable = np.isfinite(found[0]) & np.isfinite(found[1])
            known = ~np.isnan(numbers(row["yi"])) & ~np.isnan(numbers(row["vi"]))
            ours = np.where(usable, ours, np.nan)
            args = "closed form", name, ours, np.where(known, numbers(row[q]), np.nan)
            yield Comparison("effect sizes", f"{row['measure']}: {q}", *args)


def models():
    """tau², estimate, heterogeneity and intervals of every estimator."""
    for row in reference()["sets"]:
        y, v = effects_of(row["name"])
        typical = float(np.median(v))
        for method, expected in row["fits"].items():
            kind = "iterative" if method in ITERATIVE else "closed form"
            f = fit(y, v, tau2=method)
            for q, value in expected.items():
                if q in TESTS:
                    continue
                # In units of the sampling variance, and of one percent.
                scale = {"tau2": 1e-4 * typical, "i2": 1e-2}.get(q.split("_")[0], 1e-12)
                iterative = "iterative" if q.endswith(("_low", "_high")) else kind
                args = iterative, row["name"], getattr(f, q), value, scale
                yield Comparison("models", f"{method}: {q}", *args)
            for test in [test for test in TESTS if test in expected]:
                prediction = "wald" if test == "wald" else "k-1"
                f = fit(y, v, tau2=method, interval=TESTS[test], prediction=prediction)
                for q, value in expected[test].items():
                    scale = 1e-3 * f.se if q[:3] in ("ci_", "pi_") else 1e-12
                    args = kind, row["name"], getattr(f, q), value, scale
                    yield Comparison("models", f"{method}, {TESTS[test]}: {q}", *args)


def regressions():
    """Meta-regression on one moderator."""
    for row in reference()["sets"]:
        y, v = effects_of(row["name"])
        for expected in row.get("regressions", []):
            x = numbers(data_sets()[row["name"]]["moderators"][expected["moderator"]])
            known = ~np.isnan(x)
            method, interval = expected["tau2_method"], TESTS[expected["test"]]
            f = fit(y[known], v[known], tau2=method, interval=interval, moderators=x[known])
            kind = "iterative" if method in ITERATIVE else "closed form"
            for q, value in expected.items():
                if q in ("moderator", "tau2_method", "test"):
                    continue
                if q == "r2" and not fit(y[known], v[known], tau2=method).tau2 > 0.0:
                    continue  # nothing to explain: NaN here, 0 or a ratio of rounding errors there
                scale = {"tau2": 1e-4 * float(np.median(v)), "i2": 1e-2, "r2": 1e-2}
                scale = scale.get(q.split("_")[0], 1e-12)
                if q in ("coefficients", "coefficient_low", "coefficient_high"):
                    scale = 1e-3 * float(f.coefficient_se.min())
                iterative = "iterative" if q in TAU2[1:] else kind
                args = iterative, f"{row['name']} on {expected['moderator']}"
                yield Comparison(
                    "meta-regression",
                    f"{method}, {interval}: {q}",
                    *args,
                    getattr(f, q),
                    value,
                    scale,
                )


def leave_one_out():
    """DerSimonian-Laird without each study in turn."""
    for row in reference()["sets"]:
        if "leave_one_out" not in row:
            continue
        y, v = effects_of(row["name"])
        many = sequences.leave_one_out(y, v, tau2="DL")
        for q, value in row["leave_one_out"].items():
            scale = {"tau2": 1e-4 * float(np.median(v)), "i2": 1e-2}.get(q, 1e-12)
            args = "closed form", row["name"], getattr(many, q), numbers(value), scale
            yield Comparison("leave-one-out", f"DL: {q}", *args)


def count_models():
    """Mantel-Haenszel and Peto, with their tests."""
    for row in reference()["sets"]:
        inputs = {k: numbers(v) for k, v in data_sets()[row["name"]]["inputs"].items()}
        for measure, expected in row.get("counts", {}).items():
            cells = [inputs[cell] for cell in ("ai", "bi", "ci", "di")]
            if measure == "PETO":
                f = counts.peto(*cells)
            else:
                f = counts.mantel_haenszel(*cells, measure=measure)
            name = "Peto" if measure == "PETO" else f"Mantel-Haenszel {measure}"
            for q, value in expected.items():
                args = "closed form", row["name"], getattr(f, q), value
                yield Comparison("counts", f"{name}: {q}", *args)


SOURCES = [effect_sizes, models, regressions, leave_one_out, count_models]


def comparisons():
    """Every comparison of this module and of each `quantities_*.py` beside it (their SOURCES)."""
    for source in SOURCES:
        yield from source()
    for path in sorted(HERE.glob("quantities_*.py")):
        for source in importlib.import_module(f"metafor.{path.stem}").SOURCES:
            yield from source()
