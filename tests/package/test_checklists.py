"""Checklists: complete, leading somewhere, and honest about what is owed."""

import re

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.package import answers_to_checklists
from livingmeta.prose import checklists, texts
from livingmeta.report import content
from made_up_document import parts
from running import ROOT

LISTS = {entry.name: entry for entry in checklists.read()}
ITEMS = [(entry.name, item) for entry in LISTS.values() for item in entry.items]


def answers(holding=frozenset(), anchors=None, written=None):
    there = set(parts()["content"].anchors) if anchors is None else anchors
    lists = list(LISTS.values())
    found = answers_to_checklists.table(lists, set(holding), there, written or {})
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
    sections = set(parts()["content"].anchors) | {
        "bias",
        "certainty",
        "plan",
        "machines",
        "contacts",
        "amendments",
    }
    for place in item.place:
        if place.startswith("#"):
            assert place[1:] in sections
        elif place.startswith("results/"):
            assert place in rules
        else:
            assert re.match(r"report\.html|data/raw/|config/config\.yaml", place)


def test_the_facts_that_settle_items_are_known_ones():
    source = (ROOT / "workflow" / "scripts/livingmeta/prose/checklists.py").read_text()
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
    asking = parts()["tables"] | {"contacts": pd.DataFrame([{"study_id": "x"}])}
    assert checklists.facts(asked, asking) == found | {"contacts"}
    review = asked.review.but(registration="X", title="A systematic review")
    said = checklists.facts(asked.but(review=review), parts()["tables"])
    assert said == {"machines-described", "note", "registered", "title-names-kind"}


def test_the_table_keeps_its_contract_and_fills_its_section(tmp_path):
    found = answers().reset_index()
    tables.write(found, tmp_path / "checklists.csv", "report/checklists")
    blocks = answers_to_checklists.blocks(list(LISTS.values()), found)
    sizes = [len(b.rows) for b in blocks if isinstance(b, content.Table)]
    assert sizes == [len(entry.items) for entry in LISTS.values()]


def written(tmp_path, **files):
    """The texts of a review that has these; names of parts stand for headings or bold words."""
    folder = tmp_path / "data" / "raw" / "prose"
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in files.items():
        (folder / f"{name}.md").write_text(said, encoding="utf-8")
    return texts.read(map(str, folder.iterdir()))


@pytest.mark.parametrize(
    ("files", "item", "place"),
    [
        ({"background": "Why."}, "3", "report.html#background; data/raw/prose/background.md"),
        (
            {"discussion": "So.\n\n## Implications for research\n\nMore."},
            "23d",
            "report.html#discussion-implications-for-research; data/raw/prose/discussion.md",
        ),
        (
            {"limitations": "**Contact with authors.** Nobody was asked."},
            "9",
            "report.html#limitations; data/raw/prose/limitations.md",
        ),
        ({"funding": "None."}, "25", "report.html#funding; data/raw/prose/funding.md"),
        ({"interests": "None."}, "26", "report.html#interests; data/raw/prose/interests.md"),
        ({"amendments": "None."}, "24c", "report.html#amendments; data/raw/prose/amendments.md"),
    ],
)
def test_a_text_answers_its_item_by_file_and_anchor(tmp_path, files, item, place):
    key = ("PRISMA 2020", item)
    assert answers().loc[key, "state"] != "answered"
    said = answers(written=written(tmp_path, **files)).loc[key]
    assert said["state"] == "answered"
    assert said["place"].endswith(place)


def test_an_empty_text_answers_nothing_and_another_part_not_this_one(tmp_path):
    there = written(tmp_path, background=" \n", discussion="## Strengths\n\nMany.")
    assert list(there) == ["discussion"]
    found = answers(written=there)
    assert found.loc[("PRISMA 2020", "3"), "state"] == "owed"
    assert found.loc[("PRISMA 2020", "23d"), "state"] == "owed"
    assert (
        "data/raw/prose/discussion.md, under the heading Implications"
        in found.loc[("PRISMA 2020", "23d"), "owes"]
    )


def test_what_a_list_owes_is_what_its_table_says_is_owed(tmp_path):
    there = written(tmp_path, background="Why.", abstract="**Funding.** None.")
    lists = list(LISTS.values())
    owed = checklists.owed(lists, {"note"}, there)
    found = answers({"note"}, written=there).reset_index()
    for name, items in owed.items():
        mine = found[(found["checklist"] == name) & (found["owes"] != "")]
        places = {"a place in the report"}  # a section that this report does not have
        assert [r["item"] for _, r in mine.iterrows() if r["owes"] not in places] == items
    assert "11" not in owed["PRISMA 2020 for abstracts"]


def test_every_text_that_an_item_names_can_be_written():
    for _, item in ITEMS:
        for wanted in item.said:
            section, _, words = wanted.partition("/")
            assert section in ("", *texts.SECTIONS)
            assert section or words
            assert re.fullmatch(r"[a-z-]*", words)
