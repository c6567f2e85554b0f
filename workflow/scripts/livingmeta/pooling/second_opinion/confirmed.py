"""How many results the second opinion confirmed: counted from second_opinion.csv alone."""

from typing import NamedTuple

import pandas as pd

# What two correct computations may differ by, as a share of the standard error.
TOLERANCE = 1e-6


class Confirmed(NamedTuple):
    """Models of pooled.csv that statsmodels has too: wholly, or given our tau²; coefficients of
    meta-regressions and their tests, given our tau²; hazard ratios of rebuilt curves."""

    wholly: int
    given_tau2: int
    coefficients: int
    tests: int
    curves: int


def confirmed(found: pd.DataFrame) -> Confirmed:
    """Those in second_opinion.csv of which every number that was computed again is the same."""
    keys = ["synthesis", "model", "subgroup", "term", "study_id"]
    table = found.assign(**{key: found[key].fillna("") for key in keys})
    table["same"] = table["difference"] <= TOLERANCE
    table["test"] = table["quantity"].isin(["statistic", "p_value"])
    of = {"same": ("same", "all"), "given": ("given_tau2", "all"), "test": ("test", "all")}
    each = table.groupby(keys).agg(**of).reset_index()
    each = each[each["same"]]
    curve, term = each["study_id"] != "", each["term"] != ""
    given = each["given"].astype(bool)
    test = each["test"].astype(bool)
    models = ~curve & ~term
    parts = (models & ~given, models & given, term & ~test, term & test, curve)
    return Confirmed(*(int(part.sum()) for part in parts))
