"""Quotes looked up in texts as they are set, and numbers in their quotes."""

import random
import re
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingmeta import tables
from livingmeta.extraction.quotes import check, stream, texts
from livingmeta.extraction.quotes.texts import Text

PAGES = (
    "J Imag Med 2024\nOf the 40 pa-\ntients, 8 (20·0%) had fever; ef\ufb01cacy was low\n1",
    "J Imag Med 2024\n(hazard ratio 0\u00b7 52, 95% CI 0.31\u20130.87; P\u2009<\u20090.05).\n2",
    "J Imag Med 2024\nThe change was \u22123.8 points in 1,234 patients and the last sentence\n3",
    "J Imag Med 2024\ngoes on here. Nobody died.\n4",
)
FOUND = {
    "8 (20.0%) had fever": 1,
    "Of the 40 patients, 8 (20.0%)": 1,
    "OF THE 40  PATIENTS": 1,
    "efficacy was low": 1,
    "HR": 0,
    "hazard ratio 0.52, 95% CI 0.31-0.87; p<0.05": 2,
    "Of the 40 patients [...] efficacy was low": 1,
    "Of the 40 patients ... 95% CI 0.31 - 0.87": 1,
    "efficacy was low [...] Of the 40 patients": 0,
    "the last sentence goes on here": 3,
    "The change was -3.8 points in 1,234 patients": 3,
    # A number is the whole of it, and its sign counts.
    "0 patients": 0,
    "ratio 0.5": 0,
    "52, 95% CI": 0,
    "P > 0.05": 0,
    "P = 0.05": 0,
    "20.0 had fever": 0,
    "234 patients": 0,
    "": 0,
    "...": 0,
}


@pytest.mark.parametrize("quote", FOUND)
def test_a_quote_is_found_however_it_is_set(quote):
    assert stream.find(quote, stream.Stream(PAGES)) == FOUND[quote]


@given(st.randoms(use_true_random=False))
def test_no_quote_with_a_digit_changed_is_found(draw):
    words = draw.choices(["died", "patients", "survival", "of", "at"], k=40)
    for at in range(3, 40, 9):
        words[at] = f"{draw.randint(1, 99)}.{draw.randint(0, 9)}%"
    text = stream.Stream([" ".join(words)])
    begin = draw.randint(0, 20)
    quote = " ".join(words[begin : begin + 18])
    assert stream.find(quote, text) == 1
    at = draw.choice([m.start() for m in re.finditer(r"\d", quote)])
    other = draw.choice([d for d in "0123456789" if d != quote[at]])
    changed = quote[:at] + other + quote[at + 1 :]
    assert stream.find(changed, text) == (1 if changed == quote else 0)


SAYS = (
    ("8 of 40 had fever", {"printed": "8"}, True),
    ("18 of 40 had fever", {"printed": "8"}, False),
    ("eight of 40 had fever", {"printed": "8"}, True),
    ("no patient had fever", {"printed": "0"}, True),
    ("alive 71.8%", {"printed": "71.8%", "statistic": "survival"}, True),
    ("alive 71.8%", {"printed": "0.718 proportion", "statistic": "survival"}, True),
    ("alive 71.8%", {"printed": "71.9%", "statistic": "survival"}, False),
    ("the mean was 71.8", {"printed": "0.718"}, False),
    ("0·52 (0·31–0·87)", {"printed": "0.52 (0.31 to 0.87)"}, True),
    ("0.70 (0.51 to 0.95)", {"printed": "0.7 (0.51 to 0.95)"}, True),
    ("1,234 person-years", {"printed": "1234"}, True),
    ("3,8 points", {"printed": "3.8"}, True),
    ("3.8 points lower", {"printed": "-3.8"}, True),
    ("a change of −3.8", {"printed": "-3.8"}, True),
    ("a change of −3.8", {"printed": "3.8"}, False),
    ("from 2.5-3.8 points", {"printed": "3.8"}, True),
    ("p = 0.03 (log-rank)", {"printed": "p 0.03", "p_value": "0.03"}, True),
    ("p = 0.3 (log-rank)", {"printed": "p 0.03", "p_value": "0.03"}, False),
    ("the difference was n.s.", {"printed": "p NS", "p_value": "NS"}, True),
    ("median not reached", {"printed": "not reached", "statistic": "median"}, True),
)


@pytest.mark.parametrize(("quote", "row", "there"), SAYS)
def test_a_quote_holds_its_number_or_another(quote, row, there):
    assert check.says(quote, {"statistic": "mean", "p_value": ""} | row) is there


def table(*rows):
    blank = {"outcome": "os", "arm": "a", "statistic": "events", "source": "doi:10.1/a, p. 2"}
    full = [blank | {"study_id": "ahn", "value": 8.0, "printed": "8"} | row for row in rows]
    return pd.DataFrame([row | {"row": i, "p_value": ""} for i, row in enumerate(full, 2)])


NOTHING = tables.empty("data/quotes")
QUOTES = ({"quote": "8 (20.0%) had fever"}, {"quote": "9 had fever"}, {"quote": "8 died"}, {})


def held(text):
    paths = {"ahn": ["doi_10.1_b.pdf", "doi_10.1_a.pdf"]}
    read = {"doi_10.1_a.pdf": text, "doi_10.1_b.pdf": Text(("nothing of it here, only words",))}
    return paths, read.__getitem__, dict.fromkeys(read, "0" * 64)


def test_each_quote_is_told_by_what_became_of_it():
    found = check.check(table(*QUOTES), *held(Text(PAGES)), NOTHING)
    assert found["state"].tolist() == ["found", "value-not-in-quote", "not-found", "no-quote"]
    assert (found["page"][0], found["file"][0]) == (1, "doi_10.1_a.pdf")
    assert found["file"][2] == "doi_10.1_a.pdf"  # the report that the source names


