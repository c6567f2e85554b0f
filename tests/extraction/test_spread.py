"""SDs of arms and studies, and what stands for them, on both sides of what is asked about."""

import pandas as pd
import pytest

from extraction.test_slips import at, ends, of, table
from livingmeta.extraction.checks.one_study import unit_of_one_study
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check
from livingmeta.extraction.rows import read_row

CHANGE = {"measured": "change"}


def told(*studies, units=("o",), survival=()):
    """(study, check, rows) of each problem but notes; the rows of study `s1` from 12 on."""
    rows = [table(*s, study=f"s{i}", first=2 + 10 * i) for i, s in enumerate(studies)]
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(studies))]})
    found = each(check(pd.concat(rows), about, in_units=units, survival=survival))
    return [(s, p.check, sorted(p.rows)) for s, p in found if p.severity != "note"]


def pair(one, other, n=60, **more):
    return [("a mean", one, of(n, **more)), ("b mean", other, of(n, **more))]


def medians(*ends, n=60, names=("q1", "q3"), middles=(20.0, 22.0)):
    """A median of each arm, and how far to each side its two ends lie."""
    return [
        cell
        for arm, middle, half in zip("ab", middles, ends, strict=False)
        for cell in (
            (f"{arm} median", middle, of(n)),
            *((f"{arm} {x}", middle + by * half, {}) for x, by in zip(names, (-1, 1), strict=True)),
        )
    ]


def times(*sds, n=50):
    """Means of arms at 0 and 6, each arm with its two SDs."""
    return [
        (f"{arm} mean", 20.0 + i + time / 10, at(time, n, sd=sd))
        for i, (arm, of_arm) in enumerate(zip("abc", sds, strict=False))
        for time, sd in zip((0, 6), of_arm, strict=True)
    ]


@pytest.mark.parametrize(
    ("n", "asked"),
    [
        (60, "a variance, or that of a half of an interval of 95%?"),  # 118 ± 3.6
        (6000, "a variance?"),  # of so many 3.6 is neither
    ],
)
def test_a_variance_is_asked_about_beside_what_the_other_arm_may_be(n, asked):
    rows = table(("a mean", 118.0, of(n, sd=3.6)), ("b mean", 112.0, of(n, sd=15.0)))
    (problem,) = [p for _, p in each(check(rows, pd.DataFrame({"study_id": ["s"]})))]
    assert problem.message.endswith(asked)


@pytest.mark.parametrize("n", [15, 20, 25])
@pytest.mark.parametrize(
    ("sds", "rows"),
    [
        (((3.1, 8.4), (3.3, 8.1)), []),  # all that may enter have much the same score
        (((3.1, 8.4),), []),
        (((1.8, 8.4), (1.9, 8.1)), [[2], [4]]),  # SEs at time 0
        (((1.9, 8.4),), [[2]]),
        (((8.4, 2.1), (8.1, 1.9)), [[3], [5]]),  # SEs at 6
    ],
)
def test_first_sds_that_entry_made_narrow_are_no_standard_errors(sds, rows, n):
    assert [x for x in told(times(*sds, n=n)) if len(x[2]) == 1] == [("s0", "SD", r) for r in rows]


@pytest.mark.parametrize(
    ("first", "change", "n", "rows"),
    [
        (15.0, 3.0, 25, []),  # of kilograms, of which most stay
        (3.1, 8.6, 22, []),
        (15.0, 1.0, 100, [[3], [5]]),  # an SE of 10
        (0.8, 8.6, 100, [[2], [4]]),
    ],
)
def test_sds_of_changes_are_held_to_those_of_values_from_afar(first, change, n, rows):
    cells = [
        (f"{arm} mean", mean, at(time, n, sd=sd, measured=measured))
        for arm in "ab"
        for time, mean, sd, measured in ((0, 90.0, first, ""), (6, -4.0, change, "change"))
    ]
    assert told(cells) == [("s0", "SD", r) for r in rows]


