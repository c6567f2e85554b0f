"""Checks of a whole study: time zero of the arms, patients and lesions, progression and death."""

import pandas as pd
import pytest

from extraction.test_slips import table as with_cells
from livingmeta.extraction.checks import twins
from livingmeta.extraction.checks.problem import each
from livingmeta.extraction.checks.run import check


def rows(*lines):
    """Rows of outcomes.csv: (outcome, arm, time, statistic, value, n, note)."""
    columns = ["outcome", "arm", "time", "statistic", "value", "n", "note"]
    table = pd.DataFrame(lines, columns=columns)
    return table.assign(study_id="ahn", row=range(2, len(table) + 2), ci_level=95.0)


def found(table, **about):
    problems = check(table, pd.DataFrame([{"study_id": "ahn", **about}]))
    return [(p.severity, p.check, list(p.rows)) for _, p in each(problems)]


BOTH = rows(
    ("survival", "drug", 12.0, "survival", 0.7, 40, ""),
    ("survival", "none", 12.0, "survival", 0.6, 40, ""),
)
ONE = rows(("survival", "drug", 12.0, "survival", 0.7, 40, ""))
CONTRAST = rows(("survival", "drug/none", None, "hazard-ratio", 0.8, 80, ""))
FEVER = rows(
    ("fever", "drug", None, "events", 8.0, 40, ""), ("fever", "none", None, "events", 9.0, 40, "")
)


@pytest.mark.parametrize(
    ("table", "about", "expected"),
    [
        (BOTH, {"time_zero_drug": "first dose", "time_zero_none": "Diagnosis"}, "warning"),
        (BOTH, {"time_zero_drug": "First dose", "time_zero_none": "first  dose"}, None),
        (BOTH, {"time_zero_drug": "first dose", "time_zero_none": ""}, "note"),
        (BOTH, {"time_zero_drug": "", "time_zero_none": float("nan")}, "note"),
        (CONTRAST, {"time_zero_drug": "first dose", "time_zero_none": "diagnosis"}, "warning"),
        (ONE, {"time_zero_drug": "first dose", "time_zero_none": ""}, None),
        (FEVER, {"time_zero_drug": "first dose", "time_zero_none": ""}, None),
        (BOTH, {}, None),
    ],
)
def test_arms_are_counted_from_the_same_time_or_it_is_said(table, about, expected):
    told = [p for p in found(table, n=80, **about) if p[1] == "time zero"]
    assert [severity for severity, _, _ in told] == ([expected] if expected else [])


def test_every_row_of_the_comparison_is_named():
    assert found(BOTH, n=80, time_zero_drug="a", time_zero_none="b") == [
        ("warning", "time zero", [2, 3])
    ]


@pytest.mark.parametrize(
    ("outcome", "statistic", "note", "severity"),
    [
        ("response", "proportion", "of 62 lesions, not patients", "warning"),
        ("local-control", "survival", "per lesion", "warning"),
        ("drain-per-procedure", "events", "", "warning"),
        ("response", "proportion", "", "warning"),
        ("survival", "survival", "", "error"),
        ("survival", "survival", "patients with up to five lesions", "error"),
    ],
)
def test_more_than_all_patients_is_an_error_unless_something_else_is_counted(
    outcome, statistic, note, severity
):
    table = rows((outcome, "drug", 12.0, statistic, 0.5, 62, note))
    assert found(table, n=40) == [(severity, "patients", [2])]


def test_lesions_beside_patients_are_no_change_of_arm_size():
    table = rows(
        ("response", "drug", None, "proportion", 0.5, 300, "of 300 lesions, not patients"),
        ("response", "drug", None, "proportion", 0.5, 40, ""),
    )
    assert found(table, n=400) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"part": "women"}, []),
        ({"adjusted": "matched"}, []),
        ({"adjusted": "weighted"}, []),
        ({}, [("warning", "patients", [3, 2])]),
        ({"adjusted": "multivariable"}, [("warning", "patients", [3, 2])]),
    ],
)
def test_patients_of_a_part_or_the_matched_are_fewer_than_all(more, told):
    cells = [("a events", 50, {"n": 500, "time": 12.0}), ("a events", 5, {"n": 60} | more)]
    whole = with_cells(*cells, study="ahn")
    assert [x for x in found(whole) if x[1] == "patients"] == told


def test_patients_of_one_part_are_of_one_number():
    cells = [
        ("a events", n / 10, {"n": n, "part": "women", "time": t})
        for n, t in ((60, 6.0), (600, 12.0))
    ]
    assert ("warning", "patients", [2, 3]) in found(with_cells(*cells, study="ahn"))


@pytest.mark.parametrize(("note", "severity"), [("", "error"), ("of 80 lesions", "warning")])
def test_progression_after_death_is_possible_for_lesions_only(note, severity):
    table = rows(
        ("overall-survival", "drug", 12.0, "survival", 0.5, 40, ""),
        ("progression-free-survival", "drug", 12.0, "survival", 0.8, 40, note),
    )
    assert found(table, n=40) == [(severity, "progression after death", [2, 3])]


