"""Numbers that are far too exact, too large or too small for their patients, each on both sides."""

import numpy as np
import pandas as pd
import pytest

import asking
from extraction.made_up_studies import BLANK
from extraction.test_slips import COUNTS, at, ends, of, raised, table
from livingmeta.extraction import outcomes
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

NARROW = [("warning", "interval against n")]


@pytest.mark.parametrize(
    ("statistic", "value", "more", "told"),
    [
        # SE of ln HR of 120 patients who all died: 0.183.
        ("hazard-ratio", 0.70, ends(0.69, 0.71), NARROW),
        ("hazard-ratio", 0.70, ends(0.60, 0.82), NARROW),
        ("hazard-ratio", 0.70, ends(0.57, 0.86), []),
        ("hazard-ratio", 0.70, {"se": 0.02}, NARROW),
        ("hazard-ratio", 0.70, {"se": 0.02, "adjusted": "multivariable"}, NARROW),
        ("log-hazard-ratio", -0.36, {"se": 0.02}, NARROW),
        ("hazard-ratio", 0.70, {"p_value": "1e-20"}, NARROW),
        ("hazard-ratio", 0.70, {"p_value": "<0.0001"}, []),  # of no exact p nobody can tell
        ("odds-ratio", 0.70, ends(0.69, 0.71), NARROW),
        ("odds-ratio", 0.70, ends(0.35, 1.40), []),
        ("risk-ratio", 0.70, ends(0.69, 0.71), NARROW),
        ("risk-ratio", 0.70, ends(0.60, 0.82), []),  # all in the one arm, 42 of 60 in the other
        ("risk-ratio", 0.97, ends(0.93, 1.01), []),
        ("standardised-mean-difference", -0.5, ends(-0.52, -0.48), NARROW),
        ("standardised-mean-difference", -0.5, ends(-0.75, -0.25), []),
        ("risk-difference", -0.08, ends(-0.0805, -0.0795), NARROW),
        ("risk-difference", 0.0, ends(-0.0005, 0.0005), NARROW),
        ("risk-difference", -0.02, ends(-0.05, 0.01), []),
        ("mean-difference", -0.5, ends(-0.52, -0.48), []),  # of the SD of what is measured
    ],
)
def test_no_comparison_is_more_exact_than_its_patients_allow(statistic, value, more, told):
    row = f"a/b {statistic}", value, of(120, **more)
    known = [(s, c) for s, c in raised(table(row)) if c != "SE of what"]
    assert known == told
    # Without a number of its own those of its arms at its time.
    arms = (("a mean", 5.0, at(12, 60)), ("b mean", 5.0, at(12, 60)), ("b mean", 5.0, at(0, 9000)))
    found = raised(table((row[0], value, at(12, **more)), *arms))
    assert [(s, c) for s, c in found if c == "interval against n"] == told
    assert raised(table((row[0], value, more))) in ([], [("warning", "SE of what")])
    # Of patients in both arms, and of clusters, nobody knows what they allow.
    found = raised(table(row), design="crossover", allocation="crossover")
    assert [c for _, c in found if c == "interval against n"] == []


def test_what_the_events_tell_is_told_once():
    deaths = table(*COUNTS, ("a/b hazard-ratio", 0.45, of(100, **ends(0.44, 0.46))))
    assert raised(deaths) == [("warning", "interval against events")]
    cells = table(*COUNTS, ("a/b odds-ratio", 0.375, of(100, **ends(0.36, 0.39))))
    assert raised(cells) == [("warning", "interval against counts")]


@pytest.mark.parametrize(
    ("mean", "more", "median", "told"),
    [
        (20.0, {"sd": 6.0}, of(40), "error"),
        (20.0, {"se": 0.9487}, of(40), "error"),  # an SD of 6
        (16.0, {"sd": 6.0}, of(40), ""),
        (16.5, {"sd": 6.0}, of(40), ""),  # 16.45 and 10.5 with an SD of 6.05
        (20.0, {"sd": 6.0}, of(38), "warning"),  # perhaps of others
        (20.0, {"sd": 6.0, "adjusted": "multivariable"}, of(40), "warning"),
        (20.0, {"sd": 6.0}, of(40, measured="change"), ""),
        (20.0, {"sd": 6.0}, at(12, 40), ""),
        (20.0, {}, of(40), ""),
    ],
)
def test_mean_and_median_are_no_more_than_an_sd_apart(mean, more, median, told):
    rows = table(("a mean", mean, of(40, **more)), ("a median", 10, median))
    found = [(s, c) for s, c in raised(rows) if c != "patients of a row"]
    assert found == [(told, "mean against median")] * bool(told)


