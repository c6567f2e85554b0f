"""Survival at several times: what belongs together, and that a rise is seen and explained."""

import pandas as pd
import pytest

import asking
from livingmeta.formulas.measures import effect_size
from livingmeta.pooling.over_time import COLUMNS, over_time
from livingmeta.pooling.synthesis import pool
from livingmeta.words import guard_rails

OUTCOMES = {"os": asking.outcome(kind="survival"), "fever": asking.outcome(kind="binary")}
# synthesis -> time, and (study, survival, route) of each study, 50 patients each
FALLS = {
    "os-1y": (12, [("a", 0.8, "S4"), ("b", 0.7, "S1"), ("c", 0.75, "S4")]),
    "os-2y": (24, [("a", 0.6, "S4"), ("b", 0.5, "S1"), ("d", 0.55, "S4")]),
}
RISES = {
    "os-1y": (12, [("a", 0.4, "S4"), ("b", 0.3, "S1")]),
    "os-2y": (24, [("b", 0.2, "S1"), ("c", 0.9, "S4"), ("d", 0.8, "S4")]),
}


def asked(time):
    return {"outcome": "os", "measure": "PLO", "arms": ["drug"], "time": time}


def run(points, **syntheses):
    rows = []
    for name, (_, studies) in points.items():
        for study, survival, route in studies:
            yi, vi = (x[0] for x in effect_size("PLO", xi=[50 * survival], ni=[50]))
            rows.append(
                {"synthesis": name, "study_id": study, "measure": "PLO", "yi": yi, "vi": vi}
                | {"n": 50.0, "route": route}
            )
    effects = pd.DataFrame(rows)
    protocol = {name: asked(time) for name, (time, _) in points.items()} | syntheses
    protocol = asking.syntheses(protocol)
    pooled = pd.concat(
        [pool(effects[effects["synthesis"] == n], n, s)["pooled"] for n, s in protocol.items()],
        ignore_index=True,
    )
    pooled["primary"] = pooled["primary"].astype(bool)
    return over_time(pooled, effects, protocol, OUTCOMES)


def test_the_points_of_a_curve_stand_in_order_of_time_with_what_was_assumed():
    table, decisions = run(dict(reversed(FALLS.items())))
    assert list(table.columns) == list(COLUMNS)
    assert table["time"].tolist() == [12, 24]
    assert table["synthesis"].tolist() == ["os-1y", "os-2y"]
    assert table["k"].tolist() == [3, 3]
    assert table["complete"].tolist() == [2, 2]
    assert table["estimate"].iloc[0] == pytest.approx(0.75, abs=0.02)
    assert not table["rises"].any()
    assert decisions == []


def test_a_rise_is_marked_and_explained_by_the_studies_behind_it():
    table, decisions = run(RISES)
    assert table["rises"].tolist() == [False, True]
    (decision,) = decisions
    assert decision["synthesis"] == "os-2y"
    assert decision["rule"] == "survival-rises"
    assert "2 and 3 studies stand behind these points, 1 of them behind both" in table["note"][1]
    assert guard_rails.of_row(decision).because == table["note"][1]


@pytest.mark.parametrize(
    "other",
    [
        {"arms": ["none"]},
        {"outcome": "fever"},
        {"include": {"status": ["included", "awaiting"]}},
        {"time": None},
        {"time": 12},
    ],
    ids=["another arm", "no survival", "another filter", "no time", "the same time"],
)
def test_what_differs_in_more_than_its_time_is_another_curve(other):
    points = {"os-1y": FALLS["os-1y"], "os-2y": FALLS["os-2y"]}
    table, _ = run(points, **{"os-2y": asked(24) | other})
    assert table.empty
