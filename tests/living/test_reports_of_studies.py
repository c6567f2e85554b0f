"""Numbers of a study, beside where its reports stand: what counts nowhere is told, and nothing is
said of what counts or of what people have read and excluded."""

import pytest

from living.waiting_cases import HAS, INCLUDED, STUDY, printed, whole
from livingmeta.living import to_settle
from livingmeta.words import settling

A, B = "doi:10.5555/a", "doi:10.5555/b"
NUMBERS = [printed(2, 1.0, source="abstract"), printed(3, 2.0, arm="none", source=f"{B}, Table 1")]


def listed(status, **rows):
    study = {"study_id": STUDY, "records": f"{A} {B}", "status": status}
    known = [{"record_id": name, "identifiers": name} for name in (A, B)]
    given = {"studies": [study], "outcomes": NUMBERS, "records": known, **rows}
    found = to_settle.everything(whole(**given), [], {}, {})
    return found[["kind", "what"]].to_numpy().tolist()


def out(record, stage):
    return {"record_id": record, "stage": stage}


@pytest.mark.parametrize("other", [[], [out(B, "full-text")], [out(B, "title-abstract")]])
def test_numbers_of_a_study_of_which_nobody_got_the_report_are_told(other):
    (kind, what), *more = listed(
        "awaiting", fulltexts=[{"record_id": A, "state": "not-retrieved"}], excluded=other
    )
    assert (kind, more) == ("numbers-not-counted", [])
    assert f"2 of its rows in the extraction count in no result: {settling.MISSING}" == what


def test_numbers_of_a_study_that_nobody_screened_count_nowhere():
    [(kind, what)] = listed("not-screened")
    assert kind == "study-not-screened"
    assert what.endswith("; 2 extracted rows of its study count nowhere until then")


def test_numbers_of_a_report_that_somebody_read_and_excluded_are_not():
    for stage in ("full-text", "title-abstract"):
        assert listed("excluded", excluded=[out(A, "full-text"), out(B, stage)]) == []


@pytest.mark.parametrize("table", ["awaiting", "conflicts"])
def test_an_open_report_holds_up_the_numbers_of_its_study_unless_another_is_included(table):
    more = {"state": "undecided"} if table == "awaiting" else {"votes": "kim: x; lee: y"}
    [(kind, what)] = listed("awaiting", **{table: [out(A, "full-text") | more]})
    assert kind in settling.TO_DECIDE
    assert what.endswith("; 2 extracted rows of its study count nowhere until then")
    counts = {"included": [{"record_id": B, "study_id": STUDY}], **HAS}
    said = listed("included", **counts, **{table: [out(A, "full-text") | more]})
    assert [row[0] for row in said] == [kind]
    assert "nowhere" not in said[0][1]


@pytest.mark.parametrize(
    ("state", "rows"),
    [
        (settling.EXCLUDED, {"excluded": [out(B, "full-text")]}),
        (settling.NOT_GOT, {"fulltexts": [{"record_id": B, "state": "not-retrieved"}]}),
        (settling.UNDECIDED, {"conflicts": [out(B, "full-text") | {"votes": "kim: x; lee: y"}]}),
    ],
)
def test_numbers_that_name_a_report_that_is_out_are_told_though_their_study_counts(state, rows):
    said = listed("included", included=[{"record_id": A, "study_id": STUDY}], **HAS, **rows)
    told = dict(said)["numbers-of-report-out"]
    assert told.startswith(f"1 of its rows name {B} as their source, {state}")


def test_a_review_from_which_a_number_is_taken_is_no_report_of_the_study():
    of_one = [INCLUDED | {"records": A}]
    inside = {"included": [{"record_id": A, "study_id": STUDY}], **HAS, "studies": of_one}
    assert listed("included", **inside, excluded=[out(B, "full-text")]) == []
    known = [{"record_id": A, "identifiers": A}]
    known += [{"record_id": B, "identifiers": B, "flag": "retracted"}]
    said = listed("included", **inside, excluded=[out(B, "full-text")], records=known)
    assert [kind for kind, _ in said] == ["numbers-of-report-out"]


@pytest.mark.parametrize(
    ("source", "label", "told"),
    [
        ("Costa 2018 p. 3", "Costa 2017", True),
        ("Costa et al. (2018), Table 1", "Costa 2017", True),
        ("costa-2018, Table 1", "Costa 2017", True),
        ("Costa 2017 p. 3", "Costa 2017", False),  # the included one
        ("Costa 2018 p. 3", "Costa 2018", False),  # the study by its own name
        ("Table 2, n 2018", "Costa 2017", False),
        ("Lind 2018", "Costa 2017", False),
    ],
)
def test_a_source_may_name_the_report_that_is_out_by_author_and_year(source, label, told):
    years = ((A, "2017"), (B, "2018"))
    records = [
        {"record_id": name, "identifiers": name, "authors": "Costa, Ana; Kim, Bo", "year": year}
        for name, year in years
    ]
    study = {"study_id": STUDY, "records": f"{A} {B}", "status": "included", "label": label}
    rows = {"studies": [study], "records": records, "excluded": [out(B, "full-text")]}
    rows |= {"outcomes": [printed(2, 1.0, source=source)]}
    said = listed("included", included=[{"record_id": A, "study_id": STUDY}], **HAS, **rows)
    assert ("numbers-of-report-out" in dict(said)) is told