@pytest.mark.parametrize(
    ("value", "more", "told"),
    [
        (3.0, ends(1.0, 5.0), 1),
        (-3.0, ends(-5.0, -1.0), 0),
        (3.0, ends(-1.0, 7.0), 0),  # of no clear sign
        (9.0, ends(7.0, 11.0), 1),
        (3.0, ends(1.0, 5.0, direction="reversed"), 0),
        (3.0, ends(1.0, 5.0, time=12), 0),
    ],
)
def test_a_clear_difference_goes_the_way_of_the_medians(value, more, told):
    medians = (("a median", 20.0, at(6, 40)), ("b median", 24.0, at(6, 40)))
    rows = table(*medians, ("a/b mean-difference", value, {"time": 6} | more))
    assert [c for _, c in raised(rows)].count("direction") == told


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("per 100 person-years", "per 1000 person-years", 1),
        ("per 100 person-years", "per 100 person-months", 1),
        ("per 100 person-years", "/100 PY", 0),
        ("", "", 0),
    ],
)
def test_rates_of_one_study_are_of_one_person_time(one, other, told):
    rows = table(("a rate", 0.02, {"unit": one}), ("b rate", 0.002, {"unit": other}))
    assert raised(rows) == [("warning", "unit of rate")] * told
    # Another outcome, or another person's reading, may be.
    assert raised(rows.assign(outcome=["o", "p"])) == []
    assert raised(rows.assign(extractor=["kim", "ann"])) == []


@pytest.mark.parametrize(
    ("value", "more", "followed", "told"),
    [
        (24.4, ends(16, 37), None, 1),  # per 100 person-years, typed without it: 22 in 100 patients
        (0.0203, ends(0.0133, 0.0308), None, 0),
        (0.0203, ends(0.0133, 0.0308), 11, 0),
        (24.4, {"se": 5.2}, None, 1),
        (24.4, {}, None, 0),  # of no number of events
        (0.0000203, ends(0.0000133, 0.0000308), 11, 1),  # the other way
        (2.0, ends(1.6, 2.5), None, 0),  # many a month
    ],
)
def test_a_rate_is_of_patients_followed_for_some_time(value, more, followed, told):
    about = {"followup_months": followed} if followed else {}
    found = raised(table(("a rate", value, of(100, **more))), **about)
    assert found == [("warning", "unit of rate")] * told
    weeks = table(("a rate", value * 7 / 30.4375, of(100)), ("a events", 22, of(100)))
    shown = [c for _, c in raised(weeks, "weeks", **about) if c == "unit of rate"]
    assert len(shown) == (value > 20 or (value < 0.001 and bool(followed)))


SHARES = (("low proportion", 0.2, of(50)), ("high proportion", 0.15, of(48)))
RATES = (("low rate", 10.0, {}), ("high rate", 12.0, {}))
CURVES = (("low survival", 0.7, at(12, 50)), ("high survival", 0.68, at(12, 48)))
TIMES = (("low person-time", 120.0, {}), ("high person-time", 118.0, {}))
PARTS = (("low events", 10, of(50)), ("high events", 7, of(48)))


@pytest.mark.parametrize(
    ("whole", "parts", "told"),
    [
        (("drug events", 27, of(98)), PARTS, "error"),
        (("drug events", 17, of(98)), PARTS, ""),
        (("drug events", 18, of(100)), PARTS, ""),  # of whom two are in no part
        (("drug events", 16, of(100)), PARTS, "error"),
        (("drug events", 16, of(96)), PARTS, ""),  # of a few patients less
        (("drug events", 16, of(90)), PARTS, "warning"),
        (("drug proportion", 0.27, of(98)), SHARES, "warning"),
        (("drug proportion", 0.18, of(98)), SHARES, ""),
        (("drug rate", 20.0, {}), RATES, "warning"),
        (("drug rate", 11.2, {}), RATES, ""),
        (("drug survival", 0.5, at(12, 98)), CURVES, "warning"),
        (("drug survival", 0.69, at(12, 98)), CURVES, ""),
        (
            ("drug median", 35.0, of(98)),
            (("low median", 20.0, {}), ("high median", 22.0, {})),
            "warning",
        ),
        (("drug person-time", 138.0, {}), TIMES, "warning"),
        (("drug person-time", 238.0, {}), TIMES, ""),
        (("drug events", 27, {}), [(name, value, {}) for name, value, _ in PARTS], "error"),
        (("drug events", 27, of(98)), PARTS[:1], ""),
        (("drug events", 27, at(12, 98)), PARTS, ""),
        (("drug events", 27, of(98, part="men")), PARTS, ""),
        (
            ("drug mean", 6.5, of(98)),
            (("low mean", 5.2, of(50)), ("high mean", 6.1, of(48))),
            "warning",
        ),
        (("drug mean", 5.6, of(98)), (("low mean", 5.2, of(50)), ("high mean", 6.1, of(48))), ""),
    ],
)
def test_an_arm_has_what_its_parts_have_together(whole, parts, told):
    about = pd.DataFrame([{"study_id": "s"}])
    joins = {"drug": ("low", "high")}
    found = [p for _, p in each(check(table(whole, *parts), about, joins=joins))]
    mine = [p for p in found if p.check == "whole of parts"]
    assert [p.severity for p in mine] == [told] * bool(told)
    assert all(p.rows == (2, 3, 4) for p in mine)
    assert not [
        p for _, p in each(check(table(whole, *parts), about)) if p.check == "whole of parts"
    ]


