"""One study whose means differ the other way than all others, on both sides of its bounds."""

import pandas as pd
import pytest

from extraction.test_slips import of, table
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check

CASES = pytest.mark.parametrize(
    ("differences", "more", "told"),
    [
        ((-6.1, 7.2, -5.3), {}, ["s1"]),
        ((6.1, -7.2, 5.3, 0.4), {}, ["s1"]),
        ((-6.1, 7.2), {}, []),  # of two nobody can say which
        ((-6.1, 3.7, -5.3), {}, []),  # z 1.85
        ((-6.1, 7.2, -3.7), {}, []),  # only one other is clear
        ((-3.6, 5.4, -3.6, -3.6), {}, ["s1"]),  # none is clear but all together
        ((-2.1, 7.2, -2.0), {}, []),  # nor are they
        ((-6.1, 7.2, -5.3, 0.1), {}, []),  # one of three others on its side
        ((-6.1, 8.2, -6.3, -5.9, -6.4, 0.4), {}, ["s1"]),  # one of five, which found nothing
        ((-6.1, 8.2, -6.3, -5.9, -6.4, 3.1), {}, []),
        ((-6.1, 4.9, -6.3, -5.9, -6.4), {}, []),
        ((-6.1, 7.2, -5.3), {"direction": "reversed"}, []),
        ((-6.1, -7.2, -5.3), {"direction": "reversed"}, ["s1"]),  # turned already
    ],
)


@CASES
def test_one_study_the_other_way_than_all_others_is_asked_about(differences, more, told):
    rows = []
    for number, by in enumerate(differences):
        here = more if number == 1 else {}
        cells = [
            (f"{arm} {statistic}", value + number / 10, of(50, **here))
            for arm, mean in (("a", 30.0 + by), ("b", 30.0))
            for statistic, value in (("mean", mean), ("sd", 10.0))
        ]
        rows.append(table(*cells, study=f"s{number}", first=2 + 4 * number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(differences))]})
    found = each(check(pd.concat(rows), about))
    mine = [(study, list(p.rows)) for study, p in found if p.check == "direction of the scale"]
    assert mine == [(study, [6, 8]) for study in told]


def test_a_scale_that_is_not_marked_is_asked_about_beside_one_that_is():
    rows = [
        table(("a/b mean-difference", by, of(100, se=2.0, **more)), study=f"s{i}", first=2 + i)
        for i, (by, more) in enumerate(
            [(-6.1, {}), (-7.2, {}), (6.8, {"direction": "reversed"}), (7.1, {}), (-5.9, {})]
        )
    ]
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(5)]})
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of the scale"] == ["s3"]


@CASES
def test_a_printed_difference_is_held_to_all_others_too(differences, more, told):
    """The same z as by means and SDs; the third study prints its difference of `b` and `a`."""
    rows = []
    for number, by in enumerate(differences):
        here = {"se": 2.0} | (more if number == 1 else {})
        pair, by = ("b/a", -by) if number == 2 else ("a/b", by)
        cell = f"{pair} mean-difference", by, of(100, **here)
        rows.append(table(cell, study=f"s{number}", first=2 + number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(differences))]})
    found = each(check(pd.concat(rows), about))
    mine = [(study, list(p.rows)) for study, p in found if p.check == "direction of the scale"]
    assert mine == [(study, [3]) for study in told]


HRS = ((0.5, 0.36, 0.7), (0.55, 0.4, 0.76), (0.45, 0.32, 0.63))


@pytest.mark.parametrize(
    ("ratios", "told"),
    [
        ((*HRS, (1.9, 1.36, 2.66)), ["s3"]),
        ((*HRS, (1.1, 0.8, 1.5)), []),  # not clear
        ((HRS[0], (0.9, 0.6, 1.3), (1.1, 0.8, 1.5), (1.9, 1.36, 2.66)), []),  # one other is clear
        ((HRS[0], (1.9, 1.36, 2.66)), []),  # of two nobody can say which
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_one_ratio_the_other_way_than_all_others_is_asked_about(ratios, told, turned):
    rows = []
    for number, (value, low, high) in enumerate(ratios):
        pair = "a/b"
        if turned and number == 0:  # printed the other way round, and said so
            pair, value, low, high = "b/a", 1 / value, 1 / high, 1 / low
        cell = f"{pair} hazard-ratio", value, {"ci_low": low, "ci_high": high}
        rows.append(table(cell, study=f"s{number}", first=2 + number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(ratios))]})
    found = each(check(pd.concat(rows), about))
    mine = [study for study, p in found if p.check == "direction of one study"]
    assert mine == told


