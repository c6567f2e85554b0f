"""Decisions come to an outcome for each record, or to one message that lists all that is wrong."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from livingmeta import tables
from livingmeta.screening import assignment, decisions, flow, standing

CASES = yaml.safe_load((Path(__file__).parent / "cases/decisions.yaml").read_text(encoding="utf-8"))
COLUMNS = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
REASONS = ["no-outcome", "wrong-design"]
RECORDS = pd.DataFrame(
    [
        ("a", "Local therapy", "2020", "doi:10.1000/a pmid:11 title:local_therapy"),
        ("b", "Editorial", "2021", "doi:10.1000/b title:editorial"),
        ("c", "Editorial", "2022", "pmid:13 title:editorial"),
    ],
    columns=["record_id", "title", "year", "identifiers"],
)
NOTHING = pd.DataFrame(columns=["file"])
SEARCHES = pd.DataFrame({"file": ["x.ris"], "database": ["PubMed"], "searched_on": ["2026-01-01"]})


def searches(read, rejected=0, **other):
    """One export of PubMed, as in screening/searches.csv."""
    row = {"file": "x.ris", "database": "PubMed", "source": "", "searched_on": "2026-01-01"}
    return pd.DataFrame([{**row, "read": read, "rejected": rejected, **other}])


def _resolve(rows, reviewers, **more):
    table = pd.DataFrame([[str(v) for v in row] for row in rows], columns=COLUMNS)
    return decisions.resolve(RECORDS, table, reviewers=reviewers, reasons=REASONS, **more)


@pytest.mark.parametrize("case", [pytest.param(c, id=name) for name, c in CASES.items()])
def test_outcome(case):
    if "error" in case:
        with pytest.raises(decisions.DecisionError) as error:
            _resolve(case["rows"], case["reviewers"])
        for part in case["error"]:
            assert part in str(error.value)
        assert all(set(p) == set(decisions.PROBLEM_COLUMNS) for p in error.value.breaches)
        return
    found = _resolve(case["rows"], case["reviewers"])

    def of(table, *columns):
        return {row["record_id"]: [row[c] for c in columns] for row in table.to_dict("records")}

    assert found.included["record_id"].tolist() == case.get("included", [])
    assert of(found.excluded, "stage", "reason") == case.get("excluded", {})
    assert of(found.awaiting, "stage", "state") == case.get("awaiting", {})
    assert of(found.conflicts, "stage", "votes", "reasons") == case.get("conflicts", {})
    assert found.warnings["message"].tolist() == case.get("warnings", [])
    waits = found.warnings["waits"]
    assert waits[waits != ""].tolist() == case.get("waits", [])
    astray = dict(zip(found.unmatched["row"], found.unmatched["perhaps"], strict=True))
    assert astray == case.get("unmatched", {})
    named = dict(zip(found.unmatched["row"], found.unmatched["several"], strict=True))
    assert {row: records for row, records in named.items() if records} == case.get("several", {})


def test_where_every_record_stands():
    days = ["2026-01-01"]
    resolved = _resolve(
        [
            ("pmid:11", "title-abstract", "ab", "include", "", *days),
            ("pmid:11", "full-text", "ab", "exclude", "no-outcome", *days),
            ("pmid:13", "title-abstract", "ab", "unsure", "", *days),
        ],
        1,
    )
    assert standing.of(RECORDS, resolved).to_numpy().tolist() == [
        ["a", "excluded", "full-text", "no-outcome", ""],
        ["b", "undecided", "title-abstract", "", ""],
        ["c", "unsure", "title-abstract", "", ""],
    ]


def test_the_first_vote_stays_the_original_one():
    """What a reviewer said before anything was discussed, whatever stands there later."""
    rows = [
        ["pmid:11", "title-abstract", "kim", "exclude", "", "2026-01-01"],
        ["pmid:11", "title-abstract", "lee", "include", "", "2026-01-02"],
        ["doi:10.1000/a", "title-abstract", "kim", "include", "", "2026-01-03"],
        ["pmid:11", "title-abstract", "consensus", "exclude", "", "2026-01-04"],
    ]
    found = _resolve(rows, 2)
    assert found.excluded["record_id"].tolist() == ["a"]
    for votes, kims in ((found.original, "exclude"), (found.votes, "include")):
        assert votes["reviewer"].tolist() == ["kim", "lee"]
        assert votes["decision"].tolist() == [kims, "include"]


def test_half_a_vote_tells_nobody_what_was_voted():
    rows = [["pmid:11", "title-abstract", "kim", "include", "because", "2026-01-01"]]
    table = pd.DataFrame(rows, columns=COLUMNS).assign(note="a fine trial")
    found = decisions.resolve(RECORDS, table, reviewers=2, reasons=REASONS)
    waiting = found.awaiting.set_index("record_id").loc["a"]
    assert (waiting["votes"], waiting["note"]) == ("kim", "")
    both = pd.concat([table, table.assign(reviewer="lee", decision="unsure")])
    found = decisions.resolve(RECORDS, both, reviewers=2, reasons=REASONS)
    assert found.conflicts["votes"].tolist() == ["kim: include; lee: unsure"]


HELD = pd.DataFrame({"record_id": ["a", "a", "b", "c"], "file": "x.ris"})
COPIES = pd.DataFrame({"record_id": ["x.ris:9"], "duplicate_of": ["a"]})


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({}, ""),
        ({"records": RECORDS[:2]}, "c is decided on, but is no record"),
        ({"records": pd.concat([RECORDS, RECORDS[1:2]])}, "b stands twice among the records"),
        ({"duplicates": COPIES[:0]}, "a has 2 copies, duplicates 0 more"),
        ({"duplicates": COPIES.assign(duplicate_of="z")}, "z has copies, but is no record"),
        ({"searches": searches(5)}, "x.ris: 5 read, but 4 copies stand in copies.csv"),
        ({"moved": "included"}, "b stands twice in included"),
        ({"lost": "excluded"}, "b stands nowhere in included"),
    ],
)
def test_a_ledger_that_does_not_close_names_the_record(broken, named):
    rows = [["doi:10.1000/b", "title-abstract", "kim", "exclude", "", "2026-01-01"]]
    found = _resolve(rows, 1)
    if "moved" in broken:
        found = replace(found, included=pd.DataFrame({"record_id": ["b"]}))
    if "lost" in broken:
        found = replace(found, excluded=found.excluded[:0])
    ledger = {"searches": searches(4), "records": RECORDS, "duplicates": COPIES, **broken}
    given = (ledger["searches"], ledger["records"], ledger["duplicates"], HELD, found)
    if not named:
        flow.check_ledger(*given)
        return
    with pytest.raises(flow.FlowError, match=re.escape(named)):
        flow.check_ledger(*given)


def test_studies_of_included_reports():
    rows = CASES["one reviewer, all settled"]["rows"]
    studies = pd.DataFrame(
        {"study_id": ["S1", "S2"], "records": ["pmid:11 doi:10.9/x", "doi:10.9/y"]}
    )
    found = _resolve(rows, 1, studies=studies)
    assert found.included["study_id"].tolist() == ["S1"]


@pytest.mark.parametrize(
    ("studies", "named", "counted", "alone"),
    [
        ([("S1", "pmid:11", ""), ("S2", "doi:10.1000/a", "")], "S1 S2", 2, 0),
        ([("S1", "pmid:11 doi:10.1000/a", "")], "S1", 1, 0),  # named twice, one study
        ([("S1", "pmid:11", "RINSE"), ("S2", "pmid:11", "RINSE")], "S1 S2", 1, 0),
        ([("S1", "pmid:11", "RINSE"), ("S2", "pmid:11", "")], "S1 S2", 2, 0),
        ([], "", 1, 1),
    ],
    ids=["two studies", "two names", "one trial", "a trial and another", "no study"],
)
def test_studies_are_counted_and_not_their_reports(studies, named, counted, alone):
    table = pd.DataFrame(studies, columns=["study_id", "records", "trial"])
    rows = [
        ["doi:10.1000/a", stage, "kim", "include", "", "2026-01-01"] for stage in decisions.STAGES
    ]
    found = _resolve(rows, 1, studies=table)
    assert found.included["study_id"].tolist() == [named]
    assert standing.of(RECORDS, found)["study_id"].tolist() == [named, "", ""]
    counts = flow.count(searches(4), RECORDS, COPIES, HELD, found, table)
    flow.must_add_up(counts)
    assert counts["included"] == {
        "reports": 1,
        "studies": counted,
        "reports_without_study": alone,
        "studies_without_included_report": 0,
    }


@pytest.mark.parametrize(
    ("studies", "reports", "alone"), [(0, 1, 0), (1, 0, 0), (2, 1, 1), (1, 2, 2)]
)
def test_studies_that_no_report_can_be_of_are_named(studies, reports, alone):
    counts = flow.count(searches(4), RECORDS, COPIES, HELD, _resolve([], 1))
    counts["included"] |= {"studies": studies, "reports": reports, "reports_without_study": alone}
    with pytest.raises(flow.FlowError, match=rf"studies included \({studies}\) cannot be those"):
        flow.must_add_up(counts)


VOTES = st.tuples(
    st.sampled_from(["doi:10.1000/a", "pmid:11", "doi:10.1000/b", "pmid:13"]),
    st.sampled_from(decisions.STAGES),
    st.sampled_from(["kim", "lee", "consensus"]),
    st.sampled_from(decisions.DECISIONS),
    st.just("no-outcome"),
    st.dates().map(str),
)

SOURCES = {"x.ris": "", "y; z.ris": "register", "hand.csv": "citation searching"}
FOUND_IN = st.lists(st.lists(st.sampled_from([*SOURCES]), min_size=1), min_size=3, max_size=3)


@given(rows=st.lists(VOTES, max_size=14, unique_by=lambda v: v[-1]), reviewers=st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_each_record_is_in_one_place_and_the_flow_adds_up(rows, reviewers):
    found = _resolve(rows, reviewers)
    tables = (found.included, found.excluded, found.awaiting, found.conflicts)
    assert sorted(n for t in tables for n in t["record_id"]) == ["a", "b", "c"]
    counts = flow.count(searches(5), RECORDS, pd.DataFrame(index=range(2)), HELD, found)
    flow.must_add_up(counts)
    assert counts["identified"]["records"] == 5
    assert counts["identified"]["databases"] == [
        {"database": "PubMed", "source": "database", "searched_on": "2026-01-01", "records": 5}
    ]
    assert "via" not in counts


@given(rows=st.lists(VOTES, max_size=14, unique_by=lambda v: v[-1]), held=FOUND_IN)
@settings(max_examples=100, deadline=None)
def test_both_ways_of_finding_add_up_to_the_whole(rows, held):
    found = _resolve(rows, 1)
    rows = [(n, file) for n, of in zip(RECORDS["record_id"], held, strict=True) for file in of]
    places = pd.DataFrame(rows, columns=["record_id", "file"])
    copies = Counter(file for files in held for file in files)
    ledger = pd.concat(
        searches(copies[file], file=file, source=source) for file, source in SOURCES.items()
    )
    further = pd.DataFrame(index=range(copies.total() - len(RECORDS)))
    counts = flow.count(ledger, RECORDS, further, places, found)
    flow.must_add_up(counts)
    by_hand = [f for f in held if set(f) == {"hand.csv"}]
    other = counts["via"]["other_methods"]
    assert other["records"] == len(by_hand)
    assert other["identified"]["records"] == copies["hand.csv"]
    counts["via"]["databases_and_registers"]["included"]["reports"] += 1
    with pytest.raises(flow.FlowError, match="not the sum of both ways of finding"):
        flow.must_add_up(counts)


def test_a_source_is_a_register_if_it_says_so_or_its_name_does():
    ledger = pd.concat(
        [
            searches(1, database="ClinicalTrials.gov"),
            searches(1, database="A list", source="register"),
            searches(1, database="Trials of ours", source="database"),
        ]
    )
    counts = flow.count(ledger, RECORDS, NOTHING, HELD, _resolve([], 1))
    assert {d["database"]: d["source"] for d in counts["identified"]["databases"]} == {
        "ClinicalTrials.gov": "register",
        "A list": "register",
        "Trials of ours": "database",
    }


def test_flow_names_the_boxes_that_do_not_add_up():
    found = _resolve(CASES["one reviewer, all settled"]["rows"], 1)
    ledger = pd.concat([searches(2, 1), searches(1).assign(database="Embase")])
    counts = flow.count(ledger, RECORDS, pd.DataFrame(index=range(0)), HELD, found)
    flow.must_add_up(counts)
    assert (counts["screened"], counts["sought"], counts["assessed"]) == (3, 2, 2)
    assert counts["excluded_full_text"]["reasons"] == [{"reason": "no-outcome", "reports": 1}]
    assert counts["included"]["reports"] == counts["included"]["studies"] == 1
    databases = counts["identified"]["databases"]
    assert {d["database"] for d in databases} == {"PubMed", "Embase"}
    spelt = pd.concat([searches(2), searches(1).assign(database="PUBMED")])
    spelt = flow.count(spelt, RECORDS, pd.DataFrame(index=range(0)), HELD, found)
    assert [d["records"] for d in spelt["identified"]["databases"]] == [3]  # one database
    assert counts["removed_before_screening"]["unreadable"] == 1
    counts["sought"] = 3
    with pytest.raises(
        flow.FlowError, match=r"screened \(3\) is not excluded title abstract \(1\)"
    ):
        flow.must_add_up(counts)


def test_flow_counts_what_was_not_retrieved():
    rows = [
        ["doi:10.1000/a", "title-abstract", "kim", "include", "", "2026-01-01"],
        ["doi:10.1000/a", "full-text", "kim", "exclude", "not-retrieved", "2026-01-02"],
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    found = decisions.resolve(RECORDS, table, reviewers=1, reasons=["not-retrieved"])
    counts = flow.count(searches(3), RECORDS, NOTHING, HELD, found)
    flow.must_add_up(counts)
    assert (counts["sought"], counts["not_retrieved"], counts["assessed"]) == (1, 1, 0)
    assert counts["awaiting_screening"]["undecided"] == 2


@pytest.mark.parametrize(
    ("one", "other"), [("Zo\u00eb", "Zoe\u0308"), ("Ann-Lee", "Ann\u2011Lee"), ("Kim", " kim ")]
)
def test_one_person_does_not_vote_twice_however_the_name_is_typed(one, other):
    rows = [("a", "title-abstract", who, "include", "", "2026-01-01") for who in (one, other)]
    found = _resolve(rows, 2)
    assert set(found.awaiting["record_id"]) == {"a", "b", "c"}
    assert set(found.votes["reviewer"]) == {one}


@pytest.mark.parametrize(
    ("days", "day", "meant"),
    [
        (("2026-01-01", "2026-06-01"), "2026-03-01", "b"),
        (("2026-06-01", "2026-01-01"), "2026-03-01", "c"),
        (("2026-01-01", "2026-06-01"), "2026-06-01", ""),  # both were there
        (("2026-01-01", ""), "2026-03-01", ""),  # nobody says since when
        (("2026-05-01", "2026-06-01"), "2026-03-01", ""),
    ],
)
def test_a_decision_by_a_name_of_two_records_is_on_the_one_that_was_there(days, day, meant):
    searches = pd.DataFrame({"file": ["1.ris", "2.ris"], "searched_on": days})
    copies = pd.DataFrame({"record_id": ["b", "b", "c"], "file": ["2.ris", "1.ris", "2.ris"]})
    if days[0] > days[1]:
        copies["record_id"] = ["c", "b", "c"]
    rows = [["title:editorial", "title-abstract", "kim", "include", "", day]]
    found = decisions.resolve(
        RECORDS,
        pd.DataFrame(rows, columns=COLUMNS),
        reviewers=1,
        reasons=REASONS,
        since=assignment.found_on(copies, searches),
    )
    assert found.votes["record_id"].tolist() == ([meant] if meant else [])
    assert found.unmatched["several"].tolist() == ([] if meant else ["b c"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Included", "include"), ("yes", "include"), ("E", "exclude"), ("Maybe", "unsure")],
)
def test_words_for_a_decision_that_have_one_reading_are_read(tmp_path, typed, meant):
    path = tmp_path / "decisions.csv"
    path.write_text(
        "record,stage,reviewer,decision,reason,decided_on\n"
        f"doi:10.5555/roof.1,TIAB,kim,{typed},,2024-03-01\n"
    )
    read = tables.read(path, "data/decisions")
    assert read[["stage", "decision"]].to_numpy().tolist() == [["title-abstract", meant]]
    assert any(f"'{typed}' read as {meant}" in note for note in read.attrs["notes"])


@pytest.mark.parametrize("typed", ["Include?", "ex - wrong roof", "0"])
def test_words_for_a_decision_that_are_a_doubt_are_refused(tmp_path, typed):
    path = tmp_path / "decisions.csv"
    path.write_text(
        "record,stage,reviewer,decision,reason,decided_on\n"
        f"doi:10.5555/roof.1,full-text,kim,{typed},,2024-03-01\n"
    )
    with pytest.raises(tables.TableError, match="must be one of include, exclude, unsure"):
        tables.read(path, "data/decisions")


@pytest.mark.parametrize("typed", ["wrong-roof", "Wrong roof", "Not the roof we asked about"])
def test_a_reason_counts_by_its_key_and_by_its_text(typed):
    records = pd.DataFrame(
        [["doi:10.5555/roof.1", "Roofs", "2020", "doi:10.5555/roof.1"]],
        columns=["record_id", "title", "year", "identifiers"],
    )
    columns = ["record", "stage", "reviewer", "decision", "reason", "decided_on", "note"]
    cast = [
        ["doi:10.5555/roof.1", "title-abstract", "kim", "include", "", "2024-03-01", ""],
        ["doi:10.5555/roof.1", "full-text", "kim", "exclude", typed, "2024-03-02", ""],
    ]
    found = decisions.resolve(
        records,
        pd.DataFrame(cast, columns=columns),
        reviewers=1,
        reasons={"wrong-roof": "Not the roof we asked about", "no-snow": "No snow"},
    )
    assert found.excluded["reason"].tolist() == ["wrong-roof"]


@pytest.mark.parametrize("name", ["Consensus", "consensus.", "Consensus (kim, ann)"])
def test_a_consensus_is_one_however_it_is_spelt(name):
    assert decisions.person(name) == decisions.CONSENSUS
    assert decisions.person("Conny Sensus") != decisions.CONSENSUS


def test_an_overtaken_consensus_is_told_on_the_page_to_settle_on():
    case = CASES["a consensus that both reviewers have overtaken"]
    found = _resolve(case["rows"], case["reviewers"])
    assert found.overtaken[["record_id", "decision"]].to_numpy().tolist() == [["a", "include"]]
    stands = CASES["a consensus that was settled anew"]
    assert _resolve(stands["rows"], stands["reviewers"]).overtaken.empty
