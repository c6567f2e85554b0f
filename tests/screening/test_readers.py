"""Exports of every vendor, whole and broken: no record is lost in silence."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from livingmeta.screening.readers import export

CASES = Path(__file__).parent / "cases"


def _cases(*paths):
    return [
        pytest.param(case, id=f"{path.stem}: {name}")
        for path in paths
        for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    ]


READERS = _cases(*sorted((CASES / "readers").glob("*.yaml")))


def _write(case, folder):
    path = folder / "export.txt"  # the suffix says nothing about the format
    path.write_bytes(case["content"].encode(case.get("encoding", "utf-8")))
    return path


@pytest.mark.parametrize("case", READERS)
def test_reads(case, tmp_path):
    path = _write(case, tmp_path)
    records, rejects = export.read(path)
    expected = case["records"]
    found = [
        {k: row[k] for k in want}
        for row, want in zip(records.to_dict("records"), expected, strict=False)
    ]
    assert found == expected
    assert len(records) == len(expected)
    assert len(rejects) == len(case.get("rejects", []))
    for reason, part in zip(rejects["reason"], case.get("rejects", []), strict=True):
        assert part in reason
    assert case.get("note", "") in " ".join(records.attrs["notes"])
    assert bool(case.get("note")) == bool(records.attrs["notes"])
    if "format" in case:
        assert records.attrs["format"] == case["format"]
    assert list(records.columns) == export.RECORD_COLUMNS
    assert list(rejects.columns) == export.REJECT_COLUMNS
    assert not records.isna().any(axis=None)


@pytest.mark.parametrize("case", READERS)
def test_raw_text_stands_on_its_line(case, tmp_path):
    path = _write(case, tmp_path)
    lines = case["content"].replace("\r\n", "\n").replace("\ufeff", "").split("\n")
    for table in export.read(path):
        for line, raw, file in zip(table["line"], table["raw"], table["file"], strict=True):
            assert raw.split("\n")[0] in lines[line - 1]
            assert file == str(path)


@pytest.mark.parametrize("case", _cases(CASES / "errors.yaml"))
def test_no_export(case, tmp_path):
    path = tmp_path / "export.ris"
    path.write_text(case["content"], encoding="utf-8")
    with pytest.raises(export.ReadError, match=r"export\.ris") as error:
        export.read(path)
    assert case["says"] in str(error.value)


def test_every_title_line_is_in_a_record_or_a_reject(tmp_path):
    """Cutting a file after any character loses no title that is still whole in it."""
    whole = "".join(
        f"TY  - JOUR\nTI  - Title number {n}\nSP  - {n}\nDO  - 10.1000/ex.{n}\nER  - \n\n"
        for n in range(1, 5)
    )
    path = tmp_path / "cut.ris"
    for stop in range(20, len(whole), 7):
        path.write_text(whole[:stop])
        records, rejects = export.read(path)
        raw = "\n".join([*records["raw"], *rejects["raw"]])
        for n in range(1, 5):
            if f"Title number {n}\n" in whole[:stop]:
                assert raw.count(f"Title number {n}\n") + raw.endswith(f"number {n}") >= 1
        assert len(records) + len(rejects) == whole[:stop].count("TY  -")


def test_records_are_text(tmp_path):
    path = tmp_path / "one.ris"
    path.write_text("TY  - JOUR\nTI  - One\nER  - \n")
    records, rejects = export.read(path)
    assert all(isinstance(v, str) for v in records.drop(columns="line").iloc[0])
    assert records["line"].tolist() == [1]
    assert isinstance(rejects, pd.DataFrame)
    assert rejects.empty
