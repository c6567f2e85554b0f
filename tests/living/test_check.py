"""`snakemake check`: no slip of cases/slips.yaml is silent, and each leads to its cure."""

from pathlib import Path

import openpyxl
import pytest
import yaml

from livingmeta import plan, protocol, tables
from livingmeta.extraction import names
from livingmeta.living import check
from livingmeta.run import new
from running import review

SLIPS = yaml.safe_load((Path(__file__).parents[1] / "cases" / "slips.yaml").read_text("utf-8"))
LINES = 5  # the most that a message may have
WIDE = 100  # characters of a line


@pytest.fixture
def here(tmp_path, monkeypatch):
    review(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def slip(case):
    path = Path(case["file"])
    if "move" in case:
        path.rename(case["move"])
        return
    text = path.read_text("utf-8")
    if "replace" in case:
        assert case["replace"] in text, "the small review changed: mend this case"
        text = text.replace(case["replace"], case["by"])
    path.write_text(text + case.get("append", ""), "utf-8")


def as_read():
    """All that the tables say, by the names that the protocol and the studies know."""
    of = protocol.complete(protocol.read(new.PROTOCOL))
    found = {
        schema: tables.read(path, schema)
        for path, schema in new.TABLES.items()
        if Path(path).exists()
    }
    found["data/outcomes"] = names.as_known(
        found["data/outcomes"],
        found["data/studies"]["study_id"],
        plan.outcomes(of["outcomes"]),
        plan.arms(of["arms"]),
    )
    return found


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in SLIPS])
def test_no_slip_is_silent_and_each_message_is_short(here, capsys, case):
    before = as_read()
    slip(case)
    said = check.told({})
    if "read" in case:
        assert said == 0, said
        after = as_read()
        assert after.keys() == before.keys()
        for name, table in after.items():
            assert table.drop(columns="row").equals(before[name].drop(columns="row")), name
        assert any(t.attrs["notes"] for t in after.values())  # the log says how it was read
        return
    assert str(said).startswith("1 to mend:"), said
    message = str(said).splitlines()[1]
    for words in case["says"]:
        assert words in message
    assert len(message) <= LINES * WIDE


def test_there_are_forty_slips():
    assert len({case["name"] for case in SLIPS}) == len(SLIPS) >= 40


def test_a_review_without_a_slip_is_in_order(here, capsys):
    assert check.told({}) == 0
    assert capsys.readouterr().out.startswith("Nothing is wrong with the protocol and the tables.")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (
            "risk_of_bias.csv",
            "study_id,tool,domain,judgement\nahn-2051,RoB 2,overall,low\n",
            "'ahn-2051'; no study of studies.csv has this study_id (did you mean ahn-2015?)",
        ),
        (
            "certainty.csv",
            "synthesis,domain,judgement,reason,decided_on\n"
            "fever-gone,overall,low,few,2026-01-02\nfever-gone,imprecision,serious,few,2026-01-02\n",
            "rows 2, 3, column synthesis: 'fever-gone'",
        ),
    ],
)
def test_the_names_in_judgements_are_looked_at_too(here, file, text, said):
    (here / "data/raw/extraction" / file).write_text(text)
    assert said in check.told({})


def test_what_waited_is_told_with_the_day_of_the_run(here, capsys):
    Path("results").mkdir()
    Path("results/to_settle.csv").write_text(
        "kind,weight\nundecided-record,result\nunread-file,result\n"
    )
    assert check.told({}) == 0
    said = capsys.readouterr().out
    assert "At the last run (20" in said
    assert "    1  " in said
    Path("results/to_settle.csv").write_text("kind,weight\n")
    check.told({})
    assert "nothing waited." in capsys.readouterr().out


def test_what_the_command_line_says_of_the_protocol_is_refused(here):
    assert "which config/config.yaml does not hold" in str(check.told({"review": {}}))


def test_a_workbook_is_read_beside_the_tables_and_stands_for_them(here, capsys):
    sheets = {
        "Binary": ["study_id", "outcome", "drug: events", "drug: n", "source"],
        "Studies": ["study_id", "records", "label"],
    }
    book = openpyxl.Workbook()
    for name, head in sheets.items():
        book.create_sheet(name).append(head)
    book["Binary"].append(["ng-2021", "fever", 5, 4, "p. 3"])
    book["Studies"].append(["ng-2021", "doi:10.5555/tm.12", "Ng 2021"])
    book.save("data/raw/extraction/extraction.xlsx")
    assert "cell Binary!C2, column value: '5'; more events than the 4 patients" in check.told({})
    book["Binary"]["D2"] = 40
    book.save("data/raw/extraction/extraction.xlsx")
    assert check.told({}) == 0
    assert "Nothing stands yet" not in capsys.readouterr().out
    for name in ("studies", "outcomes"):
        Path(f"data/raw/extraction/{name}.csv").unlink()
    assert check.told({}) == 0
    assert "Nothing stands yet" not in capsys.readouterr().out
