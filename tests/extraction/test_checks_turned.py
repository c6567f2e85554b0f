"""Numbers of one study that are those of all others turned round, and what only looks so."""

import pandas as pd
import pytest

from extraction.test_slips import of, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check


def found(cells, kind, **more):
    """Studies of which `kind` is told; `cells`: of each study those of its two arms."""
    rows = [
        table(*mine, study=f"s{number}", first=2 + 2 * number) for number, mine in enumerate(cells)
    ]
    about = pd.DataFrame({"study_id": [f"s{number}" for number in range(len(cells))]})
    problems = each(check(pd.concat(rows), about, **more))
    return [study for study, p in problems if p.check == kind]


def change(a, b, n, sd, **more):
    more = {"sd": sd, "measured": "change"} | more
    return ("a mean", a, of(n, **more)), ("b mean", b, of(n + 2, **more))


REDUCED = (
    change(-22.1, -17.3, 40, 21.0),
    change(-20.3, -15.2, 50, 20.0),
    change(-24.6, -18.8, 30, 18.0),
)


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (change(21.7, 17.1, 35, 20.0), True),
        (change(-21.7, -17.1, 35, 20.0), False),
        (change(2.1, 1.4, 35, 20.0), False),  # nothing changed
        (change(21.7, -17.1, 35, 20.0), True),  # one arm alone
        (change(-21.7, 17.1, 35, 20.0), True),
        (change(-21.7, 2.1, 35, 20.0), False),  # those without treatment did not change
        (change(-21.7, 6.1, 35, 20.0), False),  # or got worse, by less than theirs got better
        (change(-71.7, 17.1, 35, 20.0), False),
        (change(-21.7, 17.1, 35, 20.0, direction="reversed"), False),
        (change(71.7, 67.1, 35, 20.0), False),  # not theirs turned round either
        (change(21.7, 17.1, 35, 20.0, direction="reversed"), False),
    ],
)
def test_a_reduction_typed_without_its_sign_is_asked_about(odd, told):
    assert found([*REDUCED, odd], "sign of a change") == ["s3"] * told
    assert found([REDUCED[0], odd], "sign of a change") == []  # of two nobody can say which


def test_a_change_of_one_arm_may_turn_where_the_studies_differ():
    apart = (change(-22.1, -4.3, 40, 21.0), change(-9.3, -15.2, 50, 20.0), REDUCED[2])
    assert found([*apart, change(-21.7, 6.1, 35, 20.0)], "sign of a change") == []


def final(a, b, n=60, sd=20.0, **more):
    return ("a mean", a, of(n, sd=sd, **more)), ("b mean", b, of(n, sd=sd, **more))


PAIN = (final(30.3, 36.2), final(34.6, 39.8), final(33.6, 38.1))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (final(3.21, 37.2), True),
        (final(32.1, 0.372), True),
        (final(32.1, 37.2), False),
        (final(3.21, 3.72, sd=2.0), False),  # in another unit
        (final(11.2, 37.2), False),  # it works better here
        (final(3.21, 57.2), False),  # of others
        (final(3.21, 37.2, n=4), False),
        (final(3.21, 37.2, direction="reversed"), False),
        (final(-3.21, -37.2, measured="change"), False),
    ],
)
def test_a_mean_of_one_arm_with_its_decimal_point_shifted_is_asked_about(odd, told):
    assert found([*PAIN, odd], "digit of one arm") == ["s3"] * told
    assert found([PAIN[0], odd], "digit of one arm") == []  # of two nobody can say which
    changed = [final(a[1] / 30, b[1] * 3) for a, b in PAIN]
    assert found([*changed, odd], "digit of one arm") == []


def events(a, na, b, nb):
    return ("a events", a, of(na)), ("b events", b, of(nb))


QUIT = (events(30, 100, 20, 100), events(41, 120, 29, 120), events(25, 80, 15, 80))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (events(42, 60, 49, 60), True),
        (events(18, 60, 11, 60), False),
        (events(49, 60, 42, 60), False),  # far from all others, and with their effect: sicker ones
        (events(31, 60, 38, 60), False),  # not among theirs turned round
        (events(7, 10, 8, 10), False),  # of few, who may well differ
    ],
)
def test_those_without_the_event_counted_for_those_with_it(odd, told):
    assert found([*QUIT, odd], "event of one study") == ["s3"] * told
    assert found([*QUIT, odd], "event of one study", repeated=["o"]) == []


RARE = (events(33, 300, 22, 300), events(30, 300, 20, 300), events(29, 300, 21, 300))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (events(30, 300, 200, 300), True),
        (events(0, 300, 20, 300), False),
        (events(30, 300, 2, 300), True),
        (events(31, 310, 20, 290), False),
        (events(150, 300, 110, 300), False),  # sicker ones
        (events(30, 300, 90, 300), False),  # it does harm
        (events(3, 30, 0, 30), False),
        (events(0, 300, 0, 300), False),
    ],
)
def test_a_count_of_one_arm_with_a_digit_too_many_or_too_few_is_asked_about(odd, told):
    assert found([*RARE, odd], "digit of one arm") == ["s3"] * told
    assert found([*RARE, odd], "digit of one arm", repeated=["o"]) == []


def test_a_correlation_counts_by_its_interval_where_no_patients_are_printed():
    def r(value, n=float("nan"), low=float("nan"), high=float("nan")):
        return (("a correlation", value, {"n": n, "ci_low": low, "ci_high": high}),)

    cells = [r(0.45, 200), r(0.41, low=0.28, high=0.53), r(-0.38, 160), r(0.16, 100)]
    assert found(cells, "direction of one study") == ["s2"]
    assert found([*cells[:2], r(0.38, 160), cells[3]], "direction of one study") == []
