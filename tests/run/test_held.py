"""A table beside a table may go once its rows stand in another, and not before."""

import pytest

from livingmeta.living import check
from livingmeta.run import digests, held
from running import review

HEAD = "study_id,outcome,arm,statistic,time,value,extractor\n"
KIM = "berg,os,drug,survival,24,60,kim\n"
RUIZ = "berg,os,drug,survival,24,61,ruiz\n"


@pytest.fixture
def two(tmp_path, monkeypatch):
    """A folder of outcomes.csv (Kim) and outcomes-ruiz.csv that a run has read; what follows it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outcomes.csv").write_text(HEAD + KIM)
    (tmp_path / "outcomes-ruiz.csv").write_text(HEAD + RUIZ)
    table = "outcomes.csv"
    held.note(digests.several(table), {}, "noted.json")
    (tmp_path / "outcomes-ruiz.csv").unlink()

    def again():
        held.must_stand({table: digests.several(table)}, held.read("noted.json"))

    return again


def test_a_second_table_that_is_gone_is_named_with_what_it_held(two):
    told = r"outcomes-ruiz\.csv is gone.*: 1 row stands in no other file, such as berg, os, drug"
    with pytest.raises(digests.FilesError, match=told):
        two()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("outcomes.csv", HEAD + KIM + RUIZ),  # appended
        ("outcomes.csv", HEAD + KIM + RUIZ.replace("61", "60")),  # and corrected there
        (
            "outcomes.csv",  # in a spreadsheet of another country, with a column more
            "note;extractor;study_id;outcome;arm;statistic;time;value\n"
            ";Kim;berg;os;drug;survival;24;60\nso;Ruiz;berg;os;drug;survival;24,0;61\n",
        ),
        ("outcomes-old.csv", HEAD + RUIZ),  # renamed
        ("outcomes-ruiz.csv", HEAD),  # nothing of it is meant to stay
    ],
)
def test_it_may_go_once_its_rows_stand_elsewhere_or_its_first_row_stays(two, name, text):
    with open(name, "w") as file:
        file.write(text)
    two()


def test_whose_rows_the_name_of_the_file_alone_tells_must_stand_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies.csv").write_text("study_id,n\nberg,60\n")
    for n, stands in (("60", True), ("61", False)):
        (tmp_path / "studies-ruiz.csv").write_text(f"study_id,n\nberg,{n}\n")
        held.note(["studies-ruiz.csv"], {}, "noted.json")
        (tmp_path / "studies-ruiz.csv").unlink()
        if stands:
            held.must_stand({"studies.csv": ["studies.csv"]}, held.read("noted.json"))
    with pytest.raises(digests.FilesError, match="1 row stands in no other file, such as berg, 61"):
        held.must_stand({"studies.csv": ["studies.csv"]}, held.read("noted.json"))


def test_a_workbook_is_compared_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kinds = {"extraction.xlsx": []}
    (tmp_path / "extraction-ruiz.xlsx").write_bytes(b"PK")
    held.note(["extraction-ruiz.xlsx"], {}, "noted.json")
    (tmp_path / "extraction-ruiz.xlsx").rename(tmp_path / "old-extraction-ruiz.xlsx")
    held.must_stand(kinds, held.read("noted.json"))
    (tmp_path / "old-extraction-ruiz.xlsx").unlink()
    with pytest.raises(digests.FilesError, match="no file beside it is the same"):
        held.must_stand(kinds, held.read("noted.json"))


def test_nothing_is_noted_of_what_no_run_has_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert held.read("noted.json") == {}
    (tmp_path / "outcomes-a.csv").write_text(HEAD + KIM)
    held.note(["outcomes-a.csv"], {}, "noted.json")
    (tmp_path / "outcomes-b.csv").write_text(HEAD + RUIZ)
    held.note([], held.read("noted.json"), "noted.json")  # a run that failed before it read b
    assert list(held.read("noted.json")) == ["outcomes-a.csv"]


@pytest.mark.parametrize("name", [".outcomes-ruiz.csv.icloud", "outcomes-ruiz.csv.nextcloud"])
def test_what_a_cloud_drive_holds_alone_is_refused_by_its_name(tmp_path, name):
    (tmp_path / "outcomes.csv").write_text(HEAD + KIM)
    (tmp_path / name).write_text("bplist")
    told = r"outcomes-ruiz\.csv is not on this machine"
    for read in (
        lambda: digests.files(tmp_path),
        lambda: digests.several(f"{tmp_path}/outcomes.csv"),
    ):
        with pytest.raises(digests.FilesError, match=told):
            read()
    (tmp_path / ".outcomes.csv.icloud").write_text("bplist")
    (tmp_path / "outcomes.csv").unlink()
    with pytest.raises(digests.FilesError, match=r"outcomes\.csv is not on this machine"):
        digests.table(f"{tmp_path}/outcomes.csv")


@pytest.mark.parametrize(
    ("left", "said"),
    [(3, False), (2, False), (1, True), (0, True)],
)
def test_a_table_that_lost_most_of_its_rows_is_named(tmp_path, monkeypatch, left, said):
    monkeypatch.chdir(tmp_path)
    rows = [f"berg,os,drug,survival,{month},60,ruiz\n" for month in (12, 24, 36)]
    (tmp_path / "outcomes.csv").write_text(HEAD + KIM)
    (tmp_path / "outcomes-ruiz.csv").write_text(HEAD + "".join(rows))
    kinds = {"outcomes.csv": ["outcomes.csv", "outcomes-ruiz.csv"]}
    held.note(kinds["outcomes.csv"], {}, "noted.json")
    (tmp_path / "outcomes-ruiz.csv").write_text(HEAD + "".join(rows[:left]))
    told = held.fewer(kinds, held.read("noted.json"))
    assert bool(told) is said
    assert not said or f"held 3 rows at the last run, and {3 - left} of them" in told[0]
    (tmp_path / "outcomes-ruiz.csv").write_text(HEAD + "".join(rows).replace("ruiz", "Bo Ruiz"))
    assert held.fewer(kinds, held.read("noted.json")) == []
    (tmp_path / "outcomes-ruiz.csv").write_text(HEAD)
    (tmp_path / "outcomes.csv").write_text(HEAD + KIM + "".join(rows))  # appended there
    assert held.fewer(kinds, held.read("noted.json")) == []


def test_check_looks_for_tables_that_are_gone(tmp_path, monkeypatch):
    review(tmp_path)
    monkeypatch.chdir(tmp_path)
    own = "data/raw/extraction/outcomes-ruiz.csv"
    (tmp_path / own).write_text(HEAD + RUIZ)
    (tmp_path / ".snakemake").mkdir(exist_ok=True)
    held.note([own], {})
    (tmp_path / own).unlink()
    assert f"{own} is gone, and an earlier run has read it: 1 row stands" in check.told({})
