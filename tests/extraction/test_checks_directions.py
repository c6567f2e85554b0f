"""Which arm the numbers of a comparison favour, on both sides of what is asked about."""

import pytest

from extraction.test_slips import at, ends, of, raised, table

NONE = float("nan")
TURNED = [("warning", "direction")]
DEATHS = (("a events", 50, of(100)), ("b events", 85, of(100)))
HR, LN_HR, OE = "a/b hazard-ratio", "a/b log-hazard-ratio", "a/b log-rank-o-minus-e"
WIDE = ends(1.4, 2.86)
# Each favours b, and a (how it is printed, and what else is) where it is turned.
RATIOS = {
    "interval": ((HR, 2.0, WIDE), (HR, 0.5, ends(0.35, 0.71))),
    "SE of the logarithm": ((LN_HR, 0.69, {"se": 0.18}), (LN_HR, -0.69, {"se": 0.18})),
    "SE": ((HR, 2.0, {"se": 0.36}), (HR, 0.5, {"se": 0.09})),
    "p": ((HR, 2.0, {"p_value": "0.0001"}), (HR, 0.5, {"p_value": "0.0001"})),
    "bound of p": ((HR, 2.0, {"p_value": "<0.001"}), (HR, 0.5, {"p_value": "<0.001"})),
    "nothing": ((HR, 2.0, {}), (HR, 0.5, {})),
}
ONE_ARM = {
    "nothing": (),
    "a median of one arm": (("a median", 30.0, of(100)),),
    "survival of one arm": (("a survival", 0.6, at(24, 100)),),
    "survival at other times": (
        *(("a survival", 0.6, at(24, 100)), ("b survival", 0.5, at(12, 100))),
    ),
}


@pytest.mark.parametrize("error", RATIOS)
@pytest.mark.parametrize("beside", ONE_ARM)
def test_a_randomised_hazard_ratio_goes_the_way_of_the_deaths(error, beside):
    wrong, right = RATIOS[error]
    cells = [*DEATHS, *ONE_ARM[beside]]
    assert raised(table(*cells, wrong), comparability="randomised") == TURNED
    assert raised(table(*cells, right), comparability="randomised") == []
    assert raised(table(*cells, wrong), comparability="matched") == []


def test_a_hazard_ratio_of_few_deaths_may_go_another_way():
    few = (("a events", 5, of(20)), ("b events", 8, of(20)))
    assert raised(table(*few, (HR, 1.3, {})), comparability="randomised") == []


@pytest.mark.parametrize(("value", "told"), [(20.0, TURNED), (-20.0, [])])
def test_o_minus_e_of_two_arms_of_three_goes_the_way_of_their_deaths(value, told):
    rows = table(
        *(*DEATHS, ("c events", 55, of(100))),
        *((OE, value, {}), ("a/b log-rank-variance", 33.0, {})),
    )
    assert raised(rows, comparability="randomised") == told


BESIDE = {
    "a median that was not reached": (("a median", NONE, of(100)), ("b median", 14.0, of(100))),
    "one of which the lower limit is known": (
        ("a median", NONE, of(100, ci_low=25.0)),
        ("b median", 14.0, of(100, **ends(11.0, 17.0))),
    ),
    "restricted means": (("a rmst", 30.0, at(48, 100)), ("b rmst", 20.0, at(48, 100))),
}


@pytest.mark.parametrize("name", BESIDE)
def test_a_hazard_ratio_goes_the_way_of_medians_not_reached_and_restricted_means(name):
    assert raised(table(*BESIDE[name], (HR, 2.0, WIDE))) == TURNED
    assert raised(table(*BESIDE[name], (HR, 0.5, ends(0.35, 0.71)))) == []
    dead = table(*DEATHS, *BESIDE[name], (HR, 2.0, WIDE))
    assert raised(dead, comparability="randomised") == TURNED


def test_curves_that_cross_are_silent():
    crossing = BESIDE["a median that was not reached"]
    assert raised(table(*crossing, (HR, 1.2, ends(0.85, 1.7)))) == []
    late = (("a survival", 0.35, at(48, 100)), ("b survival", 0.2, at(48, 100)))
    early = (("a rmst", 17.0, at(24, 100)), ("b rmst", 20.0, at(24, 100)))
    assert raised(table(*late, *early)) == []


