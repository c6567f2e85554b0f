"""The analyses a protocol may ask for beside its result: what each uses, and its id in the tables.

An analysis is a dict as the protocol writes it: `tau2`, `interval`, `prediction` of a model, or a
`method` of another kind with the options it takes. On the ground, since the protocol is refused
where two analyses could not be told apart, and pooling gives each the same id.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

# Methods of another kind than tau² with an interval, as their ids begin.
METHODS = {
    "freeman-tukey": "Freeman-Tukey",
    "mantel-haenszel": "Mantel-Haenszel",
    "peto": "Peto",
    "glmm": "GLMM",
    "beta-binomial": "beta-binomial",
    "trim-and-fill": "trim and fill",
    "pet-peese": "PET-PEESE",
    "selection": "selection model",
    "henmi-copas": "Henmi-Copas",
    "robust": "cluster-robust CR2",
    "multilevel": "multilevel",
}
# The form of a method that is taken where the protocol names none; other methods have one form.
VARIANTS = {
    "glmm": "UM.FS",
    "bayesian": "half-normal",
    "trim-and-fill": "L0",
    "selection": "stepfun",
}
CLUSTERED = ("robust", "multilevel")
# One-sided p-values at which a selection model steps, where the protocol names none.
STEPS = (0.025,)
SCALE = 0.5  # of a prior of tau
SHAPE = 1.0  # of a log-normal one; no other has a shape


class Model(NamedTuple):
    """A pooling model as `models.fit` takes it; `name` is its id in the tables."""

    tau2: str
    interval: str = "wald"
    prediction: str = "k-1"

    @property
    def name(self) -> str:
        return name(self._asdict())


def slug(text: str) -> str:
    """A text as part of an id: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-") or "x"


def name(analysis: Mapping[str, Any]) -> str:
    """The id in the tables: "REML hksj PI k-2", "GLMM UM.RS", "Bayesian half-normal(0.5)"."""
    method = analysis.get("method")
    if method is None:
        prediction = analysis.get("prediction", "k-1")
        ending = "" if prediction == "k-1" else f" PI {prediction}"
        return f"{analysis['tau2']} {analysis.get('interval', 'wald')}{ending}"
    if method == "bayesian":
        return f"Bayesian {prior(analysis)}"
    cluster = f"by {analysis['cluster']}" if analysis.get("cluster") else ""
    words = [METHODS[method], analysis.get("variant", ""), cluster, _steps(analysis)]
    return " ".join(word for word in words if word)


def prior(analysis: Mapping[str, Any]) -> str:
    """The prior of tau of a Bayesian analysis, as "half-normal(0.5)"."""
    shape = f", {analysis['shape']:g}" if "shape" in analysis else ""
    family = analysis.get("variant", VARIANTS["bayesian"])
    return f"{family}({analysis.get('scale', SCALE):g}{shape})"


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two analyses of a synthesis are one, or would have one id among its numbers."""
    pairs = ((one, other), (_used(one), _used(other)))
    return any(slug(name(first)) == slug(name(second)) for first, second in pairs)


def _used(analysis: Mapping[str, Any]) -> dict[str, Any]:
    """The analysis with what it leaves out filled in, and without what its method does not use."""
    method = analysis.get("method")
    if method is None:
        return dict(analysis)
    used = dict(analysis)
    if method in VARIANTS:
        used.setdefault("variant", VARIANTS[method])
    else:
        used.pop("variant", None)
    if method not in CLUSTERED:
        used.pop("cluster", None)
    if used.get("variant") == "log-normal":
        used.setdefault("shape", SHAPE)
    else:
        used.pop("shape", None)
    return used


def _steps(analysis: Mapping[str, Any]) -> str:
    """The steps of a selection model that are not the usual one; a beta density has none."""
    steps = sorted(analysis.get("steps", STEPS))
    if (
        analysis["method"] != "selection"
        or analysis.get("variant") == "beta"
        or steps == sorted(STEPS)
    ):
        return ""
    return f"steps {', '.join(f'{step:g}' for step in steps)}"
