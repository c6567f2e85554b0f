"""What a report leaves open is asked, and nothing where the report tells."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from extraction.test_slips import table
from livingmeta.extraction.checks.contrasts import ratio_as_logarithm
from livingmeta.extraction.checks.differences import changes_among_values
from livingmeta.extraction.checks.one_study import unit_of_one_study
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check
from livingmeta.extraction.checks.sizes import percentage_error_against_n
from livingmeta.extraction.checks.spread_of_studies import difference_of_one_study, sds_of_studies
from livingmeta.extraction.checks.unsaid import (
    adjusted_counts,
    ratio_in_percent,
    se_of_what,
    spread_of_no_mean,
)
from livingmeta.extraction.rows import read_row

RATIO = {"row": 2, "outcome": "os", "arm": "a/b", "statistic": "hazard-ratio", "value": 0.5}
SE = {"row": 3, "outcome": "os", "arm": "b/a", "statistic": "se", "value": 0.2}
DEATHS = {"row": 4, "outcome": "os", "arm": "a", "statistic": "events", "value": 20}


def found(*records):
    return list(se_of_what(tuple(map(read_row, records))))


def test_an_se_that_may_be_of_the_ratio_is_asked_about():
    (beside,) = found(RATIO, SE)
    assert (beside.severity, beside.rows, beside.value) == ("warning", (2, 3), "0.2")
    assert "the statistic log-hazard-ratio with SE 0.4" in beside.expected
    (own,) = found({**RATIO, "se": 0.2})
    assert own.rows == (2,)
    assert found({**RATIO, "se": 0.2, "statistic": "odds-ratio"}, DEATHS)


@pytest.mark.parametrize(
    "told",
    [
        ({**RATIO, "se": 0.2, "ci_low": 0.3, "ci_high": 0.8},),
        ({**RATIO, "se": 0.2, "p_value": "0.02"},),
        ({**RATIO, "se": 0.2}, DEATHS),
        ({**RATIO, "se": 0.2, "value": 0.99},),
        ({**RATIO, "se": 0.2, "statistic": "log-hazard-ratio"},),
        ({**RATIO, "se": 0.2, "statistic": "mean-difference"},),
        (RATIO, {**SE, "arm": "a/c"}),
        (RATIO,),
    ],
)
def test_nobody_is_asked_what_is_told(told):
    assert found(*told) == []


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"statistic": "hazard-ratio", "value": 70, "ci_low": 50, "ci_high": 98}, True),
        ({"statistic": "odds-ratio", "value": 35}, True),
        ({"statistic": "odds-ratio", "value": 35, "ci_low": 4, "ci_high": 300}, False),
        ({"statistic": "risk-ratio", "value": 12, "ci_low": 9.5, "ci_high": 15}, False),
        ({"statistic": "mean-difference", "value": 70, "ci_low": 50, "ci_high": 98}, False),
    ],
)
def test_a_ratio_typed_in_percent_is_asked_about(cells, told):
    rows = (read_row({**RATIO, **cells}),)
    assert [p.expected for p in ratio_in_percent(rows)] == [f"{cells['value'] / 100:g}?"] * told


@pytest.mark.parametrize(
    ("statistic", "value", "low", "high", "told"),
    [
        ("effect", 0.60, 0.42, 0.86, True),
        ("log-hazard-ratio", 0.74, 0.55, 0.99, True),
        ("log-odds-ratio", 2.1, 1.3, 3.4, True),
        ("effect", 0.60, 0.24, 0.96, False),
        ("log-hazard-ratio", 0.51, 0.15, 0.87, False),
        ("effect", 0.40, 0.30, 0.50, False),  # too few digits to tell
        ("effect", -0.51, -0.87, -0.15, False),
        ("hazard-ratio", 0.60, 0.42, 0.86, False),
    ],
)
def test_a_ratio_typed_as_its_logarithm_is_asked_about(statistic, value, low, high, told):
    cells = {"statistic": statistic, "value": value, "ci_low": low, "ci_high": high}
    found = list(ratio_as_logarithm((read_row({**RATIO, **cells}),)))
    assert len(found) == told


@pytest.mark.parametrize(
    ("statistic", "arm", "told"),
    [
        ("mean", "a", False),
        ("proportion", "a", True),
        ("median", "a", True),
        ("mean-difference", "a/b", True),
    ],
)
def test_an_sd_that_nothing_uses_is_told(statistic, arm, told):
    row = {"row": 2, "outcome": "pain", "arm": arm, "statistic": statistic, "value": 0.4, "sd": 0.2}
    found = list(spread_of_no_mean((read_row(row),)))
    assert len(found) == told
    assert all("not used" in p.message and "column se" in p.expected for p in found)


@pytest.mark.parametrize(("se", "told"), [(0.086, 0), (0.09, 0), (0.005, 1), (0.86, 1)])
@pytest.mark.parametrize("own", [True, False])
def test_the_se_of_a_percentage_is_that_of_its_patients(se, told, own):
    row = {"row": 2, "outcome": "cure", "arm": "a", "statistic": "proportion", "value": 0.33}
    rows = [{**row, "n": 30, "se": se}] if own else [{**row, "n": 30}]
    rows += [] if own else [{**row, "row": 3, "statistic": "se", "value": se}]
    found = list(percentage_error_against_n(tuple(map(read_row, rows))))
    assert [p.rows for p in found] == [(2,) if own else (2, 3)] * told


def means(*levels, spread=0.2):
    """A study each with two arms' means about a level and SDs that go with it."""
    return {
        f"s{i}": tuple(
            read_row(
                {
                    "row": 10 * i + j,
                    "outcome": "pain",
                    "arm": arm,
                    "statistic": "mean",
                    "value": level * by,
                    "sd": level * spread,
                    "n": 40,
                }
            )
            for j, (arm, by) in enumerate((("a", 1.0), ("b", 1.1)))
        )
        for i, level in enumerate(levels)
    }


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ((10, 12, 0.1), ["s2"]),  # g/L for mg/dL
        ((3, 21, 4, 3.5), []),  # weeks and days, too near for one of all others at 6.5
        ((3, 28, 4, 3.5), ["s1"]),
        ((10, 0.1), ["s0", "s1"]),  # of two nobody can say which
        ((10, 2), []),
        ((10, 12, 0.1, 0.12), ["s0", "s1", "s2", "s3"]),  # two camps
        ((10, 0.1, 12, 9, 0.12, 15), ["s1", "s4"]),
        ((10, 2, 12, 9, 2.3, 15), []),  # near one another
        ((10, 35, 0.1, 0.12, 12), []),  # far apart within one
        ((10, 12, 15), []),
    ],
)
def test_a_study_in_another_unit_than_all_others_is_asked_about(levels, told):
    found = list(unit_of_one_study(means(*levels), ["pain"]))
    assert [study for study, _ in found] == told
    assert not list(unit_of_one_study(means(*levels), ["sleep"]))
    assert not list(unit_of_one_study(means(*levels), []))


