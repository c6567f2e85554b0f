"""studies.csv as two people fill it in: what stands, what waits, how far they agree."""

import openpyxl
import pandas as pd
import pytest

import asking
from livingmeta import tables
from livingmeta.effects import harmonise
from livingmeta.extraction import filters, study_readings
from livingmeta.extraction.desk import cases
from livingmeta.extraction.study_readings import CONFLICT
from livingmeta.extraction.workbook import brought, layout
from livingmeta.formulas.shares import wilson

HEAD = "study_id,records,label,year,country,design,allocation,n,followup_months\n"
KIM = HEAD + (
    "ahn-2015,doi:10.1/a,Ahn 2015,2015,U.S.A.,RCT,cluster,80,12.4\n"
    "lee-2016,doi:10.1/l,Lee,2016,Korea,RCT,,60,24\n"
)
ANN = HEAD + (
    "Ahn_2015,doi:10.1/a pmid:7,Ahn et al.,2016,USA,rct,parallel,80,12\n"
    "lee-2016,doi:10.1/l,Lee,,Korea,RCT,parallel,60,24\n"
    "cho-2017,doi:10.1/c,Cho,2017,,RCT,,40,\n"
)


def read(folder, until="leave-out", **files):
    for name, text in files.items():
        own = name.replace("_", "-").removeprefix("own")
        (folder / f"studies{own}.csv").write_text(text, encoding="utf-8")
    paths = [str(path) for path in sorted(folder.glob("studies*.csv"))]
    books = [str(path) for path in sorted(folder.glob("*.xlsx"))]
    found = brought.together({"studies": paths, "workbook": books}, until)
    return study_readings.Studies(found.studies, list(found.fields), list(found.readers))


def test_one_file_alone_is_read_as_ever(tmp_path):
    found = read(tmp_path, own=KIM)
    assert found.fields == []
    assert found.table.equals(tables.read(tmp_path / "studies.csv", "data/studies"))


def test_two_workbooks_are_two_readings_too(tmp_path):
    """Each person's own workbook may say otherwise; of one person's files that is a slip."""
    read(tmp_path, _kim=KIM)
    ann = openpyxl.Workbook()
    sheet = ann.active
    sheet.title = layout.STUDIES
    for line in ANN.splitlines():
        sheet.append(line.split(","))
    ann.save(tmp_path / "extraction-ann.xlsx")
    found = read(tmp_path)
    waits = {(f.study, f.name) for f in found.fields if f.state == CONFLICT}
    assert {name for _, name in waits} == {"year", "allocation"}
    said = study_readings.table_of(found.fields).set_index("field").loc["year"]
    assert "extraction-ann.xlsx" in f"{said['file']} {said['rows']}"
    sheet["A2"] = "ahn-2015"
    ann.save(tmp_path / "extraction-kim.xlsx")
    with pytest.raises(tables.TableError, match="Make them one"):
        read(tmp_path)


def test_a_person_is_one_however_a_file_is_named(tmp_path):
    # Another spelling, and a day behind the name: one reading, so nothing is compared.
    alike = {"_kim": KIM, "_Kim": KIM, "_kim_2026-11-28": KIM}
    found = read(tmp_path, **alike)
    assert found.readers == read(tmp_path, _kim=KIM).readers
    assert [f for f in found.fields if f.state == CONFLICT] == []
    (tmp_path / "studies-kim-v2.csv").write_text(ANN, encoding="utf-8")
    with pytest.raises(tables.TableError, match="somebody called 'kim-v2' read"):
        read(tmp_path)


def test_what_was_settled_of_a_study_that_is_called_otherwise_now_is_told(tmp_path):
    files = {"_kim": KIM, "_ann": ANN, "_consensus": HEAD + "ahn-old,,Ahn,2015,,,,,\n"}
    with pytest.raises(tables.TableError, match="row 2, column study_id: no reader has a study"):
        read(tmp_path, **files)


