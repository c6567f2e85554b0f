"""Decisions of Rayyan: CSV and RIS in, rows of decisions.csv out."""

import csv

import pandas as pd
import pytest

import label
from livingmeta import tables
from livingmeta.screening import decisions

REASONS = {"wrong-drug": "Another drug", "animals": "Not in people"}
VOTES = 'RAYYAN-INCLUSION: {"Ann Ö"=>"Included", "Bo"=>"Excluded"}'
SAID = "RAYYAN-EXCLUSION-REASONS: __EXR__foreign language,another drug"
NOTES = [
    f'{VOTES} | RAYYAN-LABELS: x,y | {SAID} | USER-NOTES: {{"Bo"=>["low dose", "see [2]"]}}',
    'A note of the export. RAYYAN-INCLUSION: {"Bo"=>"Maybe"}',
    "nobody has voted",
    'RAYYAN-INCLUSION: {"Bo"=>"Included"}',
]
RECORDS = pd.DataFrame(
    {
        "record_id": [f"doi:10.1000/{i}" for i in range(3)],
        "title": [f"Colchicine for gout, part {i}" for i in range(3)],
        "identifiers": [f"doi:10.1000/{i}" for i in range(3)],
    }
)


def as_csv(path, notes):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "title", "year", "authors", "doi", "notes", "pubmed_id"])
        for i, note in enumerate(notes):
            title = f"Colchicine for gout, part {i}"
            writer.writerow([f"rayyan-{i}", title, "2020", "Smith, A", f"10.1000/{i}", note, ""])


