"""Rates and person-time against patients, follow-up and events; SEs of rates and of survival."""

import pandas as pd
import pytest

from extraction.test_slips import at, ends, of, raised, table
from livingmeta.extraction.checks.run import check

UNIT_OF_TIME = [("warning", "unit of person-time")]
UNIT_OF_RATE = [("warning", "unit of rate")]


def followed(first, second, **about):
    """What is raised of the person-time (in months) of two arms of 100 patients, 30 events each."""
    cells = [(f"{arm} events", 30, of(100)) for arm in "ab"]
    cells += [("a person-time", first, {}), ("b person-time", second, {})]
    return raised(table(*cells), **about)


@pytest.mark.parametrize(
    ("first", "second", "about", "told"),
    [
        (28800.0, 2400.0, {}, UNIT_OF_TIME),  # years as they were, and months for years
        (9600.0, 2400.0, {}, []),  # began earlier
        (14400.0, 2400.0, {}, []),
        (14400.0, 2400.0, {"comparability": "randomised"}, UNIT_OF_TIME),
        (2.3, 2400.0, {}, UNIT_OF_TIME),  # thousands left out: once, not twice
        (200.0, 210.0, {"followup_months": 24}, UNIT_OF_TIME * 2),
        (2400.0, 2100.0, {"followup_months": 24}, []),
        (400.0, 410.0, {"followup_months": 24}, []),  # on treatment
        (24000.0, 23000.0, {"followup_months": 24}, UNIT_OF_TIME * 2),
    ],
)
def test_person_time_is_of_patients_followed_for_some_time(first, second, about, told):
    assert followed(first, second, **about) == told


RCT = {"n": 233, "comparability": "randomised", "followup_months": 12}


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (1392.0, 1404.0, []),
        (16704.0, 1404.0, 1),  # months as years
        (195.0, 1404.0, 1),
        (16704.0, 16848.0, 2),
        (116.0, 117.0, 2),  # years as they were
        (1860.0, 936.0, []),  # two of three in an arm
        (2088.0, 696.0, []),
    ],
)
def test_person_time_of_no_said_patients_is_held_to_the_study(first, second, told):
    cells = [(f"{arm} events", x, {}) for arm, x in (("a", 68), ("b", 117))]
    rows = table(*cells, ("a person-time", first, {}), ("b person-time", second, {}))
    assert raised(rows, **RCT) == UNIT_OF_TIME * (told or 0)
    assert raised(rows, n=233) == []


@pytest.mark.parametrize("patients", [of(400), {}])
def test_rates_are_of_arms_followed_for_as_long_by_their_intervals(patients):
    other = ("b rate", 1.5, ends(1.3, 1.73, **patients))
    right, monthly = (1.14, ends(0.98, 1.33, **patients)), (0.095, ends(0.082, 0.11, **patients))
    about = RCT | {"n": 800}
    for (value, more), told in ((right, []), (monthly, UNIT_OF_RATE)):
        assert raised(table(("a rate", value, more), other), "years", **about) == told
    few = ("a rate", 0.1, ends(0.1, 0.2, **patients))  # digits that tell nothing
    assert raised(table(few, ("b rate", 0.2, ends(0.1, 0.3, **patients))), "years", **about) == []
    narrow = [("a rate", 1.14, ends(1.13, 1.15, **patients))]
    narrow += [("b rate", 1.5, ends(1.49, 1.51, **patients))]
    assert raised(table(*narrow), "years", **about) == UNIT_OF_RATE * 2


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [(0.19, 0.25, []), (0.25, 0.19, 1), (0.31, 0.19, []), (0.125, 0.095, [])],
)
def test_rates_swapped_between_arms_are_those_of_the_others_events(first, second, told):
    cells = [("a events", 76, of(400)), ("b events", 100, of(400))]
    rows = table(("a rate", first, {}), ("b rate", second, {}), *cells)
    assert raised(rows, "years", **RCT | {"n": 800}) == [("warning", "direction")] * (told or 0)
    cells = [(name, x, {}) for name, x, _ in cells]
    rows = table(("a rate", first, of(400)), ("b rate", second, of(400)), *cells)
    assert raised(rows, "years", **RCT | {"n": 800}) == [("warning", "direction")] * (told or 0)


@pytest.mark.parametrize(
    ("rate", "events", "about", "told"),
    [
        (0.0002, 80, {"followup_months": 36}, UNIT_OF_RATE),  # 33 years of each
        (0.0022, 80, {"followup_months": 36}, []),
        (0.0001, 80, {}, UNIT_OF_RATE),  # 67 years of each
        (0.0002, 80, {}, []),
        (0.022, 80, {"followup_months": 36}, UNIT_OF_RATE),
        (0.5, 800, {"followup_months": 24}, []),  # patients with any of many events
    ],
)
def test_a_rate_and_its_events_are_of_patients_followed_for_some_time(rate, events, about, told):
    rows = table(("a rate", rate, of(1000)), ("a events", events, of(1000)))
    assert raised(rows, **about) == told