def test_means_far_from_others_with_an_sd_as_theirs_are_of_no_other_unit():
    rows = means(10, 12) | {"s2": means(100, spread=0.02)["s0"]}
    assert not list(unit_of_one_study(rows, ["pain"]))
    rows |= {"s3": means(110, spread=0.02)["s0"]}
    assert not list(unit_of_one_study(rows, ["pain"]))


@pytest.mark.parametrize(("root", "told"), [(40**0.5, ["s2"] * 2), (3, []), (40, [])])
def test_ses_typed_as_sds_in_one_of_three_studies_are_asked_about(root, told):
    rows = means(10, 12, 11)
    rows["s2"] = tuple(replace(r, sd=r.sd / root) for r in rows["s2"])
    assert [study for study, _ in sds_of_studies(rows, [])] == told
    two = {name: rows[name] for name in ("s0", "s2")}
    assert [study for study, _ in sds_of_studies(two, [])] == told


@pytest.mark.parametrize(("by", "told"), [(1, ["s2"] * 2), (40**-0.5, []), (40**0.5, [])])
def test_sds_typed_as_ses_in_one_of_three_studies_are_asked_about(by, told):
    rows = means(10, 12, 11)
    rows["s2"] = tuple(replace(r, se=r.sd * by, sd=math.nan) for r in rows["s2"])
    found = list(sds_of_studies(rows, []))
    assert [study for study, _ in found] == told
    assert all("is it an SD?" in p.message for _, p in found)


def scores(*pairs, sd=7.0, **more):
    """A study each with the means of two arms of 40 and their SDs."""
    row = {"outcome": "pain", "statistic": "mean", "n": 40, "sd": sd}
    return {
        f"s{i}": tuple(
            read_row(
                {**row, "row": 10 * i + j, "arm": arm, "value": value, **more.get(f"s{i}", {})}
            )
            for j, (arm, value) in enumerate(zip("ab", pair, strict=True))
        )
        for i, pair in enumerate(pairs)
    }


CHANGES = {
    "both fell": ((-3.1, -1.0), {}, 1),
    "one rose a little": ((-3.1, 0.8), {}, 1),
    "about nought, above it": ((3.1, 1.0), {}, 1),
    "marked": ((-3.1, -1.0), {"measured": "change"}, 0),
    "the beginning": ((-3.1, -1.0), {"time": 0.0}, 0),
    "a milder illness": ((8.1, 9.0), {}, 0),
    "a milder illness with smaller SDs": ((2.1, 3.0), {"sd": 2.1}, 0),
    "like the others": ((19.0, 22.0), {}, 0),
}


