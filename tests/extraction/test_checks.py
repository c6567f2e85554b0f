"""Checks of the extracted numbers: silent on clean studies, loud on slips put into them."""

from collections.abc import Callable
from math import log, sqrt

import numpy as np
import pandas as pd
import pytest

from extraction.clean_studies import study
from livingmeta.extraction.checks.run import COLUMNS, check


def problems(rows, about):
    return check(pd.DataFrame(rows).assign(study_id=about["study_id"]), pd.DataFrame([about]))


def one(rows, statistic, arm, time=None, outcome="overall-survival"):
    return next(
        r
        for r in rows
        if (r["statistic"], r["arm"], r["outcome"]) == (statistic, arm, outcome)
        and (time is None or r["time"] == time)
    )


def swap(rows, statistic, outcome="overall-survival"):
    """The two arms' numbers of one statistic entered the wrong way round."""
    for r in rows:
        if r["statistic"] == statistic and r["outcome"] == outcome and "/" not in r["arm"]:
            r["arm"] = {"local": "control", "control": "local"}[r["arm"]]


def scale(row, factor, limits=True):
    for column in ("value", "ci_low", "ci_high") if limits else ("value",):
        row[column] = row[column] * factor


# Each takes the rows of a clean study and makes one slip.
def medians_swapped(rows):
    swap(rows, "median")


def survival_swapped(rows):
    swap(rows, "survival")


def hazard_ratio_turned(rows):
    r = one(rows, "hazard-ratio", "local/control")
    r["value"], r["ci_low"], r["ci_high"] = (
        round(1 / r[c], 2) for c in ("value", "ci_high", "ci_low")
    )


def odds_ratio_turned(rows):
    r = one(rows, "odds-ratio", "local/control", outcome="response")
    r["value"], r["ci_low"], r["ci_high"] = (
        round(1 / r[c], 2) for c in ("value", "ci_high", "ci_low")
    )


def proportion_as_percentage(rows):
    scale(one(rows, "survival", "local", 12), 0.01)


def response_as_percentage(rows):
    scale(one(rows, "proportion", "control", outcome="response"), 0.01)


def log_hazard_ratio(rows):
    r = one(rows, "hazard-ratio", "local/control")
    for c in ("value", "ci_low", "ci_high"):
        r[c] = round(log(r[c]), 2)


def log_odds_ratio(rows):
    r = one(rows, "odds-ratio", "local/control", outcome="response")
    for c in ("value", "ci_low", "ci_high"):
        r[c] = round(log(r[c]), 2)


def se_as_sd(rows):
    r = one(rows, "sd", "local", outcome="quality-of-life")
    r["value"] = round(r["value"] / sqrt(one(rows, "mean", "local", None, r["outcome"])["n"]), 1)


def median_in_years(rows):
    r = one(rows, "median", "control")
    for c in ("value", "ci_low", "ci_high"):
        r[c] = round(r[c] / 12, 1)


def time_in_years(rows):
    one(rows, "survival", "control", 12)["time"] = 1.0


def one_sided_p(rows):
    r = one(rows, "odds-ratio", "local/control", outcome="response")
    r["p_value"] = f"{float(r['p_value'].strip('<')) / 2:.4f}"


def one_sided_hazard_p(rows):
    r = one(rows, "hazard-ratio", "local/control")
    r["p_value"] = f"{float(r['p_value'].strip('<')) / 2:.5f}"


def survival_point_shifted(rows):
    scale(one(rows, "survival", "local", 24), 0.1, limits=False)


def median_point_shifted(rows):
    scale(one(rows, "median", "control"), 10, limits=False)


def ratio_point_shifted(rows):
    scale(one(rows, "hazard-ratio", "local/control"), 10, limits=False)


def limit_point_shifted(rows):
    one(rows, "hazard-ratio", "local/control")["ci_low"] /= 10


def events_point_shifted(rows):
    r = one(rows, "events", "local", outcome="response")
    r["value"] = r["value"] * 10


def other_level(rows, outcome, statistic, factor):
    """An interval of another level entered as one of 95%."""
    r = one(rows, statistic, "local/control", outcome=outcome)
    middle, half = log(r["value"]), factor * log(r["ci_high"] / r["ci_low"]) / 2
    r["ci_low"], r["ci_high"] = (round(np.exp(middle + s * half), 2) for s in (-1, 1))


