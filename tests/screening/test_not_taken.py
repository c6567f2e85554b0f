"""Exports of other programs with decisions that no table of decisions holds are told."""

import csv

import pandas as pd
import pytest

from livingmeta.screening import decisions
from livingmeta.screening.readers import export, programs

RECORDS = pd.DataFrame(
    {
        "record_id": [f"doi:10.1000/{i}" for i in range(3)],
        "identifiers": [f"doi:10.1000/{i}" for i in range(3)],
    }
)
HEAD = ["title", "authors", "year", "doi"]
RAYYAN = 'RAYYAN-INCLUSION: {"Ann"=>"Included", "Bo"=>"Excluded"}'
DECIDED = [("Ann", "include"), ("Bo", "exclude")]


def written(path, column, cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEAD, column])
        for i, cell in enumerate(cells):
            writer.writerow([f"Colchicine, part {i}", "Smith, A", "2020", f"10.1000/{i}", cell])
    return str(path)


def held(*rows):
    columns = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
    cast = [
        (f"doi:10.1000/{i}", stage, who, said, "", "2026-01-01") for i, stage, who, said in rows
    ]
    return pd.DataFrame(cast, columns=columns)


def waiting(path, have):
    known = decisions.by_name(RECORDS)
    found = programs.not_taken([(path, programs.of(path))], known, {}, have, {"drug": "Drug"})
    return found[["votes", "missing"]].to_numpy().tolist(), found["why"].tolist()


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ([], 2),
        ([("Ann", "include")], 1),
        ([("ann", "include"), ("Bo", "exclude")], 0),
        # A vote changed since it was taken is none that is missing.
        ([*DECIDED, ("Bo", "include")], 0),
        # People are called otherwise in the table than in the program.
        ([("A. Meier", "include"), ("B. Lee", "exclude")], 0),
        ([("A. Meier", "include"), ("Bo", "include")], 1),
    ],
)
def test_votes_wait_until_a_table_of_decisions_has_them(tmp_path, rows, missing):
    path = written(tmp_path / "rayyan" / "2026" / "titles.csv", "notes", [RAYYAN, "", ""])
    have = held(*((0, "title-abstract", *row) for row in rows))
    assert waiting(path, have)[0] == ([[2, missing]] if missing else [])


def test_what_cannot_be_read_is_told_and_stops_nothing(tmp_path):
    path = written(tmp_path / "covidence" / "list.csv", "Notes", ["Exclusion reason: x;"])
    numbers, why = waiting(path, held())
    assert numbers == [[0, 0]]
    assert why[0].startswith("its name tells no list of Covidence")
    elsewhere = written(tmp_path / "asreview" / "kim.csv", "included", ["1", "", ""])
    other = pd.DataFrame({"record_id": ["z"], "identifiers": ["z"]})
    found = programs.not_taken([(elsewhere, "asreview")], decisions.by_name(other), {}, held(), {})
    assert found["why"].tolist() == ["line 2, 'Colchicine, part 0': no record of that name"]
    # nobody has labelled anything yet
    assert (
        waiting(written(tmp_path / "asreview" / "lee.csv", "included", [""] * 3), held())[0] == []
    )


@pytest.mark.parametrize(
    ("name", "column", "cell", "program"),
    [
        ("all.csv", "notes", RAYYAN, "rayyan"),
        ("all.csv", "notes", "RAYYAN-LABELS: a,b", ""),
        ("review_12_excluded_csv_20240320131757.csv", "Notes", "", "covidence"),
        ("references.csv", "Notes", "Exclusion reason: Wrong drug;", "covidence"),
        ("review_12_screen_csv_20240320131757.csv", "Notes", "", ""),
        ("included_by_others.csv", "notes", "inclusion and exclusion criteria", ""),
        ("a.csv", "asreview_label", "1", "asreview"),
        ("a.csv", "Include?", "yes", "column"),
        ("a.csv", "label", "x", ""),
        ("a.csv", "Final decision", "Include", "column"),
        ("a.csv", "Reviewer 1", "excluded: wrong drug", "column"),
        ("a.csv", "Include (KL)", "yes", "column"),
        ("a.csv", "Exclude", "x", "column"),
        ("a.csv", "Reason for exclusion", "wrong drug", "column"),
        ("a.csv", "notes", "included", "column"),
        ("a.csv", "Open Access", "yes", ""),
        ("a.csv", "Peer reviewed", "1", ""),
        ("a.csv", "Inclusion age min", "1", ""),
        ("a.csv", "Screening tool", "x", ""),
        ("a.csv", "notes", "included in a meta-analysis", ""),
        ("a.csv", "Inclusion Criteria", "adults", ""),
    ],
)
def test_an_export_among_the_searches_tells_that_decisions_stand_in_it(
    tmp_path, name, column, cell, program
):
    found, _ = export.read(written(tmp_path / name, column, [cell, ""]), texts=False)
    assert found.attrs["votes_of"] == program
    assert len(found) == 2


def test_words_in_a_column_of_decisions_are_told(tmp_path):
    numbers, why = waiting(written(tmp_path / "hits.csv", "Include?", ["yes", "no"]), held())
    assert numbers == [[0, 0]]
    assert why == [
        "line 2, 'Colchicine, part 0': the label is 'yes'; right would be 1, 0 or nothing"
    ]


@pytest.mark.parametrize(
    ("column", "cells", "decided", "numbers"),
    [
        ("Final decision", ["Include", "exclude", ""], [], [[2, 2]]),
        ("Final decision", ["Include", "exclude", "maybe"], [(0, "include")], [[2, 1]]),
        ("Exclude", ["no", "x", ""], [(0, "include"), (1, "exclude")], []),
    ],
)
def test_decisions_typed_among_the_searches_wait_until_a_table_has_them(
    tmp_path, column, cells, decided, numbers
):
    path = written(tmp_path / "hits.csv", column, cells)
    have = held(*((i, "full-text", "Ann", said) for i, said in decided))
    known = decisions.by_name(RECORDS)
    found = programs.not_taken([(path, "column")], known, {}, have, {})
    assert found[["votes", "missing"]].to_numpy().tolist() == numbers
