"""`rules: revman` on Cochrane reviews whose results are printed as RevMan computes them.

Data and results as printed in Schwarzer, Carpenter & Ruecker, Meta-Analysis with R (Springer 2015),
whose functions take RevMan 5's formulas, as it says in sections 2.1.2, 2.2, 3.3.2 and 3.4.1:
Furukawa 2003 (CD003197) in figures 2.1 and 2.4, Greb 2008 (CD004024) in figure 3.1, examples 3.14
and 3.16 and table 3.3, Quan 2000 (CD002146) in figure 3.2, examples 3.13, 3.15 and 3.17 and table
3.4; and Joy 2006 (CD003082) as in Balduzzi, Ruecker & Schwarzer, Evid Based Ment Health 2019;22:
153, figures 1 and 3.
"""

import numpy as np
import pytest

from printed_trials import events, means, pooled

# Events and patients with treatment, then without.
GREB = [
    (14, 28, 10, 26), (46, 48, 35, 50), (119, 189, 116, 181), (10, 23, 9, 25), (110, 158, 97, 154),
    (67, 98, 56, 96), (3, 22, 4, 27), (57, 75, 51, 75), (74, 98, 56, 99), (39, 55, 30, 53),
    (46, 63, 34, 61), (80, 117, 71, 106), (25, 38, 26, 35), (35, 60, 46, 66),
]  # fmt: skip
QUAN = [
    (0, 300, 1, 295), (7, 232, 8, 192), (3, 297, 6, 314), (17, 287, 21, 299), (11, 984, 19, 938),
    (6, 1858, 5, 1852), (18, 1273, 17, 1287), (1, 510, 10, 509), (8, 1331, 9, 1359),
    (2, 279, 1, 70), (12, 1618, 12, 1520),
]  # fmt: skip
# Responders and others with haloperidol, then with placebo; whether anybody's outcome is missing.
JOY = [
    (25, 25, 18, 33, 1), (29, 18, 20, 14, 1), (12, 17, 2, 28, 1), (3, 9, 0, 12, 0),
    (10, 11, 3, 19, 0), (11, 8, 1, 14, 0), (7, 18, 4, 21, 1), (8, 9, 3, 10, 0), (19, 45, 14, 50, 1),
    (1, 9, 0, 10, 0), (11, 23, 0, 13, 1), (20, 9, 2, 9, 0), (17, 1, 7, 4, 1), (4, 10, 0, 13, 1),
    (2, 14, 0, 7, 1), (11, 1, 1, 11, 0), (9, 20, 0, 29, 1),
]  # fmt: skip
# Patients, mean and SD with tricyclic antidepressants, then with placebo.
FURUKAWA = [
    (13, 6.4, 5.4, 18, 11.4, 9.6), (17, 11, 8.2, 16, 19, 8.2), (10, 17.5, 8.8, 6, 23, 8.8),
    (7, 12.3, 9.9, 7, 20, 10.5), (73, 15.7, 10.6, 73, 18.7, 10.6), (26, 8.5, 11, 28, 14.5, 11),
    (17, 25.5, 24, 10, 53.2, 11.2), (11, 6.2, 7.6, 10, 10, 7.6), (105, -8.1, 3.9, 46, -8.5, 5.2),
    (22, 13.4, 2.3, 19, 19.7, 1.3), (13, 12.5, 7.6, 15, 12.5, 7.6),
    (29, 1.99, 0.77, 39, 2.54, 0.77),
    (13, 11, 8.2, 13, 15, 8.2), (78, 15.8, 6.8, 71, 17.1, 7.2), (23, -8.5, 8.6, 23, -8.3, 6),
    (11, 51.9, 18.5, 11, 74.3, 18.5), (11, 8, 8.1, 18, 10, 9.7),
]  # fmt: skip
JOY_EVENTS = [(a, a + b, c, c + d) for a, b, c, d, _ in JOY]
MH, PETO, IV = {"method": "mantel-haenszel"}, {"method": "peto"}, {"tau2": "FE"}
DL = {"tau2": "DL"}


