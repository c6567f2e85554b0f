"""The same evidence on every scale: published translations, where baselines come from, refusals."""

import itertools
from math import log, sqrt

import numpy as np
import pandas as pd
import pytest

import asking
from livingmeta.formulas import absolute
from livingmeta.formulas.individual_data import restricted_mean
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling.absolute_effects import absolute_effects
from livingmeta.pooling.engines.counts import mantel_haenszel, peto
from livingmeta.pooling.engines.models import fit
from livingmeta.pooling.synthesis import pool
from marked import heavy_but

OUTCOMES = {"os": asking.outcome(kind="survival"), "fever": asking.outcome(kind="binary")}
NOBODY = pd.DataFrame(columns=["study_id", "arm", "outcome", "time", "event"])
COUNTS = [(8, 32, 17, 23), (3, 27, 9, 21), (10, 35, 13, 32)]


def synthesis(measure, *, outcome="os", arms=("drug", "none"), time=24):
    return asking.synthesis(measure=measure, outcome=outcome, arms=list(arms), time=time)


def effect(name, measure, value, low, high, **columns):
    """One study that prints a ratio and its interval."""
    yi, se = log(value), (log(high) - log(low)) / (2 * 1.959963984540054)
    return {"synthesis": name, "study_id": "one", "measure": measure, "yi": yi, "vi": se**2} | {
        "n": 100.0, "route": "R", **dict.fromkeys(("ai", "bi", "ci", "di"), np.nan), **columns
    }  # fmt: skip


def counted(name, measure, counts=COUNTS, route="C"):
    cells = np.array(counts, float)
    yi, vi = effect_size(measure, **dict(zip(("ai", "bi", "ci", "di"), cells.T, strict=True)))
    return [
        {"synthesis": name, "study_id": f"s{i}", "measure": measure, "yi": y, "vi": v}
        | {"n": c.sum(), "route": route, **dict(zip(("ai", "bi", "ci", "di"), c, strict=True))}
        for i, (y, v, c) in enumerate(zip(yi, vi, cells, strict=True))
    ]


def table(rows, syntheses, *, stated=None, individual=NOBODY):
    effects = pd.DataFrame(rows)
    parts = [
        pool(effects[effects["synthesis"] == name], name, asked)["pooled"]
        for name, asked in syntheses.items()
    ]
    pooled = pd.concat(parts, ignore_index=True)
    pooled["primary"] = pooled["primary"].astype(bool)
    return absolute_effects(pooled, effects, syntheses, OUTCOMES, stated or {}, individual)


def the(found, scale, **where):
    for column, value in {"scale": scale, **where}.items():
        found = found[found[column] == value]
    assert len(found) == 1
    return found.iloc[0]


KIM = effect("os", "OR", 4.664, 2.595, 8.380)


@pytest.mark.parametrize(
    ("baseline", "hazard_ratio"), [(0.5, 0.28), (0.3, 0.34), (0.2, 0.38), (0.1, 0.47), (0.05, 0.54)]
)
def test_a_published_odds_ratio_at_the_standard_baselines(baseline, hazard_ratio):
    """Kim, Lee & Rim 2023 (Cancers 15:3467): OR 4.664 (2.595 to 8.380) for surviving 2 years."""
    found = table([KIM], {"os": synthesis("OR")})
    row = the(found, "HR", baseline=baseline)
    assert row["estimate"] == pytest.approx(hazard_ratio, abs=0.005)
    assert row["low"] < row["estimate"] < row["high"] < 1
    per = the(found, "per-1000", baseline=baseline)
    gained = the(found, "difference-per-1000", baseline=baseline)
    assert gained["estimate"] == pytest.approx(per["estimate"] - 1000 * baseline)
    ratio = the(found, "RR", baseline=baseline)
    assert ratio["estimate"] == pytest.approx(per["estimate"] / 1000 / baseline)


def test_the_protocol_settles_the_baseline():
    found = table([KIM], {"os": synthesis("OR")}, stated={"os": 0.2})
    rows = found[found["baseline_source"] == "stated by the protocol"]
    assert set(rows["baseline"]) == {0.2}
    assert the(rows, "per-1000")["estimate"] == pytest.approx(538.3, abs=0.1)


def test_the_studies_own_comparators_together_are_the_baseline():
    rows = counted("fever", "OR")
    asked = {"fever": synthesis("OR", outcome="fever", time=None)}
    found = table(rows, asked)
    own = found[found["baseline_source"].str.startswith("comparator arms of 3 studies together")]
    assert the(own, "control-per-1000")["estimate"] == pytest.approx(1000 * 39 / 115)
    assert "115 patients" in own["baseline_source"].iloc[0]
    assert not len(own[own["scale"] == "HR"])
    assert set(own["note"]) == {"patients with the event", "of patients with the event"}


