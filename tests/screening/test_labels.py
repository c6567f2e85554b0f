"""Labels beside include and exclude: kept, shown, listed by, and carried along."""

import pandas as pd
import pytest
from chromium import FOUND
from pages import downloaded, keys, rows, text_of

from livingmeta import tables
from livingmeta.screening import cast as casting
from livingmeta.screening import decisions, labels

needs_browser = pytest.mark.skipif(FOUND is None, reason="Chromium is not installed")
TOLD = pd.DataFrame(
    [["doi:10.1000/13", "title-abstract", "bob", "include", "", "", "RCT; to discuss"]],
    columns=["record_id", "stage", "reviewer", "decision", "reason", "note", "labels"],
)


@pytest.fixture
def cast():
    return {"votes": TOLD}


def test_labels_of_all_are_one_list():
    assert casting.labels(["RCT;  adults ", "", "rct; <b>;;", "Adults"]) == "<b>; adults; RCT"


def test_labels_of_both_stages_come_into_the_tables(tmp_path):
    head = "record,stage,reviewer,decision,reason,decided_on,note,labels\n"
    said = [
        ("a,title-abstract,kim,include,,2026-01-01,,RCT; old"),
        ("a,title-abstract,kim,include,,2026-01-02,,RCT"),  # a changed mind takes "old" back
        ("a,full-text,kim,include,,2026-01-03,,children"),
        ("b,title-abstract,kim,exclude,,2026-01-01,,background"),
        ("c,title-abstract,kim,unsure,,2026-01-01,,secret"),
    ]
    (tmp_path / "decisions.csv").write_text(head + "\n".join(said))
    table = tables.read(tmp_path / "decisions.csv", "data/decisions").assign(file="d.csv")
    known = pd.DataFrame({"record_id": list("abc"), "title": "T", "identifiers": list("abc")})
    found = decisions.resolve(known, table, reviewers=1, reasons=[])
    assert found.included["labels"].tolist() == ["children; RCT"]
    assert found.excluded["labels"].tolist() == ["background"]
    assert "labels" not in found.awaiting
    tables.write(found.included, tmp_path / "included.csv", "screening/included")
    assert tables.read(tmp_path / "included.csv", "screening/included")["labels"][0]
    bare = decisions.resolve(known, table.assign(labels=""), reviewers=1, reasons=[])
    tables.write(bare.included, tmp_path / "included.csv", "screening/included")
    assert "labels" not in (tmp_path / "included.csv").read_text().splitlines()[0]


def label(screen, text):
    keys(screen, "l")
    screen.run("document.getElementById('labels').value = ''")
    screen.type(text)
    screen.key("Escape")


def show(screen, value):
    screen.run(f"document.getElementById('show').value = '{value}'")
    screen.run("document.getElementById('show').dispatchEvent(new Event('change'))")


@needs_browser
def test_a_label_is_kept_listed_by_and_downloaded_with_its_decision(screen, tmp_path):
    offered = "[...document.querySelectorAll('#labelled option')].map((o) => o.value)"
    assert screen.run(offered) == []
    label(screen, " RCT ;adults;")
    keys(screen, "i")
    label(screen, "rct")
    keys(screen, "eiz")  # the third taken back
    assert screen.run(offered) == ["label:adults", "label:rct"]
    show(screen, "label:adults")
    assert text_of(screen, "list").count("Record") == 1
    assert text_of(screen, "title") == "Record 0 on colchicine"
    assert screen.run("document.getElementById('labels').value") == "RCT; adults"
    show(screen, "all")
    (tmp_path / "decisions.csv").write_text(text := downloaded(screen)[1], encoding="utf-8")
    assert [row["labels"] for row in rows(text)] == ["RCT; adults", "rct"]
    read = tables.read(tmp_path / "decisions.csv", "data/decisions")
    assert read["labels"].tolist() == ["RCT; adults", "rct"]
    screen.open(screen.requests[0].removeprefix("file://"))
    assert screen.run(offered) == ["label:adults", "label:rct"]


@needs_browser
def test_labels_of_title_and_abstract_are_told_and_listed_by_at_full_text(screen):
    screen.run("document.getElementById('stage').value = 'full-text'")
    screen.run("document.getElementById('stage').dispatchEvent(new Event('change'))")
    show(screen, "label:to discuss")
    assert text_of(screen, "title") == "Record 13 on colchicine"
    assert text_of(screen, "screened") == "On title and abstract: bob include [RCT; to discuss]"


def test_a_vote_in_a_table_stands_for_that_of_one_person_in_an_export():
    held = pd.DataFrame(
        [{"record": "r1", "stage": "title-abstract", "reviewer": "A.S.", "decision": "include"}]
    )
    given = held.drop(columns="reviewer").merge(
        pd.DataFrame({"reviewer": ["Ann", "Bob", "Ann"]}), how="cross"
    )
    assert labels.untaken(given, held, {"r1": {"r1"}}).tolist() == [False, True, False]
