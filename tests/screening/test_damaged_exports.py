"""Damaged exports of every format: no crash, and no title gets lost or merged in silence."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from livingmeta.screening.readers import export

SETS = yaml.safe_load(
    (Path(__file__).parent / "cases" / "damaged.yaml").read_text(encoding="utf-8")
)
NOISE = ["", "1.", "Record #1 of 9", "some text", "ER  - ", "TY  - JOUR", "\ufeff", "IL-6 was low"]
TITLE = re.compile(r"Title number \d+ of a study in many words")


def _export(name, numbers):
    form = SETS[name]
    records = (form["record"].replace("{n}", str(n)).replace("{title}", _title(n)) for n in numbers)
    return form.get("head", "") + form.get("between", "").join(records) + form.get("tail", "")


def _title(n):
    return f"Title number {n} of a study in many words"


def _damaged(text, draw):
    for _ in range(draw.randrange(1, 4)):
        lines = text.split("\n")
        at, how = draw.randrange(len(lines)), draw.randrange(7)
        if how == 0:
            text = text[: draw.randrange(20, len(text) + 1)]
            continue
        if how == 1:
            del lines[at : at + draw.randrange(1, 6)]
        elif how == 2:
            lines[at:at] = lines[at : at + 5]
        elif how == 3 and at + 1 < len(lines):
            lines[at] += lines.pop(at + 1)
        elif how == 4:
            lines.insert(at, draw.choice(NOISE))
        elif how == 5:
            text += _export(draw.choice(sorted(SETS)), range(201, 203))
            continue
        else:
            lines[at] = "".join(draw.choice('ab <>&"{}@%-;,: ä') for _ in range(9))
        text = "\n".join(lines)
        if len(text) < 30:
            break
    return text


def _merged(text, path, encoding="utf-8"):
    """How many records took in another one's title, or a copy of theirs that no record holds, as a
    title alone above a table's header; no title is lost.

    None where the file was refused with a message.
    """
    path.write_bytes(text.encode(encoding))
    try:
        records, rejects = export.read(path)
    except export.ReadError:
        return None
    there = Counter(TITLE.findall(text))
    kept = Counter(t for raw in (*records["raw"], *rejects["raw"]) for t in TITLE.findall(raw))
    assert not kept - there
    assert set(kept) == set(there)
    found = zip(map(set, map(TITLE.findall, records["raw"])), records["title"], strict=True)
    merged = sum(len(held) > 1 and not all(t in title for t in held) for held, title in found)
    return merged + sum((there - kept).values())


def _all_merged(seeds, path):
    """How many damaged files hold a record that took in another one: its opening line is lost."""
    merged = 0
    for seed in seeds:
        draw = random.Random(seed)
        name = draw.choice(sorted(SETS))
        text = _damaged(_export(name, range(101, 106)), draw)
        try:
            merged += bool(_merged(text, path, draw.choice(["utf-8", "utf-16"])))
        except Exception as error:
            raise AssertionError(f"seed {seed}, {name}:\n{text}") from error
    return merged


@pytest.mark.parametrize("name", SETS)
def test_whole_exports(name, tmp_path):
    path = tmp_path / "export"
    path.write_text(_export(name, range(101, 106)), encoding="utf-8")
    records, rejects = export.read(path)
    assert records["title"].tolist() == [_title(n) for n in range(101, 106)]
    assert rejects.empty


@pytest.mark.parametrize("name", SETS)
def test_two_formats_in_one_file(name, tmp_path):
    """What is not of the file's own format is named in a reject, wherever it stands."""
    for other in SETS:
        text = _export(name, range(101, 104)) + "\n" + _export(other, range(201, 203))
        assert _merged(text, tmp_path / "export") == 0, other


@pytest.mark.heavy
def test_damaged_exports(tmp_path):
    assert _all_merged(range(400), tmp_path / "export") <= 4


@pytest.mark.heavy
def test_ten_thousand_damaged_exports(tmp_path):
    merged = _all_merged(range(1_000, 11_000), tmp_path / "export")
    print(f"{merged} of 10,000 files hold a record that took in another one")
    assert merged <= 50


