"""The table for PRISMA-S and the strategies as the report prints them."""

import pandas as pd

import deduplicate
from livingmeta import plan, tables
from livingmeta.package import answers_to_checklists
from livingmeta.prose import checklists
from livingmeta.report import strategies
from made_up_review import protocol

OVID = '1  exp Neoplasms/\n\n2  (hepat* adj3 "carcinoma").ti,ab.\n3  1 and 2'


def searches(**more):
    row = {"database": "MEDLINE", "platform": "Ovid", "searched_on": "2026-03-01", "hits": 9}
    row |= {"file": "a.ris", "strategy": "s.txt", "query": OVID, "read": 9, "rejected": 0}
    row |= {
        "source": "database",
        "limits": "none",
        "filters": "none",
        "adapted_from": "none",
        "peer_review": "PRESS",
    }
    other = {"database": "Embase", "file": "b.ris", "searched_on": "2026-02-01"}
    bare = {
        "database": "not stated",
        "file": "c.ris",
        "platform": "",
        "searched_on": "",
        "source": "",
    }
    bare |= {"strategy": "", "query": "", "limits": "", "hits": pd.NA, "peer_review": ""}
    table = pd.DataFrame([row, row | other, row | bare | more])
    return table.assign(note="", notes="", asked_by="Kim").astype({"hits": "Int64"})


def test_every_search_says_which_items_it_leaves_open(tmp_path):
    tables.write(strategies.table(searches()), tmp_path / "s.csv", "report/prisma_s")
    found = tables.read(tmp_path / "s.csv", "report/prisma_s").set_index("file")
    assert list(found.index) == ["c.ris", "b.ris", "a.ris"]
    assert found.loc["a.ris", "query"] == OVID
    assert found.loc["a.ris", "owes"] == ""
    assert found.loc["c.ris", "owes"] == (
        "1 platform; 3 to 7 kind of source; 8 query as run; 9 limits; 13 day; 14 peer review; "
        "15 hits"
    )


def test_a_strategy_stands_once_with_all_that_it_was_run_on():
    found = strategies.as_run(searches())
    assert found == [
        {
            "file": "s.txt",
            "told": "Embase on 1 February 2026; MEDLINE on 1 March 2026",
            "lines": ["1  exp Neoplasms/", '2  (hepat* adj3 "carcinoma").ti,ab.', "3  1 and 2"],
        }
    ]
    assert strategies.as_run(searches().head(0)) == []


def test_what_searches_csv_tells_settles_items_of_prisma_s():
    aside = {
        "machines": pd.DataFrame(),
        "risk_of_bias": pd.DataFrame(),
        "certainty": pd.DataFrame({"synthesis": []}),
        "contacts": tables.empty("extraction/contacts"),
        "rob_me": tables.empty("judgement/rob_me"),
        "registrations": pd.DataFrame(),
        "amendments": tables.empty("living/amendments"),
    }
    lists = [c for c in checklists.read() if c.name == "PRISMA-S"]

    def answered(table):
        holding = checklists.facts(plan.Protocol.of(protocol()), {"searches": table, **aside})
        found = answers_to_checklists.table(lists, holding, {"methods", "flow"}, {})
        return set(found.loc[found["state"] == "answered", "item"])

    whole = searches().head(2)
    assert {"3", "4", "5", "6", "7", "8", "9", "10", "11", "13", "14"} <= answered(whole)
    assert not {"5", "8", "9", "13", "14"} & answered(searches())


def test_a_strategy_is_kept_as_run_and_a_word_file_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "data" / "raw" / "searches"
    folder.mkdir(parents=True)
    (folder / "s.txt").write_bytes(b"\xef\xbb\xbf1  exp Neoplasms/\r\n\t2  caf\xc3\xa9.ti.\r\n")
    (folder / "s.docx").write_bytes(b"PK\x03\x04 and more")
    monkeypatch.chdir(tmp_path)
    assert deduplicate.query("s.txt") == ("1  exp Neoplasms/\n\t2  café.ti.", [])
    assert deduplicate.query("") == ("", [])
    text, notes = deduplicate.query("s.docx")
    assert text == ""
    assert notes[0].startswith("s.docx is no plain text")