def test_a_study_that_two_people_name_differently_is_no_second_study(tmp_path):
    other = ANN.replace("Ahn_2015", "ahn-and-others")
    with pytest.raises(tables.TableError) as told:
        read(tmp_path, _kim=KIM, _ann=other)
    (said,) = str(told.value).splitlines()
    assert "studies-kim.csv, row 2" in said
    assert "'ahn-2015' is of the report doi:10.1/a, as is 'ahn-and-others'" in said
    # One report of two studies, which both people have, is two studies.
    two = "ahn-late,doi:10.1/a,Ahn late,2015,Korea,RCT,,40,12\n"
    found = read(tmp_path, _kim=KIM + two, _ann=ANN + two)
    assert len(found.table) == 4


def test_what_two_fill_in_alike_stands_and_what_differs_is_empty(tmp_path):
    found = read(tmp_path, _kim=KIM, _ann=ANN)
    table = found.table.set_index("study_id")
    # Ann's file stands first; what one alone has stands.
    assert table.index.tolist() == ["Ahn_2015", "lee-2016", "cho-2017"]
    assert table["records"].tolist() == ["doi:10.1/a pmid:7 doi:10.1/a", "doi:10.1/l", "doi:10.1/c"]
    assert table["year"].isna().tolist() == [True, False, False]
    assert table["allocation"].tolist() == ["", "parallel", ""]
    assert table["followup_months"].tolist()[:2] == [12.0, 24.0]  # 12.4 rounds to 12
    assert table["label"].tolist() == ["Ahn et al.", "Lee", "Cho"]
    waits = [(f.study, f.name) for f in found.fields if f.state == CONFLICT]
    assert waits == [("Ahn_2015", "year"), ("Ahn_2015", "allocation")]
    told = study_readings.table_of(found.fields).set_index(["study_id", "field"])
    said = told.loc[("Ahn_2015", "year")]
    assert said["said"] == "2016 (ann); 2015 (kim)"
    assert (said["file"].rpartition("/")[2], said["rows"]) == (
        "studies-ann.csv",
        "2, 2 of studies-kim.csv",
    )
    tables.write(told.reset_index(), tmp_path / "out.csv", "extraction/study_fields")
    assert table.dtypes["n"] == "Int64"


def test_whose_reading_counts_until_it_is_settled(tmp_path):
    table = read(tmp_path, until="Kim", _kim=KIM, _ann=ANN).table.set_index("study_id")
    assert table.loc["Ahn_2015", ["year", "allocation"]].tolist() == [2015, "cluster"]


@pytest.mark.parametrize("day", ["", "_2026_11_28"])
def test_consensus_settles_field_by_field_whatever_it_says(tmp_path, day):
    agreed = "study_id,records,label,year\nahn-2015,,Ahn,2014\n"
    found = read(tmp_path, _kim=KIM, _ann=ANN, **{f"_consensus{day}": agreed})
    row = found.table.set_index("study_id").iloc[0]
    assert row["year"] == 2014
    assert row["allocation"] == ""
    assert study_readings.unsettled(found.fields) == {"Ahn_2015": "allocation"}
    assert found.readers == ["ann", "kim"]
    # Two things that people agreed on are a slip.
    with pytest.raises(tables.TableError, match=r"'2013'.*Make them one"):
        read(tmp_path, _consensus_2026_12_01=agreed.replace("2014", "2013"))


def test_three_extractors(tmp_path):
    lee = HEAD + "ahn-2015,doi:10.1/a,Ahn,2016,USA,RCT,cluster,81,12\n"
    found = read(tmp_path, _kim=KIM, _ann=ANN, _lee=lee)
    (case,) = [c for c in study_readings.cases(found.fields, found.table) if c["title"] == "n"]
    assert [side["by"] for side in case["sides"]] == ["ann", "kim", "lee"]
    assert {(r["first"], r["second"]) for r in study_readings.agree(found.fields)} == {
        *[("ann", "kim"), ("ann", "lee"), ("kim", "lee")],
    }


def test_agreement_is_by_field_and_in_all(tmp_path):
    rows = {r["field"]: r for r in study_readings.agree(read(tmp_path, _k=KIM, _a=ANN).fields)}
    assert (rows["all"]["agree"], rows["all"]["compared"]) == (8, 10)
    assert (rows["all"]["low"], rows["all"]["high"]) == wilson(8, 10)
    assert rows["year"]["compared"] == 1
    assert rows["allocation"]["agree"] == 0
    assert "label" not in rows