@pytest.mark.parametrize(
    ("value", "unit", "deaths", "told"),
    [
        (12, "per 100 person-years", 36, ["rate"]),  # 18 per 100
        (12, "per 100 person-years", 25, []),  # 12.5 is about 12
        (120, "per 1000 person-years", 30, ["rate"]),
        (0.12, "per year", 24, []),
    ],
)
def test_a_number_in_another_unit_keeps_the_digits_it_was_printed_with(value, unit, deaths, told):
    blank = {"study_id": "s", "outcome": "falls", "arm": "a", "se": np.nan, "sd": np.nan} | BLANK
    person_time = {"statistic": "person-time", "value": 200.0, "unit": "years"}
    events = {"statistic": "events", "value": float(deaths)}
    rate = {"statistic": "rate", "value": float(value), "unit": unit}
    raw = pd.DataFrame([blank | row for row in (person_time, events, rate)])
    falls = asking.outcomes({"falls": {"kind": "rate"}})
    rows = outcomes.tidy(raw.assign(row=range(2, 5)), ["s"], falls, {"a": {}}, "months")
    assert [c for _, c in raised(rows)] == told


def test_a_percentage_is_printed_as_one():
    risks = (("a proportion", 0.10, of(200)), ("b proportion", 0.15, of(200)))
    row = {"unit": "%", "printed": "-10%"}
    found = raised(table(*risks, ("a/b risk-difference", -0.10, row)))
    assert ("error", "ratio against arms") in found
    assert raised(table(*risks, ("a/b risk-difference", -0.05, row | {"printed": "-5%"}))) == []


@pytest.mark.parametrize(
    ("whole", "parts", "told"),
    [
        (("a events", 10, of(50)), (("men", 14, 40),), 1),
        (("a events", 20, of(50)), (("men", 14, 40),), 0),
        (("a events", 20, of(50)), (("men", 14, 60),), 1),
        (("a events", 20, of(70)), (("men", 14, 40), ("women", 14, 30)), 1),
        (("a events", 28, of(70)), (("men", 14, 40), ("women", 14, 30)), 0),
        (("a events", 30, of(70)), (("men", 14, 40), ("old", 14, 35)), 0),
        (("a mean", 30.0, of(100)), (("men", 20.0, 50), ("women", 21.0, 50)), 1),
        (("a mean", 20.5, of(100)), (("men", 20.0, 50), ("women", 21.0, 50)), 0),
    ],
)
def test_all_patients_are_no_less_than_a_part_of_them(whole, parts, told):
    rows = [(whole[0], value, of(n, part=part)) for part, value, n in parts]
    found = raised(table(whole, *rows))
    assert [c for _, c in found].count("whole of parts") == told


@pytest.mark.parametrize(
    ("rows", "n", "told"),
    [
        ([("a/b hazard-ratio", 0.7, ends(0.69, 0.71))], 120, 1),
        ([("a/b hazard-ratio", 0.7, ends(0.69, 0.71))], 90_000, 0),
        ([("a/b hazard-ratio", 0.7, ends(0.69, 0.71))], "", 0),
        ([("a/b log-hazard-ratio", -0.357, of(120)), ("a/b se", 0.016, {})], "", 1),
        ([("a/b log-hazard-ratio", -0.357, of(120)), ("a/b se", 0.19, {})], "", 0),
    ],
)
def test_n_may_stand_in_studies_and_the_error_in_a_row(rows, n, told):
    assert [c for _, c in raised(table(*rows), n=n)].count("interval against n") == told


def test_a_ratio_of_rates_is_no_more_exact_than_its_events():
    events = (("a events", 60, {}), ("b events", 100, {}))
    for low, high, told in ((0.59, 0.61, 1), (0.44, 0.82, 0)):
        rows = table(*events, ("a/b incidence-rate-ratio", 0.6, ends(low, high)))
        assert [c for _, c in raised(rows)].count("interval against events") == told
