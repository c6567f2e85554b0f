"""The workbook in a run: the same effects as by the tables, and clashes told by sheet and cell."""

import csv

import openpyxl
import pytest

from livingmeta.words import settling
from running import ROOT, snakemake

pytestmark = pytest.mark.heavy


def run(folder, *rules):
    done = snakemake(ROOT, folder, *rules)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def rows(folder, table):
    with open(folder / "results" / table, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_review_extracted_by_workbook_alone_has_the_effects_of_its_tables(finished_run, tmp_path):
    finished_run(tmp_path)
    effects = (tmp_path / "results/effects/effects.csv").read_bytes()
    numbers = [{**row, "inputs": ""} for row in rows(tmp_path, "effects/effects.csv")]
    waiting = [row["what"] for row in rows(tmp_path, "to_settle.csv")]
    assert "wrote data/raw/extraction/extraction.xlsx" in run(tmp_path, "workbook")
    # Beside the tables it says everything once more, which counts once.
    run(tmp_path, "settle")
    assert (tmp_path / "results/effects/effects.csv").read_bytes() == effects
    assert [row["what"] for row in rows(tmp_path, "to_settle.csv")] == waiting
    # Alone it gives the same, each number with its cell; the tables keep their first row.
    texts = {}
    for name in ("outcomes", "studies"):
        path = tmp_path / "data/raw/extraction" / f"{name}.csv"
        texts[path] = path.read_text()
        path.write_text(texts[path].split("\n")[0] + "\n")
    run(tmp_path, "settle")
    again = rows(tmp_path, "effects/effects.csv")
    assert [{**row, "inputs": ""} for row in again] == numbers
    assert all("!" in row["inputs"] for row in again)
    used = rows(tmp_path, "effects/used.csv")
    assert {row["file"] for row in used} == {settling.WORKBOOK}
    assert {row["in_row"].partition("!")[0] for row in used} == {"Binary", "Time-to-event"}
    # A value that differs from the table's waits for people, by sheet and cell and by row.
    for path, text in texts.items():
        path.write_text(text)
    book = openpyxl.load_workbook(tmp_path / settling.WORKBOOK)
    assert (book["Binary"]["A2"].value, book["Binary"]["D2"].value) == ("ahn-2015", 8)
    book["Binary"]["D2"] = 9
    book.save(tmp_path / settling.WORKBOOK)
    run(tmp_path, "settle")
    [twice] = [row for row in rows(tmp_path, "to_settle.csv") if row["kind"] == "printed-twice"]
    assert (twice["file"], twice["rows"]) == (settling.OUTCOMES, "4, Binary!D2 of extraction.xlsx")
