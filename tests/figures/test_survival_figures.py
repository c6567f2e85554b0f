"""Figures of survival over time: what they print, that they stay on the sheet, stable bytes."""

import numpy as np
import pandas as pd
import pytest
from test_figures import sheet_width, texts

from livingmeta import plan, tables
from livingmeta.extraction.curves import drawing, read
from livingmeta.figures import over_time, overlay
from livingmeta.figures.survival_axes import time_ticks

PROTOCOL = plan.Protocol.of(
    {
        "arms": {"drug": {"label": "Testomycin"}, "none": {"label": "Nothing at all"}},
        "outcomes": {"os": {"label": "Overall survival"}},
        "time_unit": "months",
    }
)


def curve(group="os, drug", points=((12, 0.8, 0.7, 0.87), (24, 0.6, 0.5, 0.69)), **more):
    rows = [
        {"group": group, "outcome": "os", "arm": "drug", "include": "", "synthesis": f"s{time}"}
        | {"time": float(time), "k": 3, "n": 120.0, "complete": 2, "estimate": estimate}
        | {"ci_low": low, "ci_high": high, "rises": False, "note": ""}
        | more
        for time, estimate, low, high in points
    ]
    return pd.DataFrame(rows)


def drawn(table):
    told = {"arms": PROTOCOL.arms, "outcomes": PROTOCOL.outcomes, "time_unit": PROTOCOL.time_unit}
    return over_time.draw(table, **told).svg


def words(svg):
    return " ".join(line["words"] for line in texts(svg))


def on_the_sheet(svg):
    return all(line["x0"] >= 0 and line["x1"] <= sheet_width(svg) for line in texts(svg))


def test_a_summary_curve_prints_its_numbers_and_what_had_to_be_assumed():
    svg = drawn(curve())
    assert "Overall survival: Testomycin" in words(svg)
    assert "12 months: 80.0% (70.0% to 87.0%)" in words(svg)
    assert "3 studies, 120 patients; 2 treated as complete" in words(svg)
    assert "share patients" in words(svg)
    assert on_the_sheet(svg)
    assert svg == drawn(curve())


def test_a_rise_is_told_below_the_curve():
    table = curve(points=((12, 0.4, 0.3, 0.5), (24, 0.6, 0.5, 0.7)))
    table.loc[1, ["rises", "note"]] = [True, "pooled survival rises " + "and rises " * 30]
    svg = drawn(table)
    assert "(rises)" in words(svg)
    assert "Pooled survival rises" in words(svg)
    assert on_the_sheet(svg)


def test_a_curve_across_times_stands_with_the_points_of_its_arm():
    rows = [
        {"synthesis": "c", "outcome": "os", "arm": "drug", "include": "", "model": model}
        | {"primary": model == "random", "time": time, "k": k, "at_risk": 12.0 * k, "complete": 0}
        | {"estimate": s, "ci_low": s - 0.1, "ci_high": s + 0.1, "few": k < 3}
        for model in ("random", "common")
        for time, k, s in ((12.0, 4, 0.8), (24.0, 1, 0.5))
    ]
    told = {"arms": PROTOCOL.arms, "outcomes": PROTOCOL.outcomes, "time_unit": PROTOCOL.time_unit}
    course = pd.DataFrame(rows)
    both = over_time.draw(curve(), course=course, **told).svg
    assert "12 months: 80.0% (70.0% to 90.0%); 4 studies, 48 at risk" in words(both)
    assert "24 months: 50.0% (40.0% to 60.0%); 1 study, 12 at risk (few)" in words(both)
    assert words(both).count("one curve across times") == 1
    assert "12 months: 80.0% (70.0% to 87.0%)" in words(both)
    assert on_the_sheet(both)
    alone = over_time.draw(tables.empty("pooling/over_time"), course=course, **told).svg
    assert "Overall survival: Testomycin, one curve across times" in words(alone)
    assert "Each point is pooled on its own" not in words(alone)
    empty = over_time.draw(curve(), course=tables.empty("pooling/course"), **told).svg
    assert empty == drawn(curve())


def test_each_group_has_a_panel_and_none_a_sentence():
    two = pd.concat([curve(), curve("os, drug, status awaiting", include="status awaiting")])
    assert "Overall survival: Testomycin (status awaiting)" in words(drawn(two))
    svg = drawn(tables.empty("pooling/over_time"))
    assert "nothing" not in words(svg)
    assert "no course of time to draw" in words(svg)
    assert on_the_sheet(svg)


@pytest.fixture(scope="module")
def rebuilt():
    time = np.arange(21.0)
    clicks = {
        f"ahn-2015.{arm}.os.csv": pd.DataFrame({"time": time, "survival": 1 - time * fall})
        for arm, fall in (("drug", 0.02), ("none", 0.04))
    }
    outcomes = pd.DataFrame(
        [
            {"study_id": "ahn-2015", "arm": arm, "outcome": "os", "statistic": "at-risk"}
            | {"time": float(t), "value": float(n)}
            for arm, risk in (("drug", (50, 40, 30)), ("none", (50, 30, 10)))
            for t, n in zip((0, 10, 20), risk, strict=True)
        ]
    )
    outcomes["row"] = range(2, len(outcomes) + 2)
    named = [drawing.named(name, table, ("os",)) for name, table in clicks.items()]
    return clicks, outcomes, read.rebuild_all(named, outcomes).curves


def overlaid(rebuilt, quality=None):
    clicks, outcomes, curves = rebuilt
    told = read.quality(curves) if quality is None else quality
    people = read.individual(curves)
    labels = {"ahn-2015": "Ahn 2015"}
    return overlay.draw(clicks, people, told, outcomes, labels=labels, asked=PROTOCOL).svg


def test_an_overlay_prints_the_fit_and_the_numbers_at_risk_of_every_curve(rebuilt):
    svg = overlaid(rebuilt)
    assert "Ahn 2015: Testomycin, overall survival" in words(svg)
    assert "Ahn 2015: Nothing at all, overall survival" in words(svg)
    told = read.quality(rebuilt[2])
    for row in told.to_dict("records"):
        assert f"RMSE {row['rmse']:.4f}, largest error {row['largest_error']:.4f}" in words(svg)
    assert [w for w in words(svg).split() if w in ("40", "30")] != []
    assert words(svg).count("At risk") == 2
    assert on_the_sheet(svg)
    assert svg == overlaid(rebuilt)


def test_a_doubtful_curve_says_so_beside_it(rebuilt):
    told = read.quality(rebuilt[2])
    told.loc[0, ["grade", "warnings"]] = ["rough", "no numbers at risk " * 20]
    svg = overlaid(rebuilt, told)
    assert "Graded rough: no numbers at risk" in words(svg)
    assert on_the_sheet(svg)


@pytest.mark.parametrize(
    ("last", "unit", "ticks"),
    [
        (24, "months", [0, 3, 6, 9, 12, 15, 18, 21, 24]),
        (31, "months", [0, 6, 12, 18, 24, 30]),
        (2, "months", [0, 1, 2]),
        (104, "weeks", [0, 13, 26, 39, 52, 65, 78, 91, 104]),
        (5, "years", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_ticks_of_time_are_parts_of_a_year(last, unit, ticks):
    assert time_ticks(last, unit) == ticks
