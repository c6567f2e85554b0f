"""What INSPECT-SR is told: notices, days of registration, contradictions, and when nothing."""

import ast

import pandas as pd
import pytest
import yaml

from livingmeta import tables
from livingmeta.judgement import inspect_sr
from livingmeta.words import inspect_sr as words
from running import ROOT

CHECKS = ROOT / "workflow/scripts/livingmeta/extraction/checks"


def study(name="a", **more):
    head = {"study_id": name, "label": name, "status": "included", "year": 2015, "report_flag": ""}
    head |= {"design": "randomised", "enrolled_from": "", "flag_kept": "", "registration": ""}
    head |= {"n": float("nan"), "records": ""}
    return head | more


def trial(registered, started="", number="NCT90000001", studies="a"):
    row = dict.fromkeys(tables.columns("screening/trials"), "")
    return row | {
        "number": number,
        "registered": registered,
        "started": started,
        "studies": studies,
        "ongoing": False,
    }


def found(studies, trials=(), problems=(), outcomes=(), used=()):
    table = inspect_sr.found(
        pd.DataFrame(list(studies)),
        pd.DataFrame(list(problems), columns=tables.columns("extraction/problems")),
        pd.DataFrame(list(outcomes), columns=["row", "time", "statistic", "study_id", "outcome"]),
        pd.DataFrame(list(trials), columns=tables.columns("screening/trials")),
        pd.Series(list(used), dtype=object),
        {"os": "Overall survival", "fever": "Fever"},
    )
    return [(r["check"], r["found"], r["source"]) for r in table.to_dict("records")]


@pytest.mark.parametrize(
    ("registered", "printed", "started", "late"),
    [
        ("2012-05-02", "2012-03", "", True),
        ("2012-05-02", "March 2012", "", True),
        ("2012-05-02", "2012-05", "", False),  # the same month: within days
        ("2012-05-02", "2012-06", "2012-01", False),  # the report counts before the register
        ("2012-05-02", "", "2012-01-15", True),
        ("2012-05-02", "2012", "", False),  # the year alone leaves it open
        ("20120502", "2011", "", True),
        ("03/04/2012", "2012-02", "", False),  # March or April, or any month: nothing is claimed
        ("03/04/2012", "Dec 2011", "", True),
        ("", "2012-03", "2012-03", False),
        ("2012-05-02", "", "", False),
    ],
)
def test_registration_is_late_only_where_the_months_leave_no_doubt(
    registered, printed, started, late
):
    here = [study(enrolled_from=printed, registration="NCT90000001")]
    expected = [("2.2", words.LATE, "NCT90000001")] if late else []
    assert found(here, [trial(registered, started)]) == expected


def test_of_two_registers_the_first_counts():
    here = [study(enrolled_from="2012-03", registration="NCT90000001 ISRCTN97000001")]
    both = [trial("2013-01-01"), trial("2012-02-01", number="ISRCTN97000001")]
    assert found(here, both) == []
    late = [("2.2", words.LATE, "NCT90000001")]
    assert found([here[0] | {"registration": "NCT90000001"}], both[:1]) == late
    # Of one of them no day is known: it may be the first.
    assert found(here, both[:1]) == []
    assert found(here, [both[0], trial("", number="ISRCTN97000001")]) == []
    assert found(here, [both[0], trial("2012-06-01", number="ISRCTN97000001")]) == [
        ("2.2", words.LATE, "ISRCTN97000001")
    ]


def test_the_latest_start_that_a_register_names_decides_where_the_report_says_none():
    two = [trial("2012-05", "2012-01"), trial("2012-07", "2012-06", number="ISRCTN97000001")]
    assert found([study()], two) == []
    assert found([study()], [two[0], two[1] | {"started": "2012-02"}]) == [
        ("2.2", words.LATE, "NCT90000001")
    ]


@pytest.mark.parametrize(
    ("cells", "entries", "told"),
    [
        ({"registration": "none"}, [], True),
        ({"registration": "not reported"}, [], True),
        ({"registration": "NCT90000001"}, [], False),
        ({"registration": "JapicCTI-1"}, [], False),
        ({}, [trial("")], False),  # the register's entry is linked, though the cell is empty
        ({"enrolled_from": "May 2005"}, [], False),
        ({"enrolled_from": "July 2005"}, [], True),
        ({"enrolled_from": "2005"}, [], False),
        ({"year": 2005}, [], False),
        ({"year": float("nan")}, [], False),
        ({"year": None}, [], False),
    ],
)
def test_no_registration_is_said_where_there_is_none(cells, entries, told):
    here = [study(**cells), study("b", registration="NCT90000002", design="cohort")]
    assert found(here, entries) == [("2.2", words.NONE, "")] * told


