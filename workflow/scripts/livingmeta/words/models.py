"""What the pooling models are called in figures, tables and sentences."""

import re

from livingmeta.analyses import METHODS

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
    for part in code.split(", "):
        column, *values = part.split()
        parts.append(f"those of {column}{'s' * (len(values) > 1)} {', '.join(values)}")
    return " and ".join(parts)


def of_code(code: str) -> str:
    """The id of a model (`REML hksj-guarded`) in words, to stand within a sentence."""
    method, interval, *_ = code.split()
    return _within(name({"tau2_method": method, "interval": interval, "model": code}))


def _within(words: str) -> str:
    return f"“{words[:1].lower()}{words[1:]}”"


def is_common(row: dict) -> bool:
    """Whether a row of pooled.csv is of the common-effect model."""
    return str(row["tau2_method"]) == COMMON


def prediction(row: dict) -> str:
    """The kind of prediction interval of a row of pooled.csv, which its id ends with where it is
    not the usual one: `REML hksj PI k-2`."""
    found = re.search(r" PI (\S+)$", str(row["model"]))
    return found[1] if found and found[1] in PREDICTIONS else "k-1"