def hazard_interval_of_90(rows):
    other_level(rows, "overall-survival", "hazard-ratio", 1.644854 / 1.959964)


def odds_interval_of_99(rows):
    other_level(rows, "response", "odds-ratio", 2.575829 / 1.959964)


SLIPS: list[Callable] = [
    medians_swapped,
    survival_swapped,
    hazard_ratio_turned,
    odds_ratio_turned,
    proportion_as_percentage,
    response_as_percentage,
    log_hazard_ratio,
    log_odds_ratio,
    se_as_sd,
    median_in_years,
    time_in_years,
    one_sided_p,
    one_sided_hazard_p,
    survival_point_shifted,
    median_point_shifted,
    ratio_point_shifted,
    limit_point_shifted,
    events_point_shifted,
    hazard_interval_of_90,
    odds_interval_of_99,
]
SEEDS = (1, 2, 3)


def test_sixty_slips_are_found():
    missed = []
    for slip in SLIPS:
        for seed in SEEDS:
            rows, about = study(seed)
            slip(rows)
            if problems(rows, about).empty:
                missed.append((slip.__name__, seed))
    tried = len(SLIPS) * len(SEEDS)
    assert tried == 60
    assert len(missed) <= 0.1 * tried, missed


@pytest.mark.parametrize("seed", range(60))
def test_clean_studies_raise_nothing(seed):
    found = problems(*study(seed))
    assert found.empty, found.to_dict("records")
    assert list(found.columns) == COLUMNS


def spreads(one, other):
    about = {"study_id": "s", "n": 60, "status": "included"}
    blank = {"outcome": "pain", "time": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    blank |= {"ci_level": np.nan, "p_value": "", "unit": "", "adjusted": "", "note": "", "n": 30}
    cells = [("mean", "local", 5), ("sd", "local", one), ("mean", "control", 6)]
    cells.append(("sd", "control", other))
    rows = [
        blank | {"statistic": name, "arm": arm, "value": value, "row": row}
        for row, (name, arm, value) in enumerate(cells, 2)
    ]
    return problems(rows, about)["check"].tolist()


def test_an_sd_below_1_is_compared_with_the_other_arms_and_one_of_0_is_no_crash():
    assert spreads(0.2, 2.0) == ["SD", "SD"]  # of either arm
    assert spreads(0.9, 1.1) == []
    assert spreads(0.0, 2.0) == ["SD of 0"]


def survival_rows(*cells):
    """Rows of overall survival: arm, statistic, value and what else is printed."""
    blank = dict.fromkeys(("time", "n", "ci_low", "ci_high", "ci_level"), np.nan)
    blank |= {"p_value": "", "unit": "", "adjusted": "", "note": "", "outcome": "overall-survival"}
    return [
        blank | {"arm": arm, "statistic": statistic, "value": value, "row": row} | more
        for row, (arm, statistic, value, more) in enumerate(cells, 2)
    ]


ABOUT = {"study_id": "s", "n": 400, "status": "included"}


@pytest.mark.parametrize(("survival", "found"), [(0.45, True), (0.52, False), (0.49, False)])
def test_a_median_not_reached_and_survival_below_one_half(survival, found):
    rows = survival_rows(
        ("local", "median", np.nan, {"note": "not reached"}),
        ("local", "survival", survival, {"time": 24}),
    )
    assert ("median not reached" in set(problems(rows, ABOUT)["check"])) == found


@pytest.mark.parametrize(("ratio", "found"), [(0.3, True), (2.36, False)])
def test_a_hazard_ratio_is_held_to_survival_alone(ratio, found):
    """ln 0.3 / ln 0.6 = 2.36."""
    rows = survival_rows(
        ("local", "survival", 0.3, {"time": 24, "n": 200}),
        ("control", "survival", 0.6, {"time": 24, "n": 200}),
        ("local/control", "hazard-ratio", ratio, {"adjusted": "no"}),
    )
    assert ("hazard ratio against arms" in set(problems(rows, ABOUT)["check"])) == found


def test_a_ratio_of_any_size_is_no_crash():
    rows = survival_rows(
        ("local/control", "hazard-ratio", 812, {"ci_low": -1.0, "ci_high": 900, "adjusted": "no"})
    )
    assert "ratio below 0" in set(problems(rows, ABOUT)["check"])