@pytest.mark.parametrize("name", ["RIS", "PubMed", "Web of Science"])
def test_a_file_that_was_cut_off_within_its_last_record_is_noted(name, tmp_path):
    path = tmp_path / "a.txt"
    text = _export(name, range(1, 4)).rstrip().removesuffix("EF").rstrip()
    path.write_text(text, encoding="utf-8")
    assert export.read(path)[0].attrs["notes"] == []
    path.write_text(text[: text.rindex("study")], encoding="utf-8")
    found = export.read(path)[0]
    assert len(found) == 3
    assert "the last record, on line" in "".join(found.attrs["notes"])
    path.write_text(_export(name, [1])[:60], encoding="utf-8")  # nothing to compare it with
    assert export.read(path)[0].attrs["notes"] == []


def test_ris_that_is_indented_is_read(tmp_path):
    path = tmp_path / "a.ris"
    path.write_text(re.sub(r"(?m)^(?=.)", "   ", _export("RIS", [1, 2])), encoding="utf-8")
    found, rejected = export.read(path)
    assert found["title"].tolist() == [_title(1), _title(2)]
    assert rejected.empty
    assert found["doi"].tolist() == ["10.1000/1", "10.1000/2"]


def test_a_column_that_stands_twice_with_other_cells_is_noted(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Title,Year,Title\nSnow,2020,Snow\nIce,2021,Ice on roofs\n", encoding="utf-8")
    found = export.read(path)[0]
    assert found["title"].tolist() == ["Snow", "Ice"]
    (note,) = [n for n in found.attrs["notes"] if "2 times" in n]
    assert "they differ in 1 row, first on line 3 ('Ice', 'Ice on roofs')" in note
    path.write_text("Title,Year,Title\nSnow,2020,Snow\n", encoding="utf-8")
    assert not any("times" in n for n in export.read(path)[0].attrs["notes"])


def test_zeros_of_publish_or_perish_are_no_place(tmp_path):
    path = tmp_path / "a.csv"
    head = "Authors,Title,Year,Source,Volume,Issue,StartPage,EndPage\n"
    path.write_text(head + "J Lind,Snow,2020,Roofs,0,0,0,0\nJ Lind,Ice,2020,Roofs,4,10,20,30\n")
    found = export.read(path)[0][["volume", "issue", "pages"]].to_numpy().tolist()
    assert found == [["", "", ""], ["4", "10", "20-30"]]


def test_text_that_a_spreadsheet_garbled_is_set_right_and_told(tmp_path):
    rows = 'title,authors,year\nSnow in München—a “quiet” trial ≥ 5 °C,"Müller, Åse",2019\n'
    garbled = (
        rows.encode()
        .decode("latin-1")
        .translate({b: bytes([b]).decode("cp1252", "ignore") or b for b in range(0x80, 0xA0)})
    )
    (tmp_path / "a.csv").write_text(garbled, encoding="utf-8")
    found, _ = export.read(tmp_path / "a.csv")
    assert found["title"][0] == "Snow in München—a “quiet” trial ≥ 5 °C"
    assert found["authors"][0] == "Müller, Åse"
    (note,) = found.attrs["notes"]
    assert "a.csv: garbled in 8 places (first 'MÃ¼nchenâ€”a' on line 2)" in note


def test_letters_that_stand_there_rightly_are_left(tmp_path):
    title = "Das „Ä“ und IRMÃ” NÃO AÇÃO… «été» café’” Â la carte château “Ñ” 5 Å… Ölfö"
    (tmp_path / "a.ris").write_text(f"TY  - JOUR\nTI  - {title}\nER  -\n", encoding="utf-8")
    found, _ = export.read(tmp_path / "a.ris")
    assert (found["title"][0], found.attrs["notes"]) == (title, [])


def test_a_copy_of_the_list_of_searches_is_called_so(tmp_path):
    head = "file,database,searched_on,hits\na.ris,PubMed,2026-01-01,3\n"
    (tmp_path / "searches (1).csv").write_text(head, encoding="utf-8")
    with pytest.raises(export.ReadError, match=r"a table like searches\.csv.*remove it") as error:
        export.read(tmp_path / "searches (1).csv")
    assert "no known export format" not in str(error.value)
