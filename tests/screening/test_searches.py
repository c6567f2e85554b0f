"""All exports of a review at once: empty ones, broken ones, and the same file under two names."""

import pandas as pd
import pytest

import deduplicate
from livingmeta.screening.readers import export

RIS = "TY  - JOUR\nTI  - Local treatment of metastases\nER  - \n"


@pytest.fixture
def exports(tmp_path, monkeypatch):
    """A function that lays exports, by name, as (content, hits), and returns their ledger."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / deduplicate.FOLDER
    folder.mkdir(parents=True)

    def lay(**files):
        for name, (content, _) in files.items():
            (folder / f"{name}.ris").write_text(content, encoding="utf-8")
        hits = pd.array([hits for _, hits in files.values()], dtype="Int64")
        return pd.DataFrame({"file": [f"{name}.ris" for name in files], "hits": hits})

    return lay


@pytest.mark.parametrize("content", ["", "\n\n", "FN Clarivate Analytics\nVR 1.0\nEF\n"])
def test_an_export_of_nothing_is_right_where_hits_is_0(exports, content):
    (full, _), (records, rejects) = deduplicate.read_all(exports(a=(RIS, 1), b=(content, 0)))
    assert (len(full), len(records), len(rejects)) == (1, 0, 0)
    assert list(records) == list(full)


@pytest.mark.parametrize("hits", [None, 3])
def test_an_export_of_nothing_is_an_error_where_something_was_found(exports, hits):
    with pytest.raises(export.ReadError, match=r"b\.ris: the file is empty.*write 0 under hits"):
        deduplicate.read_all(exports(a=(RIS, 1), b=("", hits)))


def test_every_broken_export_is_named(exports):
    ledger = exports(a=("%PDF-1.4", 1), b=(RIS, 1), c=("just words", 0))
    with pytest.raises(export.ReadError) as error:
        deduplicate.read_all(ledger)
    first, second = str(error.value).splitlines()
    assert "a.ris" in first
    assert "c.ris" in second


def test_the_same_file_twice_is_told(exports):
    ledger = exports(a=(RIS, 1), b=(RIS, 1), c=(RIS + "\n", 1), d=("", 0), e=("", 0))
    assert list(deduplicate.same_bytes(ledger["file"])) == ["b.ris"]
    assert "a.ris" in deduplicate.same_bytes(ledger["file"])["b.ris"][0]


def test_names_of_exports_may_hold_what_parts_names_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [f"{deduplicate.FOLDER}/{name}" for name in ("a; b.ris", "a;b.ris", "c.ris")]
    assert list(deduplicate.searches(paths)["file"]) == ["a; b.ris", "a;b.ris", "c.ris"]