@pytest.mark.parametrize(
    ("sds", "rows"),
    [
        (((0.7, 0.72), (5.0, 5.1)), [[2, 4], [3, 5]]),  # SEs
        (((100.0, 110.0), (10.0, 10.1)), [[2, 4], [3, 5]]),  # variances
        (((0.7, 0.7), (1.7, 1.7), (4.0, 4.0)), [[2, 6], [3, 7]]),  # the first and the third
        (((0.7, 0.7), (5.0, 5.0), (5.1, 5.1)), [[2, 4], [3, 5]]),  # and each once
        (((2.5, 5.0), (2.4, 5.2)), []),  # patients who were chosen by the first value
        (((5.0, 9.0), (5.1, 5.2)), []),
    ],
)
def test_any_two_arms_are_held_to_each_other_at_each_time(sds, rows):
    assert told(times(*sds)) == [("s0", "SD", of_two) for of_two in rows]


@pytest.mark.parametrize(
    ("value", "other", "n", "rows"),
    [
        (9.8, 50.0, 100, [[2, 3]]),  # half of an interval, in one arm
        (4.9, 50.0, 400, [[2, 3]]),
        (9.8, 50.0, 400, [[2, 3]]),  # all of it
        (17.5, 50.0, 400, []),
        (14.5, 50.0, 100, []),
    ],
)
@pytest.mark.parametrize("floor", [False, True])
def test_an_interval_typed_as_sd_in_one_arm_is_asked_about(value, other, n, rows, floor):
    """But for scores near their floor, whose SDs are small as their means are."""
    low = 150.0 * value / other if floor else 149.0
    cells = [("a mean", low, of(n, sd=value)), ("b mean", 150.0, of(n, sd=other))]
    found = [r for _, check, r in told(cells) if check == "SD"]
    assert found == ([] if floor else rows)


@pytest.mark.parametrize(
    ("column", "values", "asked"),
    [
        ("sd", (1.96, 2.05), "the width of an interval of 95%"),
        ("sd", (0.98, 1.03), "half of an interval of 95%"),
        ("sd", (9.0, 10.5), ""),
        ("se", (1.96, 2.05), "is it the width of an interval?"),
        ("se", (0.5, 0.52), ""),
    ],
)
def test_an_interval_typed_as_sd_or_se_is_held_to_the_other_studies(column, values, asked):
    """Of 400 patients and SDs of about 10; half of an interval as SE is twice one: no more than SDs
    of studies differ."""
    sds = ((10.0, 10.4), (9.1, 9.5), (11.2, 10.9), (10.1, 9.8), (8.8, 9.3))
    others = [[("a mean", 30.0, of(80, sd=a)), ("b mean", 32.0, of(80, sd=b))] for a, b in sds]
    own = [
        (f"{arm} mean", 31.0, of(400, **{column: x})) for arm, x in zip("ab", values, strict=True)
    ]
    rows = [table(*s, study=f"s{i}", first=2 + 10 * i) for i, s in enumerate([*others, own])]
    about = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(rows))]})
    found = each(check(pd.concat(rows), about, in_units=["o"]))
    assert all(asked in p.message for _, p in found)
    assert [s for s, _ in found] == ["s5", "s5"] * bool(asked)


def test_ses_and_means_of_any_two_arms_are_held_to_each_other():
    ses = [(f"{arm} mean", 20.0, of(50, se=x)) for arm, x in zip("abc", (0.7, 1.5, 5), strict=True)]
    assert told(ses) == [("s0", "SD", [2, 4])]
    far = [(f"{arm} mean", x, of(50, sd=5.0)) for arm, x in zip("abc", (20, 35, 50), strict=True)]
    assert told(far) == [("s0", "SD", [2, 4])]


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        (3.0, 0.5, True),  # an interval of the median, or an SE
        (3.0, 2.0, False),
        (0.5, 0.4, False),
    ],
)
def test_quartiles_of_two_arms_are_held_to_each_other(first, second, asked):
    assert told(medians(first, second)) == [("s0", "SD", [2, 3, 4, 5, 6, 7])] * asked


