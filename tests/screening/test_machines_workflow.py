"""Machine rows through the whole workflow: with and without them every result is the same."""

import csv
import re

import pytest

from running import ROOT, run

pytestmark = pytest.mark.heavy

DECISIONS = "data/raw/screening/decisions.csv"
SAME = [
    *(f"screening/{name}.csv" for name in ("included", "excluded", "awaiting", "conflicts")),
    *(f"screening/{name}.csv" for name in ("standing", "unmatched", "queue", "asreview")),
    *(f"screening/{name}.json" for name in ("agreement", "flow", "stopping")),
]
MACHINE = """\
doi:10.5555/tm.1,title-abstract,Bot,exclude,,2025-01-01,
doi:10.5555/tm.1,full-text,bot,exclude,no such reason,2025-02-09,
doi:10.5555/tm.7,title-abstract,bot,include,,2025-02-09,
doi:10.5555/tm.12,title-abstract,bot,include,,2025-02-09,
doi:10.5555/nowhere,title-abstract,bot,include,,2025-02-09,
"""


@pytest.fixture(scope="module")
def both(finished_run, tmp_path_factory):
    """The small review without and with a machine that votes against its reviewer."""
    plain = tmp_path_factory.mktemp("machines") / "plain"
    joined = plain.parent / "joined"
    for folder in (plain, joined):
        finished_run(folder)
    (joined / "data/raw/reviewers.csv").write_text(
        "reviewer,kind,name,version\nbot,machine,Made-up model,3\n"
    )
    decisions = joined / DECISIONS
    decisions.write_text(decisions.read_text() + MACHINE)
    run(ROOT, joined, "rank", "render", "package")
    return plain / "results", joined / "results"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_no_result_knows_of_the_machine(both):
    plain, joined = both
    folders = [
        f"{name}/{p.name}" for name in ("effects", "pooling") for p in (plain / name).iterdir()
    ]
    assert len(folders) > 10
    for name in [*SAME, *folders]:
        assert (plain / name).read_bytes() == (joined / name).read_bytes(), name


def test_what_it_said_is_compared_and_waits_where_people_excluded(both):
    plain, joined = both
    assert rows(plain / "screening/machines.csv") == []
    first, second = rows(joined / "screening/machines.csv")
    assert (first["votes"], first["unmatched"], first["missed"]) == ("3", "1", "doi:10.5555/tm.1")
    assert first["sensitivity"] == ""
    assert first["second_look"] == "doi:10.5555/tm.7"
    assert (second["stage"], second["missed"]) == ("full-text", "doi:10.5555/tm.1")
    waiting = rows(joined / "to_settle.csv")
    of_machines = [row for row in waiting if row["kind"] == "machine"]
    assert [row["record"] for row in of_machines] == ["doi:10.5555/tm.7"]
    # What a machine leaves undescribed is owed to the checklists as well.
    owed, without = (
        next(row for row in table if row["kind"] == "reporting-owed")
        for table in (waiting, rows(plain / "to_settle.csv"))
    )
    assert owed["what"] == without["what"].replace(" 7, 9,", " 7, 8, 9,", 1)
    others = [row for row in waiting if row not in of_machines and row != owed]
    assert others == [row for row in rows(plain / "to_settle.csv") if row != without]


def test_the_report_says_what_ranked_what_suggested_and_who_decided(both):
    plain, joined = (re.sub(r"<[^>]+>", "", (at / "report.html").read_text()) for at in both)
    for text in (plain, joined):
        assert "order of reading was offered by a ranking" in text
    assert "machine" not in plain.lower().partition("methods")[2].partition("software")[0]
    assert "bot (Made-up model, version 3) is a machine and suggested decisions" in joined
    assert "Nobody says its day of use, purpose, prompt or person responsible." in joined
    assert "what is included or excluded was decided by people" in joined
    items = [
        next(
            row
            for row in rows(at / "package/checklists.csv")
            if row["checklist"] == "PRISMA 2020" and row["item"] == "8"
        )
        for at in both
    ]
    assert [item["state"] for item in items] == ["answered", "in part"]
    assert "#machines" in items[1]["place"]
    assert "version, day, purpose" in items[1]["owes"]
