"""The script of the rule `typeset`: all files at once, or in turn where the report is large."""

import pytest

import typeset
from livingmeta import tables
from livingmeta.figures import drawn
from livingmeta.report import content_file
from livingmeta.report.document import compiled
from livingmeta.run import cache
from made_up_document import parts
from made_up_review import protocol


@pytest.fixture
def laid(tmp_path):
    """The paths that the script reads, and those of the figures."""
    made = parts()
    figures = made["figures"]
    paths = {"content": tmp_path / "report.json"}
    tables.write_json(content_file.of_document(made["document"]), paths["content"])
    for schema in (
        *("screening/searches", "screening/machines"),
        *("extraction/risk_of_bias", "living/certainty", "judgement/rob_me"),
        *("pooling/registrations", "living/amendments", "extraction/contacts"),
    ):
        name = schema.rpartition("/")[2]
        paths[name] = tmp_path / f"{name}.csv"
        tables.write(tables.empty(schema), paths[name], schema)
    paths |= {name: tmp_path / f"{name}.json" for name in ("drawn", "accumulated")}
    tables.write_json(drawn.facts(figures), paths["drawn"])
    tables.write_json({}, paths["accumulated"])
    svgs = [tmp_path / f"{name}.svg" for name in figures]
    for path in svgs:
        tables.write_text(figures[path.stem].svg, path)
    return paths, svgs, []


@pytest.mark.heavy
def test_a_large_report_is_the_same_bytes_one_after_the_other(laid, tmp_path, monkeypatch):
    made = {}
    for limit in (10**9, 0):
        monkeypatch.setattr(typeset, "LARGE", limit)
        words, printed = (
            [tmp_path / f"{name} {limit}.{kind}" for name in ("report", "supplement")]
            for kind in ("docx", "pdf")
        )
        kept, said = cache.Kept(tmp_path / "kept"), []
        typeset.main(*laid, words, printed, protocol(), kept, 2, said.append)
        made[limit] = [path.read_bytes() for path in (*printed, *words)], said
    assert made[0] == made[10**9]
    assert [data[:5] for data in made[0][0][:2]] == [b"%PDF-"] * 2


def test_a_fault_in_the_other_process_is_told(laid, tmp_path, monkeypatch):
    monkeypatch.setattr(typeset, "LARGE", 0)
    paths, svgs, _ = laid
    flow = next(path for path in svgs if path.stem == "flow")
    flow.write_text("no drawing")
    kept = cache.Kept(tmp_path / "kept")
    files = [[tmp_path / f"{name}.{kind}" for name in "ab"] for kind in ("docx", "pdf")]
    with pytest.raises(compiled.TypesetError, match="Typst"):
        typeset.main(paths, svgs, [], *files, protocol(), kept, 2, print)
