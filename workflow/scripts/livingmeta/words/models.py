"""What the pooling models are called in figures, tables and sentences."""

import re

from livingmeta.analyses import IN_COMMON, METHODS
from livingmeta.words import english

ESTIMATORS = {
    "DL": "DerSimonian-Laird",
    "DL2": "two-step DerSimonian-Laird",
    "HE": "Hedges",
    "HS": "Hunter-Schmidt",
    "SJ": "Sidik-Jonkman",
    "ML": "maximum likelihood",
    "REML": "restricted maximum likelihood (REML)",
    "EB": "empirical Bayes",
    "PM": "Paule-Mandel",
}
SHORT = ESTIMATORS | {"REML": "REML", "ML": "ML"}
INTERVALS = {
    "wald": "Wald interval",
    "t": "t interval",
    "hksj": "Hartung-Knapp interval",
    "hksj-guarded": "guarded Hartung-Knapp interval",
}
PREDICTIONS = {
    "k-1": "k − 1 degrees of freedom",
    "k-2": "k − 2 degrees of freedom",
    "wald": "normal quantiles",
}
COMMON = "FE"
OF_COUNTS = (METHODS["mantel-haenszel"], METHODS["peto"])  # one effect in all studies
# Methods that give no effect a weight, and those whose weights hang on a column that says which
# studies belong together.
WITHOUT_WEIGHTS = (METHODS["glmm"], METHODS["beta-binomial"])
BY_CLUSTER = (METHODS["multilevel"],)
# Models of several effects of a study, by their ids.
SEVERAL = {
    "multilevel": "Multilevel model of effects within studies",
    "multilevel CR2": "Multilevel model of effects within studies",
    "cluster-robust CR2": "Random effects of all effects (REML)",
}


def name(row: dict) -> str:
    """A row of pooled.csv in words for a table or a figure, such as `Random effects (REML),
    guarded Hartung-Knapp interval`."""
    whole, without, left_out = str(row["model"]).partition(" without ")
    if without:
        return f"{name({**row, 'model': whole})}, without {_left_out(left_out)}"
    method, interval = str(row["tau2_method"]), str(row["interval"])
    if interval == "credible":
        prior = re.sub(r"^Bayesian\s*", "", str(row["model"])) or method
        return f"Bayesian random effects, {prior} prior of τ"
    model = str(row["model"])
    if model in SEVERAL:
        return f"{SEVERAL[model]}, {INTERVALS.get(interval, f'{interval} interval')}"
    if model.endswith(f" {IN_COMMON}"):
        own = name({**row, "model": model.removesuffix(f" {IN_COMMON}")})
        return f"{own}, τ² common to the subgroups"
    if model.startswith(tuple(METHODS.values())):
        return model[0].upper() + model[1:]  # a method of another kind is called by its id
    ending = f", {INTERVALS.get(interval, interval)}"
    if prediction(row) != "k-1":
        ending += f" (prediction: {PREDICTIONS[prediction(row)]})"
    if method == COMMON:
        return "Common effect" + ("" if interval == "wald" else ending)
    return f"Random effects ({SHORT.get(method, method)}){ending}"


WHOLLY = {
    "derived": "effects derived from other numbers",
    "crude": "crude effects",
    "adjusted": "adjusted effects",
    "flagged": "studies with a report that was retracted, withdrawn or doubted",
    "overlapping": "studies whose patients another one may have too",
}


def _left_out(code: str) -> str:
    """What a result leaves out, by the end of its id: `derived`, `grade rough, route L S4`."""
    if code in WHOLLY:
        return WHOLLY[code]
    parts = []
    for whole in code.split("; "):
        column, of_studies, named = whole.partition("=")
        if of_studies:
            listed = english.listed(named.split("|"), "or")
            parts.append(f"studies whose {column.replace('_', ' ')} is {listed}")
            continue
        for part in whole.split(", "):
            column, *values = part.split()
            parts.append(f"those of {column}{'s' * (len(values) > 1)} {', '.join(values)}")
    return " and ".join(parts)


def of_code(code: str) -> str:
    """The id of a model (`REML hksj-guarded`) in words, to stand within a sentence."""
    if code.startswith(tuple(METHODS.values())):
        return _within(name({"tau2_method": "", "interval": "wald", "model": code}))
    method, interval, *_ = code.split()
    return _within(name({"tau2_method": method, "interval": interval, "model": code}))


def _within(words: str) -> str:
    return f"“{english.within(words)}”"


def heterogeneity(row: dict) -> str:
    """What the test of heterogeneity of a row of pooled.csv is called."""
    by_likelihood = str(row["model"]).startswith(METHODS["glmm"])
    return "Likelihood ratio of one effect for all studies" if by_likelihood else "Cochran's Q"


def is_common(row: dict) -> bool:
    """Whether a row of pooled.csv assumes one effect in all studies."""
    return str(row["tau2_method"]) == COMMON or str(row["model"]).startswith(OF_COUNTS)


def prediction(row: dict) -> str:
    """The kind of prediction interval of a row of pooled.csv, which its id ends with where it is
    not the usual one: `REML hksj PI k-2`."""
    found = re.search(r" PI (\S+)$", str(row["model"]))
    return found[1] if found and found[1] in PREDICTIONS else "k-1"
