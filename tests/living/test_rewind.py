"""A review as of a day: what the searches up to then found, and nothing that came later."""

import csv

import openpyxl
import pytest

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.extraction.workbook import brought
from livingmeta.living import rewind
from running import SMALL, review

RAW = "data/raw"


def rows(folder, name) -> list[dict]:
    with open(folder / RAW / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def source(tmp_path):
    """The small review with a study whose report only the second search found, a second report of
    the first study, and numbers of either."""
    folder = review(tmp_path / "source", SMALL)
    studies = folder / RAW / "extraction/studies.csv"
    text = studies.read_text().replace(
        "ahn-2015,doi:10.5555/tm.1,", "ahn-2015,doi:10.5555/tm.1 doi:10.5555/tm.12,"
    )
    studies.write_text(text + "lopez-2023,doi:10.5555/tm.12,Lopez 2023,2023,comparative,90\n")
    with open(folder / RAW / "extraction/outcomes.csv", "a") as file:
        file.write("lopez-2023,survival,drug,12,survival,70,45,,,,,%,,p. 3\n")
        file.write("ahn-2015,survival,drug,24,survival,60,40,,,,,%,,doi:10.5555/tm.12; p. 3\n")
        file.write("ahn-2015,survival,none,24,survival,40,40,,,,,%,,doi:10.5555/tm.1; p. 4\n")
    (folder / RAW / "extraction/risk_of_bias.csv").write_text(
        "study_id,tool,domain,judgement,support,assessor\n"
        "ahn-2015,RoB 2,overall,low,,ab\nlopez-2023,RoB 2,overall,high,,ab\n"
    )
    curves = folder / RAW / "extraction/curves"
    curves.mkdir()
    for name in ("ahn-2015.drug.survival.csv", "lopez-2023.drug.survival.csv"):
        (curves / name).write_text("time,survival\n0,1\n")
    return folder


def test_only_what_the_first_search_found_is_kept(source, tmp_path):
    target = tmp_path / "target"
    (source / "config/registered").mkdir()
    for day in ("2024-06-30", "2024-06-30-2", "2024-07-01"):
        (source / f"config/registered/{day}.json").write_text("{}")
    counts = rewind.write(source, "2024-06-30", target, "1.0")
    planned = {path.name for path in (target / "config/registered").iterdir()}
    assert planned == {"2024-06-30.json", "2024-06-30-2.json"}
    assert {row["file"] for row in rows(target, "searches/searches.csv")} == {
        "first/pubmed.nbib",
        "first/embase.ris",
    }
    assert not (target / RAW / "searches/update").exists()
    votes = {row["record"] for row in rows(target, "screening/decisions.csv")}
    assert "pmid:90000001" in votes
    assert "title:letter_testomycin_a_word_of_caution" in votes
    assert not votes & {"doi:10.5555/tm.8", "doi:10.5555/tm.12"}
    studies = {row["study_id"]: row["records"] for row in rows(target, "extraction/studies.csv")}
    assert "lopez-2023" not in studies
    assert studies["ahn-2015"] == "doi:10.5555/tm.1"
    assert counts["studies"] == len(studies) == 5


def test_numbers_of_a_later_report_are_left_out_and_those_of_the_first_stay(source, tmp_path):
    target = tmp_path / "target"
    rewind.write(source, "2024-06-30", target, "1.0")
    printed = rows(target, "extraction/outcomes.csv")
    assert not [row for row in printed if row["study_id"] == "lopez-2023"]
    late = [row for row in printed if row["time"] == "24"]
    assert [row["arm"] for row in late] == ["none"]
    assert [row["study_id"] for row in rows(target, "extraction/risk_of_bias.csv")] == ["ahn-2015"]
    curves = target / RAW / "extraction/curves"
    assert [path.name for path in curves.iterdir()] == ["ahn-2015.drug.survival.csv"]


def test_as_of_the_last_day_everything_is_there(source, tmp_path):
    target = tmp_path / "target"
    rewind.write(source, "2030-01-01", target, "9.0")
    for name, schema in (
        ("searches/searches.csv", "data/searches"),
        ("screening/decisions.csv", "data/decisions"),
        ("extraction/studies.csv", "data/studies"),
        ("extraction/outcomes.csv", "data/outcomes"),
    ):
        there, here = (tables.read(folder / RAW / name, schema) for folder in (source, target))
        there, here = (table.drop(columns="row") for table in (there, here))
        assert here.to_dict("records") == there.to_dict("records") or here.equals(there)


def test_a_day_before_the_first_search_and_a_full_folder_are_refused(source, tmp_path):
    with pytest.raises(rewind.AsOfError, match="the first was on 2024-01-10"):
        rewind.write(source, "2023-12-31", tmp_path / "target", "1.0")
    with pytest.raises(rewind.AsOfError, match="not empty"):
        rewind.write(source, "2024-06-30", source, "1.0")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            'review:\n  title: A\n  version: "2.0"   # raise it\n\nscreening:\n  version: x\n',
            'review:\n  title: A\n  version: "1.0" # raise it\n\nscreening:\n  version: x\n',
        ),
        ("review:\n  version: 2\nb: 1\n", 'review:\n  version: "1.0"\nb: 1\n'),
        ("review:\n  title: A\n", 'review:\n  version: "1.0"\n  title: A\n'),
        ("a: 1\nreview: # ours\n  b: 1\n", 'a: 1\nreview: # ours\n  version: "1.0"\n  b: 1\n'),
    ],
)
def test_the_version_is_put_in_and_all_else_stays(config, expected):
    assert rewind.with_version(config, "1.0") == expected