MODEL = {"adjusted": "multivariable"}
CRUDE = (("a events", 50, of(500)), ("b events", 80, of(500)))
RATES = (("a rate", 0.103, of(300)), ("b rate", 0.207, of(300)))
TIMES = (
    *(("a events", 30, of(300)), ("a person-time", 300.0, {})),
    *(("b events", 60, of(300)), ("b person-time", 300.0, {})),
)
QUARTILES = (
    *(("a median", 20.0, of(50)), ("a q1", 17.0, {}), ("a q3", 23.0, {})),
    *(("b median", 24.0, of(50)), ("b q1", 21.0, {}), ("b q3", 27.0, {})),
)
MEANS = (("a mean", 20.0, of(50, sd=6.0)), ("b mean", 24.0, of(50, sd=6.0)))
# What the arms print; the comparison turned round; one that may well be of these arms.
BY_A_MODEL = {
    "odds ratio": (CRUDE, ("odds-ratio", 1.8, ends(1.17, 2.77)), (1.2, ends(0.8, 1.8))),
    "odds ratio of many": (
        (("a events", 800, of(5000)), ("b events", 600, of(5000))),
        *(("odds-ratio", 0.72, ends(0.64, 0.8)), (0.88, ends(0.78, 0.99))),
    ),
    "risk ratio": (CRUDE, ("risk-ratio", 1.6, ends(1.15, 2.22)), (0.8, ends(0.5, 1.1))),
    "risk difference": (
        (("a events", 50, of(500)), ("b events", 180, of(500))),
        *(("risk-difference", 0.25, ends(0.2, 0.3)), (-0.2, ends(-0.25, -0.15))),
    ),
    "rates": (RATES, ("incidence-rate-ratio", 2.0, ends(1.4, 2.9)), (0.7, ends(0.5, 1.0))),
    "person-time": (TIMES, ("incidence-rate-ratio", 2.0, ends(1.4, 2.9)), (0.7, ends(0.5, 1.0))),
    "SMD and medians": (
        QUARTILES,
        *(("standardised-mean-difference", 0.8, ends(0.4, 1.2)), (-0.5, ends(-0.9, -0.1))),
    ),
    "SMD and means": (
        MEANS,
        *(("standardised-mean-difference", 0.8, ends(0.4, 1.2)), (-0.5, ends(-0.9, -0.1))),
    ),
    "restricted means": (
        BESIDE["restricted means"],
        *(("rmst-difference", -8.0, ends(-12, -4, time=48)), (8.0, ends(4, 12, time=48))),
    ),
}


@pytest.mark.parametrize("name", BY_A_MODEL)
def test_a_comparison_by_a_model_goes_the_way_of_its_arms(name):
    arms, (statistic, value, more), (other, also) = BY_A_MODEL[name]
    pair = f"a/b {statistic}"
    assert raised(table(*arms, (pair, value, more | MODEL))) == TURNED
    assert raised(table(*arms, (pair, other, also | MODEL))) == []


def test_an_smd_beside_medians_needs_no_model_to_be_asked_about():
    smd = "a/b standardised-mean-difference"
    assert raised(table(*QUARTILES, (smd, 0.8, ends(0.4, 1.2)))) == TURNED
    assert raised(table(*QUARTILES, (smd, -0.6, ends(-1.0, -0.2)))) == []


@pytest.mark.parametrize(
    ("value", "more", "told"),
    [
        (2.0, ends(1.4, 2.9), 1),
        (2.0, {}, 1),
        (0.5, ends(0.35, 0.72), 0),
        (0.57, ends(0.4, 0.81), 0),
        (0.8, ends(0.56, 1.14), 1),
        (0.8, {}, 0),
    ],
)
def test_a_crude_ratio_of_rates_is_that_of_the_rates(value, more, told):
    rows = table(*RATES, ("a/b incidence-rate-ratio", value, more))
    assert raised(rows) == [("warning", "ratio against arms")] * told


DIED = (("a events", 150, of(292)), ("b events", 250, of(290)))
BEFORE = (
    (("a median", 6.0, ends(5, 7)), ("b median", 18.0, ends(15, 21))),
    (("a survival", 0.2, at(24, 292)), ("b survival", 0.6, at(24, 290))),
    (("a rmst", 12.0, at(36, 292)), ("b rmst", 24.0, at(36, 290))),
)


@pytest.mark.parametrize("arms", BEFORE)
def test_what_arms_by_lot_print_favours_the_one_in_which_fewer_died(arms):
    (name, value, more), (other, second, also) = arms
    turned = table(*DIED, *arms)
    right = table(*DIED, (name, second, also), (other, value, more))
    assert raised(turned, comparability="randomised") == TURNED
    assert raised(turned, comparability="matched") == []  # followed for other times
    assert raised(right, comparability="randomised") == []


def test_curves_that_cross_may_favour_other_arms_than_all_deaths():
    few = (("a events", 180, of(290)), ("b events", 230, of(290)))
    rows = table(*few, ("a median", 4.0, ends(3.4, 4.9)), ("b median", 6.0, ends(5.1, 6.8)))
    assert raised(rows, comparability="randomised") == []
