"""Exports made to do harm, or so broken that they could: refused, set aside or harmless."""

import io
import zipfile

import pytest

from livingmeta.screening.readers import export
from livingmeta.screening.readers.decode import decode

LONG = 10_000_000
LAUGHS = '<!DOCTYPE xml [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
ENDNOTE = "<xml><records><record><titles><title>{}</title></titles></record></records></xml>"


def read(tmp_path, content):
    path = tmp_path / "export"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return export.read(path)


def test_entities_are_never_expanded(tmp_path):
    records, rejects = read(tmp_path, LAUGHS + "]>" + ENDNOTE.format("&i;"))
    assert records.empty
    assert "damaged XML: undefined entity" in rejects["reason"][0]


def test_nothing_outside_the_file_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush")
    head = f'<!DOCTYPE xml [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    records, rejects = read(tmp_path, head + ENDNOTE.format("a&x;"))
    assert len(records) + len(rejects) == 1
    assert "hush" not in records.to_csv() + rejects.to_csv()


def test_a_zip_of_nothing_is_named(tmp_path):
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    with pytest.raises(export.ReadError, match="a zip"):
        read(tmp_path, content.getvalue())


FIELD = "ab c d e" * (LONG // 8)
TOO_LONG = {
    "RIS": f"TY  - JOUR\nTI  - {FIELD}\nER  - \n",
    "table": f"title,doi,year\n{FIELD},10.1/x,2020\n",
    "BibTeX": f"@article{{a, title={{{FIELD}}}}}",
    "JSON": f'[{{"title": "{FIELD}"}}]',
    "an abstract": f"TY  - JOUR\nTI  - A title\nAB  - {FIELD}\nER  - \n",
}


@pytest.mark.parametrize(
    "name",
    [
        "an abstract",
        *(pytest.param(n, marks=pytest.mark.heavy) for n in TOO_LONG if n != "an abstract"),
    ],
)
def test_a_field_of_ten_million_characters_is_set_aside(tmp_path, name):
    records, rejects = read(tmp_path, TOO_LONG[name])
    assert records.empty
    assert "characters (at most" in rejects["reason"][0]
    assert rejects["line"].tolist() == [2 if name == "table" else 1]


@pytest.mark.parametrize(
    "content",
    [
        '[{"title":' + "[" * 100_000 + "]" * 100_000 + "}]",
        "<record>" + "<a>" * 50_000 + "</a>" * 50_000 + "</record>",
        "@article{a, title=" + "{" * 100_000 + "}" * 100_000 + "}",
    ],
    ids=["JSON", "XML", "BibTeX"],
)
def test_nesting_without_end_is_set_aside(tmp_path, content):
    records, rejects = read(tmp_path, content)
    assert (len(records), len(rejects)) == (0, 1)


@pytest.mark.parametrize("date", ["[]", "[[]]", "null", "2020", "[[2020]]"])
def test_dates_of_any_shape(tmp_path, date):
    records, _ = read(tmp_path, f'[{{"title": "A title", "issued": {{"date-parts": {date}}}}}]')
    assert records["title"].tolist() == ["A title"]


def test_nul_and_control_characters_go(tmp_path):
    records, _ = read(
        tmp_path,
        "TY  - JOUR\nTI  - A\x00 ti\x07tle\x0b of a study, " + "in many words " * 20 + "\nER  - \n",
    )
    assert all(title.isprintable() for title in records["title"])
    with pytest.raises(export.ReadError, match="binary data"):
        read(tmp_path, b"TY  - JOUR\n" + b"a\x00\x00\x00b" * 200)


def test_two_exports_of_other_encodings_in_one_file_are_each_read_in_their_own(tmp_path):
    """As `cat a.ris b.ris` makes it; either whole-file reading would garble the names of one."""
    one = "TY  - JOUR\nTI  - Schnee über Dächern\nAU  - Müller, Å\nER  - \n"
    other = "TY  - JOUR\nTI  - Nieve en los tejados\nAU  - Núñez, É\nER  - \n"
    file = tmp_path / "both.ris"
    for first, second in ((("cp1252", one), ("utf-8", other)), (("utf-8", one), ("cp1252", other))):
        file.write_bytes(first[1].encode(first[0]) + second[1].encode(second[0]))
        read, rejects = export.read(file)
        assert read["authors"].tolist() == ["Müller, Å", "Núñez, É"]
        assert rejects.empty
        assert "read as cp1252" in decode(file.read_bytes())[1]


def test_a_character_cut_in_good_text_garbles_none_of_its_line():
    line = "TI  - Überschüsse für Älteres, Größeres".encode()
    text, note = decode(line.replace("ö".encode(), b"\xc3") + b"\n" + "Müller".encode())
    assert text == "TI  - Überschüsse für Älteres, Gr\ufffdßeres\nMüller"
    assert note.endswith("(first byte 0xC3 on line 1): 1 line with what is broken shown as \ufffd")