def test_what_stands_in_a_workbook_goes_into_the_tables(source, tmp_path):
    extraction = source / RAW / "extraction"
    book = openpyxl.Workbook()
    for name in ("studies", "outcomes", "risk_of_bias"):
        text = (extraction / f"{name}.csv").read_text()
        sheet = book.create_sheet({"outcomes": "Other"}.get(name, name.replace("_", "-")))
        for row in csv.reader(text.splitlines()):
            sheet.append([cell or None for cell in row])
        (extraction / f"{name}.csv").write_text(text.split("\n")[0] + "\n")
    book.save(extraction / "extraction.xlsx")
    counts = rewind.write(source, "2024-06-30", tmp_path / "target", "1.0")
    assert (counts["studies"], counts["outcomes"]) == (5, 15)
    target = tmp_path / "target"
    assert "in_row" not in (target / RAW / "extraction/outcomes.csv").read_text()
    assert [row["study_id"] for row in rows(target, "extraction/risk_of_bias.csv")] == ["ahn-2015"]
    assert not (target / RAW / "extraction/extraction.xlsx").exists()


def test_what_two_people_read_stays_what_each_read(source, tmp_path):
    """Where they differ, the rewound review waits as the review itself does."""
    extraction = source / RAW / "extraction"
    for name in ("studies", "outcomes"):
        text = (extraction / f"{name}.csv").read_text()
        (extraction / f"{name}.csv").write_text(text.split("\n")[0] + "\n")
        (extraction / f"{name}-kim.csv").write_text(text)
        other = text.replace("comparative", "randomised") if name == "studies" else text
        (extraction / f"{name}-lee.csv").write_text(other)
    rewind.write(source, "2030-01-01", tmp_path / "target", "1.0")

    def read(folder):
        inside = sorted((folder / RAW / "extraction").glob("*.csv"))
        kinds = ("outcomes", "studies", "risk_of_bias")
        paths = {kind: [str(p) for p in inside if p.name.startswith(kind)] for kind in kinds}
        return brought.together(paths)

    here, there = read(tmp_path / "target"), read(source)
    states = [[(one.study, one.name, one.state) for one in of.fields] for of in (here, there)]
    assert states[0] == states[1]
    assert {state for _, _, state in states[0]} > {"agree"}
    assert here.studies["design"].tolist() == there.studies["design"].tolist()
    assert here.outcomes["value"].tolist() == there.outcomes["value"].tolist()


def test_what_a_run_reads_is_carried(source, tmp_path):
    raw = source / RAW
    below = raw / "extraction/curves/batch"
    below.mkdir()
    (raw / "extraction/curves/ahn-2015.drug.survival.csv").rename(
        below / "ahn-2015.drug.survival.csv"
    )
    (raw / "screening/duplicates.csv").write_text(
        "record,other,decision,decided_by,note\n"
        "doi:10.5555/tm.7,title:letter_testomycin_a_word_of_caution,same,ab,\n"
        "doi:10.5555/tm.1,doi:10.5555/tm.12,different,ab,\n"
    )
    (raw / "sentinel.csv").write_text(
        "kind,what,decision,reason,decided_by,decided_on\n"
        "overlap,ahn-2015 bauer-2016,different,other towns,ab,2024-02-01\n"
        "overlap,ahn-2015 lopez-2023,different,other towns,ab,2025-02-01\n"
    )
    (raw / "screening/rayyan").mkdir()
    (raw / "screening/rayyan/export.csv").write_text("title\n")
    rewind.write(source, "2024-06-30", tmp_path / "target", "1.0")
    target = tmp_path / "target"
    assert (target / RAW / "extraction/curves/batch/ahn-2015.drug.survival.csv").exists()
    assert (target / RAW / "screening/rayyan/export.csv").exists()
    (pair,) = rows(target, "screening/duplicates.csv")
    assert pair["decision"] == "same"
    (answer,) = rows(target, "sentinel.csv")
    assert answer["what"] == "ahn-2015 bauer-2016"