@pytest.mark.parametrize(("odd", "more", "told"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("sign", [1, -1])
def test_changes_beside_final_values_are_asked_about(odd, more, told, sign):
    pairs = [tuple(sign * x for x in pair) for pair in ((20.3, 23.1), odd, (20.6, 23.6))]
    rows = scores(*pairs, s1=more)
    found = list(changes_among_values(rows, ["pain"]))
    assert [study for study, _ in found] == ["s1"] * told
    assert all(p.rows == (10, 11) and "changes since" in p.message for _, p in found)
    assert not list(changes_among_values(rows, []))
    # Of two studies only what lies beyond nought.
    two = changes_among_values({name: rows[name] for name in ("s0", "s1")}, ["pain"])
    assert len(list(two)) == (told and max(odd) < 0)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        (((-13.1, -6.0), (33.1, 36.2), (-14.2, -7.7), (34.4, 38.0)), ["s2", "s0"]),
        (((-13.1, -6.0), (33.1, 36.2), (-14.2, -7.7), (-12.0, -7.0)), ["s2", "s0", "s3"]),
        (((2.1, 3.0), (33.1, 36.2), (1.2, 2.2), (34.4, 38.0)), ["s2", "s0"]),
        (((-0.6, 0.4), (33.1, 36.2), (0.7, -0.3)), []),  # one of more, and no changes
        (((-5.6, -5.4), (3.1, 3.4), (-4.7, -4.3)), []),  # changes all, of which some are upwards
        (((13.1, 16.0), (33.1, 36.2), (14.2, 17.7), (34.4, 38.0)), []),
        (((-13.1, -6.0), (-14.2, -7.7), (-12.0, -7.0)), []),
    ],
)
def test_changes_of_two_studies_or_of_most_are_asked_about(pairs, told):
    found = changes_among_values(scores(*pairs), ["pain"])
    assert sorted(study for study, _ in found) == sorted(told)
    turned = scores(*(tuple(-x for x in pair) for pair in pairs))
    assert sorted(study for study, _ in changes_among_values(turned, ["pain"])) == sorted(told)


def test_where_the_others_lie_on_both_sides_of_nought_nobody_can_tell_changes():
    assert not list(changes_among_values(scores((20, 23), (-30, -28), (-21, -18)), ["pain"]))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ((50.4, 57.0), True),
        ((40.0, 75.0), True),
        ((17.0, 15.0), False),
        ((7.9, 6.8), False),
        ((50.4, 7.0), False),  # one arm, which the other contradicts
        ((160.0, 150.0), False),
    ],
)
def test_sds_about_the_square_of_those_of_the_others_are_variances(odd, told):
    others = ((20.3, 23.1), (20.6, 23.6), (21.0, 24.0))
    rows = scores(*others, (20.3, 24.1))
    rows["s3"] = tuple(replace(r, sd=sd) for r, sd in zip(rows["s3"], odd, strict=True))
    found = list(sds_of_studies(rows, []))
    assert {study for study, _ in found} == ({"s3"} if told else set())
    assert all("is it a variance?" in p.message for _, p in found)


@pytest.mark.parametrize(
    ("odd", "n", "asked"),
    [
        ((3.6, 3.8), 60, "is it half of an interval of 95%?"),  # 118 ± 3.6
        ((1.9, 2.1), 200, "is it half of an interval of 95%?"),
        ((1.0, 1.0), 200, "is it an SE?"),
        ((5.9, 6.1), 60, ""),  # alike patients
        ((0.2, 0.2), 200, ""),  # of neither
    ],
)
def test_half_of_an_interval_is_no_sd(odd, n, asked):
    """SDs of 13 to 15 in four other studies."""
    at = {"n": n}
    rows = scores(*[(118.0 + i, 112.0) for i in range(5)], **{f"s{i}": at for i in range(5)})
    sds = [(14.0, 15.0), (13.0, 14.0), (15.0, 14.0), (14.5, 13.8), odd]
    rows = {
        name: tuple(replace(r, sd=sd) for r, sd in zip(mine, of, strict=True))
        for (name, mine), of in zip(rows.items(), sds, strict=True)
    }
    found = [(study, p.message) for study, p in sds_of_studies(rows, ["pain"])]
    assert [study for study, _ in found] == ["s4"] * 2 * bool(asked)
    assert all(asked in message for _, message in found)