def test_quartiles_of_low_medians_lie_near():
    low = [("a median", 1.0, of(60)), ("a q1", 0.0, {}), ("a q3", 2.0, {})]
    high = [("b median", 9.0, of(60)), ("b q1", 2.0, {}), ("b q3", 16.0, {})]
    assert told([*low, *high]) == []


FINAL = [pair(20.0, 22.0, sd=5.0), pair(21.0, 23.0, sd=5.2), pair(19.5, 22.1, sd=4.8)]


@pytest.mark.parametrize(
    ("odd", "rows"),
    [
        (pair(20.0, 22.0, **ends(15.0, 27.0)), [[32], [33]]),  # mean ± SD
        (pair(20.0, 22.0, **ends(19.7, 22.3)), []),
        (medians(0.7, 0.7), [[32, 33, 34], [35, 36, 37]]),  # an interval of the median
        (medians(14.0, 14.0), [[32, 33, 34], [35, 36, 37]]),  # minimum and maximum
        (medians(3.4, 3.2), []),
        (medians(1.5, 3.2), []),  # of one arm alone, which the other contradicts
        (medians(2.7, 2.7, n=200, names=("minimum", "maximum")), [[32, 33, 34], [35, 36, 37]]),
        (medians(12.0, 30.0, names=("minimum", "maximum")), []),
        (medians(0.07, 0.07, middles=(2.0, 2.2)), []),  # a scale of another length
    ],
)
def test_what_stands_for_an_sd_is_held_to_those_of_others(odd, rows):
    found = told(*FINAL, odd, units=())
    assert [f for f in found if f[1] == "SD"] == [("s3", "SD", of_it) for of_it in rows]


@pytest.mark.parametrize("units", [("o",), ()])
@pytest.mark.parametrize(
    ("odd", "asked"),
    [
        (pair(-3.0, -1.0, sd=0.66, **CHANGE), True),  # SE
        (pair(-3.0, -1.0, sd=26.0, **CHANGE), True),  # variance
        (pair(-2.1, 0.3, sd=0.66, **CHANGE), True),
        (pair(-3.0, -1.0, sd=4.4, **CHANGE), False),
        (pair(-0.3, -0.1, sd=0.5, **CHANGE), False),  # a scale of another length
        (pair(20.0, 22.0, sd=1.1), False),  # no change
    ],
)
def test_sds_of_changes_are_held_to_those_of_others(odd, asked, units):
    others = [pair(-3.2, -1.0, sd=s, **CHANGE) for s in (5.1, 5.6, 4.7)]
    found = told(*others, odd, units=units)
    assert [f for f in found if f[1] == "SD"] == [("s3", "SD", [r]) for r in (32, 33)] * asked


def test_where_nothing_changes_sds_alone_tell_in_one_unit():
    others = [pair(by, -by / 2, sd=s, **CHANGE) for by, s in ((0.2, 5.1), (-0.4, 5.6), (0.3, 4.7))]
    odd = pair(-0.3, 0.7, sd=0.66, **CHANGE)
    assert [s for s, *_ in told(*others, odd)] == ["s3", "s3"]
    assert told(*others, odd, units=()) == []


def scored(study, first, **more):
    """Two arms of a study of 50 each: mean and SD of either."""
    return tuple(
        read_row({"row": first + at, "outcome": "pain", "arm": arm, "statistic": "mean", "n": 50.0,
                  "value": mean, "sd": sd} | more)
        for at, (arm, (mean, sd)) in enumerate(zip("ab", study, strict=True))
    )  # fmt: skip