@pytest.mark.parametrize("day", ["30.06.2024", "2025-1-15", "20240630", "today"])
def test_what_is_no_day_is_refused(source, tmp_path, day):
    with pytest.raises(rewind.AsOfError, match="is no day; write it as in"):
        rewind.write(source, day, tmp_path / "target", "1.0")


def test_reports_are_named_in_a_cell_as_a_run_reads_them(source, tmp_path):
    studies = source / RAW / "extraction/studies.csv"
    text = studies.read_text().replace(
        "doi:10.5555/tm.1 doi:10.5555/tm.12", "doi:10.5555/tm.1;doi:10.5555/tm.12"
    )
    assert ";" in text
    studies.write_text(text)
    rewind.write(source, "2024-06-30", tmp_path / "target", "1.0")
    found = {
        row["study_id"]: row["records"]
        for row in rows(tmp_path / "target", "extraction/studies.csv")
    }
    assert found["ahn-2015"] == "doi:10.5555/tm.1"


@pytest.mark.parametrize("cited", ["PMID: 90000012", "pmid:90000012", "(10.5555/tm.12)"])
def test_a_later_report_is_known_however_a_source_names_it(source, tmp_path, cited):
    export = source / RAW / "searches/update/list.csv"
    head, *lines = export.read_text().splitlines()
    lines = [f"{line},{90000012 if 'tm.12' in line else ''}" for line in lines]
    export.write_text("\n".join([f"{head},PMID", *lines, ""]))
    with open(source / RAW / "extraction/outcomes.csv", "a") as file:
        file.write(f"ahn-2015,survival,drug,36,survival,50,40,,,,,%,,{cited} p. 3\n")
    rewind.write(source, "2024-06-30", tmp_path / "target", "1.0")
    assert "36" not in {row["time"] for row in rows(tmp_path / "target", "extraction/outcomes.csv")}


def test_what_cannot_be_carried_is_refused_before_anything_is_written(source, tmp_path):
    with pytest.raises(InputError, match="one"):
        rewind.write(source, "2024-06-30", tmp_path / "target", "one")
    (source / RAW / "screening/decisions.csv").unlink()
    rewind.write(source, "2024-06-30", tmp_path / "bare", "1.0")
    (source / RAW / "searches/first/embase.ris").unlink()
    with pytest.raises(InputError):
        rewind.write(source, "2024-06-30", tmp_path / "target", "1.0")
    assert not (tmp_path / "target").exists()


def test_a_review_in_which_nothing_is_decided_yet_and_one_person_names_no_report(source, tmp_path):
    decisions = source / RAW / "screening/decisions.csv"
    head, *lines = decisions.read_text().splitlines()
    extraction = source / RAW / "extraction"
    text = (extraction / "studies.csv").read_text()
    (extraction / "studies-kim.csv").write_text(text)
    (extraction / "studies.csv").write_text(text.split("\n")[0] + "\n")
    (extraction / "studies-lee.csv").write_text(text.replace("doi:10.5555/tm.2,", ","))
    assert "doi:10.5555/tm.2," in text
    decisions.write_text(head + "\n")
    counts = rewind.write(source, "2024-06-30", tmp_path / "bare", "1.0")
    assert counts["decisions"] == 0
    kept = {row["study_id"] for row in rows(tmp_path / "bare", "extraction/studies-lee.csv")}
    assert len(kept) == 5
    decisions.write_text("\n".join([head, *lines, ""]).replace("pmid:90000001", "PMID: 90000001"))
    rewind.write(source, "2024-06-30", tmp_path / "target", "1.0")
    votes = {row["record"] for row in rows(tmp_path / "target", "screening/decisions.csv")}
    assert "PMID: 90000001" in votes
