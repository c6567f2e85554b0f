"""Labels of ASReview: tables and RIS in, decisions out; records out with their labels."""

import pandas as pd
import pytest

import label
from livingmeta import tables
from livingmeta.screening import decisions
from livingmeta.screening.duplicates import records
from livingmeta.screening.readers import asreview, export

RIS = """TY  - JOUR
TI  - {}
AU  - Smith, A
PY  - 2020
DO  - {}
{}ER  -

"""
TITLES = ["Colchicine for gout", "Ibuprofen for gout", "Diets for gout", "Gout in ancient Rome"]
DOIS = [f"10.1000/{name}" for name in ("one", "two", "three", "four")]


@pytest.fixture
def review(tmp_path):
    """Four records, of which Kim has included the first."""
    path = tmp_path / "export.ris"
    path.write_text("".join(RIS.format(t, d, "") for t, d in zip(TITLES, DOIS, strict=True)))
    copies, _ = export.read(path)
    found, *_ = records.assemble(copies.assign(source="PubMed", file="export.ris"))
    tables.write(found, tmp_path / "records.csv", "screening/records")
    (tmp_path / "decisions.csv").write_text(
        "record,stage,reviewer,decision,reason,decided_on,note\n"
        "doi:10.1000/one,title-abstract,Kim,include,,2026-01-01,\n"
    )
    return tmp_path


def labelled(review, name, text):
    path = review / name
    path.write_text(text, encoding="utf-8")
    said = []
    label.main(
        [path],
        {"records": review / "records.csv", "decisions": [review / "decisions.csv"]},
        {"labels": review / "labels.csv"},
        "2026-11-26",
        {},
        said.append,
    )
    return tables.read(review / "labels.csv", "data/decisions"), said


def test_a_table_of_version_3(review):
    text = (
        "livingmeta_record,title,doi,year,included,asreview_label,asreview_time,asreview_note\n"
        ",Colchicine for gout,10.1000/one,2020,,1,2026-11-03 10:00:00,\n"
        'doi:10.1000/two,"Ibuprofen for\ngout",,2020,,0,2026-11-02 23:30:00.25,"dose,\n too low"\n'
        ",Diets for gout,,2020,1,0.0,1793491200,\n"
        ",Gout in ancient Rome,10.1000/four,2020,,,,\n"
        ",Something else,10.1000/five,2020,,0,,\n"
    )
    found, said = labelled(review, "kim.csv", text)
    rows = found[["record", "reviewer", "decision", "decided_on", "note"]].values.tolist()
    assert rows == [
        ["doi:10.1000/three", "kim", "exclude", "2026-11-01", ""],
        ["doi:10.1000/two", "kim", "exclude", "2026-11-02", "dose, too low"],
    ]
    assert set(found["stage"]) == {"title-abstract"}
    assert "3 labels, 2 of them not yet in" in said[0]
    assert "Something else" in said[1]
    assert "no record of that name" in said[1]


def test_the_labels_append_cleanly_and_are_not_given_twice(review):
    text = "title,doi,label_included\nIbuprofen for gout,10.1000/two,1\n"
    labelled(review, "lee.csv", text)
    added = (review / "labels.csv").read_text().partition("\n")[2]
    whole = review / "decisions.csv"
    whole.write_text(whole.read_text() + added)
    cast = tables.read(whole, "data/decisions")
    found = tables.read(review / "records.csv", "screening/records")
    votes = decisions.resolve(found, cast, reviewers=2, reasons=[]).votes
    assert set(zip(votes["record_id"], votes["reviewer"], strict=True)) == {
        ("doi:10.1000/one", "Kim"),
        ("doi:10.1000/two", "lee"),
    }
    again, _ = labelled(review, "lee.csv", text)
    assert again.empty


def test_ris_keeps_its_labels_in_notes(review):
    notes = ["N1  - ASReview_relevant\n", "N1  - ASReview_irrelevant\nN1  - Seen twice\n"]
    notes += ["N1  - ASReview_not_seen\n", ""]
    rows = zip(TITLES, DOIS, notes, strict=True)
    found, _ = labelled(review, "lee.ris", "".join(RIS.format(*row) for row in rows))
    assert found[["record", "decision", "decided_on"]].values.tolist() == [
        ["doi:10.1000/one", "include", "2026-11-26"],
        ["doi:10.1000/two", "exclude", "2026-11-26"],
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "title,doi\nColchicine for gout,10.1000/one\n", "no column of labels"),
        (
            "a.csv",
            "title,doi,included\nColchicine for gout,,yes\n",
            "line 2, 'Colchicine",
        ),
        ("a.ris", RIS.format("T", "10.1000/x", ""), "no record has a note"),
        ("a.ris", RIS.format("T", "", "N1  - ASReview_relevant ASReview_irrelevant\n"), "0 and 1"),
        ("a.csv", "", "a.csv"),
    ],
)
def test_what_holds_no_labels_is_told_and_nothing_is_written(review, name, text, told):
    with pytest.raises(tables.TableError, match=told):
        labelled(review, name, text)
    assert not (review / "labels.csv").exists()


def _put(review, *rows):
    """Rows of decisions.csv by Kim on the first record: decision and day."""
    lines = [f"doi:10.1000/one,title-abstract,Kim,{said},,{day},\n" for said, day in rows]
    header = "record,stage,reviewer,decision,reason,decided_on,note\n"
    (review / "decisions.csv").write_text(header + "".join(lines))


