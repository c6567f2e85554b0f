"""Studies: as far as their furthest report, and no report that no search found."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.extraction import studies
from livingmeta.extraction.checks import follow_up
from livingmeta.tables import TableError, empty

RECORDS = pd.DataFrame(
    {
        "record_id": ["doi:10.5555/1", "doi:10.5555/2", "pmid:3"],
        "identifiers": ["doi:10.5555/1 pmid:1", "doi:10.5555/2", "pmid:3 title:three"],
    }
)
RECORD_OF = studies.by_identifier(RECORDS)


def table(*records):
    raw = empty("data/studies").assign(row=[])
    for number, names in enumerate(records):
        raw.loc[number, ["study_id", "records", "label", "row"]] = [f"s{number}", names, "x", 2]
    return raw


@pytest.mark.parametrize(
    ("records", "states", "expected"),
    [
        ("pmid:1", {"doi:10.5555/1": "included"}, "included"),
        (
            "pmid:1 DOI:10.5555/2",
            {"doi:10.5555/1": "excluded", "doi:10.5555/2": "included"},
            "included",
        ),
        ("pmid:1 pmid:3", {"doi:10.5555/1": "excluded", "pmid:3": "awaiting"}, "awaiting"),
        ("title:three", {"pmid:3": "excluded"}, "excluded"),
        ("pmid:3", {}, "not-screened"),
        ("", {}, "not-screened"),
    ],
)
def test_a_study_is_as_far_as_its_furthest_report(records, states, expected):
    found = studies.with_status(table(records), RECORD_OF, states)
    assert found["status"].tolist() == [expected]


@pytest.mark.parametrize(
    ("reports", "year", "told"),
    [
        ("a", 2021, True),  # 2012
        ("a", 2013, False),  # its issue
        ("a c", 2018, False),
        ("c", 2024, True),
        ("b", 2019, False),  # an entry of a register is older than what comes of it
        ("b", 2062, True),
        ("a", 1980, False),  # known by a review
    ],
)
def test_a_study_of_a_year_after_all_of_its_reports_is_asked_about(reports, year, told):
    known = {"record_id": ["a", "b", "c", "d"], "year": ["2012", "2009", "2018", ""]}
    known |= {"type": ["", "Clinical trial registration", "", ""]}
    known |= dict.fromkeys(("title", "doi", "journal"), "x")
    table = pd.DataFrame({"study_id": ["s"], "records": [reports]})
    newest = studies.newest_report(table, pd.DataFrame(known))
    found = list(follow_up.year_to_come({"year": year}, newest["s"]))
    assert [p.check for p in found] == ["calendar"] * told


def test_records_become_record_ids_each_once():
    found = studies.with_status(table("pmid:1 doi:10.5555/1 title:three"), RECORD_OF, {})
    assert found["records"].tolist() == ["doi:10.5555/1 pmid:3"]


def test_an_identifier_of_two_records_names_both():
    both = RECORDS.assign(identifiers=["doi:10.5555/9", "doi:10.5555/2", "pmid:3 doi:10.5555/9"])
    of = studies.by_identifier(both)
    found = studies.with_status(table("doi:10.5555/9"), of, {"doi:10.5555/1": "included"})
    assert found["records"].tolist() == ["doi:10.5555/1 pmid:3"]
    assert found["status"].tolist() == ["included"]


def test_an_identifier_of_no_record_is_named_with_the_nearest():
    with pytest.raises(TableError, match=r"perhaps doi:10\.5555/2") as caught:
        studies.with_status(table("doi:10.5555/22", "pmid:9"), RECORD_OF, {})
    assert len(caught.value.problems) == 2


def test_two_studies_whose_names_differ_in_case_alone_are_named():
    raw = table("pmid:1", "pmid:3")
    raw["study_id"] = ["Kim-2021", "kim_2021"]
    raw["row"] = [2, 3]
    with pytest.raises(TableError, match=r"row 3, column study_id: 'kim_2021'; .*row 2 has 'Kim-"):
        studies.with_status(raw, RECORD_OF, {})


@pytest.mark.parametrize("column", ["status", "events", "grade", "yi"])
def test_a_further_column_called_as_one_of_the_results_is_named(column):
    raw = table("pmid:1")
    raw[column] = "1"
    with pytest.raises(TableError, match=f"row 1, column {column}: the results have .*_reported"):
        studies.with_status(raw, RECORD_OF, {})
    raw = raw.rename(columns={column: f"{column}_reported"})
    assert f"{column}_reported" in studies.with_status(raw, RECORD_OF, {})


def test_words_that_differ_in_case_and_blanks_alone_are_one():
    raw = table("pmid:1", "pmid:3", "pmid:3")
    raw["design"], raw["label"] = ["rct", "RCT", "Cohort"], ["Kim", "KIM", "kim"]
    raw["ward"] = ["a  b", "A B", ""]
    raw["study_id"] = ["s0", "s1", "s2"]
    found = studies.with_status(raw, RECORD_OF, {})
    # Whichever row stands first: most decide, and of as many the last of the alphabet.
    assert found["design"].tolist() == ["rct", "rct", "Cohort"]
    raw["dose"] = ["1.0", "1", "1"]
    assert studies.with_status(raw, RECORD_OF, {})["dose"].tolist() == ["1", "1", "1"]
    assert found["ward"].tolist() == ["a  b", "a  b", ""]
    turned = studies.with_status(raw[::-1], RECORD_OF, {})
    assert turned["design"].tolist() == ["Cohort", "rct", "rct"]
    assert turned["ward"].tolist() == ["", "a  b", "a  b"]
    assert found["label"].tolist() == ["Kim", "KIM", "kim"]


def test_what_says_that_nothing_is_reported_is_no_value_and_the_log_says_so():
    raw = table(*["pmid:1"] * 8).assign(
        dose=["NR", "n/a", "Not  reported", "?", "-", "unclear", "none", "high"],
        registration="NR",
    )
    found = studies.with_status(raw, RECORD_OF, {})
    assert found["dose"].tolist() == [""] * 5 + ["unclear", "none", "high"]
    assert set(found["registration"]) == {"NR"}
    (note,) = found.attrs["notes"]
    assert "column dose: -, ?, NR, Not  reported, n/a is read as not reported (s0, s1" in note


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("icc", "5", "1 or less"),
        ("icc", "-0.01", "0 or more"),
        ("correlation", "60", "1 or less"),
        ("correlation", "-1.2", "-1 or more"),
        ("cluster_size", "0.5", "1 or more"),
        ("icc", "1", ""),
        ("correlation", "-0.3", ""),
        ("cluster_size", "1", ""),
    ],
)
def test_a_correlation_that_cannot_be_is_refused_where_it_is_read(column, value, says, tmp_path):
    path = tmp_path / "studies.csv"
    path.write_text(f"study_id,records,label,{column}\nahn,pmid:1,Ahn,{value}\n")
    if not says:
        assert tables.read(path, "data/studies")[column].tolist() == [float(value)]
        return
    with pytest.raises(TableError, match=rf"row 2, column {column}.*it must be {says}"):
        tables.read(path, "data/studies")


def test_one_trial_is_written_in_one_way():
    names = [
        "RINSE-3",
        "RINSE 3",
        "Rinse-3 trial",
        "RINSE-2",
        "RINSE",
        "",
        "Trial",
        "The Rinse study",
    ]
    raw = table(*names).assign(trial=names)
    found = studies.in_one_writing(raw)
    assert found["trial"].tolist() == [
        *["RINSE-3"] * 3,
        *["RINSE-2", "RINSE", "", "Trial", "RINSE"],
    ]
    assert len(found.attrs["notes"]) == 3
    assert "'RINSE 3' is taken for the same as 'RINSE-3'" in found.attrs["notes"][0]
    assert studies.in_one_writing(table("x")).equals(table("x"))
