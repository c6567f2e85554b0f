"""No tag or column of an export is dropped without a reason that is written down."""

import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("fields_read", ROOT / "benchmarks/fields.py")
fields_read = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fields_read)
SHARED = Path(os.environ.get("LIVINGMETA_SHARED", "/nowhere")) / "benchmarks/exports"

EXPORTS = {
    "RIS": (
        "TY  - JOUR\nTI  - Snow\nAD  - A street\nZZ  - new\nER  -\n",
        {"TI": "read", "AD": "where the authors work", "ZZ": ""},
    ),
    "table": (
        "Title,Authors,Copyright,Weather,Empty\nSnow,Lind,Town,cold,\n",
        {"title": "read", "copyright": "money", "weather": ""},
    ),
    "BibTeX": (
        "@article{a,\ntitle={Snow},\nfile={a.pdf},\nweather={cold},\n}\n",
        {"title": "read", "file": "numbers and notes", "weather": ""},
    ),
    "EndNote XML": (
        "<xml><records><record><titles><title>Snow</title></titles><label>x</label>"
        "<weather>cold</weather></record></records></xml>",
        {"titles/title": "read", "label": "numbers and notes", "weather": ""},
    ),
    "JSON": (
        '[{"title": "Snow", "isbn": "1", "weather": "cold", "abstract": ""}]',
        {"title": "read", "isbn": "publisher", "weather": ""},
    ),
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_each_name_is_read_or_has_a_reason_or_is_told(kind, tmp_path):
    text, expected = EXPORTS[kind]
    (tmp_path / "export.txt").write_text(text, encoding="utf-8")
    found = fields_read.inventory([tmp_path / "export.txt"])
    said = {name: why for (_, name), (_, why) in found.items()}
    assert {k for k, _ in found} == {kind}
    for name, why in expected.items():
        assert said[name].startswith(why)
        assert bool(said[name]) == bool(why)
    assert not {"empty", "abstract"} & set(said)


def test_no_listed_name_is_read_after_all():
    for group in fields_read.REASONS:
        for kind, names in group["names"].items():
            if kind not in fields_read.tagged.DIALECTS:
                continue
            plain = [name for name in names.split() if name != "PG" or kind != "Web of Science"]
            assert [n for n in plain if fields_read.is_read(kind, n, set())] == []


def test_reasons_of_the_document_are_those_of_the_list():
    text = (ROOT / "docs/screening.md").read_text(encoding="utf-8")
    part = text.partition("### Tags and columns that are not read")[2].partition("###")[0]
    rows = [line.split("|")[3].strip() for line in part.splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert set(rows) - {"", "read"} <= {group["reason"] for group in fields_read.REASONS}


@pytest.mark.skipif(not SHARED.exists(), reason="wants the folder of real exports")
def test_nothing_of_the_real_exports_is_dropped_without_a_reason():
    found = fields_read.inventory(sorted(p for p in SHARED.rglob("*") if p.is_file()))
    assert [key for key, (_, why) in found.items() if not why] == []
    text = (ROOT / "docs/screening.md").read_text(encoding="utf-8")
    assert fields_read.table(found) in text