def _last(review, found):
    """What Kim has said last, once the labels are appended."""
    whole = review / "decisions.csv"
    added = found.to_csv(index=False, columns=asreview.COLUMNS).partition("\n")[2]
    whole.write_text(whole.read_text() + added)
    known = tables.read(review / "records.csv", "screening/records")
    cast = tables.read(whole, "data/decisions")
    return decisions.resolve(known, cast, reviewers=2, reasons=[]).votes["decision"].tolist()


TIMED = "title,doi,asreview_label,asreview_time\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title,doi,label_included\nColchicine for gout,10.1000/one,1\n", "changed back"),
        (TIMED + "Colchicine for gout,10.1000/one,1,2026-11-03 10:00:00\n", ""),
    ],
)
def test_a_vote_that_was_changed_and_changed_back_is_the_last(review, text, told):
    _put(review, ("include", "2026-01-01"), ("exclude", "2026-02-01"))
    found, said = labelled(review, "kim.csv", text)
    assert found["decision"].tolist() == ["include"]
    assert bool(told) == any("look at" in line for line in said)
    assert told in " ".join(said)
    assert _last(review, found) == ["include"]
    again, _ = labelled(review, "kim.csv", text)
    assert again.empty


def test_an_old_label_with_its_time_does_not_outdo_a_later_vote(review):
    _put(review, ("include", "2026-01-01"), ("exclude", "2026-02-01"))
    text = TIMED + "Colchicine for gout,10.1000/one,1,2026-01-01 10:00:00\n"
    assert labelled(review, "kim.csv", text)[0].empty


def test_of_several_labels_of_one_record_the_latest_counts(review):
    _put(review)
    at = ["09:00:00", "11:00:00", "10:00:00", "11:30:00"]
    rows = zip((1, 1, 0, 1), at, strict=True)
    line = "Colchicine for gout,10.1000/one,{},2026-11-03 {}\n"
    text = TIMED + "".join(line.format(*row) for row in rows)
    found, _ = labelled(review, "kim.csv", text)
    assert found["decision"].tolist() == ["include", "exclude", "include"]
    assert _last(review, found) == ["include"]
    assert labelled(review, "kim.csv", text)[0].empty


@pytest.mark.parametrize("second", ["0,", "0,2026-11-03 10:00:00"])
def test_labels_that_differ_without_a_time_are_told_and_none_is_taken(review, second):
    _put(review)
    first = "1," if second == "0," else "1,2026-11-03 10:00:00"
    rows = [f"Colchicine for gout,10.1000/one,{cells}\n" for cells in (first, second)]
    rows.append("Ibuprofen for gout,10.1000/two,1,\n")
    found, said = labelled(review, "kim.csv", TIMED + "".join(rows))
    assert found["record"].tolist() == ["doi:10.1000/two"]
    told = next(line for line in said if "votes that differ" in line)
    assert "kim" in told
    assert "line 2, " in told
    assert "line 3, " in told


def test_labels_on_what_is_no_record_are_told(review):
    text = 'title,doi,included\nColchicine for gout,10.1000/one,0\n,,1\n"Diets,10.1000/three,1\n'
    found, said = labelled(review, "kim.csv", text)
    assert len(found) == 1
    assert any("line 3: no label is taken; neither a title" in line for line in said)
    assert any("line 4: no label is taken; a quotation mark" in line for line in said)


def test_a_second_table_in_labels_is_refused(review):
    text = "title,doi,included\nColchicine for gout,10.1000/one,0\nincluded,title,doi\n1,Diets,\n"
    with pytest.raises(tables.TableError, match="line 3 begins another table"):
        labelled(review, "kim.csv", text)


def test_no_export_at_all(review):
    with pytest.raises(tables.TableError, match="holds no export"):
        label.main([], {}, {}, "2026-11-26", {}, print)


def test_records_go_out_with_what_is_settled_and_come_back_the_same(review):
    """One went on to full text and fell there: relevant on its abstract. One waits for a vote."""
    found = tables.read(review / "records.csv", "screening/records")
    one, two, three, _ = (f"doi:{doi}" for doi in DOIS)
    votes = [
        (one, "title-abstract", "include", ""),
        (one, "full-text", "exclude", "wrong-drug"),
        (two, "title-abstract", "exclude", ""),
        (three, "title-abstract", "unsure", ""),
    ]
    cast = pd.DataFrame(votes, columns=["record", "stage", "decision", "reason"])
    cast = cast.assign(reviewer="Kim", decided_on="2026-01-01", note="")
    resolved = decisions.resolve(found, cast, reviewers=1, reasons=["wrong-drug"])
    out = asreview.dataset(found, resolved)
    labels = out.set_index("livingmeta_record")["included"]
    assert labels[one] == 1
    assert labels[two] == 0
    assert labels.isna().sum() == 2
    tables.write(out, review / "ada.csv", "screening/asreview")
    back, said = labelled(review, "ada.csv", (review / "ada.csv").read_text())
    assert dict(zip(back["record"], back["decision"], strict=True)) == {
        one: "include",
        two: "exclude",
    }
    assert len(said) == 2