def as_ris(path, notes):
    lines = []
    for i, note in enumerate(notes):
        lines += ["TY  - JOUR", f"TI  - Colchicine for gout, part {i}", "AU  - Smith, A"]
        lines += ["PY  - 2020", f"DO  - 10.1000/{i}", f"N1  - {note}", "ER  - ", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def taken(tmp_path, name, write, notes=NOTES):
    write(tmp_path / name, notes)
    full = RECORDS.reindex(columns=tables.columns("screening/records"), fill_value="")
    tables.write(full.assign(copies=1), tmp_path / "records.csv", "screening/records")
    said = []
    paths = {"records": tmp_path / "records.csv", "decisions": []}
    out = {"labels": tmp_path / "labels.csv"}
    label.main([tmp_path / name], paths, out, "2026-11-26", REASONS, said.append)
    return tables.read(out["labels"], "data/decisions"), said


@pytest.mark.parametrize(("name", "write"), [("all.csv", as_csv), ("all.ris", as_ris)])
def test_the_votes_of_all_reviewers(tmp_path, name, write):
    found, said = taken(tmp_path, name, write)
    rows = found[["record", "reviewer", "decision", "reason", "note"]].to_numpy().tolist()
    assert rows == [
        ["doi:10.1000/0", "Ann Ö", "include", "", ""],
        ["doi:10.1000/0", "Bo", "exclude", "foreign language; wrong-drug", "low dose; see [2]"],
        ["doi:10.1000/1", "Bo", "unsure", "", ""],
    ]
    assert found["labels"].tolist() == ["x; y", "x; y", ""]
    assert set(found["stage"]) == {"title-abstract"}
    assert set(found["decided_on"]) == {"2026-11-26"}
    assert "part 3" in said[1]
    assert "no record of that name" in said[1]


def test_at_full_text_the_reason_is_one_of_the_protocol(tmp_path):
    """And the rows are such as the next run takes in without a fault."""
    found, _ = taken(tmp_path, "Full-text 2026.csv", as_csv)
    assert set(found["stage"]) == {"full-text"}
    row = found[found["decision"] == "exclude"].iloc[0]
    assert (row["reason"], row["note"]) == (
        "wrong-drug",
        "foreign language; low dose; see [2]",
    )
    decisions.resolve(RECORDS, found, reviewers=2, reasons=list(REASONS))


def _votes(found):
    return found[["record", "reviewer", "decision", "note"]].to_numpy().tolist()


@pytest.mark.parametrize("write", [as_csv, as_ris])
@pytest.mark.parametrize(
    ("note", "who"),
    [
        ('RAYYAN-INCLUSION: {"Bo }x"=>"Included", "Ann"=>"Maybe"}', ["Bo }x", "Ann"]),
        ("RAYYAN-INCLUSION: {'Bo'=>'Included', 'Ann'=>'Maybe'}", ["Bo", "Ann"]),
        ('RAYYAN-INCLUSION: {"Bo": "Included", "Ann": "Maybe"}', ["Bo", "Ann"]),
        ("RAYYAN-INCLUSION: {“Bo”=>“Included”, “Ann”=>”Maybe”}", ["Bo", "Ann"]),
        ("RAYYAN-INCLUSION: {‘Bo’: ‘Included’, ‘Ann’: ‘Maybe’}", ["Bo", "Ann"]),
        ('RAYYAN-INCLUSION:{"Bo O’Ray"=>"Included","Ann"=>"Maybe",}', ["Bo O’Ray", "Ann"]),
    ],
)
def test_votes_however_they_are_written(tmp_path, write, note, who):
    found, said = taken(tmp_path, "all.txt", write, [note])
    assert [row[1:3] for row in _votes(found)] == [[who[0], "include"], [who[1], "unsure"]]
    assert not any("look at" in line for line in said)


def test_two_notes_of_votes_in_one_record(tmp_path):
    note = (
        'RAYYAN-INCLUSION: {"Ann"=>"Included"} | RAYYAN-EXCLUSION-REASONS: animals'
        '\nN1  - RAYYAN-INCLUSION: {"Bo"=>"Excluded", "Cy"=>"Excluded"} | '
        'USER-NOTES: {"Bo"=>["no {"]}'
        '\nN1  - RAYYAN-INCLUSION: {"Cy"=>"Included"}'
    )
    found, said = taken(tmp_path, "all.ris", as_ris, [note])
    assert [row[1:] for row in _votes(found)] == [["Ann", "include", ""], ["Bo", "exclude", "no {"]]
    assert found["reason"].tolist() == ["", "animals"]
    assert "Cy has votes that differ" in said[-2]


@pytest.mark.parametrize(
    "note",
    [
        "RAYYAN-INCLUSION: {Bo=>Included}",
        'RAYYAN-INCLUSION: {"Bo"=>"Included", "An',
        'RAYYAN-INCLUSION: "Bo" Included',
    ],
)
def test_votes_that_cannot_be_read_are_told(tmp_path, note):
    found, said = taken(tmp_path, "all.csv", as_csv, [note, VOTES])
    assert set(found["record"]) == {"doi:10.1000/1"}
    assert "line 2, 'Colchicine for gout, part 0': its votes cannot be read: 'RAYYAN" in said[1]


def test_votes_outside_the_notes_or_on_what_is_no_record_are_told(tmp_path):
    lost = f"TY  - JOUR\nKW  - {VOTES}\nN1  - {VOTES}\nER  - \n"
    aside = (
        f"TY  - JOUR\nTI  - Colchicine for gout, part 0\nDO  - 10.1000/0\nKW  - {VOTES}\nER  - \n"
    )

    def write(path, _):
        path.write_text(lost + aside, encoding="utf-8")

    found, said = taken(tmp_path, "all.ris", write)
    assert found.empty
    assert any("line 1: no label is taken; neither a title" in line for line in said)
    assert any("line 5, 'Colchicine for gout, part 0': its votes cannot" in line for line in said)


def test_two_exports_that_differ_are_told(tmp_path):
    as_csv(tmp_path / "b.csv", ['RAYYAN-INCLUSION: {"Bo"=>"Excluded"}'])
    full = RECORDS.reindex(columns=tables.columns("screening/records"), fill_value="")
    tables.write(full.assign(copies=1), tmp_path / "records.csv", "screening/records")
    as_csv(tmp_path / "a.csv", ['RAYYAN-INCLUSION: {"bo"=>"Included"}', VOTES])
    said = []
    paths = {"records": tmp_path / "records.csv", "decisions": []}
    out = {"labels": tmp_path / "labels.csv"}
    label.main(
        [tmp_path / n for n in ("a.csv", "b.csv")], paths, out, "2026-11-26", {}, said.append
    )
    assert set(tables.read(out["labels"], "data/decisions")["record"]) == {"doi:10.1000/1"}
    assert "a.csv, line 2" in said[-2]
    assert "b.csv, line 2" in said[-2]


def test_a_word_that_is_no_vote_names_its_line(tmp_path):
    with pytest.raises(tables.TableError, match=r"line 2, .*Bo decided 'Perhaps'; right would be"):
        taken(tmp_path, "all.csv", as_csv, ['RAYYAN-INCLUSION: {"Bo"=>"Perhaps"}'])