@pytest.mark.parametrize(
    ("trials", "measure", "model", "printed", "z", "tau2"),
    [
        (events(GREB), "OR", MH, (1.35, 1.12, 1.61), 3.21, None),
        (events(GREB), "OR", IV, (1.32, 1.10, 1.59), 2.97, None),
        (events(GREB), "OR", PETO, (1.35, 1.12, 1.61), 3.22, None),
        (events(GREB), "OR", DL, (1.37, 1.06, 1.77), None, 0.0900),
        (events(QUAN), "OR", MH, (0.75, 0.56, 1.00), -1.98, None),
        (events(QUAN), "OR", IV, (0.78, 0.58, 1.05), -1.63, None),
        (events(QUAN), "OR", PETO, (0.75, 0.56, 1.00), -1.99, None),
        (events(QUAN), "OR", DL, (0.78, 0.58, 1.05), None, 0.0),
        (events(JOY_EVENTS), "RR", MH, (2.09, 1.69, 2.59), 6.71, None),
        (means(FURUKAWA), "SMD", IV, (-0.39, -0.53, -0.25), -5.61, None),
        (means(FURUKAWA), "SMD", DL, (-0.59, -0.87, -0.30), -4.04, 0.2309),
    ],
)
def test_results_are_met_to_every_printed_digit(trials, measure, model, printed, z, tau2):
    tables = pooled(trials, measure, model=model, rules="revman")
    row = tables["pooled"][tables["pooled"]["primary"]].iloc[0]
    ends = row[["display_estimate", "display_ci_low", "display_ci_high"]].astype(float)
    assert ends.round(2).tolist() == pytest.approx(printed, abs=1e-9)
    if z is not None:
        assert round(row["statistic"], 2) == pytest.approx(z, abs=1e-9)
    if tau2 is not None:
        assert round(row["tau2"], 4) == pytest.approx(tau2, abs=1e-9)


def test_heterogeneity_as_printed():
    row = pooled(means(FURUKAWA), "SMD", model=DL, rules="revman")["pooled"].iloc[0]
    assert (round(row["q"], 2), row["q_df"]) == (58.27, 16)
    # I² of the other formula than RevMan's of that time, which was (Q - df)/Q = 72.5%.
    assert round(100 * (row["q"] - 16) / row["q"], 1) == 72.5


def test_subgroups_as_printed():
    missing = ["with" if m else "without" for *_, m in JOY]
    asked = {"model": MH, "rules": "revman", "subgroups": ["missing"]}
    tables = pooled(events(JOY_EVENTS), "RR", {"missing": missing}, **asked)
    rows = tables["pooled"].query("subgroup != ''").set_index("subgroup")
    names = ["display_estimate", "display_ci_low", "display_ci_high"]
    found = rows[names].astype(float).round(2)
    assert found.loc["missing=with"].tolist() == [1.70, 1.35, 2.14]
    assert found.loc["missing=without"].tolist() == [4.36, 2.45, 7.77]
    assert rows["k"].tolist() == [10, 7]
    (test,) = tables["moderators"].to_dict("records")
    assert (round(test["statistic"], 2), test["df"]) == (8.82, 1.0)
    assert test["analysis"] == "subgroups, no tau²"


def test_the_one_random_effects_result_is_around_mantel_haenszel():
    """tau² is 0.0897 around the inverse-variance estimate (table 3.3)."""
    found = {
        rules: pooled(events(GREB), model=DL, rules=rules)["pooled"].iloc[0]["tau2"]
        for rules in ("revman", "standard")
    }
    assert np.round([found["revman"], found["standard"]], 4).tolist() == [0.0900, 0.0897]


@pytest.mark.parametrize(("rules", "own"), [("revman", True), ("standard", False)])
def test_small_subgroups_of_random_effects_have_a_tau2_of_their_own_in_revman(rules, own):
    few = JOY[:7]
    missing = np.array(["with" if m else "without" for *_, m in few])
    asked = {"model": DL, "rules": rules}
    trials = np.array([(a, a + b, c, c + d) for a, b, c, d, _ in few])
    tables = pooled(events(trials), "OR", {"missing": missing}, subgroups=["missing"], **asked)
    rows = tables["pooled"].query("subgroup != ''").set_index("subgroup")
    alone = {
        group: pooled(events(trials[missing == group]), "OR", **asked)["pooled"].iloc[0]
        for group in ("with", "without")
    }
    names = ["estimate", "ci_low", "ci_high", "tau2"]
    same = [
        rows.loc[f"missing={group}", names].astype(float).tolist()
        == pytest.approx(row[names].astype(float).tolist(), rel=1e-9)
        for group, row in alone.items()
    ]
    assert all(same) == own