@pytest.mark.parametrize(
    ("ratio", "adjusted", "expected"),
    [
        (0.042, "multivariable", ["warning"]),
        (0.25, "multivariable", []),
        (0.42, "no", []),
        (0.042, "no", ["warning"]),
    ],
)
def test_a_hazard_ratio_ten_times_off_its_medians_is_raised_adjusted_or_not(
    ratio, adjusted, expected
):
    """As printed by Kow 2012: medians of 33 and 14 months beside a hazard ratio of 0.042."""
    table = rows(
        ("survival", "drug", None, "median", 33.0, 13, ""),
        ("survival", "none", None, "median", 14.0, 23, ""),
        ("survival", "drug/none", None, "hazard-ratio", ratio, 36, ""),
    ).assign(adjusted=["no", "no", adjusted])
    told = [p for p in found(table, n=36) if p[1] == "hazard ratio against arms"]
    assert [severity for severity, _, _ in told] == expected


def test_lesions_and_patients_above_all_are_told_apart():
    table = rows(
        ("survival", "drug", 12.0, "survival", 0.7, 60, "per lesion"),
        ("fever", "drug", None, "events", 8.0, 55, ""),
    )
    told = [p for p in found(table, n=40) if p[1] == "patients"]
    assert sorted(row for _, _, row in told) == [[2], [3]]


def test_each_printed_row_that_clashes_has_a_row_and_they_share_an_id():
    table = rows(
        ("survival", "drug", 12.0, "survival", 0.7, 40, ""),
        ("survival", "drug", 24.0, "survival", 0.9, 40, ""),
        ("survival", "none", 12.0, "survival", 0.6, 40, ""),
        ("survival", "none", 24.0, "survival", 0.8, 40, ""),
    )
    raised = check(table, pd.DataFrame([{"study_id": "ahn", "n": 80}]))
    raised = raised[raised["message"].str.contains("survival")]
    clashing = raised.groupby("problem_id", sort=False)["row"].agg(list)
    assert clashing.tolist() == [[3, 2], [5, 4]] or clashing.tolist() == [[2, 3], [4, 5]]
    first, second = clashing.index
    assert first.rpartition("/")[0] == second.rpartition("/")[0]
    assert [list(p.rows) for _, p in each(raised)] == clashing.tolist()


def trial(study, first_row, *events, n=40):
    """Events of two arms, of a trial of its own."""
    cells = {"study_id": study, "outcome": "fever", "statistic": "events", "n": n}
    return [
        cells | {"arm": arm, "value": float(count), "row": first_row + at}
        for at, (arm, count) in enumerate(zip(("drug", "none"), events, strict=True))
    ]


@pytest.mark.parametrize(
    ("other", "reports", "twice"),
    [
        (trial("b", 9, 8, 17), "pmid:2", True),
        (trial("b", 9, 8, 16), "pmid:2", False),
        (trial("b", 9, 8, 17, n=41), "pmid:2", False),
        # Few digits agree by chance, but not those of one report.
        (trial("b", 9, 1, 3, n=20), "pmid:2", False),
        (trial("b", 9, 5, 10, n=50), "pmid:2", False),
        (trial("b", 9, 8, 17)[:1], "pmid:2", False),
        (trial("b", 9, 8, 17)[:1], "pmid:1 pmid:3", True),
    ],
)
def test_one_study_under_two_names_is_raised_once(other, reports, twice):
    printed = pd.DataFrame(trial("a", 2, 8, 17) + trial("c", 5, 3, 9) + other)
    about = pd.DataFrame({"study_id": ["a", "b"], "records": ["pmid:1", reports]})
    raised = [one for one in each(check(printed, about)) if one[1].check == "one study twice"]
    assert [study for study, _ in raised] == ["b"] * twice
    if twice:
        _, problem = raised[0]
        assert "as the study a: one study twice?" in problem.message
        assert list(problem.rows) == sorted([2, 9] if len(other) == 1 else [2, 3, 9, 10])


def test_two_comparisons_of_one_trial_that_share_an_arm_are_no_study_twice():
    """As docs/extracting.md has a trial of two doses: each with its own arm and the control."""
    rows = [{**one, "arm": "high"} if one["arm"] == "drug" else one for one in trial("b", 9, 8, 17)]
    printed = pd.DataFrame(trial("a", 2, 8, 17) + rows)
    about = pd.DataFrame({"study_id": ["a", "b"], "records": "pmid:1", "trial": ["x", "x"]})

    def raised(about):
        return [one for one in each(check(printed, about)) if one[1].check == "one study twice"]

    assert not raised(about)
    assert raised(about.drop(columns="trial"))


@pytest.mark.parametrize(("value", "dead", "turned"), [(0.05, 10, False), (-0.1, 15, True)])
def test_a_risk_difference_against_the_counts_of_its_arms(value, dead, turned):
    table = rows(
        ("response", "local", None, "events", dead, 50, ""),
        ("response", "control", None, "events", 10, 50, ""),
        ("response", "local/control", None, "risk-difference", value, None, ""),
    )
    severity = "warning" if turned else "error"
    assert (severity, "ratio against arms", [4, 2, 3]) in found(table)


def test_every_pair_of_studies_of_one_report_is_told_of():
    reports = {"a": {"x"}, "b": {"x", "y"}, "c": {"y"}, "d": {"z"}}
    pairs = [
        (study, problem.message.partition("the study ")[2][:1])
        for study, problem in twins.one_report(reports, {}, set())
    ]
    assert pairs == [("b", "a"), ("c", "b")]
    both = {"a": {"x", "y"}, "b": {"x", "y"}}
    assert len(list(twins.one_report(both, {}, set()))) == 1
    assert not list(twins.one_report(both, {}, {("a", "b")}))
