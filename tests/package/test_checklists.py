"""Checklists: complete, leading somewhere, and honest about what is owed."""

import re

import pytest

from livingmeta import tables
from livingmeta.package import checklists
from livingmeta.report import content
from made_up_document import parts
from running import ROOT

LISTS = {entry.name: entry for entry in checklists.read()}
ITEMS = [(entry.name, item) for entry in LISTS.values() for item in entry.items]


def answers(holding=frozenset(), anchors=None):
    there = set(parts()["content"].anchors) if anchors is None else anchors
    found = checklists.table(list(LISTS.values()), set(holding), there)
    return found.set_index(["checklist", "item"])


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        (
            "PRISMA 2020",
            "1 2 3 4 5 6 7 8 9 10a 10b 11 12 13a 13b 13c 13d 13e 13f 14 15 16a 16b 17 18 19 20a "
            "20b 20c 20d 21 22 23a 23b 23c 23d 24a 24b 24c 25 26 27",
        ),
        ("PRISMA 2020 for abstracts", " ".join(map(str, range(1, 13)))),
        ("PRISMA-S", " ".join(map(str, range(1, 17)))),
        ("MOOSE", " ".join(map(str, range(1, 36)))),
    ],
)
def test_every_item_of_every_list_is_there_once(name, numbers):
    assert [item.item for item in LISTS[name].items] == numbers.split()


@pytest.mark.parametrize(("name", "item"), ITEMS, ids=lambda v: v if isinstance(v, str) else v.item)
def test_every_item_leads_somewhere_or_is_owed_in_few_words(name, item):
    assert item.place or item.owes
    assert len(item.topic.split()) <= 8
    rules = "".join(path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    sections = set(parts()["content"].anchors) | {"bias", "certainty", "machines", "amendments"}
    for place in item.place:
        if place.startswith("#"):
            assert place[1:] in sections
        elif place.startswith("results/"):
            assert place in rules
        else:
            assert re.match(r"report\.html|data/raw/|config/config\.yaml", place)


def test_the_facts_that_settle_items_are_known_ones():
    source = (ROOT / "workflow" / "scripts/livingmeta/package/checklists.py").read_text()
    for _, item in ITEMS:
        if item.unless:
            assert f'"{item.unless}":' in source


def test_what_is_owed_goes_when_the_review_has_it():
    without, registered = answers(), answers({"registered"})
    key = ("PRISMA 2020", "24a")
    assert without.loc[key, "state"] == "in part"
    assert "registration" in without.loc[key, "owes"]
    assert registered.loc[key, "state"] == "answered"
    assert registered.loc[key, "owes"] == ""


def test_a_section_that_the_report_does_not_have_answers_nothing():
    assert answers(anchors=set()).loc[("PRISMA 2020", "4"), "state"] == "owed"
    assert answers(anchors=set()).loc[("PRISMA 2020", "4"), "owes"]


def test_facts_of_a_review(tmp_path):
    asked = parts()["asked"]
    found = checklists.facts(asked, parts()["tables"])
    assert found == {"machines-described", "note"}
    review = asked.review.but(registration="X", title="A systematic review")
    said = checklists.facts(asked.but(review=review), parts()["tables"])
    assert said == {"machines-described", "note", "registered", "title-names-kind"}


def test_the_table_keeps_its_contract_and_fills_the_appendix(tmp_path):
    found = answers().reset_index()
    tables.write(found, tmp_path / "checklists.csv", "report/checklists")
    blocks = checklists.blocks(list(LISTS.values()), found)
    sizes = [len(b.rows) for b in blocks if isinstance(b, content.Table)]
    assert sizes == [len(entry.items) for entry in LISTS.values()]
