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