@pytest.mark.parametrize(
    ("study", "more", "said"),
    [
        (((-24, 50), (-10, 48)), {"measured": "change"}, "in another unit"),
        (((-2.6, 5), (-1.2, 4.8)), {"measured": "change"}, ""),
        (((-0.4, 4.4), (0.3, 6)), {"measured": "change"}, ""),
        (((2.9, 0.6), (3.3, 0.6)), {}, "a logarithm (natural)"),
        (((30, 18), (36, 21)), {}, ""),
    ],
)
def test_changes_in_another_unit_and_means_of_logarithms_are_asked_about(study, more, said):
    others = [((-2.4, 5), (-1, 5)), ((-2.1, 5), (-1.1, 4.4)), ((-1.8, 4.6), (-0.9, 5.2))]
    if not more:
        others = [((24, 15), (33, 20)), ((26, 16), (31, 19)), ((22, 15), (30, 21))]
    rows = {f"s{i}": scored(one, 2 + 2 * i, **more) for i, one in enumerate([*others, study])}
    found = list(unit_of_one_study(rows, ["pain"]))
    assert [name for name, _ in found] == (["s3"] if said else [])
    assert all(said in problem.message for _, problem in found)


UNIT = "unit of one study"


@pytest.mark.parametrize(
    ("odd", "asked"),
    [
        (pair(-24.0, -10.0, sd=49.0, **CHANGE), True),  # 0 to 100 beside 0 to 10
        (pair(-2.4, -1.0, sd=5.3, **CHANGE), False),
        (pair(-2.4, -1.0, sd=49.0, **CHANGE), False),  # no other unit, by the changes themselves
        (pair(-24.0, -10.0, sd=15.0, **CHANGE), False),
    ],
)
def test_changes_in_another_unit_are_asked_about(odd, asked):
    others = [pair(-2.4, -1.0, sd=5.0, **CHANGE), pair(-2.1, -1.1, sd=4.4, **CHANGE)]
    found = [f for f in told(*others, odd) if f[1] == UNIT]
    assert found == [("s2", UNIT, [22, 23])] * asked
    assert not [f for f in told(*others, odd, units=()) if f[1] == UNIT]


@pytest.mark.parametrize(
    ("odd", "asked"),
    [
        (pair(2.9, 3.3, sd=0.6), True),
        (pair(1.26, 1.43, sd=0.26), True),  # to the base of 10
        (pair(5.0, 6.0, sd=3.0), False),  # milder patients, whose SDs are smaller as well
        (pair(5.9, 6.3, sd=0.6), False),
        (pair(2.9, 3.3, sd=0.1), False),
    ],
)
def test_means_of_logarithms_are_asked_about(odd, asked):
    others = [pair(24.0, 33.0, sd=17.0), pair(24.5, 32.0, sd=18.0)]
    found = [f for f in told(*others, odd) if f[1] == UNIT]
    assert found == [("s2", UNIT, [22, 23])] * asked


@pytest.mark.parametrize(("odd", "asked"), [(730.0, 1), (2.1, 1), (60.0, 0), (9.0, 0)])
def test_medians_of_survival_in_another_unit_are_asked_about(odd, asked):
    studies = [[("a median", x, of(60))] for x in (24.0, 28.0, odd)]
    assert told(*studies, units=(), survival=("o",)) == [("s2", UNIT, [22])] * asked
    assert told(*studies, units=()) == []


@pytest.mark.parametrize(
    ("values", "more", "asked"),
    [
        ((2.4, 2.9, 2.0, 24.0), {}, True),
        ((2.4, 2.9, 2.0, 24.0), {"se": 24.0}, False),  # of one event
        ((2.4, 2.9, 2.0, 0.2), {}, True),
        ((2.4, 2.9, 2.0, 12.0), {}, False),
        ((1.0, 2.9, 5.0, 40.0), {}, False),  # populations that differ anyway
        ((2.4, 2.9, 24.0), {}, False),
    ],
)
def test_rates_of_another_person_time_are_asked_about(values, more, asked):
    studies = [[("a rate", x / 1000, of(100))] for x in values]
    name, value, cells = studies[-1][0]
    studies[-1] = [(name, value, cells | {k: x / 1000 for k, x in more.items()})]
    found = [f for f in told(*studies) if f[1] == UNIT]
    assert found == [("s3", UNIT, [32])] * asked