def test_an_enrolment_that_nobody_knows_is_said_to_be_unknown():
    row = {"found": words.NONE, "expected": ""}
    assert words.said(row).endswith("first enrolment not known")
    assert words.said(row | {"expected": "March 2012"}).endswith("first enrolment March 2012")


def test_registration_is_asked_of_randomised_trials_alone():
    rows = [
        study(design="cohort", enrolled_from="2012-03"),
        study("b", registration="NCT90000002"),
        study("old", year=2003),
        study("new"),
    ]
    assert found(rows, [trial("2014-01-01")]) == [("2.2", words.NONE, "")]
    # Where nobody has filled the column, nobody has looked.
    assert found([study("new")]) == []


@pytest.mark.parametrize(
    ("enrolment", "n", "studies", "differs"),
    [
        ("80", 78, "a", True),
        ("1,080", 80, "a", True),
        ("80", 80, "a", False),
        ("1,080", 1080, "a", False),
        ("80", 78, "a b", False),  # two studies of one trial: neither is all of it
        ("80 to 90", 78, "a", False),  # no number by itself: nothing is claimed
        ("", 78, "a", False),
        ("80", float("nan"), "a", False),
    ],
)
def test_patients_against_those_registered(enrolment, n, studies, differs):
    one = found([study(n=n)], [trial("", studies=studies) | {"enrolment": enrolment}])
    assert one == [("2.3", words.OTHER_N, "NCT90000001")] * differs


@pytest.mark.parametrize(
    ("outcomes", "printed", "missed"),
    [
        ("Overall survival, from randomisation, 2 years", ["os"], ""),
        ("OVERALL SURVIVAL | Quality of life | fever", ["fever", "os"], "Quality of life"),
        ("Survival | Feverish", ["fever", "os"], "Survival | Feverish"),  # who knows? a person
        ("Overall survival", [], ""),  # nobody has extracted yet
        ("", ["os"], ""),
        (" | ", ["os"], ""),
    ],
)
def test_registered_primary_outcomes_of_which_there_is_no_number(outcomes, printed, missed):
    table = inspect_sr.found(
        pd.DataFrame([study(design="single-arm")]),
        tables.empty("extraction/problems"),
        pd.DataFrame(
            [(i, 12, "n", "a", name) for i, name in enumerate(printed)],
            columns=["row", "time", "statistic", "study_id", "outcome"],
        ),
        pd.DataFrame([trial("") | {"outcomes": outcomes}]),
        pd.Series(dtype=object),
        {"os": "Overall survival", "fever": "Fever"},
    )
    assert table["expected"].tolist() == [missed] * bool(missed)
    for row in table.to_dict("records"):
        assert (row["check"], row["found"]) == ("2.3", words.NO_NUMBER)
        assert f"registered as “{missed}”; there are numbers on Fever; Overall" in words.said(row)


@pytest.mark.parametrize(
    ("first", "others", "printed", "told"),
    [
        ("Overall survival", "Fever at one week | Sleep", ["os"], [words.NO_SECOND]),
        ("Overall survival", "Fever at one week | Sleep", ["os", "fever"], []),
        ("Overall survival", "Sleep | Temperature", ["os"], []),  # the review asks for neither
        ("Overall survival", "Fever at one week", [], []),  # nobody has extracted yet
        ("Overall survival", "Sleep", ["os", "fever"], [words.NOT_REGISTERED]),
        ("Overall survival", "", ["os", "fever"], []),  # an export without secondary outcomes
        ("", "Sleep", ["os"], []),
    ],
)
def test_secondary_outcomes_of_the_register_against_the_numbers(first, others, printed, told):
    table = inspect_sr.found(
        pd.DataFrame([study(design="single-arm")]),
        tables.empty("extraction/problems"),
        pd.DataFrame(
            [(i, 12, "n", "a", name) for i, name in enumerate(printed)],
            columns=["row", "time", "statistic", "study_id", "outcome"],
        ),
        pd.DataFrame([trial("") | {"outcomes": first, "other_outcomes": others}]),
        pd.Series(dtype=object),
        {"os": "Overall survival", "fever": "Fever"},
    )
    assert table["found"].tolist() == told
    assert set(table["check"]) <= {"2.3"}
    assert set(table["value"]) <= {"Fever"}
    for row in table.to_dict("records"):
        assert "Fever" in words.said(row)
        assert row["expected"] in words.said(row)
        waits = row["found"] in words.AGAINST_REGISTER
        assert waits == (row["found"] == words.NO_SECOND)


