"""The analyses a protocol may ask for beside its result: what each uses, and its id in the tables.

On the ground, since the protocol is refused where two analyses could not be told apart, and pooling
gives each the same id.
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
IN_COMMON = "common tau²"  # how the id of a model ends where subgroups share one tau²
CLUSTERED = ("robust", "multilevel")
# One-sided p-values at which a selection model steps, where the protocol names none.
STEPS = (0.025,)
SCALE = 0.5  # of a prior of tau
SHAPE = 1.0  # of a log-normal one; no other has a shape


OF_EFFECTS = ("grade", "route")  # what of an effect, and not of its study, may be left out


class Model(NamedTuple):
    """A pooling model as `models.fit` takes it; `name` is its id in the tables: "REML hksj"."""

    tau2: str
    interval: str = "wald"
    prediction: str = "k-1"

    @property
    def name(self) -> str:
        ending = "" if self.prediction == "k-1" else f" PI {self.prediction}"
        return f"{self.tau2} {self.interval}{ending}"


class Method(NamedTuple):
    """An analysis of another kind, with the options that it takes; None for what the protocol does
    not say. `name` is its id in the tables: "GLMM UM.RS", "Bayesian half-normal(0.5)"."""

    method: str
    variant: str | None = None
    scale: float | None = None
    shape: float | None = None
    steps: tuple[float, ...] | None = None
    cluster: str | None = None

    @property
    def form(self) -> str:
        """The variant that is taken; "" where the method has one form."""
        return self.variant or VARIANTS.get(self.method, "")

    @property
    def steps_taken(self) -> tuple[float, ...]:
        """The one-sided p-values at which a selection model steps."""
        return STEPS if self.steps is None else self.steps

    @property
    def prior(self) -> str:
        """The prior of tau of a Bayesian analysis, as "half-normal(0.5)"."""
        shape = "" if self.shape is None else f", {self.shape:g}"
        scale = SCALE if self.scale is None else self.scale
        return f"{self.form}({scale:g}{shape})"

    @property
    def name(self) -> str:
        if self.method == "bayesian":
            return f"Bayesian {self.prior}"
        cluster = f"by {self.cluster}" if self.cluster else ""
        words = [METHODS[self.method], self.variant, cluster, self._unusual_steps()]
        return " ".join(word for word in words if word)

    def _unusual_steps(self) -> str:
        """The steps of a selection model that are not the usual one; a beta density has none."""
        steps = sorted(self.steps_taken)
        if self.method != "selection" or self.variant == "beta" or steps == sorted(STEPS):
            return ""
        return f"steps {', '.join(f'{step:g}' for step in steps)}"

    def used(self) -> "Method":
        """The same with what it leaves unsaid filled in, and without what it does not use."""
        variant = self.form if self.method in VARIANTS else None
        cluster = self.cluster if self.method in CLUSTERED else None
        found = self._replace(variant=variant, cluster=cluster)
        if variant != "log-normal":
            return found._replace(shape=None)
        return found if self.shape is not None else found._replace(shape=SHAPE)


# What a result may leave out as a whole.
WHOLLY = ("derived", "crude", "adjusted", "flagged", "overlapping")


class LeftOut(NamedTuple):
    """The result without some of its effects: those of grades, of routes, of overall judgements of
    their risk of bias, of values of columns of studies.csv (`where`), all that are derived from
    other numbers, all that are crude or all that are adjusted, those of studies with a flagged
    report, or those whose patients another study has too. `name` is its id in the tables, which
    follows that of the model: "without derived", "without grade rough, route L S4; site=lung|bone",
    "without risk of bias high"."""

    grade: tuple[str, ...] = ()
    route: tuple[str, ...] = ()
    derived: bool = False
    crude: bool = False
    adjusted: bool = False
    flagged: bool = False
    overlapping: bool = False
    risk_of_bias: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def name(self) -> str:
        wholly = {name: ("",) * getattr(self, name) for name in WHOLLY}
        by = wholly | {"grade": self.grade, "route": self.route}
        by["risk of bias"] = (" or ".join(self.risk_of_bias),) if self.risk_of_bias else ()
        parts = [f"{column} {' '.join(values)}".strip() for column, values in by.items() if values]
        of_columns = [f"{column}={'|'.join(values)}" for column, values in self.where]
        return f"without {'; '.join([', '.join(parts), *of_columns]).removeprefix('; ')}"


Analysis = Model | Method | LeftOut


def of(given: Mapping[str, Any]) -> Analysis:
    """An analysis as the protocol writes it: `tau2`, `interval`, `prediction` of a model, a
    `method` of another kind with its options, or `leave_out` by grade, route or a column."""
    if "leave_out" in given:
        out = given["leave_out"]
        own = (*OF_EFFECTS, "risk_of_bias")
        where = {column: values for column, values in out.items() if column not in own}
        return LeftOut(
            tuple(out.get("grade", ())),
            tuple(out.get("route", ())),
            risk_of_bias=tuple(out.get("risk_of_bias", {}).get("overall", ())),
            where=tuple((column, tuple(map(str, values))) for column, values in where.items()),
        )
    return model(given)


def model(given: Mapping[str, Any]) -> "Model | Method":
    """A model or a method as the protocol writes it."""
    if "method" not in given:
        return Model(**given)
    steps = given.get("steps")
    return Method(**{**given, "steps": None if steps is None else tuple(steps)})


def slug(text: str) -> str:
    """A text as part of an id: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-") or "x"


def same(one: Analysis, other: Analysis) -> bool:
    """Whether two analyses of a synthesis are one, or would have one id among its numbers."""
    pairs = ((one, other), (_used(one), _used(other)))
    return any(slug(first.name) == slug(second.name) for first, second in pairs)


def _used(analysis: Analysis) -> Analysis:
    return analysis.used() if isinstance(analysis, Method) else analysis