@pytest.mark.parametrize(("se", "asked"), [(5.2, True), (1.1, False), (2.1, False)])
def test_an_sd_typed_as_se_of_a_difference_is_asked_about(se, asked):
    found = told(*FINAL, [("a/b mean-difference", -2.0, of(80, se=se))])
    assert found == [("s3", "SD", [32])] * asked


@pytest.mark.parametrize(
    ("more", "asked"),
    [({"se": 9.0}, 1), (ends(9.0, 27.0), 1), ({"se": 0.9}, 0), (ends(15.0, 21.0), 0)],
)
def test_the_se_of_a_restricted_mean_is_that_of_times_within_it(more, asked):
    found = told([("a rmst", 18.0, at(24, 100, **more))], units=())
    assert found == [("s0", "SD", [2])] * asked


@pytest.mark.parametrize(("sd", "asked"), [(0.8, 1), (2.8, 0), (6.0, 0)])
def test_an_sd_is_at_least_what_its_extremes_make(sd, asked):
    cells = [("a mean", 12.0, of(100, sd=sd)), ("a minimum", 1.0, {}), ("a maximum", 40.0, {})]
    found = told([*cells], units=())
    assert [f[1] for f in found].count("SD against range") == asked


SE_LATER = {
    "SE": ({"se": 0.08}, {"se": 1.0}),
    "interval": (ends(7.34, 7.66), ends(6.5, 8.5)),
    "of a change": (CHANGE | {"se": 0.09}, CHANGE | {"se": 1.0}),
}


@pytest.mark.parametrize("name", SE_LATER)
def test_what_stands_for_an_sd_is_held_to_the_sds_at_other_times(name):
    """Both arms are off alike, so that neither tells of the other."""
    start = [(f"{arm} mean", x, at(0, 150, sd=0.9)) for arm, x in (("a", 8.5), ("b", 8.4))]
    for more, asked in zip(SE_LATER[name], (0, 2), strict=True):
        value = -1.0 if "measured" in more else 7.5
        later = [(f"{arm} mean", value, at(6, 150, **more)) for arm in "ab"]
        assert [f[1] for f in told(start + later)] == ["SD"] * asked


def test_those_who_entered_by_their_score_differ_more_later():
    start = [(f"{arm} mean", x, at(0, 15, sd=3.1)) for arm, x in (("a", 24.9), ("b", 24.1))]
    later = [(f"{arm} mean", x, at(6, 15, se=2.17)) for arm, x in (("a", 11.9), ("b", 12.4))]
    assert told(start + later) == []
    none = [(f"{arm} mean", 0.1, at(0, 50, sd=0.3)) for arm in "ab"]
    pain = [(f"{arm} mean", x, at(1, 50, se=0.35)) for arm, x in (("a", 4.0), ("b", 4.2))]
    assert told(none + pain) == []
    # Those of changes are others than those of values.
    lost = [(f"{arm} mean", x, CHANGE | at(3, 16, sd=4.0)) for arm, x in (("a", -5.1), ("b", -4.2))]
    weight = [(f"{arm} mean", x, at(6, 16, se=4.0)) for arm, x in (("a", 88.0), ("b", 91.0))]
    assert told(lost + weight) == []


@pytest.mark.parametrize(("over", "asked"), [((13.0, 121.0), True), ((60.0, 13.0), False)])
def test_means_and_sds_changed_over_are_asked_about(over, asked):
    def two(mean, sd):
        return [("a mean", mean, of(60, sd=sd)), ("b mean", mean + 1, of(60, sd=sd * 1.1))]

    found = told(two(121.0, 13.0), two(117.0, 15.0), two(119.0, 12.0), two(*over))
    assert found == [("s3", "SD", [32, 33])] * asked