def test_a_hazard_ratio_is_read_at_the_protocols_times():
    alone = [
        {**row, "synthesis": "alone", "measure": "PLO"} | {"yi": yi, "vi": 0.1}
        for row, yi in zip(counted("alone", "OR"), (-0.1, 0.0, 0.1), strict=True)
    ]
    rows = [
        effect("hr", "HR", 0.5, 0.3125, 0.8),
        *counted("or", "OR", [(30, 10, 20, 20)]),
        *alone,
    ]
    asked = {
        "hr": synthesis("HR", time=None),
        "or": synthesis("OR", time=24),
        "alone": synthesis("PLO", arms=["none"], time=12),
    }
    found = table(rows, asked)
    mine = found[(found["synthesis"] == "hr") & found["baseline_source"].str.contains("comparator")]
    year, later = the(mine, "per-1000", time=12), the(mine, "per-1000", time=24)
    assert "synthesis alone" in year["baseline_source"]
    assert "the one study of or, 40 patients" in later["baseline_source"]
    assert year["estimate"] == pytest.approx(1000 * 0.5**0.5)
    assert later["estimate"] == pytest.approx(1000 * 0.5**0.5)
    assert later["low"] == pytest.approx(1000 * 0.5**0.8)
    assert "proportion" in later["note"]


def test_e_values_of_the_published_example():
    """VanderWeele & Ding 2017: RR 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0."""
    rows = [effect("fever", "RR", sqrt(1.8 * 8.7), 1.8, 8.7, yi=log(3.9))]
    found = table(rows, {"fever": synthesis("RR", outcome="fever", time=None)})
    assert the(found, "E-value")["estimate"] == pytest.approx(7.26, abs=0.005)
    # The limit of an interval around 3.9 that is symmetric on the log scale: 1.77, not 1.8.
    assert the(found, "E-value-limit")["estimate"] == pytest.approx(2.94, abs=0.01)


ATAL = [(10, 190, 22, 178), (4, 96, 9, 91), (7, 143, 15, 135), (3, 97, 8, 92)]


def turned(cells, limits):
    """By trying each patient at each step, as Atal et al. did, with the method's own limits."""
    cells, count = np.array(cells, float), 0
    before = limits(cells)[1] < 0
    while (limits(cells)[1] < 0) == before:
        tried = []
        for i, arm in itertools.product(range(len(cells)), (0, 1)):
            one = cells.copy()
            one[i] += [[1, -1, 0, 0], [0, 0, -1, 1]][arm]
            tried.append((limits(one)[1], one.tolist()))
        cells, count = np.array(max(tried)[1]), count + 1
    return count


@pytest.mark.parametrize("level", [0.95, 0.8])
@pytest.mark.parametrize(
    ("model", "limits"),
    [
        ({"method": "mantel-haenszel"}, lambda c, p: ends(mantel_haenszel(*c.T, level=p))),
        ({"method": "peto"}, lambda c, p: ends(peto(*c.T, level=p))),
        (
            {"tau2": "DL", "interval": "wald"},
            lambda c, p: ends(
                fit(
                    *effect_size("OR", **dict(zip(("ai", "bi", "ci", "di"), c.T, strict=True))),
                    tau2="DL",
                    level=p,
                )
            ),
        ),
    ],
)
def test_fragility_is_of_the_method_and_the_level_of_the_result(model, limits, level):
    asked = asking.synthesis(
        measure="OR", outcome="fever", arms=["drug", "none"], model=model, level=level
    )
    row = the(table(counted("fever", "OR", ATAL), {"fever": asked}), "fragility")
    assert row["estimate"] == turned(ATAL, lambda cells: limits(cells, level))


@pytest.mark.parametrize("method", ["glmm", "beta-binomial"])
def test_fragility_of_a_method_that_is_not_tried_again_is_not_that_of_another(method):
    asked = asking.synthesis(
        measure="OR", outcome="fever", arms=["drug", "none"], model={"method": method}
    )
    row = the(table(counted("fever", "OR", ATAL), {"fever": asked}), "fragility")
    assert np.isnan(row["estimate"])
    assert "not tried again" in row["note"]


@pytest.mark.parametrize("method", ["robust", "henmi-copas"])
def test_fragility_of_an_interval_of_no_plain_model_is_none(method):
    cells = counted("fever", "OR", ATAL)
    sites = [row | {"site": "ab"[at % 2]} for at, row in enumerate(cells)]
    model = {"method": method} | ({"cluster": "site"} if method == "robust" else {})
    asked = asking.synthesis(measure="OR", outcome="fever", arms=["drug", "none"], model=model)
    row = the(table(sites, {"fever": asked}), "fragility")
    assert "not tried again" in row["note"]


def ends(f):
    return float(f.ci_low), float(f.ci_high)


