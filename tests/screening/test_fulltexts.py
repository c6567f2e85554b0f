"""Reports sought: what the log of full texts and the held files say, and what the flow counts."""

import random
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ledger import ledger

from livingmeta import tables
from livingmeta.living import to_settle_screening
from livingmeta.screening import decisions, flow, fulltexts, standing

RECORDS = pd.DataFrame(
    {
        "record_id": ["doi:10.1/a(b)", "pmid:22", "c-key", "doi:10.1/d"],
        "title": ["A", "B", "C", "D"],
        "year": "2020",
        "identifiers": ["doi:10.1/a(b) pmid:11 title:a", "pmid:22", "c-key", "doi:10.1/d"],
    }
)
DAY = "2026-01-01"
NO, YES, ASKED = "no", "yes", ""


def log(*rows):
    """Rows (record, day, obtained, how, sha256) of fulltexts.csv."""
    columns = ["record", "sought_on", "obtained", "how", "sha256"]
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.assign(note="", file="fulltexts.csv", row=range(2, len(table) + 2))


def votes(*rows):
    """One reviewer who let in on title and abstract every record but d; and these at full text."""
    cast = [(r, "title-abstract", "kim", "include", "", DAY) for r in RECORDS["record_id"][:3]]
    cast += [(r, "full-text", "kim", decision, reason, DAY) for r, decision, reason in rows]
    columns = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
    return pd.DataFrame(cast, columns=columns).assign(file="decisions.csv")


def come_to(cast, noted, files=(), reviewers=1):
    """What decisions, the log and the held files come to: the resolution and fulltexts.csv."""
    by = fulltexts.by_record(noted, decisions.by_name(RECORDS))[0]
    reasons = ["animals", "not-retrieved"]
    missed = fulltexts.unobtained(by)
    asked = {"reviewers": reviewers, "reasons": reasons, "unobtained": missed}
    found = decisions.resolve(RECORDS, cast, **asked)
    return found, fulltexts.sought(RECORDS, found, noted, dict(files))


def row(table, record):
    return table.set_index("record_id").loc[record].to_dict()


def test_not_retrieved_is_a_place_of_its_own_and_no_exclusion():
    found, table = come_to(votes(), log(("pmid:11", DAY, NO, "library", "")))
    assert found.not_retrieved["record_id"].tolist() == ["doi:10.1/a(b)"]
    assert found.excluded.empty
    stands = standing.of(RECORDS, found).set_index("record_id")
    assert stands.loc["doi:10.1/a(b)", "state"] == "not-retrieved"
    assert row(table, "doi:10.1/a(b)")["state"] == "not-retrieved"
    assert row(table, "pmid:22")["state"] == "outstanding"
    assert "doi:10.1/d" not in set(table["record_id"])  # it did not come to its full text


def test_the_reason_not_retrieved_in_decisions_says_the_same():
    found, table = come_to(votes(("pmid:22", "exclude", "not-retrieved")), log())
    assert found.not_retrieved["record_id"].tolist() == ["pmid:22"]
    assert found.excluded.empty
    assert row(table, "pmid:22")["how"] == "not-retrieved"


@pytest.mark.parametrize(
    ("rows", "missed"),
    [
        ([NO], True),
        ([NO, ASKED], False),  # asked for once more
        ([ASKED, NO], True),
        ([NO, YES], False),
        ([YES, NO], False),  # it is in our hands, whatever was tried later
    ],
)
def test_of_several_rows_the_latest_counts_and_a_yes_always(rows, missed):
    days = [f"2026-01-0{i + 1}" for i in range(len(rows))]
    said = [("pmid:22", day, got, "", "") for day, got in zip(days, rows, strict=True)]
    for noted in (log(*said), log(*reversed(said))):  # files get sorted
        found, _ = come_to(votes(), noted)
        assert ("pmid:22" in set(found.not_retrieved["record_id"])) == missed


def test_what_is_decided_and_not_retrieved_is_named_and_the_decision_counts():
    cast = votes(("pmid:22", "exclude", "animals"))
    found, table = come_to(cast, log(("pmid:22", DAY, NO, "", "")))
    assert found.excluded["record_id"].tolist() == ["pmid:22"]
    assert found.warnings["message"].str.contains("though nobody got the report").sum() == 1
    assert "fulltexts.csv, row 2" in found.warnings["message"].iloc[-1]
    assert row(table, "pmid:22")["at_odds"] == "decided"