def differences(*printed, n=120.0):
    """A study each with a printed difference and its SE."""
    cells = {"outcome": "pain", "arm": "a/b", "statistic": "mean-difference"}
    return {
        f"s{i}": (read_row({**cells, "row": i + 2, "value": value, "se": se, "n": n}),)
        for i, (value, se) in enumerate(printed)
    }


@pytest.mark.parametrize(
    ("printed", "told", "without_n"),
    [
        (((-0.9, 0.2), (-1.1, 0.25), (-0.009, 0.002)), ["s2"], ["s2"]),  # a share for percent
        (((-0.9, 0.2), (-1.1, 0.25), (-10.0, 2.2)), ["s2"], ["s2"]),  # mmol/mol for percent
        (((-0.9, 0.2), (-1.1, 0.25), (-0.009, 0.15)), [], []),  # a small effect
        (((-0.9, 0.2), (-1.1, 0.25), (-0.9, 2.0)), ["s2"], []),  # an SD typed as SE, perhaps
        (((-0.9, 0.2), (-1.1, 0.25), (-4.0, 1.2)), [], []),
        (((-0.9, 0.2), (-0.009, 0.002)), ["s0", "s1"], []),  # of two nobody can say which
        (((-0.9, 0.2), (-1.1, 0.25), (-0.009, 0.002), (-0.01, 0.003)), [], []),  # two camps
    ],
)
def test_a_printed_difference_in_another_unit_is_asked_about(printed, told, without_n):
    assert [s for s, _ in difference_of_one_study(differences(*printed), ["pain"], {})] == told
    assert not list(difference_of_one_study(differences(*printed), ["sleep"], {}))
    bare = differences(*printed, n=math.nan)
    assert [s for s, _ in difference_of_one_study(bare, ["pain"], {})] == without_n
    patients = dict.fromkeys(bare, 120.0)  # of studies.csv
    assert [s for s, _ in difference_of_one_study(bare, ["pain"], patients)] == told


def test_a_printed_difference_is_held_to_the_sds_of_others():
    of_means = {f"m{name}": mine for name, mine in means(10, 12).items()}  # SDs about 2
    for se, told in ((2.2 / 30**0.5, []), (0.022 / 30**0.5, ["s0"])):
        rows = differences((-0.5, se)) | of_means
        found = list(difference_of_one_study(rows, ["pain"], {}))
        assert [study for study, _ in found] == told
        assert all("100 times as small as" in p.message for _, p in found)


def test_a_difference_within_patients_is_held_to_the_sds_of_others_from_afar():
    of_means = {f"m{name}": mine for name, mine in means(10, 12).items()}  # SDs about 2
    for se, told in ((0.08, []), (0.08 / 20, ["s0"]), (80.0, ["s0"])):
        rows = differences((-0.2, se), n=22.0) | of_means
        found = difference_of_one_study(rows, ["pain"], {}, ["s0"])
        assert [study for study, _ in found] == told
    # Of several each is held to the rest.
    rows = differences((-0.2, 0.08), (-0.3, 0.1), (-0.2, 0.002), n=22.0)
    found = difference_of_one_study(rows, ["pain"], {}, ["s0", "s1", "s2"])
    assert [study for study, _ in found] == ["s2"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"statistic": "events", "adjusted": "multivariable"}, "a count adjusted by a model"),
        ({"statistic": "events", "adjusted": "matched"}, ""),
        ({"statistic": "survival", "adjusted": "multivariable"}, ""),
        ({"statistic": "odds-ratio", "arm": "a/b", "adjusted": "multivariable"}, ""),
        ({"statistic": "events", "clusters": "adjusted"}, "clusters in no error"),
        ({"statistic": "mean", "sd": 4, "clusters": "adjusted"}, "clusters in no error"),
        ({"statistic": "mean", "se": 0.4, "clusters": "adjusted"}, ""),
    ],
)
def test_no_model_adjusts_a_count_and_no_count_accounts_for_clusters(cells, told):
    base = {"row": 2, "outcome": "o", "arm": "a", "value": 20.0, "n": 50.0}
    row = read_row(base | cells)
    found = list(adjusted_counts((row,)))
    assert [one.check for one in found] == ([told] if told else [])
    assert row.adjusted == ("" if "by a model" in told else cells.get("adjusted", ""))


@pytest.mark.parametrize(
    ("status", "notes"), [("excluded", ["2 printed numbers"]), ("awaiting", [])]
)
def test_numbers_of_an_excluded_study_are_noted_once(status, notes):
    rows = table(("a events", 10, {"n": 50}), ("b events", 20, {"n": 50}))
    studies = pd.DataFrame([{"study_id": "s", "status": status}])
    found = [p for _, p in each(check(rows, studies)) if p.check == "excluded study"]
    assert [p.value for p in found] == notes
    assert all(p.severity == "note" for p in found)
