"""Files that a page downloads are read where they are dropped, beside the table."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.files import of_kind
from livingmeta.run import digests
from livingmeta.screening import decisions, dropped
from livingmeta.screening.duplicates import records, settled

HEADER = "record,stage,reviewer,decision,reason,decided_on,note\n"
RECORDS = pd.DataFrame({"record_id": ["doi:10.5/a"], "title": ["A"], "identifiers": ["pmid:7"]})


def put(folder, **files):
    """Files of decisions: their rows by the name of the file, without its ending."""
    for name, rows in files.items():
        lines = "".join(f"{row}\n" for row in rows)
        (folder / f"{name}.csv").write_text(HEADER + lines, encoding="utf-8")
    return [(folder / f"{name}.csv").as_posix() for name in files]


def vote(who, said, day="2026-01-01", record="doi:10.5/a"):
    return f"{record},title-abstract,{who},{said},,{day},"


def resolved(table):
    return decisions.resolve(RECORDS, table, reviewers=1, reasons=[])


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("data/decisions.csv", True),
        ("data/decisions-kim-2026-01-01.csv", True),
        ("data/decisions (1).csv", True),
        ("data/Decisions-Kim.CSV", True),
        ("data/Decisions.csv", False),
        ("data/decisions-kim.xlsx", False),
        ("data/old/decisions-kim.csv", False),
        ("data/my-decisions.csv", False),
    ],
)
def test_which_files_are_of_a_kind(name, counts):
    assert of_kind(name, "data/decisions.csv") is counts


def test_every_file_beside_the_table_is_an_input(tmp_path):
    table = (tmp_path / "decisions.csv").as_posix()
    assert digests.several(table) == []
    further = put(tmp_path, **{"decisions-kim": [], "decisions-lee": []})
    assert digests.several(table) == further  # nobody has begun the table itself
    assert digests.several(table, further) == further
    put(tmp_path, decisions=[])
    assert digests.several(table) == [table, *further]
    for path in further:  # appended, and taken away
        (tmp_path / path).unlink()
    assert digests.several(table, [table, *further]) == [table]
    (tmp_path / "decisions.csv").unlink()
    with pytest.raises(digests.FilesError, match=r"decisions\.csv is gone"):
        digests.several(table, [table, *further])
    with pytest.raises(digests.FilesError, match=r"decisions-kim\.csv is gone"):
        digests.several(table, further)


def test_a_row_counts_once_though_two_files_hold_it(tmp_path):
    """A download appended to the table and left beside it changes nothing, nor takes back what
    was decided later on the same day."""
    first, changed = vote("kim", "include"), vote("kim", "exclude")
    paths = put(tmp_path, **{"decisions-kim": [first, vote("lee", "include")]})
    paths += put(tmp_path, decisions=[first, changed])
    table = dropped.read(paths, "data/decisions")
    assert table["reviewer"].tolist() == ["kim", "kim", "lee"]
    assert [p.rpartition("/")[2] for p in table["file"]] == ["decisions.csv"] * 2 + [
        "decisions-kim.csv"
    ]
    assert table["row"].tolist() == [2, 3, 3]
    assert "decisions-kim.csv: 1 row stands in an earlier file too" in table.attrs["notes"][0]
    last = resolved(table).votes.set_index("reviewer")["decision"]
    assert last["kim"] == "exclude"


def test_within_one_file_a_row_may_come_back(tmp_path):
    yes, no = vote("kim", "include"), vote("kim", "exclude")
    table = dropped.read(put(tmp_path, decisions=[yes, no, yes]), "data/decisions")
    assert resolved(table).votes["decision"].tolist() == ["include"]


def test_files_that_differ_are_told_as_rows_of_one_file_are(tmp_path):
    paths = put(
        tmp_path,
        **{
            "decisions-kim (2)": [vote("kim", "include")],
            "decisions-kim": [vote("kim", "unsure")],
            "decisions-kim (10)": [vote("kim", "exclude")],
        },
    )
    found = resolved(dropped.read(paths, "data/decisions"))
    assert found.votes["decision"].tolist() == ["exclude"]  # (10) was downloaded after (2)
    said = found.warnings.to_dict("records")
    assert [row["file"].rpartition("/")[2] for row in said] == [
        "decisions-kim (10).csv",
        "decisions-kim (2).csv",
    ]
    assert "in row 2 of " in said[0]["message"]
    assert "decisions-kim (2).csv of the same day" in said[0]["message"]


@pytest.mark.parametrize("who", ["kim", "consensus"])
@pytest.mark.parametrize(
    "copy",
    [
        "decisions (kim's conflicted copy 2026-03-04)",
        "decisions-kim-2026-01-01",
        "decisions (1)",
        "decisions-old",
    ],
)
def test_no_copy_outvotes_what_was_corrected_in_the_table(tmp_path, who, copy):
    """Nobody can tell which of two files is the later: neither counts until a person says."""
    rows, lee = [vote(who, "include")], vote("lee", "include")
    paths = put(tmp_path, decisions=[*rows, lee], **{copy: [vote(who, "exclude"), lee]})
    found = resolved(dropped.read(paths, "data/decisions"))
    row = found.conflicts.iloc[0]
    twice = f"{who}: include (decisions.csv, row 2) and exclude ({copy}.csv, row 2), of one day"
    assert twice in row["votes"]
    assert "neither counts alone" in found.warnings["message"].iloc[0]
    said = pd.concat([found.votes, found.overtaken])
    assert sorted(said["decision"][said["reviewer"] == who]) == ["exclude", "include"]
    # A later day settles it, and so does the same correction in both.
    later = [vote(who, "include", "2026-01-02")]
    for more in ({"decisions": [*rows, lee, *later]}, {copy: rows}):
        put(tmp_path, **more)
        found = resolved(dropped.read(paths, "data/decisions"))
        assert found.awaiting["stage"].tolist() == ["full-text"]  # included by its title


NAMES = [
    ["decisions-kim", "decisions-kim 2", "decisions-kim 10"],
    ["decisions-kim-2026-01-01", "decisions-kim-2026-01-01-2", "decisions-kim-2026-01-01-10"],
    ["decisions-kim(1)", "decisions-kim(2)", "decisions-kim(10)"],
    ["decisions-kim9", "decisions-kim10", "decisions-kim11"],
]


@pytest.mark.parametrize("names", NAMES)
def test_the_last_download_of_a_day_has_the_last_word(tmp_path, names):
    said = ["unsure", "exclude", "include"]
    files = {name: [vote("kim", word)] for name, word in zip(names, said, strict=True)}
    paths = put(tmp_path, **files)
    for order in (paths, paths[::-1]):
        table = dropped.read(order, "data/decisions")
        assert table["decision"].tolist() == said
        assert resolved(table).votes["decision"].tolist() == ["include"]


@pytest.mark.parametrize("names", NAMES[:3])
def test_what_was_changed_back_on_one_day_is_the_last_word(tmp_path, names):
    """Downloads hold all that has not arrived yet, so further ones repeat the first."""
    yes, no, other = (
        vote("kim", "include"),
        vote("kim", "exclude"),
        vote("kim", "unsure", record="x"),
    )
    files = [[yes], [no, other], [yes, other]]
    paths = put(tmp_path, **dict(zip(names, files, strict=True)))
    table = dropped.read(paths, "data/decisions")
    assert table["decision"].tolist() == ["include", "exclude", "unsure", "include"]
    assert resolved(table).votes["decision"].tolist() == ["include"]
    assert "1 row stands in an earlier file too" in table.attrs["notes"][0]
    # appended to the table in part or whole, or kept as a copy of another name
    for held in ([yes], [yes, no, other], [yes, no, other, yes]):
        table = dropped.read([*put(tmp_path, decisions=held), *paths], "data/decisions")
        assert len(table) == 4
        assert resolved(table).votes["decision"].tolist() == ["include"]
    put(tmp_path, decisions=[yes, no, other, yes])
    copy = put(tmp_path, **{"decisions-old": [yes, no]})
    table = dropped.read([(tmp_path / "decisions.csv").as_posix(), *copy], "data/decisions")
    assert resolved(table).votes["decision"].tolist() == ["include"]


def test_faults_of_all_files_are_told_at_once(tmp_path):
    paths = put(tmp_path, decisions=[vote("", "include")], **{"decisions-b": [vote("b", "yes?")]})
    with pytest.raises(tables.TableError) as error:
        dropped.read(paths, "data/decisions")
    assert "decisions.csv, row 2, column reviewer" in str(error.value)
    assert "decisions-b.csv, row 2, column decision" in str(error.value)


def test_a_decision_on_no_record_keeps_its_file(tmp_path):
    paths = put(tmp_path, **{"decisions-b": [vote("b", "include", record="pmid:99")]})
    found = resolved(dropped.read(paths, "data/decisions")).unmatched
    assert found["file"].tolist() == paths


def test_settled_pairs_of_two_files(tmp_path):
    one, two = tmp_path / "duplicates.csv", tmp_path / "duplicates-kim.csv"
    one.write_text("record,other,decision\npmid:1,pmid:2,same\n", encoding="utf-8")
    two.write_text("record,other,decision\npmid:1,pmid:2,different\n", encoding="utf-8")
    pairs = dropped.read([str(one), str(two)], "data/duplicates")
    copies = pd.DataFrame(
        [["x.ris", 1, "A", "1"], ["x.ris", 9, "B", "2"]], columns=["file", "line", "title", "pmid"]
    )
    for column in ("doi", "pmcid", "authors", "year", "journal", "abstract", "source", "type"):
        copies[column] = ""
    with pytest.raises(settled.SettledError, match=r"duplicates-kim\.csv, row 2: "):
        records.assemble(copies, settled=pairs)


def test_nothing_brought_is_no_row():
    table = dropped.read([], "data/decisions")
    assert table.empty
    assert {"row", "file"} <= set(table)
