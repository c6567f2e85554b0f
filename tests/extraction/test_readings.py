"""Printed numbers in several files: outcomes.csv and one beside it for each extractor."""

import pytest

from livingmeta import tables
from livingmeta.extraction import outcomes, places, readings
from livingmeta.extraction.rows import read_row
from livingmeta.extraction.settled import clashes
from livingmeta.plan import Outcome

HEAD = "study_id,outcome,arm,time,statistic,value,n,unit,source,extractor\n"
ALIVE = "ahn,os,a,12,survival,{},40,%,p. 3,{}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / places.FILE).parent.mkdir(parents=True)

    def bring(**files):
        paths = [places.FILE.replace("outcomes", f"outcomes{name}") for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            (tmp_path / path).write_text(HEAD + text)
        return paths

    return bring


def named(**files):
    """The keyword of a file: `_kim` stands for outcomes-kim.csv."""
    return {key.replace("_", "-").removeprefix("own"): text for key, text in files.items()}


def tidy(table):
    os = Outcome.of({"label": "Survival", "kind": "survival", "unit": ""})
    return outcomes.tidy(table, ["ahn"], {"os": os}, ["a", "b"], "months")


def test_one_file_alone_is_read_as_ever(folder):
    paths = folder(**named(own=ALIVE.format(70, "")))
    table = readings.read(paths)
    assert list(table.columns) == list(tables.read(paths[0], "data/outcomes").columns)
    assert places.of(tidy(table).to_dict("records")[0]) == 2


def test_a_file_is_what_the_person_of_its_name_read(folder):
    files = {"own": ALIVE.format(70, "ann"), "_kim": ALIVE.format(80, "") + ALIVE.format(80, "lee")}
    table = readings.read(folder(**named(**files)))
    assert table["extractor"].tolist() == ["ann", "kim", "lee"]
    assert table["row"].tolist() == [2, 4, 5]
    (clash,) = clashes(tidy(table).to_dict("records"))
    assert "70% (row 2, ann) or 80% (row 2 of outcomes-kim.csv, kim)" in clash.words
    file, rows = places.together(clash.records)
    assert file == places.FILE
    assert rows == "2, 2 of outcomes-kim.csv, 3 of outcomes-kim.csv"
    assert "(row 3 of outcomes-kim.csv)" in read_row(clash.records[2]).words()


def test_a_row_downloaded_twice_counts_once(folder):
    row = ALIVE.format(70, "")
    table = readings.read(folder(**named(own="", _kim=row, **{"_kim (1)": row + row})))
    assert table["extractor"].tolist() == ["kim", "kim"]
    assert any("1 row stands in an earlier file too" in note for note in table.attrs["notes"])


def test_two_extractors_without_the_table_itself(folder):
    table = readings.read(folder(**named(_kim=ALIVE.format(70, ""), _ann=ALIVE.format(70, ""))))
    assert sorted(table["extractor"]) == ["ann", "kim"]
    assert not clashes(tidy(table).to_dict("records"))


@pytest.mark.parametrize("name", ["_backup", "_old", "2", " copy", "_2026-03-01", "_my copy"])
def test_a_copy_is_nobodys_reading(folder, name):
    paths = folder(**named(own=ALIVE.format(70, ""), **{name: ALIVE.format(70, "")}))
    with pytest.raises(tables.TableError, match=r"Name it for who read \(outcomes-kim.csv\)"):
        readings.read(paths)


def test_a_fault_is_told_where_it_stands(folder):
    paths = folder(**named(own=ALIVE.format(70, ""), _kim=ALIVE.format(700, "")))
    with pytest.raises(tables.TableError) as told:
        tidy(readings.read(paths))
    assert str(told.value).startswith("data/raw/extraction/outcomes-kim.csv, row 2, column value")
    assert "\n" not in str(told.value)


def test_a_column_of_ours_is_refused(folder):
    (path,) = folder(**named(_kim=ALIVE.format(70, "")))
    text = (HEAD + ALIVE.format(70, "")).splitlines()
    with open(path, "w") as file:
        file.write(f"{text[0]},in_file\n{text[1]},x\n")
    with pytest.raises(tables.TableError, match="the results have a column of this name"):
        readings.read([path])