def test_counts_and_correlations_the_other_way_are_asked_about():
    rows, about = [], pd.DataFrame({"study_id": [f"s{i}" for i in range(4)]})
    for number, (a, b) in enumerate([(10, 30), (12, 28), (9, 25), (31, 11)]):
        cells = [("a events", a, of(60)), ("b events", b, of(60))]
        rows.append(table(*cells, study=f"s{number}", first=2 + 2 * number))
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of one study"] == ["s3"]
    rows = [
        table(("a correlation", r, of(80)), study=f"s{i}", first=2 + i)
        for i, r in enumerate((0.5, 0.55, 0.45, -0.5))
    ]
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of one study"] == ["s3"]


# What two arms print (of more of the event in b), in three studies and turned in the fourth.
PRINTED = {
    "survival": [("survival", 0.45, 0.3), {"n": 200, "time": 12.0}],
    "medians": [("median", 12.0, 7.0), {"n": 200}],
    "percentages": [("proportion", 0.25, 0.45), {"n": 200}],
    "rates": [("rate", 0.12, 0.18), {"se": 0.015}],
}


@pytest.mark.parametrize("name", PRINTED)
@pytest.mark.parametrize("turned", [True, False])
def test_arms_the_other_way_than_in_all_others_are_asked_about(name, turned):
    (statistic, first, second), more = PRINTED[name]
    rows = []
    for number in range(4):
        by = 1 + number / 50
        pair = (second, first) if turned and number == 3 else (first, second)
        cells = [(f"{arm} {statistic}", x * by, more) for arm, x in zip("ab", pair, strict=True)]
        rows.append(table(*cells, study=f"s{number}", first=2 + 2 * number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(4)]})
    found = each(check(pd.concat(rows), about, survival=["o"]))
    mine = [(s, sorted(p.rows)) for s, p in found if p.check == "direction of one study"]
    assert mine == [("s3", [8, 9])] * turned


@pytest.mark.parametrize(("value", "told"), [(0.06, ["s2"]), (-0.06, [])])
def test_a_difference_of_risks_the_other_way_is_asked_about(value, told):
    printed = (("a/b", -0.045), ("b/a", 0.072), ("a/b", value))
    rows = [
        table((f"{pair} risk-difference", x, {"se": 0.015}), study=f"s{i}", first=2 + i)
        for i, (pair, x) in enumerate(printed)
    ]
    about = pd.DataFrame({"study_id": ["s0", "s1", "s2"]})
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of one study"] == told


CRUDE = (1.64, 1.38, 1.96, {"adjusted": "no"})


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("adjusted", "design", "told"),
    [
        ((0.95, 0.78, 1.16), "cohort", []),
        ((1.6, 1.3, 1.97), "cohort", ["s3"]),
        ((0.95, 0.78, 1.16), "RCT", ["s3"]),  # of which the crude one counts
    ],
)
def test_of_crude_and_adjusted_the_one_that_counts_is_held_to_the_others(
    adjusted, design, told, order
):
    both = [CRUDE, (*adjusted, {"adjusted": "multivariable"})][::order]
    rows = [
        table(
            *(("a/b odds-ratio", v, {"ci_low": lo, "ci_high": hi} | x) for v, lo, hi, x in cells),
            study=f"s{i}",
            first=2 + i,
        )
        for i, cells in enumerate([*([(*hr, {})] for hr in HRS), both])
    ]
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(4)], "design": design})
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of one study"] == told


@pytest.mark.parametrize(("design", "told"), [("cohort", []), ("RCT", ["s3"])])
def test_an_adjusted_difference_counts_before_the_means_of_a_cohort(design, told):
    rows = []
    for number, by in enumerate((-6.1, -7.2, -5.3, 6.5)):
        cells = [
            (f"{arm} mean", mean + number / 10, of(50, sd=10.0))
            for arm, mean in (("a", 30.0 + by), ("b", 30.0))
        ]
        if by > 0:
            cells.append(("a/b mean-difference", -2.0, {"se": 1.5, "adjusted": "multivariable"}))
        rows.append(table(*cells, study=f"s{number}", first=2 + 4 * number))
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(4)], "design": design})
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of the scale"] == told


@pytest.mark.parametrize(("design", "told"), [("cohort", []), ("RCT", ["s2"])])
def test_an_adjusted_difference_of_risks_counts_before_the_counts_of_a_cohort(design, told):
    rows = [
        table(("a/b risk-difference", x, {"se": 0.015}), study=f"s{i}", first=2 + i)
        for i, x in enumerate((-0.045, -0.072))
    ]
    cells = [
        ("a/b risk-difference", -0.03, {"se": 0.02, "adjusted": "multivariable"}),
        ("a/b risk-difference", 0.10, {"se": 0.02, "adjusted": "no"}),
        ("a events", 60, {"n": 200}),
        ("b events", 40, {"n": 200}),
    ]
    rows.append(table(*cells, study="s2", first=4))
    about = pd.DataFrame({"study_id": ["s0", "s1", "s2"], "design": design})
    found = each(check(pd.concat(rows), about))
    assert [s for s, p in found if p.check == "direction of one study"] == told
