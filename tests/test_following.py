"""The tutorial and the how-tos, done as they stand: from an empty folder to what they print."""

import csv

import pytest

import following
from running import ROOT

HOW_TOS = sorted(path.stem for path in (ROOT / "docs/howto").glob("*.md"))


@pytest.fixture(scope="module")
def saline(tmp_path_factory):
    """The review of the tutorial, done from its first line to its last."""
    folder = tmp_path_factory.mktemp("tutorial") / "saline"
    folder.mkdir()
    following.follow("tutorial.md", folder)
    return folder


@pytest.mark.heavy
def test_the_tutorial_leads_to_the_answer_that_it_prints(saline):
    with (saline / "results/pooling/pooled.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["primary"] == "true"]
    assert [(row["k"], row["n"]) for row in rows] == [("4", "528")]
    # As by hand from its four tables of two by two, with weights of inverse variances.
    assert round(float(rows[0]["display_estimate"]), 4) == 0.7233


@pytest.mark.heavy
@pytest.mark.parametrize("name", HOW_TOS)
def test_a_how_to_leads_to_what_it_prints(saline, tmp_path, name):
    folder = following.copied(saline, tmp_path / "saline")
    following.follow(f"howto/{name}.md", folder, "settle")


def test_from_an_empty_folder_to_a_first_report_it_takes_two_commands():
    first = [(kind, title) for kind, title, _ in following.blocks("tutorial.md")][:2]
    assert first == [("sh", ""), ("sh", "")]
    commands = [text.replace("\\\n", "").strip() for _, _, text in following.blocks("tutorial.md")]
    assert all("\n" not in command for command in commands[:2])


def test_pictures_are_small_and_all_are_shown():
    pictures = list((ROOT / "docs/pictures").iterdir())
    pages = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs").rglob("*.md"))
    assert {p.name for p in pictures if f"pictures/{p.name})" not in pages} == set()
    assert all(p.stat().st_size < 60_000 for p in pictures)
