"""Digitised curves against each other and against the numbers printed of their arms."""

import numpy as np
import pandas as pd
import pytest

from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check
from livingmeta.extraction.curves.rebuild import rebuild
from livingmeta.formulas import individual_data

# Exponential, median 12 months.
MONTHS = np.linspace(0, 36, 73)
FALL = 0.5 ** (MONTHS / 12)


def curve(factor=1.0, until=36.0, survival=FALL):
    kept = until >= MONTHS
    return rebuild(MONTHS[kept] * factor, survival[kept], [0.0], [100.0])


def found(*lines, drawn, **about):
    """`lines`: (arm, statistic, value, time); `drawn`: curves by arm."""
    table = pd.DataFrame(lines, columns=["arm", "statistic", "value", "time"])
    table = table.assign(study_id="ahn", outcome="os", row=range(2, len(table) + 2), ci_level=95.0)
    studies = pd.DataFrame([{"study_id": "ahn", **about}])
    curves = {("ahn", arm, "os"): one for arm, one in drawn.items()}
    problems = each(check(table, studies, "months", ["os"], drawn=curves))
    return [(p.check, p.rows) for _, p in problems if p.check in WANTED]


WANTED = {"curve against print", "unit of time"}
ROW = ("drug", "at-risk", 100.0, 0.0)
BESIDE = ("none", "at-risk", 90.0, 0.0)


@pytest.mark.parametrize(
    ("factor", "told"), [(1, False), (1 / 3, False), (4.345, True), (1 / 12, True), (30.4, True)]
)
def test_curves_of_one_figure_that_end_far_apart_are_asked_about(factor, told):
    drawn = {"drug": curve(factor), "none": curve()}
    expected = [("unit of time", (2, 3))] if told else []
    assert found(ROW, BESIDE, drawn=drawn) == expected


def test_an_arm_that_has_all_died_may_end_a_quarter_as_late():
    gone = curve(1 / 4, survival=np.append(FALL[:-1], 0.0))
    assert found(ROW, BESIDE, drawn={"drug": gone, "none": curve()}) == []


@pytest.mark.parametrize(("factor", "told"), [(1.0, False), (2.0, False), (4.345, True)])
def test_a_curve_is_held_to_the_numbers_at_risk_below_it(factor, told):
    until = 36.0 * factor
    rows = [("drug", "at-risk", n, t) for n, t in ((100.0, 0.0), (50.0, 12.0), (12.0, 36.0))]
    drawn = rebuild(MONTHS * factor, FALL, [0.0, 12.0, 36.0], [100.0, 50.0, 12.0])
    assert drawn.last_time == pytest.approx(until)
    units = [what for what in found(*rows, drawn={"drug": drawn}) if what[0] == "unit of time"]
    assert units == ([("unit of time", (4,))] if told else [])


def test_curves_of_two_outcomes_may_end_at_any_time():
    table = pd.DataFrame(
        {"study_id": "ahn", "outcome": ["os", "pfs"], "arm": "drug", "statistic": "at-risk"}
    ).assign(value=100.0, time=0.0, row=[2, 3], ci_level=95.0)
    drawn = {("ahn", "drug", "os"): curve(), ("ahn", "drug", "pfs"): curve(1 / 12)}
    assert check(table, pd.DataFrame([{"study_id": "ahn"}]), drawn=drawn).empty


@pytest.mark.parametrize(
    ("about", "told"), [(12, False), (6, False), (3, True), (100, False), (200, True)]
)
def test_a_curve_is_held_to_the_median_follow_up(about, told):
    assert bool(found(ROW, drawn={"drug": curve()}, followup_months=about)) == told


def test_a_curve_is_held_to_the_times_printed_of_its_arm():
    years = {"drug": curve(1 / 12)}  # 0 to 3
    assert ("unit of time", (2,)) in found(("drug", "survival", 0.2, 28.0), drawn=years)
    assert found(("drug", "maximum-followup", 36.0, None), drawn={"drug": curve()}) == []
    days = {"drug": curve(30.4)}
    assert found(("drug", "maximum-followup", 36.0, None), drawn=days) == [("unit of time", (2,))]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("drug", "survival", 0.50, 12.0), False),
        (("drug", "survival", 0.44, 12.0), False),  # 0.05, and 2% of the axis further on
        (("drug", "survival", 0.40, 12.0), True),
        (("drug", "survival", 0.60, 12.0), True),
        (("drug", "survival", 0.50, 12.5), False),
        (("drug", "median", 12.0, None), False),
        (("drug", "median", 13.0, None), False),
        (("drug", "median", 16.0, None), True),
        (("drug", "median", 9.0, None), True),
        (("drug", "median", np.inf, None), True),
        (("drug", "survival", 0.10, 48.0), False),  # beyond the curve it may fall further
        (("drug", "survival", 0.30, 48.0), True),  # and cannot rise
        (("none", "survival", 0.90, 12.0), False),  # of an arm without a curve
    ],
)
def test_what_is_printed_of_an_arm_is_where_its_curve_is(row, told):
    rows = found(row, drawn={"drug": curve()})
    assert rows == ([("curve against print", (2,))] if told else [])


def test_a_median_not_reached_fits_a_curve_above_one_half():
    assert not found(("drug", "median", np.inf, None), drawn={"drug": curve(until=11.0)})


def test_clean_figures_are_not_raised():
    """Trials of 20 to 200 whose curves a hand clicked (1% off either way) and whose median and
    survival at two times are printed to the digits of papers."""
    raised = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n = int(rng.choice([20, 60, 200]))
        death = rng.exponential(20, n)
        leaves = rng.uniform(6, 48, n)
        data = pd.DataFrame(
            {"time": np.minimum(death, leaves), "event": (death <= leaves).astype(int)}
        ).sort_values("time")
        km = individual_data.kaplan_meier(data)
        end = float(data["time"].max())
        times = np.r_[0, km.time] + np.r_[0, rng.normal(0, 0.003 * end, km.time.size)]
        heights = np.minimum.accumulate(np.r_[1, km.survival] + rng.normal(0, 0.008, times.size))
        one = rebuild(np.abs(times), np.clip(heights, 0, 1), [0.0], [float(n)])
        lines = [("drug", "survival", round(km.at(t)[0], 2), t) for t in (6.0, 24.0) if t < end]
        middle = individual_data.median(data)[0]
        if np.isfinite(middle):
            lines.append(("drug", "median", round(float(middle), 1), None))
        raised += found(*lines, drawn={"drug": one}, followup_months=18)
    assert raised == []
