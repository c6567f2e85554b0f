"""At which stage an export of Rayyan or EPPI-Reviewer was decided: by its name and its records."""

import csv

import pandas as pd
import pytest

from livingmeta.screening import decisions
from livingmeta.screening.readers import programs, stage_read
from livingmeta.screening.readers.votes import VoteError
from livingmeta.tables import TableError

MANY = 4
RECORDS = pd.DataFrame({"record_id": [f"doi:10.1000/{i}" for i in range(MANY)]})
RECORDS["identifiers"] = RECORDS["record_id"]
# On title and abstract Ann and Bo went on with 0 and 1, fell out over 2, and left out 3.
SAID = {"Ann": "include include include exclude", "Bo": "include include exclude exclude"}


def held(said=SAID, stage="title-abstract"):
    rows = [
        (f"doi:10.1000/{i}", stage, who, word, "", "2026-01-01")
        for who, words in said.items()
        for i, word in enumerate(words.split())
    ]
    columns = ["record", "stage", "reviewer", "decision", "reason", "decided_on"]
    return pd.DataFrame(rows, columns=columns)


def read(folder, name, words, have):
    """Ann's decisions on the records by their place, from an export of this name."""
    path = folder / "rayyan" / name
    path.parent.mkdir()
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "authors", "year", "doi", "notes"])
        for i, word in words.items():
            note = f'RAYYAN-INCLUSION: {{"Ann"=>"{word}"}}'
            writer.writerow([f"Moss tea, part {i}", "Kim, A", "2020", f"10.1000/{i}", note])
    known = decisions.by_name(RECORDS)
    found, _ = programs.decisions(path, "rayyan", known, {}, "2026-02-01", {}, have)
    return set(found["stage"])


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("Full-text 2026", "full-text"),
        ("fulltext", "full-text"),
        ("Stage 2 FT Kim", "full-text"),
        ("KimFT", "full-text"),
        ("rayyan_ft2", "full-text"),
        ("Volltextscreening", "full-text"),
        ("texte intégral", "full-text"),
        ("All coding for Screen on Full Text", "full-text"),
        ("All coding for Screen on Title & Abstract", "title-abstract"),
        ("TiAb Kim", "title-abstract"),
        ("stage2", stage_read.SECOND),
        ("Second screening", stage_read.SECOND),
        ("zweite Stufe", stage_read.SECOND),
        ("all", ""),
        ("full export", ""),
        ("phase 2 trials", ""),
        ("conference abstracts", ""),
        ("left after drift", ""),
    ],
)
def test_what_a_name_tells(name, stage):
    assert stage_read.named(name) == stage


def test_a_name_of_both_stages_is_asked_about():
    with pytest.raises(VoteError, match="two stages; rename it"):
        stage_read.named("title abstract and full text")


def test_a_second_stage_is_the_full_text_where_its_records_went_on(tmp_path):
    went_on = {0: "Included", 1: "Excluded"}
    assert read(tmp_path, "stage 2.csv", went_on, held()) == {"full-text"}


@pytest.mark.parametrize("have", [held(), held({})])
def test_a_second_stage_of_other_records_is_asked_about(tmp_path, have):
    with pytest.raises(TableError, match=r"says a second stage, and \d of its 2 records"):
        read(tmp_path, "stage 2 lung cancer.csv", {2: "Included", 3: "Excluded"}, have)


def test_what_neither_name_nor_records_tell_is_asked_about(tmp_path):
    """Before, an exclusion at full text became a changed mind on title and abstract."""
    with pytest.raises(TableError, match=r"its 2 records .*rename it with full-text or title-abs"):
        read(tmp_path, "Kim March.csv", {0: "Included", 1: "Excluded"}, held())


@pytest.mark.parametrize(
    ("words", "have"),
    [
        ({0: "Included", 1: "Excluded"}, held({})),  # the first decisions of a review
        (dict.fromkeys(range(MANY), "Included"), held()),  # a mind changed, among all records
        ({0: "Included", 1: "Included"}, held()),  # held already
        ({0: "Included", 2: "Excluded"}, held()),  # a conflict, looked at again
        ({0: "Included", 1: "Excluded"}, held({"Bo": "exclude exclude include include"})),
    ],
)
def test_decisions_on_titles_are_taken_without_a_question(tmp_path, words, have):
    assert read(tmp_path, "all.csv", words, have) == {"title-abstract"}


def test_who_decided_on_full_texts_already_names_the_file(tmp_path):
    have = pd.concat([held(), held({"Ann": "include exclude"}, "full-text")])
    assert read(tmp_path, "FT.csv", {0: "Included", 1: "Excluded"}, have) == {"full-text"}
