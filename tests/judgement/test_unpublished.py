"""Registered trials that ended without a report, and what is told of them for ROB-ME."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.judgement import rob_me, unpublished
from livingmeta.plan import Synthesis

GIVEN = {"title": "T", "outcome": "fever", "measure": "OR", "arms": ["a", "b"]}
LABELS = {"fever": "Fever"}
N = "NCT97000031"


def trial(**said):
    blank = dict.fromkeys(tables.columns("screening/trials"), "")
    here = {"number": N, "state": "included", "ongoing": True, "outcomes": "Fever at one week"}
    return blank | here | {"status": "COMPLETED", "completed": "2022-03"} | said


def asked():
    return {"fever-or": SYNTHESIS}


SYNTHESIS = Synthesis.of(GIVEN)


def found(searched=("2021-01-01", "2024-06-01"), **said):
    table = pd.DataFrame([trial(**said)])
    told = unpublished.of(table, searched, asked(), LABELS)
    assert all(one[:2] == ("fever-or", N) for one in told)
    return [state for *_, state in told]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, unpublished.NAMED),
        ({"outcomes": "Sleep"}, unpublished.UNKNOWN),
        ({"outcomes": "Sleep", "other_outcomes": "Pain | fever, day 7"}, unpublished.NAMED),
        ({"outcomes": ""}, unpublished.UNKNOWN),
        ({"results": "yes"}, unpublished.IN_REGISTER),
        ({"results": "2023-01-02"}, unpublished.IN_REGISTER),
        ({"results": "No Results Available"}, unpublished.NAMED),
        ({"completed": "2023-06"}, None),  # a year before June 2024, and not more
        ({"completed": "May 2023"}, unpublished.NAMED),
        ({"completed": "2023"}, None),  # it may have been in December
        ({"completed": ""}, None),
        ({"completed": "2024-05", "status": "Terminated"}, unpublished.NAMED),
        ({"status": "WITHDRAWN"}, None),
        ({"status": "UNKNOWN"}, unpublished.NAMED),
        ({"ongoing": False}, None),  # a report is known, or the entry is out
        ({"state": "undecided"}, None),
    ],
)
def test_who_ended_and_has_no_report(said, state):
    assert found(**said) == ([state] if state else [])


def test_the_last_search_is_the_day_that_counts():
    assert found(searched=["2022-06-01"]) == []
    assert found(searched=[]) == []
    assert found(searched=[], status="TERMINATED") == [unpublished.NAMED]


def test_such_a_trial_stands_in_the_matrix_and_a_person_judges_it(tmp_path):
    effects = pd.DataFrame({"synthesis": ["fever-or"], "study_id": ["a"]})
    unusable = pd.DataFrame(columns=["synthesis", "study_id", "reason"], dtype=str)
    printed = pd.DataFrame({"outcome": ["fever"], "study_id": ["a"]})
    path = tmp_path / "rob_me.csv"
    path.write_text(
        "synthesis,study_id,outcome,state,reason,assessor\n"
        f"fever-or,{N},,measured but missing,the sponsor says so,kim\n"
    )
    told = unpublished.of(pd.DataFrame([trial()]), ["2024-06-01"], asked(), LABELS)
    table = rob_me.matrix(effects, unusable, printed, asked(), path, told)
    tables.write(table, tmp_path / "out.csv", "judgement/rob_me")
    said = {row["study_id"]: (row["found"], row["state"]) for row in table.to_dict("records")}
    assert said == {
        "a": ("reported", ""),
        N: (unpublished.NAMED, "measured but missing"),
    }
    untold = rob_me.matrix(effects, unusable, printed, asked(), None, told)
    assert untold["state"].tolist() == ["", ""]