def test_fragility_needs_the_counts_of_every_study():
    asked = {"fever": synthesis("OR", outcome="fever", time=None)}
    whole = the(table(counted("fever", "OR"), asked), "fragility")
    assert whole["estimate"] in range(1, 10)
    assert "lose significance" in whole["note"]
    mixed = [*counted("fever", "OR"), effect("fever", "OR", 0.5, 0.3, 0.8)]
    row = the(table(mixed, asked), "fragility")
    assert np.isnan(row["estimate"])
    assert "1 of 4 studies print no counts" in row["note"]
    uncounted = table(counted("fever", "OR", route="S4"), asked)
    assert "fragility" not in set(uncounted["scale"])
    parts = counted("fever", "OR")
    parts[0]["ai"] = parts[0]["ai"] / 1.5
    row = the(table(parts, asked), "fragility")
    assert np.isnan(row["estimate"])
    assert "counts of 1 of 3 studies are no whole patients" in row["note"]


def test_a_risk_ratio_beyond_everybody_gives_no_odds():
    found = table([effect("os", "RR", 3.0, 2.0, 4.5)], {"os": synthesis("RR")})
    half = found[found["baseline"] == 0.5]
    assert the(half, "per-1000")["estimate"] == 1000
    assert set(half["scale"]) == {"control-per-1000", "per-1000", "difference-per-1000", "RD"}


def test_months_gained_come_from_rebuilt_curves_up_to_the_shorter_follow_up():
    rng = np.random.default_rng(1)
    people = pd.DataFrame(
        {"study_id": "one", "outcome": "os", "arm": np.repeat(["drug", "none"], 40)}
        | {"time": rng.uniform(1, 30, 80).round(1), "event": rng.integers(0, 2, 80)}
    )
    people.loc[people["time"] > 20, "event"] = 0
    found = table([KIM], {"os": synthesis("OR", time=60)}, individual=people)
    row = the(found, "RMST-difference")
    last = people.groupby("arm")["time"].max().min()
    sides = [restricted_mean(people[people["arm"] == arm], last) for arm in ("drug", "none")]
    assert row["time"] == last
    assert row["estimate"] == pytest.approx(sides[0].value - sides[1].value)
    half = 1.959963984540054 * sqrt(sides[0].variance + sides[1].variance)
    assert (row["low"], row["high"]) == pytest.approx(
        (row["estimate"] - half, row["estimate"] + half)
    )


def test_nothing_is_said_of_syntheses_of_one_arm_or_without_a_result():
    rows = [{**KIM, "synthesis": "alone", "measure": "PLO"}]
    asked = {"alone": synthesis("PLO", arms=["drug"]), "os": synthesis("OR")}
    assert table(rows, asked).empty


@pytest.mark.parametrize("measure", heavy_but(["OR"], ["OR", "RR", "RD"]))
@pytest.mark.heavy
def test_fragility_of_many_studies_tries_only_what_promises_most(measure, monkeypatch):
    rng = np.random.default_rng(5)
    n1, n2 = rng.integers(10, 150, (2, 30))
    a, c = rng.binomial(n1, 0.37), rng.binomial(n2, 0.3)
    rows = counted("fever", measure, np.column_stack([a, n1 - a, c, n2 - c]))
    asked = {"fever": synthesis(measure, outcome="fever", time=None)}
    some = the(table(rows, asked), "fragility")
    assert "the 40 changes that promise most" in some["note"]
    monkeypatch.setattr(absolute, "TRIED", 1000)
    every = the(table(rows, asked), "fragility")
    assert "tried" not in every["note"]
    # Neither way tries all combinations of patients: either may find the shorter one, by one.
    assert some["estimate"] == pytest.approx(every["estimate"], abs=1)
    assert 20 < every["estimate"] < 100


def test_a_rare_event_is_told_by_a_baseline_that_somebody_knows():
    """E-values of VanderWeele & Ding: of the ratio itself where the event is rare, of its square
    root where it is common or nobody knows. Values that are shown to all say nothing of it."""
    row, asked = effect("fever", "OR", 4.0, 2.0, 8.0), {"fever": synthesis("OR", outcome="fever")}
    rare = the(table([row], asked, stated={"fever": 0.04}), "E-value")
    common = the(table([row], asked, stated={"fever": 0.4}), "E-value")
    unknown = the(table([row], asked), "E-value")
    assert rare["estimate"] == pytest.approx(4 + sqrt(12))
    assert common["estimate"] == pytest.approx(2 + sqrt(2))
    assert unknown["estimate"] == common["estimate"]


def test_the_e_value_of_a_difference_needs_a_known_baseline():
    row = effect("fever", "RR", 2.0, 1.5, 3.0) | {"measure": "RD", "yi": 0.2, "vi": 0.0025}
    asked = {"fever": synthesis("RD", outcome="fever")}
    assert "E-value" not in set(table([row], asked)["scale"])
    found = the(table([row], asked, stated={"fever": 0.2}), "E-value")
    assert found["estimate"] == pytest.approx(2 + sqrt(2))