@pytest.mark.parametrize("name", ["_final", "_2", "_backup"])
def test_a_copy_is_nobodys_reading(tmp_path, name):
    with pytest.raises(tables.TableError, match="Name it for who read"):
        read(tmp_path, own=KIM, **{name: KIM})


def test_a_fault_is_told_with_its_file(tmp_path):
    with pytest.raises(tables.TableError) as told:
        read(tmp_path, _kim=KIM.replace(",2015,", ",15,"), _ann=ANN.replace(",80,", ",many,"))
    assert "studies-kim.csv, row 2, column year" in str(told.value)
    assert "studies-ann.csv, row 2, column n" in str(told.value)


def test_a_study_hangs_on_the_fields_that_decide_how_it_is_read():
    """A cluster trial that one calls parallel would count, too narrow, without a word."""
    studies = pd.DataFrame(
        {
            "study_id": ["a", "b", "c"],
            "status": "included",
            "year": [2010, 2011, 2012],
            "unsettled": ["allocation", "country", "year"],
        }
    )
    assert filters.select(studies, {}) == ["b", "c"]
    assert filters.select(studies, {"year": (2011, 2012)}) == ["b"]
    kept_out = filters.set_aside(studies, {"year": (2011, 2012)}, ["b"], {})
    assert [study for study, _ in kept_out] == ["c"]
    ((study, why),) = filters.set_aside(studies, {}, ["b", "c"], {})
    assert (study, why) == (
        "a",
        "two extractors differ on its allocation, and nobody has settled it",
    )
    meta = asking.outcomes({"os": {"label": "OS", "kind": "binary"}})
    asked = asking.syntheses({"x": {"outcome": "os", "arms": ["p", "q"], "measure": "RR"}})
    printed = tables.empty("extraction/outcomes")
    _, unusable, _, _ = harmonise.harmonise(printed, studies, asked, ["p", "q"], meta)
    waits = unusable.set_index("study_id")["unsettled"].astype(bool)
    assert waits.to_dict() == {"a": True, "b": False, "c": False}


def test_designs_in_other_words_are_one_and_one_by_lot_leaves_the_study_out(tmp_path):
    head = "study_id,records,label,design\n"
    designs = {
        ("RCT", "Randomised, double-blind"): "",
        ("Randomised controlled trial", "multicentre double-blind RCT"): "",
        ("RCT", "crossover RCT"): "",
        ("parallel-group RCT", "randomised crossover"): "design",
        ("non-randomised trial", "quasi-randomised"): "design",
        ("RCT", "non-randomised trial"): "design randomisation",
        ("cohort", "case-control"): "design",
        ("RCT", "cohort"): "design randomisation",
    }
    for (one, other), waits in designs.items():
        files = {
            name: f'{head}a,doi:10.1/a,A,"{of}"\n' for name, of in (("_kim", one), ("_ann", other))
        }
        open_ = study_readings.unsettled(read(tmp_path, **files).fields)
        assert open_.get("a", "") == waits
        table = pd.DataFrame({"study_id": ["a"], "unsettled": [waits]})
        assert filters.select(table, {}) == ([] if "rand" in waits else ["a"])


def test_a_case_writes_a_row_that_settles_it(tmp_path):
    found = read(tmp_path, _kim=KIM, _ann=ANN)
    open_ = study_readings.cases(found.fields, found.table)
    whole = cases.together({"cases": [], "printed": {}}, open_)["cases"]
    assert len({case["key"] for case in whole}) == 2
    row = {}
    for case in whole:
        row |= case["fixed"] | case["sides"][1]["cells"]
    pd.DataFrame([row]).to_csv(tmp_path / "studies-consensus-2026-11-28.csv", index=False)
    settled = read(tmp_path)
    assert not study_readings.unsettled(settled.fields)
    assert settled.table.set_index("study_id").loc["Ahn_2015", "year"] == 2015
