"""Which SE is that of a printed contrast, and at which time two arms are compared."""

from math import log, nan

import pytest

from effects.test_harmonise import run

PAIR = "local/control"
EVENT = {"odds-ratio": "survival"}


def ratio(statistic, value, row, **more):
    return (PAIR, statistic, value, {"row": row, "event": EVENT.get(statistic, ""), **more})


ADJUSTED, NOT = {"adjusted": "multivariable"}, {"adjusted": "no"}
FOREIGN = "with an SE (row 3) that may be that of the"
OWN_ERROR = {
    "the SE of its adjustment": (
        "HR",
        [
            ratio("hazard-ratio", 0.5, 2, **ADJUSTED),
            ratio("se", 0.1, 3, **NOT),
            ratio("se", 0.3, 4, **ADJUSTED),
        ],
        0.09,
    ),
    "each ratio its own": (
        "OR",
        [
            ratio("odds-ratio", 0.7, 2, **ADJUSTED),
            ratio("odds-ratio", 0.5, 3, **NOT),
            ratio("se", 0.1, 4, **NOT),
            ratio("se", 0.3, 5, **ADJUSTED),
        ],
        0.09,
    ),
    "several SEs and nothing that says which": (
        "OR",
        [
            ratio("odds-ratio", 0.5, 2),
            ratio("se", 0.1, 3, time=6.0),
            ratio("se", 0.3, 4, time=12.0),
        ],
        None,
    ),
    "two ratios and one SE": (
        "HR",
        [
            ratio("hazard-ratio", 0.5, 2),
            ratio("hazard-ratio", 0.8, 3),
            ratio("se", 0.1, 4),
        ],
        None,
    ),
    "an SE that may be of a difference in time": (
        "HR",
        [
            ratio("hazard-ratio", 0.5, 2),
            ratio("se", 1.1, 3),
            ratio("rmst-difference", 4.0, 4),
        ],
        None,
    ),
    "the same ratio both ways round": (
        "HR",
        [
            ratio("hazard-ratio", 0.5, 2),
            ("control/local", "hazard-ratio", 2.0, {"row": 3}),
            ratio("se", 0.2, 4),
        ],
        0.04,
    ),
    "of other arms": (
        "HR",
        [
            ratio("hazard-ratio", 0.5, 2),
            ("local/other", "hazard-ratio", 0.8, {"row": 3}),
            ("local/other", "se", 0.4, {"row": 4}),
            ratio("se", 0.2, 5),
        ],
        0.04,
    ),
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("case", OWN_ERROR)
def test_a_contrast_gets_its_own_se_or_none_whatever_the_order_of_rows(case, order):
    measure, rows, variance = OWN_ERROR[case]
    effects, unusable, _ = run(rows[::order], measure)
    assert effects["vi"].tolist() == ([] if variance is None else [pytest.approx(variance)])
    assert len(unusable) == (variance is None)


def test_an_exact_p_counts_where_an_se_may_be_of_another():
    rows = [
        ratio("odds-ratio", 0.5, 2, p_value="0.03"),
        ratio("se", 0.4, 3),
        ratio("risk-ratio", 0.7, 4),
    ]
    effects, _, _ = run(rows, "OR")
    assert effects["route"].tolist() == ["R4"]
    effects, unusable, _ = run([ratio("odds-ratio", 0.5, 2), *rows[1:]], "OR")
    assert len(effects) == 0
    assert FOREIGN in unusable["reason"].item()


def events(arm, value, n, time):
    return (arm, "events", value, {"n": n, "time": time})


@pytest.mark.parametrize("order", [1, -1])
def test_arms_are_compared_at_their_common_time_beside_numbers_without_one(order):
    rows = [
        events("local", 20.0, 40, nan),
        events("local", 5.0, 40, 6.0),
        events("control", 10.0, 40, 6.0),
    ]
    effects, _, _ = run(rows[::order], "OR", outcome="tb")
    assert effects["yi"].item() == pytest.approx(log((5 / 35) / (10 / 30)))
    effects, _, _ = run([*rows, events("control", 15.0, 40, nan)][::order], "OR", outcome="tb")
    assert effects["yi"].item() == pytest.approx(log((20 / 20) / (15 / 25)))


@pytest.mark.parametrize("order", [1, -1])
def test_the_size_of_an_arm_is_that_at_the_beginning(order):
    rows = [
        events("local", 5.0, nan, 12.0),
        events("local", 3.0, 45, 6.0),
        events("local", 9.0, 30, 24.0),
        events("control", 10.0, 40, 12.0),
    ]
    effects, _, _ = run(rows[::order], "OR", 12, outcome="tb")
    assert effects["yi"].item() == pytest.approx(log((5 / 40) / (10 / 30)))


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_readings_alike_the_one_with_patients_counts(order):
    rows = [
        events("local", 5.0, nan, 12.0),
        events("local", 5.0, 40, 12.0),
        events("local", 3.0, 45, 6.0),
        events("control", 10.0, 40, 12.0),
    ]
    effects, _, _ = run(rows[::order], "OR", 12, outcome="tb")
    assert effects["yi"].item() == pytest.approx(log((5 / 35) / (10 / 30)))