@pytest.mark.parametrize(
    ("unit", "told"),
    [("per 1000 person-days", []), ("", UNIT_OF_RATE), ("per 100 person-years", UNIT_OF_RATE)],
)
def test_rates_of_days_are_of_days(unit, told):
    rows = table(("a rate", 0.0633, of(3000, unit=unit)), ("a events", 10, of(3000)))
    assert raised(rows) == told


@pytest.mark.parametrize(
    ("events", "told"), [(20, []), (21, [("warning", "rate")]), (30, [("warning", "rate")])]
)
def test_a_rate_is_rounded_as_it_is_printed(events, told):
    unit = "per 100 person-years"
    rate = ("a rate", 0.1, {"unit": unit, "printed": f"10.1 {unit}"})
    time = ("a person-time", 200.0, {})
    assert raised(table(rate, ("a events", events, of(100)), time), "years") == told


SE = [("warning", "SE against n")]


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize(
    ("se", "events", "told"),
    [(0.0024, 25, SE), (0.24, 25, SE), (0.024, 25, []), (0.04, 25, []), (0.0002, None, SE)],
)
def test_the_se_of_a_rate_is_that_of_its_events(se, events, told, beside):
    counted = [("a events", events, of(100))] if events else []
    cells = [("a rate", 0.12, {"se": se} if beside else {}), *counted]
    cells += [] if beside else [("a se", se, {})]
    assert raised(table(*cells), "years") == told


@pytest.mark.parametrize(
    ("se", "more", "told"),
    [
        (0.00046, [], [("warning", "interval against n")]),
        (0.015, [], [("warning", "interval against n")]),
        (0.046, [], []),
        (0.9, [("a rmst", 10.0, at(12, 100))], []),  # of the restricted mean
    ],
)
def test_the_se_of_survival_in_a_row_is_held_to_its_patients(se, more, told):
    rows = table(("a survival", 0.7, at(12, 100)), ("a se", se, at(12)), *more)
    assert raised(rows) == told


@pytest.mark.parametrize(
    ("adjusted", "severity"), [("no", "error"), ("", "warning"), ("randomised", "warning")]
)
def test_a_difference_by_an_unnamed_model_is_asked_about(adjusted, severity):
    means = ("a mean", 20.1, of(80)), ("b mean", 22.3, of(80))
    more = ends(-3.5, -0.1, adjusted=adjusted)
    rows = table(*means, ("a/b mean-difference", -1.8, more))
    assert raised(rows) == [(severity, "difference against means")]
    assert raised(rows.assign(adjusted="multivariable")) == []


@pytest.mark.parametrize(("limits", "told"), [((0.003, 1.24), False), ((0.0003, 1.24), True)])
def test_an_exact_interval_of_few_is_off_the_middle(limits, told):
    few = ("a events", 1, of(50)), ("b events", 6, of(48))
    found = [c for _, c in raised(table(*few, ("a/b odds-ratio", 0.14, ends(*limits))))]
    assert ("interval not symmetric" in found) == told


@pytest.mark.parametrize(("value", "told"), [(-0.05, []), (-0.1, ["ratio against arms"])])
def test_a_difference_of_risks_is_rounded_as_a_percentage(value, told):
    both = ("a proportion", 0.1, of(100)), ("b proportion", 0.15, of(100))
    assert [c for _, c in raised(table(*both, ("a/b risk-difference", value, {})))] == told


@pytest.mark.parametrize(("repeated", "told"), [(["o"], []), ([], True)])
def test_events_that_a_patient_may_have_several_times_are_no_share_of_patients(repeated, told):
    """152 falls of 117 people, and a p of them that no chi-squared of so many people gives."""
    rows = table(
        ("a events", 88, of(116)),
        ("b events", 152, of(117)),
        ("a person-time", 116.0, {}),
        ("b person-time", 117.0, {}),
        ("a/b incidence-rate-ratio", 0.58, {"p_value": "0.03"}),
    )
    found = check(rows, pd.DataFrame({"study_id": ["s"]}), "years", repeated=repeated)
    assert bool(len(found)) == bool(told)


def test_person_time_of_events_that_come_again_is_held_to_their_patients():
    rows = table(
        ("a events", 88, of(116)), ("a person-time", 1392.0, {}), ("a maximum-followup", 1.0, {})
    )
    found = check(rows, pd.DataFrame({"study_id": ["s"]}), "years", repeated=["o"])
    assert "person-time" in set(found["check"])