@pytest.mark.parametrize(
    ("reason", "noted", "state"),
    [
        ("not-retrieved", log(), "outstanding"),
        ("not-retrieved", log(("pmid:22", DAY, NO, "", "")), "not-retrieved"),
        ("animals", log(), "retrieved"),
    ],
)
def test_one_of_two_who_says_that_nobody_has_it_has_not_read_it(reason, noted, state):
    cast = votes(("pmid:22", "exclude", reason))
    second = cast[cast["stage"] == "title-abstract"].assign(reviewer="ann")
    found, table = come_to(pd.concat([cast, second], ignore_index=True), noted, reviewers=2)
    assert row(table, "pmid:22")["state"] == state
    assert row(table, "pmid:22")["at_odds"] == ""
    assert found.warnings.empty


def test_what_is_called_not_retrieved_and_is_held_is_named():
    cast = votes(("pmid:22", "exclude", "not-retrieved"))
    _, table = come_to(cast, log(), {"data/raw/fulltexts/pmid_22.pdf": "0" * 64})
    assert row(table, "pmid:22") | {"title": ""} == {
        "title": "",
        "state": "not-retrieved",
        "sought_on": "",
        "how": "not-retrieved",
        "held": "data/raw/fulltexts/pmid_22.pdf",
        "at_odds": "obtained",
        "note": "",
    }


def test_files_are_found_by_their_names_and_strangers_are_told():
    held = {
        "f/doi_10.1_a_b_.pdf": "1" * 64,
        "f/PMID_11.xml": "2" * 64,
        "f/c-key.txt": "3" * 64,
        "f/other.pdf": "4" * 64,
        "f/README.md": "5" * 64,
    }
    noted = log(
        ("c-key", DAY, YES, "", "A" * 64), ("doi:10.1/a(b)", DAY, YES, "", "2" * 64),
        ("pmid:99", DAY, NO, "letter", ""), ("doi:10.1/d", DAY, YES, "", ""),
    )  # fmt: skip
    _, table = come_to(votes(), noted, held)
    one = row(table, "doi:10.1/a(b)")
    assert one["held"] == "f/PMID_11.xml; f/doi_10.1_a_b_.pdf"
    assert (one["state"], one["at_odds"]) == ("retrieved", "")
    assert row(table, "c-key")["at_odds"] == "digest"
    assert row(table, "doi:10.1/d")["state"] == "not-sought"
    assert row(table, "pmid:99") | {"title": ""} == {
        "title": "",
        "state": "no-record",
        "sought_on": DAY,
        "how": "letter",
        "held": "",
        "at_odds": "unknown",
        "note": "",
    }
    assert row(table, "other.pdf")["at_odds"] == "unknown"
    assert len(table) == 6


def test_two_records_of_one_file_name_are_both_left_alone():
    two = pd.DataFrame({"record_id": ["doi:10.1/a(b", "doi:10.1/a)b"], "identifiers": ""})
    held, stray = fulltexts.files_of(["f/doi_10.1_a_b.pdf"], decisions.by_name(two))
    assert held == {}
    assert [one["at_odds"] for one in stray] == ["shared"]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_sought_retrieved_and_not_retrieved_add_up_whatever_the_log_says(seed):
    draw = random.Random(seed)
    *given_, found = ledger(draw)
    searches, records, duplicates, copies = given_
    known = list(records["record_id"])
    noted = log(
        *(
            (draw.choice([*known, "pmid:0"]), f"2026-01-0{draw.randrange(1, 9)}",
             draw.choice([NO, YES, ASKED]), "", "")
            for _ in range(draw.randrange(12))
        )
    )  # fmt: skip
    missed = set(fulltexts.unobtained(fulltexts.by_record(noted, decisions.by_name(records))[0]))
    # As `resolve` does it: who waits at full text without a vote is not retrieved.
    waits = found.awaiting
    judged = set(found.votes.loc[found.votes["stage"] == "full-text", "record_id"])
    gone = (waits["stage"] == "full-text") & waits["record_id"].isin(missed - judged)
    lost = pd.concat([found.not_retrieved, waits[gone].assign(reason="", reviewers="")])
    found = replace(found, awaiting=waits[~gone], not_retrieved=lost[found.not_retrieved.columns])
    table = fulltexts.sought(records, found, noted, {})
    counts = flow.count(searches, records, duplicates, copies, found, sought=table)
    flow.must_add_up(counts)
    assert sum(counts["retrieval"].values()) == counts["sought"]
    counts["retrieval"]["retrieved"] += 1
    with pytest.raises(flow.FlowError, match="by the log of full texts"):
        flow.must_add_up(counts)


def test_the_log_and_the_folder_are_files_that_somebody_reads():
    brought = [
        "data/raw/fulltexts.csv", "data/raw/fulltexts-kim.csv", "data/raw/fulltexts/a.pdf",
        "data/raw/screening/fulltexts-kim-2026-01-01.csv", "data/raw/other.csv",
    ]  # fmt: skip
    unread = to_settle_screening.unread(brought, tables.empty("screening/searches"))
    assert [item.file for item in unread] == ["data/raw/other.csv"]