def test_without_texts_the_kept_copy_gives_the_same():
    printed = table(*QUOTES)
    whole = check.check(printed, *held(Text(PAGES)), NOTHING)
    keep = check.to_keep(whole).assign(verified_on="2026-03-01")
    for paths in ({}, {"ahn": ["doi_10.1_a.pdf"]}):
        again = check.check(
            printed, paths, lambda _: Text((), "scan"), {"doi_10.1_a.pdf": ""}, keep
        )
        for column in ("state", "page", "sha256"):
            assert again[column].tolist() == whole[column].tolist()
        assert again["why"].tolist() == ["kept", "", "kept", ""]
    # Another number, or another quote, is another check.
    for change in ({"value": 9.0}, {"quote": "8 (20.0%) had no fever"}):
        other = check.check(table(QUOTES[0] | change), {}, None, {}, keep)
        assert other["state"].tolist() == ["no-text"]


def test_a_text_that_cannot_be_read_is_said_with_its_reason():
    paths = {"ahn": ["doi_10.1_a.pdf"]}
    found = check.check(
        table(QUOTES[0]), paths, lambda _: Text((), "scan"), {paths["ahn"][0]: "a"}, NOTHING
    )
    assert (found["state"][0], found["why"][0]) == ("unread", "scan")


def test_an_effect_is_verified_where_each_row_behind_it_was_found():
    used = pd.DataFrame(
        [
            {"synthesis": "s", "study_id": study, "row": row, "used": chosen}
            for study, row, chosen in (
                *(("a", 2, True), ("a", 3, True), ("a", 9, False)),
                *(("b", 2, True), ("b", 4, True), ("c", None, True)),
            )
        ]
    )
    quotes = pd.DataFrame({"row": [2, 3, 4], "state": ["found", "found", "not-found"]})
    told = {study: whole for _, study, whole in check.shares(used, quotes)}
    assert told == {"a": True, "b": False, "c": False}


def word_file(path, said):
    head = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    runs = "".join(f"<w:p><w:r><w:t>{part}</w:t></w:r></w:p>" for part in said)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", f"{head}<w:body>{runs}</w:body></w:document>")


SAID = "Of the 40 patients 8 had fever, and none of them died within a year of it."
WRITTEN = {
    "a.txt": SAID.encode(),
    "b.txt": SAID.encode("utf-16"),
    "a.html": f"<html><head><style>8 {SAID}</style></head><p>{SAID}<sup>a</sup></p>".encode(),
    "a.xml": f"<article><body><p>Of the <bold>40</bold>{SAID[9:]}</p></body></article>".encode(),
    "b.xml": f"<!DOCTYPE article><article><p>&nbsp;{SAID}</p></article>".encode(),
    "c.xml": f"<html><p>{SAID}<br></html>".encode(),
}
UNREADABLE = {
    "a.pdf": (b"%PDF-1.7\n nothing of it", "broken"),
    "b.pdf": (b"", "broken"),
    "a.docx": (b"PK\x03\x04 cut off", "broken"),
    "b.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
    "a.txt": (b"ab\x00cd", "broken"),
    "b.txt": (b"", "broken"),
    "a.xml": (b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>', "broken"),
    "a.epub": (b"PK", "unknown-kind"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_each_kind_of_text_is_read(tmp_path, name):
    (tmp_path / name).write_bytes(WRITTEN[name])
    text = texts.read(tmp_path / name)
    assert text.why == ""
    assert stream.find(SAID, stream.Stream(text.pages)) == 1


def test_a_word_file_is_read_with_its_tables(tmp_path):
    word_file(tmp_path / "a.docx", [SAID, "Fever", "8", "40"])
    text = stream.Stream(texts.read(tmp_path / "a.docx").pages)
    assert stream.find(f"{SAID} Fever 8 40", text)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_has_one_clear_word(tmp_path, name):
    if name.endswith(".pdf"):
        pytest.importorskip("pypdfium2")
    content, why = UNREADABLE[name]
    (tmp_path / name).write_bytes(content)
    assert texts.read(tmp_path / name) == Text((), why)


def test_without_a_reader_of_pdf_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdfium2", None)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert texts.read(tmp_path / "a.pdf").why == "no-pdf-reader"


def test_a_pdf_of_two_columns_of_many_pages_is_read_page_by_page(tmp_path):
    pytest.importorskip("pypdfium2")
    import typst

    draw = random.Random(1)
    said = [f"In group {i} {draw.randint(1, 99)} of {i + 100} had no efficacy." for i in range(300)]
    source = '#set page(columns: 2)\n#set text(lang: "en", hyphenate: true)\n'
    source += "#set par(justify: true)\n" + "#lorem(30)\n".join(said)
    (tmp_path / "a.typ").write_text(source)
    typst.compile(str(tmp_path / "a.typ"), output=str(tmp_path / "a.pdf"))
    text = texts.read(tmp_path / "a.pdf")
    found = [stream.find(quote, stream.Stream(text.pages)) for quote in (said[0], said[-1])]
    assert found == [1, len(text.pages)]


def test_a_pdf_of_pictures_is_a_scan(tmp_path):
    pytest.importorskip("pypdfium2")
    import typst

    (tmp_path / "a.typ").write_text("#rect(width: 80%, height: 80%)")
    typst.compile(str(tmp_path / "a.typ"), output=str(tmp_path / "a.pdf"))
    assert texts.read(tmp_path / "a.pdf") == Text((), "scan")
