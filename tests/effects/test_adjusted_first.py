"""Where a study was not randomised its adjusted contrast comes before what nobody adjusted."""

from math import log, nan

import pandas as pd
import pytest

import asking
from effects.test_several_values import ARMS, OUTCOMES, printed, run
from livingmeta.effects.harmonise import harmonise

STUDY = pd.DataFrame({"study_id": ["s1"]})


def counts(first, second, **more):
    return [(arm, "events", x, {"n": 50.0, **more}) for arm, x in (("a", first), ("b", second))]


def two(statistic, first, second, **more):
    return [(arm, statistic, x, dict(more)) for arm, x in (("a", first), ("b", second))]


# By measure what is printed of it adjusted, and the arms' own numbers, which nobody adjusted.
_LIVED = two("person-time", 100.0, 90.0)
CRUDE_NUMBERS = {
    "OR": ("resp", "odds-ratio", 0.7, (0.5, 0.98), counts(20.0, 30.0)),
    "RR": ("resp", "risk-ratio", 0.7, (0.5, 0.98), counts(20.0, 30.0)),
    "RD": ("resp", "risk-difference", -0.1, (-0.15, -0.05), counts(20.0, 30.0)),
    "IRR": ("resp", "incidence-rate-ratio", 0.7, (0.5, 0.98), [*counts(20.0, 30.0), *_LIVED]),
    "MD": ("pain", "mean-difference", 3.0, (1.0, 5.0), two("mean", 4.0, 6.0, sd=2.0, n=50.0)),
    "SMD": (
        *("pain", "standardised-mean-difference", 0.3, (0.1, 0.5)),
        two("mean", 4.0, 6.0, sd=2.0, n=50.0),
    ),
    "HR": (
        *("os", "hazard-ratio", 0.7, (nan, nan)),
        [*two("log-rank-observed", 20.0, 30.0), *two("log-rank-expected", 25.0, 25.0)],
    ),
}


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("measure", CRUDE_NUMBERS)
def test_an_adjusted_contrast_comes_before_crude_numbers_where_not_randomised(measure, last):
    outcome, statistic, value, (low, high), crude = CRUDE_NUMBERS[measure]
    given = {"ci_low": low, "ci_high": high, "adjusted": "multivariable"}
    if measure == "HR":
        given["p_value"] = "0.04"
    contrast = ("a/b", statistic, value, given)
    rows = printed(*([*crude, contrast] if last else [contrast, *crude]), outcome=outcome)
    place = next(row["row"] for row in rows if row["arm"] == "a/b")

    effects, _, _, used = run(rows, measure)
    taken = used[used["used"]]
    assert (taken["value"].tolist(), effects["adjusted"][0]) == ([value], "multivariable")
    first = next(row["row"] for row in rows if row["arm"] == "a")
    said = f"passed over, crude: {crude[0][1].replace('-', ' ')} a {crude[0][2]:g}"
    assert said in effects["assumed"][0]
    assert f"(row {first})" in effects["assumed"][0]

    # By lot the numbers count as they did, and so where the protocol names their route.
    by_lot, _, _, used = run(rows, measure, comparability="randomised")
    assert place not in used[used["used"]]["row"].tolist()
    assert "passed over" not in by_lot["assumed"][0]
    named, _, _, used = run(rows, measure, routes=by_lot["route"].tolist())
    assert place not in used[used["used"]]["row"].tolist()
    # What is passed over though it is adjusted is said, and stands among the rows.
    assert (
        f"passed over, adjusted: {statistic.replace('-', ' ')} a/b {value:g}"
        in (named["assumed"][0])
    )
    over = used[~used["used"] & used["way"].isna()]
    assert over["row"].tolist() == [place]


def test_an_adjusted_contrast_without_an_error_or_of_an_earlier_time_is_said():
    bare = ("a/b", "odds-ratio", 0.7, {"adjusted": "matched"})
    early = (*bare[:3], {**bare[3], "ci_low": 0.5, "ci_high": 0.98, "time": 12.0})
    for contrast, crude in ((bare, counts(20.0, 30.0)), (early, counts(20.0, 30.0, time=60.0))):
        effects, _, _, used = run(printed(contrast, *crude, outcome="resp"), "OR")
        assert used[used["used"]]["row"].tolist() == [3, 4]
        assert "passed over, adjusted: odds ratio a/b 0.7" in effects["assumed"][0]
    # Matched numbers are as good, and of a contrast at the later time it is the first.
    matched = counts(20.0, 30.0, adjusted="matched")
    rows = printed(early, *matched, outcome="resp")
    assert run(rows, "OR")[0]["route"].tolist() == ["C"]
    late = (*early[:3], {**early[3], "time": 60.0})
    rows = printed(late, *counts(20.0, 30.0, time=12.0), outcome="resp")
    assert run(rows, "OR")[0]["route"].tolist() == ["R"]


@pytest.mark.parametrize("measure", CRUDE_NUMBERS)
def test_numbers_of_matched_patients_are_adjusted_by_whatever_measure(measure):
    outcome, *_, numbers = CRUDE_NUMBERS[measure]
    matched = [(*row[:3], {**row[3], "adjusted": "matched"}) for row in numbers]
    said = run(printed(*matched, outcome=outcome), measure)[0]["adjusted"]
    assert said.tolist() == ["matched"]
    assert run(printed(*numbers, outcome=outcome), measure)[0]["adjusted"].tolist() == [""]
    # Of one arm alone it is none of the comparison.
    half = [matched[i] if row[0] == "a" else row for i, row in enumerate(numbers)]
    assert run(printed(*half, outcome=outcome), measure)[0]["adjusted"].tolist() == [""]


@pytest.mark.parametrize(
    ("asked", "yi"),
    [(["multivariable", "matched"], 0.5), (["no"], 0.7), (["no", "multivariable"], 0.5)],
)
def test_a_synthesis_takes_adjusted_or_crude_effects_alone(asked, yi):
    ratio = {"ci_low": 0.3, "ci_high": 0.83, "ci_level": 95.0}
    rows = printed(
        ("a/b", "hazard-ratio", 0.7, {**ratio, "ci_high": 0.98}),
        ("a/b", "hazard-ratio", 0.5, {**ratio, "adjusted": "multivariable"}),
        outcome="os",
    )
    taken = {"x": _only(asked)}
    effects, *_ = harmonise(pd.DataFrame(rows), STUDY, taken, ARMS, OUTCOMES)
    assert effects["yi"].tolist() == pytest.approx([log(yi)])


def test_what_is_adjusted_otherwise_is_set_aside_with_that_reason():
    ratio = {"ci_low": 0.5, "ci_high": 0.98, "ci_level": 95.0}
    rows = printed(("a/b", "hazard-ratio", 0.7, ratio), outcome="os")
    taken = {"x": _only(["matched"])}
    effects, unusable, *_ = harmonise(pd.DataFrame(rows), STUDY, taken, ARMS, OUTCOMES)
    assert effects.empty
    assert "(exact, not adjusted) is none that the synthesis includes" in unusable["reason"][0]


def _only(values):
    asked = {"outcome": "os", "measure": "HR", "arms": ["a", "b"]}
    return asking.synthesis(**asked, include={"adjusted": values})