def test_notices_with_the_answer_of_a_person():
    table = inspect_sr.found(
        pd.DataFrame([study(report_flag="retracted concern", flag_kept="data seen")]),
        tables.empty("extraction/problems"),
        tables.empty("extraction/outcomes"),
        tables.empty("screening/trials"),
        pd.Series(dtype=object),
        {},
    )
    assert table["check"].tolist() == ["1.1", "1.2"]
    said = [words.said(row) for row in table.to_dict("records")]
    assert said[0] == "a report is retracted; kept: data seen"
    assert "expression of concern" in said[1]


def test_every_notice_that_a_source_told_is_found():
    told = [
        ("doi:10.1000/1", "corrected", "pmid:9"),
        ("pmid:1", "concern", ""),
        ("DOI: 10.1000/1", "retracted", ""),
        ("doi:10.1000/2", "corrected", ""),
        ("doi:10.1000/3", "corrected", ""),
    ]
    states = pd.DataFrame(told, columns=["report", "state", "notice"]).assign(source="PubMed")
    record_of = {"pmid:1": ["doi:10.1000/1"]} | {
        f"doi:10.1000/{n}": [f"doi:10.1000/{n}"] for n in "12"
    }
    table = inspect_sr.found(
        pd.DataFrame([study(report_flag="retracted", records="doi:10.1000/1")]),
        tables.empty("extraction/problems"),
        tables.empty("extraction/outcomes"),
        tables.empty("screening/trials"),
        pd.Series(dtype=object),
        {},
        inspect_sr.notices_of(states, record_of),
    )
    assert table[["check", "found", "source"]].to_numpy().tolist() == [
        ["1.1", "retracted", ""],
        ["1.2", "corrected", "pmid:9"],
        ["1.2", "concern", "PubMed"],
    ]
    assert words.said(table.loc[1]) == "a report was corrected (pmid:9)"


def problem(check, row, study_id="a", severity="error"):
    head = {"problem_id": f"{study_id}/{check}/1", "severity": severity, "study_id": study_id}
    return head | {"row": row, "check": check, "message": "m", "value": "1", "expected": "2"}


def test_contradictions_stand_beside_the_check_that_asks_for_them():
    rows = [(2, 0, "mean"), (3, 12, "mean"), (4, 0, "at-risk")]
    outcomes = [(*row, "a", "fever") for row in rows]
    raised = {
        ("SD", 3, "warning"): "4.7",
        ("SD", 2, "warning"): "4.3",
        ("patients", 3, "error"): "4.6",
        ("percentage of n", 3, "warning"): "4.8",
        ("p against counts", 3, "error"): "4.9",
        ("events fall", 3, "error"): "4.10",
        ("survival at 0", 4, "error"): "4.10",
        ("calendar", pd.NA, "warning"): "2.4",
        ("one study twice", 3, "warning"): "3.1",
        ("p against counts", 3, "note"): None,
        ("design", pd.NA, "warning"): None,
    }
    for (check, row, severity), number in raised.items():
        one = found([study()], problems=[problem(check, row, severity=severity)], outcomes=outcomes)
        assert [n for n, *_ in one] == [number] * bool(number), check


def test_studies_that_do_not_count_are_left_out():
    out = [study(status="excluded", report_flag="retracted")]
    assert found(out) == []
    assert found(out, used=["a"]) == [("1.1", "retracted", "")]


def test_the_file_names_checks_that_there_are_and_every_check_of_the_tool():
    trees = [ast.parse(path.read_text()) for path in CHECKS.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    known = {node.value for node in nodes if isinstance(node, ast.Constant)}
    known |= {*words.AGAINST_REGISTER, words.NOT_REGISTERED}
    known |= {words.AS_POSTED, words.NOT_COMPARED}
    known |= {
        "SD of 0",
        "SE of 0",
        "retracted",
        "withdrawn",
        "concern",
        "corrected",
        words.LATE,
        words.NONE,
    }
    named = [name for check in words.CHECKS for name in check.found]
    assert len(named) == len(set(named))
    assert set(named) | words.OF_EXTRACTION <= known
    numbers = [check.number for check in words.CHECKS]
    assert len(numbers) == 21
    of_domain = [sum(check.domain == domain for check in words.CHECKS) for domain in words.DOMAINS]
    assert of_domain == [3, 5, 2, 11]
    said = yaml.safe_load((ROOT / "workflow/schemas/inspect_sr.yaml").read_text())
    assert list(said["checks"]) == numbers
    assert "figures altered or used twice" in words.left_to_people()["Text and figures"]
