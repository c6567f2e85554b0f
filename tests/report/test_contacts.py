"""Contacts with authors: read, refused where they cannot be, and printed with their number."""

import pandas as pd
import pytest

from livingmeta import tables
from livingmeta.errors import InputError
from livingmeta.living import to_settle_screening
from livingmeta.prose import contacts
from livingmeta.report.page import page
from livingmeta.words import settling
from made_up_review import FLOW, made_up_tables, protocol

HEAD = "study_id,asked_for,asked_on,answered_on,came,note\n"


def read(tmp_path, *rows):
    path = tmp_path / "contacts.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return contacts.table(tables.read(path, "data/contacts"), {"kim-2021", "lee-2022"})


def test_they_stand_by_study_and_day(tmp_path):
    found = read(
        tmp_path,
        "lee-2022,the curve,2026-03-01,,,",
        'kim-2021,deaths by arm,2026-02-03,2026-02-03,"4 and 6, of 20",by letter',
        "kim-2021,the age,2026-01-03,2026-02-01,,refused",
    )
    assert list(found["asked_for"]) == ["the age", "deaths by arm", "the curve"]
    assert list(found["answered_on"]) == ["2026-02-01", "2026-02-03", ""]
    assert found["came"][1] == "4 and 6, of 20"


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("kim-2020,x,2026-01-03,,,", "study_id", "'kim-2020'"),
        ("kim-2021,x,2026-01-03,2026-01-02,y,", "answered_on", "'2026-01-02'"),
        ("kim-2021,x,2026-01-03,,the curve,", "came", "the curve"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(tmp_path, row, column, value):
    with pytest.raises(InputError, match=f"contacts.csv, row 3, column {column}: {value}; "):
        read(tmp_path, "lee-2022,z,2026-01-01,,,", row)


def test_the_report_prints_them():
    plan = protocol()
    found = made_up_tables(plan)
    assert "Contacts with authors" not in page.render(plan, found, FLOW, {}).html
    study = found["studies"].iloc[0]
    row = dict.fromkeys(tables.columns("extraction/contacts"), "")
    row |= {"study_id": study["study_id"], "asked_for": "deaths <b>", "asked_on": "2026-03-02"}
    answer = {"answered_on": "2026-04-05", "came": "4 of 20"}
    html = page.render(plan, found | {"contacts": pd.DataFrame([row, row | answer])}, FLOW, {}).html
    assert html.count(">deaths &lt;b&gt;</td>") == 2
    assert html.count("2 March 2026") == 2
    assert ">no answer</td>" in html
    assert "5 April 2026" in html


def test_the_log_is_no_file_that_nobody_reads():
    told = to_settle_screening.unread([settling.CONTACTS], tables.empty("screening/searches"))
    assert list(told) == []
